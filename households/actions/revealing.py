"""Personal data in full: with a reason, for those who may, and exactly one row in the access log for each look."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts.actions.access import limit_looks, record_access
from accounts.models import AccessKind, User
from accounts.roles import Can
from core.encryption import demand_readable, lookup_hashes
from core.masking import mask_document, mask_phone
from core.phones import digits_of
from core.problems import Problem
from grids.models import Area
from grids.scope import scope_of
from households.access import get_building, get_household, get_resident, visible_households
from households.documents import tidy_number
from households.doors import door_text
from households.lookups import document_key
from households.models import Building, Household, Resident

RESIDENT_FIELDS = ("name", "phone", "document", "birth_date")
HOUSEHOLD_FIELDS = ("door",)
BUILDING_FIELDS = ("head_name", "head_phone")


def reveal_resident(
    user: User,
    household_id: UUID,
    resident_id: UUID,
    fields: Collection[str],
    reason: str,
    *,
    request_id: UUID | None = None,
) -> dict[str, str]:
    """These of `RESIDENT_FIELDS` in full. Raises `not_found`, `forbidden`, `throttled`, `access_id_taken`."""
    with transaction.atomic():
        household = get_household(user, household_id, Can.REVEAL_PERSON)
        resident = get_resident(household, resident_id)
        _record(user, "resident", resident.pk, fields, reason, household, request_id)
    known = {
        "name": resident.name,
        "phone": resident.phone,
        "document": resident.doc_number,
        "birth_date": resident.birth_date,
    }
    return {name: known[name] for name in fields}


def reveal_household(user: User, household_id: UUID, reason: str, *, request_id: UUID | None = None) -> dict[str, str]:
    """The door in full, for those who see it masked. Raises as `reveal_resident`."""
    with transaction.atomic():
        household = get_household(user, household_id, Can.REVEAL_PERSON)
        _record(user, "household", household.pk, HOUSEHOLD_FIELDS, reason, household, request_id)
    door = door_text(household.unit, household.room) if household.building_id else household.address
    return {"door": door}


def reveal_building(
    user: User, building_id: UUID, fields: Collection[str], reason: str, *, request_id: UUID | None = None
) -> dict[str, str]:
    """These of `BUILDING_FIELDS` in full: the building head. Raises as `reveal_resident`."""
    with transaction.atomic():
        building = get_building(user, building_id, Can.REVEAL_PERSON)
        _record(user, "building", building.pk, fields, reason, building, request_id)
    return {name: getattr(building, name) for name in fields}


def look_up(user: User, *, phone: str = "", document: str = "") -> QuerySet[Household]:
    """The active households, among those the person sees, where somebody with this number lives now.

    The look goes on record with the masked number, also when it finds nobody. Raises `one_number`, `forbidden`,
    `throttled`.
    """
    if bool(phone) == bool(document):
        raise Problem("one_number", "phone")
    scope = scope_of(user)
    if not scope.anywhere(Can.VIEW_HOUSEHOLDS):
        raise Problem("forbidden")
    demand_readable(Resident)
    digits, number = digits_of(phone), tidy_number(document)
    masked = mask_phone(digits) if phone else mask_document(number)
    held = min(scope.areas.get(Can.VIEW_HOUSEHOLDS, []), key=lambda node: len(node.path), default=None)
    with transaction.atomic():
        limit_looks(user, AccessKind.LOOKUP, settings.GRIDWHISTLE["LOOKUPS_PER_HOUR"])
        record_access(
            user,
            AccessKind.LOOKUP,
            "phone" if phone else "document",
            masked,
            fields=["phone" if phone else "document"],
            area_path=held.path if held else "",
        )
    who = Resident.objects.filter(moved_out__isnull=True)
    if phone:
        who = who.filter(phone_hash__in=lookup_hashes(digits) if digits else [])
    else:
        who = who.filter(doc_hash__in=lookup_hashes(document_key(number)) if number else [])
    return visible_households(user).filter(ended_at__isnull=True, pk__in=who.values("household_id"))


def _record(
    user: User,
    subject: str,
    subject_id: UUID,
    fields: Collection[str],
    reason: str,
    row: Household | Building,
    request_id: UUID | None,
) -> None:
    if not fields:
        raise Problem("nothing_to_reveal", "fields")
    limit_looks(user, AccessKind.REVEAL, settings.GRIDWHISTLE["REVEALS_PER_HOUR"])
    grid: Any = Area.objects.filter(pk=row.grid_id).values_list("path", flat=True).get()
    record_access(
        user,
        AccessKind.REVEAL,
        subject,
        subject_id,
        fields=fields,
        reason=reason,
        area_path=grid,
        request_id=request_id,
    )
