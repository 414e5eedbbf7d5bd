"""Doors of households: one household behind each, however it is written."""

from typing import Any
from uuid import uuid4

import pytest

from households.doors import door_text, mask_address, mask_door, tidy_room, tidy_unit
from households.models import Household
from tests.household_calls import put
from tests.household_scenes import GRID, homes
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_door_is_tidied_written_and_hidden() -> None:
    assert (tidy_unit(" 2单元"), tidy_room("502 室"), tidy_unit("单元")) == ("2", "502", "单元")
    assert (door_text("2", "502"), door_text("", "502"), mask_door("2", "502")) == ("2单元502室", "502室", "2单元5**")
    assert (mask_address("台上村18号"), mask_address("老槐树下"), mask_address("台上村十八号")) == (
        "台上村**号",
        "老槐**",
        "台上村**号",
    )


def test_one_household_is_behind_a_door_however_it_is_written(world: World) -> None:
    at = homes(world)
    said = {"building": str(at.building), "unit": "2单元", "room": "502室", "occupancy": "owner"}
    refused = put(world, "zhang", f"households/{uuid4()}", 409, **said)
    assert (refused["code"], refused["household"]) == ("door_taken", str(at.family))
    assert put(world, "zhang", f"households/{uuid4()}", 201, **said | {"unit": "3"})


def test_equal_rooms_of_two_buildings_do_not_look_equal(world: World) -> None:
    at = homes(world)
    other = uuid4()
    put(world, "zhang", f"buildings/{other}", 201, grid=GRID, estate="台上小区", number="4号楼")
    twin = uuid4()
    put(world, "zhang", f"households/{twin}", 201, building=str(other), unit="2", room="502")
    hashes = set(Household.objects.filter(pk__in=[at.family, twin]).values_list("door_hash", flat=True))
    assert len(hashes) == 2
    assert all(len(one) == 64 for one in hashes)


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"room": "1"}, "grid_missing", "grid"),
        ({"grid": GRID}, "door_missing", "address"),
        ({"grid": "000", "address": "x"}, "unknown_grid", "grid"),
        ({"building": str(uuid4()), "room": "1"}, "unknown_building", "building"),
        ({"grid": GRID, "address": "x", "tags": ["no_such"]}, "unknown_tag", "tags"),
        ({"grid": GRID, "address": "x", "position": {"lng": 0, "lat": 95, "coord_type": "wgs84"}}, "invalid", None),
        ({"grid": GRID, "address": "x", "colour": "red"}, "invalid", None),
    ],
)
def test_a_household_that_is_nowhere_is_refused_by_field(
    world: World, said: dict[str, Any], code: str, field: str
) -> None:
    refused = put(world, "zhang", f"households/{uuid4()}", 400, **said)
    assert refused["code"] == code
    if field:
        assert refused["errors"][0]["field"] == field
    assert not Household.objects.exists()


def test_nobody_registers_a_household_in_a_grid_of_another(world: World) -> None:
    for name in ("zhao", "wang", "li", "command", "water", "outsider", "nobody"):
        refused = put(world, name, f"households/{uuid4()}", 403, grid=GRID, address="台上村1号")
        assert refused["code"] == "forbidden"
