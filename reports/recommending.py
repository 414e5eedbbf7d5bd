"""Which departments have solved matters like this: counted from closed reports, with the reasons shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import Department
from core.moment import now
from grids.models import Area
from grids.scope import prefixes
from reports.calendar import working_calendar
from reports.models import ItemVersion, Report
from reports.models.vocabulary import ReportStatus

DAYS_PER_MONTH = 30
# A matter solved in the same community says twice as much as one elsewhere.
SAME_COMMUNITY = 2.0


@dataclass(frozen=True)
class Recommendation:
    """A department with the share of the sample it solved (`score`, 0 to 1, near ones counting double).

    `closed` of `of` reports, `nearby` of them in the same community; the median is in working seconds from dispatch to
    the result. `here` says that the sample is the street's own, else it is the whole city's. `in_catalogue`: the
    catalogue names it for this item.
    """

    department: Department
    score: float
    closed: int
    of: int
    nearby: int
    median_seconds: float | None
    here: bool
    in_catalogue: bool


def recommended(report: Report, at: datetime | None = None) -> list[Recommendation]:
    """Lead departments for a report, the best first. At most five queries over at most `ROUTING_SAMPLE` rows each.

    The sample is the newest closed reports of the same item in the same street within `ROUTING_MONTHS`; where there
    are fewer than `ROUTING_FEWEST`, those of the whole city. The department of the catalogue is always named; the
    offices and units of other places, who cannot come, are counted and not named.
    """
    since = (at or now()) - timedelta(days=DAYS_PER_MONTH * settings.GRIDWHISTLE["ROUTING_MONTHS"])
    alike = Report.objects.filter(
        item_id=report.item_id,
        status=ReportStatus.CLOSED,
        closed_at__gte=since,
        closed_at__isnull=False,
        lead_department__isnull=False,
    ).exclude(pk=report.pk)
    rows, here = _sample(alike.filter(street_id=report.street_id)), True
    if len(rows) < settings.GRIDWHISTLE["ROUTING_FEWEST"]:
        rows, here = _sample(alike), False
    named = _in_catalogue(report)
    solved: dict[int, list[Any]] = {}
    for row in rows:
        solved.setdefault(row[0], []).append(row)
    ids = {*solved, *([named] if named else [])}
    departments = {one.pk: one for one in Department.objects.filter(pk__in=ids, is_active=True)} if ids else {}
    elsewhere = _of_other_places(departments.values(), report)
    whole = sum(_weight(row, report) for row in rows)
    found = []
    for pk, department in departments.items():
        if pk in elsewhere:
            continue
        own = solved.get(pk, [])
        found.append(
            Recommendation(
                department,
                score=round(sum(_weight(row, report) for row in own) / whole, 2) if own else 0.0,
                closed=len(own),
                of=len(rows),
                nearby=sum(row[1] == report.community_id for row in own),
                median_seconds=_median(own),
                here=here,
                in_catalogue=pk == named,
            )
        )
    return sorted(found, key=lambda one: (-one.score, not one.in_catalogue, one.department.code))


def _of_other_places(departments: Iterable[Department], report: Report) -> set[int]:
    """Those that belong to the office of a street or community in which the report does not lie."""
    paths = {one.pk: one.path for one in departments}
    above = {prefix for path in paths.values() for prefix in prefixes(path)}
    offices = Area.objects.filter(office__path__in=above).values_list("office__path", "level", "pk")
    others = tuple(path for path, level, pk in offices if getattr(report, f"{level}_id") != pk)
    return {pk for pk, path in paths.items() if path.startswith(others)}


def _sample(alike: QuerySet[Report]) -> list[Any]:
    rows = alike.order_by("-closed_at").values_list(
        "lead_department_id", "community_id", "dispatched_at", "finished_at"
    )
    return list(rows[: settings.GRIDWHISTLE["ROUTING_SAMPLE"]])


def _in_catalogue(report: Report) -> int | None:
    """The lead department of the version frozen on the report, or in force today."""
    versions = ItemVersion.objects.filter(item_id=report.item_id)
    if report.item_version_id is None:
        versions = versions.filter(valid_to__isnull=True)
    else:
        versions = versions.filter(pk=report.item_version_id)
    return versions.values_list("lead_department_id", flat=True).first()


def _weight(row: Any, report: Report) -> float:
    return SAME_COMMUNITY if row[1] is not None and row[1] == report.community_id else 1.0


def _median(rows: list[Any]) -> float | None:
    calendar = working_calendar()
    times = [calendar.between(row[2], row[3]) for row in rows if row[2] is not None and row[3] is not None]
    return median(times) if times else None
