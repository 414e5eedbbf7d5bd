"""Counting: one query per scan, whatever the number of figures, in all or by a column of the reports."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet, Value

from reports.figures.asked import Place, Span
from reports.figures.prepared import rows
from reports.figures.seconds import LocalSeconds
from reports.figures.table import CALLED, FIGURES, OPEN, RECEIVED, SCANS, Ground
from reports.models import Report

Grounds = tuple[Ground, ...]
OF_REPORTS = tuple(grounds for grounds in SCANS if grounds[0].model is Report)
OF_OTHERS = tuple(grounds for grounds in SCANS if grounds[0].model is not Report)
# What is counted by place for the map: its grounds are read by themselves, which is less than their whole scans.
ON_THE_MAP = ("open", "overdue", "received")
SCORES = ("rating_response", "rating_attendance", "rating_result")


@dataclass
class Counts:
    """Of every figure how many, in all and by key of the column they were counted by."""

    total: Counter[str] = field(default_factory=Counter)
    rows: dict[Any, Counter[str]] = field(default_factory=dict)
    # The mean of the ratings of the units called, 1 to 5.
    score: float | None = None

    def add(self, key: Any, counted: Mapping[str, int]) -> None:
        self.rows.setdefault(key, Counter()).update(counted)
        self.total.update(counted)


def count(place: Place, span: Span, by: str) -> Counts:
    """All figures; those of reports also by the column `by`. Seven queries."""
    counts = Counts()
    for grounds in OF_REPORTS:
        for key, counted in _by_column(grounds, tuple(FIGURES), place, span, by):
            counts.add(key, counted)
    for grounds in OF_OTHERS:
        (found,) = rows(_whole, place, span, grounds)
        counts.total.update(dict(zip(_names(grounds, tuple(FIGURES)), found, strict=False)))
        if grounds == (CALLED,) and found[-1] is not None:
            counts.score = float(found[-1])
    return counts


def on_the_map(place: Place, span: Span, column: str) -> dict[Any, Counter[str]]:
    """What is open, overdue and received by the key of the places in a column. Two queries."""
    counts = Counts()
    for grounds in ((OPEN,), (RECEIVED,)):
        for key, counted in _by_column(grounds, ON_THE_MAP, place, span, column):
            counts.add(key, counted)
    return counts.rows


def median_minutes(place: Place, span: Span) -> float | None:
    """Minutes from the call to reporting in, to the second: the median of those who did. One query."""
    took = [seconds for (seconds,) in rows(_took, place, span) if seconds is not None]
    return median(took) / 60 if took else None


def _took(place: Place, span: Span) -> QuerySet[Any]:
    """Of each unit called, also of those that did not come: the rows of their scan, found the same way."""
    seconds = LocalSeconds("reported_in_at") - LocalSeconds("issued_at")
    return _rows((CALLED,), place, span).annotate(seconds=seconds).values_list("seconds")


def _by_column(
    grounds: Grounds, names: tuple[str, ...], place: Place, span: Span, column: str
) -> Iterator[tuple[Any, dict[str, int]]]:
    named = _names(grounds, names)
    for key, *found in rows(_grouped, place, span, grounds, names, column):
        yield key, dict(zip(named, found, strict=True))


def _grouped(place: Place, span: Span, grounds: Grounds, names: tuple[str, ...], column: str) -> QuerySet[Any]:
    counted = _counted(grounds, names, span)
    return _rows(grounds, place, span).values(column).annotate(**counted).values_list(column, *counted)


def _whole(place: Place, span: Span, grounds: Grounds) -> QuerySet[Any]:
    """One row: the figures of a scan, and at its end the mean rating if it is of units called."""
    counted: dict[str, Any] = _counted(grounds, tuple(FIGURES), span)
    if grounds == (CALLED,):
        counted["score"] = _mean_rating()
    # By nothing that differs: a group of all rows, also of none.
    return _rows(grounds, place, span).values(whole=Value(1)).annotate(**counted).values_list(*counted)


def _rows(grounds: Grounds, place: Place, span: Span) -> QuerySet[Any]:
    either = Q()
    for ground in grounds:
        either |= ground.holds(span)
    manager: Any = grounds[0].model._default_manager
    return manager.filter(place.holds(grounds[0].report), either).order_by()


def _names(grounds: Grounds, names: tuple[str, ...]) -> list[str]:
    """Of these figures those with a part in a scan."""
    return [name for name in names if any(ground in grounds for ground, _condition in FIGURES[name].parts)]


def _counted(grounds: Grounds, names: tuple[str, ...], span: Span) -> dict[str, Count]:
    """Of each figure the part that lies in this scan. A ground that is the whole scan is not asked again."""
    return {
        name: Count("pk", filter=(Q() if len(grounds) == 1 else ground.holds(span)) & condition(span) or None)
        for name in _names(grounds, names)
        for ground, condition in FIGURES[name].parts
        if ground in grounds
    }


def _mean_rating() -> Avg:
    total = sum((F(score) for score in SCORES[1:]), F(SCORES[0]))
    return Avg(total / float(len(SCORES)), filter=Q(rated_at__isnull=False))
