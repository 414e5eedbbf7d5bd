"""Who plays: the demonstration's people by user name, read from the database before the morning begins."""

import json
import random
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from accounts.models import Department, Device, User
from accounts.roles import Role
from grids.models import Area
from reports.calendar import today
from reports.demo.people import SLUGS, authorities, demo_password
from reports.demo.places import Street, demo_streets
from reports.demo.spots import Spots
from reports.models import ItemVersion
from reports.models.vocabulary import Urgency

DEVICE = "simulation"
# The authorities that are called; each sends its first member of staff.
CALLED = ("WH-ZHZF", "WH-ZHZF-HW", "WH-ZHZF-SZ", "WH-SWJT", "WH-RQ", "WH-XF")
LOG_INS = 5
LOG_IN_SECONDS = 30
THROTTLED = 429


class NotLoaded(Exception):
    """The demonstration is not in this database, or the server is not the one that uses it."""


@dataclass(frozen=True)
class Person:
    id: int
    username: str
    token: str


@dataclass(frozen=True)
class WorkerPart:
    """A worker, the places of the worker's own grids (drawn beforehand), and the street."""

    person: Person
    street: str
    places: list[tuple[float, float, str]]


@dataclass(frozen=True)
class StreetPart:
    """The desk of a street; `unit` is the code of the unit it gives ordinary work to."""

    slug: str
    dispatcher: Person
    leader: Person
    unit: str
    unit_person: Person


@dataclass(frozen=True)
class Matter:
    """A catalogue item a worker may find."""

    code: str
    name: str
    questions: list[dict[str, Any]]


@dataclass(frozen=True)
class Cast:
    workers: list[WorkerPart]
    streets: list[StreetPart]
    departments: dict[str, Person]
    clerk: Person
    matters: list[Matter]

    def everyone(self) -> list[Person]:
        people = [part.person for part in self.workers] + [*self.departments.values(), self.clerk]
        for street in self.streets:
            people += [street.dispatcher, street.leader, street.unit_person]
        return people


def choose(base: str, workers: int, dice: random.Random) -> Cast:
    """Choose the people and log them in at `base`. Raises NotLoaded."""
    streets = demo_streets()
    matters = [
        Matter(one.item.code, one.name, one.questions)
        for one in ItemVersion.objects.current(today()).select_related("item").filter(urgency=Urgency.NORMAL)
        if one.item.retired_at is None
    ]
    if not streets or not matters:
        raise NotLoaded("the demonstration is not loaded here: run load_demo first")
    door = Door(base)
    return Cast(
        workers=[
            _worker(door, streets[number % len(streets)], number // len(streets), dice) for number in range(workers)
        ],
        streets=[_street(door, street) for street in streets],
        departments={
            department.code: door.let_in(f"{SLUGS[department.code]}-1")
            for _code, _slug, department in authorities()
            if department.code in CALLED
        },
        clerk=door.let_in("weihai-callback"),
        matters=matters,
    )


def _worker(door: "Door", street: Street, number: int, dice: random.Random) -> WorkerPart:
    usernames = User.objects.filter(username__regex=rf"^{street.slug}-w[0-9]+$").order_by("username")
    count = usernames.count()
    if number >= count:
        raise NotLoaded(f"{street.area} has only {count} workers")
    user = usernames[number]
    grids = Area.objects.filter(appointments__user=user, appointments__role=Role.GRID_WORKER).order_by("code")
    spots = Spots(list(grids))
    drawn = [spots.anywhere(dice) for _ in range(40)]
    places = [(spot.lng, spot.lat, spot.grid.name) for spot in drawn]
    return WorkerPart(door.let_in(user.username), street.slug, places)


def _street(door: "Door", street: Street) -> StreetPart:
    unit: Department = street.units[0]
    return StreetPart(
        street.slug,
        door.let_in(f"{street.slug}-dispatcher"),
        door.let_in(f"{street.slug}-leader"),
        unit.code,
        door.let_in(f"{street.slug}-urban-1"),
    )


class Door:
    """Logs the first few people in with the demonstration's password, through the server's own door.

    The others get a device token straight from the database: a password takes the server half a second to check, on
    purpose, and thirty log-ins a minute, which is plenty for people, would be used up by the simulation.
    """

    def __init__(self, base: str) -> None:
        self.base = base
        self.log_ins = 0

    def let_in(self, username: str) -> Person:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise NotLoaded(f"there is no {username}: run load_demo first")
        token = self._log_in(username) if self.log_ins < LOG_INS else None
        if token is None:
            token = Device.objects.create(user=user, name=DEVICE)[1]
        elif not Device.objects.filter(user=user, name=DEVICE).exists():
            raise NotLoaded("the server uses another database than this command: set DATABASE_URL alike")
        return Person(user.pk, username, token)

    def _log_in(self, username: str) -> str | None:
        """The token, or None while the door is throttled. Raises NotLoaded for a refusal."""
        self.log_ins += 1
        body = json.dumps({"username": username, "password": demo_password(), "device": DEVICE}).encode()
        request = urllib.request.Request(  # noqa: S310  # the base was checked to be http
            f"{self.base}/api/v1/auth/tokens", body, {"Content-Type": "application/json"}, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=LOG_IN_SECONDS) as answer:  # noqa: S310
                return str(json.load(answer)["token"])
        except urllib.error.HTTPError as exc:
            if exc.code == THROTTLED:
                self.log_ins = LOG_INS
                return None
            raise NotLoaded(f"{username} cannot log in: {exc.code}") from exc
        except OSError as exc:
            raise NotLoaded(f"{self.base} does not answer: {exc}") from exc


def log_out() -> None:
    """Revoke every token of the simulation, those of a broken-off one too."""
    Device.objects.filter(name=DEVICE).delete()
