"""Reading the duty roster: who is on duty where, and who may look at and write which part of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.models import Department, User
from accounts.roles import Can
from grids.models import Area, DutyRole, DutyShift
from grids.scope import Scope, prefixes, scope_of

# Any of these at or above an area lets one write its roster; at a department, those of the second line.
ROSTERING = (Can.DISPATCH_REPORT, Can.LEAD_UNIT, Can.MANAGE_AREA)
ROSTERING_UNITS = (Can.LEAD_UNIT, Can.MANAGE_AREA)
# Whoever is on duty must be able to open what rings.
ANSWERING = (Can.VIEW_REPORTS,)
ANSWERING_UNITS = (Can.HANDLE_ASSIGNMENT, Can.LEAD_UNIT)


def covering(moment: datetime, prefix: str = "") -> Q:
    """The condition of a turn to run at `moment`; `prefix` leads to the turn, as `duty_shifts__`."""
    said = {"cancelled_at__isnull": True, "starts_at__lte": moment, "ends_at__gt": moment}
    return Q(**{prefix + name: value for name, value in said.items()})


def roster_counts() -> bool:
    """Whether the city rings by its roster at all."""
    return bool(settings.GRIDWHISTLE["DUTY_ROSTER"] != "off")


def on_duty(moment: datetime, *, areas: Iterable[int] = (), paths: Iterable[str] = ()) -> list[DutyShift]:
    """The turns that run at these areas (by key) and departments (by path), those in charge first. One query."""
    ground = Q(area_id__in=list(areas)) | Q(department__path__in=list(paths))
    rows = DutyShift.objects.filter(covering(moment), ground, person__is_active=True)
    found = rows.select_related("person", "area", "department").defer("area__geometry")
    return sorted(found, key=lambda shift: (shift.role != DutyRole.MAIN, shift.starts_at, str(shift.pk)))


def on_duty_for(node: Area | Department, moment: datetime) -> list[DutyShift]:
    """Who is on duty for a node: its own turns, or those of the nearest one above it that has any. One query."""
    above = prefixes(node.path)
    of = "area" if isinstance(node, Area) else "department"
    rows = DutyShift.objects.filter(covering(moment), **{f"{of}__path__in": above}, person__is_active=True)
    shifts = list(rows.select_related("person", "area", "department").defer("area__geometry"))
    for path in above:
        here = [shift for shift in shifts if getattr(shift, of).path == path]
        if here:
            return sorted(here, key=lambda shift: (shift.role != DutyRole.MAIN, shift.starts_at, str(shift.pk)))
    return []


def may_roster(user: User, node: Area | Department) -> bool:
    """Whether the person may write the roster of this node."""
    scope = scope_of(user)
    if isinstance(node, Area):
        return any(scope.may(can, node) for can in ROSTERING)
    return any(scope.may_for(can, node.path) for can in ROSTERING_UNITS) or _whole_city(scope)


def may_roster_anywhere(user: User) -> bool:
    """Whether the person writes any roster at all."""
    scope = scope_of(user)
    return (
        scope.everything
        or any(scope.areas.get(can) for can in ROSTERING)
        or any(scope.departments.get(can) for can in ROSTERING_UNITS)
    )


def may_answer(user: User, node: Area | Department) -> bool:
    """Whether the person could open what concerns this node, so that ringing them at night is of use."""
    scope = scope_of(user)
    if isinstance(node, Area):
        return any(scope.may(can, node) for can in ANSWERING)
    return any(scope.may_for(can, node.path) for can in ANSWERING_UNITS)


def visible_shifts(user: User) -> QuerySet[DutyShift]:
    """The turns of the person, of the areas seen, and of the units acted for."""
    scope = scope_of(user)
    if scope.everything or _whole_city(scope):
        return DutyShift.objects.all()
    ground: Any = Q(person=user)
    for can in (*ANSWERING, *ROSTERING):
        if scope.areas.get(can):
            ground |= scope.areas_below(can, "area__path")
    for can in (*ANSWERING_UNITS, *ROSTERING_UNITS):
        if scope.departments.get(can):
            ground |= scope.departments_below(can, "department__path")
    return DutyShift.objects.filter(ground)


def _whole_city(scope: Scope) -> bool:
    return any(held.level == Area.Level.CITY for can in ROSTERING for held in scope.areas.get(can, []))
