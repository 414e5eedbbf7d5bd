"""The overview beside one indexed scan of its period, without and with a year of history behind it."""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Model

from bench.loading import bare
from bench.measuring import Row
from grids.models import Area
from reports.calendar import today
from reports.figures.asked import Place, Span, place_for
from reports.models import Assignment, CallbackTry, Clock, Whistle

DESK, COMMAND = "bench-desk", "bench-command"
# Who asks, and for how many days that end yesterday, the last whole day.
ASKED = {
    "of a street, a day": (DESK, 1),
    "of a street, 30 days": (DESK, 30),
    "of the city, a day": (COMMAND, 1),
    "of the city, 30 days": (COMMAND, 30),
}
# Lists behind figures whose condition is not a column's: the first page of each.
BEHIND = ("overdue", "overdue_open", "should_close", "handled_in_time")


@dataclass(frozen=True)
class Measured:
    """Milliseconds: ours and the floor, in turn; and how many queries and reports it was."""

    ours: list[float]
    floor: list[float]
    queries: int
    reports: int

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.ours, n=20)[-1]


def measured(rounds: int) -> dict[str, Measured]:
    return {name: _measure(*asked, rounds) for name, asked in ASKED.items()}


def lines(large: dict[str, Measured], young: dict[str, Measured]) -> Iterator[str]:
    """Rows of the result: each with the large table, beside its floor and what it took before the history came."""
    for name, found in large.items():
        before, ours = statistics.median(young[name].ours), statistics.median(found.ours)
        told = f"p95 {found.p95:.1f} ms; {found.queries} queries over {found.reports:,} reports of the period; "
        flat = f"{ours / before:.2f} × without history"
        floor = statistics.median(found.floor)
        yield Row(f"overview {name}", ours, "one scan of the period", floor, "≤ 50 ms p95, flat", told + flat).line()
    for figure in BEHIND:
        took = statistics.median(_timed(_Asking(COMMAND, f"reports?figure={figure}&{_days(30)}"), 5))
        yield Row(f"list behind {figure}, city, 30 days", took, "", 0.0, "").line()


def _measure(name: str, days: int, rounds: int) -> Measured:
    from accounts.models import User

    ours = _Asking(name, f"overview?{_days(days)}")
    place = place_for(User.objects.get(username=name))
    last = today() - timedelta(days=1)
    scan = _scan(place, Span(last - timedelta(days=days - 1), last, ours.moment))
    took: tuple[list[float], list[float]] = ([], [])
    for _round in range(rounds):
        took[0].extend(_timed(ours, 1))
        took[1].extend(_timed(scan, 1))
    return Measured(*took, ours.queries(), scan())


class _Asking:
    """GETs an address below figures/ as somebody."""

    def __init__(self, name: str, address: str) -> None:
        from bench.__main__ import client
        from core.moment import now

        self.moment = now()
        self._client: Any = client(name)
        self._address = f"/api/v1/figures/{address}"
        self()

    def __call__(self) -> None:
        answer = self._client.get(self._address)
        assert answer.status_code == 200, answer.content

    def queries(self) -> int:
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as spent:
            self()
        return len(spent)


def _days(count: int) -> str:
    last = today() - timedelta(days=1)
    return f"first={last - timedelta(days=count - 1)}&last={last}"


def _scan(place: Place, span: Span) -> Callable[[], int]:
    """The bare SQL that reads the rows of the period by an index once."""
    where = "received_at >= %s AND received_at < %s"
    values: list[Any] = [span.start, span.end]
    if place.level != Area.Level.CITY:
        where, values = f"{where} AND {place.level}_id = %s", [*values, place.id]

    def run() -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*), MAX(status), MAX(closed_at) FROM reports_report WHERE {where}", values)
            counted: int = cursor.fetchone()[0]
            return counted

    run()
    return run


def _timed(run: Callable[[], Any], times: int) -> list[float]:
    took = []
    for _ in range(times):
        started = time.perf_counter()
        run()
        took.append((time.perf_counter() - started) * 1000)
    return took


# By the letters a number ends with, of which there are 32: one report in 32 has a whistle, one in 32 is late.
WHISTLED, LATE = "substr(r.number, 15, 1) = 'A'", "substr(r.number, 14, 1) = 'A'"
OUTCOME = f"CASE WHEN {LATE} THEN 'overdue' ELSE 'met' END"
CLOSED, AT_WORK = "r.closed_at IS NOT NULL", "r.finished_at IS NULL"
DUTIES = "reports_assignment a JOIN reports_report r ON r.id = a.report_id"


def fill_around() -> None:
    """Give what was dispatched its duty, whistle, clocks and callback, as far as they are not there yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM reports_assignment")
        new = f"a.id > {cursor.fetchone()[0]}"
    has_none = "NOT EXISTS (SELECT 1 FROM reports_assignment o WHERE o.report_id = r.id)"
    dispatched = f"r.dispatched_at IS NOT NULL AND {has_none}"
    whistle = {
        **{"report_id": "r.id", "kind": "'routine'", "level": "'street'", "called": "'[]'"},
        **{"calling_area_id": "r.street_id", "drafted_at": "r.dispatched_at", "blown_at": "r.dispatched_at"},
        "status": f"CASE WHEN {CLOSED} THEN 'closed' ELSE 'handling' END",
    }
    _derive(Whistle, whistle, f"reports_report r WHERE {WHISTLED} AND {dispatched}")
    duty = {
        **{"report_id": "r.id", "department_id": "r.lead_department_id", "whistle_id": "w.id", "role": "'lead'"},
        **{"issued_at": "r.dispatched_at", "received_at": "r.dispatched_at"},
        "status": f"CASE WHEN {CLOSED} THEN 'approved' ELSE 'received' END",
        "reported_in_at": "CASE WHEN w.id IS NULL THEN NULL ELSE r.finished_at END",
    }
    _derive(Assignment, duty, f"reports_report r LEFT JOIN reports_whistle w ON w.report_id = r.id WHERE {dispatched}")
    clock = {
        **{"report_id": "r.id", "assignment_id": "a.id", "started_at": "r.dispatched_at", "segments": "'[]'"},
        **{"always": "FALSE", "limit_seconds": "14400", "light": "'green'", "running": "FALSE"},
        **{"due_at": "r.dispatched_at", "stopped_at": "r.dispatched_at", "outcome": OUTCOME},
    }
    handling = clock | {
        **{"running": f"({AT_WORK})", "due_at": "COALESCE(r.finished_at, r.due_at)", "stopped_at": "r.finished_at"},
        "outcome": f"CASE WHEN {AT_WORK} THEN '' ELSE {OUTCOME} END",
    }
    for kind, columns, of in (
        ("sign_for", clock, "TRUE"),
        ("handle", handling, "TRUE"),
        ("report_in", clock, "a.whistle_id IS NOT NULL"),
    ):
        _derive(Clock, columns | {"kind": f"'{kind}'"}, f"{DUTIES} WHERE {of} AND {new}")
    answer = {
        **{"report_id": "r.id", "at": "r.closed_at", "reached": "TRUE", "solved": "TRUE"},
        "satisfaction": f"CASE WHEN {LATE} THEN 'basically' ELSE 'satisfied' END",
    }
    _derive(CallbackTry, answer, f"{DUTIES} WHERE r.source = 'hotline' AND {CLOSED} AND {new}")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _derive(model: type[Model], columns: dict[str, str], source: str) -> None:
    """Add rows made in the database: `columns` as SQL over the source, the model's defaults in all others."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    empty = model()
    picked = ", ".join(columns.get(field.attname, "%s") for field in fields)
    values = [
        field.get_db_prep_save(getattr(empty, field.attname), connection)
        for field in fields
        if field.attname not in columns
    ]
    names = ", ".join(f'"{field.column}"' for field in fields)
    with bare(model), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({names}) SELECT {picked} FROM {source}", values)
        # The next rows are made by joining these.
        cursor.execute(f"ANALYZE {model._meta.db_table}")
