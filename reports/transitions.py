"""The life of a report, an assignment, a whistle and a field check, as tables.

Every change of status goes through `move`. A table names every state of the rule book; a transition that no action
uses yet is simply not in it, so `allowed` always tells what can be done now. `can` is the capability asked for at the
report's area, or None where it is the consequence of another step. UPSTREAM stands for any of the capabilities that
put a person upstream of a duty (`reports.actions.urging`), DECIDER for whom a request of its kind goes to
(`reports.deciders`), ASKER for who asked and the unit it was asked for, REQUESTER for the resident on the tracking page
(`reports.actions.by_requester`).
"""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.roles import Can
from core.problems import Problem, catalogue
from reports.models.vocabulary import (
    WHISTLE_CALLING,
    AssignmentStatus,
    FieldCheckStatus,
    OrderStatus,
    ReportStatus,
    RequestStatus,
    WhistleStatus,
)

catalogue({"transition_refused": (409, _("This cannot be done in the present state."))})


@dataclass(frozen=True)
class Transition:
    name: str
    sources: frozenset[str]
    target: str | None  # None: the state stays
    can: str | None


@dataclass(frozen=True)
class Table:
    """The transitions of one kind of object over all `states`; `consequences` follow or are the requester's own, nobody
    who is logged in asks for them."""

    subject: str
    states: tuple[str, ...]
    transitions: dict[str, Transition]
    consequences: frozenset[str] = frozenset()

    def allowed(self, status: str) -> list[str]:
        """Names of what somebody can do in this state."""
        steps = self.transitions.items()
        return [name for name, step in steps if status in step.sources and name not in self.consequences]

    def check(self, obj: models.Model, name: str) -> Transition:
        """The transition, or the refusal `transition_refused` naming what is allowed now."""
        step = self.transitions[name]
        status: str = obj.status  # type: ignore[attr-defined]
        if status not in step.sources:
            raise Problem("transition_refused", subject=self.subject, action=name, **self.state(obj))
        return step

    def state(self, obj: Any) -> dict[str, Any]:
        """What a refused caller is told of the present."""
        told = {"current": obj.status, "allowed": self.allowed(obj.status)}
        if hasattr(obj, "version"):
            told["version"] = obj.version
        return told

    def move(self, obj: Any, name: str) -> tuple[str, str]:
        """Set the new status on the object (unsaved); returns (from, to)."""
        step = self.check(obj, name)
        before = obj.status
        if step.target is not None:
            obj.status = step.target
        return before, obj.status


UPSTREAM = "upstream"
DECIDER = "decider"
ASKER = "asker"
REQUESTER = "requester"


def _table(
    subject: str, states: type[models.TextChoices], rows: list[tuple[str, tuple[Any, ...], Any, str | None]]
) -> Table:
    transitions = {
        name: Transition(name, frozenset(str(state) for state in sources), str(target) if target else None, can)
        for name, sources, target, can in rows
    }
    consequences = frozenset(name for name, step in transitions.items() if step.can in (None, REQUESTER))
    return Table(subject, tuple(states.values), transitions, consequences)


R, A, W, F, S, Q = ReportStatus, AssignmentStatus, WhistleStatus, FieldCheckStatus, OrderStatus, RequestStatus
# Once blown, a whistle has been heard.
HEARD = (*WHISTLE_CALLING, W.SUBMITTED, W.RATED, W.CLOSED, W.WITHDRAWN, W.ESCALATED)
# A duty in work: its unit may give it back, ask for more time, or be released from it.
IN_WORK = (A.ISSUED, A.RECEIVED, A.REPORTED_IN, A.REWORK)

REPORT = _table(
    "report",
    ReportStatus,
    [
        ("accept", (R.SUBMITTED,), R.ACCEPTED, Can.DISPATCH_REPORT),
        ("reject", (R.SUBMITTED,), R.REJECTED, Can.DISPATCH_REPORT),
        ("merge", (R.SUBMITTED,), R.MERGED, Can.DISPATCH_REPORT),
        ("unmerge", (R.MERGED,), R.SUBMITTED, Can.DISPATCH_REPORT),
        ("split", (R.SUBMITTED, R.ACCEPTED), None, Can.DISPATCH_REPORT),
        ("field_check", (R.SUBMITTED, R.IN_REVIEW), None, Can.DISPATCH_REPORT),
        ("void", (R.SUBMITTED, R.ACCEPTED), R.VOID, Can.DISPATCH_REPORT),
        ("return_to_pool", (R.ACCEPTED,), R.SUBMITTED, Can.DISPATCH_REPORT),
        ("assign", (R.ACCEPTED, R.IN_PROGRESS), R.IN_PROGRESS, Can.DISPATCH_REPORT),
        ("draft_whistle", (R.ACCEPTED, R.IN_PROGRESS), None, Can.BLOW_WHISTLE),
        ("blow", (R.ACCEPTED, R.IN_PROGRESS), R.IN_PROGRESS, None),
        ("leads_done", (R.IN_PROGRESS,), R.IN_REVIEW, None),
        ("approve", (R.IN_REVIEW,), None, Can.DISPATCH_REPORT),
        ("rework", (R.IN_REVIEW,), R.IN_PROGRESS, Can.DISPATCH_REPORT),
        ("close", (R.IN_REVIEW,), R.CLOSED, Can.DISPATCH_REPORT),
        # Closing a report whose requester can be called puts it to callback; only what they say, or three tries in
        # vain, closes it from there.
        ("to_callback", (R.IN_REVIEW,), R.CALLBACK, None),
        ("call_back", (R.CALLBACK,), None, Can.CALL_BACK),
        # They may say it themselves on the tracking page, before anybody calls.
        ("answer_on_page", (R.CALLBACK,), None, REQUESTER),
        ("answered", (R.CALLBACK,), R.CLOSED, None),
        ("unreached", (R.CALLBACK,), R.CLOSED, None),
        ("redo", (R.CALLBACK,), R.IN_PROGRESS, None),
        ("reopen", (R.CLOSED,), R.IN_PROGRESS, Can.APPROVE_WHISTLE),
        ("rate_closing", (R.CLOSED,), None, REQUESTER),
        ("ask_reopening", (R.CLOSED,), None, REQUESTER),
        ("urge", (R.SUBMITTED, R.ACCEPTED, R.IN_PROGRESS, R.IN_REVIEW, R.CALLBACK), None, UPSTREAM),
        # A result that failed: the whistle goes to its next round.
        ("called_again", (R.IN_PROGRESS, R.IN_REVIEW), R.IN_PROGRESS, None),
        # While a matter rests nobody meets about it.
        ("meet", (R.ACCEPTED, R.IN_PROGRESS), None, None),
        ("call_off", (R.IN_PROGRESS,), None, None),
        # A unit gives back its duty or asks for more time.
        ("ask_change", (R.IN_PROGRESS,), None, None),
        # The unit of the lead may ask too.
        ("ask_suspension", (R.IN_PROGRESS,), None, Can.DISPATCH_REPORT),
        ("suspend", (R.IN_PROGRESS,), R.SUSPENDED, None),
        ("resume", (R.SUSPENDED,), R.IN_PROGRESS, Can.APPROVE_WHISTLE),
        # The whistle was withdrawn and nobody else is at work, or the only lead gave its duty back.
        ("redispatch", (R.IN_PROGRESS,), R.ACCEPTED, None),
    ],
)

ASSIGNMENT = _table(
    "assignment",
    AssignmentStatus,
    [
        ("receive", (A.ISSUED,), A.RECEIVED, Can.HANDLE_ASSIGNMENT),
        # One who stands on the spot without having pressed the button before has signed for it by coming.
        ("report_in", (A.ISSUED, A.RECEIVED, A.NO_SHOW, A.REWORK), A.REPORTED_IN, Can.HANDLE_ASSIGNMENT),
        ("submit", (A.RECEIVED, A.REPORTED_IN, A.REWORK), A.SUBMITTED, Can.HANDLE_ASSIGNMENT),
        ("approve", (A.SUBMITTED,), A.APPROVED, Can.DISPATCH_REPORT),
        ("rework", (A.SUBMITTED, A.APPROVED, A.WAIVED), A.REWORK, Can.DISPATCH_REPORT),
        (
            "waive",
            (A.ISSUED, A.RECEIVED, A.REPORTED_IN, A.RETURNED, A.REWORK, A.NO_SHOW),
            A.WAIVED,
            Can.DISPATCH_REPORT,
        ),
        ("miss", (A.ISSUED, A.RECEIVED), A.NO_SHOW, None),
        # On the minutes of the joint meeting as having come.
        ("attend", (A.ISSUED, A.RECEIVED, A.NO_SHOW), A.REPORTED_IN, None),
        # With its whistle.
        (
            "call_off",
            (A.ISSUED, A.RECEIVED, A.REPORTED_IN, A.SUBMITTED, A.RETURNED, A.REWORK, A.NO_SHOW),
            A.WAIVED,
            None,
        ),
        ("leave", (A.REPORTED_IN, A.SUBMITTED, A.APPROVED, A.REWORK, A.WAIVED), None, Can.HANDLE_ASSIGNMENT),
        ("release", (A.REPORTED_IN, A.SUBMITTED, A.APPROVED, A.REWORK), None, Can.DISPATCH_REPORT),
        ("ask_return", IN_WORK, A.RETURNED, Can.HANDLE_ASSIGNMENT),
        # Not taken back, or to go on by the same unit: as it was before.
        *((f"back_to_{state}", (A.RETURNED,), state, None) for state in IN_WORK),
        ("ask_extension", IN_WORK, None, Can.HANDLE_ASSIGNMENT),
        # Also who never came, and who is done waiting for others to be.
        ("ask_waiver", (*IN_WORK, A.NO_SHOW), None, Can.HANDLE_ASSIGNMENT),
        ("ask_appeal", (A.APPROVED, A.WAIVED, A.NO_SHOW), None, Can.HANDLE_ASSIGNMENT),
        ("hand_on", (*IN_WORK, A.RETURNED, A.NO_SHOW, A.SUBMITTED), None, Can.HANDLE_ASSIGNMENT),
        ("take_back", (*IN_WORK, A.RETURNED, A.NO_SHOW, A.SUBMITTED), None, Can.HANDLE_ASSIGNMENT),
    ],
)

WHISTLE = _table(
    "whistle",
    WhistleStatus,
    [
        ("request", (W.DRAFT,), W.PENDING, Can.BLOW_WHISTLE),
        ("approve", (W.PENDING,), W.BLOWN, Can.APPROVE_WHISTLE),
        ("decline", (W.PENDING,), W.DECLINED, Can.APPROVE_WHISTLE),
        ("blow", (W.DRAFT,), W.BLOWN, Can.BLOW_WHISTLE),
        ("withdraw", (W.DRAFT, W.PENDING, *WHISTLE_CALLING), W.WITHDRAWN, Can.BLOW_WHISTLE),
        ("review", HEARD, None, Can.APPROVE_WHISTLE),
        ("gather", (W.BLOWN,), W.GATHERING, None),
        ("handle", (W.BLOWN, W.GATHERING), W.HANDLING, None),
        ("submit", (W.HANDLING,), W.SUBMITTED, None),
        ("lead_waived", (W.BLOWN, W.GATHERING, W.HANDLING), W.SUBMITTED, None),
        ("rework", (W.SUBMITTED, W.RATED), W.HANDLING, Can.DISPATCH_REPORT),
        ("rate", (W.SUBMITTED,), None, Can.BLOW_WHISTLE),
        ("all_rated", (W.SUBMITTED,), W.RATED, None),
        ("close", (W.RATED,), W.CLOSED, Can.BLOW_WHISTLE),
        # Not answered in time; by hand, when the result failed.
        ("not_answered", (W.BLOWN, W.GATHERING), W.ESCALATED, None),
        ("escalate", (W.HANDLING, W.SUBMITTED), W.ESCALATED, Can.BLOW_WHISTLE),
        ("meeting", (W.DRAFT, W.PENDING, *WHISTLE_CALLING), None, Can.BLOW_WHISTLE),
        ("minutes", WHISTLE_CALLING, None, Can.BLOW_WHISTLE),
        # The lead gave its duty back: another has to come first, or the matter is dispatched anew.
        ("lead_replaced", (W.HANDLING,), W.GATHERING, None),
        # The report is dispatched anew or no longer at all.
        ("recall", (W.DRAFT, W.PENDING, *WHISTLE_CALLING), W.WITHDRAWN, None),
    ],
)

FIELD_CHECK = _table(
    "field_check",
    FieldCheckStatus,
    [
        ("answer", (F.ASKED,), F.ANSWERED, Can.SUBMIT_REPORT),
        ("cancel", (F.ASKED,), F.CANCELLED, Can.DISPATCH_REPORT),
    ],
)

REQUEST = _table(
    "request",
    RequestStatus,
    [
        ("grant", (Q.PENDING,), Q.GRANTED, DECIDER),
        ("refuse", (Q.PENDING,), Q.REFUSED, DECIDER),
        ("withdraw", (Q.PENDING,), Q.WITHDRAWN, ASKER),
        # What it was about has gone.
        ("lapse", (Q.PENDING,), Q.WITHDRAWN, None),
    ],
)

ORDER = _table(
    "order",
    OrderStatus,
    [
        ("reply", (S.OPEN,), S.REPLIED, Can.HANDLE_ASSIGNMENT),
        ("accept", (S.REPLIED,), S.ACCEPTED, Can.SUPERVISE_REPORT),
        ("send_back", (S.REPLIED,), S.OPEN, Can.SUPERVISE_REPORT),
        # Overdue again after an extension.
        ("reopen", (S.REPLIED, S.ACCEPTED), S.OPEN, None),
    ],
)

TABLES = (REPORT, ASSIGNMENT, WHISTLE, FIELD_CHECK, REQUEST, ORDER)
