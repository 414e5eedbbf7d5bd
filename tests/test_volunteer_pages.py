"""What the volunteers' lists cost, their pages in the administration, and the demonstration's teams."""

from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from core.moment import moved_to, now
from grids.models import Area
from notifications.models import Notification
from reports.models import Event
from reports.signals import demo_loaded
from tests import scenes
from tests import volunteer_scenes as band
from tests.admin_scenes import enter, errors, page
from tests.test_query_counts import ROWS, counted, reader
from tests.world import World, post
from volunteers.actions.credits import balance, local_date
from volunteers.models import (
    Attendance,
    CreditEntry,
    CreditRule,
    Membership,
    Registration,
    ServiceRecord,
    TeamCall,
    Volunteer,
    VolunteerTeam,
)

pytestmark = pytest.mark.django_db

LIST = 4


def crowd(world: World, rows: int) -> band.Band:
    """A team of as many members as `rows`, with a registration, a record and an entry each; and as many teams and
    calls, of which Nobody has a part in each."""
    at = band.on_site(world)
    community, sun, moment = world.area(band.COMMUNITY), world["sun"], now()
    team, call = VolunteerTeam.objects.get(), TeamCall.objects.get()
    rule = CreditRule.objects.get(kind="patrol")
    for number in range(1, rows):
        user = User.objects.create(username=f"v{number}", full_name=f"志愿者{number}")
        one = Volunteer.objects.create(user=user, display_name=f"志愿{number}", home=community, created_at=moment)
        Registration.objects.create(
            volunteer=one, community=community, status="confirmed", asked_by=sun, asked_at=moment
        )
        Membership.objects.create(team=team, volunteer=one, joined_at=moment, added_by=sun)
        Attendance.objects.create(call_id=at.call, volunteer=one)
        other = VolunteerTeam.objects.create(name=f"队{number}", area=community, created_at=moment)
        Membership.objects.create(team=other, volunteer_id=at.member, joined_at=moment, added_by=sun)
        call.pk, call.team = None, other
        call.save(force_insert=True)
        Attendance.objects.create(call=call, volunteer_id=at.member)
        for who in (one.pk, at.member):
            record = ServiceRecord.objects.create(
                volunteer_id=who,
                community=community,
                kind="patrol",
                date=local_date(moment),
                minutes=10,
                place=f"{number}",
                proposed_by=user,
                proposed_at=moment,
            )
            CreditEntry.objects.create(
                volunteer_id=who,
                points=number,
                why="patrol",
                rule=rule,
                record=record,
                source=f"test:{record.pk}",
                date=local_date(moment),
                made_at=moment,
            )
    return at


LISTS = ["volunteers-list", "registrations-list", "teams-list", "team-calls-list", "own-calls-list", "records-list"]
LISTS += ["credits-list", "credit-rules-list"]


@pytest.mark.parametrize("rows", ROWS)
def test_every_list_of_volunteers_takes_four(world: World, rows: int) -> None:
    crowd(world, rows)
    for name in ("sun", "wang", "command", "root", "nobody", "zhang"):
        client = reader(world, name)
        for endpoint in LISTS:
            counted(LIST, lambda client=client, endpoint=endpoint: client.get(reverse(endpoint), {"page_size": 100}))
    full = {endpoint: world.api("sun").get(reverse(endpoint), {"page_size": 100}).json() for endpoint in LISTS}
    assert len(full["volunteers-list"]["results"]) == min(rows + 1, 100)
    assert len(full["teams-list"]["results"]) == rows
    assert len(full["team-calls-list"]["results"]) == rows


@pytest.mark.parametrize("rows", ROWS)
def test_details_and_rankings_cost_the_same_however_many_there_are(world: World, rows: int) -> None:
    at = crowd(world, rows)
    nobody, sun = reader(world, "nobody"), reader(world, "sun")
    for client, path in (
        (nobody, reverse("volunteer-me")),
        (nobody, reverse("own-call", args=[at.call])),
        (nobody, reverse("team", args=[at.team])),
        (sun, reverse("team", args=[at.team])),
        (sun, reverse("team-call", args=[at.call])),
        (nobody, reverse("volunteer-ranking") + f"?area={band.COMMUNITY}"),
        (sun, reverse("volunteer-ranking") + f"?team={at.team}"),
    ):
        answer = counted(8, lambda client=client, path=path: client.get(path))
        assert answer.status_code == 200
    assert len(sun.get(reverse("volunteer-ranking"), {"team": at.team}).json()) == min(rows + 1, 50)


def test_calling_a_team_costs_the_same_for_one_member_and_eighty(world: World) -> None:
    costs = []
    # Beyond these SQLite inserts in two batches.
    at = crowd(world, 80)
    small = VolunteerTeam.objects.exclude(pk=at.team).first()
    for team in (small.pk, at.team):
        report = scenes.accepted(world).report
        said = band.call_body(band.Band(team=team, report=report))
        client = reader(world, "wang")
        with CaptureQueriesContext(connection) as seen:
            assert client.post("/api/v1/volunteers/calls", said, format="json").status_code == 201
        costs.append(len(seen))
    assert costs[0] == costs[1]


# -- the administration ------------------------------------------------------------------------------------------------

PAGES = ["volunteer", "registration", "volunteerteam", "teamcall", "servicerecord", "creditentry", "creditrule"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_volunteers_costs_the_same_for_one_row_and_a_hundred(world: World, name: str) -> None:
    crowd(world, 2)
    client, url = enter(world, "sun"), reverse(f"admin:volunteers_{name}_changelist")
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        assert client.get(url).status_code == 200
    _more(world)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(few) == len(many) <= 13, [query["sql"][:200] for query in many]


def _more(world: World) -> None:
    community, sun, moment = world.area(band.COMMUNITY), world["sun"], now()
    for number in range(40):
        user = User.objects.create(username=f"w{number}", full_name=f"志愿者{number}")
        one = Volunteer.objects.create(user=user, display_name="x", home=community, created_at=moment)
        Registration.objects.create(volunteer=one, community=community, asked_by=sun, asked_at=moment)
        VolunteerTeam.objects.create(name=f"w{number}", area=community, created_at=moment)
        ServiceRecord.objects.create(
            volunteer=one,
            community=community,
            kind="care",
            date=local_date(moment),
            minutes=5,
            place="x",
            proposed_by=user,
            proposed_at=moment,
        )


def test_every_page_of_volunteers_opens_to_a_desk_and_to_its_own_rows_only(world: World) -> None:
    band.with_everything(world, scenes.accepted(world).report)
    for model in (Volunteer, Registration, VolunteerTeam, TeamCall, ServiceRecord, CreditEntry, CreditRule):
        name, row = model._meta.model_name, model._default_manager.first()
        for who, status in (("sun", 200), ("wang", 200), ("root", 200), ("outsider", 404)):
            status = 200 if model is CreditRule else status
            answer = enter(world, who).get(page(f"volunteers_{name}_change", row.pk))
            assert answer.status_code == status, (name, who)
            if who == "sun":
                assert "13812345678" not in answer.content.decode()
    assert enter(world, "sysadmin").get(page("volunteers_volunteer_changelist")).status_code == 403


def test_a_registration_is_decided_on_its_page_with_a_trail(world: World) -> None:
    at = band.asking(world)
    client = enter(world, "sun")
    url = page("volunteers_registration_confirm_page", at.registration)
    assert client.get(url).status_code == 200
    assert client.post(url).status_code == 302
    row = Registration.objects.get()
    assert (row.status, row.decided_by) == ("confirmed", world["sun"])
    assert LogEntry.objects.get_for_object(row).latest("id").actor == world["sun"]
    assert client.post(url).status_code == 403
    ended = client.post(page("volunteers_registration_end_page", at.registration), {"reason": "搬走"})
    assert ended.status_code == 302
    assert Volunteer.objects.get().home is None


def test_a_service_is_confirmed_on_its_page_but_not_by_who_entered_it(world: World) -> None:
    at = band.registered(world)
    record = post(world, "sun", "volunteers/records", 201, **band.service(volunteer=at.member))["id"]
    url = page("volunteers_servicerecord_confirm_page", record)
    assert enter(world, "sun").post(url).status_code == 403
    assert enter(world, "outsider").post(url).status_code in (403, 404)
    assert enter(world, "wang").post(url).status_code == 302
    assert ServiceRecord.objects.get().status == "confirmed"
    again = post(world, "nobody", "volunteers/records", 201, **band.service(place="别处"))["id"]
    declined = enter(world, "sun").post(page("volunteers_servicerecord_decline_page", again), {"reason": "没来"})
    assert declined.status_code == 302
    assert ServiceRecord.objects.get(pk=again).note == "没来"


def test_a_team_is_made_filled_and_renamed_on_its_pages(world: World) -> None:
    at = band.registered(world)
    community, client = world.area(band.COMMUNITY), enter(world, "sun")
    said = {"area": community.pk, "name": "新队", "unit": "银行", "skills": "急救"}
    answer = client.post(page("volunteers_volunteerteam_add"), said)
    assert answer.status_code == 302, errors(answer)
    team = VolunteerTeam.objects.get()
    answer = client.post(page("volunteers_volunteerteam_add_member_page", team.pk), {"volunteer": at.member})
    assert answer.status_code == 302
    assert team.memberships.count() == 1
    said = {"name": "先锋队", "unit": "银行", "skills": "", "leader": at.member, "is_active": "on"}
    answer = client.post(page("volunteers_volunteerteam_change", team.pk), said)
    assert answer.status_code == 302, errors(answer)
    team.refresh_from_db()
    assert (team.name, team.leader_id, team.skills) == ("先锋队", at.member, "")
    assert "先锋队" in str(LogEntry.objects.get_for_object(team).latest("id").changes)
    answer = client.post(page("volunteers_volunteerteam_add"), {**said, "area": world.street.pk})
    assert answer.status_code == 200
    assert "area" in errors(answer)
    answer = client.post(page("volunteers_volunteerteam_remove_member_page", team.pk), {"volunteer": at.member})
    assert answer.status_code == 302
    assert not team.memberships.filter(left_at__isnull=True).exists()


def test_the_city_sets_the_rules_of_credit_and_others_read_them(world: World) -> None:
    rule = CreditRule.objects.get(kind="patrol")
    today = local_date(now())
    url = page("volunteers_creditrule_change", rule.pk)
    assert enter(world, "sun").post(url, {"valid_to": today.isoformat()}).status_code == 403
    client = enter(world, "sysadmin")
    past = client.post(url, {"valid_to": (today - timedelta(days=1)).isoformat(), "points": 99})
    assert list(errors(past)) == ["valid_to"]
    answer = client.post(url, {"valid_to": today.isoformat(), "points": 99})
    assert answer.status_code == 302, errors(answer)
    rule.refresh_from_db()
    assert (rule.valid_to, rule.points) == (today, 2)
    said = {"kind": "patrol", "per": "hour", "points": 5, "daily_cap": "", "valid_from": today.isoformat()}
    assert list(errors(client.post(page("volunteers_creditrule_add"), said))) == ["valid_from"]
    said["valid_from"] = (today + timedelta(days=1)).isoformat()
    assert client.post(page("volunteers_creditrule_add"), said).status_code == 302


def test_the_timeline_of_a_report_names_the_steps_of_its_teams(world: World) -> None:
    at = band.on_site(world)
    text = enter(world, "wang").get(page("reports_report_change", at.report)).content.decode()
    assert "call_team" not in text
    assert "team_arrived" not in text


# -- the demonstration -------------------------------------------------------------------------------------------------


def loads(world: World) -> None:
    demo_loaded.send(sender=None, end=now(), password=world["sun"].password)


def test_the_demonstration_has_a_team_that_helped_and_is_loaded_once(world: World, settings: Any) -> None:
    elder = scenes.accepted(world).report

    with moved_to(now() + timedelta(hours=2)):
        loads(world)
        loads(world)
    (team,) = VolunteerTeam.objects.all()
    assert team.area == Area.objects.get(code=band.COMMUNITY)
    assert team.memberships.count() == 4
    (call,) = TeamCall.objects.all()
    assert (call.status, call.report_id) == ("closed", elder)
    assert Attendance.objects.filter(status="confirmed").count() == 3
    assert all(balance(one) > 0 for one in Volunteer.objects.all())
    events = list(Event.objects.filter(report=elder).order_by("id").values_list("at", flat=True))
    assert events == sorted(events)
    assert Notification.objects.filter(kind="team_called").count() == 4
    person = User.objects.get(full_name="林海涛")
    assert not person.appointments.exists()


def test_without_reports_there_are_teams_and_no_calls_until_there_are(world: World) -> None:
    loads(world)
    assert (VolunteerTeam.objects.count(), TeamCall.objects.count()) == (1, 0)
