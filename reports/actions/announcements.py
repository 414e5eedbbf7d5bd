"""Announcements 公告: drafted, published once to everyone in reach, withdrawn with a reason.

The notices are the record of who was told: opening one is reading it, signing for it is its receipt.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from accounts.roles import Can
from core.moment import now
from core.problems import Problem, catalogue
from grids.models import Area
from grids.people import people_at
from grids.scope import scope_of
from notifications.actions import call_off, mark_seen_subject, notify, receipt_subject
from notifications.kinds import Kind, register
from notifications.models import Notification
from reports.models import Announcement

catalogue(
    {
        "announcement_scope": (400, _("An announcement is for one area or for one department.")),
        "announcement_period": (400, _("The end of validity lies after its beginning and in the future.")),
        "announcement_not_draft": (409, _("It has been published; only a draft can be changed.")),
        "announcement_nobody": (409, _("Nobody works there whom it would reach.")),
        "announcement_not_published": (409, _("It is not published, or was withdrawn before.")),
    }
)

SUBJECT = "announcement"
TO_READ = register(Kind("announcement", _("Announcement: %(title)s"), _("%(issuer)s: %(excerpt)s")))
TO_SIGN = register(
    Kind("announcement_to_sign", _("Please sign: %(title)s"), _("%(issuer)s: %(excerpt)s"), needs_receipt=True)
)
WITHDRAWN = register(Kind("announcement_withdrawn", _("Withdrawn: %(title)s"), _("%(issuer)s: %(reason)s")))
KINDS = (TO_READ.code, TO_SIGN.code)
# Any of these at or above an area lets one announce there; at a department, leading it does.
ANNOUNCING = (Can.DISPATCH_REPORT, Can.LEAD_UNIT)
EXCERPT = 80


@dataclass(frozen=True)
class Draft:
    """What an announcement is to say and to whom; `node` is an area or a department, times are aware."""

    node: Area | Department
    title: str
    body: str
    role: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    needs_receipt: bool = False

    def columns(self, moment: datetime) -> dict[str, Any]:
        here = isinstance(self.node, Area)
        return {
            "area_id": self.node.pk if here else None,
            "department_id": None if here else self.node.pk,
            "title": self.title,
            "body": self.body,
            "role": self.role,
            "valid_from": self.valid_from or moment,
            "valid_until": self.valid_until,
            "needs_receipt": self.needs_receipt,
        }


def may_announce(user: User, node: Area | Department) -> bool:
    """Whether the person may announce something to the people of this node."""
    scope = scope_of(user)
    if isinstance(node, Area):
        return any(scope.may(can, node) for can in ANNOUNCING)
    return scope.may_for(Can.LEAD_UNIT, node.path)


def may_announce_anywhere(user: User) -> bool:
    scope = scope_of(user)
    at_areas = any(scope.areas.get(can) for can in ANNOUNCING)
    return scope.everything or at_areas or bool(scope.departments.get(Can.LEAD_UNIT))


def draft_announcement(user: User, draft: Draft, request_id: UUID | None = None) -> tuple[Announcement, bool]:
    """Keep a draft; a repeat under the same `request_id` finds the first one. Returns it and whether it is new.

    Raises `forbidden`, `announcement_period`, `request_id_taken` for another's id or another content.
    """
    if not may_announce(user, draft.node):
        raise Problem("forbidden")
    moment = now()
    _check_period(draft, moment)
    row = Announcement(
        request_id=request_id,
        author=user,
        issuer=_issuer(user, draft.node),
        created_at=moment,
        **draft.columns(moment),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        first = Announcement.objects.filter(request_id=request_id).first() if request_id else None
        if first is None:
            raise
        said = draft.columns(draft.valid_from or first.valid_from)
        if first.author_id != user.pk or any(getattr(first, name) != value for name, value in said.items()):
            raise Problem("request_id_taken", "request_id") from None
        return first, False
    return row, True


def change_announcement(user: User, announcement_id: int, draft: Draft, *, version: int) -> Announcement:
    """Say something else in a draft. Raises `not_found`, `forbidden`, `stale_version`, `announcement_not_draft`."""
    with transaction.atomic():
        row = locked(user, announcement_id)
        if not may_announce(user, draft.node):
            raise Problem("forbidden")
        if row.published_at is not None:
            raise Problem("announcement_not_draft")
        _current(row, version)
        moment = now()
        _check_period(draft, moment)
        row.issuer = _issuer(user, draft.node)
        for name, value in draft.columns(moment).items():
            setattr(row, name, value)
        row.version += 1
        row.save()
    return row


def publish_announcement(user: User, announcement_id: int, *, version: int | None = None) -> Announcement:
    """Tell everyone in reach, in one INSERT; publishing again changes nothing.

    Raises `not_found`, `forbidden`, `stale_version`, `announcement_period`, `announcement_nobody`, and
    `announcement_not_published` after a withdrawal.
    """
    with transaction.atomic():
        row = locked(user, announcement_id)
        if row.withdrawn_at is not None:
            raise Problem("announcement_not_published")
        if row.published_at is not None:
            return row
        _current(row, version)
        moment = now()
        if row.valid_until is not None and row.valid_until <= moment:
            raise Problem("announcement_period", "valid_until")
        told = notify(
            people_at(node_of(row), row.role).only("pk"),
            TO_SIGN.code if row.needs_receipt else TO_READ.code,
            {"title": row.title, "issuer": row.issuer, "excerpt": excerpt(row.body)},
            subject=SUBJECT,
            subject_id=row.pk,
            group_key=group_of(row),
        )
        if not told:
            raise Problem("announcement_nobody")
        row.published_at, row.recipients = moment, len(told)
        row.version += 1
        row.save(update_fields=["published_at", "recipients", "version"])
    return row


def withdraw_announcement(user: User, announcement_id: int, reason: str, *, version: int | None = None) -> Announcement:
    """Take it back: it no longer rings or counts as unread, and everyone who was told hears why.

    Withdrawing again changes nothing. Raises `not_found`, `forbidden`, `stale_version`, `announcement_not_published`.
    """
    with transaction.atomic():
        row = locked(user, announcement_id)
        if row.withdrawn_at is not None:
            return row
        if row.published_at is None:
            raise Problem("announcement_not_published")
        _current(row, version)
        call_off(group_of(row))
        told = Notification.objects.filter(group_key=group_of(row), kind__in=KINDS)
        notify(
            User.objects.filter(pk__in=told.values("recipient_id")).only("pk"),
            WITHDRAWN.code,
            {"title": row.title, "issuer": row.issuer, "reason": reason},
            subject=SUBJECT,
            subject_id=row.pk,
        )
        row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = now(), user, reason
        row.version += 1
        row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason", "version"])
    return row


def read_announcement(user: User, announcement_id: int) -> None:
    """已读: the person has read it, and with that signed for it where asked. Idempotent; the first time stays.

    Raises `not_found` when it never reached this person.
    """
    mine = Notification.objects.of(user.pk).filter(subject=SUBJECT, subject_id=str(announcement_id))
    if not mine.filter(kind__in=KINDS).exists():
        raise Problem("not_found")
    mark_seen_subject(user, SUBJECT, announcement_id)
    receipt_subject(user, SUBJECT, announcement_id)


def node_of(row: Announcement) -> Area | Department:
    node = row.area or row.department
    assert node is not None  # the table's constraint
    return node


def group_of(row: Announcement) -> str:
    return f"{SUBJECT}:{row.pk}"


def excerpt(text: str) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1] + "…"


def reached(user: User, announcement_id: int) -> bool:
    """Whether the person was told of it."""
    mine = Notification.objects.of(user.pk).filter(subject=SUBJECT, subject_id=str(announcement_id))
    return mine.filter(kind__in=KINDS).exists()


def locked(user: User, announcement_id: int) -> Announcement:
    """The row, held until the transaction ends, for one who may announce there; readers are `forbidden`."""
    rows = Announcement.objects.select_for_update(of=("self",)).select_related("area", "department")
    row = rows.filter(pk=announcement_id).first()
    if row is None or not may_announce(user, node_of(row)):
        raise Problem("forbidden" if row is not None and reached(user, announcement_id) else "not_found")
    return row


def _current(row: Announcement, version: int | None) -> None:
    if version is not None and version != row.version:
        raise Problem("stale_version", "version", current=row.version, state=row.state)


def _check_period(draft: Draft, moment: datetime) -> None:
    if draft.valid_until is not None and draft.valid_until <= max(draft.valid_from or moment, moment):
        raise Problem("announcement_period", "valid_until")


def _issuer(user: User, node: Area | Department) -> str:
    """The body in whose name the person speaks: where they hold the right, not whom they speak to."""
    scope = scope_of(user)
    if isinstance(node, Department):
        held = [one for one in scope.departments.get(Can.LEAD_UNIT, []) if node.path.startswith(one.path)]
        names = Department.objects.filter(pk__in=[one.id for one in held])
        return names.order_by("path").values_list("name", flat=True).first() or node.name
    at = [one for can in ANNOUNCING if (one := scope.at(can, node)) is not None]
    names_of_areas = Area.objects.filter(pk__in=[one.id for one in at]).order_by("path")
    return names_of_areas.values_list("name", flat=True).first() or node.name
