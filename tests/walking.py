"""What anybody could do next on a report and what they would say with it: the choices of a random walk.

Most choices are possible now and by somebody who may, so that walks come far; some are anything by anybody.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Min
from hypothesis import strategies as st

from accounts.models import User
from accounts.roles import Can
from core.moment import now
from grids.scope import scope_of
from reports.access import acts_for_unit, answers_for, held_at, may, may_handle
from reports.actions.urging import MAY_URGE
from reports.api import input as said
from reports.api.steps import (
    ASSIGNMENT_STEPS,
    CARD_STEPS,
    FIELD_CHECK_STEPS,
    ORDER_STEPS,
    REPORT_STEPS,
    REQUEST_STEPS,
    WHISTLE_STEPS,
    StepRow,
)
from reports.deciders import may_decide
from reports.models import Assignment, Card, Clock, Report, Whistle
from reports.models.vocabulary import WHISTLE_OVER
from reports.transitions import REPORT, TABLES, Transition
from tests.promises import Standing
from tests.scenes import CALLS
from tests.test_main_job import AFTER, HERE, ON_SITE, announced, result

STEPS: dict[str, list[StepRow]] = {
    "report": REPORT_STEPS,
    "assignment": ASSIGNMENT_STEPS,
    "whistle": WHISTLE_STEPS,
    "field_check": FIELD_CHECK_STEPS,
    "order": ORDER_STEPS,
    "card": CARD_STEPS,
    "request": REQUEST_STEPS,
}
EVERY_STEP = [(kind, row) for kind, rows in STEPS.items() for row in rows]
LEADS = ["YTJD-CG", "TSSQ", "YTJD"]
STAFF = {"SWJT": ["water_boss", "water"], "RQGS": ["gas"], "YTJD-CG": ["urban"], "TSSQ": ["committee"]}
_TABLES = {table.subject: table for table in TABLES}
# What brings a matter towards its end, and what ends or undoes something; all others are detours.
ONWARDS = frozenset(
    {"accept", "assign", "whistles", "approve", "close", "call_back", "receive", "report_in", "submit", "request"}
    | {"grant", "rate", "resume", "answer", "minutes"}
)
BACK = frozenset(
    {"reject", "void", "return_to_pool", "withdraw", "decline", "waive", "merge", "unmerge", "cancel"}
    | {"escalate", "rework", "reopen"}
)
# What else must be so for a step to go through.
NEEDS: dict[tuple[str, str], Callable[[Standing, Any], bool]] = {
    ("assignment", "report_in"): lambda now, duty: duty.whistle is not None,
    ("assignment", "submit"): lambda now, duty: duty.whistle is None or duty.reported_in_at is not None,
    ("assignment", "leave"): lambda now, duty: duty.reported_in_at is not None and duty.left_at is None,
    ("assignment", "release"): lambda now, duty: duty.reported_in_at is not None and duty.left_at is None,
    ("assignment", "take_back"): lambda now, duty: duty.handed_from is not None or duty.assignee_id is not None,
    ("assignment", "hand_on"): lambda now, duty: duty.assignee_id is None,
    ("assignment", "ask_extension"): lambda now, duty: duty.role == "lead",
    ("assignment", "ask_appeal"): lambda now, duty: bool(_late(now, duty)),
    ("whistle", "request"): lambda now, whistle: _is_dispatched_now(now, whistle),
    ("whistle", "approve"): lambda now, whistle: _is_dispatched_now(now, whistle),
    ("whistle", "minutes"): lambda now, whistle: whistle.kind == "joint",
    ("whistle", "meeting"): lambda now, whistle: whistle.kind == "joint",
    ("whistle", "escalate"): lambda now, whistle: whistle.round < 3,
    ("whistle", "review"): lambda now, whistle: whistle.kind == "emergency" and whistle.reviewed_at is None,
    ("report", "approve"): lambda now, report: "submitted" in _statuses(now, report),
    ("report", "assign"): lambda now, report: bool(set(LEADS) - _units(now, report)),
    ("report", "field_check"): lambda now, report: not [one for one in now.checks.values() if one.status == "asked"],
    ("report", "close"): lambda now, report: (
        _statuses(now, report) <= {"approved", "waived"} and not _open_whistles(now, report)
    ),
    ("report", "ask_suspension"): lambda now, report: (
        not [one for one in now.changes.values() if one.report_id == report.pk and one.kind == "suspension"]
    ),
    ("report", "cards"): lambda now, report: bool(_statuses(now, report)),
    ("report", "split"): lambda now, report: len(now.reports) < MOST_REPORTS,
    ("card", "revoke"): lambda now, card: card.revoked_at is None,
}
MOST_REPORTS = 4


def _statuses(now: Standing, report: Report) -> set[str]:
    """Of the duties at work on a report."""
    duties = [one for one in now.duties.values() if one.report_id == report.pk and one.active]
    return {one.status for one in duties if one.role != "notify"}


def _units(now: Standing, report: Report) -> set[str]:
    duties = [one for one in now.duties.values() if one.report_id == report.pk and one.active]
    return {one.department.code for one in duties if one.department}


def _open_whistles(now: Standing, report: Report) -> bool:
    whistles = [one for one in now.whistles.values() if one.report_id == report.pk]
    return any(one.status not in WHISTLE_OVER for one in whistles)


def _is_dispatched_now(now: Standing, whistle: Whistle) -> bool:
    return now.reports[whistle.report_id].status in REPORT.transitions["draft_whistle"].sources


def _late(now: Standing, duty: Assignment) -> list[Clock]:
    """What an appeal could be about."""
    over = duty.report.status == "closed"
    return [one for one in now.clocks.values() if over and one.assignment_id == duty.pk and one.outcome == "overdue"]


def way_of(row: StepRow) -> str:
    return "onwards" if row[0] in ONWARDS else "back" if row[0] in BACK else "aside"


def transition_of(kind: str, row: StepRow) -> Transition | None:
    name = "draft_whistle" if row[0] == "whistles" else row[0]
    return _TABLES[kind].transitions.get(name) if kind in _TABLES else None


def things(standing: Standing, kind: str) -> list[Any]:
    """The objects of a kind, in an order that a repetition of the walk finds again."""
    if kind == "card":
        return list(Card.objects.filter(report__in=standing.reports).order_by("-pk"))
    rows: dict[Any, Any] = {
        "report": standing.reports,
        "assignment": standing.duties,
        "whistle": standing.whistles,
        "field_check": standing.checks,
        "order": standing.orders,
        "request": standing.changes,
    }[kind]
    return list(rows.values())


def is_open_to(now: Standing, kind: str, row: StepRow, obj: Any) -> bool:
    """Whether the step is possible now, as far as that can be seen from outside."""
    transition = transition_of(kind, row)
    if transition is not None and obj.status not in transition.sources:
        return False
    if kind == "assignment" and (obj.role == "notify" or not (obj.active or row[0] == "ask_appeal")):
        return False
    needed = NEEDS.get((kind, row[0]))
    return needed is None or needed(now, obj)


def is_able(person: User, kind: str, row: StepRow, obj: Any, standing: Standing) -> bool:
    """Whether the person may do this, as far as that is said by a capability."""
    report = obj if kind == "report" else standing.reports[obj.report_id]
    if kind == "request":
        duty = obj.assignment
        own = obj.asked_by_id == person.pk or (duty is not None and answers_for(person, duty))
        return own if row[0] == "withdraw" else may_decide(person, obj, report)
    if kind == "assignment" and row[0] not in ("waive", "release"):
        return may_handle(person, obj) or acts_for_unit(person, obj.department)
    if row[0] == "urge":
        return any(may(person, can, report) for can in MAY_URGE)
    if (kind, row[0]) == ("field_check", "answer"):
        return bool(person.pk == obj.assignee_id)
    if (kind, row[0]) == ("order", "reply"):
        return may(person, Can.DISPATCH_REPORT, report) or acts_for_unit(person, obj.department)
    if row[0] in ("assign", "whistles"):
        # A community has nobody but its workers to send.
        held = held_at(scope_of(person), Can.DISPATCH_REPORT, report)
        return held is not None and held.level != "community"
    transition = transition_of(kind, row)
    aside = {"note": Can.VIEW_REPORTS, "redact_photo": Can.DISPATCH_REPORT}
    can = transition.can if transition else aside.get(row[0], Can.SUPERVISE_REPORT)
    return can is None or may(person, can, report)


Draw = Callable[[Any], Any]
Body = Callable[[Draw, Any], dict[str, Any]]


def _assign(draw: Draw, report: Any) -> dict[str, Any]:
    held = Assignment.objects.filter(report=report, active=True)
    roles = [["assist"], ["notify"]] if held.filter(role="lead").exists() else [["lead"], ["lead", "assist"]]
    known = set(held.values_list("department__code", flat=True))
    free = [code for code in LEADS if code not in known] or LEADS
    said = zip(draw(st.sampled_from(roles)), draw(st.permutations(free)), strict=False)
    return {"assignments": [{"role": role, "department": code} for role, code in said]}


def _whistle(draw: Draw, report: Any) -> dict[str, Any]:
    kind = draw(st.sampled_from(["routine", "tough", "emergency", "joint"]))
    meeting = {"meeting_at": (now() + timedelta(hours=30)).isoformat()} if kind == "joint" else {}
    return {"kind": kind, "reason": "爆管", "departments": CALLS, "only_draft": draw(st.booleans()), **meeting}


def _rate(draw: Draw, whistle: Any) -> dict[str, Any]:
    duties = Assignment.objects.filter(whistle=whistle, active=True).order_by("pk").values_list("pk", flat=True)
    score = {"response": 5, "attendance": 4, "result": 3}
    return {"ratings": [{"assignment": pk, **score} for pk in duties] or [{"assignment": 1, **score}]}


def _merge(draw: Draw, report: Any) -> dict[str, Any]:
    # In the order in which they came in.
    others = Report.objects.exclude(pk=report.pk).alias(first=Min("events")).order_by("first")
    return {"into": str(draw(st.sampled_from(list(others))).pk)}


def _minutes(draw: Draw, whistle: Any) -> dict[str, Any]:
    duties = Assignment.objects.filter(whistle=whistle, active=True).order_by("pk").values_list("pk", flat=True)
    came = [{"assignment": pk, "attended": draw(st.booleans())} for pk in duties]
    roles = draw(st.sampled_from([[], ["lead"], ["assist"], ["assist", "lead"], ["lead", "assist"]]))
    units = draw(st.permutations(["SWJT", "RQGS", "ZJJ"]))
    decided = [
        {
            "department": unit,
            "role": role,
            "instruction": "限期修复",
            **draw(st.sampled_from([{}, {"limit": "2个工作日"}])),
        }
        for unit, role in zip(units, roles, strict=False)
    ]
    return {"minutes": "会议纪要", "attendance": came or [{"assignment": 1, "attended": True}], "decisions": decided}


def _meeting(draw: Draw, whistle: Any) -> dict[str, Any]:
    return {
        "meeting_at": (now() + timedelta(hours=draw(st.integers(1, 48)))).isoformat(),
        "meeting_place": "街道会议室",
    }


def _grant(draw: Draw, change: Any) -> dict[str, Any]:
    if change.kind != "return":
        return {}
    another = {"department": draw(st.sampled_from([*LEADS, "ZJJ", "SWJT"]))}
    return draw(st.sampled_from([{}, another, {"to_dispatch": True}]))


def _hand_on(draw: Draw, duty: Any) -> dict[str, Any]:
    people = STAFF.get(duty.department.code if duty.department else "", ["zhao"])
    return {"assignee": draw(st.sampled_from(people))}


# By the serializer of a step's body, for steps that need more than a sentence.
BODIES: dict[type, Body] = {
    said.StepIn: lambda draw, obj: {},
    said.NoteIn: lambda draw, obj: {},
    said.AcceptIn: lambda draw, obj: draw(st.sampled_from([{}, {"item": "01-01-001"}])),
    said.ReasonIn: lambda draw, obj: {"reason": "理由"},
    said.LeaveIn: lambda draw, obj: {"gone": draw(st.booleans())},
    said.UrgeIn: lambda draw, obj: {"note": "请抓紧"},
    said.ReviewIn: lambda draw, obj: {"justified": draw(st.booleans()), "note": "核查"},
    said.MeetingIn: _meeting,
    said.EscalateIn: lambda draw, obj: {"reason": "未解决"},
    said.MinutesIn: _minutes,
    said.CardIn: lambda draw, obj: {"department": "SWJT", "colour": "yellow", "reason": "拖延"},
    said.RevokeIn: lambda draw, obj: {"reason": "申诉成立"},
    said.DeclineIn: lambda draw, obj: {"note": "说明"},
    # No photo of the walk arrives: refused wherever it is tried.
    said.RedactionIn: lambda draw, obj: {"photo": "ab" * 32, "boxes": []},
    said.InternalNoteIn: lambda draw, obj: {"text": "备注"},
    said.CloseIn: lambda draw, obj: draw(st.sampled_from([{}, {"answer": "已处理"}])),
    said.CallBackIn: lambda draw, obj: draw(
        st.sampled_from(
            [
                {"reached": False},
                {"reached": True, "solved": True, "satisfaction": "satisfied"},
                {"reached": True, "solved": False, "satisfaction": "not", "note": "没解决"},
            ]
        )
    ),
    said.ReworkIn: lambda draw, obj: {"reason": "未清理干净"},
    said.OrderIn: lambda draw, obj: {"kind": draw(st.sampled_from(["leader", "important"])), "reason": "限期"},
    said.ReplyIn: lambda draw, obj: {"text": "已安排"},
    said.SuspensionIn: lambda draw, obj: {
        "reason": "待汛期结束",
        "until": (now() + timedelta(days=draw(st.integers(1, 6)))).date().isoformat(),
    },
    said.GrantIn: _grant,
    said.HandOnIn: _hand_on,
    said.AssignIn: _assign,
    said.WhistleIn: _whistle,
    said.RateIn: _rate,
    said.ReportInIn: lambda draw, obj: {"position": HERE, "photos": [announced(ON_SITE, "reference")]},
    said.FieldCheckIn: lambda draw, obj: draw(st.sampled_from([{}, {"assignee": "zhao"}])),
    said.FieldCheckAnswerIn: lambda draw, obj: {
        "confirmed": draw(st.booleans()),
        "position": HERE,
        "photos": [{"sha256": f"{obj.pk:064x}", "size": 1000, "kind": "reference"}],
    },
    said.MergeIn: _merge,
    said.SplitIn: lambda draw, obj: {"parts": [{"item": "02-01-001", "description": "水管也破了"}]},
    said.ResultIn: lambda draw, obj: result(photos=[announced(AFTER, "after")]),
}
