"""Buildings: put and edited, moved with their households, and their doors in order."""

from uuid import uuid4

import pytest

from grids.actions.areas import move_area
from grids.models import Area
from households.models import Building, Household
from tests.household_calls import get, last, put
from tests.household_scenes import GRID, NEIGHBOUR, homes
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_building_is_put_once_and_edited_by_version(world: World) -> None:
    at = homes(world)
    path = f"buildings/{at.building}"
    assert put(world, "zhang", path, 200, estate="台上小区", number="3号楼")["version"] == 1
    assert put(world, "zhang", path, 409, floors=6)["code"] == "building_differs"
    changed = put(world, "zhang", path, 200, floors=6, version=1)
    assert (changed["floors"], changed["version"], changed["households"]) == (6, 2, 3)
    assert put(world, "zhang", path, 409, floors=7, version=1)["current"]["floors"] == 6
    assert put(world, "zhang", path, 409, is_active=False, version=2)["code"] == "building_in_use"
    assert put(world, "zhang", path, 400, head_phone="139****2222", version=2)["code"] == "masked_value"
    taken = put(world, "zhang", f"buildings/{uuid4()}", 409, grid=GRID, estate="台上小区", number="3号楼")
    assert taken["code"] == "building_taken"
    assert put(world, "zhang", f"buildings/{uuid4()}", 400, estate="x", number="1")["code"] == "grid_missing"


def test_the_doors_of_a_building_come_as_people_count_them(world: World) -> None:
    at = homes(world)
    put(world, "zhang", f"households/{uuid4()}", 201, building=str(at.building), unit="10", room="1")
    doors = [one["door"] for one in get(world, "zhang", f"buildings/{at.building}/households")]
    assert doors == ["2单元10室", "2单元502室", "2单元601室", "10单元1室"]


def test_a_building_moved_to_another_grid_takes_its_households(world: World) -> None:
    at = homes(world)
    assert put(world, "zhang", f"buildings/{at.building}", 403, grid=NEIGHBOUR, version=1)["code"] == "forbidden"
    moved = put(world, "sun", f"buildings/{at.building}", 200, grid=NEIGHBOUR, version=1)
    assert moved["grid"]["code"] == NEIGHBOUR
    family = Household.objects.select_related("grid").get(pk=at.family)
    assert family.grid.code == NEIGHBOUR
    assert last(at.family).data["fields"] == ["grid_id"]
    assert world.api("zhang").get(f"/api/v1/households/{at.family}").status_code == 404
    assert world.api("zhao").get(f"/api/v1/households/{at.family}").status_code == 200


def test_households_follow_an_area_that_is_moved(world: World) -> None:
    at = homes(world)
    community = world.area("371082007032")
    other = Area.objects.get(code="371082900")
    move_area(community, other)
    row, building = Household.objects.get(pk=at.family), Building.objects.get(pk=at.building)
    assert row.street_id == building.street_id == other.pk
    assert world.api("wang").get(f"/api/v1/households/{at.family}").status_code == 404
    assert world.api("outsider").get(f"/api/v1/households/{at.family}").status_code == 200
