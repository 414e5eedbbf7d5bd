"""The whole file of a household 一户一档, read in a fixed number of queries."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, prefetch_related_objects

from accounts.models import User
from accounts.roles import Can
from households.access import get_household, may
from households.models import CareMark, Household, Resident, SpecialGroupEntry
from households.models.vocabulary import Relation

# The head first, then as they were entered.
ORDER: dict[str, int] = {Relation.HEAD: 0, Relation.SPOUSE: 1}


def full_household(user: User, household_id: UUID) -> Household:
    """The household with `present` and `former` residents; raises `not_found`. Two queries beyond the row."""
    household: Any = get_household(user, household_id)
    residents = list(Resident.objects.filter(household=household).order_by("moved_in", "pk"))
    residents.sort(key=lambda one: ORDER.get(one.relation, 2))
    household.present = [one for one in residents if one.moved_out is None]
    household.former = [one for one in residents if one.moved_out is not None]
    household.size = len(household.present)
    household.head_name = next((one.name for one in household.present if one.relation == Relation.HEAD), "")
    prefetch_related_objects([household], Prefetch("marks", CareMark.objects.select_related("tag")))
    return household


def marks_of(household: Household) -> dict[UUID, list[str]]:
    """Codes of tags by resident, from a full household."""
    by_resident: dict[UUID, list[str]] = defaultdict(list)
    for mark in household.marks.all():
        if mark.resident_id is not None:
            by_resident[mark.resident_id].append(mark.tag.code)
    return by_resident


def groups_of(user: User, household: Household) -> dict[UUID, list[SpecialGroupEntry]] | None:
    """Entries in special groups by resident; None for those who may not know of any. One query at most."""
    if not may(user, Can.VIEW_SPECIAL_GROUPS, household):
        return None
    by_resident: dict[UUID, list[SpecialGroupEntry]] = defaultdict(list)
    entries = SpecialGroupEntry.objects.filter(resident__household=household).select_related("group").order_by("pk")
    for entry in entries:
        by_resident[entry.resident_id].append(entry)
    return by_resident
