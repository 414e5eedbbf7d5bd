"""Queries put together once per process and asked with other values each time.

The overview's queries are long: putting them together costs Django several times what the database takes to answer
them. Only the keys of the place and the times of the span differ from one request to the next, so they are put together
with stand-ins for these, which no row holds.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import DateTimeField, QuerySet

from reports.figures.asked import Place, Span

Build = Callable[..., QuerySet[Any]]
ANYTIME = Span(date(1901, 2, 3), date(1902, 3, 4), datetime(1903, 4, 5, 6, 7, 8, 9, tzinfo=UTC))
ANYWHERE, ANY_STREET = -1, -2


def rows(build: Build, place: Place, span: Span, *said: Any) -> list[tuple[Any, ...]]:
    """The rows of `build(place, span, *said)`, as the database gives them: no column is converted by Django.

    `build` is a function of a module and gives a query of values; it uses the start, end and moment of the span and the
    keys of the place as they are, nothing reckoned from them. `said` can be hashed.
    """
    rule = settings.GRIDWHISTLE["BASICALLY_SATISFIED"]
    sql, params = _statement(connection.vendor, rule, build, place.level, place.street is None, *said)
    values = dict(
        zip(_values(_anywhere(place.level, place.street is None), ANYTIME), _values(place, span), strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [values.get(param, param) for param in params])
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


@cache
def _statement(
    vendor: str, rule: bool, build: Build, level: str, above_streets: bool, *said: Any
) -> tuple[str, tuple[Any, ...]]:
    """The SQL and its parameters with the stand-ins; another where the database or a rule behind a figure differs."""
    return build(_anywhere(level, above_streets), ANYTIME, *said).query.sql_with_params()


def _anywhere(level: str, above_streets: bool) -> Place:
    return Place(ANYWHERE, level, "", "", None if above_streets else ANY_STREET)


def _values(place: Place, span: Span) -> list[Any]:
    """What may differ between requests, in the form in which it reaches the database."""
    times = (span.start, span.end, span.moment)
    return [place.id, place.street, *(DateTimeField().get_db_prep_value(time, connection) for time in times)]
