"""Who sees which households, doors and special groups, and what a filter finds."""

from uuid import uuid4

import pytest

from accounts.roles import Role
from grids.actions.appointments import appoint
from households.models import Household, RiskLevel
from tests import household_scenes as homely
from tests.household_calls import get, put
from tests.household_scenes import GRID, NEIGHBOUR, homes
from tests.world import World, post

pytestmark = pytest.mark.django_db


def test_a_worker_with_two_grids_sees_both_and_no_third(world: World) -> None:
    at = homes(world)
    appoint(world["zhao"], Role.GRID_WORKER, world.grid)
    pk = uuid4()
    put(world, "zhao", f"households/{pk}", 201, grid=NEIGHBOUR, address="台上村30号")
    seen = {one["id"] for one in get(world, "zhao", "households")["results"]}
    assert seen == {str(pk), str(at.family), str(at.couple), str(at.house), str(at.vacant)}
    assert str(pk) not in {one["id"] for one in get(world, "zhang", "households")["results"]}


def test_a_household_of_others_is_as_one_that_never_was(world: World) -> None:
    at = homes(world)
    for name in ("zhao", "water", "housing", "outsider", "command", "auditor", "nobody"):
        client = world.api(name)
        told = client.get(f"/api/v1/households/{at.family}")
        never = client.get(f"/api/v1/households/{uuid4()}")
        assert (told.status_code, told.json()) == (404, never.json())
        assert get(world, name, "households")["results"] == []
        assert get(world, name, "buildings")["results"] == []


def test_a_street_reads_masked_doors_and_who_keeps_them_reads_them_in_full(world: World) -> None:
    at = homes(world)
    for name, door, address in (("sun", "2单元502室", "台上村18号"), ("wang", "2单元5**", "台上村**号")):
        doors = {one["id"]: one["door"] for one in get(world, name, "households")["results"]}
        assert (doors[str(at.family)], doors[str(at.house)]) == (door, address)


def test_special_groups_are_seen_by_few_and_leave_no_trace_for_others(world: World) -> None:
    at = homely.in_a_group(world)
    path = f"households/{at.family}"
    assert get(world, "sun", path)["residents"][0]["special_groups"][0]["group"]["code"] == "correction"
    for name in ("zhang", "wang"):
        assert get(world, name, path)["residents"][0]["special_groups"] is None
        kinds = [one["kind"] for one in get(world, name, f"{path}/events")["results"]]
        assert "enter_group" not in kinds
        refused = world.api(name).get("/api/v1/households", {"special_group": "correction"})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert get(world, "sun", f"{path}/events")["results"][0]["kind"] == "enter_group"
    found = get(world, "sun", "households", special_group="correction")["results"]
    assert [one["id"] for one in found] == [str(at.family)]
    leave = f"{path}/special_groups/{at.entry}/leave"
    assert post(world, "sun", leave)["ended_at"]
    assert post(world, "sun", leave, 409)["code"] == "group_left"
    assert get(world, "sun", "households", special_group="correction")["results"] == []
    assert post(world, "sun", f"{path}/residents/{at.head}/special_groups", 400, group="no")["code"] == "unknown_group"


def test_a_filter_by_group_reaches_only_where_one_may_know_of_groups(world: World) -> None:
    homely.in_a_group(world)
    # Zhang sees the household as its worker, and groups in the neighbouring grid as its leader.
    appoint(world["zhang"], Role.GRID_LEADER, world.area(NEIGHBOUR))
    assert get(world, "zhang", "households", special_group="correction")["results"] == []


FILTERS: list[tuple[dict[str, str], set[str]]] = [
    ({"grid": GRID}, {"family", "couple", "house", "vacant"}),
    ({"grid": NEIGHBOUR}, set()),
    ({"community": "371082007032", "occupancy": "tenant"}, {"couple"}),
    ({"street": "371082007", "occupancy": "vacant"}, {"vacant"}),
    ({"tag": "low_income"}, {"family"}),
    ({"tag": "disabled"}, {"family"}),
    ({"colour": "red,yellow"}, {"family", "couple"}),
    ({"colour": "green"}, set()),
    ({"unconfirmed": "true"}, {"couple"}),
    ({"due_by": "2026-01-10"}, {"family"}),
    ({"kind": "family"}, {"family", "couple", "house", "vacant"}),
]


@pytest.mark.parametrize(("asked", "found"), FILTERS, ids=lambda one: "-".join(one) if isinstance(one, dict) else "")
def test_what_a_filter_finds(world: World, asked: dict[str, str], found: set[str]) -> None:
    at = homes(world)
    for household, code, day, waits in (
        (at.family, "red", "2026-01-10", False),
        (at.couple, "yellow", "2026-01-11", True),
    ):
        Household.objects.filter(pk=household).update(
            risk_level=RiskLevel.objects.get(code=code), next_visit_due=day, risk_unconfirmed=waits
        )
    ids = {one["id"] for one in get(world, "sun", "households", **asked)["results"]}
    assert ids == {str(getattr(at, name)) for name in found}


def test_a_list_filtered_by_building_shows_its_households(world: World) -> None:
    at = homes(world)
    found = get(world, "sun", "households", building=str(at.building))["results"]
    assert {one["id"] for one in found} == {str(at.family), str(at.couple), str(at.vacant)}
