"""1,200,000 reports in a few minutes: rows of one template, streamed past the ORM."""

import random
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Model

from accounts.models import Department, User
from core.moment import now
from grids.models import Area
from reports.actions.submit import report_number
from reports.models import Event, ItemVersion, Report

BATCH = 20_000
YEAR = (0, 365)
# Of a year's reports nearly all are closed; of those of the last two days most are not.
OPEN_SHARE, OPEN_SHARE_NEW, NEW = 0.001, 0.7, timedelta(days=2)
OPEN_STATUSES = ("submitted", "in_progress", "in_progress", "in_review")


def load(count: int, reporter: User, days_ago: tuple[float, float] = YEAR) -> None:
    """Add `count` reports with one event each, received between so many days ago, spread over all grids and leads."""
    with bare(Report), bare(Event), connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM reports_event")
        before = cursor.fetchone()[0]
        insert(Report, _reports(count, reporter, days_ago, random.Random(before)))
        columns = "report_id, at, kind, actor_id, actor_role, from_status, to_status, note, internal, data"
        cursor.execute(
            f"INSERT INTO reports_event ({columns}) "
            "SELECT r.id, r.received_at, 'submit', r.reporter_id, 'grid_worker', '', 'submitted', '', %s, '{}' "
            "FROM reports_report r WHERE NOT EXISTS "
            "(SELECT 1 FROM reports_event e WHERE e.report_id = r.id AND e.id <= %s)",
            [False, before],
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@contextmanager
def bare(model: type[Model]) -> Iterator[None]:
    """Without foreign key checks and plain indexes while loading; the indexes are built again at the end."""
    table = model._meta.db_table
    postgres = connection.vendor == "postgresql"
    listed = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexdef NOT LIKE 'CREATE UNIQUE%%'"
        if postgres
        else "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql LIKE 'CREATE INDEX%%'"
    )
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica" if postgres else "PRAGMA foreign_keys = OFF")
        cursor.execute(listed, [table])
        # What the event copy looks up by has to stay.
        indexes = [row for row in cursor.fetchall() if row[0] != "event_by_report"]
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for _name, definition in indexes:
                cursor.execute(definition)
            cursor.execute("SET session_replication_role = DEFAULT" if postgres else "PRAGMA foreign_keys = ON")


def _reports(count: int, reporter: User, days_ago: tuple[float, float], dice: random.Random) -> Iterator[Report]:
    """Rows to come, the oldest first as in life; all that is read is read now, for the connection is taken while they
    are streamed."""
    grids = grids_with_ancestors()
    versions = list(ItemVersion.objects.select_related("item"))
    leads = list(Department.objects.values_list("pk", flat=True)) or [None]
    end, (latest, earliest) = now(), days_ago
    step = (earliest - latest) / max(count, 1)
    return (
        _report(
            dice,
            end,
            end - timedelta(days=earliest - (index + dice.random()) * step),
            reporter,
            grids[index % len(grids)],
            versions[index % len(versions)],
            leads[index % len(leads)],
            index,
        )
        for index in range(count)
    )


def _report(
    dice: random.Random,
    end: datetime,
    received: datetime,
    reporter: User,
    ids: dict[str, int],
    version: ItemVersion,
    lead: int | None,
    index: int,
) -> Report:
    report_id = uuid.UUID(int=dice.getrandbits(128), version=4)
    is_open = dice.random() < (OPEN_SHARE_NEW if end - received < NEW else OPEN_SHARE)
    status = dice.choice(OPEN_STATUSES) if is_open else "closed"
    dispatched = status != "submitted"
    return Report(
        id=report_id,
        number=report_number(report_id, received),
        status=status,
        source="grid" if index % 8 else "hotline",
        item=version.item,
        item_name=version.name,
        limit_amount=Decimal(4),
        limit_unit="work_hour",
        description="路边垃圾未清运,影响通行",
        address="崖头街道成山大道东段",
        lng=122.4,
        lat=37.1,
        raw_lng=122.4,
        raw_lat=37.1,
        coord_type="wgs84",
        received_at=received,
        accepted_at=received + timedelta(minutes=10) if dispatched else None,
        dispatched_at=received + timedelta(minutes=20) if dispatched else None,
        finished_at=received + timedelta(hours=4) if status in ("in_review", "closed") else None,
        closed_at=None if is_open else received + timedelta(hours=5),
        due_at=received + timedelta(minutes=15) if is_open else None,
        reporter=reporter,
        lead_department_id=lead if dispatched else None,
        body_hash="0" * 64,
        complete_at=received,
        **{f"{level}_id": area_id for level, area_id in ids.items()},
    )


def grids_with_ancestors() -> list[dict[str, int]]:
    areas = {path: (pk, level) for pk, path, level in Area.objects.values_list("pk", "path", "level")}
    found = []
    for path, (_pk, level) in areas.items():
        if level == Area.Level.GRID:
            chain = [areas[path[:end]] for end in range(Area.steplen, len(path) + 1, Area.steplen)]
            found.append({each_level: each_pk for each_pk, each_level in chain})
    return found


def insert(model: type[Model], rows: Iterable[Model]) -> None:
    fields = model._meta.concrete_fields
    table, columns = model._meta.db_table, ", ".join(f'"{field.column}"' for field in fields)

    def values(row: Model) -> list[Any]:
        return [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([_plain(value) for value in values(row)])
        return
    marks = ", ".join(["%s"] * len(fields))
    batch: list[list[Any]] = []
    with connection.cursor() as cursor:
        for row in rows:
            batch.append(values(row))
            if len(batch) == BATCH:
                cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", batch)
                batch.clear()
        if batch:
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", batch)


def _plain(value: Any) -> Any:
    """psycopg's Jsonb wrapper cannot be copied as text; its object can, as JSON."""
    return value.dumps(value.obj) if hasattr(value, "obj") and hasattr(value, "dumps") and value.dumps else value
