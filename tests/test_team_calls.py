"""A call to a team: everyone is told, who can comes, the hours are confirmed, and the report stays whose it is."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.moment import moved_to, now
from notifications.models import Notification
from reports.models import Assignment, Event, Report
from tests import scenes
from tests import volunteer_scenes as band
from tests.test_main_job import HERE, NEAR, announced
from tests.world import LAT, LNG, World, post
from volunteers.models import Attendance, CreditEntry, ServiceRecord, TeamCall

pytestmark = pytest.mark.django_db

AWAY = {**HERE, "lat": LAT + 0.02}


def part(at: band.Band, member: int) -> Attendance:
    return Attendance.objects.get(call_id=at.call, volunteer_id=member)


def test_everyone_in_the_team_gets_a_bell_by_one_insert(world: World) -> None:
    at = band.ready(world)
    with CaptureQueriesContext(connection) as queries:
        post(world, "wang", "volunteers/calls", 201, **band.call_body(at))
    inserts = [one["sql"] for one in queries if one["sql"].startswith('INSERT INTO "notifications_notification"')]
    assert len(inserts) == 1
    told = Notification.objects.filter(kind="team_called")
    assert {one.recipient.username for one in told} == {"nobody", "housing"}
    assert all(one.needs_receipt for one in told)


def test_a_member_learns_what_helps_and_nothing_of_the_report(world: World) -> None:
    requester = {"name": "张三丰", "phone": "13812345679"}
    photos = [announced(NEAR, "near")]
    at = scenes.accepted(world, requester=requester, address="3号楼2单元402", photos=photos, description="她家漏水")
    ready = band.teamed(world)
    call = post(world, "wang", "volunteers/calls", 201, **band.call_body(replace(ready, report=at.report)))
    number = Report.objects.get().number
    own = world.api("nobody").get(f"/api/v1/volunteers/me/calls/{call['id']}")
    assert own.json()["place"] == "台上社区南门"
    assert (own.json()["item"], own.json()["lng"]) == ("暴露垃圾", LNG)
    listed = world.api("nobody").get("/api/v1/volunteers/me/calls")
    bell = world.api("nobody").get("/api/v1/notifications")
    for answer in (own, listed, bell):
        for secret in (str(at.report), number, "张三丰", "13812345679", "402", "她家漏水"):
            assert secret not in answer.content.decode()
    sha256 = photos[0]["sha256"]
    for path in (
        f"reports/{at.report}",
        f"reports/{at.report}/events",
        f"reports/{at.report}/photos/{sha256}",
        f"reports/{at.report}/delivery",
        f"volunteers/calls/{call['id']}",
    ):
        assert world.api("nobody").get(f"/api/v1/{path}").status_code == 404, path
    assert world.api("nobody").get("/api/v1/reports").json()["results"] == []


def test_a_team_never_becomes_the_lead(world: World) -> None:
    at = band.ready(world)
    before = Report.objects.get()
    post(world, "wang", "volunteers/calls", 201, **band.call_body(at))
    after = Report.objects.get()
    assert (after.status, after.lead_department_id, after.whistle_count) == (
        before.status,
        before.lead_department_id,
        before.whistle_count,
    )
    assert not Assignment.objects.exists()
    assert after.version == before.version + 1


def test_members_answer_change_their_minds_and_say_it_twice(world: World) -> None:
    at = band.called(world)
    path = f"volunteers/me/calls/{at.call}/answer"
    assert post(world, "nobody", path, coming=True, note="十分钟到")["coming"] == 1
    assert post(world, "nobody", path, coming=True)["status"] == "coming"
    assert post(world, "housing", path, coming=False)["status"] == "declined"
    assert post(world, "housing", path, coming=True)["coming"] == 2
    seen = world.api("wang").get(f"/api/v1/volunteers/calls/{at.call}").json()
    assert (seen["coming"], seen["wanted"], seen["on_site"]) == (2, 5, 0)


def test_far_away_is_flagged_and_not_refused(world: World) -> None:
    at = band.called(world)
    near = post(world, "nobody", f"volunteers/me/calls/{at.call}/check_in", position=HERE)
    far = post(world, "housing", f"volunteers/me/calls/{at.call}/check_in", position=AWAY)
    assert (near["far"], far["far"]) == (False, True)
    assert near["distance_m"] < 1
    assert far["distance_m"] == pytest.approx(2224, abs=5)


def test_the_timeline_says_who_was_called_who_arrived_and_how_it_ended(world: World) -> None:
    at = band.on_site(world)
    post(world, "nobody", f"volunteers/me/calls/{at.call}/check_out")
    post(world, "wang", f"volunteers/calls/{at.call}/close", note="清完了")
    events = Event.objects.filter(report=at.report).order_by("id")[2:]
    assert [(one.kind, one.actor.username) for one in events] == [
        ("call_team", "wang"),
        ("team_arrived", "nobody"),
        ("close_team_call", "wang"),
    ]
    assert events[2].data["helped"] == 1


def test_closing_confirms_the_hours_between_coming_and_leaving(world: World) -> None:
    at = band.on_site(world)
    with moved_to(now() + timedelta(minutes=90)):
        post(world, "nobody", f"volunteers/me/calls/{at.call}/check_out")
    with moved_to(now() + timedelta(hours=3)):
        closed = post(world, "wang", f"volunteers/calls/{at.call}/close")
    assert [one["status"] for one in closed["attendances"]] == ["confirmed", "absent"]
    record = ServiceRecord.objects.get()
    assert (record.minutes, record.status, record.proposed_by, record.decided_by) == (
        90,
        "confirmed",
        world["nobody"],
        world["wang"],
    )
    # 1.5 h at 2 points, and 2 for coming when called.
    assert sorted(CreditEntry.objects.filter(record=record).values_list("why", "points")) == [
        ("environment", 3),
        ("on_call", 2),
    ]
    assert Notification.objects.get(kind="team_call_closed").recipient == world["nobody"]


def test_the_callers_word_counts_for_hours_and_for_one_who_forgot_to_check_in(world: World) -> None:
    at = band.on_site(world)
    hours = [
        {"attendance": part(at, at.member).pk, "hours": 0},
        {"attendance": part(at, at.fellow).pk, "hours": 0.5},
    ]
    with moved_to(now() + timedelta(hours=1)):
        post(world, "wang", f"volunteers/calls/{at.call}/close", hours=hours)
    assert [part(at, one).status for one in (at.member, at.fellow)] == ["absent", "confirmed"]
    assert ServiceRecord.objects.get().minutes == 30


def test_one_who_did_not_check_out_is_counted_to_the_end_of_the_call(world: World) -> None:
    at = band.on_site(world)
    with moved_to(now() + timedelta(hours=9)):
        post(world, "wang", f"volunteers/calls/{at.call}/close")
    assert ServiceRecord.objects.get().minutes == 240


def test_nobody_confirms_their_own_hours(world: World) -> None:
    at = band.ready(world)
    band.put_me(world, "sun")
    asked = post(world, "sun", "volunteers/registrations", 201, community=band.COMMUNITY)["id"]
    post(world, "wang", f"volunteers/registrations/{asked}/confirm")
    mine = band.volunteer(world, "sun").pk
    post(world, "wang", f"volunteers/teams/{at.team}/add_member", volunteer=mine)
    call = post(world, "wang", "volunteers/calls", 201, **band.call_body(at))["id"]
    post(world, "sun", f"volunteers/me/calls/{call}/check_in", position=HERE)
    post(world, "sun", f"volunteers/calls/{call}/close")
    record = ServiceRecord.objects.get()
    assert (record.status, CreditEntry.objects.filter(record=record).exists()) == ("proposed", False)
    assert post(world, "sun", f"volunteers/records/{record.pk}/confirm", 403)["code"] == "own_matter"
    post(world, "wang", f"volunteers/records/{record.pk}/confirm")
    assert CreditEntry.objects.filter(record=record).exists()


def test_hours_there_were_not_and_people_who_were_not_called_are_refused_and_nothing_is_done(world: World) -> None:
    at = band.on_site(world)
    path = f"volunteers/calls/{at.call}/close"
    too_long = [{"attendance": part(at, at.member).pk, "hours": 5}]
    assert post(world, "wang", path, 400, hours=too_long)["code"] == "too_many_hours"
    assert post(world, "wang", path, 400, hours=[{"attendance": 10**9, "hours": 1}])["code"] == "not_on_call"
    assert (TeamCall.objects.get().status, ServiceRecord.objects.count()) == ("open", 0)


def test_after_its_time_nobody_answers_or_comes_and_after_its_end_nothing_happens(world: World) -> None:
    at = band.called(world)
    own = f"volunteers/me/calls/{at.call}"
    with moved_to(now() + timedelta(hours=5)):
        assert post(world, "nobody", f"{own}/answer", 409, coming=True)["code"] == "call_over"
        assert post(world, "nobody", f"{own}/check_in", 409, position=HERE)["code"] == "call_over"
    post(world, "wang", f"volunteers/calls/{at.call}/close")
    for path, said in ((f"{own}/answer", {"coming": True}), (f"{own}/check_in", {"position": HERE})):
        assert post(world, "nobody", path, 409, **said)["code"] == "transition_refused"
    assert post(world, "wang", f"volunteers/calls/{at.call}/close", 409)["current"] == "closed"


def test_a_withdrawn_call_counts_no_hours_and_tells_who_might_come(world: World) -> None:
    at = band.on_site(world)
    post(world, "housing", f"volunteers/me/calls/{at.call}/answer", coming=False)
    post(world, "wang", f"volunteers/calls/{at.call}/withdraw", reason="物业已清")
    assert not ServiceRecord.objects.exists()
    told = Notification.objects.filter(kind="team_call_withdrawn")
    assert [one.recipient.username for one in told] == ["nobody"]


def test_who_may_be_called_and_until_when(world: World) -> None:
    at = band.ready(world)
    past = (now() - timedelta(minutes=1)).isoformat()
    late = (now() + timedelta(days=31)).isoformat()
    for changes, code in (
        ({"until": past}, "until_in_future"),
        ({"until": late}, "until_in_future"),
        ({"team": 10**9}, "unknown_team"),
    ):
        assert post(world, "wang", "volunteers/calls", 400, **band.call_body(at, **changes))["code"] == code
    empty = post(world, "sun", "volunteers/teams", 201, area=band.COMMUNITY, name="空队")["id"]
    assert post(world, "wang", "volunteers/calls", 409, **band.call_body(at, team=empty))["code"] == "team_empty"
    post(world, "wang", "volunteers/calls", 201, **band.call_body(at))
    assert post(world, "wang", "volunteers/calls", 409, **band.call_body(at))["code"] == "already_calling"
    post(world, "sun", f"volunteers/teams/{at.team}/change", is_active=False)
    assert post(world, "wang", "volunteers/calls", 400, **band.call_body(at))["code"] == "unknown_team"


def test_a_community_calls_its_own_teams_and_not_the_streets(world: World) -> None:
    at = band.ready(world)
    street = post(world, "wang", "volunteers/teams", 201, area=world.street.code, name="街道队")["id"]
    post(world, "wang", f"volunteers/teams/{street}/add_member", volunteer=at.member)
    assert post(world, "sun", "volunteers/calls", 400, **band.call_body(at, team=street))["code"] == "unknown_team"
    post(world, "sun", "volunteers/calls", 201, **band.call_body(at))
    post(world, "wang", "volunteers/calls", 201, **band.call_body(at, team=street))


def test_a_report_that_is_not_accepted_calls_nobody(world: World) -> None:
    at = replace(band.teamed(world), report=scenes.submitted(world).report)
    told = post(world, "wang", "volunteers/calls", 409, **band.call_body(at))
    assert (told["code"], told["current"], told["allowed"]) == ("transition_refused", "submitted", [])


def test_a_stale_version_and_a_repeat(world: World) -> None:
    at = band.ready(world)
    assert post(world, "wang", "volunteers/calls", 409, **band.call_body(at, version=1))["code"] == "stale_version"
    said = band.call_body(at, request_id=str(uuid4()))
    assert post(world, "wang", "volunteers/calls", 201, **said) == post(world, "wang", "volunteers/calls", 201, **said)
    arrival = {"position": HERE, "request_id": str(uuid4())}
    path = f"volunteers/me/calls/{TeamCall.objects.get().pk}/check_in"
    assert post(world, "nobody", path, **arrival) == post(world, "nobody", path, **arrival)
    assert Event.objects.filter(kind="team_arrived").count() == 1


def test_one_who_joins_later_was_not_called(world: World) -> None:
    at = band.called(world)
    third = band.registered(world, "gas").member
    post(world, "sun", f"volunteers/teams/{at.team}/add_member", volunteer=third)
    assert world.api("gas").get(f"/api/v1/volunteers/me/calls/{at.call}").status_code == 404


def test_a_deleted_report_takes_its_calls_along(world: World) -> None:
    at = band.called(world)
    post(world, "root", f"reports/{at.report}/delete", 204, reason="含隐私")
    assert world.api("nobody").get(f"/api/v1/volunteers/me/calls/{at.call}").status_code == 404
    assert world.api("nobody").get("/api/v1/volunteers/me/calls").json()["results"] == []
    assert world.api("wang").get(f"/api/v1/volunteers/calls/{at.call}").status_code == 404
