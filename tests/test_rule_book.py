"""A random walk through everything that can be done, by anybody, at any time: what must hold holds after each step.

Hypothesis chooses steps, people and pauses; deadlines run beside them. A refusal is an answer, any other error a fault.
What must hold is said in `tests.promises`, what can be done next in `tests.walking`.
"""

from collections import Counter
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from core.moment import moved_to, now
from core.problems import Problem
from reports.api.steps import StepRow
from reports.models import Photo, Report
from reports.supervise import supervise_once
from tests.promises import (
    PROMISES,
    Standing,
    an_appeal_changes_nothing_but_the_exemption,
    no_event_is_changed,
    standing,
)
from tests.scenes import REQUESTER
from tests.walking import BODIES, EVERY_STEP, is_able, is_open_to, things, way_of
from tests.world import World, submit

BEGIN = datetime.fromisoformat("2026-09-14T09:00:00+08:00")
# Minutes between two steps.
PAUSES = [0] * 12 + [2, 10, 31, 61, 4 * 60, 24 * 60, 3 * 24 * 60]
# How often of which way the next step is.
WAYS = ["onwards"] * 10 + ["aside"] * 6 + ["back"] * 3 + ["any"]


class Walk(RuleBasedStateMachine):
    """Two reports, one of them asked for by a resident, what is split off them, and everybody."""

    world: World
    taken: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.undo = ExitStack()
        self.undo.enter_context(transaction.atomic())
        self.moment = BEGIN
        self.standing: Standing | None = None

    def teardown(self) -> None:
        try:
            if self.standing is not None:
                no_event_is_changed(self.standing)
        finally:
            transaction.set_rollback(True)
            self.undo.close()

    @initialize()
    def begin(self) -> None:
        self.people = [self.world[name] for name in self.world.people]
        with moved_to(self.moment):
            called = {"source": "hotline", "external_no": "12345-1", "requester": REQUESTER}
            self.reports = [submit(self.world), submit(self.world, "wang", **called)]
        self.standing = standing(self.reports)

    @rule(pause=st.sampled_from(PAUSES), data=st.data())
    def somebody_does_something(self, pause: int, data: st.DataObject) -> None:
        self.moment += timedelta(minutes=pause)
        with moved_to(self.moment):
            advanced = supervise_once()
            if advanced:
                self.taken["supervise"] += advanced
                self.check()
            self.step(data)

    def step(self, data: st.DataObject) -> None:
        way = data.draw(st.sampled_from(WAYS))
        kind, row, obj = self.choose(data, way)
        able = [one for one in self.people if way != "any" and is_able(one, kind, row, obj, self.standing)]
        person = data.draw(st.sampled_from(able or self.people))
        serializer = row[1](data=BODIES[row[1]](data.draw, obj))
        serializer.is_valid(raise_exception=True)
        try:
            with transaction.atomic():
                row[2](person, obj.pk, dict(serializer.validated_data))
        except Problem:
            return
        note(f"{self.moment:%m-%d %H:%M} {person.username}: {kind} {row[0]} {obj.pk}")
        self.taken[f"{kind} {row[0]}"] += 1
        # The bytes are another test's matter.
        Photo.objects.filter(report__in=self.reports, received_at__isnull=True).update(received_at=now())
        # What was split off is part of the walk.
        self.reports.extend(Report.all_rows.exclude(pk__in=self.reports).values_list("pk", flat=True))
        self.check(of_an_appeal=kind == "request" and obj.kind == "appeal")

    def choose(self, data: st.DataObject, way: str) -> tuple[str, StepRow, Any]:
        """A step and what it is on: of the steps possible now each as often as any other."""
        possible = {}
        for kind, row in EVERY_STEP:
            if way in ("any", way_of(row)):
                rows = things(self.standing, kind)
                if on := [one for one in rows if way == "any" or is_open_to(self.standing, kind, row, one)]:
                    possible[kind, row[0]] = (row, on)
        if not possible:
            return self.choose(data, "any")
        kind, name = data.draw(st.sampled_from(list(possible)))
        row, on = possible[kind, name]
        return kind, row, data.draw(st.sampled_from(on))

    def check(self, of_an_appeal: bool = False) -> None:
        before, self.standing = self.standing, standing(self.reports, self.standing)
        for promise in PROMISES:
            promise(self.standing)
        if of_an_appeal:
            an_appeal_changes_nothing_but_the_exemption(before, self.standing)


@pytest.mark.django_db
def test_whatever_is_done_the_rules_hold(world: World) -> None:
    for name in world.people:
        # Kept by the world, so not to be rolled back with a walk.
        world.token(name)
    machine = type("WalkInTheWorld", (Walk,), {"world": world, "taken": Counter()})
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=16, stateful_step_count=100, suppress_health_check=list(HealthCheck)),
    )
    # The walks came far: a rare step may be missing in one run, never most of them.
    never = {f"{kind} {row[0]}" for kind, row in EVERY_STEP} - set(machine.taken)
    assert len(never) <= len(EVERY_STEP) // 5, never


def test_every_step_is_part_of_the_walk() -> None:
    assert {row[1] for _kind, row in EVERY_STEP} <= set(BODIES)
