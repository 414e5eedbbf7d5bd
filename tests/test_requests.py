"""Requests of every kind: what lapses, who sees them, what the tables refuse, and clocks whatever the order."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.moment import moved_to, now
from core.problems import Problem
from reports import clocks
from reports.actions import asking, deciding
from reports.actions.dispatch import Target
from reports.calendar import working_calendar
from reports.models import Assignment, ChangeRequest, Clock, Event, Photo, Report, Whistle
from reports.models.vocabulary import OF_THE_MATTER
from reports.supervise import supervise_once
from tests import scenes
from tests.request_scenes import MONDAY, after, asked, assigned, handle_clock, told, waiting
from tests.scenes import Scene, in_days
from tests.test_main_job import result
from tests.world import World, post

pytestmark = pytest.mark.django_db


# -- what lapses, who sees, and what the tables themselves refuse -----------------------------------------------


def test_a_released_duty_leaves_nothing_to_decide(world: World) -> None:
    at = assigned(world)
    with after(1):
        change = asked(world, "committee", f"assignments/{at.assist}/ask_return")
        detail = post(world, "wang", f"assignments/{at.assist}/waive", reason="不需要")
    assert detail["requests"][0]["status"] == "withdrawn"
    assert detail["requests"][0]["decided_by"] is None
    event = Event.objects.get(kind="request_lapsed")
    assert (event.change_id, event.data) == (change, {"kind": "return", "because": "waive"})
    assert told("request_lapsed") == {"committee"}


def test_a_whistle_that_goes_to_the_next_round_leaves_nothing_to_decide(world: World) -> None:
    with moved_to(MONDAY):
        at = scenes.whistled(world)
        change = asked(world, "water", f"assignments/{at.lead}/ask_extension")
    with moved_to(MONDAY + timedelta(minutes=31)):
        supervise_once()
    assert Whistle.objects.count() == 2
    assert ChangeRequest.objects.get(pk=change).status == "withdrawn"


def test_rework_and_closing_leave_nothing_to_decide(world: World) -> None:
    at = assigned(world)
    with after(1):
        post(world, "urban", f"assignments/{at.lead}/receive")
        extension = asked(world, "urban", f"assignments/{at.lead}/ask_extension")
        rest = asked(world, "wang", f"reports/{at.report}/ask_suspension", until="2026-09-21")
        post(world, "urban", f"assignments/{at.lead}/submit", **result())
        post(world, "wang", f"reports/{at.report}/rework", reason="未清理干净")
        assert ChangeRequest.objects.get(pk=extension).status == "withdrawn"
        post(world, "urban", f"assignments/{at.lead}/submit", **result())
        Photo.objects.update(received_at=now())
        post(world, "wang", f"assignments/{at.assist}/waive", reason="已完成")
        post(world, "wang", f"reports/{at.report}/approve")
        post(world, "wang", f"reports/{at.report}/close")
    assert ChangeRequest.objects.get(pk=rest).status == "withdrawn"


def test_the_list_shows_what_one_may_see_and_is_filtered(world: World) -> None:
    at = scenes.asked_back(world)
    rest = asked(world, "wang", f"reports/{at.report}/ask_suspension", until=in_days(9).isoformat())

    def listed(name: str, **by: str) -> list[int]:
        return [row["id"] for row in world.api(name).get("/api/v1/requests", by).json()["results"]]

    assert listed("zhang") == listed("command") == listed("root") == [rest, at.request]
    assert listed("water") == [at.request]
    assert listed("housing") == listed("outsider") == listed("nobody") == []
    assert listed("wang", kind="suspension") == [rest]
    assert listed("wang", status="granted") == []
    assert {name: waiting(world, name) for name in ("wang", "li", "command", "supervisor", "water", "root")} == {
        "wang": [at.request],
        "li": [rest],
        "command": [rest, at.request],
        "supervisor": [],
        "water": [],
        "root": [rest, at.request],
    }
    row = world.api("wang").get("/api/v1/requests", {"kind": "return"}).json()["results"][0]
    assert (row["department"]["code"], row["item_name"], row["allowed"]) == (
        "SWJT",
        "暴露垃圾",
        ["grant", "refuse", "withdraw"],
    )


@pytest.mark.parametrize("kind", ["return", "extension", "waiver"])
def test_what_a_unit_asks_without_a_whistle_waits_for_the_street(world: World, kind: str) -> None:
    at = assigned(world)
    with after(1):
        change = asked(world, "urban", f"assignments/{at.lead}/ask_{kind}")
        assert {name: waiting(world, name) for name in ("wang", "command", "li", "urban")} == {
            "wang": [change],
            "command": [change],
            "li": [],
            "urban": [],
        }


def test_a_request_refused_twice_says_what_was_tried(world: World) -> None:
    at = assigned(world)
    with after(1):
        change = asked(world, "urban", f"assignments/{at.lead}/ask_extension")
        post(world, "wang", f"requests/{change}/refuse", note="不同意")
        again = post(world, "wang", f"requests/{change}/refuse", 409, note="不同意")
    assert (again["action"], again["current"]) == ("refuse", "refused")


def test_the_database_itself_keeps_one_pending_request_of_a_kind(world: World) -> None:
    at = scenes.asked_back(world)
    row = ChangeRequest.objects.get(pk=at.request)
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
    row.kind, row.assignment = "extension", None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_only_a_return_names_another_unit(world: World) -> None:
    at = assigned(world)
    with after(1):
        change = asked(world, "urban", f"assignments/{at.lead}/ask_extension")
        assert post(world, "wang", f"requests/{change}/grant", 400, department="YTJD")["code"] == "not_a_return"


# -- whatever the order --------------------------------------------------------------------------------------------


MOVES = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=400),
        st.sampled_from(
            [
                *("return", "same", "other", "refuse", "withdraw"),
                *("extension", "grant extension", "refuse extension"),
                *("suspension", "resume", "supervise"),
            ]
        ),
    ),
    min_size=1,
    max_size=14,
)
UNITS = {"YTJD-CG": "urban", "YTJD": "root"}


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(moves=MOVES)
@example(moves=[(30, "return"), (30, "suspension"), (9, "refuse"), (300, "supervise"), (9, "resume"), (9, "extension")])
@example(moves=[(30, "extension"), (5, "return"), (9, "other"), (50, "suspension"), (5, "resume"), (200, "return")])
@example(moves=[(30, "extension"), (5, "suspension"), (9, "grant extension"), (400, "resume"), (5, "return")])
def test_in_any_order_time_held_is_not_used_and_every_deadline_follows_from_its_segments(
    world: World, moves: list[tuple[int, str]]
) -> None:
    people = {name: world[name] for name in ("wang", "li", "urban", "root")}
    for name in ("zhang", "wang"):
        # Kept by the world, so not to be rolled back with the example.
        world.token(name)
    with transaction.atomic():
        at = assigned(world)
        moment, ran, counted = MONDAY, 0.0, handle_clock(at).pk
        for minutes, move in moves:
            later = moment + timedelta(minutes=minutes)
            if handle_clock(at).running:
                ran += working_calendar().between(moment, later)
            moment = later
            before = handle_clock(at)
            with moved_to(moment):
                try:
                    with transaction.atomic():
                        _make(move, at, people)
                except Problem:
                    pass
            clock = handle_clock(at)
            if clock.pk != counted:
                ran, counted = 0.0, clock.pk
                assert clock.started_at == moment
            elif move == "grant extension":
                assert clock.limit_seconds >= before.limit_seconds
                assert clock.due_at >= before.due_at
            assert clocks.used_seconds(clock, moment) == pytest.approx(ran, abs=1e-3)
            _holds(at)
        transaction.set_rollback(True)


def _make(move: str, at: Scene, people: dict[str, Any]) -> None:
    duty = Assignment.objects.get(report_id=at.report, active=True, role="lead")
    unit = people[UNITS[duty.department.code]]
    pending = ChangeRequest.objects.filter(report_id=at.report, status="pending")
    given_back, more = pending.filter(kind="return").first(), pending.filter(kind="extension").first()
    if move == "return":
        asking.ask_return(unit, duty.pk, "理由")
    elif move == "extension":
        asking.ask_extension(unit, duty.pk, "理由")
    elif move == "suspension":
        until = (now() + timedelta(days=2)).date()
        asking.ask_suspension(people["wang"], at.report, "理由", until)
        deciding.grant(people["li"], pending.get(kind="suspension").pk)
    elif move == "resume":
        deciding.resume(people["li"], at.report)
    elif move == "supervise":
        supervise_once()
    elif move == "other" and given_back:
        other = next(code for code in UNITS if code != duty.department.code)
        deciding.grant(people["wang"], given_back.pk, target=Target("", department=other))
    elif move == "same" and given_back:
        deciding.grant(people["wang"], given_back.pk)
    elif move == "refuse" and given_back:
        deciding.refuse(people["wang"], given_back.pk, "不同意")
    elif move == "withdraw" and given_back:
        asking.withdraw_request(unit, given_back.pk)
    elif move == "grant extension" and more:
        deciding.grant(people["wang"], more.pk)
    elif move == "refuse extension" and more:
        deciding.refuse(people["wang"], more.pk, "不同意")


def _holds(at: Scene) -> None:
    report = Report.objects.get(pk=at.report)
    for clock in Clock.objects.filter(report=report, stopped_at__isnull=True).select_related("assignment"):
        returned = clock.assignment is not None and clock.assignment.status == "returned"
        # A reply to an order is owed about the matter, also while it rests.
        held = clock.kind in OF_THE_MATTER and (report.status == "suspended" or returned)
        assert clock.running is not held
        if clock.running:
            kept = (clock.half_at, clock.yellow_at, clock.due_at, clock.next_at)
            clocks.reckon(clock)
            assert (clock.half_at, clock.yellow_at, clock.due_at, clock.next_at) == kept
        else:
            assert clock.next_at is None
