"""Households on a phone: masked, sent by row, and never another's for longer than until the next sync."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.roles import Role
from core.moment import moved_to, now
from core.problems import Problem
from grids.actions.appointments import appoint, withdraw
from grids.actions.areas import change_area
from grids.models import Appointment
from households.actions.buildings import put_building
from households.actions.colours import propose_colour
from households.actions.moving import merge, move_out, split
from households.actions.registering import put_household
from households.actions.residents import move_out_resident, put_resident
from households.actions.visits import put_visit
from households.models import Building, CareTag, Household, Resident, RiskLevel
from tests import colour_scenes as bright
from tests import household_scenes as homely
from tests.household_scenes import GRID, NEIGHBOUR, Homes, homes, person
from tests.phones import Phone, tomorrow_at
from tests.world import World

pytestmark = pytest.mark.django_db


def version(model: Any, pk: UUID) -> int:
    found: int = model.objects.get(pk=pk).version
    return found


def test_a_worker_keeps_the_active_households_of_the_grid(world: World):
    at = homes(world)
    move_out(world["zhang"], at.house, date(2026, 1, 1))
    phone = Phone(world, "zhang")
    phone.ask()
    assert set(phone.kept["households"]) == {str(at.family), str(at.couple), str(at.vacant)}
    row = phone.kept["households"][str(at.family)]
    assert (row["door"], row["residents"], row["tags"]) == ("2单元502室", 2, ["disabled", "low_income"])


def test_no_name_phone_or_number_of_a_resident_is_on_a_phone(world: World):
    homes(world)
    told = world.api("zhang").get("/api/v1/sync").content.decode()
    for personal in (
        *(homely.HEAD_NAME, homely.SPOUSE_NAME, homely.BUILDING_HEAD, "司马迁居"),
        *(homely.PHONE, homely.OTHER_PHONE, "13900002222", homely.CARD),
    ):
        assert personal not in told


def test_who_does_not_keep_households_has_masked_doors(everybody: World):
    at = homes(everybody)
    phone = Phone(everybody, "assistant")
    phone.ask()
    assert phone.kept["households"][str(at.family)]["door"] != "2单元502室"
    assert not any("502" in home["door"] for home in phone.kept["households"].values())


@pytest.mark.parametrize("name", ["zhao", "outsider", "wang", "sun", "water", "command", "auditor", "nobody", "root"])
def test_who_works_no_grid_there_has_none_of_its_households(world: World, name: str):
    homes(world)
    phone = Phone(world, name)
    phone.ask()
    assert phone.kept["households"] == phone.kept["buildings"] == {}
    assert GRID not in phone.kept["grids"]


def test_nothing_is_sent_twice(world: World):
    homes(world)
    phone = Phone(world, "zhang")
    phone.ask()
    assert phone.ask() == {}


STEPS: dict[str, Callable[[World, Homes], Any]] = {
    "visited": lambda world, at: put_visit(world["zhang"], uuid4(), bright.told(at.family)),
    "visited in vain": lambda world, at: put_visit(
        world["zhang"], uuid4(), bright.told(at.family, result="nobody_home")
    ),
    "recoloured": lambda world, at: propose_colour(world["zhang"], at.family, "blue", "tenants", "出租"),
    "a resident more": lambda world, at: put_resident(
        world["zhang"], at.family, uuid4(), person(name="小小", relation="child")
    ),
    "a resident less": lambda world, at: move_out_resident(world["zhang"], at.family, at.spouse, date(2026, 1, 1)),
    "a head renamed": lambda world, at: put_resident(
        world["zhang"], at.family, at.head, {"name": "令狐冲"}, version=version(Resident, at.head)
    ),
    "a resident tagged": lambda world, at: put_resident(
        world["zhang"], at.family, at.head, {"tags": ["empty_nest"]}, version=version(Resident, at.head)
    ),
    "tagged": lambda world, at: put_household(
        world["zhang"], at.family, {"tags": ["living_alone"]}, version=version(Household, at.family)
    ),
    "another door": lambda world, at: put_household(
        world["zhang"], at.family, {"room": "503"}, version=version(Household, at.family)
    ),
    "let": lambda world, at: put_household(
        world["zhang"], at.family, {"occupancy": "tenant"}, version=version(Household, at.family)
    ),
}


@pytest.mark.parametrize("step", STEPS)
def test_only_the_household_that_changed_is_sent(world: World, step: str):
    at = homes(world)
    phone = Phone(world, "zhang")
    with moved_to(tomorrow_at(8)):
        phone.ask()
    with moved_to(tomorrow_at(9)):
        before = phone.kept["households"][str(at.family)]
        STEPS[step](world, at)
        section = phone.ask()["households"]
    assert section["replace"] is False
    assert [row["id"] for row in section["rows"]] == [str(at.family)]
    assert section["gone"] == []
    assert section["rows"][0] != before


def test_a_renamed_building_renames_its_households(world: World):
    at = homes(world)
    phone = Phone(world, "zhang")
    with moved_to(tomorrow_at(8)):
        phone.ask()
    with moved_to(tomorrow_at(9)):
        put_building(world["zhang"], at.building, {"number": "4号楼"}, version=1)
        changed = phone.ask()
    assert {row["building"]["number"] for row in changed["households"]["rows"]} == {"4号楼"}
    assert {row["id"] for row in changed["households"]["rows"]} == {str(at.family), str(at.couple), str(at.vacant)}
    assert changed["buildings"]["rows"][0]["number"] == "4号楼"


def test_a_head_of_a_building_alone_does_not(world: World):
    at = homes(world)
    phone = Phone(world, "zhang")
    with moved_to(tomorrow_at(8)):
        phone.ask()
    with moved_to(tomorrow_at(9)):
        put_building(world["zhang"], at.building, {"head_name": "尉迟恭"}, version=1)
        assert set(phone.ask()) == {"buildings"}


def test_who_moved_out_is_forgotten(world: World):
    at = homes(world)
    phone = Phone(world, "zhang")
    phone.ask()
    move_out(world["zhang"], at.couple, date(2026, 1, 1))
    assert phone.ask()["households"]["gone"] == [str(at.couple)]


def test_a_household_merged_into_another_is_forgotten_and_the_other_sent(world: World):
    at = homes(world)
    phone = Phone(world, "zhang")
    phone.ask()
    merge(world["zhang"], at.couple, at.family)
    phone.ask()
    assert str(at.couple) not in phone.kept["households"]
    assert phone.kept["households"][str(at.family)]["residents"] == 3


def test_a_household_split_off_is_sent(world: World):
    at, new = homes(world), uuid4()
    phone = Phone(world, "zhang")
    phone.ask()
    split(world["zhang"], at.family, new, [at.spouse], {"grid": GRID, "address": "台上村20号"})
    phone.ask()
    assert phone.kept["households"][str(new)]["residents"] == 1


def test_a_household_moved_to_another_grid_is_forgotten_here_and_sent_there(world: World):
    at = homes(world)
    here, there = Phone(world, "zhang"), Phone(world, "zhao")
    here.ask(), there.ask()
    said = {"grid": NEIGHBOUR, "address": "台上村30号"}
    put_household(world["sun"], at.house, said, version=version(Household, at.house))
    assert here.ask()["households"]["gone"] == [str(at.house)]
    assert [row["id"] for row in there.ask()["households"]["rows"]] == [str(at.house)]


def test_a_building_moved_to_another_grid_takes_its_households_along(world: World):
    at = homes(world)
    phone = Phone(world, "zhang")
    phone.ask()
    put_building(world["sun"], at.building, {"grid": NEIGHBOUR}, version=1)
    phone.ask()
    assert set(phone.kept["households"]) == {str(at.house)}
    assert phone.kept["buildings"] == {}


def test_moved_within_the_grids_held_it_stays(world: World):
    at = homes(world)
    appoint(world["zhang"], Role.GRID_WORKER, world.area(NEIGHBOUR))
    phone = Phone(world, "zhang")
    phone.ask()
    put_building(world["sun"], at.building, {"grid": NEIGHBOUR}, version=1)
    assert phone.ask()["households"]["gone"] == []
    grids = {pk: row["grid"]["code"] for pk, row in phone.kept["households"].items()}
    assert grids == {str(at.house): GRID} | dict.fromkeys(map(str, (at.family, at.couple, at.vacant)), NEIGHBOUR)


def test_a_step_that_committed_late_is_not_missed(world: World):
    at = homes(world)
    phone = Phone(world, "zhang")
    with moved_to(tomorrow_at(8)):
        phone.ask()
        Household.objects.filter(pk=at.house).update(code="H-LATE", changed_at=now() - timedelta(minutes=10))
        assert [row["code"] for row in phone.ask()["households"]["rows"]] == ["H-LATE"]
        assert phone.ask() == {}


def test_when_an_appointment_ends_its_grid_is_cleared(world: World):
    homes(world)
    phone = Phone(world, "zhang")
    phone.ask()
    withdraw(Appointment.objects.get(user=world["zhang"]))
    changed = phone.ask()
    for name in ("grids", "buildings", "households"):
        assert changed[name] == {"replace": True, "rows": [], "gone": []}


def test_another_grid_brings_all_anew(world: World):
    at = homes(world)
    phone = Phone(world, "zhao")
    phone.ask()
    appoint(world["zhao"], Role.GRID_WORKER, world.grid)
    assert phone.ask()["households"]["replace"] is True
    assert str(at.family) in phone.kept["households"]


def test_who_no_longer_keeps_households_has_their_doors_masked(world: World):
    at = homes(world)
    phone = Phone(world, "zhang")
    phone.ask()
    appoint(world["zhang"], Role.ASSISTANT, world.grid)
    withdraw(Appointment.objects.get(user=world["zhang"], role=Role.GRID_WORKER))
    assert phone.ask()["households"]["replace"] is True
    assert "502" not in phone.kept["households"][str(at.family)]["door"]


@pytest.mark.parametrize("what", ["colour", "interval", "tag", "grid", "community"])
def test_what_is_shown_of_other_rows_brings_all_anew(world: World, what: str):
    homes(world)
    phone = Phone(world, "zhang")
    phone.ask()
    if what == "colour":
        RiskLevel.objects.filter(code="red").update(colour="#ff0000")
    elif what == "interval":
        RiskLevel.objects.filter(code="red").update(visit_days=6)
    elif what == "tag":
        CareTag.objects.filter(code="disabled").update(code="impaired")
    else:
        change_area(world.grid if what == "grid" else world.area("371082007032"), name="新名")
    assert phone.ask()["households"]["replace"] is True


WORK = ("register", "add", "vacate", "relocate", "visit", "colour", "tag", "rename", "move", "merge", "post", "unpost")
picks = st.integers(0, 5)
works = st.lists(st.tuples(st.sampled_from(WORK), picks, st.booleans(), st.booleans()), min_size=1, max_size=12)


def work(world: World, step: str, pick: int, there: bool) -> None:
    """One step of the community's admin on whatever household the pick finds; refusals are fine."""
    sun, grid = world["sun"], NEIGHBOUR if there else GRID
    rows = list(Household.objects.filter(ended_at=None).order_by("created_at", "pk").values_list("pk", flat=True))
    household = rows[pick % len(rows)] if rows else uuid4()
    building = Building.objects.get()
    match step:
        case "register":
            put_household(sun, uuid4(), {"grid": grid, "address": f"台上村{pick}号", "occupancy": "owner"})
        case "add":
            put_resident(sun, household, uuid4(), person(name="某人", relation="relative"))
        case "vacate":
            move_out(sun, household, date(2026, 1, 1), vacant=uuid4() if there else None)
        case "relocate":
            said = {"building": None, "grid": grid, "address": f"台上村{pick}0号"}
            put_household(sun, household, said, version=version(Household, household))
        case "visit":
            put_visit(sun, uuid4(), bright.told(household))
        case "colour":
            propose_colour(sun, household, ("blue", "yellow")[there], "care", "关爱")
        case "tag":
            put_household(sun, household, {"tags": ["disabled"] * there}, version=version(Household, household))
        case "rename":
            put_building(sun, building.pk, {"number": f"{pick}号楼"}, version=building.version)
        case "move":
            put_building(sun, building.pk, {"grid": grid}, version=building.version)
        case "merge":
            merge(sun, household, rows[(pick + 1) % len(rows)] if rows else uuid4())
        case "post":
            appoint(world["zhang"], Role.GRID_WORKER, world.area(grid))
        case "unpost":
            held = Appointment.objects.filter(user=world["zhang"], area__code=grid, ended_at=None).first()
            if held is not None:
                withdraw(held)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=works)
def test_whatever_happens_changes_put_together_are_the_whole(world: World, done: list[tuple[str, int, bool, bool]]):
    with transaction.atomic():
        homes(world)
        # Those of the round before were rolled back.
        world._tokens.clear()
        phone, start = Phone(world, "zhang"), now()
        phone.ask()
        for number, (step, pick, there, asks) in enumerate(done, 1):
            with moved_to(start + timedelta(minutes=12 * number)):
                with suppress(Problem), transaction.atomic():
                    work(world, step, pick, there)
                if asks or number == len(done):
                    phone.ask()
                    whole = phone.whole()
                    for name in ("grids", "buildings", "households", "contacts"):
                        assert phone.kept[name] == whole[name], name
        transaction.set_rollback(True)
