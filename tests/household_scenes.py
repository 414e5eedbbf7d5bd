"""Households in Zhang's grid, made by the actions of those whose work it is.

One building with a family of three in 2单元502室 and a couple in 2单元10室, and a house of its own in the same grid.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from households.actions.buildings import put_building
from households.actions.groups import enter_group
from households.actions.links import link_report
from households.actions.registering import put_household
from households.actions.residents import put_resident
from households.documents import check_character
from households.models import SpecialGroupEntry
from tests import scenes
from tests.world import LAT, LNG, World

GRID = "371082007032002"
NEIGHBOUR = "371082007032001"
PHONE, OTHER_PHONE = "13812345678", "13700001111"
HEAD_NAME, SPOUSE_NAME, BUILDING_HEAD = "欧阳修远", "钟离春华", "慕容楼长"


def card(born: str = "19900101", order: int = 123, place: str = "371082") -> str:
    """A card number that passes: birth date YYYYMMDD, order (odd: male)."""
    digits = f"{place}{born}{order:03d}"
    return digits + check_character(digits)


CARD = card()


@dataclass(frozen=True)
class Homes:
    """A building, a family with its head and spouse, a couple, a house, and what may hang on the family."""

    building: UUID
    family: UUID
    head: UUID
    spouse: UUID
    couple: UUID
    house: UUID
    vacant: UUID
    report: UUID | None = None
    entry: int = 0


def person(**said: Any) -> dict[str, Any]:
    return {"name": HEAD_NAME, "relation": "head", **said}


def homes(world: World) -> Homes:
    zhang = world["zhang"]
    at = Homes(*(uuid4() for _ in range(7)))
    position = {"lng": LNG, "lat": LAT, "coord_type": "wgs84"}
    put_building(
        zhang,
        at.building,
        {
            "grid": GRID,
            "estate": "台上小区",
            "number": "3号楼",
            "units": 4,
            "position": position,
            "head_name": BUILDING_HEAD,
            "head_phone": "13900002222",
        },
    )
    door = {"building": at.building, "unit": "2"}
    put_household(zhang, at.family, {**door, "room": "502", "occupancy": "owner", "tags": ["low_income"]})
    put_resident(
        zhang, at.family, at.head, person(doc_type="id_card", doc_number=CARD, phone=PHONE, moved_in=date(2024, 5, 1))
    )
    put_resident(zhang, at.family, at.spouse, person(name=SPOUSE_NAME, relation="spouse", tags=["disabled"]))
    put_household(zhang, at.couple, {**door, "room": "10", "occupancy": "tenant"})
    put_resident(zhang, at.couple, uuid4(), person(name="司马迁居", phone=OTHER_PHONE))
    put_household(zhang, at.house, {"grid": GRID, "address": "台上村18号", "occupancy": "owner"})
    put_household(zhang, at.vacant, {**door, "room": "601", "occupancy": "vacant"})
    return at


def in_a_group(world: World) -> Homes:
    """The head of the family is in a special group."""
    at = homes(world)
    entry = enter_group(world["sun"], at.family, at.head, "correction", note="每月报到")
    return Homes(**{**vars(at), "entry": entry.pk})


def linked(world: World) -> Homes:
    """A report concerns the family."""
    at = homes(world)
    report = scenes.submitted(world).report
    assert report is not None
    link_report(world["zhang"], at.family, report)
    return Homes(**{**vars(at), "report": report})


def everything(world: World) -> Homes:
    at = linked(world)
    entry = enter_group(world["sun"], at.family, at.head, "correction")
    assert SpecialGroupEntry.objects.count() == 1
    return Homes(**{**vars(at), "entry": entry.pk})
