"""Which routing rule is taken: its conditions, and the order in which rules are asked."""

import random
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.problems import Problem
from grids.models import Area
from reports.models import RoutingRule
from reports.routing import Matter, first_match, in_order, reasons, settled
from tests.routing_scenes import LOCAL


def matter(**changes: Any) -> Matter:
    said: dict[str, Any] = {
        "item": "02-01-001",
        "kind": "event",
        "areas": frozenset({1, 2, 3}),
        "source": "grid",
        "urgency": "normal",
        "at": datetime(2026, 5, 8, 16, 0, tzinfo=LOCAL),  # a Friday
        "working": True,
        "answers": {"q1": True, "q2": ["雨水", "燃气"], "q3": 2},
    }
    return Matter(**said | changes)


def plain(position: int = 1, conditions: dict[str, Any] | None = None, area: int = 3) -> RoutingRule:
    level = {1: "city", 2: "district", 3: "street", 9: "street"}[area]
    return RoutingRule(
        area=Area(pk=area, level=level), position=position, name=str(position), conditions=conditions or {}
    )


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({}, True),
        ({"items": ["02-01-001", "01-01-001"]}, True),
        ({"items": ["01-01-001"]}, False),
        ({"classes": ["02-01"]}, True),
        ({"classes": ["02-02"]}, False),
        ({"kinds": ["event"]}, True),
        ({"kinds": ["request"]}, False),
        ({"areas": [7, 2]}, True),
        ({"areas": [7]}, False),
        ({"sources": ["hotline", "grid"]}, True),
        ({"sources": ["hotline"]}, False),
        ({"urgencies": ["normal"]}, True),
        ({"urgencies": ["urgent"]}, False),
        ({"weekdays": [5]}, True),
        ({"weekdays": [1, 2, 3, 4, 6, 7]}, False),
        ({"hours": ["16:00", "16:01"]}, True),
        ({"hours": ["15:00", "16:00"]}, False),
        ({"hours": ["18:00", "08:00"]}, False),
        ({"hours": ["15:00", "08:00"]}, True),
        ({"working": True}, True),
        ({"working": False}, False),
        ({"answers": {"q1": [True]}}, True),
        ({"answers": {"q1": [False]}}, False),
        ({"answers": {"q2": ["燃气"]}}, True),
        ({"answers": {"q2": ["供水"]}}, False),
        ({"answers": {"q3": [2]}}, True),
        ({"answers": {"q3": [True]}}, False),
        ({"answers": {"q9": [True]}}, False),
        ({"items": ["02-01-001"], "sources": ["hotline"]}, False),
    ],
)
def test_each_condition_is_met_or_not(conditions: dict[str, Any], fits: bool) -> None:
    why = reasons(plain(conditions=settled(conditions)), matter())
    assert (why is not None) is fits
    if why is not None:
        assert {reason.condition for reason in why} == set(conditions)


def test_the_hours_are_the_citys_and_run_over_midnight() -> None:
    night = plain(conditions={"hours": ["18:00", "08:00"]})
    for hour, fits in ((17, False), (18, True), (23, True), (0, True), (7, True), (8, False)):
        at = datetime(2026, 5, 8, hour, 30 if hour == 17 else 0, tzinfo=LOCAL).astimezone(ZoneInfo("UTC"))
        assert (reasons(night, matter(at=at)) is not None) is fits, hour
    assert reasons(plain(conditions={"weekdays": [6]}), matter(at=datetime(2026, 5, 8, 16, 30, tzinfo=ZoneInfo("UTC"))))


def test_the_nearest_desk_is_asked_first_and_then_by_position() -> None:
    rules = [plain(1, area=1), plain(2, area=2), plain(9, area=3), plain(5, area=3), plain(1, area=9)]
    found = first_match(rules, matter())
    assert found is not None
    assert (found.rule.area_id, found.rule.position) == (3, 5)


@pytest.mark.parametrize(
    "conditions",
    [
        {"colour": ["red"]},
        {"items": "02-01-001"},
        {"items": ["a\x00"]},
        {"classes": ["02"]},
        {"kinds": ["thing"]},
        {"areas": ["1"]},
        {"areas": [True]},
        {"sources": [1]},
        {"urgencies": [["normal"]]},
        {"weekdays": [0]},
        {"weekdays": [True]},
        {"hours": ["08:00"]},
        {"hours": ["08:00", "08:00"]},
        {"hours": ["8:00", "24:00"]},
        {"working": "yes"},
        {"answers": {"q1": True}},
        {"answers": {"q1": []}},
        {"answers": ["q1"]},
        {"items": ["01-01-001"] * 501},
    ],
)
def test_a_condition_that_cannot_be_read_is_refused_by_name(conditions: dict[str, Any]) -> None:
    with pytest.raises(Problem) as refused:
        settled(conditions)
    assert (refused.value.code, refused.value.field) == ("bad_condition", f"conditions.{next(iter(conditions))}")


some = st.fixed_dictionaries(
    {},
    optional={
        "items": st.lists(st.sampled_from(["02-01-001", "01-01-001"]), min_size=1, unique=True),
        "sources": st.lists(st.sampled_from(["grid", "hotline"]), min_size=1, unique=True),
        "urgencies": st.lists(st.sampled_from(["normal", "urgent"]), min_size=1, unique=True),
        "areas": st.lists(st.integers(1, 5), min_size=1, unique=True),
        "working": st.booleans(),
        "answers": st.fixed_dictionaries({"q1": st.lists(st.booleans(), min_size=1, unique=True)}),
    },
)


@given(
    st.lists(
        st.tuples(st.sampled_from([1, 2, 3, 9]), st.integers(1, 30), some), max_size=12, unique_by=lambda one: one[:2]
    ),
    st.randoms(use_true_random=False),
)
def test_the_first_match_wins_whatever_the_order_of_insertion(rows: list[Any], dice: random.Random) -> None:
    rules = [plain(position, settled(conditions), area) for area, position, conditions in rows]
    shuffled = list(rules)
    dice.shuffle(shuffled)
    found, again = first_match(rules, matter()), first_match(shuffled, matter())
    assert (found and found.rule) is (again and again.rule)
    assert found == first_match(rules, matter())
    fitting = [one for one in in_order(rules) if reasons(one, matter()) is not None]
    assert (found.rule if found else None) is (fitting[0] if fitting else None)
    assert [one.conditions for one in rules] == [settled(conditions) for _area, _position, conditions in rows]
