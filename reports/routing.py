"""Which routing rule 派单规则 a report meets: pure, from the rules and what they ask of a report.

The rules of the nearest desk are asked first (street, then district, then city), each desk's by position; the first
whose conditions all hold is taken. `conditions` names any of:

- `items` codes, `classes` as `02-01` (kind and class), `kinds`; `areas` ids, each with all below it;
  `sources`, `urgencies`
- `weekdays` 1 (Monday) to 7, `hours` `["18:00", "08:00"]` from the first until before the second, over midnight too,
  both in Asia/Shanghai; `working` true for working hours of working days, false for all other times
- `answers` `{"q1": [true], "q2": ["雨水"]}`: each question answered by one of these values

A condition that is not named is not asked; within one any of its values will do.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.problems import Problem
from grids.models.areas import LEVELS
from reports.calendar import ZONE, WorkingCalendar
from reports.models import CatalogueItem, Report, RoutingRule
from reports.models.vocabulary import Source, Urgency
from reports.questions import gives

_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
MAX_VALUES = 500


@dataclass(frozen=True)
class Matter:
    """What the rules ask of a report; `areas` are the ids of all it lies in, `at` the moment it is routed."""

    item: str
    kind: str
    areas: frozenset[int]
    source: str
    urgency: str
    at: datetime
    working: bool
    answers: Mapping[str, Any]

    @property
    def item_class(self) -> str:
        return self.item.rpartition("-")[0]


@dataclass(frozen=True)
class Reason:
    """A condition that was asked, and what of the matter met it."""

    condition: str
    value: Any


@dataclass(frozen=True)
class Match:
    rule: RoutingRule
    why: list[Reason]


def matter_of(report: Report, at: datetime, calendar: WorkingCalendar) -> Matter:
    """The report as the rules see it at the moment `at`."""
    areas = (getattr(report, f"{level}_id") for level in LEVELS)
    return Matter(
        item=report.item.code,
        kind=report.item.kind,
        areas=frozenset(area for area in areas if area is not None),
        source=report.source,
        urgency=report.urgency,
        at=at,
        working=calendar.is_open(at),
        answers=report.answers,
    )


def in_order(rules: Iterable[RoutingRule]) -> list[RoutingRule]:
    """As they are asked: the nearest desk first, then by position. A desk holds a position once."""
    return sorted(rules, key=lambda rule: (-LEVELS.index(rule.area.level), rule.position, rule.area_id))


def first_match(rules: Iterable[RoutingRule], matter: Matter) -> Match | None:
    """The rule that is taken, whatever the order in which they come."""
    for rule in in_order(rules):
        why = reasons(rule, matter)
        if why is not None:
            return Match(rule, why)
    return None


def reasons(rule: RoutingRule, matter: Matter) -> list[Reason] | None:
    """What of the matter meets each condition of the rule; None if one is not met."""
    if rule.area_id not in matter.areas:
        return None
    why = []
    # PostgreSQL keeps the members of a document in an order of its own.
    for name in sorted(rule.conditions, key=list(CONDITIONS).index):
        met = CONDITIONS[name](rule.conditions[name], matter)
        if met is None:
            return None
        why.append(Reason(name, met))
    return why


def _one_of(attribute: str) -> Callable[[Any, Matter], Any]:
    def met(wanted: list[Any], matter: Matter) -> Any:
        value = getattr(matter, attribute)
        return value if value in wanted else None

    return met


def _areas(wanted: list[int], matter: Matter) -> int | None:
    return next((area for area in wanted if area in matter.areas), None)


def _weekdays(wanted: list[int], matter: Matter) -> int | None:
    day = matter.at.astimezone(ZONE).isoweekday()
    return day if day in wanted else None


def _hours(wanted: list[str], matter: Matter) -> str | None:
    start, end = wanted
    at = f"{matter.at.astimezone(ZONE):%H:%M}"
    within = start <= at < end if start < end else at >= start or at < end
    return at if within else None


def _working(wanted: bool, matter: Matter) -> bool | None:
    return wanted if matter.working is wanted else None


def _answers(wanted: dict[str, list[Any]], matter: Matter) -> dict[str, Any] | None:
    met = {}
    for key, values in wanted.items():
        given = matter.answers.get(key)
        found = [value for value in values if gives(given, value)]
        if not found:
            return None
        met[key] = found[0]
    return met


CONDITIONS: dict[str, Callable[[Any, Matter], Any]] = {
    "items": _one_of("item"),
    "classes": _one_of("item_class"),
    "kinds": _one_of("kind"),
    "areas": _areas,
    "sources": _one_of("source"),
    "urgencies": _one_of("urgency"),
    "weekdays": _weekdays,
    "hours": _hours,
    "working": _working,
    "answers": _answers,
}
_VALUES: dict[str, Callable[[Any], bool]] = {
    "items": lambda value: isinstance(value, str) and bool(re.fullmatch(r"[0-9-]{1,20}", value)),
    "classes": lambda value: isinstance(value, str) and bool(re.fullmatch(r"[0-9]{2}-[0-9]{2}", value)),
    "kinds": lambda value: value in CatalogueItem.Kind.values,
    "areas": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "sources": lambda value: value in Source.values,
    "urgencies": lambda value: value in Urgency.values,
    "weekdays": lambda value: value in range(1, 8) and not isinstance(value, bool),
}


def settled(conditions: Mapping[str, Any]) -> dict[str, Any]:
    """The conditions as they are kept: in one order, without empty ones, sorted values.

    Raises `bad_condition` naming the one that cannot be read.
    """
    unknown = [name for name in conditions if name not in CONDITIONS]
    if unknown:
        raise Problem("bad_condition", f"conditions.{unknown[0]}")
    kept = {}
    for name in CONDITIONS:
        wanted = conditions.get(name)
        if wanted in (None, [], {}):
            continue
        if not _is_readable(name, wanted):
            raise Problem("bad_condition", f"conditions.{name}")
        kept[name] = sorted(set(wanted)) if name in _VALUES else wanted
    return kept


def _is_readable(name: str, wanted: Any) -> bool:
    if name == "working":
        return isinstance(wanted, bool)
    if name == "answers":
        return isinstance(wanted, dict) and all(
            isinstance(values, list) and values and all(isinstance(one, str | bool | int | float) for one in values)
            for values in wanted.values()
        )
    if not isinstance(wanted, list) or len(wanted) > MAX_VALUES:
        return False
    if name == "hours":
        return len(set(map(str, wanted))) == len(wanted) == 2 and all(_TIME.fullmatch(str(time)) for time in wanted)
    return all(_VALUES[name](value) for value in wanted)
