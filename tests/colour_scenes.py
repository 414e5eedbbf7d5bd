"""Colours, visits and patrols at the households of `household_scenes`, made by the actions of those who do them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from core.moment import now
from households.actions.colours import confirm_colour, propose_colour
from households.actions.patrols import CheckIn, put_patrol
from households.actions.visits import Visited, put_visit
from households.models import Household
from reports.actions.submit import AnnouncedPhoto, Position
from tests import household_scenes as homely
from tests.world import LAT, LNG, World

HERE = Position(LNG, LAT, "wgs84", 6.0)


@dataclass(frozen=True)
class Work:
    """A family, and what was proposed, visited or walked there."""

    family: UUID
    couple: UUID
    change: int = 0
    visit: UUID | None = None
    patrol: UUID | None = None


def coloured(world: World, household: UUID, code: str) -> None:
    """The household has the colour, confirmed."""
    change = propose_colour(world["sun"], household, code, "first", "评定")
    if change.status == "proposed":
        confirm_colour(world["li"], change.pk)


def proposed(world: World, code: str = "blue") -> Work:
    """Zhang has proposed a colour for the family; it waits."""
    at = homely.homes(world)
    change = propose_colour(world["zhang"], at.family, code, "tenants", "出租给三人")
    return Work(at.family, at.couple, change.pk)


def visited(world: World, photos: tuple[AnnouncedPhoto, ...] = (), **said: Any) -> Work:
    """Zhang has visited the family."""
    at = homely.homes(world)
    visit = uuid4()
    put_visit(world["zhang"], visit, told(at.family, photos=photos, **said))
    return Work(at.family, at.couple, visit=visit)


def told(household: UUID, at: datetime | None = None, **said: Any) -> Visited:
    """What a phone says of a visit that met the demands of no colour in particular."""
    plain = {"result": "met", "position": HERE, "body_hash": uuid4().hex, "note": "一切正常"}
    return Visited(household=household, visited_at=at or now(), **{**plain, **said})


def patrolled(world: World) -> Work:
    """Zhang has checked in."""
    patrol = uuid4()
    put_patrol(world["zhang"], patrol, CheckIn(now(), HERE, uuid4().hex))
    return Work(uuid4(), uuid4(), patrol=patrol)


def everything(world: World) -> Work:
    """A change that waits, visits, two of them in vain, an overdue red household, and a patrol."""
    return at_home(world, homely.homes(world))


def at_home(world: World, at: homely.Homes) -> Work:
    """The same at homes that are there already."""
    zhang, visit, patrol = world["zhang"], uuid4(), uuid4()
    put_visit(zhang, visit, told(at.family))
    Household.objects.filter(pk=at.couple).update(created_at=now() - timedelta(days=60))
    coloured(world, at.couple, "red")
    for _time in range(2):
        put_visit(zhang, uuid4(), told(at.family, visitors=("zhang", "sun"), result="nobody_home"))
    change = propose_colour(zhang, at.house, "blue", "tenants", "出租").pk
    put_patrol(zhang, patrol, CheckIn(now(), HERE, uuid4().hex))
    return Work(at.family, at.couple, change, visit, patrol)


def row(household: UUID) -> Household:
    return Household.objects.select_related("risk_level", "confirmed_level").get(pk=household)


def colour_of(household: UUID) -> tuple[str | None, str | None, bool]:
    """In effect, last confirmed, whether it waits."""
    one = row(household)
    in_effect, confirmed = one.risk_level, one.confirmed_level
    return in_effect and in_effect.code, confirmed and confirmed.code, one.risk_unconfirmed
