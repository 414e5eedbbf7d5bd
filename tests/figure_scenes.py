"""Rows of one day made by hand, and what the overview answers about them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from core.moment import moved_to
from grids.models import Area
from reports.models import Assignment, CatalogueItem, Clock, Report, Whistle
from tests.world import World

ZONE = ZoneInfo("Asia/Shanghai")
# A Wednesday.
DAY = date(2026, 11, 25)
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=ZONE)


@pytest.fixture
def at_noon() -> Iterator[None]:
    with moved_to(NOON):
        yield


def on_the_day(hour: float, day: date = DAY) -> datetime:
    return datetime.combine(day, datetime.min.time(), ZONE) + timedelta(hours=hour)


def made(world: World, grid: str = "371082007032002", **said: Any) -> Report:
    """A report as a row, received at eight; times may be given as hours of the day."""
    area = world.area(grid)
    chain = {one.level: one for one in Area.objects.filter(path__in=[area.path[:n] for n in range(4, 21, 4)])}
    times = {
        name: on_the_day(value) for name, value in said.items() if isinstance(value, int | float) and "_at" in name
    }
    merged = {"merged_into": made(world)} if said.get("status") == "merged" else {}
    row = {
        "number": f"n-{uuid4().hex[:12]}",
        "status": "submitted",
        "source": "grid",
        "item": CatalogueItem.objects.get(code="01-01-001"),
        "item_name": "暴露垃圾",
        "description": "x",
        "lng": 122.4,
        "lat": 37.1,
        "raw_lng": 122.4,
        "raw_lat": 37.1,
        "coord_type": "wgs84",
        "received_at": on_the_day(8),
        "body_hash": "0" * 64,
        **{level: chain[level] for level in ("city", "district", "street", "community", "grid")},
        **merged,
    }
    return Report.objects.create(id=uuid4(), **(row | said | times))


def duty(report: Report, role: str = "lead", whistle: Whistle | None = None, **said: Any) -> Assignment:
    unit = said.pop("department", None) or report.lead_department
    row = {"issued_at": on_the_day(9), "department": unit, "status": "issued"}
    return Assignment.objects.create(report=report, role=role, whistle=whistle, **(row | said))


def clock(report: Report, kind: str = "handle", of: Assignment | None = None, **said: Any) -> Clock:
    row = {"limit_seconds": 3600, "always": False, "started_at": on_the_day(9), "due_at": on_the_day(10)}
    if said.get("outcome"):
        row |= {"running": False, "stopped_at": on_the_day(11)}
    return Clock.objects.create(report=report, kind=kind, assignment=of, **(row | said))


def handled(world: World, late: bool = False, exempt: bool = False, **said: Any) -> Report:
    """Dispatched at nine to the urban office, a result at eleven."""
    row = {"status": "closed", "accepted_at": 8.5, "dispatched_at": 9, "finished_at": 11, "closed_at": 11.5}
    report = made(world, lead_department=world.departments["urban"], **(row | said))
    at_work = duty(report, status="approved")
    clock(report, of=at_work, outcome="overdue" if late else "met", exempt=exempt)
    return report


def overview(world: World, name: str = "wang", **asked: Any) -> dict[str, Any]:
    answer = world.api(name).get(reverse("figures-overview"), asked)
    assert answer.status_code == 200, answer.content
    said: dict[str, Any] = answer.json()
    return said


def numbers(answer: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every number of an answer, with where it stands."""
    if isinstance(answer, dict) and set(answer) == {"figure", "count", "list"}:
        yield at, answer
        return
    parts = answer.items() if isinstance(answer, dict) else enumerate(answer) if isinstance(answer, list) else ()
    for key, part in parts:
        yield from numbers(part, f"{at}.{key}")


def share(answer: dict[str, Any], rate: str) -> tuple[float | None, int | None, int | None]:
    said = answer["rates"][rate]
    return said["value"], *(said[part] and said[part]["count"] for part in ("numerator", "denominator"))
