"""Who may see and do what with households: the only door to them.

A worker sees the grids held, a community and a street what lies below; nobody else sees any (`accounts.roles`). What
one may not know of is 404; what one may see and not do is 403.
"""

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from grids.models import Area
from grids.placement import held_at, within
from grids.scope import scope_of
from households.models import Building, ColourChange, Household, Resident, Visit

Row = TypeVar("Row", Building, Household)

DETAIL_JOINS = ("building", "grid", "community", "street", "risk_level")
NO_GEOMETRY = ("grid__geometry", "community__geometry", "street__geometry")


def reached(user: User, can: str) -> Q:
    """The condition on rows with one column per level that the capability reaches."""
    scope = scope_of(user)
    return Q() if scope.everything else within(scope.areas.get(can, []))


def visible_households(user: User) -> QuerySet[Household]:
    """The households for a list, the ended ones too: one condition on the columns of the levels."""
    return Household.objects.filter(reached(user, Can.VIEW_HOUSEHOLDS))


def visible_buildings(user: User) -> QuerySet[Building]:
    return Building.objects.filter(reached(user, Can.VIEW_HOUSEHOLDS))


def visible_changes(user: User) -> QuerySet[ColourChange]:
    """The changes of colour of the households the person sees, the ended ones too."""
    return ColourChange.objects.filter(household__in=visible_households(user))


def visible_visits(user: User) -> QuerySet[Visit]:
    """The visits to the households the person sees."""
    return Visit.objects.filter(household__in=visible_households(user))


def get_household(user: User, household_id: UUID, can: str | None = None, *, lock: bool = False) -> Household:
    """The household, if the person may see it (else `not_found`) and do `can` with it (else `forbidden`).

    `lock` holds the row until the transaction ends; every write takes it.
    """
    return _got(user, Household.objects.filter(pk=household_id), can, lock, DETAIL_JOINS)


def get_building(user: User, building_id: UUID, can: str | None = None, *, lock: bool = False) -> Building:
    """The building, as `get_household`."""
    return _got(user, Building.objects.filter(pk=building_id), can, lock, ("grid", "community", "street"))


def get_resident(household: Household, resident_id: UUID) -> Resident:
    """A resident of a household that was asked for through `get_household`, or `not_found`."""
    resident = Resident.objects.filter(pk=resident_id, household=household).first()
    if resident is None:
        raise Problem("not_found")
    return resident


def may(user: User, can: str, row: Household | Building) -> bool:
    """Whether the capability is held at the row's place or above it; no query."""
    scope = scope_of(user)
    return scope.everything or held_at(scope, can, row) is not None


def may_in(user: User, can: str, area: Area) -> bool:
    return scope_of(user).may(can, area)


def demand(allowed: bool, field: str | None = None) -> None:
    """`forbidden` unless allowed."""
    if not allowed:
        raise Problem("forbidden", field)


def _got(user: User, rows: QuerySet[Row], can: str | None, lock: bool, joins: tuple[str, ...]) -> Row:
    found: Any
    if lock:
        found = rows.select_for_update(of=("self",)).first()
    else:
        found = rows.select_related(*joins).defer(*NO_GEOMETRY).first()
    if found is None or not may(user, Can.VIEW_HOUSEHOLDS, found):
        raise Problem("not_found")
    if can is not None and not may(user, can, found):
        raise Problem("forbidden")
    return found
