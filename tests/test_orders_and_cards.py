"""督办: the reply and its deadline, accepted or sent back; and the cards that follow."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from core.moment import moved_to
from notifications.models import Notification
from reports.models import Card, CardRule, Clock, EscalationStep, Event, SupervisionOrder
from reports.supervise import supervise_once
from reports.supervision_defaults import CARD_RULES, ESCALATION, ship_supervision_defaults
from tests import scenes
from tests.world import World, post

pytestmark = pytest.mark.django_db

MONDAY = datetime.fromisoformat("2026-09-14T09:00:00+08:00")


def told(kind: str) -> set[str]:
    return set(Notification.objects.filter(kind=kind).values_list("recipient__username", flat=True))


def cards() -> list[tuple[str, str]]:
    return list(Card.objects.order_by("pk").values_list("colour", "trigger"))


# -- replies -----------------------------------------------------------------------------------------------------


def test_an_order_of_a_leader_is_replied_to_within_four_working_hours(world: World) -> None:
    with moved_to(MONDAY):
        scenes.ordered(world)
    clock = Clock.objects.get(kind="reply", order__isnull=False)
    assert clock.due_at == MONDAY + timedelta(hours=6)
    listed = world.api("water").get("/api/v1/supervision_orders", {"department": "SWJT"}).json()["results"]
    assert [(row["status"], datetime.fromisoformat(row["reply_due_at"])) for row in listed] == [("open", clock.due_at)]


def test_the_supervisor_sets_another_time_to_reply_by(world: World) -> None:
    with moved_to(MONDAY):
        at = scenes.whistled(world)
        by = MONDAY + timedelta(hours=30)
        said = {"kind": "important", "reason": "重点", "reply_by": by.isoformat()}
        post(world, "supervisor", f"reports/{at.report}/supervise", **said)
        past = {**said, "reply_by": (MONDAY - timedelta(hours=1)).isoformat()}
        assert post(world, "supervisor", f"reports/{at.report}/supervise", 400, **past)["code"] == "reply_time"
    assert Clock.objects.get(kind="reply").due_at == by


def test_an_order_is_for_the_lead_or_for_the_unit_that_is_named(world: World) -> None:
    at = scenes.whistled(world)
    path, said = f"reports/{at.report}/supervise", {"kind": "leader", "reason": "限期答复"}
    post(world, "supervisor", path, **said)
    post(world, "supervisor", path, department="RQGS", **said)
    assert [order.department.code for order in SupervisionOrder.objects.order_by("pk")] == ["SWJT", "RQGS"]
    for stranger in ("ZJJ", "nowhere"):
        refused = post(world, "supervisor", path, 400, department=stranger, **said)
        assert (refused["code"], refused["errors"][0]["field"]) == ("never_on_report", "department")


def test_a_reply_is_accepted_or_sent_back(world: World) -> None:
    with moved_to(MONDAY):
        at = scenes.replied(world)
        post(world, "supervisor", f"supervision_orders/{at.order}/send_back", reason="没有措施")
        assert told("reply_sent_back") == {"water", "water_boss"}
        order = SupervisionOrder.objects.get()
        assert (order.status, order.sent_back) == ("open", 1)
        assert Clock.objects.filter(kind="reply", order=order, stopped_at__isnull=True).count() == 1
        post(world, "supervisor", f"supervision_orders/{at.order}/accept", 409)
        post(world, "water", f"supervision_orders/{at.order}/reply", text="二十人抢修,今晚恢复")
        post(world, "supervisor", f"supervision_orders/{at.order}/accept", note="可以")
    order.refresh_from_db()
    assert (order.status, order.reply) == ("accepted", "二十人抢修,今晚恢复")
    replies = Event.objects.filter(kind="order_reply").order_by("id").values_list("note", flat=True)
    assert list(replies) == ["已安排抢修", "二十人抢修,今晚恢复"]
    assert not Clock.objects.filter(kind="reply", stopped_at__isnull=True).exists()


def test_an_order_links_other_reports_which_the_caller_supervises(world: World) -> None:
    main, other = scenes.whistled(world), scenes.whistled(world)
    said = {"kind": "important", "reason": "同一管网", "linked": [str(other.report)]}
    post(world, "supervisor", f"reports/{main.report}/supervise", **said)
    row = world.api("supervisor").get("/api/v1/supervision_orders").json()["results"][0]
    assert [one["id"] for one in row["linked"]] == [str(other.report)]
    unknown = {**said, "linked": ["3f0c0000-0000-4000-8000-00000000000c"]}
    post(world, "supervisor", f"reports/{main.report}/supervise", 404, **unknown)
    assert SupervisionOrder.objects.count() == 1


def test_a_reply_outlasts_the_report(world: World) -> None:
    at = scenes.approved(world)
    post(world, "supervisor", f"reports/{at.report}/supervise", kind="leader", reason="批示")
    detail = post(world, "wang", f"reports/{at.report}/close")
    assert (detail["status"], detail["light"]) == ("closed", "")
    order = SupervisionOrder.objects.get()
    assert Clock.objects.get(kind="reply").running
    post(world, "wang", f"supervision_orders/{order.pk}/reply", text="已办结")


# -- cards -------------------------------------------------------------------------------------------------------


def overdue_reply(world: World, moment: datetime) -> None:
    """An order to the water company on a report of its own, which is not replied to in time."""
    with moved_to(moment):
        at = scenes.whistled(world)
        by = (moment + timedelta(minutes=10)).isoformat()
        post(world, "supervisor", f"reports/{at.report}/supervise", kind="important", reason="重点", reply_by=by)
    with moved_to(moment + timedelta(minutes=10)):
        supervise_once()
    # What else the report goes on to owe would bring cards of its own.
    Clock.objects.update(next_at=None)


def test_a_reply_that_is_late_raises_the_order_and_gives_a_yellow_card(world: World) -> None:
    overdue_reply(world, MONDAY)
    order = SupervisionOrder.objects.get()
    assert order.level == 2
    card = Card.objects.get()
    assert (card.department.code, card.colour, card.order, card.given_by) == ("SWJT", "yellow", order, None)
    assert told("card_given") == {"water", "water_boss", "li"}


def test_two_yellow_cards_within_ninety_days_give_a_red_one_and_the_count_begins_anew(world: World) -> None:
    overdue_reply(world, MONDAY)
    overdue_reply(world, MONDAY + timedelta(days=89))
    assert cards() == [("yellow", "reply_overdue"), ("yellow", "reply_overdue"), ("red", "yellows")]
    overdue_reply(world, MONDAY + timedelta(days=91))
    assert [colour for colour, _ in cards()].count("red") == 1


def test_yellow_cards_too_far_apart_or_revoked_do_not_add_up(world: World) -> None:
    overdue_reply(world, MONDAY)
    overdue_reply(world, MONDAY + timedelta(days=91))
    assert [colour for colour, _ in cards()] == ["yellow", "yellow"]
    with moved_to(MONDAY + timedelta(days=92)):
        last = Card.objects.latest("pk")
        post(world, "supervisor", f"cards/{last.pk}/revoke", reason="系统故障")
    overdue_reply(world, MONDAY + timedelta(days=93))
    assert [colour for colour, _ in cards()] == ["yellow", "yellow", "yellow"]


def test_the_rules_of_cards_are_data(world: World) -> None:
    CardRule.objects.filter(trigger="reply_overdue").update(active=False)
    overdue_reply(world, MONDAY)
    assert cards() == []
    CardRule.objects.create(trigger="no_show", colour="red")
    with moved_to(MONDAY + timedelta(days=1)):
        scenes.whistled(world)
    with moved_to(MONDAY + timedelta(days=1, minutes=31)):
        supervise_once()
    assert set(Card.objects.values_list("department__code", "trigger")) >= {("SWJT", "no_show"), ("RQGS", "no_show")}


def test_a_card_by_hand_has_a_reason_and_is_revoked_with_one(world: World) -> None:
    at = scenes.whistled(world)
    path = f"reports/{at.report}/cards"
    refused = post(world, "supervisor", path, 400, department="ZJJ", colour="red", reason="推诿")
    assert refused["code"] == "never_on_report"
    post(world, "supervisor", path, 400, department="SWJT", colour="red", reason="")
    post(world, "supervisor", path, department="SWJT", colour="red", reason="推诿")
    card = Card.objects.get()
    assert (card.given_by, card.reason) == (world["supervisor"], "推诿")
    post(world, "supervisor", f"cards/{card.pk}/revoke", reason="申诉成立")
    card.refresh_from_db()
    assert (card.revoked_by, card.revoked_reason) == (world["supervisor"], "申诉成立")
    assert post(world, "supervisor", f"cards/{card.pk}/revoke", 409, reason="再撤")["code"] == "card_revoked"
    listed = world.api("water").get("/api/v1/cards", {"department": "SWJT", "revoked": "true"}).json()["results"]
    assert [row["id"] for row in listed] == [card.pk]
    assert world.api("gas").get("/api/v1/cards").json()["results"] == []


def test_a_card_is_never_deleted(world: World) -> None:
    scenes.carded(world)
    with pytest.raises(TypeError):
        Card.objects.get().delete()
    with pytest.raises(TypeError):
        Card.objects.all().delete()


# -- the ladder --------------------------------------------------------------------------------------------------


def test_the_shipped_rules_are_there_and_are_not_shipped_twice(world: World) -> None:
    ship_supervision_defaults()
    assert CardRule.objects.count() == len(CARD_RULES)
    assert EscalationStep.objects.count() == len(ESCALATION)


def test_a_step_for_one_clock_takes_the_place_of_those_for_any(world: World) -> None:
    EscalationStep.objects.create(clock="accept", light="yellow", who="supervisor")
    with moved_to(MONDAY):
        scenes.submitted(world)
    with moved_to(MONDAY + timedelta(minutes=12)):
        supervise_once()
    assert told("clock_reminded") == {"wang"}
    assert told("clock_yellow") == {"supervisor"}


def test_a_step_switched_off_tells_nobody(world: World) -> None:
    EscalationStep.objects.filter(light="reminded").update(active=False)
    with moved_to(MONDAY):
        scenes.submitted(world)
    with moved_to(MONDAY + timedelta(minutes=8)):
        supervise_once()
    assert told("clock_reminded") == set()


def test_a_path_asked_for_makes_the_notice_as_urgent_as_it_takes(world: World) -> None:
    EscalationStep.objects.filter(light="yellow").update(transport="sms")
    with moved_to(MONDAY):
        scenes.submitted(world)
    with moved_to(MONDAY + timedelta(minutes=12)):
        supervise_once()
    urgency = dict(Notification.objects.filter(recipient=world["wang"]).values_list("kind", "urgency"))
    assert (urgency["clock_reminded"], urgency["clock_yellow"]) == ("normal", "urgent")


def test_whom_two_steps_name_is_told_once(world: World) -> None:
    EscalationStep.objects.create(light="red", level=1, who="street_leader", transport="sms")
    with moved_to(MONDAY):
        scenes.submitted(world)
    with moved_to(MONDAY + timedelta(minutes=16)):
        supervise_once()
    rows = Notification.objects.filter(kind="clock_red", recipient=world["li"])
    assert list(rows.values_list("urgency", flat=True)) == ["urgent"]


@pytest.mark.parametrize(
    "row",
    [{"light": "red", "level": 0, "who": "supervisor"}, {"light": "yellow", "level": 1, "who": "supervisor"}],
)
def test_a_level_belongs_to_red(world: World, row: dict) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        EscalationStep.objects.create(**row)


def test_yellow_cards_never_give_yellow_cards(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CardRule.objects.create(trigger="yellows", colour="yellow")
