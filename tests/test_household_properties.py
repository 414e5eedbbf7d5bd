"""Whatever is done to households, in whatever order: nobody is lost or doubled, and history only grows."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from core.problems import Problem
from households.actions.moving import merge, move_in, move_out, split
from households.actions.registering import put_household
from households.actions.residents import move_out_resident, put_resident
from households.models import Household, HouseholdEvent, Resident, RiskLevel
from tests.colour_scenes import coloured
from tests.household_scenes import GRID
from tests.world import World

pytestmark = pytest.mark.django_db

DAY = date(2025, 1, 1)
STEPS = ("register", "vacate", "add", "leave", "move_in", "move_out", "split", "merge", "relocate")
picks = st.integers(0, 9)
steps = st.lists(
    st.tuples(
        st.sampled_from(STEPS),
        picks,
        picks,
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=14,
)


class Street:
    """Does what it is told with whichever households and residents there are; refusals are fine, wrong states not."""

    def __init__(self, world: World) -> None:
        self.world, self.user = world, world["zhang"]
        self.registered = 0
        self.done: list[str] = []
        # Three families to begin with, of different colours.
        for number in range(3):
            self.do("register", 0, number, number * 2)
            for relation in (0, 2):
                self.do("add", number, 0, relation)

    def household(self, pick: int) -> UUID:
        """One that is active, but for one pick in ten."""
        rows = Household.objects.order_by("created_at", "pk")
        here = list((rows if pick == 9 else rows.filter(ended_at=None)).values_list("pk", flat=True))
        return here[pick % len(here)] if here else uuid4()

    def residents(self, household: UUID) -> list[UUID]:
        here = Resident.objects.filter(household=household, moved_out=None)
        return list(here.order_by("name").values_list("pk", flat=True))

    def person(self, relation: int) -> dict[str, Any]:
        self.registered += 1
        return {"name": f"居民{self.registered}", "relation": ("head", "spouse", "child", "sibling")[relation % 4]}

    def do(self, step: str, one: int, two: int, three: int) -> None:
        count = self.registered
        try:
            with transaction.atomic():
                self._do(step, self.household(one), one, two, three)
        except Problem:
            self.registered = count
        else:
            self.done.append(step)

    def _do(self, step: str, household: UUID, one: int, two: int, three: int) -> None:
        user, place = self.user, {"grid": GRID, "address": f"台上村{two * 10 + three}号"}
        people = self.residents(household)
        if step in ("register", "vacate"):
            level = RiskLevel.objects.get(rank=three % 5 + 1)
            row, _new = put_household(user, uuid4(), {**place, "occupancy": "vacant" if step == "vacate" else "owner"})
            coloured(self.world, row.pk, level.code)
        elif step == "add":
            put_resident(user, household, uuid4(), self.person(three))
        elif step == "leave" and people:
            move_out_resident(user, household, people[two % len(people)], DAY)
        elif step == "move_in":
            vacant = Household.objects.filter(occupancy="vacant", ended_at=None).values_list("pk", flat=True).first()
            move_in(user, vacant or household, "tenant", [{"id": uuid4(), **self.person(three)}])
        elif step == "move_out":
            move_out(user, household, DAY, vacant=uuid4() if three % 2 else None)
        elif step == "split":
            split(user, household, uuid4(), people[: three % 2 + 1], place)
        elif step == "merge":
            merge(user, household, self.household(two))
        elif step == "relocate":
            version = Household.objects.filter(pk=household).values_list("version", flat=True).first()
            put_household(user, household, place, version=version)


def gravest() -> int:
    """The rank of the gravest colour of those that were not merged away."""
    ranks = Household.objects.filter(merged_into=None).values_list("risk_level__rank", flat=True)
    return max((rank or 0 for rank in ranks), default=0)


def lives(world: World, done: list[Any]) -> list[str]:
    """Do all this, checking after every step; returns what was not refused."""
    with transaction.atomic():
        street = Street(world)
        seen: list[int] = []
        for step in done:
            before = gravest()
            street.do(*step)
            events = list(HouseholdEvent.objects.order_by("pk").values_list("pk", flat=True))
            assert events[: len(seen)] == seen
            seen = events
            assert gravest() >= before
        assert Resident.objects.count() == street.registered
        assert not Resident.objects.filter(moved_out=None, household__ended_at__isnull=False).exists()
        assert not Resident.objects.filter(moved_out=None, household__occupancy="vacant").exists()
        for household in Household.objects.all():
            assert HouseholdEvent.objects.filter(household=household).exists()
        doors = list(Household.objects.filter(ended_at=None).values_list("door_hash", flat=True))
        assert len(doors) == len(set(doors))
        transaction.set_rollback(True)
    return street.done


def test_nobody_is_lost_or_doubled_and_no_door_has_two_households(world: World) -> None:
    taken: set[str] = set()

    @settings(max_examples=60, derandomize=True, database=None)
    @given(steps)
    def whatever_is_done(done: list[Any]) -> None:
        taken.update(lives(world, done))

    whatever_is_done()
    # A property of steps that are all refused would say nothing.
    assert taken == set(STEPS)
