"""The demonstration's households: a building of flats in some grids, with colours, visits and a few that wait.

Called by a signal of `load_demo`, which knows nothing of households; every row is made by the real actions. All people
are invented, and have no document numbers.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, zip_longest
from typing import Any
from uuid import UUID

import shapely
from django.db import transaction
from django.dispatch import receiver

from accounts.models import User
from accounts.roles import Role
from core.moment import moved_to
from grids.models import Appointment, Area
from households.actions.buildings import put_building
from households.actions.colours import confirm_colour, propose_colour
from households.actions.registering import put_household
from households.actions.residents import put_resident
from households.actions.visits import Visited, put_visit
from households.models import Building
from households.models.vocabulary import ColourStatus, Occupancy, Relation, VisitResult
from notifications.actions.settling import settle_notices
from reports.actions.submit import Position
from reports.demo.stage import DEVICE
from reports.demo.words import fictional_phone, person_name
from reports.signals import demo_loaded

GRIDS, UNITS, FLOORS, DOORS = 8, 2, 6, 2
SEED = 20260601
# Of a grid's code, those of its street.
STREET_DIGITS = 9
# Beyond the numbers that the demonstration's staff and requesters have.
PHONES = 90_000_000
REGISTERED, RATED = timedelta(days=200), timedelta(days=190)
# Colour, reason, what is noted; as often as it stands here.
STORIES = (
    *(("green", "first", "一家三口,情况稳定"),) * 11,
    *(("blue", "tenants", "出租房,租客常换"),) * 5,
    *(("yellow", "care", "独居老人,子女在外地"),) * 4,
    *(("orange", "dispute", "与邻居因漏水争执"),) * 2,
    ("red", "hazard", "长期私存危险物品,正在整改"),
)


@dataclass(frozen=True)
class Hands:
    """Those who work at a grid: its worker, the community's desk, the street's leader."""

    worker: User
    community: User
    leader: User


@receiver(demo_loaded)
def load_households(sender: Any, end: datetime, **kwargs: Any) -> None:
    """Once, in the first grids of each street that have a worker, a community desk and a street leader."""
    if Building.objects.exists():
        return
    dice = random.Random(SEED)  # noqa: S311 - a story, not a secret
    with transaction.atomic():
        for number, (grid, hands) in enumerate(islice(_staffed(), GRIDS)):
            _building(dice, number, grid, hands, end)
        # What waited half a year ago rings nobody today.
        settle_notices(end - REGISTERED + timedelta(days=20), DEVICE)


def _staffed() -> Iterator[tuple[Area, Hands]]:
    """Grids with those who work there, from the streets in turn, so that the staff of each finds some of its own."""
    held = Appointment.objects.filter(role=Role.GRID_WORKER, ended_at__isnull=True, area__geometry__isnull=False)
    turns: dict[str, list[Area]] = defaultdict(list)
    for grid in Area.objects.filter(pk__in=held.values("area_id")).order_by("code"):
        turns[grid.code[:STREET_DIGITS]].append(grid)
    for turn in zip_longest(*turns.values()):
        for grid in filter(None, turn):
            hands = _hands(grid)
            if hands is not None:
                yield grid, hands


def _hands(grid: Area) -> Hands | None:
    above = {area.level: area for area in Area.objects.get_ancestors(grid)}
    found = []
    for role, node in (
        (Role.GRID_WORKER, grid),
        (Role.COMMUNITY_ADMIN, above["community"]),
        (Role.STREET_LEADER, above["street"]),
    ):
        posts = Appointment.objects.filter(role=role, area=node, ended_at__isnull=True).select_related("user")
        post = posts.order_by("pk").first()
        if post is None:
            return None
        found.append(post.user)
    return Hands(*found)


def _building(dice: random.Random, number: int, grid: Area, hands: Hands, end: datetime) -> None:
    point = shapely.geometry.shape(grid.geometry).representative_point()
    position = {"lng": point.x, "lat": point.y, "coord_type": "wgs84"}
    building = _id(dice)
    with moved_to(end - REGISTERED):
        put_building(
            hands.community,
            building,
            {
                "grid": grid.code,
                "estate": f"{grid.name}小区",
                "number": f"{number + 1}号楼",
                "units": UNITS,
                "floors": FLOORS,
                "position": position,
                "head_name": person_name(dice),
                "head_phone": fictional_phone(PHONES + number),
            },
        )
    for unit in range(1, UNITS + 1):
        for floor in range(1, FLOORS + 1):
            for door in range(1, DOORS + 1):
                place = {"building": building, "unit": str(unit), "room": f"{floor}0{door}"}
                _household(dice, place, Position(point.x, point.y, "wgs84", 8.0), hands, end)


def _household(dice: random.Random, place: dict[str, Any], here: Position, hands: Hands, end: datetime) -> None:
    home, worker = _id(dice), hands.worker
    code, reason, note = dice.choice(STORIES)
    with moved_to(end - REGISTERED):
        let = Occupancy.TENANT if code == "blue" else Occupancy.OWNER
        put_household(worker, home, {**place, "occupancy": let})
        phone = fictional_phone(PHONES + dice.randrange(1_000_000))
        head = {"name": person_name(dice), "relation": Relation.HEAD, "phone": phone}
        put_resident(worker, home, _id(dice), head)
        if code != "yellow" and dice.random() < 0.6:
            put_resident(worker, home, _id(dice), {"name": person_name(dice), "relation": Relation.SPOUSE})
    with moved_to(end - RATED + timedelta(hours=dice.randrange(72))):
        change = propose_colour(hands.community, home, code, reason, note)
        # The last few of the gravest still wait for the street.
        if change.status == ColourStatus.PROPOSED and (code != "red" or dice.random() < 0.7):
            confirm_colour(hands.leader, change.pk, "属实")
    for days in sorted({dice.randrange(0, 40 if code in ("orange", "red") else 160) for _time in range(2)}):
        _visit(dice, home, here, hands, end - timedelta(days=days, hours=dice.randrange(1, 8)))


def _visit(dice: random.Random, home: UUID, here: Position, hands: Hands, at: datetime) -> None:
    met = dice.random() < 0.85
    said = Visited(
        household=home,
        visited_at=at,
        position=here,
        result=VisitResult.MET if met else VisitResult.NOBODY_HOME,
        visitors=(hands.worker.username, hands.community.username),
        leader=hands.leader.username,
        note="了解近况,提醒用火用电安全" if met else "",
        measure="已约见并签订整改承诺" if met else "",
        body_hash=_id(dice).hex,
    )
    # The phone sends it within the hour.
    with moved_to(at + timedelta(minutes=dice.randrange(1, 60))):
        put_visit(hands.worker, _id(dice), said)


def _id(dice: random.Random) -> UUID:
    return UUID(int=dice.getrandbits(128), version=4)
