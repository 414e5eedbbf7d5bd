"""Households written by many at once: real threads, really committed, on PostgreSQL (see test_races)."""

from uuid import uuid4

import pytest
from django.db import connection

from accounts.models import AccessLog
from households.models import Household, HouseholdEvent, Resident
from tests.household_scenes import GRID, Homes, homes
from tests.test_races import at_once, posting
from tests.test_volunteer_races import statuses
from tests.world import World

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a database with more than one writer"),
]


def putting(world: World, name: str, path: str, /, **said: object):
    world.token(name)
    return lambda: world.api(name).put(f"/api/v1/{path}", said, format="json")


def test_a_household_sent_many_times_at_once_is_registered_once(committed_world: World) -> None:
    world, pk = committed_world, uuid4()
    calls = [putting(world, "zhang", f"households/{pk}", grid=GRID, address="台上村66号") for _number in range(6)]
    assert statuses(at_once(calls)) == {201: 1, 200: 5}
    assert HouseholdEvent.objects.filter(household=pk).count() == 1


def test_one_of_many_households_gets_a_door(committed_world: World) -> None:
    world = committed_world
    calls = [
        putting(world, name, f"households/{uuid4()}", grid=GRID, address="台上村66号")
        for name in ("zhang", "sun", "root", "zhang", "sun", "root")
    ]
    answers = at_once(calls)
    assert statuses(answers) == {201: 1, 409: 5}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"door_taken"}


def test_one_of_many_residents_becomes_the_head(committed_world: World) -> None:
    world = committed_world
    at = homes(world)
    calls = [
        putting(world, "zhang", f"households/{at.house}/residents/{uuid4()}", name=f"户主{number}", relation="head")
        for number in range(6)
    ]
    assert statuses(at_once(calls)) == {201: 1, 409: 5}


def merging(world: World, at: Homes, one: str, other: str):
    path = f"households/{getattr(at, one)}/merge"
    return posting(world, "sun", path, into=str(getattr(at, other)))


def test_two_households_merged_into_each_other_at_once_end_as_one(committed_world: World) -> None:
    world = committed_world
    at = homes(world)
    answers = at_once([merging(world, at, "family", "couple"), merging(world, at, "couple", "family")] * 3)
    assert statuses(answers) == {200: 1, 409: 5}
    assert Household.objects.filter(pk__in=[at.family, at.couple], ended_at=None).count() == 1
    assert set(Resident.objects.values_list("household__ended_at", flat=True)) == {None}
    assert Resident.objects.count() == 3


def test_a_reveal_sent_many_times_at_once_is_one_look(committed_world: World) -> None:
    world = committed_world
    at = homes(world)
    path = f"households/{at.family}/residents/{at.head}/reveal"
    said = {"what": ["phone"], "reason": "走访", "request_id": str(uuid4())}
    assert statuses(at_once([posting(world, "zhang", path, **said) for _number in range(6)])) == {200: 6}
    assert AccessLog.objects.count() == 1


def test_edits_at_once_are_one_after_the_other_or_stale(committed_world: World) -> None:
    world = committed_world
    at = homes(world)
    path = f"households/{at.house}"
    kinds = ("shared", "collective", "business")
    answers = at_once([putting(world, "zhang", path, kind=kind, version=1) for kind in kinds])
    assert statuses(answers) == {200: 1, 409: 2}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"stale_version"}
    assert Household.objects.get(pk=at.house).version == 2
