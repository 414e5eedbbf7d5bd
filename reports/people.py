"""Who is to be told: the people behind a place or a unit, and at night whoever is on duty there."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db.models import BooleanField, Exists, F, OuterRef, Q, Value

from accounts.models import Department, DepartmentUserPermission, User
from accounts.roles import Can
from core.moment import now
from grids.duty import ANSWERING, ANSWERING_UNITS, covering, roster_counts
from grids.models import Area, AreaUserPermission
from grids.scope import prefixes
from reports.calendar import working_calendar
from reports.models import Assignment, Report

# From the street upward: it takes in every report; where it has nobody, the district does, then the city.
POOL_LEVELS = ("street", "district", "city")
# Whose bell the roster answers for: a pool's and a unit's. Leaders are told as leaders at any hour.
ROSTERED = (Can.DISPATCH_REPORT, Can.HANDLE_ASSIGNMENT)
YES, NO = Value(True, BooleanField()), Value(False, BooleanField())


def at_place(can: str, report: Report, levels: tuple[str, ...] = POOL_LEVELS) -> list[User]:
    """The active people who hold the capability at the first of these levels that has any. One query.

    Outside working hours those on the roster there are told too, or instead; see `_rung`.
    """
    ids = {getattr(report, f"{level}_id"): index for index, level in enumerate(levels)}
    ids.pop(None, None)
    rows = AreaUserPermission.objects.filter(
        content_object_id__in=list(ids), permission__codename=can, user__is_active=True
    )
    if not _by_roster(can):
        return _rung([(ids[row.content_object_id], row.user) for row in rows.select_related("user")], [])
    opens = AreaUserPermission.objects.filter(
        user=OuterRef("pk"), content_object_id__in=list(ids), permission__codename__in=ANSWERING
    )
    node = "areauserpermission__content_object_id"
    holders = User.objects.filter(areauserpermission__in=rows).annotate(node=F(node), rostered=NO)
    turns = User.objects.filter(Exists(opens), _turns(), is_active=True, duty_shifts__area_id__in=list(ids))
    people = holders.union(turns.annotate(node=F("duty_shifts__area_id"), rostered=YES), all=True)
    return _split(people, lambda node: ids[node])


def callers(report: Report) -> list[User]:
    """Who calls a requester back: the callback clerks or, where there is none, the desk."""
    return at_place(Can.CALL_BACK, report) or at_place(Can.DISPATCH_REPORT, report)


def at_area(can: str, area: Area) -> list[User]:
    """The active people who hold the capability at the area or else at the nearest one above it. One query."""
    paths = [area.path[:end] for end in range(Area.steplen, len(area.path) + 1, Area.steplen)]
    rows = AreaUserPermission.objects.filter(
        content_object__path__in=paths, permission__codename=can, user__is_active=True
    ).select_related("user")
    found: dict[int, list[User]] = {}
    for row in rows.annotate(depth=F("content_object__depth")):
        found.setdefault(row.depth, []).append(row.user)
    return found[max(found)] if found else []


def above_place(can: str, report: Report, level: int) -> list[User]:
    """Who is told at the n-th overdue level: 1 the street, 2 the district, 3 and up the city."""
    start = min(max(level, 1), len(POOL_LEVELS)) - 1
    return at_place(can, report, POOL_LEVELS[start:])


def of_unit(department: Department, can: str = Can.HANDLE_ASSIGNMENT) -> list[User]:
    """The active people who hold the capability at the department or, failing that, at the units above it. One query.

    Outside working hours those on the roster there are told too, or instead; see `_rung`.
    """
    distance = {path: index for index, path in enumerate(prefixes(department.path))}
    rows = DepartmentUserPermission.objects.filter(
        content_object__path__in=list(distance), permission__codename=can, user__is_active=True
    )
    if not _by_roster(can):
        found = rows.select_related("user", "content_object")
        return _rung([(distance[row.content_object.path], row.user) for row in found], [])
    opens = DepartmentUserPermission.objects.filter(
        user=OuterRef("pk"), content_object__path__in=list(distance), permission__codename__in=ANSWERING_UNITS
    )
    node = "departmentuserpermission__content_object__path"
    holders = User.objects.filter(departmentuserpermission__in=rows).annotate(node=F(node), rostered=NO)
    turns = User.objects.filter(
        Exists(opens), _turns(), is_active=True, duty_shifts__department__path__in=list(distance)
    )
    people = holders.union(turns.annotate(node=F("duty_shifts__department__path"), rostered=YES), all=True)
    return _split(people, lambda node: distance[node])


def of_units(departments: list[Department], can: str = Can.HANDLE_ASSIGNMENT) -> list[User]:
    """The people of several departments themselves. One query."""
    rows = DepartmentUserPermission.objects.filter(
        content_object__in=departments, permission__codename=can, user__is_active=True
    ).select_related("user")
    return list({row.user_id: row.user for row in rows}.values())


def behind(assignment: Assignment) -> list[User]:
    """Who is to carry out a duty."""
    if assignment.assignee is not None:
        return [assignment.assignee]
    assert assignment.department is not None  # the table's constraint
    return of_unit(assignment.department)


def holds_grid_in(user: User, area_filter: Q) -> bool:
    """Whether the person may submit reports at an area fulfilling the condition, that is, works there."""
    return AreaUserPermission.objects.filter(area_filter, user=user, permission__codename=Can.SUBMIT_REPORT).exists()


def _by_roster(can: str) -> bool:
    return can in ROSTERED and roster_counts() and not working_calendar().is_open(now())


def _turns() -> Q:
    return covering(now(), "duty_shifts__")


def _split(people: Iterable[Any], distance: Callable[[Any], int]) -> list[User]:
    holders: list[tuple[int, User]] = []
    turns: list[tuple[int, User]] = []
    for person in people:
        # SQLite gives a union's truth back as a number.
        (turns if person.rostered else holders).append((distance(person.node), person))
    return _rung(holders, turns)


def _rung(holders: list[tuple[int, User]], turns: list[tuple[int, User]]) -> list[User]:
    """Whose bell it is: the nearest holders, and those on duty no farther away than these.

    With the setting "only" those on duty are told alone, if one of them could do what is asked; else nobody would.
    """
    nearest = min((away for away, _ in holders), default=None)
    own = {person.pk: person for away, person in holders if away == nearest}
    near = [(away, person) for away, person in turns if nearest is None or away <= nearest]
    first = min((away for away, _ in near), default=None)
    on_duty = {person.pk: person for away, person in near if away == first}
    if settings.GRIDWHISTLE["DUTY_ROSTER"] == "only" and on_duty.keys() & {person.pk for _, person in holders}:
        return list(on_duty.values())
    return list((own | on_duty).values())
