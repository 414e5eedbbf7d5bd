"""Steps of those at work on a report that meet each other and the deadlines: see `test_races`."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from core.moment import moved_to
from reports.models import Assignment, ChangeRequest, Clock, Event, Meeting, Report, Whistle
from reports.supervise import supervise_once
from tests import scenes
from tests.test_main_job import HERE, ON_SITE, announced, result
from tests.test_races import at_once, posting, statuses
from tests.world import World, post

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a database with more than one writer"),
]

THERE = {"position": HERE, "photos": [announced(ON_SITE, "reference")]}


def kinds(report_id: Any) -> list[str]:
    return list(Event.objects.filter(report_id=report_id).order_by("pk").values_list("kind", flat=True))


def running(report_id: Any) -> set[str]:
    clocks = Clock.objects.filter(report_id=report_id, stopped_at__isnull=True, running=True)
    return set(clocks.values_list("kind", flat=True))


def supervising(moment: Any) -> Callable[[], int]:
    def supervise() -> int:
        with moved_to(moment):
            return supervise_once()

    return supervise


def at(moment: Any, call: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> Any:
        with moved_to(moment):
            return call()

    return run


def test_of_grants_refusals_and_a_withdrawal_at_once_one_is_taken(committed_world: World) -> None:
    world = committed_world
    for _ in range(4):
        here = scenes.asked_back(world)
        path = f"requests/{here.request}"
        answers = at_once(
            [
                posting(world, "wang", f"{path}/grant"),
                posting(world, "command", f"{path}/refuse", note="属于本单位职责"),
                posting(world, "root", f"{path}/grant", department="ZJJ"),
                posting(world, "command", f"{path}/grant", to_dispatch=True),
                posting(world, "water", f"{path}/withdraw"),
            ]
        )
        assert statuses(answers) == {200: 1, 409: 4}
        refused = [answer.json() for answer in answers if answer.status_code == 409]
        assert {one["code"] for one in refused} == {"transition_refused"}
        ends = [kind for kind in kinds(here.report) if kind.endswith("_return") and kind != "ask_return"]
        assert len(ends) == 1
        assert {one["current"] for one in refused} == {ChangeRequest.objects.get(pk=here.request).status}
        duty = Assignment.objects.get(pk=here.lead)
        assert (duty.status, duty.active) in {("issued", True), ("returned", False)}
        assert not Clock.objects.filter(report_id=here.report, stopped_at__isnull=True, running=False).exists()


def test_two_extensions_are_granted_however_many_ask_and_grant_at_once(committed_world: World) -> None:
    world = committed_world
    here = scenes.whistled(world)
    limit = Clock.objects.get(assignment=here.lead, kind="handle").limit_seconds
    asks = [
        posting(world, name, f"assignments/{here.lead}/ask_extension", reason="配件未到")
        for name in ("water", "water_boss", "root")
    ]
    codes: set[str] = set()
    for _ in range(4):
        answers = at_once(asks)
        pending = ChangeRequest.objects.filter(status="pending").first()
        if pending is not None:
            grants = [posting(world, name, f"requests/{pending.pk}/grant") for name in ("wang", "command")]
            # Some ask again while it is being granted.
            answers += at_once([*grants, *asks])
        assert set(statuses(answers)) <= {200, 403, 409}
        codes |= {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert codes <= {"request_pending", "transition_refused", "no_more_extensions"}
    assert "no_more_extensions" in codes
    granted = ChangeRequest.objects.filter(kind="extension", status="granted")
    assert granted.count() == kinds(here.report).count("grant_extension") == 2
    assert Clock.objects.get(assignment=here.lead, kind="handle").limit_seconds == 3 * limit


def test_a_whistle_withdrawn_while_its_units_report_in_leaves_nobody_at_work(committed_world: World) -> None:
    world = committed_world
    for _ in range(4):
        here = scenes.whistled(world)
        answers = at_once(
            [
                posting(world, "wang", f"whistles/{here.whistle}/withdraw", note="误判"),
                posting(world, "water", f"assignments/{here.lead}/report_in", **THERE),
                posting(world, "gas", f"assignments/{here.assist}/report_in", **THERE),
            ]
        )
        assert answers[0].status_code == 200
        for answer in answers[1:]:
            assert answer.status_code == 200 or answer.json()["code"] == "duty_inactive"
        duties = Assignment.objects.filter(report_id=here.report)
        assert set(duties.values_list("status", "active")) == {("waived", False)}
        assert Whistle.objects.get(pk=here.whistle).status == "withdrawn"
        assert Report.objects.get(pk=here.report).status == "accepted"
        assert running(here.report) == {"dispatch", "emergency_review"}
        came = sum(answer.status_code == 200 for answer in answers[1:])
        assert kinds(here.report).count("report_in") == came


def test_minutes_written_as_the_deadline_passes_are_of_this_round_or_come_too_late(committed_world: World) -> None:
    world = committed_world
    for _ in range(4):
        here = scenes.joint(world)
        meeting_at = Whistle.objects.get(pk=here.whistle).meeting_at
        assert meeting_at is not None
        moment = meeting_at + timedelta(minutes=1)
        # Half, yellow and whatever else is due before.
        with moved_to(meeting_at - timedelta(minutes=1)):
            while supervise_once():
                pass
        written = posting(world, "wang", f"whistles/{here.whistle}/minutes", **scenes.minutes(here))
        *_, answer = at_once([supervising(moment), supervising(moment), at(moment, written)])
        whistle = Whistle.objects.get(pk=here.whistle)
        if answer.status_code == 200:
            assert whistle.status == "handling"
            # Who came was never missed after it was written down, and nobody is called again.
            duties = Assignment.objects.filter(report_id=here.report, active=True)
            assert set(duties.values_list("status", flat=True)) == {"reported_in"}
            assert not Whistle.objects.filter(previous=whistle).exists()
        else:
            assert answer.json()["code"] == "transition_refused"
            assert whistle.status == "escalated"
            assert Whistle.objects.filter(previous=whistle).count() == 1
            assert not Meeting.objects.filter(whistle=whistle).exists()
        missed = Event.objects.filter(report_id=here.report, kind="no_show").values_list("assignment_id", flat=True)
        assert len(set(missed)) == len(missed)
        assert "report_in" not in running(here.report) or whistle.status == "escalated"


def test_a_duty_handed_on_while_its_result_comes_is_submitted_once_or_in_other_hands(committed_world: World) -> None:
    world = committed_world
    for _ in range(4):
        here = scenes.reported_in(world)
        handed, submitted = at_once(
            [
                posting(world, "water", f"assignments/{here.lead}/hand_on", assignee="water_boss"),
                posting(world, "water", f"assignments/{here.lead}/submit", **result()),
            ]
        )
        assert handed.status_code == 200
        duty = Assignment.objects.get(pk=here.lead)
        assert duty.assignee == world["water_boss"]
        if submitted.status_code == 200:
            assert (duty.status, Report.objects.get(pk=here.report).status) == ("submitted", "in_review")
        else:
            # By then it was no longer hers.
            assert (submitted.status_code, submitted.json()["code"]) == (403, "forbidden")
            assert duty.status == "reported_in"
            post(world, "water_boss", f"assignments/{here.lead}/submit", **result())
        assert kinds(here.report).count("submit_result") == 1


def test_what_a_leaver_finishes_is_not_taken_from_them_and_nothing_is_moved_twice(committed_world: World) -> None:
    world = committed_world
    for _ in range(4):
        first, second = scenes.reported_in(world), scenes.reported_in(world)
        for here in (first, second):
            post(world, "water_boss", f"assignments/{here.lead}/hand_on", assignee="water")
        submitted, waived, *moves = at_once(
            [
                posting(world, "water", f"assignments/{first.lead}/submit", **result()),
                posting(world, "wang", f"assignments/{second.lead}/waive", reason="街道自行处置"),
                posting(world, "water_boss", "assignments/hand_over", person="water", to="water_boss"),
                posting(world, "root", "assignments/hand_over", person="water"),
            ]
        )
        assert statuses([waived, *moves]) == {200: 3}
        assert submitted.status_code in (200, 403)
        moved = [key for answer in moves for key in answer.json()["moved"]]
        assert sorted(moved) == sorted(set(moved))
        assert first.lead in moved
        for here in (first, second):
            duty = Assignment.objects.get(pk=here.lead)
            times = kinds(here.report).count("hand_over")
            assert times == moved.count(here.lead)
            assert (duty.assignee == world["water"]) == (times == 0)


def test_a_result_and_the_release_from_it_at_once_are_one_end_of_the_duty(committed_world: World) -> None:
    world = committed_world
    for _ in range(4):
        here = scenes.reported_in(world)
        post(world, "water", f"assignments/{here.lead}/ask_waiver", reason="现场无我单位管线")
        change = scenes.scene(here.report).request
        answers = at_once(
            [
                posting(world, "wang", f"requests/{change}/grant"),
                posting(world, "water", f"assignments/{here.lead}/submit", **result()),
                posting(world, "command", f"assignments/{here.lead}/waive", reason="无需"),
            ]
        )
        assert statuses(answers) == {200: 1, 409: 2}
        assert {one.json()["code"] for one in answers if one.status_code == 409} == {"transition_refused"}
        status = Assignment.objects.get(pk=here.lead).status
        assert status == ("submitted" if answers[1].status_code == 200 else "waived")
        assert kinds(here.report).count("to_review") == 1


def test_a_suspension_that_ends_by_hand_and_by_its_day_at_once_ends_once(committed_world: World) -> None:
    world = committed_world
    for _ in range(4):
        here = scenes.suspended(world)
        moment = ChangeRequest.objects.get(pk=here.request).next_at
        assert moment is not None
        by_hand = at(moment, posting(world, "li", f"reports/{here.report}/resume"))
        *_, answer = at_once([supervising(moment), supervising(moment), by_hand])
        assert answer.status_code in (200, 409)
        assert kinds(here.report).count("resume") == 1
        assert Report.objects.get(pk=here.report).status == "in_progress"
        assert not Clock.objects.filter(report_id=here.report, stopped_at__isnull=True, running=False).exists()


def test_a_unit_released_while_it_leaves_has_left_once(committed_world: World) -> None:
    world = committed_world
    for _ in range(4):
        here = scenes.reported_in(world)
        left, released = at_once(
            [
                posting(world, "gas", f"assignments/{here.assist}/leave", gone=True),
                posting(world, "wang", f"assignments/{here.assist}/release"),
            ]
        )
        assert left.status_code == 200
        duty = Assignment.objects.get(pk=here.assist)
        # Released first it went freely; else the release came too late.
        assert duty.left_unreleased == (released.status_code == 409)
        assert duty.left_unreleased or duty.released_at is not None
        assert released.status_code == 200 or released.json()["code"] == "left_already"
