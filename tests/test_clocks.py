"""Clocks keep their promises whatever is done to them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import clocks
from reports.calendar import working_calendar
from reports.limits import Limit, Unit, advance
from reports.models import Clock, Report
from reports.models.vocabulary import ClockOutcome, Light

pytestmark = pytest.mark.django_db

START = datetime(2026, 9, 14, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai
MINUTES = st.integers(min_value=1, max_value=60 * 24 * 4)
LIMITS = st.sampled_from(
    [(2, Unit.URGENT_HOUR), (4, Unit.WORK_HOUR), (1, Unit.WORK_DAY), (5, Unit.WORK_DAY), (3, Unit.NATURAL_DAY)]
)


def made(amount: int, unit: Unit, start: datetime = START) -> Clock:
    return clocks.new_clock("handle", Limit(Decimal(amount), unit), start, Report())


@settings(max_examples=80)
@given(limit=LIMITS, steps=st.lists(st.tuples(MINUTES, st.booleans()), max_size=8))
def test_time_paused_is_never_used_and_time_run_always_is(limit: tuple, steps: list) -> None:
    clock, moment, ran = made(*limit), START, 0.0
    calendar = working_calendar()
    for minutes, pausing in steps:
        later = moment + timedelta(minutes=minutes)
        if clock.running:
            ran += (later - moment).total_seconds() if clock.always else calendar.between(moment, later)
        moment = later
        (clocks.pause if pausing else clocks.resume)(clock, moment)
    assert clocks.used_seconds(clock, moment) == pytest.approx(ran, abs=1e-3)


@settings(max_examples=80)
@given(limit=LIMITS, before=MINUTES, paused=MINUTES)
def test_a_pause_moves_the_deadline_by_what_was_left(limit: tuple, before: int, paused: int) -> None:
    clock = made(*limit)
    at = START + timedelta(minutes=before)
    clocks.pause(clock, at)
    assert clock.next_at is None
    used = clocks.used_seconds(clock, at)
    again = at + timedelta(minutes=paused)
    clocks.resume(clock, again)
    assert clocks.used_seconds(clock, again) == pytest.approx(used, abs=1e-3)
    left = clock.limit_seconds - used
    if left > 0:
        assert clock.due_at == advance(working_calendar(), again, left, always=clock.always)
    else:
        assert clock.due_at == again


@settings(max_examples=60)
@given(limit=LIMITS, more=st.integers(min_value=1, max_value=10**6), steps=st.lists(MINUTES, max_size=3))
def test_an_extension_never_shortens(limit: tuple, more: int, steps: list) -> None:
    clock, moment = made(*limit), START
    for minutes in steps:
        moment += timedelta(minutes=minutes)
        clocks.pause(clock, moment)
        clocks.resume(clock, moment)
    before = clock.due_at
    clocks.extend(clock, more)
    assert clock.due_at >= before
    with pytest.raises(ValueError, match="longer"):
        clocks.extend(clock, 0)


def test_the_deadline_can_be_recomputed_from_the_segments() -> None:
    clock = made(1, Unit.WORK_DAY)
    clocks.pause(clock, START + timedelta(hours=1))
    clocks.resume(clock, START + timedelta(hours=5))
    due = clock.due_at
    clock.due_at = clock.yellow_at = clock.half_at = clock.next_at = None
    clocks.reckon(clock)
    assert clock.due_at == due


def test_yellow_comes_a_fifth_or_a_day_before_the_end_whichever_is_less() -> None:
    assert clocks.yellow_lead(4 * 3600, always=False) == 0.8 * 3600
    assert clocks.yellow_lead(20 * 8 * 3600, always=False) == 8 * 3600
    assert clocks.yellow_lead(20 * 24 * 3600, always=True) == 24 * 3600


def test_stopping_in_the_night_after_the_deadline_is_late_though_no_second_was_used() -> None:
    clock = made(8, Unit.WORK_HOUR, START - timedelta(hours=1))  # 08:00, due 18:00
    _, overdue = clocks.stop(clock, START + timedelta(hours=11))  # 20:00
    assert (overdue, clock.outcome) == (True, ClockOutcome.OVERDUE)


def test_lights_follow_the_moment() -> None:
    clock = made(2, Unit.URGENT_HOUR)
    at = [START, START + timedelta(minutes=97), START + timedelta(minutes=120)]
    assert [clocks.light_at(clock.due_at, clock.yellow_at, moment) for moment in at] == [
        Light.GREEN,
        Light.YELLOW,
        Light.RED,
    ]
    assert clocks.light_at(None, None, START) == ""
