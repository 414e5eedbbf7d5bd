"""Return 退单: who asks, who decides, whom the duty goes to, and what the clocks do."""

import pytest

from reports import clocks
from reports.models import Assignment, ChangeRequest, Clock, Event, Report, Whistle
from tests import scenes
from tests.request_scenes import HOUR, MONDAY, after, asked, assigned, handle_clock, told, waiting
from tests.scenes import scene
from tests.test_main_job import HERE, ON_SITE, announced, result
from tests.world import World, post

pytestmark = pytest.mark.django_db


def test_while_a_return_is_decided_no_clock_of_the_duty_runs(world: World) -> None:
    at = assigned(world)
    with after(1):
        asked(world, "urban", f"assignments/{at.lead}/ask_return")
        assert Assignment.objects.get(pk=at.lead).status == "returned"
        assert not Clock.objects.filter(assignment_id=at.lead, running=True).exists()
        assert Clock.objects.filter(assignment_id=at.assist, running=True).exists()
        assert told("request_asked") == {"wang"}
        refused = post(world, "urban", f"assignments/{at.lead}/submit", 409, **result())
        assert refused["code"] == "transition_refused"


def test_refused_the_duty_goes_on_as_it_was_with_what_its_clock_had_left(world: World) -> None:
    at = assigned(world)
    with after(0.5):
        post(world, "urban", f"assignments/{at.lead}/receive")
    with after(1):
        change = asked(world, "urban", f"assignments/{at.lead}/ask_return")
    with after(2):
        post(world, "wang", f"requests/{change}/refuse", 400)
        detail = post(world, "wang", f"requests/{change}/refuse", note="属于本单位职责")
    assert (detail["requests"][0]["status"], detail["assignments"][0]["status"]) == ("refused", "received")
    # One hour of four used; at ten three are left: two until noon, one after two.
    assert handle_clock(at).due_at == MONDAY + 7 * HOUR
    assert told("request_refused") == {"urban"}
    with after(2.5):
        assert asked(world, "urban", f"assignments/{at.lead}/ask_return") != change


@pytest.mark.parametrize("named", [{}, {"department": "YTJD-CG"}])
def test_granted_to_the_same_unit_the_clock_goes_on(world: World, named: dict[str, str]) -> None:
    at = assigned(world)
    with after(1):
        change = asked(world, "urban", f"assignments/{at.lead}/ask_return")
    with after(2):
        post(world, "wang", f"requests/{change}/grant", **named)
    duty = Assignment.objects.get(pk=at.lead)
    assert (duty.status, duty.active, handle_clock(at).due_at) == ("issued", True, MONDAY + 7 * HOUR)
    assert handle_clock(at).assignment == duty


def test_granted_to_another_unit_the_clock_starts_anew_and_nothing_filled_in_is_lost(world: World) -> None:
    at = assigned(world)
    with after(0.5):
        post(world, "urban", f"assignments/{at.lead}/receive")
        post(world, "urban", f"assignments/{at.lead}/submit", **result(measures="已清理一半"))
        post(world, "wang", f"reports/{at.report}/rework", reason="未清理干净")
    with after(1):
        change = asked(world, "urban", f"assignments/{at.lead}/ask_return")
    with after(2):
        busy = post(world, "wang", f"requests/{change}/grant", 409, department="TSSQ")
        assert busy["code"] == "unit_already_has_duty"
        assert post(world, "wang", f"requests/{change}/grant", 400, department="SWJT")["code"] == "whistle_needed"
        detail = post(world, "wang", f"requests/{change}/grant", note="转街道", department="YTJD")
    old, new = Assignment.objects.get(pk=at.lead), Assignment.objects.get(department__code="YTJD")
    assert (old.active, old.status, old.measures) == (False, "returned", "已清理一半")
    assert (new.active, new.role, new.status) == (True, "lead", "issued")
    clock = handle_clock(at)
    assert (clock.assignment, clock.started_at) == (new, MONDAY + 2 * HOUR)
    assert clocks.used_seconds(clock, MONDAY + 3 * HOUR) == 3600
    assert not Clock.objects.filter(assignment=old, stopped_at__isnull=True).exists()
    assert detail["lead_department"]["code"] == "YTJD"
    assert Report.objects.get(pk=at.report).lead_department == new.department


def test_the_only_lead_given_back_the_report_is_to_be_dispatched_again(world: World) -> None:
    at = assigned(world)
    with after(1):
        helping = asked(world, "committee", f"assignments/{at.assist}/ask_return")
        refused = post(world, "wang", f"requests/{helping}/grant", 409, to_dispatch=True)
        assert refused["code"] == "not_the_only_lead"
        change = asked(world, "urban", f"assignments/{at.lead}/ask_return")
        detail = post(world, "wang", f"requests/{change}/grant", to_dispatch=True)
    assert (detail["status"], detail["dispatched_at"], detail["lead_department"]) == ("accepted", None, None)
    running = Clock.objects.filter(report_id=at.report, running=True)
    assert [clock.kind for clock in running] == ["dispatch"]
    # What the helper asked has nothing left to be decided.
    assert ChangeRequest.objects.get(pk=helping).status == "withdrawn"
    assert told("request_lapsed") == {"committee"}
    targets = [{"role": "lead", "department": "YTJD"}]
    assert post(world, "wang", f"reports/{at.report}/assign", assignments=targets)["status"] == "in_progress"


def test_a_whistle_whose_lead_goes_back_is_withdrawn_and_its_units_are_released(world: World) -> None:
    at = scenes.asked_back(world)
    detail = post(world, "wang", f"requests/{at.request}/grant", to_dispatch=True)
    assert (detail["status"], detail["whistles"][0]["status"]) == ("accepted", "withdrawn")
    assert not any(duty["active"] for duty in detail["assignments"])
    assert told("duty_waived") == {"gas"}
    running = {clock["kind"] for clock in detail["clocks"] if clock["running"]}
    assert running == {"dispatch", "emergency_review"}


def test_another_department_is_called_by_the_same_whistle_and_has_to_report_in(world: World) -> None:
    at = scenes.whistled(world)
    photo = [announced(ON_SITE, "reference")]
    post(world, "water", f"assignments/{at.lead}/report_in", position=HERE, photos=photo)
    change = asked(world, "water", f"assignments/{at.lead}/ask_return")
    refused = post(world, "wang", f"requests/{change}/grant", 409, department="RQGS")
    assert refused["code"] == "unit_already_has_duty"
    detail = post(world, "wang", f"requests/{change}/grant", department="ZJJ")
    whistle = Whistle.objects.get()
    new = Assignment.objects.get(department__code="ZJJ")
    assert (whistle.status, new.whistle, new.role) == ("gathering", whistle, "lead")
    assert "housing" in told("whistle_blown")
    assert {clock.kind for clock in new.clocks.filter(running=True)} == {"sign_for", "report_in", "handle"}
    post(world, "housing", f"assignments/{new.pk}/report_in", position=HERE, photos=photo)
    assert Whistle.objects.get().status == "handling"
    assert detail["lead_department"]["code"] == "ZJJ"


def test_of_a_tough_whistle_the_command_centre_decides(world: World) -> None:
    at = scenes.whistled(world, "tough")
    post(world, "li", f"whistles/{at.whistle}/approve")
    at = scene(at.report)
    for step in ("ask_extension", "ask_return"):
        change = asked(world, "water", f"assignments/{at.lead}/{step}")
        assert told("request_asked") == {"command"}
        post(world, "wang", f"requests/{change}/grant", 403)
        listed = {name: waiting(world, name) for name in ("wang", "command", "li")}
        assert listed == {"wang": [], "command": [change], "li": []}
        post(world, "command", f"requests/{change}/grant")


def test_a_community_does_not_decide_on_what_units_give_back(world: World) -> None:
    at = assigned(world)
    with after(1):
        change = asked(world, "urban", f"assignments/{at.lead}/ask_return")
        post(world, "sun", f"requests/{change}/grant", 403)
        post(world, "outsider", f"requests/{change}/grant", 404)
        post(world, "nobody", f"requests/{change}/refuse", 404, note="x")
        assert (waiting(world, "sun"), waiting(world, "wang")) == ([], [change])


def test_nobody_decides_on_a_request_of_their_own(world: World) -> None:
    at = assigned(world)
    with after(1):
        change = asked(world, "command", f"reports/{at.report}/ask_suspension", until="2026-10-01")
        assert post(world, "command", f"requests/{change}/grant", 403)["code"] == "own_request"
        assert waiting(world, "command") == []
        post(world, "li", f"requests/{change}/grant")


def test_a_unit_takes_its_return_back_before_it_is_decided(world: World) -> None:
    at = assigned(world)
    with after(1):
        change = asked(world, "urban", f"assignments/{at.lead}/ask_return")
        post(world, "committee", f"requests/{change}/withdraw", 403)
    with after(2):
        post(world, "urban", f"requests/{change}/withdraw")
        assert handle_clock(at).due_at == MONDAY + 7 * HOUR
        for step in ("grant", "refuse", "withdraw"):
            name, said = ("urban", {}) if step == "withdraw" else ("wang", {"note": "x"})
            refused = post(world, name, f"requests/{change}/{step}", 409, **said)
            assert (refused["code"], refused["current"]) == ("transition_refused", "withdrawn")


def test_a_repeated_request_is_made_and_decided_once(world: World) -> None:
    at = assigned(world)
    ids = ["3f0c0000-0000-4000-8000-000000000001", "3f0c0000-0000-4000-8000-000000000002"]
    with after(1):
        for _ in range(2):
            change = asked(world, "urban", f"assignments/{at.lead}/ask_return", request_id=ids[0])
        for _ in range(2):
            post(world, "wang", f"requests/{change}/grant", to_dispatch=True, request_id=ids[1])
        assert post(world, "wang", f"requests/{change}/refuse", 409, note="x", request_id=ids[1])["code"] == (
            "request_id_taken"
        )
    assert ChangeRequest.objects.count() == 1
    assert Event.objects.filter(kind="grant_return").count() == 1
