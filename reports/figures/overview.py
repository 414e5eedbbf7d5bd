"""一屏统览: all figures of an area and a period in one answer, each with the address of the list behind it."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count, Max, QuerySet
from django.urls import reverse

from accounts.models import Department
from grids.models import Area
from reports.figures.asked import Place, Span
from reports.figures.counting import ON_THE_MAP, Counts, count, median_minutes, on_the_map
from reports.figures.hours import mean_handling_hours
from reports.figures.prepared import rows
from reports.figures.rates import COMBINED, OF_ROWS, RATES, combined, rating, share
from reports.figures.table import FIGURES, LIGHTS, OPEN_STATUSES
from reports.models import Assignment, CallbackTry, CatalogueItem, Report, Whistle
from reports.models.vocabulary import Source, WhistleKind

HOT = 10
KINDS = {Report: "reports", Whistle: "whistles", Assignment: "assignments", CallbackTry: "callbacks"}
# By what a ranking is made: the column of the reports, and by which of its lists the rows are narrowed.
COLUMNS = {"street": "street_id", "community": "community_id", "department": "lead_department_id", "item": "item_id"}
NARROWED = {"street": "area", "community": "area", "department": "department", "item": "item"}
# What a ranking is made by where nothing is said, and of what places the map consists, by level of the area.
RANKING = {"city": "street", "district": "street", "street": "community", "community": "department"}
MAPPED = {"city": Area.Level.STREET, "district": Area.Level.STREET}
OF_A_ROW = (
    *("received", "dispatched", "handled", "handled_in_time", "overdue_open", "extended", "should_close", "closed"),
    *("closed_in_time", "reworked", "self_handled", "open", "overdue"),
)
IN_THE_PERIOD = ("received", "accepted", "dispatched", "closed", "self_handled", "whistles", "reworked")
RIGHT_NOW = ("open", "overdue", "whistles_pending", "whistles_running", "not_reported_in")

Answer = dict[str, Any]


def overview(place: Place, span: Span, by: str | None = None) -> Answer:
    """At most fifteen queries, however many rows there are."""
    by = by or RANKING.get(place.level, "department")
    level = MAPPED.get(place.level, Area.Level.GRID)
    counts = count(place, span, COLUMNS[by])
    of_places = counts.rows if by == level else on_the_map(place, span, f"{level}_id")
    shown = _best(counts)
    names = _names(of_places, shown if by in ("street", "community") else ())
    ranked = names if by in ("street", "community") else _other_names(by, shown)
    lists = Lists(place, span)
    return {
        "area": {"code": place.code, "name": place.name, "level": place.level},
        "first": span.first,
        "last": span.last,
        "at": span.moment,
        "by": by,
        "now": _now(lists, counts.total),
        "period": _period(lists, counts.total),
        "rates": _rates(lists, counts, place, span),
        "hot_items": _hot_items(lists, place, span),
        "ranking": [_row(lists, counts.rows[key], NARROWED[by], *ranked[key]) for key in shown if key in ranked],
        "grids": [
            {"code": code, "name": name, **lists.of(ON_THE_MAP, of_places[key], area=code)}
            for key, (code, name) in sorted(names.items(), key=lambda one: one[1])
            if key in of_places and any(of_places[key][figure] for figure in ON_THE_MAP)
        ],
        "words": {
            **{figure.name: str(figure.words) for figure in FIGURES.values()},
            **{rate.name: str(rate.words) for rate in (*RATES, COMBINED)},
        },
    }


class Lists:
    """The addresses behind the numbers of one answer."""

    def __init__(self, place: Place, span: Span) -> None:
        self.area = place.code
        self._days = urlencode({"first": span.first.isoformat(), "last": span.last.isoformat()})
        kinds = {kind: reverse(f"figures-{kind}") for kind in KINDS.values()}
        self._of_figure = {name: f"{kinds[KINDS[one.model]]}?figure={name}&" for name, one in FIGURES.items()}

    def number(self, name: str, counts: Mapping[str, int], **narrowed: str) -> Answer:
        """A figure as the answer shows it; `narrowed` is what its list is asked for beside it."""
        return self.of((name,), counts, **narrowed)[name]

    def of(self, names: Iterable[str], counts: Mapping[str, int], **narrowed: str) -> dict[str, Answer]:
        asked = f"{urlencode({'area': self.area} | narrowed)}&{self._days}"
        return {
            name: {"figure": name, "count": counts.get(name, 0), "list": self._of_figure[name] + asked}
            for name in names
        }

    def split(self, figure: str, values: Iterable[str], counts: Mapping[str, int]) -> dict[str, Answer]:
        """The figures that a figure is made of, by what they differ in."""
        return {str(value): self.number(f"{figure}_{value}", counts) for value in values}


def _now(lists: Lists, counts: Mapping[str, int]) -> Answer:
    return {
        **lists.of(RIGHT_NOW, counts),
        "status": lists.split("open", OPEN_STATUSES, counts),
        "lights": lists.split("light", LIGHTS, counts),
        "whistles": lists.split("whistles_running", WhistleKind, counts),
    }


def _period(lists: Lists, counts: Mapping[str, int]) -> Answer:
    return {**lists.of(IN_THE_PERIOD, counts), "sources": lists.split("received", Source, counts)}


def _rates(lists: Lists, counts: Counts, place: Place, span: Span) -> Answer:
    total = counts.total
    values = {rate.name: share(rate, total) for rate in RATES if rate.over}
    values["avg_handle_hours"] = _rounded(mean_handling_hours(place, span))
    values["report_in_minutes"] = _rounded(median_minutes(place, span))
    values["street_rating"] = rating(counts.score, total["rated"])
    rates: Answer = {
        rate.name: {
            "value": values[rate.name],
            "unit": rate.unit,
            "numerator": lists.number(rate.over, total) if rate.over else None,
            "denominator": lists.number(rate.under, total),
        }
        for rate in RATES
    }
    rates["combined"] = {"value": combined(values), "unit": COMBINED.unit, "numerator": None, "denominator": None}
    return rates


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _hot_items(lists: Lists, place: Place, span: Span) -> list[Answer]:
    """The items most often received, the most frequent first. One query."""
    return [
        {"code": code, "name": name, **lists.of(("received",), {"received": received}, item=code)}
        for code, received, name in rows(_often_received, place, span)
    ]


def _often_received(place: Place, span: Span) -> QuerySet[Any]:
    items = FIGURES["received"].behind(place, span).order_by().values("item__code")
    counted = items.annotate(received=Count("*"), name=Max("item_name"))
    return counted.order_by("-received", "item__code").values_list("item__code", "received", "name")[:HOT]


def _best(counts: Counts) -> list[Any]:
    """Keys of the rows of a ranking: the larger share handled in time first, then the more dispatched."""

    def standing(key: Any) -> tuple[float, int, int, int]:
        row = counts.rows[key]
        dispatched = row["dispatched"]
        in_time = row["handled_in_time"] / dispatched if dispatched else -1.0
        return -in_time, -dispatched, -row["received"], key

    shown = [key for key, row in counts.rows.items() if key is not None and any(row[name] for name in OF_A_ROW)]
    most: int = settings.GRIDWHISTLE["FIGURES_RANKED"]
    return sorted(shown, key=standing)[:most]


def _row(lists: Lists, counts: Mapping[str, int], narrowed: str, code: str, name: str) -> Answer:
    return {
        "code": code,
        "name": name,
        "counts": lists.of(OF_A_ROW, counts, **{narrowed: code}),
        "rates": {rate.name: share(rate, counts) for rate in OF_ROWS},
    }


def _names(*keys: Iterable[Any]) -> dict[Any, tuple[str, str]]:
    """Code and name of areas by key. One query."""
    wanted = {key for some in keys for key in some if key is not None}
    return {pk: (code, name) for pk, code, name in Area.objects.filter(pk__in=wanted).values_list("pk", "code", "name")}


def _other_names(by: str, keys: Iterable[Any]) -> dict[Any, tuple[str, str]]:
    """Code and name of departments or items. One query."""
    if by == "department":
        found = Department.objects.filter(pk__in=keys).values_list("pk", "code", "name")
    else:
        items = CatalogueItem.objects.filter(pk__in=keys).annotate(name=Max("versions__name"))
        found = items.values_list("pk", "code", "name")
    return {pk: (code, name) for pk, code, name in found}
