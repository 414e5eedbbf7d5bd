"""Routing rules and recommendations in sentences, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids.models import Area
from reports.limits import HOUR
from reports.models import CatalogueItem, Report, RoutingRule
from reports.models.vocabulary import AssignmentRole, Source, Urgency
from reports.questions import answer_text
from reports.recommending import Recommendation
from reports.routing import Match
from reports.routing_table import Names

CONDITION_WORDS: dict[str, Any] = {
    "items": gettext_lazy("item"),
    "classes": gettext_lazy("class"),
    "kinds": gettext_lazy("kind"),
    "areas": gettext_lazy("area"),
    "sources": gettext_lazy("source"),
    "urgencies": gettext_lazy("urgency"),
    "weekdays": gettext_lazy("weekday"),
    "hours": gettext_lazy("time of day"),
    "working": gettext_lazy("working hours"),
    "answers": gettext_lazy("answers"),
}
WEEKDAY_WORDS: dict[int, Any] = {
    1: gettext_lazy("Monday"),
    2: gettext_lazy("Tuesday"),
    3: gettext_lazy("Wednesday"),
    4: gettext_lazy("Thursday"),
    5: gettext_lazy("Friday"),
    6: gettext_lazy("Saturday"),
    7: gettext_lazy("Sunday"),
}


def why_rows(report: Report, match: Match) -> list[dict[str, str]]:
    """Each condition of the matching rule with what of the report met it, in words."""
    return [
        {
            "condition": reason.condition,
            "text": _("%(condition)s: %(value)s")
            % {
                "condition": capfirst(str(CONDITION_WORDS[reason.condition])),
                "value": _met(report, reason.condition, reason.value),
            },
        }
        for reason in match.why
    ]


def _met(report: Report, condition: str, value: Any) -> str:
    match condition:
        case "items":
            return report.item_name
        case "classes":
            return report.item.class_name
        case "areas":
            nodes = (getattr(report, level) for level in Area.Level.values if getattr(report, f"{level}_id") == value)
            return str(next(nodes))
        case "answers":
            return _answers(report.asked, value)
        case _:
            return value_words(condition, value)


def value_words(condition: str, value: Any) -> str:
    """A value of a condition that needs no look-up, in words."""
    match condition:
        case "kinds":
            return str(CatalogueItem.Kind(value).label)
        case "sources":
            return str(Source(value).label)
        case "urgencies":
            return str(Urgency(value).label)
        case "weekdays":
            return str(WEEKDAY_WORDS[value])
        case "working":
            return _("working hours of working days") if value else _("outside working hours")
        case "hours" if isinstance(value, list):
            return "–".join(value)
        case _:
            return str(value)


def _answers(asked: list[dict[str, Any]], met: Mapping[str, Any]) -> str:
    questions = {question["key"]: question for question in asked}
    return "；".join(
        f"{questions[key]['text'] if key in questions else key} {answer_text(questions.get(key, {}), value)}"
        for key, value in met.items()
    )


def condition_words(rule: RoutingRule, names: Names, items: Mapping[str, str]) -> list[str]:
    """The conditions of a rule, each in words; `items` are the names of the items by code."""
    words = []
    for condition, wanted in rule.conditions.items():
        if condition == "answers":
            values = [f"{key} = {'/'.join(answer_text({}, one) for one in some)}" for key, some in wanted.items()]
        elif condition == "items":
            values = [items.get(code, code) for code in wanted]
        elif condition == "areas":
            values = [names[("area", pk)][1] for pk in wanted]
        elif condition in ("hours", "working"):
            values = [value_words(condition, wanted)]
        else:
            values = [value_words(condition, one) for one in wanted]
        words.append(
            _("%(condition)s: %(value)s")
            % {"condition": capfirst(str(CONDITION_WORDS[condition])), "value": "、".join(values)}
        )
    return words


def target_words(rule: RoutingRule, names: Names) -> list[str]:
    """Whom a rule names, each with the role."""
    words = []
    for target in rule.targets:
        kind = "department" if "department" in target else "assignee"
        words.append(f"{AssignmentRole(target['role']).label} {names[(kind, target[kind])][1]}")
    return words


def recommendation_reasons(one: Recommendation) -> list[str]:
    """Why a department is recommended, in sentences."""
    said = []
    if one.closed:
        where = _("in this street") if one.here else _("in the whole city")
        counts = {"closed": one.closed, "of": one.of, "where": where}
        if one.median_seconds is None:
            said.append(_("%(closed)s of %(of)s closed reports of this item %(where)s") % counts)
        else:
            said.append(
                _("%(closed)s of %(of)s closed reports of this item %(where)s; median %(hours)g working hours")
                % {**counts, "hours": round(one.median_seconds / HOUR, 1)}
            )
    if one.nearby:
        said.append(_("%(count)s of them in this community") % {"count": one.nearby})
    if one.in_catalogue:
        said.append(_("named by the catalogue"))
    return said
