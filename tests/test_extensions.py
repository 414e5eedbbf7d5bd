"""Extension 延期: how much, how often, until when, and what it does to the deadline."""

from typing import Any

import pytest

from reports.models import Clock, Event, SupervisionOrder
from reports.supervise import supervise_once
from tests.request_scenes import HOUR, MONDAY, after, asked, assigned, handle_clock
from tests.test_main_job import result
from tests.world import World, post

pytestmark = pytest.mark.django_db


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
