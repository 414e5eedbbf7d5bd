"""What the overview answers whom: who sees what, its form, and what it costs."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from reports.api.figures_io import OverviewOut
from reports.calendar import working_calendar
from reports.figures.table import FIGURES, SCANS
from reports.models import Whistle
from tests.figure_scenes import NOON, clock, duty, handled, numbers, on_the_day, overview
from tests.figure_scenes import at_noon as at_noon  # a fixture
from tests.world import World

pytestmark = pytest.mark.django_db


# -- who sees what --------------------------------------------------------------------------------------------------


def test_a_street_sees_itself_and_what_lies_below(world: World, at_noon: None) -> None:
    handled(world)
    handled(world, grid="371082900001001")
    assert overview(world)["period"]["received"]["count"] == 1
    assert overview(world, "outsider")["period"]["received"]["count"] == 1
    assert overview(world, "command")["period"]["received"]["count"] == 2
    assert overview(world, "sun", area="371082007032002")["period"]["received"]["count"] == 1
    assert overview(world, "zhang")["area"]["code"] == "371082007032002"
    assert overview(world, "root")["area"]["level"] == "city"
    ranked = overview(world, "command")["ranking"]
    assert [(row["code"], row["counts"]["closed"]["count"], row["rates"]["handle_rate"]) for row in ranked] == [
        ("371082007", 1, 1.0),
        ("371082900", 1, 1.0),
    ]
    assert [row["code"] for row in overview(world)["grids"]] == ["371082007032002"]


@pytest.mark.parametrize("endpoint", ["overview", "reports", "whistles", "assignments", "callbacks"])
def test_what_lies_outside_is_not_there_and_departments_are_refused(world: World, endpoint: str) -> None:
    figure = {"reports": "open", "whistles": "whistles", "assignments": "called", "callbacks": "answers"}
    said = {"figure": figure[endpoint]} if endpoint in figure else {}
    address = reverse(f"figures-{endpoint}")
    outside = [("wang", "371082900"), ("outsider", "371082007"), ("sun", "371082007"), ("zhang", "371082007032001")]
    for name, area in [*outside, ("wang", "never"), ("command", "never")]:
        answer = world.api(name).get(address, {**said, "area": area})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (name, area)
    for name in ("water", "water_boss", "urban", "nobody", "auditor"):
        answer = world.api(name).get(address, {**said, "area": "371082007"})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), name


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"first": "2026-11-26", "last": "2026-11-25"}, "last"),
        ({"first": "2025-11-25", "last": "2026-11-26"}, "last"),
        ({"first": "0001-01-01"}, "last"),
        ({"last": "9999-12-31"}, "last"),
        ({"first": "yesterday"}, "first"),
        ({"by": "grid"}, "by"),
        ({"street": "371082007"}, "street"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(world: World, asked: dict[str, str], field: str) -> None:
    answer = world.api("wang").get(reverse("figures-overview"), asked)
    assert answer.status_code == 400
    assert [row["field"] for row in answer.json()["errors"]] == [field]


def test_a_year_and_a_leap_day_is_not_too_long(world: World) -> None:
    assert overview(world, first="2025-11-25", last="2026-11-25")["period"]["received"]["count"] == 0


def test_a_list_is_asked_for_a_figure_of_its_kind(world: World) -> None:
    for said in ({}, {"figure": "whistles"}, {"figure": "open", "q": "x"}):
        assert world.api("wang").get(reverse("figures-reports"), said).status_code == 400


# -- the table, the answer and what they cost -----------------------------------------------------------------------


def test_every_part_of_a_figure_is_read_in_exactly_one_scan() -> None:
    for figure in FIGURES.values():
        for ground, _condition in figure.parts:
            assert sum(ground in scan for scan in SCANS) == 1, figure.name
        assert len({ground.model for ground, _condition in figure.parts}) == 1
    for scan in SCANS:
        assert len({ground.model for ground in scan}) == 1


def test_the_answer_is_as_the_schema_says_and_every_figure_in_it_has_words(world: World, at_noon: None) -> None:
    handled(world)
    for name, by in (("wang", "department"), ("command", "item")):
        answer = overview(world, name, by=by)
        serializer = OverviewOut(data=answer)
        assert serializer.is_valid(), serializer.errors
        assert set(answer) == set(serializer.fields)
        assert set(answer["rates"]) == set(serializer.fields["rates"].fields)
        assert {one["figure"] for _at, one in numbers(answer)} <= set(answer["words"])
        assert all(parse_qs(urlsplit(one["list"]).query)["area"] for _at, one in numbers(answer))


def queries_of(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as spent:
        assert call().status_code == 200
    return len(spent)


@pytest.mark.parametrize(
    ("name", "asked"),
    [("wang", {}), ("command", {}), ("wang", {"by": "department"}), ("command", {"by": "item"}), ("zhang", {})],
)
def test_the_overview_costs_as_many_queries_with_a_hundred_rows_as_with_one(
    world: World, at_noon: None, name: str, asked: dict[str, str]
) -> None:
    client = world.api(name)
    client.get(reverse("me"))
    working_calendar()
    spent = []
    for rows in (1, 9, 90):
        for number in range(rows):
            report = handled(world, late=number % 3 == 0)
            whistle = Whistle.objects.create(
                **{"report": report, "level": "street", "calling_area": world.street, "reason": "x"},
                **{"kind": "routine", "status": "closed", "drafted_at": NOON, "blown_at": on_the_day(9)},
            )
            unit = world.departments["water"]
            one = duty(report, whistle=whistle, department=unit, reported_in_at=on_the_day(10), status="approved")
            clock(report, "report_in", one, outcome="met")
        spent.append(queries_of(lambda: client.get(reverse("figures-overview"), asked)))
    assert spent[0] == spent[1] == spent[2] <= 20


@pytest.mark.parametrize("rows", [1, 10, 100])
def test_a_list_behind_a_figure_costs_at_most_five(world: World, at_noon: None, rows: int) -> None:
    for _ in range(rows):
        handled(world)
    client = world.api("sun")
    client.get(reverse("me"))
    for figure in ("closed", "should_close", "handled_in_time"):
        asked = {"figure": figure, "page_size": 100}
        assert queries_of(lambda asked=asked: client.get(reverse("figures-reports"), asked)) <= 5


def test_nobody_who_left_sees_figures(world: World) -> None:
    client = world.api("wang")
    User.objects.filter(username="wang").update(is_active=False)
    assert client.get(reverse("figures-overview")).status_code == 401
