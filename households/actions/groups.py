"""Residents are entered in special groups 特殊人群 and taken off; only those who may know of it do and see it."""

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from households.access import get_resident
from households.actions.frame import changing
from households.models import SpecialGroup, SpecialGroupEntry
from households.models.vocabulary import EventKind


def enter_group(
    user: User,
    household_id: UUID,
    resident_id: UUID,
    group: str,
    since: date | None = None,
    note: str = "",
    *,
    request_id: UUID | None = None,
) -> SpecialGroupEntry:
    """Enter a resident in a group (its code). Raises `unknown_group`, `already_in_group`, `resident_gone`."""
    with changing(user, household_id, can=Can.VIEW_SPECIAL_GROUPS, request_id=request_id) as doing:
        resident = get_resident(doing.household, resident_id)
        if resident.moved_out is not None:
            raise Problem("resident_gone")
        kind = SpecialGroup.objects.filter(code=group, is_active=True).first()
        if kind is None:
            raise Problem("unknown_group", "group")
        try:
            with transaction.atomic():
                entry = SpecialGroupEntry.objects.create(
                    resident=resident, group=kind, since=since, note=note, entered_by=user, entered_at=doing.moment
                )
        except IntegrityError as exc:
            raise Problem("already_in_group", "group") from exc
        doing.event(EventKind.ENTER_GROUP, resident=resident, restricted=True, group=group, entry=entry.pk)
        return entry


def leave_group(
    user: User, household_id: UUID, entry_id: int, note: str = "", *, request_id: UUID | None = None
) -> SpecialGroupEntry:
    """Take a resident off a group; the entry stays as history. Raises `not_found`, `group_left`."""
    with changing(user, household_id, can=Can.VIEW_SPECIAL_GROUPS, request_id=request_id) as doing:
        entries = SpecialGroupEntry.objects.select_related("resident", "group")
        entry = entries.filter(pk=entry_id, resident__household=doing.household).first()
        if entry is None:
            raise Problem("not_found")
        if entry.ended_at is not None:
            raise Problem("group_left")
        entry.ended_at = doing.moment
        entry.save(update_fields=["ended_at"])
        doing.event(
            EventKind.LEAVE_GROUP,
            resident=entry.resident,
            restricted=True,
            note=note,
            group=entry.group.code,
            entry=entry.pk,
        )
        return entry
