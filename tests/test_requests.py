"""Return 退单, extension 延期, suspension 挂账 and appeal 申诉: who asks, who decides, and what the clocks do."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.moment import moved_to, now
from core.problems import Problem
from notifications.models import Notification
from reports import clocks
from reports.actions import asking, deciding
from reports.actions.dispatch import Target
from reports.calendar import working_calendar
from reports.models import Assignment, ChangeRequest, Clock, Event, Photo, Report, SupervisionOrder, Whistle
from reports.models.vocabulary import OF_THE_MATTER
from reports.supervise import supervise_once
from tests import scenes
from tests.scenes import Scene, in_days, scene
from tests.test_main_job import HERE, ON_SITE, announced, result
from tests.world import World, post

pytestmark = pytest.mark.django_db

MONDAY = datetime.fromisoformat("2026-09-14T08:00:00+08:00")
HOUR = timedelta(hours=1)


def after(hours: float) -> Any:
    return moved_to(MONDAY + hours * HOUR)


def assigned(world: World) -> Scene:
    """On Monday at eight the urban office got the lead and the committee helps; four hours to handle, due at noon."""
    with moved_to(MONDAY):
        return scenes.assigned(world)


def asked(world: World, name: str, path: str, **said: Any) -> int:
    """Ask, and return the request's key."""
    detail = post(world, name, path, reason="理由", **said)
    return int(detail["requests"][-1]["id"])


def handle_clock(at: Scene) -> Clock:
    return Clock.objects.filter(report_id=at.report, kind="handle", stopped_at__isnull=True).get()


def told(kind: str) -> set[str]:
    return set(Notification.objects.filter(kind=kind).values_list("recipient__username", flat=True))


# -- 退单 --------------------------------------------------------------------------------------------------------


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


# -- 延期 --------------------------------------------------------------------------------------------------------


def test_each_extension_adds_one_original_limit_and_two_are_the_most(world: World) -> None:
    at = assigned(world)
    for due in (MONDAY + 10 * HOUR, MONDAY + 28 * HOUR):
        with after(1):
            change = asked(world, "urban", f"assignments/{at.lead}/ask_extension")
            again = post(world, "urban", f"assignments/{at.lead}/ask_extension", 409, reason="再次")
            assert again["code"] == "request_pending"
            post(world, "wang", f"requests/{change}/grant")
        assert handle_clock(at).due_at == due
    with after(1):
        refused = post(world, "urban", f"assignments/{at.lead}/ask_extension", 409, reason="还要")
    assert refused["code"] == "no_more_extensions"
    assert "2" in refused["title"]


def test_a_refused_extension_does_not_use_one_up(world: World) -> None:
    at = assigned(world)
    with after(1):
        for _ in range(3):
            change = asked(world, "urban", f"assignments/{at.lead}/ask_extension")
            post(world, "wang", f"requests/{change}/refuse", note="按期办理")
        for _ in range(2):
            change = asked(world, "urban", f"assignments/{at.lead}/ask_extension")
            post(world, "wang", f"requests/{change}/grant")
    assert handle_clock(at).limit_seconds == 12 * 3600


def test_how_many_extensions_there_are_is_a_setting(world: World, settings: Any) -> None:
    settings.GRIDWHISTLE = {**settings.GRIDWHISTLE, "MAX_EXTENSIONS": 0}
    at = assigned(world)
    with after(1):
        refused = post(world, "urban", f"assignments/{at.lead}/ask_extension", 409, reason="配件未到")
    assert refused["code"] == "no_more_extensions"


def test_more_time_is_asked_for_before_the_deadline_and_by_who_has_one(world: World) -> None:
    at = assigned(world)
    with after(1):
        refused = post(world, "committee", f"assignments/{at.assist}/ask_extension", 409, reason="x")
        assert refused["code"] == "no_handling_clock"
        post(world, "wang", f"assignments/{at.lead}/ask_extension", 403, reason="x")
    with after(4):
        refused = post(world, "urban", f"assignments/{at.lead}/ask_extension", 409, reason="x")
        assert refused["code"] == "overdue_already"


def test_asked_in_time_and_granted_late_the_red_light_goes_out_and_may_come_again(world: World) -> None:
    at = assigned(world)
    with after(1):
        change = asked(world, "urban", f"assignments/{at.lead}/ask_extension")
    with after(6.5):
        supervise_once()
        order = SupervisionOrder.objects.get(clock=handle_clock(at))
        post(world, "urban", f"supervision_orders/{order.pk}/reply", text="正在办理")
        post(world, "wang", f"requests/{change}/grant")
        assert (handle_clock(at).light, handle_clock(at).due_at) == ("green", MONDAY + 10 * HOUR)
    with after(30):
        supervise_once()
    again = SupervisionOrder.objects.get(clock=handle_clock(at))
    assert (again.pk, again.replied_at, handle_clock(at).light) == (order.pk, None, "red")
    assert Event.objects.filter(report_id=at.report, kind="red", data__clock="handle").count() == 2


def test_an_extension_granted_after_the_result_makes_it_in_time(world: World) -> None:
    at = assigned(world)
    with after(1):
        post(world, "urban", f"assignments/{at.lead}/receive")
        change = asked(world, "urban", f"assignments/{at.lead}/ask_extension")
    with after(7):
        post(world, "urban", f"assignments/{at.lead}/submit", **result())
        clock = Clock.objects.get(assignment_id=at.lead, kind="handle")
        assert clock.outcome == "overdue"
        post(world, "wang", f"requests/{change}/grant")
    clock.refresh_from_db()
    assert (clock.outcome, clock.running, clock.next_at) == ("met", False, None)


# -- 挂账 --------------------------------------------------------------------------------------------------------


def test_while_a_report_rests_no_clock_runs_and_on_its_day_it_goes_on_by_itself(world: World) -> None:
    at = assigned(world)
    with after(1):
        change = asked(world, "urban", f"reports/{at.report}/ask_suspension", until="2026-09-21")
        assert told("request_asked") == {"li"}
        post(world, "wang", f"requests/{change}/grant", 403)
        detail = post(world, "li", f"requests/{change}/grant")
    assert (detail["status"], detail["due_at"], detail["light"]) == ("suspended", None, "")
    assert not Clock.objects.filter(report_id=at.report, running=True).exists()
    with moved_to(datetime.fromisoformat("2026-09-20T23:59:59+08:00")):
        assert supervise_once() == 0
    with moved_to(datetime.fromisoformat("2026-09-21T00:00:00+08:00")):
        supervise_once()
        assert supervise_once() == 0
    assert Report.objects.get(pk=at.report).status == "in_progress"
    assert handle_clock(at).due_at == datetime.fromisoformat("2026-09-21T11:00:00+08:00")
    resumed = Event.objects.get(report_id=at.report, kind="resume")
    assert (resumed.actor, resumed.from_status, resumed.to_status) == (None, "suspended", "in_progress")
    assert told("report_resumed") == {"urban", "committee"}


def test_a_suspension_is_ended_by_hand_and_granted_once_only(world: World) -> None:
    at = assigned(world)
    with after(1):
        change = asked(world, "wang", f"reports/{at.report}/ask_suspension", until="2026-09-21")
        post(world, "li", f"requests/{change}/grant")
        post(world, "wang", f"reports/{at.report}/resume", 403)
    with after(2):
        assert post(world, "li", f"reports/{at.report}/resume", note="材料已齐")["status"] == "in_progress"
        assert handle_clock(at).due_at == MONDAY + 7 * HOUR
        refused = post(world, "wang", f"reports/{at.report}/ask_suspension", 409, reason="x", until="2026-09-21")
        assert refused["code"] == "suspended_before"
    with moved_to(MONDAY + timedelta(days=8)):
        supervise_once()
    assert Event.objects.filter(report_id=at.report, kind="resume").count() == 1


@pytest.mark.parametrize(
    ("until", "status"), [("2026-09-14", 400), ("2026-09-15", 200), ("2027-09-14", 200), ("2027-09-15", 400)]
)
def test_a_suspension_ends_after_today_and_within_a_year(world: World, until: str, status: int) -> None:
    at = assigned(world)
    with after(1):
        answer = post(world, "wang", f"reports/{at.report}/ask_suspension", status, reason="x", until=until)
    assert status == 200 or (answer["code"], answer["errors"][0]["field"]) == ("suspension_date", "until")


def test_a_suspension_granted_after_its_day_is_refused(world: World) -> None:
    at = assigned(world)
    with after(1):
        change = asked(world, "wang", f"reports/{at.report}/ask_suspension", until="2026-09-15")
    with after(24):
        assert post(world, "li", f"requests/{change}/grant", 400)["code"] == "suspension_date"


def test_a_return_stays_to_be_decided_through_a_suspension(world: World) -> None:
    at = assigned(world)
    with after(1):
        given_back = asked(world, "urban", f"assignments/{at.lead}/ask_return")
        change = asked(world, "wang", f"reports/{at.report}/ask_suspension", until="2026-09-21")
        post(world, "li", f"requests/{change}/grant")
        refused = post(world, "wang", f"requests/{given_back}/grant", 409, department="YTJD")
        assert (refused["subject"], refused["current"]) == ("report", "suspended")
        late = post(world, "committee", f"assignments/{at.assist}/ask_return", 409, reason="x")
        assert late["subject"] == "report"
    with after(1.5):
        post(world, "wang", f"requests/{given_back}/refuse", note="属于本单位职责")
        assert not Clock.objects.filter(report_id=at.report, running=True).exists()
    with after(2):
        post(world, "li", f"reports/{at.report}/resume")
    assert handle_clock(at).due_at == MONDAY + 7 * HOUR


def test_one_late_before_the_pause_is_late_after_it(world: World) -> None:
    at = assigned(world)
    with after(3):
        change = asked(world, "committee", f"assignments/{at.assist}/ask_return")
    with after(3.5):
        # Given back an hour after the time to sign for it had passed.
        post(world, "wang", f"requests/{change}/refuse", note="请办理")
        post(world, "committee", f"assignments/{at.assist}/receive")
    assert Clock.objects.get(assignment_id=at.assist, kind="sign_for").outcome == "overdue"


# -- 免除 --------------------------------------------------------------------------------------------------------


def test_a_waiver_asked_for_is_the_streets_to_grant_and_releases_the_unit(world: World) -> None:
    at = scenes.whistled(world, "tough")
    post(world, "li", f"whistles/{at.whistle}/approve")
    at = scene(at.report)
    change = asked(world, "gas", f"assignments/{at.assist}/ask_waiver")
    running = Clock.objects.filter(assignment_id=at.assist, running=True).count()
    assert (running > 0, told("request_asked")) == (True, {"wang"})
    post(world, "wang", f"requests/{change}/grant", note="同意")
    duty = Assignment.objects.get(pk=at.assist)
    assert (duty.status, duty.waived_reason) == ("waived", "理由")
    assert not Clock.objects.filter(assignment=duty, stopped_at__isnull=True).exists()
    kinds = list(Event.objects.filter(report_id=at.report).order_by("pk").values_list("kind", flat=True))
    assert kinds[-3:] == ["ask_waiver", "waive", "grant_waiver"]
    assert ChangeRequest.objects.get(pk=change).status == "granted"


def test_a_granted_waiver_of_the_lead_puts_the_report_to_review_and_ends_what_else_it_asked(world: World) -> None:
    at = assigned(world)
    with after(0.5):
        extension = asked(world, "urban", f"assignments/{at.lead}/ask_extension")
        change = asked(world, "urban", f"assignments/{at.lead}/ask_waiver")
        post(world, "wang", f"requests/{change}/grant")
    assert ChangeRequest.objects.get(pk=extension).status == "withdrawn"
    assert ChangeRequest.objects.get(pk=change).status == "granted"
    assert Report.objects.get().status == "in_review"
    assert Event.objects.filter(kind="request_lapsed").count() == 1


def test_a_refused_waiver_leaves_the_duty_and_its_clocks_as_they_are(world: World) -> None:
    at = assigned(world)
    due = handle_clock(at).due_at
    with after(0.5):
        change = asked(world, "urban", f"assignments/{at.lead}/ask_waiver")
        again = post(world, "urban", f"assignments/{at.lead}/ask_waiver", 409, reason="再次")
        post(world, "wang", f"requests/{change}/refuse", note="属于本单位职责")
    assert again["code"] == "request_pending"
    assert (Assignment.objects.get(pk=at.lead).status, handle_clock(at).due_at) == ("issued", due)


# -- 申诉 --------------------------------------------------------------------------------------------------------


def test_a_granted_appeal_exempts_what_was_overdue_and_history_keeps_it(world: World) -> None:
    at = scenes.closed_late(world)
    change = asked(world, "urban", f"assignments/{at.lead}/ask_appeal")
    assert told("request_asked") == {"supervisor"}
    for name in ("wang", "li", "urban"):
        post(world, name, f"requests/{change}/grant", 403)
    detail = post(world, "supervisor", f"requests/{change}/grant", note="连日暴雨属实")
    late = [clock for clock in detail["clocks"] if clock["outcome"] == "overdue"]
    assert {(clock["kind"], clock["exempt"]) for clock in late if clock["assignment"] == at.lead} == {
        ("sign_for", True),
        ("handle", True),
    }
    assert not any(clock["exempt"] for clock in late if clock["assignment"] != at.lead)
    again = post(world, "urban", f"assignments/{at.lead}/ask_appeal", 409, reason="再次")
    assert again["code"] == "appealed_before"


def test_an_appeal_is_made_once_after_closing_by_the_unit_that_was_late(world: World) -> None:
    at = scenes.whistled(world)
    post(world, "wang", f"assignments/{at.assist}/waive", reason="无需燃气")
    early = post(world, "gas", f"assignments/{at.assist}/ask_appeal", 409, reason="x")
    assert early["code"] == "report_not_closed"
    late = scenes.closed_late(world)
    post(world, "committee", f"assignments/{late.lead}/ask_appeal", 403, reason="x")
    change = asked(world, "urban", f"assignments/{late.lead}/ask_appeal")
    assert post(world, "urban", f"assignments/{late.lead}/ask_appeal", 409, reason="x")["code"] == "request_pending"
    post(world, "supervisor", f"requests/{change}/refuse", note="理由不足")
    refused = post(world, "urban", f"assignments/{late.lead}/ask_appeal", 409, reason="x")
    assert refused["code"] == "appealed_before"
    assert not Clock.objects.filter(exempt=True).exists()


def test_who_was_in_time_has_nothing_to_appeal_against(world: World) -> None:
    at = scenes.assigned(world)
    post(world, "urban", f"assignments/{at.lead}/receive")
    post(world, "urban", f"assignments/{at.lead}/submit", **result())
    Photo.objects.update(received_at=now())
    post(world, "wang", f"assignments/{at.assist}/waive", reason="已完成")
    post(world, "wang", f"reports/{at.report}/approve")
    post(world, "wang", f"reports/{at.report}/close")
    assert post(world, "urban", f"assignments/{at.lead}/ask_appeal", 409, reason="x")["code"] == "not_overdue"


def test_an_appeal_lapses_when_the_matter_is_opened_again_and_may_be_made_anew(world: World) -> None:
    at = scenes.closed_late(world)
    change = asked(world, "urban", f"assignments/{at.lead}/ask_appeal")
    post(world, "li", f"reports/{at.report}/reopen", reason="又有了")
    assert ChangeRequest.objects.get(pk=change).status == "withdrawn"
    post(world, "urban", f"assignments/{at.lead}/submit", **result())
    Photo.objects.update(received_at=now())
    post(world, "wang", f"reports/{at.report}/approve")
    post(world, "wang", f"reports/{at.report}/close")
    post(world, "urban", f"assignments/{at.lead}/ask_appeal", reason="再次申诉")


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


def waiting(world: World, name: str) -> list[int]:
    rows = world.api(name).get("/api/v1/requests", {"to_decide": "true"}).json()["results"]
    return [row["id"] for row in rows]


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


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
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
