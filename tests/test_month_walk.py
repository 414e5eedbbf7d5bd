"""Where a month is lived and what is drawn for it; and the walk over working days that its reckoning goes by."""

import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.moment import moved_to
from reports.calendar import working_calendar
from reports.demo.company import Company
from reports.demo.plans import draw_month
from reports.month.living import bounds
from reports.month.walker import SECOND, Walker, instant, moment_of
from tests.world import World

START, END = bounds(date(2026, 9, 18), date(2026, 10, 12))


def test_the_same_seed_lives_the_same_month(world: World) -> None:
    with moved_to(START):
        drawn = [
            [(plan.id, plan.at, plan.version.pk, plan.whistle) for plan in draw_month(Company(), 2, START, END, seed)]
            for seed in (7, 7, 8)
        ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(drawn[0]) == 2 * 25


def test_other_peoples_database_is_left_alone(world: World) -> None:
    with pytest.raises(CommandError, match="not the demonstration's"):
        call_command("simulate_month")


def test_production_is_not_lived_in(world: World, settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        call_command("simulate_month")


def test_the_walk_finds_the_dates_of_the_rule_book(world: World) -> None:
    walker = Walker()
    for start, hours, due in (
        ("2026-09-30T16:00", 20, "2026-10-10T10:00"),
        ("2026-09-18T17:30", 2, "2026-09-20T09:30"),
        ("2026-05-08T16:00", 8, "2026-05-09T16:00"),
        ("2026-09-28T14:00", 4, "2026-09-28T18:00"),
    ):
        begin, end = (instant(datetime.fromisoformat(f"{at}:00+08:00")) for at in (start, due))
        assert walker.reaches(begin, hours * 3600 * SECOND, always=False) == end
        assert walker.used(begin, end, always=False) == hours * 3600 * SECOND
        assert walker.used(begin, end, always=True) == end - begin


def test_the_walk_and_the_calendar_agree_over_holidays(world: World) -> None:
    walker, days, dice = Walker(), working_calendar(), random.Random(20261001)
    for _ in range(400):
        start = START + timedelta(seconds=dice.uniform(0, 30 * 86400))
        seconds = dice.randint(1, 15 * 8 * 3600)
        due = days.add(start, seconds)
        assert moment_of(walker.reaches(instant(start), seconds * SECOND, always=False)) == due
        end = start + timedelta(seconds=dice.uniform(0, 20 * 86400))
        assert abs(walker.used(instant(start), instant(end), always=False) / SECOND - days.between(start, end)) < 1e-3
