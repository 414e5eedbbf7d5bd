"""双报到: a person reports in to a community, is in teams there, and is a person with a right to privacy."""

from uuid import uuid4

import pytest
from django.db import connection

from accounts.models import User
from core.problems import Problem
from grids.scope import scope_of
from notifications.models import Notification
from tests import volunteer_scenes as band
from tests.volunteer_scenes import COMMUNITY, home_of
from tests.world import PASSWORD, World, post
from volunteers.models import CreditEntry, Registration, Volunteer, VolunteerStep
from volunteers.models.vocabulary import RegistrationStatus
from volunteers.transitions import TABLES

pytestmark = pytest.mark.django_db
ELSEWHERE = "371082900001"


def kinds_of(world: World, name: str) -> list[str]:
    return list(Notification.objects.filter(recipient=world[name]).order_by("id").values_list("kind", flat=True))


# -- reporting in ------------------------------------------------------------------------------------------------------


def test_a_volunteer_asks_and_the_community_takes_in(world: World) -> None:
    at = band.asking(world)
    assert kinds_of(world, "sun") == ["volunteer_asks"]
    assert home_of(world) is None
    post(world, "sun", f"volunteers/registrations/{at.registration}/confirm")
    assert home_of(world) == COMMUNITY
    me = world.api("nobody").get("/api/v1/volunteers/me").json()
    assert (me["home"]["code"], me["registration"], me["points"]) == (COMMUNITY, None, 10)
    assert kinds_of(world, "nobody") == ["registration_confirmed"]


def test_being_a_volunteer_gives_no_capability(world: World) -> None:
    band.teamed(world)
    scope = scope_of(world["nobody"])
    assert (scope.areas, scope.departments, scope.roles) == ({}, {}, [])
    assert world.api("nobody").get("/api/v1/me").json()["can"] == []


def test_one_home_at_a_time_and_the_history_is_kept(world: World) -> None:
    at = band.registered(world)
    moved = post(world, "nobody", "volunteers/registrations", 201, community=ELSEWHERE)["id"]
    assert home_of(world) == COMMUNITY
    post(world, "outsider", f"volunteers/registrations/{moved}/confirm")
    assert home_of(world) == ELSEWHERE
    states = list(Registration.objects.order_by("pk").values_list("pk", "status", "ended_at"))
    assert [(pk, status, bool(ended)) for pk, status, ended in states] == [
        (at.registration, "ended", True),
        (moved, "confirmed", False),
    ]
    assert CreditEntry.objects.count() == 1, "reporting in is credited once in a life"
    assert world.api("sun").get("/api/v1/volunteers/people").json()["results"] == []


def test_one_asks_one_community_at_a_time(world: World) -> None:
    at = band.asking(world)
    assert post(world, "nobody", "volunteers/registrations", 409, community=ELSEWHERE)["code"] == "registration_asked"
    post(world, "nobody", f"volunteers/registrations/{at.registration}/withdraw")
    post(world, "nobody", "volunteers/registrations", 201, community=ELSEWHERE)


def test_a_decline_gives_its_reason_and_one_may_ask_again(world: World) -> None:
    at = band.asking(world)
    post(world, "sun", f"volunteers/registrations/{at.registration}/decline", reason="不住本社区")
    assert post(world, "sun", f"volunteers/registrations/{at.registration}/confirm", 409)["allowed"] == []
    assert Notification.objects.get(recipient=world["nobody"]).params["note"] == "不住本社区"
    post(world, "nobody", "volunteers/registrations", 201, community=COMMUNITY)


def test_the_desk_enters_a_new_person_with_a_login_that_can_do_nothing(world: World) -> None:
    said = {
        "community": COMMUNITY,
        "username": "laolin",
        "account": {"full_name": "林建国", "password": PASSWORD},
        "profile": {"phone": "13900001111", "unit": "农业银行", "party_member": True},
    }
    entered = post(world, "sun", "volunteers/people", 201, **said)
    assert entered["status"] == "confirmed"
    person = User.objects.get(username="laolin")
    assert person.check_password(PASSWORD)
    assert not person.appointments.exists()
    assert person.volunteer.display_name == "林**"
    assert post(world, "sun", "volunteers/people", 409, **said)["code"] == "username_taken"


def test_a_weak_password_is_refused_at_its_field(world: World) -> None:
    account = {"full_name": "林建国", "password": "12345"}
    told = post(world, "sun", "volunteers/people", 400, community=COMMUNITY, username="laolin", account=account)
    assert {error["field"] for error in told["errors"]} == {"account.password"}
    assert not User.objects.filter(username="laolin").exists()


def test_nobody_is_moved_by_another_community_and_nobody_takes_themselves_in(world: World) -> None:
    band.registered(world)
    said = {"community": ELSEWHERE, "username": "nobody"}
    assert post(world, "outsider", "volunteers/people", 409, **said)["code"] == "home_elsewhere"
    said = {"community": COMMUNITY, "username": "sun"}
    assert post(world, "sun", "volunteers/people", 403, **said)["code"] == "own_matter"
    band.put_me(world, "sun")
    mine = post(world, "sun", "volunteers/registrations", 201, community=COMMUNITY)["id"]
    assert post(world, "sun", f"volunteers/registrations/{mine}/confirm", 403)["code"] == "own_matter"
    post(world, "wang", f"volunteers/registrations/{mine}/confirm")


def test_entering_one_who_asked_answers_the_asking(world: World) -> None:
    at = band.asking(world)
    entered = post(world, "sun", "volunteers/people", 201, community=COMMUNITY, username="nobody")
    assert (entered["id"], entered["status"]) == (at.registration, "confirmed")


def test_an_ended_registration_leaves_no_home_and_keeps_the_points(world: World) -> None:
    at = band.registered(world)
    post(world, "nobody", f"volunteers/registrations/{at.registration}/end", reason="调动工作")
    me = world.api("nobody").get("/api/v1/volunteers/me").json()
    assert (me["home"], me["points"]) == (None, 10)


@pytest.mark.parametrize(
    ("code", "field"), [("371082007032002", "community"), ("nowhere", "community"), ("371082007", "community")]
)
def test_one_reports_in_to_a_community_and_to_nothing_else(world: World, code: str, field: str) -> None:
    band.introduced(world)
    told = post(world, "nobody", "volunteers/registrations", 400, community=code)
    assert (told["code"], told["errors"][0]["field"]) == ("unknown_community", field)


# -- privacy -----------------------------------------------------------------------------------------------------------


def test_the_phone_is_encrypted_at_rest_masked_in_lists_and_a_look_is_on_record(world: World) -> None:
    at = band.registered(world)
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM volunteers_volunteer WHERE id = %s", [at.member])
        assert "13812345678" not in cursor.fetchone()[0]
    row = world.api("sun").get("/api/v1/volunteers/people").json()["results"][0]
    assert row["phone"] == "138****5678"
    assert post(world, "sun", f"volunteers/people/{at.member}/reveal", reason="联系集合") == {
        "name": "无岗人员",
        "phone": "13812345678",
    }
    look = VolunteerStep.objects.get(kind="reveal")
    assert (look.actor, look.subject_id, look.note) == (world["sun"], at.member, "联系集合")
    post(world, "outsider", f"volunteers/people/{at.member}/reveal", 404, reason="x")


def test_fellow_members_see_display_names_only(world: World) -> None:
    at = band.teamed(world)
    band.put_me(world, "nobody", display_name="热心小林")
    for name, seen in (("housing", ""), ("sun", "无岗人员")):
        members = world.api(name).get(f"/api/v1/volunteers/teams/{at.team}").json()["members"]
        assert (members[0]["display_name"], members[0]["name"]) == ("热心小林", seen)
    told = world.api("housing").get(f"/api/v1/volunteers/teams/{at.team}").content.decode()
    assert "无岗人员" not in told
    assert "138" not in told


def test_what_is_not_said_of_oneself_stays(world: World) -> None:
    band.put_me(world, "nobody", phone="13812345678", skills=["急救", "水电"], unit="水务")
    me = band.put_me(world, "nobody", in_ranking=False)
    assert (me["phone"], me["skills"], me["unit"], me["in_ranking"]) == (
        "13812345678",
        ["急救", "水电"],
        "水务",
        False,
    )
    assert Volunteer.objects.count() == 1


# -- teams -------------------------------------------------------------------------------------------------------------


def test_a_team_takes_registered_volunteers_once(world: World) -> None:
    at = band.teamed(world)
    assert kinds_of(world, "nobody")[-1] == "team_joined"
    path = f"volunteers/teams/{at.team}/add_member"
    assert post(world, "sun", path, 409, volunteer=at.member)["code"] == "already_member"
    stranger = band.introduced(world, "gas").member
    assert post(world, "sun", path, 400, volunteer=stranger)["code"] == "unknown_volunteer"
    assert post(world, "root", path, 409, volunteer=stranger)["code"] == "not_registered"


def test_one_who_left_may_come_back(world: World) -> None:
    at = band.teamed(world)
    leave = world.api("nobody").post(
        f"/api/v1/volunteers/teams/{at.team}/remove_member", {"volunteer": at.member}, format="json"
    )
    assert leave.status_code == 204
    assert world.api("nobody").get(f"/api/v1/volunteers/teams/{at.team}").status_code == 404
    assert post(world, "sun", f"volunteers/teams/{at.team}/add_member", volunteer=at.member)["size"] == 2


def test_the_leader_is_a_member_and_stops_leading_by_leaving(world: World) -> None:
    at = band.with_a_third(world)
    path = f"volunteers/teams/{at.team}"
    assert post(world, "sun", f"{path}/change", 400, leader=at.third)["code"] == "not_a_member"
    led = post(world, "sun", f"{path}/change", leader=at.member)
    assert [one["leads"] for one in led["members"]] == [True, False]
    post(world, "sun", f"{path}/remove_member", 204, volunteer=at.member)
    assert [one["leads"] for one in world.api("sun").get(f"/api/v1/{path}").json()["members"]] == [False]


def test_a_teams_name_is_taken_once_per_area_and_a_team_is_not_a_grids(world: World) -> None:
    band.teamed(world)
    told = post(world, "sun", "volunteers/teams", 409, area=COMMUNITY, name="台上先锋队")
    assert told["code"] == "team_name_taken"
    other = post(world, "sun", "volunteers/teams", 201, area=COMMUNITY, name="二队")["id"]
    assert post(world, "sun", f"volunteers/teams/{other}/change", 409, name="台上先锋队")["code"] == "team_name_taken"
    told = post(world, "sun", "volunteers/teams", 400, area="371082007032002", name="网格队")
    assert told["code"] == "wrong_team_area"


def test_teams_are_found_by_skill_and_area(world: World) -> None:
    band.teamed(world)
    for query, number in (({"skill": "急救"}, 1), ({"skill": "潜水"}, 0), ({"area": COMMUNITY}, 1), ({"area": "x"}, 0)):
        assert len(world.api("wang").get("/api/v1/volunteers/teams", query).json()["results"]) == number


# -- repeats and tables ------------------------------------------------------------------------------------------------


def test_a_repeated_request_changes_nothing_and_answers_the_same(world: World) -> None:
    band.introduced(world)
    said = {"community": COMMUNITY, "request_id": str(uuid4())}
    first = post(world, "nobody", "volunteers/registrations", 201, **said)
    assert post(world, "nobody", "volunteers/registrations", 201, **said) == first
    again = {"request_id": str(uuid4())}
    path = f"volunteers/registrations/{first['id']}/confirm"
    assert post(world, "sun", path, **again) == post(world, "sun", path, **again)
    assert VolunteerStep.objects.filter(request_id__isnull=False).count() == 2
    # An id that was used for something else, or by somebody else, is refused.
    for who, other in (("sun", f"volunteers/registrations/{first['id']}/end"), ("wang", path)):
        told = (
            post(world, who, other, 409, reason="x", **again)
            if "end" in other
            else post(world, who, path, 409, **again)
        )
        assert told["code"] == "request_id_taken"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.subject)
def test_every_step_leaves_from_and_leads_to_a_state_of_its_kind(table: object) -> None:
    for step in table.transitions.values():
        assert step.sources
        assert step.sources <= set(table.states)
        assert step.target is None or step.target in table.states


@pytest.mark.parametrize("status", RegistrationStatus.values)
def test_a_refused_step_names_what_is_allowed(status: str) -> None:
    table = TABLES[0]
    row = Registration(status=status)
    for name, step in table.transitions.items():
        if status in step.sources:
            assert table.move(Registration(status=status), name) == (status, step.target)
            continue
        with pytest.raises(Problem) as refused:
            table.check(row, name)
        assert refused.value.extra["allowed"] == table.allowed(status)


def test_history_cannot_be_rewritten(world: World) -> None:
    band.asking(world)
    step = VolunteerStep.objects.first()
    for wrong in (step.save, step.delete, VolunteerStep.objects.all().delete):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(TypeError):
        VolunteerStep.objects.update(note="x")
