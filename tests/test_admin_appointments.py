"""Appointments in the administration: who gives which role where, and nobody more than the own."""

import pytest
from auditlog.models import LogEntry

from accounts.models import User
from accounts.roles import AREA_ROLES, Can, Role
from grids.actions.appointments import appoint
from grids.models import Appointment, Area
from tests.admin_scenes import enter, errors, granted, page
from tests.world import World

pytestmark = pytest.mark.django_db


def test_appointing_grants_and_withdrawing_removes_the_permissions(world: World) -> None:
    client, zhang, other = enter(world, "sun"), world["zhang"], world.area("371082007032003")
    answer = client.post(page("grids_appointment_add"), {"user": zhang.pk, "role": "grid_leader", "area": other.pk})
    assert answer.status_code == 302, errors(answer)
    made = Appointment.objects.get(user=zhang, area=other)
    assert granted(zhang, other) == AREA_ROLES[Role.GRID_LEADER]
    assert LogEntry.objects.get_for_object(made).get().actor == world["sun"]

    assert client.get(page("grids_appointment_withdraw_page", made.pk)).status_code == 200
    assert granted(zhang, other)
    assert client.post(page("grids_appointment_withdraw_page", made.pk)).status_code == 302
    made.refresh_from_db()
    assert made.ended_at is not None
    assert granted(zhang, other) == set()
    ended = LogEntry.objects.get_for_object(made).latest("id")
    assert (ended.actor, ended.action) == (world["sun"], LogEntry.Action.UPDATE)
    assert "ended_at" in ended.changes
    assert client.post(page("grids_appointment_withdraw_page", made.pk)).status_code == 403


@pytest.mark.parametrize(
    "role",
    ["street_dispatcher", "community_admin", "system_admin", "command_centre", "auditor", "street_leader"],
)
def test_a_community_admin_gives_no_role_above_the_own(world: World, role: str) -> None:
    before = Appointment.objects.count()
    answer = enter(world, "sun").post(
        page("grids_appointment_add"), {"user": world["zhang"].pk, "role": role, "area": world.area("371082007032").pk}
    )
    assert answer.status_code == 200
    assert "role" in errors(answer)
    assert Appointment.objects.count() == before


def test_nobody_appoints_outside_the_own_node(world: World) -> None:
    client, before = enter(world, "sun"), Appointment.objects.count()
    for area in (world.street, world.area("371082900001001"), world.area("371082007002")):
        answer = client.post(
            page("grids_appointment_add"), {"user": world["zhang"].pk, "role": "grid_worker", "area": area.pk}
        )
        assert answer.status_code == 200
        assert "area" in errors(answer)
    for name in ("water", "office", "urban"):
        answer = client.post(
            page("grids_appointment_add"),
            {"user": world["zhang"].pk, "role": "department_staff", "department": world.departments[name].pk},
        )
        assert "department" in errors(answer)
    outsider = world["outsider"]
    answer = client.post(
        page("grids_appointment_add"), {"user": outsider.pk, "role": "grid_worker", "area": world.grid.pk}
    )
    assert "user" in errors(answer)
    assert Appointment.objects.count() == before


@pytest.mark.parametrize(("name", "role"), [("sun", "grid_leader"), ("sysadmin", "command_centre")])
def test_nobody_gives_themselves_more(world: World, name: str, role: str) -> None:
    area = world.grid if name == "sun" else Area.objects.get(level="city")
    before = granted(world[name], area)
    answer = enter(world, name).post(
        page("grids_appointment_add"), {"user": world[name].pk, "role": role, "area": area.pk}
    )
    assert answer.status_code == 200
    assert "user" in errors(answer)
    assert granted(world[name], area) == before


def test_nobody_withdraws_those_above_or_themselves(world: World) -> None:
    client = enter(world, "sun")
    own = Appointment.objects.get(user=world["sun"])
    peer = User.objects.create_user("peer", full_name="同级")
    of_peer = appoint(peer, "community_admin", world.area("371082007032"))
    above = Appointment.objects.get(user=world["wang"])
    of_sysadmin = Appointment.objects.get(user=world["sysadmin"])
    for who, appointment in (
        (client, own),
        (client, of_peer),
        (client, above),
        (enter(world, "sysadmin"), of_sysadmin),
    ):
        assert who.post(page("grids_appointment_withdraw_page", appointment.pk)).status_code in (403, 404)
        appointment.refresh_from_db()
        assert appointment.ended_at is None


def test_an_appointment_is_never_edited(world: World) -> None:
    appointment = Appointment.objects.get(user=world["zhang"])
    for name in ("sun", "sysadmin", "root"):
        data = {"user": world["zhang"].pk, "role": "assistant", "area": world.grid.pk}
        assert enter(world, name).post(page("grids_appointment_change", appointment.pk), data).status_code == 403
    assert Appointment.objects.get(pk=appointment.pk).role == "grid_worker"


def test_a_second_person_in_charge_is_an_error_at_the_field(world: World) -> None:
    client = enter(world, "sun")
    community = world.area("371082007032")
    for name, ok in (("zhang", True), ("zhao", False)):
        answer = client.post(
            page("grids_appointment_add"),
            {"user": world[name].pk, "role": "assistant", "area": community.pk, "in_charge": "on"},
        )
        assert (answer.status_code == 302) is ok
    assert list(errors(answer)) == ["in_charge"]


def test_a_community_admin_staffs_the_own_committee(world: World) -> None:
    answer = enter(world, "sun").post(
        page("grids_appointment_add"),
        {"user": world["zhang"].pk, "role": "department_staff", "department": world.departments["committee"].pk},
    )
    assert answer.status_code == 302, errors(answer)


def test_the_system_admin_appoints_every_role_everywhere(world: World) -> None:
    answer = enter(world, "sysadmin").post(
        page("grids_appointment_add"),
        {"user": world["nobody"].pk, "role": "street_dispatcher", "area": world.street.pk},
    )
    assert answer.status_code == 302, errors(answer)
    assert Can.DISPATCH_REPORT in granted(world["nobody"], world.street)
