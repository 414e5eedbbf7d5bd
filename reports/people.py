"""Who is to be told: the people behind a place or a unit."""

from django.db.models import F, Q

from accounts.models import Department, DepartmentUserPermission, User
from accounts.roles import Can
from grids.models import Area, AreaUserPermission
from reports.models import Assignment, Report

# From the street upward: it takes in every report; where it has nobody, the district does, then the city.
POOL_LEVELS = ("street", "district", "city")


def at_place(can: str, report: Report, levels: tuple[str, ...] = POOL_LEVELS) -> list[User]:
    """The active people who hold the capability at the first of these levels that has any. One query."""
    ids = {getattr(report, f"{level}_id"): index for index, level in enumerate(levels)}
    ids.pop(None, None)
    rows = AreaUserPermission.objects.filter(
        content_object_id__in=list(ids), permission__codename=can, user__is_active=True
    ).select_related("user")
    found: dict[int, list[User]] = {}
    for row in rows:
        found.setdefault(ids[row.content_object_id], []).append(row.user)
    return found[min(found)] if found else []


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
    """The active people who hold the capability at the department or, failing that, at the units above it."""
    paths = [department.path[:end] for end in range(Department.steplen, len(department.path) + 1, Department.steplen)]
    rows = DepartmentUserPermission.objects.filter(
        content_object__path__in=paths, permission__codename=can, user__is_active=True
    ).select_related("user", "content_object")
    found: dict[int, list[User]] = {}
    for row in rows:
        found.setdefault(row.content_object.depth, []).append(row.user)
    return found[max(found)] if found else []


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
