"""Reports that may be the same matter 重复件, and earlier ones of a place that comes back.

Same place is within NEARBY_METRES, the same time within NEARBY_HOURS, a repeat within REPEAT_DAYS. The database reads a
box in degrees from the index on item and position, at most `ROWS` of it and the newest first; the circle is measured
here. So the cost hangs on what happened at the spot and not on how many reports there are.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from rapidfuzz import fuzz, utils

from core.moment import now
from grids.coordinates import distance_m
from reports.models import CatalogueItem, Report
from reports.models.vocabulary import FINAL, ReportStatus

METRES_PER_DEGREE = 111_320.0
ROWS = 200
MOST = 10


@dataclass(frozen=True)
class Match:
    """A report that may be the same matter, with the reasons. `similarity` of the texts and `score` go from 0 to 1;
    `similarity` is None where there is no text to compare with."""

    id: UUID
    number: str
    item_name: str
    status: str
    address: str
    received_at: datetime
    distance_m: float
    hours: float
    same_item: bool
    similarity: float | None
    score: float


@dataclass(frozen=True)
class Subject:
    """What the others are compared with. Degrees WGS-84."""

    item: str
    lng: float
    lat: float
    moment: datetime
    text: str = ""


@dataclass(frozen=True)
class Alike:
    """`duplicates` best first, `earlier` newest first."""

    duplicates: list[Match]
    earlier: list[Match]


def nearby_reports(item: str, lng: float, lat: float) -> list[Match]:
    """For a worker about to send: what came in of the same item, here and in the last hours, most alike first."""
    subject = Subject(item, lng, lat, now())
    rows = _near(lng, lat).filter(item__code=item, received_at__gte=subject.moment - _hours())
    rows = rows.exclude(status__in=(ReportStatus.VOID, ReportStatus.REJECTED, ReportStatus.MERGED))
    return _best(_matches(subject, _newest(rows)))


def alike(report: Report, may_see: Callable[[Report], bool]) -> Alike:
    """For a dispatcher: open reports of the same item, then of its class, which may be merged with this one; and what
    the same item did here before, open and closed. Only what `may_see` lets through. Two queries.
    """
    subject = Subject(report.item.code, report.lng, report.lat, report.received_at, report.description)
    others = _near(report.lng, report.lat).exclude(pk=report.pk)
    the_class = CatalogueItem.objects.filter(kind=report.item.kind, class_code=report.item.class_code)
    open_now = others.filter(
        item__in=the_class.values("pk"),
        received_at__range=(report.received_at - _hours(), report.received_at + _hours()),
    ).exclude(status__in=FINAL)
    days = timedelta(days=settings.GRIDWHISTLE["REPEAT_DAYS"])
    before = others.filter(
        Q(received_at__lt=report.received_at) | Q(received_at=report.received_at, pk__lt=report.pk),
        item_id=report.item_id,
        received_at__gte=report.received_at - days,
    ).exclude(status__in=(ReportStatus.VOID, ReportStatus.REJECTED))
    return Alike(
        _best(_matches(subject, filter(may_see, _newest(open_now)))),
        _matches(subject, filter(may_see, _newest(before)))[:MOST],
    )


def similarity(one: str, other: str) -> float:
    """How alike two texts are, 0 to 1: letter by letter, and the shorter one against its best place in the longer."""
    one, other = utils.default_process(one), utils.default_process(other)
    if not one or not other:
        return 0.0
    return (fuzz.ratio(one, other) + fuzz.partial_ratio(one, other)) / 200


def _near(lng: float, lat: float) -> QuerySet[Report]:
    high = settings.GRIDWHISTLE["NEARBY_METRES"] / METRES_PER_DEGREE
    wide = high / max(math.cos(math.radians(lat)), 0.01)
    rows = Report.objects.filter(lat__range=(lat - high, lat + high), lng__range=(lng - wide, lng + wide))
    return rows.select_related("item").defer("answers", "closing_condition")


def _newest(rows: QuerySet[Report]) -> QuerySet[Report]:
    return rows.order_by("-received_at", "-pk")[:ROWS]


def _hours() -> timedelta:
    return timedelta(hours=settings.GRIDWHISTLE["NEARBY_HOURS"])


def _matches(subject: Subject, rows: Iterable[Report]) -> list[Match]:
    near: float = settings.GRIDWHISTLE["NEARBY_METRES"]
    measured = ((distance_m(subject.lng, subject.lat, row.lng, row.lat), row) for row in rows)
    return [_match(subject, row, away) for away, row in measured if away <= near]


def _match(subject: Subject, row: Report, away: float) -> Match:
    hours = abs((row.received_at - subject.moment).total_seconds()) / 3600
    same_item = row.item.code == subject.item
    likeness = similarity(subject.text, row.description) if subject.text else None
    reasons = {
        "item": float(same_item),
        "distance": 1 - away / settings.GRIDWHISTLE["NEARBY_METRES"],
        "time": max(0.0, 1 - hours / settings.GRIDWHISTLE["NEARBY_HOURS"]),
        "text": likeness,
    }
    weights: dict[str, float] = settings.GRIDWHISTLE["DUPLICATE_WEIGHTS"]
    counted = {name: value for name, value in reasons.items() if value is not None and weights.get(name)}
    total = sum(weights[name] for name in counted)
    score = sum(weights[name] * value for name, value in counted.items()) / total if total else 0.0
    return Match(
        row.pk,
        row.number,
        row.item_name,
        row.status,
        row.address,
        row.received_at,
        round(away, 1),
        round(hours, 1),
        same_item,
        None if likeness is None else round(likeness, 2),
        round(score, 3),
    )


def _best(matches: list[Match]) -> list[Match]:
    return sorted(matches, key=lambda one: (-one.score, one.distance_m))[:MOST]
