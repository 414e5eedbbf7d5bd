"""Whatever is done to households, in whatever order: nobody is lost or doubled, and history only grows."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.problems import Problem
from households.actions.moving import merge, move_in, move_out, split
from households.actions.registering import put_household
from households.actions.residents import move_out_resident, put_resident
from households.models import Household, HouseholdEvent, Resident, RiskLevel
from tests.household_scenes import GRID
from tests.world import World

pytestmark = pytest.mark.django_db

DAY = date(2025, 1, 1)
picks = st.integers(0, 9)
steps = st.lists(
    st.tuples(
        st.sampled_from(("register", "vacate", "add", "leave", "move_in", "move_out", "split", "merge", "relocate")),
        picks,
        picks,
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=14,
)


class Street:
    """Does what it is told with whichever households and residents there are; refusals are fine, wrong states not."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self.registered = 0

    def household(self, pick: int) -> UUID:
        rows = list(Household.objects.order_by("created_at", "pk").values_list("pk", flat=True))
        return rows[pick % len(rows)] if rows else uuid4()

    def residents(self, household: UUID) -> list[UUID]:
        here = Resident.objects.filter(household=household, moved_out=None)
        return list(here.order_by("name").values_list("pk", flat=True))

    def person(self, relation: int) -> dict[str, Any]:
        self.registered += 1
        return {"name": f"居民{self.registered}", "relation": ("head", "spouse", "child", "sibling")[relation]}

    def do(self, step: str, one: int, two: int, three: int) -> None:
        count = self.registered
        try:
            with transaction.atomic():
                self._do(step, self.household(one), one, two, three)
        except Problem:
            self.registered = count

    def _do(self, step: str, household: UUID, one: int, two: int, three: int) -> None:
        user, place = self.user, {"grid": GRID, "address": f"台上村{two}号"}
        people = self.residents(household)
        if step in ("register", "vacate"):
            level = RiskLevel.objects.get(rank=three + 1)
            row, _new = put_household(user, uuid4(), {**place, "occupancy": "vacant" if step == "vacate" else "owner"})
            Household.objects.filter(pk=row.pk).update(risk_level=level)
        elif step == "add":
            put_resident(user, household, uuid4(), self.person(three))
        elif step == "leave" and people:
            move_out_resident(user, household, people[two % len(people)], DAY)
        elif step == "move_in":
            move_in(user, household, "tenant", [{"id": uuid4(), **self.person(three)}])
        elif step == "move_out":
            move_out(user, household, DAY, vacant=uuid4() if three % 2 else None)
        elif step == "split":
            split(user, household, uuid4(), people[: three + 1], place)
        elif step == "merge":
            merge(user, household, self.household(two))
        elif step == "relocate" and Household.objects.exists():
            version = Household.objects.get(pk=household).version
            put_household(user, household, place, version=version)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_nobody_is_lost_or_doubled_and_no_door_has_two_households(world: World, done: list[Any]) -> None:
    with transaction.atomic():
        street = Street(world["zhang"])
        seen: list[int] = []
        for step in done:
            graver = max(Household.objects.values_list("risk_level__rank", flat=True), key=lambda x: x or 0, default=0)
            street.do(*step)
            events = list(HouseholdEvent.objects.order_by("pk").values_list("pk", flat=True))
            assert events[: len(seen)] == seen
            seen = events
            after = Household.objects.filter(merged_into=None).values_list("risk_level__rank", flat=True)
            assert not graver or max(rank or 0 for rank in after) >= graver
        assert Resident.objects.count() == street.registered
        assert not Resident.objects.filter(moved_out=None, household__ended_at__isnull=False).exists()
        for household in Household.objects.all():
            assert HouseholdEvent.objects.filter(household=household).exists()
            if household.occupancy == "vacant":
                assert not household.residents.filter(moved_out=None).exists()
        doors = list(Household.objects.filter(ended_at=None).values_list("door_hash", flat=True))
        assert len(doors) == len(set(doors))
        transaction.set_rollback(True)
