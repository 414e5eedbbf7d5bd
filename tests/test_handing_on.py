"""转办: a duty goes down to who does it, comes back, and stays when somebody leaves."""

from typing import Any

import pytest

from accounts.models import Department, User
from accounts.roles import Role
from grids.actions.appointments import appoint
from grids.models import Appointment
from notifications.models import Notification
from reports.models import Assignment, Clock, Event
from tests import scenes
from tests.admin_scenes import enter, page
from tests.world import World, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World) -> Any:
    """The water company has a repair unit with Ning in it."""
    unit = Department.objects.add_child(
        world.departments["water"], {"code": "SWJT-QX", "name": "水务集团抢修队", "kind": Department.Kind.UNIT}
    )
    kept = dict(world.people)
    world.people["ning"] = User.objects.create_user("ning", full_name="宁师傅")
    appoint(world.people["ning"], Role.DEPARTMENT_STAFF, unit)
    yield world
    world.people.clear()
    world.people.update(kept)


def in_hand(pk: int) -> tuple[str, str | None, str | None]:
    duty = Assignment.objects.select_related("department", "assignee", "handed_from").get(pk=pk)
    assert duty.department is not None
    person, origin = duty.assignee, duty.handed_from
    return duty.department.code, person and person.username, origin and origin.code


def test_a_unit_below_takes_the_duty_and_its_clocks_run_on(world: World) -> None:
    at = scenes.whistled(world)
    before = list(Clock.objects.filter(assignment_id=at.lead).order_by("pk").values("kind", "due_at", "segments"))
    assert world.api("ning").get(f"/api/v1/reports/{at.report}").status_code == 404
    detail = post(world, "water", f"assignments/{at.lead}/hand_on", department="SWJT-QX", note="请抢修")
    assert in_hand(at.lead) == ("SWJT-QX", None, "SWJT")
    assert detail["assignments"][0]["handed_from"]["code"] == "SWJT"
    assert detail["lead_department"]["code"] == "SWJT"
    assert list(Clock.objects.filter(assignment_id=at.lead).order_by("pk").values("kind", "due_at", "segments")) == (
        before
    )
    assert Notification.objects.get(kind="duty_handed_on").recipient == world["ning"]
    post(world, "ning", f"assignments/{at.lead}/receive")


def test_one_of_the_staff_has_it_in_hand_and_nobody_else(world: World) -> None:
    at = scenes.whistled(world)
    post(world, "water", f"assignments/{at.lead}/hand_on", assignee="ning")
    assert in_hand(at.lead) == ("SWJT", "ning", None)
    post(world, "water", f"assignments/{at.lead}/receive", 403)
    post(world, "ning", f"assignments/{at.lead}/receive")


def test_the_unit_takes_it_back(world: World) -> None:
    at = scenes.whistled(world)
    assert post(world, "water", f"assignments/{at.lead}/take_back", 409)["code"] == "not_handed_on"
    post(world, "water", f"assignments/{at.lead}/hand_on", department="SWJT-QX", assignee="ning")
    post(world, "ning", f"assignments/{at.lead}/take_back", 403)
    post(world, "gas", f"assignments/{at.lead}/take_back", 403)
    post(world, "housing", f"assignments/{at.lead}/take_back", 404)
    post(world, "water_boss", f"assignments/{at.lead}/take_back", note="改由公司处理")
    assert in_hand(at.lead) == ("SWJT", None, None)
    assert Notification.objects.get(kind="duty_taken_back").recipient == world["ning"]
    assert world.api("ning").get(f"/api/v1/reports/{at.report}").status_code == 404
    assert [event.kind for event in Event.objects.filter(assignment_id=at.lead)] == ["hand_on", "take_back"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "unknown_unit"),
        ({"department": "nothing"}, "unknown_unit"),
        ({"assignee": "nothing"}, "unknown_unit"),
        ({"department": "RQGS"}, "not_ours_to_assign"),
        ({"department": "YTJD"}, "not_ours_to_assign"),
        ({"assignee": "gas"}, "not_ours_to_assign"),
        ({"assignee": "wang"}, "not_ours_to_assign"),
        ({"department": "SWJT-QX", "assignee": "water"}, "not_ours_to_assign"),
    ],
)
def test_it_goes_downwards_only(world: World, said: dict[str, str], code: str) -> None:
    at = scenes.whistled(world)
    assert post(world, "water", f"assignments/{at.lead}/hand_on", 400, **said)["code"] == code


def test_the_unit_below_does_not_hand_it_up_or_on_to_those_who_have_it(world: World) -> None:
    at = scenes.whistled(world)
    post(world, "water", f"assignments/{at.lead}/hand_on", department="SWJT-QX")
    refused = post(world, "ning", f"assignments/{at.lead}/hand_on", 400, department="SWJT")
    assert refused["code"] == "not_ours_to_assign"
    refused = post(world, "water", f"assignments/{at.lead}/hand_on", 409, department="SWJT-QX")
    assert refused["code"] == "unit_already_has_duty"
    post(world, "ning", f"assignments/{at.lead}/hand_on", assignee="ning")
    post(world, "water", f"assignments/{at.lead}/hand_on", department="SWJT", assignee="water_boss")
    assert in_hand(at.lead) == ("SWJT", "water_boss", None)


def test_a_duty_of_a_worker_is_not_handed_on(world: World) -> None:
    at = scenes.accepted(world)
    post(world, "wang", f"reports/{at.report}/assign", assignments=[{"role": "lead", "assignee": "zhao"}])
    lead = scenes.scene(at.report).lead
    post(world, "zhao", f"assignments/{lead}/hand_on", 403, assignee="zhang")


def test_a_duty_handed_on_is_given_back_for_the_unit(world: World) -> None:
    at = scenes.whistled(world)
    post(world, "water", f"assignments/{at.lead}/hand_on", department="SWJT-QX", assignee="ning")
    post(world, "ning", f"assignments/{at.lead}/ask_return", reason="不属于本单位职责")
    change = scenes.scene(at.report).request
    post(world, "wang", f"requests/{change}/grant", department="SWJT")
    assert Assignment.objects.get(pk=at.lead).status == "issued"


# -- who leaves --------------------------------------------------------------------------------------------------


def open_of(world: World, name: str, person: str) -> list[int]:
    asked = {"assignee": person, "open": "true"}
    return [row["id"] for row in world.api(name).get("/api/v1/assignments", asked).json()["results"]]


def move(world: World, name: str, expect: int = 200, **said: str) -> Any:
    answer = post(world, name, "assignments/hand_over", expect, **said)
    return answer["moved"] if expect == 200 else answer["code"]


def test_the_open_duties_of_one_who_leaves_are_listed_and_moved(world: World) -> None:
    first, second, done = (scenes.whistled(world) for _ in range(3))
    for at in (first, second, done):
        post(world, "water", f"assignments/{at.lead}/hand_on", department="SWJT-QX", assignee="ning")
    post(world, "wang", f"assignments/{done.lead}/waive", reason="已完成")
    assert open_of(world, "water_boss", "ning") == [second.lead, first.lead]
    assert open_of(world, "gas", "ning") == []
    assert sorted(move(world, "water_boss", person="ning")) == [first.lead, second.lead]
    assert in_hand(first.lead) == ("SWJT-QX", None, "SWJT")
    assert open_of(world, "water_boss", "ning") == move(world, "water_boss", person="ning") == []
    event = Event.objects.filter(kind="hand_over", assignment_id=first.lead).get()
    assert (event.actor, event.data["from"]) == (world["water_boss"], "水务集团抢修队")


def test_they_go_to_a_person_of_the_unit_all_or_none(world: World) -> None:
    at, below = scenes.whistled(world), scenes.whistled(world)
    post(world, "water", f"assignments/{at.lead}/hand_on", assignee="water")
    assert move(world, "water_boss", 400, person="water", to="gas") == "not_ours_to_assign"
    assert move(world, "water_boss", 400, person="water", to="water") == "unknown_unit"
    assert move(world, "water_boss", 400, person="nothing") == "unknown_unit"
    assert move(world, "water_boss", person="water", to="water_boss") == [at.lead]
    post(world, "water_boss", f"assignments/{below.lead}/hand_on", department="SWJT-QX", assignee="ning")
    # Water works for the company, not for the repair unit: the first fits, the second does not, neither is moved.
    post(world, "water_boss", f"assignments/{at.lead}/hand_on", assignee="ning")
    assert move(world, "water_boss", 400, person="ning", to="water") == "not_ours_to_assign"
    assert in_hand(at.lead) == ("SWJT", "ning", None)


def test_only_who_answers_for_the_unit_or_the_area_moves_them(world: World) -> None:
    at = scenes.whistled(world)
    post(world, "water", f"assignments/{at.lead}/hand_on", assignee="ning")
    assert move(world, "water", 403, person="ning") == "forbidden"
    assert move(world, "wang", person="ning") == []
    assert in_hand(at.lead) == ("SWJT", "ning", None)


def test_a_workers_duties_go_to_another_worker_of_the_street(world: World) -> None:
    at = scenes.accepted(world)
    post(world, "wang", f"reports/{at.report}/assign", assignments=[{"role": "lead", "assignee": "zhao"}])
    assert move(world, "outsider", person="zhao") == []
    assert move(world, "wang", 400, person="zhao") == "successor_needed"
    assert move(world, "wang", 400, person="zhao", to="water") == "not_ours_to_assign"
    assert move(world, "wang", person="zhao", to="zhang") == [scenes.scene(at.report).lead]
    assert Notification.objects.get(kind="duty_handed_on").recipient == world["zhang"]


def in_the_hand_of_zhao(world: World) -> int:
    at = scenes.accepted(world)
    post(world, "wang", f"reports/{at.report}/assign", assignments=[{"role": "lead", "assignee": "zhao"}])
    return scenes.scene(at.report).lead


def test_ending_an_appointment_says_what_is_left_in_hand_and_where_to_move_it(world: World) -> None:
    client, zhao = enter(world, "sun"), world["zhao"]
    end = page("grids_appointment_withdraw_page", Appointment.objects.get(user=zhao).pk)
    move_page = page("accounts_user_hand_over_page", zhao.pk)
    assert move_page not in client.get(end).content.decode()
    assert client.get(move_page).status_code == 403
    in_the_hand_of_zhao(world)
    assert move_page in client.get(end).content.decode()


def test_switching_a_person_off_says_so_too_and_the_duties_are_moved(world: World) -> None:
    lead, client, zhao = in_the_hand_of_zhao(world), enter(world, "sun"), world["zhao"]
    move_page = page("accounts_user_hand_over_page", zhao.pk)
    data = {"full_name": zhao.full_name, "phone": "", "language": "zh-hans"}
    answer = client.post(page("accounts_user_change", zhao.pk), data, follow=True)
    assert move_page in answer.content.decode()
    for refused in ("nothing", "zhao", "water", ""):
        answer = client.post(move_page, {"to": refused})
        assert (answer.status_code, bool(answer.context["form"].errors)) == (200, True)
    assert client.post(move_page, {"to": "zhang"}).status_code == 302
    assert Assignment.objects.get(pk=lead).assignee == world["zhang"]
    assert Event.objects.get(kind="hand_over").actor == world["sun"]
    assert client.get(move_page).status_code == 403


def test_nobody_moves_the_duties_of_people_from_elsewhere(world: World) -> None:
    in_the_hand_of_zhao(world)
    assert enter(world, "outsider").get(page("accounts_user_hand_over_page", world["zhao"].pk)).status_code in (
        403,
        404,
    )
