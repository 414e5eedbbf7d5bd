"""三员分立: who runs the system, who gives rights and who reads the logs are three people."""

from itertools import permutations
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.roles import THREE_ADMINS, Role
from core.problems import Problem
from grids.actions.appointments import appoint, withdraw
from grids.actions.staffing import Post, appoint_many
from grids.models import Appointment, Area
from tests.admin_scenes import enter, errors
from tests.world import World

pytestmark = pytest.mark.django_db
ADD = "admin:grids_appointment_add"


def city() -> Area:
    return Area.objects.get(level=Area.Level.CITY)


def person() -> User:
    return User.objects.create_user("someone", full_name="某人")


@pytest.mark.parametrize(("first", "second"), list(permutations(sorted(THREE_ADMINS), 2)))
def test_nobody_is_two_of_the_three(world: World, first: str, second: str) -> None:
    someone = person()
    held = appoint(someone, first, city())
    with pytest.raises(Problem) as refused:
        appoint(someone, second, city())
    assert (refused.value.code, refused.value.field) == ("roles_apart", "role")
    withdraw(held)
    appoint(someone, second, city())


@pytest.mark.parametrize("role", [Role.GRID_WORKER, Role.STREET_LEADER])
@pytest.mark.parametrize("alone", [Role.AUDITOR, Role.SECURITY_ADMIN])
def test_an_auditor_and_a_security_admin_are_nothing_else(world: World, alone: str, role: str) -> None:
    someone = person()
    held = appoint(someone, role, world.street if role == Role.STREET_LEADER else world.grid)
    with pytest.raises(Problem, match="roles_apart"):
        appoint(someone, alone, city())
    withdraw(held)
    appoint(someone, alone, city())
    appoint(someone, alone, world.street)
    with pytest.raises(Problem, match="roles_apart"):
        appoint(someone, role, world.street)


def test_a_whole_staff_is_held_to_it_too(world: World) -> None:
    someone = person()
    for posts in (
        [
            Post(someone, Role.AUDITOR, city()),
            Post(someone, Role.SECURITY_ADMIN, city()),
        ],
        [Post(world["auditor"], Role.GRID_WORKER, world.grid)],
        [Post(world["zhang"], Role.AUDITOR, city())],
    ):
        with pytest.raises(Problem, match="roles_apart"):
            appoint_many(posts)
    assert not Appointment.objects.filter(user=someone).exists()
    appoint_many([Post(someone, Role.GRID_WORKER, world.grid), Post(someone, Role.GRID_LEADER, world.grid)])


def test_the_refusal_is_shown_at_the_role(world: World) -> None:
    data = {"user": world["sysadmin"].pk, "role": "auditor", "area": city().pk}
    answer = enter(world, "security").post(reverse(ADD), data)
    assert errors(answer)["role"] == ["同一人不得同时担任审计和系统管理员。"]


@pytest.mark.parametrize("role", sorted(THREE_ADMINS))
def test_the_system_admin_gives_none_of_the_three_and_the_security_admin_all(world: World, role: str) -> None:
    someone = person()
    data: dict[str, Any] = {"user": someone.pk, "role": role, "area": city().pk}
    assert "role" in errors(enter(world, "sysadmin").post(reverse(ADD), data))
    assert enter(world, "security").post(reverse(ADD), data).status_code == 302
    held = Appointment.objects.get(user=someone)
    assert (held.role, held.area) == (role, city())
    page = reverse("admin:grids_appointment_withdraw_page", args=[held.pk])
    assert enter(world, "sysadmin").post(page).status_code == 403
    assert enter(world, "security").post(page).status_code == 302


def test_nobody_appoints_themselves(world: World) -> None:
    data = {"user": world["security"].pk, "role": "grid_worker", "area": world.grid.pk}
    assert "user" in errors(enter(world, "security").post(reverse(ADD), data))


def test_the_security_admin_comes_into_no_account_and_changes_no_place(world: World) -> None:
    client = enter(world, "security")
    for name in ("sysadmin", "auditor", "zhang"):
        password = reverse("admin:accounts_user_password_page", args=[world[name].pk])
        said = {"password1": "a-new-long-password", "password2": "a-new-long-password"}
        assert client.post(password, said).status_code == 403
        assert client.get(reverse("admin:accounts_user_change", args=[world[name].pk])).status_code == 200
        changed = client.post(reverse("admin:accounts_user_change", args=[world[name].pk]), {"full_name": "改"})
        assert changed.status_code == 403
    assert client.get(reverse("admin:accounts_user_add")).status_code == 403
    assert client.get(reverse("admin:grids_area_change", args=[world.grid.pk])).status_code == 200
    assert client.post(reverse("admin:grids_area_change", args=[world.grid.pk]), {"name": "改"}).status_code == 403
    assert client.get(reverse("admin:reports_catalogueitem_changelist")).status_code == 403


def test_the_system_admin_takes_over_no_security_admin_or_auditor(world: World) -> None:
    for name in ("security", "auditor"):
        password = reverse("admin:accounts_user_password_page", args=[world[name].pk])
        said = {"password1": "a-new-long-password", "password2": "a-new-long-password"}
        assert enter(world, "sysadmin").post(password, said).status_code == 403
