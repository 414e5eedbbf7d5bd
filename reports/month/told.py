"""The numbers of a month as the append-only events tell them; no other row is read.

What a step changed is known from what it is called and from what it said; the columns `from_status` and `to_status` are
not used, so they are no short cut.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from reports.models import Event
from reports.month.tally import OF_KIND, OF_ORDER, OF_ORDER_STATUS, OF_SATISFACTION, OF_STATUS, Tally, returned

# To which state a step takes the report. What is not here leaves it where it is.
LEADS_TO = {
    "submit": "submitted", "split_from": "submitted", "accept": "accepted", "reject": "rejected", "void": "void",
    "merge": "merged", "unmerge": "submitted", "return_to_pool": "submitted", "assign": "in_progress",
    "routed": "in_progress", "blow": "in_progress", "to_review": "in_review", "rework": "in_progress",
    "to_callback": "callback", "close": "closed", "redo": "in_progress", "reopen": "in_progress",
    "escalate": "in_progress", "grant_suspension": "suspended", "resume": "in_progress",
    "return_to_dispatch": "accepted",
}  # fmt: skip
DISPATCHES = ("assign", "routed", "blow")
DECIDED = {"grant": "granted", "refuse": "refused", "withdraw": "withdrawn"}


@dataclass(frozen=True)
class Told:
    """One event, as far as it is read here."""

    report: UUID
    at: datetime
    kind: str
    assignment: int | None
    whistle: int | None
    change: int | None
    seconds: int | None
    overdue: bool | None
    data: dict[str, Any]


FIELDS = (
    "report_id", "at", "kind", "assignment_id", "whistle_id", "change_id", "working_seconds", "overdue", "data",
)  # fmt: skip


@dataclass
class _Result:
    """The result that stopped a handling clock last."""

    assignment: int | None
    at: datetime
    overdue: bool | None


@dataclass
class _Story:
    """What is known of one report so far. Keys are those of the duties, whistles, orders and requests."""

    status: str = ""
    accepted: bool = False
    dispatched: bool = False
    unreached: bool = False
    result: _Result | None = None
    results: set[int | None] = field(default_factory=set)
    handed_on: dict[int | None, bool] = field(default_factory=dict)
    came: dict[int | None, dict[str, Any]] = field(default_factory=dict)
    left: set[int | None] = field(default_factory=set)
    unreleased: set[int | None] = field(default_factory=set)
    released: set[int | None] = field(default_factory=set)
    marks: dict[int | None, int] = field(default_factory=dict)
    requests: dict[int | None, tuple[str, str]] = field(default_factory=dict)
    withdrawn: set[int | None] = field(default_factory=set)
    orders: dict[int, str] = field(default_factory=dict)
    timeouts: set[int] = field(default_factory=set)


def count_events() -> Tally:
    """Every number of `tally.NAMES`."""
    rows = Event.objects.order_by("id").values_list(*FIELDS)
    return count(Told(*row) for row in rows.iterator(chunk_size=2000))


def count(events: Iterable[Told]) -> Tally:
    """The numbers that these events tell, given in the order in which they happened."""
    tally, stories = Tally(), dict[UUID, _Story]()
    for event in events:
        story = stories.setdefault(event.report, _Story())
        _life(tally, story, event)
        _request(tally, story, event)
        _duty(story, event)
        _whistle(tally, story, event)
        _supervision(tally, story, event)
    for report_id, story in stories.items():
        _sum_up(tally, report_id, story)
    return tally


def _life(tally: Tally, story: _Story, event: Told) -> None:
    kind, data, report_id = event.kind, event.data, event.report
    story.status = LEADS_TO.get(kind, story.status)
    story.accepted |= kind == "accept"
    story.dispatched |= kind in DISPATCHES
    match kind:
        case "submit":
            tally.add("reports", report_id)
            if data.get("self_handled"):
                tally.add("self-handled", report_id)
                story.accepted, story.dispatched, story.status = True, True, "in_review"
        case "split_from":
            tally.add("reports", report_id)
            tally.add("split off", report_id)
        case "return_to_dispatch":
            story.dispatched = False
        case "submit_result":
            story.results.add(event.assignment)
            if event.seconds is not None:
                story.result = _Result(event.assignment, event.at, event.overdue)
        case "rework":
            tally.add("reworks", report_id)
        case "redo":
            tally.add("redone after callback", report_id)
        case "close":
            story.unreached = data.get("callback") == "unreached"
        case "reopen":
            story.unreached = False
        case "field_check":
            tally.add("field checks", report_id)
        case "field_check_answered":
            tally.add("field checks confirmed" if data["confirmed"] else "field checks refuted", report_id)
        case "field_check_cancelled":
            tally.add("field checks cancelled", report_id)
        case "call_back":
            tally.add("callbacks", report_id)
            if data["reached"]:
                tally.add("callbacks reached", report_id)
                tally.add("callbacks solved", report_id, int(data["solved"]))
                tally.add(OF_SATISFACTION[data["satisfaction"]], report_id)


def _request(tally: Tally, story: _Story, event: Told) -> None:
    how, _, kind = event.kind.partition("_")
    if event.kind == "request_lapsed":
        story.requests[event.change] = (event.data["kind"], "withdrawn")
    elif how == "ask" and kind in OF_KIND:
        story.requests[event.change] = (kind, "")
    elif how in DECIDED and kind in OF_KIND:
        story.requests[event.change] = (kind, DECIDED[how])
    match event.kind:
        case "grant_return":
            tally.add(returned(event.data["to"]), event.report)
            if event.data["to"] == "dispatch":
                story.status, story.dispatched = "accepted", False
                if event.whistle is not None:
                    story.withdrawn.add(event.whistle)
        case "grant_extension":
            tally.add("seconds of extension", event.report, event.data["seconds"])
            done = story.result
            if done is not None and done.assignment == event.assignment:
                # More time granted late is granted all the same.
                done.overdue = done.overdue and done.at > datetime.fromisoformat(event.data["due"])
        case "grant_appeal":
            tally.add("exempt clocks", event.report, len(event.data["clocks"]))


def _duty(story: _Story, event: Told) -> None:
    duty, data = event.assignment, event.data
    match event.kind:
        case "hand_on":
            story.handed_on[duty] = True
        case "take_back":
            story.handed_on[duty] = False
        case "report_in":
            story.came[duty] = data
            story.left.discard(duty)
            story.released.discard(duty)
        case "release":
            story.released.add(duty)
        case "leave":
            story.left.add(duty)
            if data["unreleased"]:
                story.unreleased.add(duty)
        case "rate":
            story.marks[duty] = data["response"] + data["attendance"] + data["result"]


def _whistle(tally: Tally, story: _Story, event: Told) -> None:
    data, report_id = event.data, event.report
    match event.kind:
        case "blow":
            tally.add("whistles", report_id)
            tally.add(f"{data['kind']} whistles", report_id)
        case "decline_whistle":
            tally.add("whistles declined", report_id)
        case "withdraw_whistle":
            story.withdrawn.add(event.whistle)
        case "whistle_rated":
            tally.add("whistles rated", report_id)
        case "close_whistle":
            tally.add("whistles closed", report_id)
        case "next_round":
            tally.add("second rounds" if data["round"] == 2 else "third rounds", report_id)
        case "minutes":
            tally.add("meetings", report_id)
            tally.add("decisions", report_id, len(data["decisions"]))
        case "no_show":
            tally.add("no-shows", report_id)
        case "review_whistle":
            tally.add("emergencies reviewed", report_id)
            tally.add("emergencies not justified", report_id, int(not data["justified"]))


def _supervision(tally: Tally, story: _Story, event: Told) -> None:
    data, report_id = event.data, event.report
    match event.kind:
        case "red":
            if data["clock"] == "reply":
                tally.add("replies overdue", report_id)
            else:
                story.timeouts.add(data["order"])
                story.orders[data["order"]] = "open"
        case "supervise":
            tally.add(OF_ORDER[data["kind"]], report_id)
            story.orders[data["order"]] = "open"
        case "order_reply":
            story.orders[data["order"]] = "replied"
        case "order_accepted":
            story.orders[data["order"]] = "accepted"
        case "order_sent_back":
            story.orders[data["order"]] = "open"
            tally.add("replies sent back", report_id)
        case "card":
            tally.add(f"{data['colour']} cards", report_id)
            tally.add("cards by rule", report_id, int(bool(data["trigger"])))
        case "card_revoked":
            tally.add("cards revoked", report_id)
        case "urge":
            tally.add("urges heard", report_id)


def _sum_up(tally: Tally, report_id: UUID, story: _Story) -> None:
    tally.add(OF_STATUS[story.status], report_id)
    tally.add("accepted", report_id, int(story.accepted))
    tally.add("dispatched", report_id, int(story.dispatched))
    tally.add("closed without answer", report_id, int(story.unreached))
    if story.status == "closed" and story.result is not None:
        tally.add("closed overdue" if story.result.overdue else "closed in time", report_id)
    for kind, status in story.requests.values():
        tally.add(OF_KIND[kind], report_id)
        if status:
            tally.add(f"{OF_KIND[kind]} {status}", report_id)
    for status in story.orders.values():
        tally.add(OF_ORDER_STATUS[status], report_id)
    for name, number in (
        ("results", len(story.results)),
        ("handed on", sum(story.handed_on.values())),
        ("report-ins", len(story.came)),
        ("late report-ins", sum(came["late"] for came in story.came.values())),
        ("report-ins from far away", sum(came["far"] for came in story.came.values())),
        ("left the scene", len(story.left)),
        ("left without release", len(story.unreleased)),
        ("released from the scene", len(story.released)),
        ("units rated", len(story.marks)),
        ("marks given", sum(story.marks.values())),
        ("whistles withdrawn", len(story.withdrawn)),
        ("orders by timeout", len(story.timeouts)),
    ):
        tally.add(name, report_id, number)
