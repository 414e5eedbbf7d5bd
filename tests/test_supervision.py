"""Deadlines that pass: warned, red, one order, the next round; in whatever order the loop runs."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.moment import moved_to, now
from notifications.models import Notification
from reports.models import Assignment, Clock, Event, Report, SupervisionOrder, Whistle
from reports.models.vocabulary import ClockOutcome, Light
from reports.supervise import supervise_once
from tests.scenes import ratings, scene
from tests.test_main_job import HERE, ON_SITE, announced, blown, duty, result
from tests.world import World, post, submit

pytestmark = pytest.mark.django_db

MONDAY = datetime.fromisoformat("2026-09-14T09:00:00+08:00")


def at(moment: datetime) -> int:
    with moved_to(moment):
        return supervise_once()


def test_an_unaccepted_report_is_reminded_turns_yellow_then_red_once(world: World) -> None:
    with moved_to(MONDAY):
        submit(world)
    assert at(MONDAY + timedelta(minutes=7)) == 0
    assert at(MONDAY + timedelta(minutes=8)) == 1
    assert at(MONDAY + timedelta(minutes=12)) == 1
    assert at(MONDAY + timedelta(minutes=15)) == 1
    assert at(MONDAY + timedelta(minutes=15)) == 0
    clock = Clock.objects.get(kind="accept")
    assert clock.light == Light.RED
    assert SupervisionOrder.objects.get().clock == clock
    kinds = list(Notification.objects.filter(recipient=world["wang"]).values_list("kind", flat=True).order_by("id"))
    assert kinds == ["report_submitted", "clock_reminded", "clock_yellow", "clock_red"]


def test_overdue_goes_one_level_up_each_further_limit(world: World) -> None:
    with moved_to(MONDAY):
        submit(world)
    at(MONDAY + timedelta(minutes=16))
    at(MONDAY + timedelta(minutes=31))
    assert SupervisionOrder.objects.get().level == 2
    assert Notification.objects.filter(kind="clock_escalated", recipient=world["command"]).count() == 1
    at(MONDAY + timedelta(days=3))
    assert SupervisionOrder.objects.get().level == 5
    assert Clock.objects.get(kind="accept").next_at is None


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=st.lists(st.integers(min_value=0, max_value=60), max_size=12))
def test_any_order_of_supervise_runs_gives_the_same_end(world: World, minutes: list) -> None:
    with moved_to(MONDAY):
        report_id = submit(world)
    for minute in [*sorted(minutes), 61]:
        at(MONDAY + timedelta(minutes=minute))
    clock = Clock.objects.get(report_id=report_id, kind="accept")
    assert (clock.light, clock.overdue_level) == (Light.RED, 4)
    kinds = list(Event.objects.filter(report_id=report_id).values_list("kind", flat=True).order_by("id"))
    assert kinds == ["submit", "yellow", "red", "overdue_level", "overdue_level", "overdue_level"]


def test_of_what_is_due_at_once_the_oldest_goes_first(world: World) -> None:
    with moved_to(MONDAY):
        reports = [submit(world) for _ in range(4)]
    # What is set anew lies elsewhere in the database.
    for clock in Clock.objects.order_by("-id"):
        for moment in (None, clock.next_at):
            Clock.objects.filter(pk=clock.pk).update(next_at=moment)
    at(MONDAY + timedelta(minutes=15))
    turned = Event.objects.filter(kind="yellow").order_by("id").values_list("report_id", flat=True)
    assert list(turned) == reports


def test_a_row_that_raises_is_pushed_ahead_and_does_not_stop_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with moved_to(MONDAY):
        broken, sound = submit(world), submit(world)
    from reports import supervise

    real = supervise.advance_clock
    bad = Clock.objects.get(report_id=broken, kind="accept").pk

    def advance(clock_id: int) -> bool:
        if clock_id == bad:
            raise RuntimeError("planted")
        return real(clock_id)

    monkeypatch.setattr(supervise, "advance_clock", advance)
    at(MONDAY + timedelta(minutes=15))
    assert Clock.objects.get(report_id=sound, kind="accept").light == Light.RED
    monkeypatch.setattr(supervise, "advance_clock", real)
    at(MONDAY + timedelta(minutes=16))
    assert Clock.objects.get(pk=bad).light == Light.GREEN
    at(MONDAY + timedelta(minutes=21))
    assert Clock.objects.get(pk=bad).light == Light.RED


def test_nobody_came_so_the_whistle_goes_to_round_two_and_above(world: World) -> None:
    with moved_to(MONDAY):
        blown(world)
    at(MONDAY + timedelta(minutes=31))
    first, second = Whistle.objects.order_by("round")
    assert (first.status, second.status, second.round, second.previous) == ("escalated", "blown", 2, first)
    missed = Assignment.objects.filter(whistle=first)
    assert {(one.status, one.active) for one in missed} == {("no_show", False)}
    assert Assignment.objects.filter(whistle=second, active=True).count() == 2
    told = Notification.objects.filter(kind="whistle_escalated").values_list("recipient__username", flat=True)
    assert set(told) == {"li", "water_boss"}
    at(MONDAY + timedelta(minutes=62))
    third = Whistle.objects.get(round=3)
    assert third.kind == "joint"
    assert third.meeting_at == datetime.fromisoformat("2026-09-15T08:00:00+08:00")
    at(MONDAY + timedelta(days=2))
    assert Whistle.objects.count() == 3


def test_staying_away_gains_no_time_to_handle(world: World) -> None:
    with moved_to(MONDAY):
        blown(world)
    due = Clock.objects.get(kind="handle").due_at
    at(MONDAY + timedelta(minutes=31))
    clock = Clock.objects.get(kind="handle")
    assert (clock.due_at, clock.assignment.whistle.round) == (due, 2)


def test_a_lead_that_came_handles_while_the_missing_one_is_marked(world: World) -> None:
    with moved_to(MONDAY):
        detail = blown(world)
        photo = [announced(ON_SITE, "reference")]
        post(world, "water", f"assignments/{duty(detail, 'SWJT')['id']}/report_in", position=HERE, photos=photo)
    at(MONDAY + timedelta(minutes=31))
    whistle = Whistle.objects.get()
    assert whistle.status == "handling"
    missing = Assignment.objects.get(department__code="RQGS")
    assert missing.status == "no_show"
    with moved_to(MONDAY + timedelta(minutes=40)):
        detail = post(world, "gas", f"assignments/{missing.pk}/report_in", position=HERE, photos=photo)
    assert duty(detail, "RQGS")["reported_in_late"] is True
    assert Clock.objects.get(kind="report_in", assignment=missing).outcome == ClockOutcome.OVERDUE


def test_one_who_came_before_the_next_round_is_carried_along(world: World) -> None:
    with moved_to(MONDAY):
        detail = blown(world)
        photo = [announced(ON_SITE, "reference")]
        post(world, "gas", f"assignments/{duty(detail, 'RQGS')['id']}/report_in", position=HERE, photos=photo)
    at(MONDAY + timedelta(minutes=31))
    second = Whistle.objects.get(round=2)
    assert second.status == "gathering"
    came = Assignment.objects.get(department__code="RQGS")
    assert (came.whistle, came.status, came.active) == (second, "reported_in", True)


def test_a_street_closes_what_nobody_came_to_in_three_rounds(world: World) -> None:
    with moved_to(MONDAY):
        report_id = blown(world)["id"]
    for minutes in (31, 62, 2 * 24 * 60):
        at(MONDAY + timedelta(minutes=minutes))
    stuck = scene(report_id)
    assert Whistle.objects.get(pk=stuck.whistle).round == 3
    with moved_to(MONDAY + timedelta(days=3)):
        post(world, "wang", f"reports/{report_id}/close", expect=409)
        post(world, "wang", f"assignments/{stuck.assist}/waive", reason="无人到场")
        detail = post(world, "wang", f"assignments/{stuck.lead}/waive", reason="街道自行抢修")
        assert (detail["status"], detail["finished_at"]) == ("in_review", None)
        # Staying away is rated too.
        post(world, "wang", f"whistles/{stuck.whistle}/rate", ratings=ratings(stuck))
        post(world, "wang", f"whistles/{stuck.whistle}/close")
        assert post(world, "wang", f"reports/{report_id}/close")["status"] == "closed"
    still_open = Clock.objects.filter(report=report_id, stopped_at__isnull=True)
    assert set(still_open.values_list("kind", flat=True)) <= {"reply", "emergency_review"}


def test_a_released_lead_is_called_back_by_reopening(world: World) -> None:
    report_id = blown(world)["id"]
    called = scene(report_id)
    for duty_id in (called.lead, called.assist):
        post(world, "wang", f"assignments/{duty_id}/waive", reason="街道自行抢修")
    post(world, "wang", f"reports/{report_id}/rework", reason="又漏了")
    photos = [announced(ON_SITE, "reference")]
    post(world, "water", f"assignments/{called.lead}/report_in", position=HERE, photos=photos)
    detail = post(world, "water", f"assignments/{called.lead}/submit", **result())
    assert (detail["status"], detail["whistles"][0]["status"]) == ("in_review", "submitted")


def test_the_lights_of_a_list_follow_the_earliest_running_clock(world: World) -> None:
    with moved_to(MONDAY):
        report_id = submit(world)
    report = Report.objects.get(pk=report_id)
    assert report.due_at == MONDAY + timedelta(minutes=15)
    with moved_to(MONDAY + timedelta(minutes=10)):
        post(world, "wang", f"reports/{report_id}/accept")
    report.refresh_from_db()
    assert report.due_at == MONDAY + timedelta(minutes=25)


def test_an_order_is_replied_to_once_by_the_unit_or_the_street(world: World) -> None:
    report_id = submit(world)
    post(world, "supervisor", f"reports/{report_id}/supervise", kind="leader", reason="领导批示")
    order = SupervisionOrder.objects.get()
    post(world, "zhang", f"supervision_orders/{order.pk}/reply", 403, text="x")
    post(world, "outsider", f"supervision_orders/{order.pk}/reply", 404, text="x")
    post(world, "wang", f"supervision_orders/{order.pk}/reply", text="已安排")
    post(world, "wang", f"supervision_orders/{order.pk}/reply", 409, text="再次")
    assert SupervisionOrder.objects.get().replied_by == world["wang"]
    assert now() >= SupervisionOrder.objects.get().replied_at
