"""Where a household is put: a door in a building, or an address in a grid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from grids.coordinates import to_wgs84
from grids.models import Area
from grids.scope import prefixes
from households.access import demand, may, visible_buildings
from households.doors import Door, tidy_address, tidy_room, tidy_unit
from households.models import Building, Household
from households.models.placed import PLACE_COLUMNS

DOOR_FIELDS = ("building", "unit", "room", "address", "grid")
POSITION = ("lng", "lat")


@dataclass(frozen=True)
class Place:
    """A door with the ids of its areas by column."""

    door: Door
    areas: Mapping[str, int]

    def columns(self) -> dict[str, Any]:
        door = self.door
        return {
            "building_id": door.building,
            "unit": door.unit,
            "room": door.room,
            "address": door.address,
            **self.areas,
        }


def place_for(user: User, said: Mapping[str, Any], current: Household | None = None) -> Place:
    """The place that is said; what is left out stays as at `current`.

    Raises `unknown_building`, `grid_differs`, `grid_missing`, `door_missing`, `forbidden` where the person keeps no
    households.
    """
    kept = current or Household(unit="", room="", address="")
    building_id = said.get("building", kept.building_id)
    if building_id is not None:
        place = _in_building(user, building_id, said, kept)
    else:
        place = _in_grid(said, kept)
    if not place.door.known:
        raise Problem("door_missing", "room" if building_id else "address")
    demand(may(user, Can.EDIT_HOUSEHOLDS, Household(**place.areas)), "building" if building_id else "grid")
    return place


def position_columns(said: Mapping[str, Any]) -> dict[str, float | None]:
    """`position` as WGS-84 columns; nothing if it is not said. Raises `bad_position`."""
    if "position" not in said:
        return {}
    position = said["position"]
    if position is None:
        return dict.fromkeys(POSITION)
    lng, lat = to_wgs84(position["lng"], position["lat"], position["coord_type"])
    return {"lng": lng, "lat": lat}


def grid_columns(code: str, field: str = "grid") -> dict[str, int]:
    """The columns of a grid in use, by its code. Raises `unknown_grid`."""
    grid = Area.objects.filter(code=code, level=Area.Level.GRID, is_active=True).values_list("path", flat=True).first()
    if grid is None:
        raise Problem("unknown_grid", field)
    rows = Area.objects.filter(path__in=prefixes(grid)).values_list("level", "pk")
    return {f"{level}_id": pk for level, pk in rows}


def _in_building(user: User, building_id: Any, said: Mapping[str, Any], kept: Household) -> Place:
    building: Building | None = visible_buildings(user).filter(pk=building_id, is_active=True).first()
    if building is None:
        raise Problem("unknown_building", "building")
    if said.get("grid") and Area.objects.filter(code=said["grid"]).exclude(pk=building.grid_id).exists():
        raise Problem("grid_differs", "grid")
    unit, room = said.get("unit", kept.unit), said.get("room", kept.room)
    door = Door(building.pk, building.grid_id, unit=tidy_unit(unit), room=tidy_room(room))
    return Place(door, building.place)


def _in_grid(said: Mapping[str, Any], kept: Household) -> Place:
    if said.get("grid"):
        areas = grid_columns(said["grid"])
    elif kept.grid_id is not None:
        areas = {name: getattr(kept, name) for name in PLACE_COLUMNS}
    else:
        raise Problem("grid_missing", "grid")
    return Place(Door(None, areas["grid_id"], address=tidy_address(said.get("address", kept.address))), areas)
