"""Service records and credit points: confirmed by another, counted once, corrected by contrary entries."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.db.utils import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.moment import moved_to, now
from core.problems import Problem
from tests import volunteer_scenes as band
from tests.world import World, post
from volunteers.actions.credits import balance, local_date, settle, worth
from volunteers.actions.rules import begin_rule, end_rule
from volunteers.models import CreditEntry, CreditRule, ServiceRecord, Volunteer
from volunteers.rules import DEFAULTS, ship_defaults

pytestmark = pytest.mark.django_db

RECORDS = "volunteers/records"


def points(volunteer: Volunteer, why: str = "patrol") -> int:
    entries = CreditEntry.objects.filter(volunteer=volunteer, why=why)
    return entries.aggregate(total=Sum("points"))["total"] or 0


# -- records -----------------------------------------------------------------------------------------------------------


def test_a_service_entered_by_hand_is_confirmed_by_the_community_and_credited(world: World) -> None:
    at = band.proposed(world)
    assert points(band.volunteer(world)) == 0
    told = post(world, "sun", f"{RECORDS}/{at.record}/confirm")
    assert (told["status"], told["hours"]) == ("confirmed", 2.0)
    assert points(band.volunteer(world)) == 4
    assert world.api("nobody").get("/api/v1/volunteers/me").json()["hours"] == 2.0


def test_who_entered_it_does_not_confirm_it(world: World) -> None:
    at = band.registered(world)
    record = post(world, "sun", RECORDS, 201, **band.service(volunteer=at.member))["id"]
    assert post(world, "sun", f"{RECORDS}/{record}/confirm", 403)["code"] == "proposed_it"
    assert post(world, "sun", f"{RECORDS}/{record}/decline", 403, reason="x")["code"] == "proposed_it"
    post(world, "wang", f"{RECORDS}/{record}/confirm")
    record = ServiceRecord.objects.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        ServiceRecord.objects.create(
            volunteer=record.volunteer,
            community=record.community,
            kind="care",
            date=record.date,
            minutes=10,
            place="x",
            proposed_by=record.proposed_by,
            proposed_at=now(),
            decided_by=record.proposed_by,
        )


def test_a_declined_service_counts_nothing_and_may_be_entered_again(world: World) -> None:
    at = band.proposed(world)
    assert post(world, "nobody", RECORDS, 409, **band.service())["code"] == "service_twice"
    post(world, "sun", f"{RECORDS}/{at.record}/decline", reason="时长不对")
    assert CreditEntry.objects.filter(record__isnull=False).count() == 0
    post(world, "nobody", RECORDS, 201, **band.service(hours=1))


def test_what_a_call_put_on_record_is_not_entered_by_hand_again(world: World) -> None:
    at = band.on_site(world)
    post(world, "wang", f"volunteers/calls/{at.call}/close")
    same = band.service(kind="environment", place="台上社区南门")
    assert post(world, "nobody", RECORDS, 409, **same)["code"] == "service_twice"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"date": (date.today() + timedelta(days=2)).isoformat()}, "service_date"),
        ({"date": (date.today() - timedelta(days=92)).isoformat()}, "service_date"),
        ({"hours": 0}, "no_hours"),
        ({"hours": 0.001}, "no_hours"),
        ({"hours": 25}, "invalid"),
    ],
)
def test_a_service_lies_in_the_past_and_takes_time(world: World, changes: dict[str, Any], code: str) -> None:
    band.registered(world)
    assert post(world, "nobody", RECORDS, 400, **band.service(**changes))["code"] == code


def test_a_day_has_24_hours(world: World) -> None:
    band.proposed(world, hours=20)
    told = post(world, "nobody", RECORDS, 400, **band.service(hours=5, place="别处"))
    assert told["code"] == "too_many_hours"
    post(world, "nobody", RECORDS, 201, **band.service(hours=4, place="别处"))


def test_only_who_is_registered_serves(world: World) -> None:
    band.introduced(world)
    assert post(world, "nobody", RECORDS, 409, **band.service())["code"] == "not_registered"


def test_a_correction_is_a_record_of_its_own_and_moves_the_points_when_it_is_confirmed(world: World) -> None:
    at = band.confirmed(world)
    correction = post(world, "nobody", f"{RECORDS}/{at.record}/correct", reason="只有一小时", hours=1)
    assert (correction["corrects"], correction["status"]) == (at.record, "proposed")
    assert points(band.volunteer(world)) == 4
    post(world, "sun", f"{RECORDS}/{correction['id']}/confirm")
    assert points(band.volunteer(world)) == 2
    lines = CreditEntry.objects.filter(why="patrol").order_by("id").values_list("record_id", "points")
    assert list(lines) == [(at.record, 4), (at.record, -4), (correction["id"], 2)]
    assert ServiceRecord.objects.get(pk=at.record).minutes == 120
    assert world.api("nobody").get("/api/v1/volunteers/me").json()["hours"] == 1.0


def test_a_record_is_corrected_once_and_its_correction_again(world: World) -> None:
    at = band.confirmed(world)
    first = post(world, "nobody", f"{RECORDS}/{at.record}/correct", reason="一小时", hours=1)["id"]
    told = post(world, "nobody", f"{RECORDS}/{at.record}/correct", 409, reason="又", hours=3)
    assert told["code"] == "already_corrected"
    assert post(world, "nobody", f"{RECORDS}/{first}/correct", 409, reason="又")["code"] == "not_confirmed"
    post(world, "sun", f"{RECORDS}/{first}/confirm")
    taken_back = post(world, "nobody", f"{RECORDS}/{first}/correct", reason="没去", hours=0)["id"]
    post(world, "sun", f"{RECORDS}/{taken_back}/confirm")
    assert points(band.volunteer(world)) == 0


def test_a_declined_correction_changes_nothing_and_another_may_follow(world: World) -> None:
    at = band.confirmed(world)
    first = post(world, "nobody", f"{RECORDS}/{at.record}/correct", reason="三小时", hours=3)["id"]
    post(world, "sun", f"{RECORDS}/{first}/decline", reason="没有依据")
    assert points(band.volunteer(world)) == 4
    post(world, "nobody", f"{RECORDS}/{at.record}/correct", reason="一小时", hours=1)


def test_a_correction_to_another_day_moves_the_points_there(world: World) -> None:
    at = band.confirmed(world)
    yesterday = local_date(now()) - timedelta(days=1)
    moved = post(world, "nobody", f"{RECORDS}/{at.record}/correct", reason="是昨天", date=yesterday.isoformat())["id"]
    post(world, "sun", f"{RECORDS}/{moved}/confirm")
    days = CreditEntry.objects.filter(why="patrol").values("date").annotate(total=Sum("points")).order_by("date")
    assert [(day["date"], day["total"]) for day in days] == [(yesterday, 4), (local_date(now()), 0)]


# -- the ledger --------------------------------------------------------------------------------------------------------


def test_the_daily_cap_holds_and_taking_a_service_back_lets_the_others_count(world: World) -> None:
    at = band.confirmed(world, hours=3)
    second = post(world, "nobody", RECORDS, 201, **band.service(hours=2, place="别处"))["id"]
    post(world, "sun", f"{RECORDS}/{second}/confirm")
    # 6 and 4 under a cap of 8.
    assert points(band.volunteer(world)) == 8
    back = post(world, "nobody", f"{RECORDS}/{at.record}/correct", reason="没去", hours=0)["id"]
    post(world, "sun", f"{RECORDS}/{back}/confirm")
    assert points(band.volunteer(world)) == 4


def book(volunteer: Volunteer, day: date, number: int, minutes: int, corrects: Any = None) -> ServiceRecord:
    return ServiceRecord.objects.create(
        volunteer=volunteer,
        community=volunteer.home,
        kind="patrol",
        date=day,
        minutes=minutes,
        place=f"place {number}",
        corrects=corrects,
        proposed_by=volunteer.user,
        proposed_at=now(),
    )


def decide(record: ServiceRecord, by: Any) -> None:
    ServiceRecord.objects.filter(pk=record.pk, status="proposed").update(status="confirmed", decided_by=by)


SERVICES = st.lists(st.integers(min_value=1, max_value=400), min_size=1, max_size=5)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(services=SERVICES, data=st.data())
def test_the_balance_is_what_was_done_whatever_the_order_and_the_repeats(
    world: World, services: list[int], data: st.DataObject
) -> None:
    day = local_date(now())
    with transaction.atomic():
        # Tokens of the example before went with its rows.
        world._tokens.clear()
        band.registered(world)
        volunteer, desk = band.volunteer(world), world["sun"]
        rows = [book(volunteer, day, number, minutes) for number, minutes in enumerate(services)]
        corrected = data.draw(st.sets(st.sampled_from(range(len(rows)))))
        said = {index: data.draw(st.integers(min_value=0, max_value=400)) for index in sorted(corrected)}
        corrections = {index: book(volunteer, day, index, minutes, rows[index]) for index, minutes in said.items()}
        order = data.draw(st.permutations(range(len(rows))))
        for index in order:
            decide(rows[index], desk)
            for _repeat in range(data.draw(st.integers(min_value=1, max_value=3))):
                settle(volunteer, [day], rows[index], desk, now())
            entered = CreditEntry.objects.count()
            settle(volunteer, [day], rows[index], desk, now())
            assert CreditEntry.objects.count() == entered, "a service counts once"
        for index in data.draw(st.permutations(sorted(corrections))):
            decide(corrections[index], desk)
            settle(volunteer, [day, day], corrections[index], desk, now())
        effective = [said.get(index, minutes) for index, minutes in enumerate(services)]
        rule = CreditRule.objects.get(kind="patrol")
        expected = min(sum(worth(rule, minutes) for minutes in effective), rule.daily_cap or 0)
        assert points(volunteer) == expected
        ledger = list(CreditEntry.objects.filter(volunteer=volunteer).values_list("points", "source"))
        assert balance(volunteer) == sum(one for one, _source in ledger) == expected + 10
        assert len({source for _one, source in ledger}) == len(ledger)
        transaction.set_rollback(True)


@given(points=st.integers(0, 50), minutes=st.integers(0, 1440))
def test_points_by_the_hour_are_rounded_half_up(points: int, minutes: int) -> None:
    rule = CreditRule(points=points, per="hour")
    assert abs(worth(rule, minutes) - points * minutes / 60) <= 0.5
    assert worth(CreditRule(points=3, per="hour"), 30) == 2


def test_the_ledger_and_decided_records_are_never_changed(world: World) -> None:
    at = band.confirmed(world)
    entry, record = CreditEntry.objects.first(), ServiceRecord.objects.get()
    for wrong in (entry.save, entry.delete, CreditEntry.objects.all().delete, record.delete):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(TypeError):
        CreditEntry.objects.update(points=99)
    for table, change in (
        ("volunteers_creditentry", "points = 99"),
        ("volunteers_servicerecord", "minutes = 999"),
        ("volunteers_volunteerstep", "note = 'x'"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {change}")
    assert ServiceRecord.objects.get(pk=at.record).minutes == 120


def test_an_events_points_are_taken_back_once_by_a_contrary_entry(world: World) -> None:
    at = band.confirmed(world)
    contrary = post(world, "sun", f"volunteers/credits/{at.entry}/reverse", reason="误记")
    assert contrary["points"] == -10
    told = post(world, "sun", f"volunteers/credits/{at.entry}/reverse", 409, reason="误记")
    assert told["code"] == "already_reversed"
    post(world, "sun", f"volunteers/credits/{contrary['id']}/reverse", 409, reason="又反")
    of_record = CreditEntry.objects.get(record=at.record)
    told = post(world, "sun", f"volunteers/credits/{of_record.pk}/reverse", 409, reason="误记")
    assert told["code"] == "correct_the_record"
    assert balance(band.volunteer(world)) == 4


# -- rules -------------------------------------------------------------------------------------------------------------


def test_the_rules_of_the_day_of_the_service_count(world: World) -> None:
    today = local_date(now())
    rule = CreditRule.objects.get(kind="patrol")
    end_rule(rule, today)
    begin_rule(kind="patrol", per="hour", points=5, daily_cap=None, valid_from=today + timedelta(days=1))
    with moved_to(now() + timedelta(days=3)):
        band.confirmed(world, date=today.isoformat())
        later = band.service(date=(today + timedelta(days=1)).isoformat())
        second = post(world, "nobody", RECORDS, 201, **later)["id"]
        post(world, "sun", f"{RECORDS}/{second}/confirm")
    assert points(band.volunteer(world)) == 4 + 10


def test_rules_neither_meet_nor_reach_into_the_past(world: World) -> None:
    today = local_date(now())
    new = {"kind": "patrol", "per": "hour", "points": 5, "daily_cap": None}
    for code, said in (
        ("rule_in_past", {"valid_from": today - timedelta(days=1)}),
        ("rule_overlaps", {"valid_from": today}),
        ("rule_order", {"valid_from": today, "valid_to": today - timedelta(days=1)}),
    ):
        with pytest.raises(Problem) as refused:
            begin_rule(**new, **said)
        assert refused.value.code == code
    rule = CreditRule.objects.get(kind="patrol")
    with pytest.raises(Problem):
        end_rule(rule, today - timedelta(days=1))
    begin_rule(**{**new, "per": "time"}, valid_from=today)


def test_the_defaults_are_shipped_once(world: World) -> None:
    assert CreditRule.objects.count() == len(DEFAULTS)
    ship_defaults()
    assert CreditRule.objects.count() == len(DEFAULTS)


# -- the ranking -------------------------------------------------------------------------------------------------------


def ranked(world: World, name: str, expect: int = 200, **query: Any) -> list[dict[str, Any]]:
    answer = world.api(name).get("/api/v1/volunteers/ranking", query or {"area": band.COMMUNITY})
    assert answer.status_code == expect, answer.content
    return answer.json()


def test_the_ranking_shows_display_names_and_shares_ranks(world: World) -> None:
    at = band.with_a_third(world)
    record = post(world, "nobody", RECORDS, 201, **band.service())["id"]
    post(world, "sun", f"{RECORDS}/{record}/confirm")
    rows = ranked(world, "housing")
    assert [(row["rank"], row["points"], row["me"]) for row in rows] == [
        (1, 14, False),
        (2, 10, True),
        (2, 10, False),
    ]
    assert set(rows[0]) == {"rank", "display_name", "points", "me"}
    assert rows[0]["display_name"] == "无***"
    assert len(ranked(world, "nobody", team=at.team)) == 2
    assert len(ranked(world, "wang", area=world.street.code)) == 3


def test_one_who_does_not_want_to_appear_does_not(world: World) -> None:
    band.teamed(world)
    band.put_me(world, "nobody", in_ranking=False)
    assert [row["me"] for row in ranked(world, "housing")] == [True]
    assert world.api("nobody").get("/api/v1/volunteers/me").json()["points"] == 10


def test_the_period_bounds_the_ranking_and_its_length_is_a_setting(world: World, settings: Any) -> None:
    band.teamed(world)
    long_ago = {"area": band.COMMUNITY, "start": "2020-01-01", "end": "2020-12-31"}
    assert ranked(world, "sun", **long_ago) == []
    settings.GRIDWHISTLE = {**settings.GRIDWHISTLE, "RANKING_ROWS": 1}
    assert len(ranked(world, "sun")) == 1


def test_a_ranking_is_of_one_place_or_one_team_and_for_those_who_belong_there(world: World) -> None:
    at = band.teamed(world)
    ranked(world, "sun", 400, area=band.COMMUNITY, team=at.team)
    ranked(world, "nobody", area=world.street.code)
    ranked(world, "nobody", 404, area="371082900")
    ranked(world, "gas", 404)
    ranked(world, "gas", 404, team=at.team)
    ranked(world, "outsider", 404, team=at.team)
