"""Units by their codes, and the people one may give work to."""

from typing import Any

import pytest

from accounts.roles import Role
from grids.actions.appointments import appoint, withdraw
from grids.models import Appointment
from tests.world import World

pytestmark = pytest.mark.django_db


def listed(world: World, name: str, path: str, **by: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = world.api(name).get(f"/api/v1/{path}", {**by, "page_size": 100}).json()["results"]
    return rows


def known(world: World, name: str, **by: Any) -> set[str]:
    return {row["person"]["username"] for row in listed(world, name, "staff", **by)}


def test_every_unit_is_found_by_name_kind_and_what_it_is_part_of(world: World) -> None:
    assert {row["code"] for row in listed(world, "zhang", "departments", q="水务")} == {"SWJT"}
    assert {row["code"] for row in listed(world, "zhang", "departments", within="YTJD")} == {"YTJD", "YTJD-CG"}
    assert listed(world, "zhang", "departments", kind="unit") == [
        {"code": "YTJD-CG", "name": "崖头街道城管办", "kind": "unit", "is_active": True, "parent_code": "YTJD"}
    ]
    assert listed(world, "zhang", "departments", within="nowhere") == []


def test_a_desk_knows_the_people_of_its_place_and_of_the_offices_there(world: World) -> None:
    own = {"zhang", "zhao", "sun", "wang", "li", "clerk", "urban", "committee"}
    assert known(world, "wang") == own
    assert known(world, "sun") == {"zhang", "zhao", "sun", "committee"}
    assert known(world, "wang", department="YTJD") == {"urban"}
    assert known(world, "wang", area="371082007032") == {"zhang", "zhao", "sun"}
    assert known(world, "wang", role="grid_worker", q="张") == {"zhang"}
    assert known(world, "wang", q="zhao") == {"zhao"}
    # The city gives work to every department.
    assert {"water", "water_boss", "gas", "housing"} <= known(world, "command")
    row = listed(world, "wang", "staff", q="zhang")[0]
    assert (row["person"], row["role"], row["at"]) == (
        {"username": "zhang", "name": "张网格"},
        "grid_worker",
        world.grid.code,
    )


def test_a_unit_knows_its_own_people_and_nobody_elses(world: World) -> None:
    assert known(world, "water") == known(world, "water_boss") == {"water", "water_boss"}
    assert known(world, "urban") == {"urban"}


@pytest.mark.parametrize("name", ["zhang", "li", "supervisor", "auditor", "nobody"])
def test_who_gives_nobody_work_is_told_of_nobody(world: World, name: str) -> None:
    assert known(world, name) == set()
    assert known(world, "outsider") == {"outsider"}


def test_who_left_is_not_listed(world: World) -> None:
    appoint(world["zhao"], Role.DEPARTMENT_STAFF, world.departments["water"])
    assert "zhao" in known(world, "water")
    withdraw(Appointment.objects.get(user=world["zhao"], department__code="SWJT"))
    assert "zhao" not in known(world, "water")
