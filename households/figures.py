"""走访完成率 and 巡查覆盖率 by grid or worker. Every figure is the size of a list that opens by the same condition.

A visit is due on a day; it belongs to the period that day lies in. It is in time if the household was seen by that
day, late if afterwards, open if not yet although the day is over. A visit that answered belongs to the day it was due,
so one made early counts for the period it was made for.

    visit_completion = in time ÷ (in time + late + open)        patrol_coverage = households seen ÷ households
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.roles import Can, Role
from grids.models import Appointment, Area
from grids.scope import below, scope_of
from households.models import Household, Visit
from reports.calendar import today

OF_VISITS, OF_HOUSEHOLDS = ("in_time", "late"), ("open", "seen", "households")
COLUMNS = (*OF_VISITS, *OF_HOUSEHOLDS)


@dataclass(frozen=True)
class Period:
    """Days of Asia/Shanghai, both ends included."""

    first: date
    last: date


@dataclass
class Figure:
    """The counts of one grid or worker. Rates are None where there is nothing to divide by."""

    key: str
    name: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))

    @property
    def due(self) -> int:
        return self.counts["in_time"] + self.counts["late"] + self.counts["open"]

    @property
    def visit_completion(self) -> float | None:
        return self.counts["in_time"] / self.due if self.due else None

    @property
    def patrol_coverage(self) -> float | None:
        return self.counts["seen"] / self.counts["households"] if self.counts["households"] else None

    def add(self, counts: dict[str, int]) -> None:
        for name, number in counts.items():
            self.counts[name] += number


def due_in(period: Period) -> Q:
    """Of visits: those that answered what was due in the period."""
    return Q(due_on__gte=period.first, due_on__lte=period.last)


def open_in(period: Period) -> Q:
    """Of households: those whose visit was due in the period and has not been made although the day is over."""
    last = min(period.last, today() - timedelta(days=1))
    return Q(next_visit_due__gte=period.first, next_visit_due__lte=last, ended_at__isnull=True)


def seen_in(period: Period) -> Exists:
    """Of households: those where somebody was met, or the dwelling seen, in the period."""
    visits = Visit.objects.counted().filter(household=OuterRef("pk"))
    return Exists(visits.filter(visited_on__gte=period.first, visited_on__lte=period.last))


def behind(column: str, grids: QuerySet[Area], period: Period) -> QuerySet[Any]:
    """The visits or households a figure counts, for the figure and for the list behind it."""
    visits = Visit.objects.filter(due_in(period), grid__in=grids)
    active = Household.objects.filter(ended_at__isnull=True, grid__in=grids)
    if column == "in_time":
        return visits.in_time()
    if column == "late":
        return visits.late()
    if column == "open":
        return active.filter(open_in(period))
    return active.filter(seen_in(period)) if column == "seen" else active


def by_grid(grids: QuerySet[Area], period: Period) -> list[Figure]:
    """The figures of each of the grids, in the order of their codes. Six queries."""
    rows = {area.pk: Figure(area.code, area.name) for area in grids.only("pk", "code", "name").order_by("code")}
    for name in COLUMNS:
        counted = behind(name, grids, period).order_by().values_list("grid_id").annotate(number=Count("pk"))
        for grid, number in counted:
            rows[grid].counts[name] = number
    return list(rows.values())


def by_worker(grids: QuerySet[Area], of_grids: Iterable[Figure]) -> list[Figure]:
    """The figures of each grid worker: those of the grids held, so a grid of two workers counts for both."""
    of_grid = {figure.key: figure.counts for figure in of_grids}
    held = Appointment.objects.filter(role=Role.GRID_WORKER, area__in=grids, ended_at__isnull=True)
    found: dict[str, Figure] = {}
    names = held.values_list("user__username", "user__full_name", "area__code").order_by("user__username", "area")
    for username, full_name, code in names:
        found.setdefault(username, Figure(username, full_name)).add(of_grid[code])
    return list(found.values())


def total(figures: Iterable[Figure]) -> Figure:
    whole = Figure("", "")
    for figure in figures:
        whole.add(figure.counts)
    return whole


def grids_of(user: User, area: str | None = None, worker: str | None = None) -> QuerySet[Area]:
    """The active grids whose households the person sees, below an area (its code) or held by a worker."""
    scope = scope_of(user)
    grids = Area.objects.filter(scope.areas_below(Can.VIEW_HOUSEHOLDS), level=Area.Level.GRID, is_active=True)
    if area is not None:
        path = Area.objects.filter(code=area).values_list("path", flat=True).first()
        grids = grids.filter(below(path)) if path else grids.none()
    if worker is not None:
        held = Appointment.objects.filter(user__username=worker, role=Role.GRID_WORKER, ended_at__isnull=True)
        grids = grids.filter(pk__in=held.values("area_id"))
    return grids
