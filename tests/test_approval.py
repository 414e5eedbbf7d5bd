"""Who approves a whistle: the leader, a deputy in the leader's stead, the community's first; and the review of an
emergency afterwards."""

from datetime import datetime, timedelta

import pytest

from core.moment import moved_to, now
from grids.actions.appointments import withdraw
from grids.models import Appointment
from notifications.models import Notification
from reports.actions.deputies import name_deputy
from reports.models import Clock, Deputy, Event, SupervisionOrder, Whistle
from reports.supervise import supervise_once
from tests import scenes
from tests.world import World, post

pytestmark = pytest.mark.django_db

MONDAY = datetime.fromisoformat("2026-09-14T09:00:00+08:00")
WEEK = timedelta(days=7)


def deputise(world: World, deputy: str, begin: datetime | None = None, end: datetime | None = None) -> Deputy:
    begin = begin or now()
    return name_deputy(world["li"], deputy, world.street.code, begin, end or begin + WEEK)


def asked() -> set[str]:
    return set(Notification.objects.filter(kind="whistle_pending").values_list("recipient__username", flat=True))


# -- deputies ----------------------------------------------------------------------------------------------------


def test_a_deputy_approves_in_the_leaders_stead_and_the_event_says_for_whom(world: World) -> None:
    deputise(world, "clerk")
    at = scenes.whistled(world, "routine")
    assert asked() == {"li", "clerk"}
    post(world, "clerk", f"whistles/{at.whistle}/approve", note="代批")
    event = Event.objects.get(kind="approve_whistle")
    assert (event.actor, event.data["instead_of_user"]) == (world["clerk"], "li")
    assert Whistle.objects.get().decided_for == world["li"]


def test_a_deputy_declines_and_reviews_too(world: World) -> None:
    deputise(world, "clerk")
    at = scenes.whistled(world, "routine")
    post(world, "clerk", f"whistles/{at.whistle}/decline", note="不批")
    emergency = scenes.whistled(world)
    post(world, "clerk", f"whistles/{emergency.whistle}/review", justified=True)
    assert Event.objects.get(kind="review_whistle").data == {
        "justified": True,
        "instead_of": str(world["li"]),
        "instead_of_user": "li",
    }


def test_a_deputy_does_not_approve_an_own_draft(world: World) -> None:
    deputise(world, "wang")
    at = scenes.whistled(world, "routine")
    assert post(world, "wang", f"whistles/{at.whistle}/approve", 403)["code"] == "own_draft"


def test_a_deputy_counts_only_within_the_time_and_while_the_leader_leads(world: World) -> None:
    with moved_to(MONDAY):
        row = deputise(world, "clerk", MONDAY + timedelta(days=1), MONDAY + timedelta(days=2))
        at = scenes.whistled(world, "routine")
        post(world, "clerk", f"whistles/{at.whistle}/approve", 403)
    with moved_to(MONDAY + timedelta(days=2)):
        post(world, "clerk", f"whistles/{at.whistle}/approve", 403)
    with moved_to(MONDAY + timedelta(days=1)):
        assert row.leader == world["li"]
        withdraw(Appointment.objects.get(user=world["li"]))
        post(world, "clerk", f"whistles/{at.whistle}/approve", 403)


def test_a_leader_ends_it_early(world: World) -> None:
    row = deputise(world, "clerk")
    at = scenes.whistled(world, "routine")
    post(world, "li", f"deputies/{row.pk}/end")
    post(world, "clerk", f"whistles/{at.whistle}/approve", 403)
    assert post(world, "li", f"deputies/{row.pk}/end", 409)["code"] == "deputy_ended"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"deputy": "li"}, 400, "deputy_is_oneself"),
        ({"deputy": "water"}, 400, "deputy_sees_nothing"),
        ({"deputy": "nobody-here"}, 400, "unknown_unit"),
        ({"ends_at": "2020-01-01T00:00:00+08:00"}, 400, "time_span"),
        ({"area": "371082900"}, 403, "forbidden"),
        ({"area": "no-such-area"}, 404, "not_found"),
    ],
)
def test_what_no_deputy_is_named_for(world: World, changes: dict, status: int, code: str) -> None:
    said = {
        "deputy": "wang",
        "area": world.street.code,
        "starts_at": now().isoformat(),
        "ends_at": (now() + WEEK).isoformat(),
        **changes,
    }
    assert post(world, "li", "deputies", status, **said)["code"] == code
    assert not Deputy.objects.exists()


def test_naming_twice_is_naming_once(world: World) -> None:
    said = {
        "deputy": "wang",
        "area": world.street.code,
        "starts_at": now().isoformat(),
        "ends_at": (now() + WEEK).isoformat(),
    }
    first, second = post(world, "li", "deputies", 201, **said), post(world, "li", "deputies", 201, **said)
    assert first["id"] == second["id"]
    listed = world.api("wang").get("/api/v1/deputies", {"now": "true"}).json()["results"]
    assert [row["leader"]["username"] for row in listed] == ["li"]


# -- a community's whistle ---------------------------------------------------------------------------------------


def test_the_first_of_a_community_approves_its_whistle_and_no_streets(world: World) -> None:
    Appointment.objects.filter(user=world["sun"]).update(in_charge=True)
    at = scenes.accepted(world)
    calls = [{"department": "YTJD", "role": "lead"}]
    post(world, "sun", f"reports/{at.report}/whistles", kind="routine", reason="协调", departments=calls)
    assert asked() == {"li", "sun"}
    own = scenes.scene(at.report)
    post(world, "sun", f"whistles/{own.whistle}/approve", note="同意")
    assert Whistle.objects.get().status == "blown"
    street = scenes.whistled(world, "routine")
    post(world, "sun", f"whistles/{street.whistle}/approve", 403)


# -- 事后审核 ----------------------------------------------------------------------------------------------------


def test_an_emergency_is_reviewed_within_a_working_day(world: World) -> None:
    with moved_to(MONDAY):
        at = scenes.whistled(world)
        clock = Clock.objects.get(kind="emergency_review")
        assert clock.due_at == MONDAY + timedelta(days=1)
        told = Notification.objects.filter(kind="whistle_blown_unapproved")
        assert set(told.values_list("recipient__username", flat=True)) == {"li"}
        due = world.api("li").get("/api/v1/whistles", {"to_review": "true"}).json()["results"]
        assert [row["id"] for row in due] == [at.whistle]
        unsaid = post(world, "li", f"whistles/{at.whistle}/review", 400, justified=False, note=" ")
        assert (unsaid["code"], unsaid["errors"][0]["field"]) == ("review_reason", "note")
        detail = post(world, "li", f"whistles/{at.whistle}/review", justified=False, note="并非突发")
        assert (detail["whistles"][0]["justified"], detail["whistles"][0]["review_note"]) == (False, "并非突发")
        refused = post(world, "li", f"whistles/{at.whistle}/review", 409, justified=True)
        assert refused["code"] == "reviewed_already"
        assert world.api("li").get("/api/v1/whistles", {"to_review": "true"}).json()["results"] == []
    assert Clock.objects.get(kind="emergency_review").outcome == "met"


def test_a_review_that_does_not_come_is_supervised_though_the_report_is_closed(world: World) -> None:
    with moved_to(MONDAY):
        at = scenes.whistled(world)
        for duty in (at.lead, at.assist):
            post(world, "wang", f"assignments/{duty}/waive", reason="自行处置")
        post(world, "wang", f"whistles/{at.whistle}/rate", ratings=scenes.ratings(at))
        post(world, "wang", f"whistles/{at.whistle}/close")
        detail = post(world, "wang", f"reports/{at.report}/close")
        assert (detail["status"], detail["due_at"], detail["light"]) == ("closed", None, "")
    with moved_to(MONDAY + timedelta(days=1)):
        supervise_once()
        order = SupervisionOrder.objects.get(clock__kind="emergency_review")
        assert (order.kind, order.department) == ("timeout", None)
        post(world, "li", f"whistles/{at.whistle}/review", justified=True)


def test_only_an_emergency_is_reviewed_afterwards(world: World) -> None:
    at = scenes.joint(world)
    refused = post(world, "li", f"whistles/{at.whistle}/review", 409, justified=True)
    assert refused["code"] == "not_reviewed_afterwards"
    assert not Clock.objects.filter(kind="emergency_review").exists()
