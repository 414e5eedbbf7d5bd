"""What a step says beside its note, in words: to whom, until when, how it went. Read from the event's data alone."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from reports.models import Event
from reports.models.vocabulary import (
    AssignmentRole,
    CallbackOutcome,
    CardColour,
    CardTrigger,
    ClockKind,
    Satisfaction,
    StandardSource,
    SupervisionKind,
    WhistleKind,
)

Data = dict[str, Any]


def particulars(event: Event) -> str:
    """One line; empty where the step's name and note say everything. What an old event lacks is left out."""
    say = PARTICULARS.get(event.kind)
    return _join(say(event.data)) if say is not None and event.data else ""


def _join(parts: Iterable[Any]) -> str:
    return " · ".join(str(part) for part in parts if part not in (None, ""))


def _word(words: Any, value: Any) -> str:
    return str(words(value).label) if value in words.values else ""


def _units(units: Iterable[Data], name: str) -> str:
    return _("; ").join(f"{_word(AssignmentRole, unit.get('role'))} {unit.get(name, '')}".strip() for unit in units)


def _names(names: Iterable[Any]) -> str:
    return _(", ").join(str(name) for name in names)


def _minute(moment: str | None) -> str:
    return f"{localtime(datetime.fromisoformat(moment)):%Y-%m-%d %H:%M}" if moment else ""


def _metres(data: Data) -> str:
    distance = data.get("distance_m")
    return "" if distance is None else f"{distance:.0f} m"


def _accepted(data: Data) -> list[Any]:
    item = " → ".join([data["from_item"], data["item"]]) if data.get("from_item") else ""
    return [data.get("limit"), _word(StandardSource, data.get("source")), item]


def _assigned(data: Data) -> list[Any]:
    return [_units(data.get("assignments", []), "unit")]


def _blown(data: Data) -> list[Any]:
    return [_word(WhistleKind, data.get("kind")), _units(data.get("units", []), "name")]


def _in_stead(data: Data) -> list[Any]:
    leader = data.get("instead_of")
    return [_("in the stead of %(leader)s") % {"leader": leader} if leader else ""]


def arrived(data: Data) -> list[Any]:
    far = _("far away") if data.get("far") else ""
    return [_metres(data), far, _("late") if data.get("late") else ""]


def _checked(data: Data) -> list[Any]:
    return [_("as reported") if data.get("confirmed") else _("not confirmed"), *arrived(data)]


def _result(data: Data) -> list[Any]:
    talked = data.get("discussed_with")
    return [
        _("taken up %(when)s") % {"when": _minute(data["taken_up_at"])} if data.get("taken_up_at") else "",
        _("discussed with %(whom)s") % {"whom": talked} if talked else "",
        _("solved by %(when)s") % {"when": _minute(data["solved_by"])} if data.get("solved_by") else "",
    ]


def _called_back(data: Data) -> list[Any]:
    if not data.get("reached"):
        return [_("not reached")]
    where = _("on the tracking page") if data.get("by_requester") else ""
    return [*_said_of_result(data), where]


def _said_of_result(data: Data) -> list[Any]:
    return [_("solved") if data.get("solved") else _("not solved"), _word(Satisfaction, data.get("satisfaction"))]


def _closed(data: Data) -> list[Any]:
    return [_word(CallbackOutcome, data.get("callback")), data.get("answer")]


def _until(data: Data) -> list[Any]:
    return [_("until %(day)s") % {"day": data["until"]} if data.get("until") else ""]


def _extended(data: Data) -> list[Any]:
    return [_("now due %(when)s") % {"when": _minute(data["due"])} if data.get("due") else ""]


def _handed_on(data: Data) -> list[Any]:
    return [" → ".join(str(data[end]) for end in ("from", "to") if data.get(end))]


def _card(data: Data) -> list[Any]:
    return [_word(CardColour, data.get("colour")), _word(CardTrigger, data.get("trigger"))]


def _clock(data: Data) -> list[Any]:
    level = data.get("level")
    return [_word(ClockKind, data.get("clock")), _("level %(level)s") % {"level": level} if level else ""]


def _rated(data: Data) -> list[Any]:
    words = (("response", _("response")), ("attendance", _("attendance")), ("result", _("result")))
    return [f"{word} {data[name]}" for name, word in words if data.get(name)]


def _reviewed(data: Data) -> list[Any]:
    return [_("an emergency") if data.get("justified") else _("no emergency"), *_in_stead(data)]


def _minutes(data: Data) -> list[Any]:
    came, absent = data.get("attended", []), data.get("absent", [])
    decided = [
        _join([decision.get("unit"), decision.get("instruction"), decision.get("limit")])
        for decision in data.get("decisions", [])
    ]
    return [
        _("came: %(units)s") % {"units": _names(came)} if came else "",
        _("absent: %(units)s") % {"units": _names(absent)} if absent else "",
        _("decided: %(what)s") % {"what": _("; ").join(decided)} if decided else "",
    ]


def _parts(data: Data) -> list[Any]:
    return [_names(_join([part.get("number"), part.get("item")]) for part in data.get("parts", []))]


PARTICULARS: dict[str, Callable[[Data], Iterable[Any]]] = {
    "accept": _accepted,
    "assign": _assigned,
    "routed": _assigned,
    "blow": _blown,
    "approve_whistle": _in_stead,
    "decline_whistle": _in_stead,
    "review_whistle": _reviewed,
    "report_in": arrived,
    "field_check": lambda data: [data.get("assignee")],
    "field_check_answered": _checked,
    "submit_result": _result,
    "approve": lambda data: [_names(data.get("units", []))],
    "rework": lambda data: [_names(data.get("units", []))],
    "withdraw_whistle": lambda data: [_names(data.get("units") or [])],
    "urge": lambda data: [_names(data.get("units") or [])],
    "escalate": lambda data: [_names([*(data.get("missing") or []), *(data.get("again") or [])])],
    "next_round": lambda data: [_("round %(number)s") % {"number": data["round"]} if data.get("round") else ""],
    "set_meeting": lambda data: [_minute(data.get("at"))],
    "minutes": _minutes,
    "rate": _rated,
    "leave": lambda data: [_("without the street's release") if data.get("unreleased") else ""],
    "call_back": _called_back,
    "rate_closing": _said_of_result,
    "to_callback": lambda data: [data.get("answer")],
    "close": _closed,
    "ask_suspension": _until,
    "grant_suspension": _until,
    "grant_extension": _extended,
    "hand_on": _handed_on,
    "hand_over": _handed_on,
    "take_back": _handed_on,
    "merge": lambda data: [data.get("number")],
    "merge_in": lambda data: [data.get("number")],
    "unmerge": lambda data: [data.get("number")],
    "unmerge_from": lambda data: [data.get("number")],
    "main_close": lambda data: [data.get("number")],
    "main_reject": lambda data: [data.get("number")],
    "main_void": lambda data: [data.get("number")],
    "split": _parts,
    "split_from": lambda data: [data.get("number")],
    "supervise": lambda data: [_word(SupervisionKind, data.get("kind"))],
    "order_linked": lambda data: [_names(data.get("numbers", []))],
    "card": _card,
    "card_revoked": _card,
    "yellow": _clock,
    "red": _clock,
    "overdue_level": _clock,
}
