"""事不完,人不撤: who may leave the place, and what is shown of those who did."""

import pytest
from django.urls import reverse

from notifications.kinds import render
from notifications.models import Notification
from reports.models import Assignment, Card, CardRule, Event
from tests import scenes
from tests.test_main_job import HERE, ON_SITE, announced
from tests.world import World, post

pytestmark = pytest.mark.django_db


def lead_of(at: scenes.Scene) -> Assignment:
    return Assignment.objects.get(pk=at.lead)


def test_a_unit_asks_is_released_and_leaves(world: World) -> None:
    at = scenes.reported_in(world)
    post(world, "water", f"assignments/{at.lead}/leave", note="取备件")
    asked = lead_of(at)
    assert (asked.leave_asked_at is not None, asked.left_at) == (True, None)
    told = Notification.objects.filter(kind="leave_asked").values_list("recipient__username", flat=True)
    assert list(told) == ["wang"]
    post(world, "wang", f"assignments/{at.lead}/release", note="同意")
    told = Notification.objects.filter(kind="released").values_list("recipient__username", flat=True)
    assert set(told) == {"water", "water_boss"}
    post(world, "water", f"assignments/{at.lead}/leave")
    left = lead_of(at)
    assert (left.left_at is not None, left.left_unreleased) == (True, False)
    assert post(world, "wang", f"assignments/{at.lead}/release", 409)["code"] == "left_already"


def test_leaving_unreleased_is_shown_in_the_watch_and_the_rating(world: World) -> None:
    at = scenes.reported_in(world)
    post(world, "gas", f"assignments/{at.assist}/leave", gone=True, note="下班")
    watch = world.api("wang").get(reverse("whistle-delivery", args=[at.whistle])).json()
    assert {duty["department"]["code"]: duty["left_unreleased"] for duty in watch["assignments"]} == {
        "SWJT": False,
        "RQGS": True,
    }
    told = Notification.objects.filter(kind="left_unreleased").values_list("recipient__username", flat=True)
    assert list(told) == ["wang"]
    post(world, "wang", f"assignments/{at.lead}/waive", reason="街道自行处置")
    post(world, "wang", f"whistles/{at.whistle}/rate", ratings=scenes.ratings(at))
    rated = Event.objects.filter(kind="rate").order_by("id")
    assert [event.data.get("left_unreleased", False) for event in rated] == [False, True]


def test_a_rated_department_is_told_how(world: World) -> None:
    at = scenes.answered(world)
    given = [one | {"comment": "到得快"} for one in scenes.ratings(at)]
    post(world, "wang", f"whistles/{at.whistle}/rate", ratings=given)
    told = Notification.objects.filter(kind="department_rated")
    assert set(told.values_list("recipient__username", "params__unit", "urgency")) == {
        ("water", "水务集团", "normal"),
        ("water_boss", "水务集团", "normal"),
        ("gas", "燃气公司", "normal"),
    }
    assert {notice.subject_id for notice in told} == {str(at.report)}
    text = render("department_rated", told[0].params, "en")
    assert "response 5, attendance 5, result 4" in text.body
    assert "到得快" in text.body


def test_after_the_end_leaving_is_free(world: World) -> None:
    at = scenes.answered(world)
    post(world, "water", f"assignments/{at.lead}/leave")
    assert (lead_of(at).left_at is not None, lead_of(at).left_unreleased) == (True, False)


def test_one_released_from_the_duty_leaves_freely(world: World) -> None:
    at = scenes.reported_in(world)
    post(world, "wang", f"assignments/{at.assist}/waive", reason="无需燃气")
    post(world, "gas", f"assignments/{at.assist}/leave")
    assert Assignment.objects.get(pk=at.assist).left_unreleased is False


def test_who_never_came_cannot_leave(world: World) -> None:
    at = scenes.whistled(world)
    assert post(world, "water", f"assignments/{at.lead}/leave", 409)["code"] == "transition_refused"
    assert post(world, "wang", f"assignments/{at.lead}/release", 409)["code"] == "transition_refused"


def test_one_who_comes_back_is_to_be_released_again_and_the_record_stays(world: World) -> None:
    at = scenes.reported_in(world)
    post(world, "water", f"assignments/{at.lead}/leave", gone=True)
    Assignment.objects.filter(pk=at.lead).update(status="rework")
    photos = [announced(ON_SITE, "reference")]
    post(world, "water", f"assignments/{at.lead}/report_in", position=HERE, photos=photos)
    back = lead_of(at)
    assert (back.left_at, back.released_at, back.left_unreleased) == (None, None, True)


def test_a_city_may_give_a_card_for_leaving(world: World) -> None:
    CardRule.objects.create(trigger="left", colour="yellow")
    at = scenes.reported_in(world)
    post(world, "gas", f"assignments/{at.assist}/leave", gone=True)
    card = Card.objects.get()
    assert (card.department.code, card.colour, card.trigger, card.given_by) == ("RQGS", "yellow", "left", None)
