"""Colours and visits by many at once: real threads, really committed, on PostgreSQL (see test_races)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from core.moment import now
from households.models import ColourChange, GridColour, Visit
from tests import household_scenes as homely
from tests.colour_scenes import coloured, proposed, row
from tests.test_colour_rules import assert_counted
from tests.test_household_races import putting
from tests.test_main_job import HERE
from tests.test_races import at_once, posting
from tests.test_volunteer_races import statuses
from tests.world import World

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a database with more than one writer"),
]


def visit(household: Any, hours: float = 0.0) -> dict[str, Any]:
    at = now() - timedelta(hours=hours)
    return {"household": str(household), "visited_at": at.isoformat(), "position": HERE, "result": "met", "note": "好"}


def test_a_visit_sent_many_times_at_once_is_one(committed_world: World) -> None:
    world, pk = committed_world, uuid4()
    at = homely.homes(world)
    said = visit(at.family) | {"follow_up": {"id": str(uuid4()), "item": "01-01-001", "description": "楼道堆物"}}
    answers = at_once([putting(world, "zhang", f"visits/{pk}", **said) for _number in range(6)])
    assert statuses(answers) == {201: 1, 200: 5}
    assert len({answer.content for answer in answers}) == 1
    assert Visit.objects.count() == 1


def test_visits_that_come_at_once_end_as_in_order(committed_world: World) -> None:
    world = committed_world
    at = homely.homes(world)
    coloured(world, at.family, "blue")
    said = [visit(at.family, hours) for hours in (0, 30, 60, 90)]
    assert statuses(at_once([putting(world, "zhang", f"visits/{uuid4()}", **one) for one in said])) == {201: 4}
    last = row(at.family).last_visit_at
    assert last is not None
    assert last.isoformat() == said[0]["visited_at"]


def test_one_of_many_decisions_counts(committed_world: World) -> None:
    world = committed_world
    at = proposed(world)
    path = f"households/colour_changes/{at.change}"
    calls = [
        posting(world, name, f"{path}/{step}", note="x")
        for name in ("sun", "li", "wang")
        for step in ("confirm", "refuse")
    ]
    assert statuses(at_once(calls)) == {200: 1, 409: 5}
    assert ColourChange.objects.get().decided_by is not None
    assert_counted()


def test_no_count_of_a_grid_is_lost(committed_world: World) -> None:
    world = committed_world
    at = homely.homes(world)
    calls = [
        posting(world, "sun", f"households/{household}/propose_colour", to=code, reason="first", note="x")
        for household in (at.family, at.couple, at.house)
        for code in ("green", "yellow")
    ]
    assert set(statuses(at_once(calls))) <= {201, 409}
    assert sum(GridColour.objects.values_list("households", flat=True)) == 3
    assert_counted()
