"""催办: who may nudge, who hears of it, and how often."""

from datetime import datetime, timedelta

import pytest

from core.moment import moved_to
from notifications.models import Notification
from reports.models import Assignment, Event
from tests import scenes
from tests.world import World, post

pytestmark = pytest.mark.django_db

MONDAY = datetime.fromisoformat("2026-09-14T09:00:00+08:00")


def told() -> set[str]:
    return set(Notification.objects.filter(kind="urged").values_list("recipient__username", flat=True))


def test_the_units_at_work_are_nudged_and_it_is_on_record(world: World) -> None:
    at = scenes.whistled(world)
    detail = post(world, "supervisor", f"reports/{at.report}/urge", note="群众等水")
    assert told() == {"water", "water_boss", "gas"}
    event = Event.objects.get(kind="urge")
    assert (event.note, event.actor, event.data["units"]) == ("群众等水", world["supervisor"], ["水务集团", "燃气公司"])
    assert detail["status"] == "in_progress"


def test_one_duty_can_be_named(world: World) -> None:
    at = scenes.whistled(world)
    post(world, "li", f"reports/{at.report}/urge", assignment=at.assist)
    assert told() == {"gas"}
    assert Event.objects.get(kind="urge").assignment_id == at.assist


def test_a_report_in_the_pool_nudges_its_dispatchers_but_not_oneself(world: World) -> None:
    at = scenes.submitted(world)
    post(world, "clerk", f"reports/{at.report}/urge")
    assert told() == {"wang"}
    post(world, "wang", f"reports/{at.report}/urge")
    assert told() == {"wang"}


def test_a_whistle_that_waits_nudges_the_leader(world: World) -> None:
    at = scenes.whistled(world, "routine")
    post(world, "wang", f"reports/{at.report}/urge")
    assert told() == {"li"}


def test_who_has_answered_is_left_alone(world: World) -> None:
    at = scenes.reported_in(world)
    post(world, "gas", f"assignments/{at.assist}/submit", measures="无泄漏")
    assert post(world, "wang", f"reports/{at.report}/urge", 409, assignment=at.assist)["code"] == "duty_answered"
    post(world, "wang", f"reports/{at.report}/urge")
    assert told() == {"water", "water_boss"}


def test_a_duty_of_another_report_cannot_be_named(world: World) -> None:
    other = scenes.whistled(world)
    at = scenes.whistled(world)
    assert post(world, "wang", f"reports/{at.report}/urge", 404, assignment=other.lead)["code"] == "not_found"
    Assignment.objects.filter(pk=at.assist).update(active=False)
    assert post(world, "wang", f"reports/{at.report}/urge", 409, assignment=at.assist)["code"] == "duty_inactive"


def test_one_person_nudges_once_an_hour_and_all_together_thrice(world: World) -> None:
    with moved_to(MONDAY):
        at = scenes.whistled(world)
        post(world, "wang", f"reports/{at.report}/urge")
    with moved_to(MONDAY + timedelta(minutes=20)):
        refused = post(world, "wang", f"reports/{at.report}/urge", 429)
        assert refused["code"] == "urged_enough"
        assert datetime.fromisoformat(refused["again_at"]) == MONDAY + timedelta(hours=1)
        assert "40" in refused["title"]
        post(world, "li", f"reports/{at.report}/urge")
        post(world, "supervisor", f"reports/{at.report}/urge")
        post(world, "command", f"reports/{at.report}/urge", 429)
    with moved_to(MONDAY + timedelta(minutes=60)):
        post(world, "wang", f"reports/{at.report}/urge")
        post(world, "command", f"reports/{at.report}/urge", 429)


def test_the_pace_is_a_setting(world: World, settings: object) -> None:
    settings.GRIDWHISTLE = {**settings.GRIDWHISTLE, "URGES_PER_PERSON": 2, "URGES_PER_REPORT": 2}  # type: ignore[attr-defined]
    at = scenes.whistled(world)
    for expect in (200, 200, 429):
        post(world, "wang", f"reports/{at.report}/urge", expect)


def test_a_repeated_request_nudges_once(world: World) -> None:
    at = scenes.whistled(world)
    for _ in range(2):
        post(world, "wang", f"reports/{at.report}/urge", request_id="3f0c0000-0000-4000-8000-00000000000a")
    assert Event.objects.filter(kind="urge").count() == 1


def test_what_is_closed_is_not_urged(world: World) -> None:
    at = scenes.closed(world)
    assert post(world, "wang", f"reports/{at.report}/urge", 409)["code"] == "transition_refused"


def test_the_unit_itself_and_strangers_do_not_urge(world: World) -> None:
    at = scenes.whistled(world)
    post(world, "gas", f"reports/{at.report}/urge", 403)
    post(world, "zhang", f"reports/{at.report}/urge", 403)
    post(world, "outsider", f"reports/{at.report}/urge", 404)
