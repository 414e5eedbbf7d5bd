"""A random walk through everything that can be done, by anybody, at any time: what must hold holds after each step.

Hypothesis chooses steps, people and pauses; deadlines run beside them. A refusal is an answer, any other error a fault.
"""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import models, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts.roles import Can
from core.moment import moved_to, now
from core.problems import Problem
from reports import clocks
from reports.access import may, may_handle
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
from reports.models import (
    Assignment,
    CallbackTry,
    Card,
    ChangeRequest,
    Clock,
    Event,
    FieldCheck,
    Photo,
    Report,
    Requester,
    SupervisionOrder,
    Whistle,
)
from reports.models.vocabulary import ASIDE, DUTY_DONE, WHISTLE_CALLING, WHISTLE_OVER
from reports.supervise import supervise_once
from reports.transitions import ASKER, ASSIGNMENT, DECIDER, FIELD_CHECK, REPORT, REQUEST, UPSTREAM, WHISTLE, Transition
from tests.scenes import CALLS, REQUESTER
from tests.test_main_job import AFTER, HERE, ON_SITE, announced, result
from tests.world import World, submit

BEGIN = datetime.fromisoformat("2026-09-14T09:00:00+08:00")
PAUSES = [timedelta(minutes=each) for each in (0, 1, 10, 31, 61, 24 * 60, 5 * 24 * 60)]
STEPS: dict[str, tuple[type[models.Model], list[StepRow]]] = {
    "report": (Report, REPORT_STEPS),
    "assignment": (Assignment, ASSIGNMENT_STEPS),
    "whistle": (Whistle, WHISTLE_STEPS),
    "field_check": (FieldCheck, FIELD_CHECK_STEPS),
    "order": (SupervisionOrder, ORDER_STEPS),
    "card": (Card, CARD_STEPS),
    "request": (ChangeRequest, REQUEST_STEPS),
}
EVERY_STEP = [(kind, row) for kind, (_model, rows) in STEPS.items() for row in rows]
LEADS = ["YTJD-CG", "TSSQ"]

TABLES = {table.subject: table for table in (REPORT, ASSIGNMENT, WHISTLE, FIELD_CHECK, REQUEST)}
SPOILERS = {"leave", "reject", "void", "return_to_pool", "withdraw", "decline", "waive", "merge", "cancel"}


def _transition(kind: str, row: StepRow) -> Transition | None:
    name = "draft_whistle" if row[0] == "whistles" else row[0]
    return TABLES[kind].transitions.get(name) if kind in TABLES else None


Draw = Callable[[Any], Any]
Body = Callable[[Draw, Any], dict[str, Any]]


def _assign(draw: Draw, report: Any) -> dict[str, Any]:
    roles = draw(st.sampled_from([["lead"], ["lead", "assist"], ["assist"], ["notify"]]))
    return {"assignments": [{"role": role, "department": LEADS[index]} for index, role in enumerate(roles)]}


def _whistle(draw: Draw, report: Any) -> dict[str, Any]:
    kind = draw(st.sampled_from(["routine", "tough", "emergency", "joint"]))
    meeting = {"meeting_at": (now() + timedelta(hours=30)).isoformat()} if kind == "joint" else {}
    return {"kind": kind, "reason": "爆管", "departments": CALLS, "only_draft": draw(st.booleans()), **meeting}


def _rate(draw: Draw, whistle: Any) -> dict[str, Any]:
    duties = Assignment.objects.filter(whistle=whistle, active=True).values_list("pk", flat=True)
    score = {"response": 5, "attendance": 4, "result": 3}
    return {"ratings": [{"assignment": pk, **score} for pk in duties] or [{"assignment": 1, **score}]}


def _merge(draw: Draw, report: Any) -> dict[str, Any]:
    others = (
        Report.objects.exclude(pk=report.pk)
        .order_by("received_at", "source", "description")
        .values_list("pk", flat=True)
    )
    return {"into": str(draw(st.sampled_from(list(others))))}


def _minutes(draw: Draw, whistle: Any) -> dict[str, Any]:
    duties = Assignment.objects.filter(whistle=whistle, active=True).values_list("pk", flat=True)
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
    return {"assignee": draw(st.sampled_from(["water", "water_boss", "urban", "gas"]))}


# By the serializer of a step's body, for steps that need more than a sentence.
BODIES: dict[type, Body] = {
    said.StepIn: lambda draw, obj: {},
    said.NoteIn: lambda draw, obj: {},
    said.ReasonIn: lambda draw, obj: {"reason": "理由"},
    said.LeaveIn: lambda draw, obj: {"gone": draw(st.booleans())},
    said.UrgeIn: lambda draw, obj: {"note": "请抓紧"},
    said.ReviewIn: lambda draw, obj: {"justified": draw(st.booleans())},
    said.MeetingIn: _meeting,
    said.EscalateIn: lambda draw, obj: {"reason": "未解决"},
    said.MinutesIn: _minutes,
    said.CardIn: lambda draw, obj: {"department": "SWJT", "colour": "yellow", "reason": "拖延"},
    said.RevokeIn: lambda draw, obj: {"reason": "申诉成立"},
    said.DeclineIn: lambda draw, obj: {"note": "说明"},
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


class Walk(RuleBasedStateMachine):
    """Two reports, one of them asked for by a resident, and everybody."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.undo = ExitStack()
        self.undo.enter_context(transaction.atomic())
        self.moment = BEGIN
        self.events: dict[int, tuple[Any, ...]] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.close()

    @initialize()
    def begin(self) -> None:
        self.people = [self.world[name] for name in self.world.people]
        with moved_to(self.moment):
            self.reports = [submit(self.world), submit(self.world, "wang", source="hotline", requester=REQUESTER)]

    @rule(pause=st.sampled_from(PAUSES))
    def time_passes(self, pause: timedelta) -> None:
        self.moment += pause
        with moved_to(self.moment):
            supervise_once()

    @rule(data=st.data())
    def somebody_does_something(self, data: st.DataObject) -> None:
        sensible = data.draw(st.integers(0, 9)) > 1
        choices = [(kind, obj) for kind in STEPS for obj in self._things(kind)]
        kind, obj = data.draw(st.sampled_from(choices))
        rows = [row for row in STEPS[kind][1] if not sensible or self._leads_on(kind, row, obj)]
        if not rows:
            return
        row = data.draw(st.sampled_from(rows))
        able = [person for person in self.people if self._is_able(person, kind, row, obj)]
        person = data.draw(st.sampled_from(able if sensible and able else self.people))
        with moved_to(self.moment):
            serializer = row[1](data=BODIES[row[1]](data.draw, obj))
            serializer.is_valid(raise_exception=True)
            try:
                with transaction.atomic():
                    row[2](person, obj.pk, dict(serializer.validated_data))
            except Problem:
                return
            # The bytes are another test's matter.
            Photo.objects.filter(report__in=self.reports, received_at__isnull=True).update(received_at=now())

    def _things(self, kind: str) -> list[Any]:
        """The objects of a kind, in an order that a repetition of the walk finds again."""
        if kind == "report":
            return [Report.all_rows.get(pk=pk) for pk in self.reports]
        return list(STEPS[kind][0]._base_manager.filter(report__in=self.reports).order_by("-pk"))

    def _leads_on(self, kind: str, row: StepRow, obj: Any) -> bool:
        """Whether the step is possible now and helps the matter along, so that walks come far."""
        transition = _transition(kind, row)
        if transition is None:
            return kind in ("order", "card")
        return row[0] not in SPOILERS and obj.status in transition.sources

    def _is_able(self, person: Any, kind: str, row: StepRow, obj: Any) -> bool:
        transition = _transition(kind, row)
        if kind == "request" and row[0] != "withdraw":
            return may_decide(person, obj, obj.report)
        if transition is None or transition.can in (None, UPSTREAM, DECIDER, ASKER):
            return True
        if transition.can == Can.SUBMIT_REPORT:
            return bool(person.pk == obj.assignee_id)
        if transition.can == Can.HANDLE_ASSIGNMENT:
            return may_handle(person, obj)
        return may(person, transition.can, obj if kind == "report" else obj.report)

    @invariant()
    def one_lead(self) -> None:
        leads = Assignment.objects.filter(role="lead", active=True, report__in=self.reports)
        for of in ("report", "whistle"):
            rows = leads.filter(whistle__isnull=of == "report").values_list(of, flat=True)
            assert len(rows) == len(set(rows)), f"two leads of one {of}"

    @invariant()
    def a_whistle_at_work_has_a_lead(self) -> None:
        for whistle in Whistle.objects.filter(report__in=self.reports, status__in=WHISTLE_CALLING):
            leads = Assignment.objects.filter(whistle=whistle, role="lead", active=True)
            assert leads.count() == 1, f"{leads.count()} leads in round {whistle.round}"

    @invariant()
    def nobody_has_a_duty_of_a_whistle_called_off(self) -> None:
        duties = Assignment.objects.filter(report__in=self.reports, whistle__status="withdrawn")
        assert not duties.filter(active=True).exists()
        assert not duties.exclude(status__in=DUTY_DONE).exists()
        clocks_left = Clock.objects.filter(assignment__in=duties, stopped_at__isnull=True)
        assert not clocks_left.exists()

    @invariant()
    def a_whistle_has_three_rounds_at_most(self) -> None:
        whistles = Whistle.objects.filter(report__in=self.reports)
        assert not whistles.filter(round__gt=3).exists()
        assert not whistles.filter(round=3).exclude(kind="joint").exists()
        assert not whistles.filter(status="escalated", next__isnull=True).exists()

    @invariant()
    def an_order_waits_for_its_reply_by_a_clock(self) -> None:
        waiting = Clock.objects.filter(kind="reply", stopped_at__isnull=True, report__in=self.reports)
        orders = SupervisionOrder.objects.filter(report__in=self.reports, status="open")
        assert set(waiting.values_list("order_id", flat=True)) == set(orders.values_list("pk", flat=True))

    @invariant()
    def what_is_to_be_dispatched_has_nobody_leading_it(self) -> None:
        leads = Assignment.objects.filter(report__in=self.reports, report__status="accepted", role="lead", active=True)
        assert not leads.exists()

    @invariant()
    def nothing_is_closed_with_an_open_duty(self) -> None:
        open_duties = Assignment.objects.filter(report__status="closed", report__in=self.reports, active=True)
        assert not open_duties.exclude(role="notify").exclude(status__in=DUTY_DONE).exists()
        whistles = Whistle.objects.filter(report__status="closed", report__in=self.reports)
        assert not whistles.exclude(status__in=WHISTLE_OVER).exists()

    @invariant()
    def no_clock_runs_on_what_stands_still(self) -> None:
        running = Clock.objects.filter(report__in=self.reports, stopped_at__isnull=True, running=True)
        # What a leader or a unit owes about a report outlasts it.
        running = running.exclude(kind__in=ASIDE)
        final = ("closed", "rejected", "void", "merged")
        assert not running.filter(report__status__in=final).exists()
        assert not running.filter(report__status="suspended").exists()
        assert not running.filter(assignment__status="returned").exists()

    @invariant()
    def every_other_open_clock_runs(self) -> None:
        paused = Clock.objects.filter(report__in=self.reports, stopped_at__isnull=True, running=False)
        held = models.Q(report__status="suspended") | models.Q(assignment__status="returned", assignment__active=True)
        assert not paused.exclude(held).exists()

    @invariant()
    def a_duty_is_returned_while_and_only_while_that_is_to_be_decided(self) -> None:
        returned = Assignment.objects.filter(report__in=self.reports, active=True, status="returned")
        pending = ChangeRequest.objects.filter(report__in=self.reports, kind="return", status="pending")
        assert set(returned.values_list("pk", flat=True)) == set(pending.values_list("assignment_id", flat=True))

    @invariant()
    def nothing_is_asked_of_what_has_gone(self) -> None:
        pending = ChangeRequest.objects.filter(report__in=self.reports, status="pending")
        assert not pending.filter(report__status="closed").exclude(kind="appeal").exists()
        assert not pending.filter(assignment__active=False).exclude(kind="appeal").exists()
        assert not pending.filter(report__status__in=("void", "rejected")).exists()

    @invariant()
    def every_deadline_follows_from_its_segments(self) -> None:
        for clock in Clock.objects.filter(report__in=self.reports, stopped_at__isnull=True, running=True):
            kept = (clock.half_at, clock.yellow_at, clock.due_at, clock.next_at)
            clocks.reckon(clock)
            assert (clock.half_at, clock.yellow_at, clock.due_at, clock.next_at) == kept, clock.kind

    @invariant()
    def a_list_shows_the_earliest_deadline(self) -> None:
        for report in Report.objects.filter(pk__in=self.reports):
            running = Clock.objects.filter(report=report, stopped_at__isnull=True, running=True)
            running = running.exclude(kind__in=ASIDE)
            assert report.due_at == running.aggregate(due=models.Min("due_at"))["due"]

    @invariant()
    def who_asked_is_answered_before_closing(self) -> None:
        closed = Requester.objects.filter(report__in=self.reports, report__status="closed")
        for asked in closed.filter(answered_at__isnull=True):
            since = Event.objects.filter(report=asked.report_id, kind="to_callback").latest("id").at
            assert asked.report.callback_outcome == "unreached"
            assert CallbackTry.objects.filter(report=asked.report_id, reached=False, at__gte=since).count() >= 3
        merged = Requester.objects.filter(report__in=self.reports, report__merged_into__status="closed")
        assert not merged.filter(answered_at__isnull=True).exists()

    @invariant()
    def a_field_check_is_out_only_while_its_report_waits_for_it(self) -> None:
        out = FieldCheck.objects.filter(status="asked")
        assert not out.exclude(report__status__in=REPORT.transitions["field_check"].sources).exists()
        assert not FieldCheck.objects.exclude(status="asked").filter(clock__stopped_at__isnull=True).exists()
        assert not out.filter(clock__stopped_at__isnull=False).exists()

    @invariant()
    def nothing_is_merged_into_what_is_merged(self) -> None:
        assert not Report.objects.filter(merged_into__merged_into__isnull=False).exists()

    @invariant()
    def no_event_is_changed(self) -> None:
        present = {row[0]: row for row in Event.objects.filter(report__in=self.reports).values_list()}
        assert present.items() >= self.events.items()
        self.events = present


@pytest.mark.django_db
def test_whatever_is_done_the_rules_hold(world: World) -> None:
    for name in world.people:
        # Kept by the world, so not to be rolled back with a walk.
        world.token(name)
    machine = type("WalkInTheWorld", (Walk,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_every_step_is_part_of_the_walk() -> None:
    assert {row[1] for _kind, row in EVERY_STEP} <= set(BODIES)
