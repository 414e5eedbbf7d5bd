"""回访: who asked is called before the report is closed, and what they say decides."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.moment import moved_to
from notifications.models import Notification
from reports.models import Assignment, CallbackTry, Clock, Event, Report, Requester, SupervisionOrder
from reports.models.vocabulary import ReportStatus, SupervisionKind
from reports.supervise import supervise_once
from tests import scenes
from tests.world import World, post

pytestmark = pytest.mark.django_db

MONDAY = datetime.fromisoformat("2026-09-14T09:00:00+08:00")
HAPPY = {"reached": True, "solved": True, "satisfaction": "satisfied"}
UNHAPPY = {"reached": True, "solved": False, "satisfaction": "not", "note": "又堆满了"}
IN_VAIN = {"reached": False}


def call(world: World, at: scenes.Scene, said: dict[str, Any], expect: int = 200, name: str = "clerk") -> Any:
    return post(world, name, f"reports/{at.report}/call_back", expect, **said)


def do_again(world: World, at: scenes.Scene, answer: str = "已再次清运") -> Any:
    scenes.again_done(world, at)
    return post(world, "wang", f"reports/{at.report}/close", answer=answer)


def test_closing_puts_a_report_whose_requester_can_be_called_to_callback(world: World) -> None:
    at = scenes.done_for(world)
    with moved_to(MONDAY):
        detail = post(world, "wang", f"reports/{at.report}/close", answer="垃圾已清运", note="现场已恢复")
    assert (detail["status"], detail["closed_at"]) == ("callback", None)
    assert (detail["requester"]["answer"], detail["requester"]["answered_at"]) == ("垃圾已清运", None)
    (clock,) = [clock for clock in detail["clocks"] if clock["running"]]
    assert (clock["kind"], clock["limit_seconds"]) == ("callback", 8 * 3600)
    event = detail["events"][-1]
    assert (event["kind"], event["note"], event["data"]) == ("to_callback", "现场已恢复", {"answer": "垃圾已清运"})
    assert Notification.objects.get(kind="callback_due").recipient == world["clerk"]
    assert "call_back" in detail["allowed"]
    assert "close" not in detail["allowed"]


@pytest.mark.parametrize(
    "requester", [{"anonymous": True}, {"name": "张三丰"}, {"phone": "13812345678", "anonymous": True}]
)
def test_a_report_whose_requester_cannot_be_called_closes_with_the_answer_on_record(
    world: World, requester: dict[str, Any]
) -> None:
    at = scenes.done_for(world, requester)
    assert post(world, "wang", f"reports/{at.report}/close", 400)["code"] == "answer_needed"
    detail = post(world, "wang", f"reports/{at.report}/close", answer="已处理")
    assert (detail["status"], detail["callback_outcome"]) == ("closed", "")
    assert Requester.objects.get().answered_at is not None


def test_a_report_in_callback_is_not_closed_by_hand(world: World) -> None:
    at = scenes.to_be_called_back(world)
    refused = post(world, "wang", f"reports/{at.report}/close", 409, answer="已处理")
    assert (refused["code"], refused["action"], refused["current"]) == ("transition_refused", "close", "callback")


@pytest.mark.parametrize("satisfaction", ["satisfied", "basically"])
@pytest.mark.parametrize("name", ["clerk", "wang"])
def test_reached_and_solved_closes(world: World, name: str, satisfaction: str) -> None:
    at = scenes.to_be_called_back(world)
    detail = call(world, at, {**HAPPY, "satisfaction": satisfaction}, name=name)
    assert (detail["status"], detail["callback_outcome"]) == ("closed", "answered")
    requester = Requester.objects.get()
    assert requester.answered_at is not None
    assert [event["kind"] for event in detail["events"][-3:]] == ["call_back", "close", "message"]
    clock = Clock.objects.get(kind="callback")
    assert clock.outcome == "met"
    row = CallbackTry.objects.get()
    assert (row.by, row.reached, row.solved, row.satisfaction) == (world[name], True, True, satisfaction)
    told = Notification.objects.filter(kind="report_closed")
    assert [notice.recipient.username for notice in told] == ["wang"]


@pytest.mark.parametrize("said", [UNHAPPY, {**UNHAPPY, "solved": True}, {**UNHAPPY, "satisfaction": "satisfied"}])
def test_unsolved_or_dissatisfied_is_done_again_and_counted_apart_from_rework(
    world: World, said: dict[str, Any]
) -> None:
    at = scenes.to_be_called_back(world)
    detail = call(world, at, said)
    assert (detail["status"], detail["redo_count"], detail["rework_count"]) == ("in_progress", 1, 0)
    assert (detail["finished_at"], detail["requester"]["answer"]) == (None, "")
    (lead,) = detail["assignments"]
    assert (lead["status"], lead["rework_count"]) == ("rework", 0)
    assert [clock["kind"] for clock in detail["clocks"] if clock["running"]] == ["handle"]
    notice = Notification.objects.get(kind="redo")
    assert (notice.recipient, notice.needs_receipt) == (world["urban"], True)
    assert not SupervisionOrder.objects.exists()
    # The old answer is no answer to how it ends now.
    scenes.again_done(world, at)
    assert post(world, "wang", f"reports/{at.report}/close", 400)["code"] == "answer_needed"
    assert post(world, "wang", f"reports/{at.report}/close", answer="已再次清运")["status"] == "callback"


def test_dissatisfied_a_second_time_opens_an_order_and_it_is_done_again(world: World) -> None:
    at = scenes.to_be_called_back(world)
    call(world, at, UNHAPPY)
    do_again(world, at)
    detail = call(world, at, {**UNHAPPY, "note": "还是没清"})
    assert (detail["status"], detail["redo_count"]) == ("in_progress", 2)
    order = SupervisionOrder.objects.get()
    assert (order.kind, order.reason, order.department) == (
        SupervisionKind.CALLBACK,
        "还是没清",
        world.departments["urban"],
    )
    redone = [event for event in detail["events"] if event["kind"] in ("redo", "supervise")]
    assert [(event["kind"], event["to_status"]) for event in redone] == [
        ("redo", "in_progress"),
        ("redo", "in_progress"),
        ("supervise", ""),
    ]
    post(world, "urban", f"supervision_orders/{order.pk}/reply", text="今日内清完")
    do_again(world, at)
    assert call(world, at, HAPPY)["status"] == "closed"


def test_three_tries_in_vain_close_as_not_reached(world: World) -> None:
    at = scenes.to_be_called_back(world)
    for number in (1, 2):
        detail = call(world, at, IN_VAIN)
        assert (detail["status"], detail["callback_tries"]) == ("callback", number)
    detail = call(world, at, {**IN_VAIN, "note": "关机"})
    assert (detail["status"], detail["callback_outcome"], detail["callback_tries"]) == ("closed", "unreached", 3)
    assert Requester.objects.get().answered_at is None
    assert detail["events"][-2]["data"] == {"callback": "unreached", "tries": 3}


def test_how_many_tries_are_needed_is_a_setting(world: World, settings: Any) -> None:
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"CALLBACK_TRIES": 1, "CALLBACK_REDOS": 0}
    at = scenes.to_be_called_back(world)
    call(world, at, UNHAPPY)
    assert SupervisionOrder.objects.exists()
    do_again(world, at)
    assert call(world, at, IN_VAIN)["callback_outcome"] == "unreached"


def test_tries_of_an_earlier_round_do_not_count(world: World) -> None:
    at = scenes.to_be_called_back(world)
    call(world, at, IN_VAIN)
    call(world, at, IN_VAIN)
    call(world, at, UNHAPPY)
    assert do_again(world, at)["callback_tries"] == 0
    assert call(world, at, IN_VAIN)["status"] == "callback"


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"reached": True, "satisfaction": "satisfied"}, "callback_incomplete", "solved"),
        ({"reached": True, "solved": True}, "callback_incomplete", "satisfaction"),
        ({"reached": True, "solved": False, "satisfaction": "satisfied"}, "callback_incomplete", "note"),
        ({"reached": True, "solved": True, "satisfaction": "not"}, "callback_incomplete", "note"),
        ({"reached": False, "solved": True}, "callback_not_reached", "solved"),
        ({"reached": False, "satisfaction": "not"}, "callback_not_reached", "satisfaction"),
    ],
)
def test_a_call_is_recorded_whole_or_not_at_all(world: World, said: dict[str, Any], code: str, field: str) -> None:
    at = scenes.to_be_called_back(world)
    refused = call(world, at, said, 400)
    assert (refused["code"], refused["errors"][0]["field"]) == (code, field)
    assert not CallbackTry.objects.exists()


def test_a_repeated_request_is_one_try(world: World) -> None:
    at = scenes.to_be_called_back(world)
    said = {**IN_VAIN, "request_id": str(uuid4())}
    call(world, at, said)
    assert call(world, at, said)["callback_tries"] == 1
    closing = scenes.done_for(world)
    said = {"answer": "已清运", "request_id": str(uuid4())}
    for _ in range(2):
        assert post(world, "wang", f"reports/{closing.report}/close", **said)["status"] == "callback"


def test_the_calls_are_listed_for_all_who_see_the_report(world: World) -> None:
    at = scenes.to_be_called_back(world)
    call(world, at, IN_VAIN)
    call(world, at, HAPPY)
    rows = world.api("urban").get(f"/api/v1/reports/{at.report}/callbacks").json()["results"]
    assert [(row["reached"], row["solved"], row["by"]["username"]) for row in rows] == [
        (True, True, "clerk"),
        (False, None, "clerk"),
    ]


def test_a_call_that_is_not_made_in_a_working_day_reminds_the_clerk_and_opens_an_order(world: World) -> None:
    with moved_to(MONDAY):
        at = scenes.to_be_called_back(world)
    with moved_to(MONDAY + timedelta(days=1, hours=1)):
        supervise_once()
    kinds = Notification.objects.filter(recipient=world["clerk"]).values_list("kind", flat=True)
    assert {"callback_due", "clock_reminded", "clock_yellow", "clock_red"} <= set(kinds)
    assert SupervisionOrder.objects.get(report=at.report).clock.kind == "callback"


def test_where_there_is_no_clerk_the_desk_is_told(world: World) -> None:
    clerk = world["clerk"]
    clerk.is_active = False
    clerk.save()
    scenes.to_be_called_back(world)
    assert Notification.objects.get(kind="callback_due").recipient == world["wang"]


def test_a_reopened_report_is_called_back_for_again(world: World) -> None:
    at = scenes.to_be_called_back(world)
    for _ in range(3):
        call(world, at, IN_VAIN)
    detail = post(world, "li", f"reports/{at.report}/reopen", reason="来电称未解决")
    assert (detail["callback_outcome"], detail["callback_tries"], Requester.objects.get().answer) == ("", 0, "")
    assert do_again(world, at)["status"] == "callback"
    assert call(world, at, HAPPY)["callback_outcome"] == "answered"


def test_the_contact_is_revealed_to_the_clerk_and_to_the_lead_while_the_matter_is_open(world: World) -> None:
    at = scenes.to_be_called_back(world)
    path = f"reports/{at.report}/reveal_requester"
    for name in ("clerk", "wang", "urban"):
        assert post(world, name, path, reason="回访")["phone"] == "13812345678"
    for name in ("zhang", "li", "supervisor"):
        post(world, name, path, 403, reason="好奇")
    for name in ("water", "outsider"):
        post(world, name, path, 404, reason="好奇")
    seen = world.api("urban").get(f"/api/v1/reports/{at.report}").json()["requester"]
    assert seen["phone"] == "138****5678"
    assert world.api("zhang").get(f"/api/v1/reports/{at.report}").json()["requester"] is None
    assert "138" not in str(world.api("urban").get("/api/v1/reports").json())
    call(world, at, HAPPY)
    post(world, "urban", path, 403, reason="好奇")
    post(world, "clerk", path, reason="再次回访")
    asked = Event.objects.filter(kind="reveal_requester").order_by("id").values_list("actor__username", flat=True)
    assert list(asked) == ["clerk", "wang", "urban", "clerk"]


CALLS = [HAPPY, UNHAPPY, IN_VAIN, {**HAPPY, "satisfaction": "basically"}, {**UNHAPPY, "solved": True}]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    requester=st.sampled_from([None, {"anonymous": True}, {"name": "李四"}]),
    said=st.lists(st.sampled_from(["call", "close", "reopen", "rework", "result"]), max_size=14),
    data=st.data(),
)
def test_every_requester_of_a_closed_report_is_answered_or_was_tried_three_times(
    world: World, requester: dict[str, Any] | None, said: list[str], data: Any
) -> None:
    at = scenes.done_for(world, requester)
    for step in [*said, "close"]:
        attempt(world, at, step, data)
        report = Report.objects.get(pk=at.report)
        asked = Requester.objects.get(report=report)
        if report.status == ReportStatus.CLOSED:
            began = Event.objects.filter(report=report, kind="to_callback").order_by("-id").first()
            in_vain = CallbackTry.objects.filter(report=report, reached=False, at__gte=began.at).count() if began else 0
            assert (asked.answered_at is not None and asked.answer) or in_vain >= 3
            assert bool(report.callback_outcome) == asked.callable
            assert report.closed_at is not None
            assert not Clock.objects.filter(report=report, stopped_at__isnull=True).exists()
        elif report.status == ReportStatus.CALLBACK:
            assert asked.callable
            assert Clock.objects.filter(report=report, running=True).get().kind == "callback"
        assert report.redo_count == Event.objects.filter(report=report, kind="redo").count()


def attempt(world: World, at: scenes.Scene, step: str, data: Any) -> None:
    """Whatever the state: what is not allowed is refused and changes nothing."""
    report = Report.objects.get(pk=at.report)
    refused = 409
    match step:
        case "call":
            ok = report.status == ReportStatus.CALLBACK
            call(world, at, data.draw(st.sampled_from(CALLS)), 200 if ok else refused)
        case "close":
            ready = report.status == ReportStatus.IN_REVIEW
            open_duty = Assignment.objects.filter(report=report).exclude(status="approved").exists()
            expect = 200 if ready and not open_duty else refused
            post(world, "wang", f"reports/{at.report}/close", expect, answer="已处理")
        case "reopen":
            ok = report.status == ReportStatus.CLOSED
            post(world, "li", f"reports/{at.report}/reopen", 200 if ok else refused, reason="复发")
        case "rework":
            ok = report.status == ReportStatus.IN_REVIEW
            post(world, "wang", f"reports/{at.report}/rework", 200 if ok else refused, reason="未清净")
        case "result" if report.status == ReportStatus.IN_PROGRESS:
            scenes.again_done(world, at)
