"""The working calendar: days, make-up days, periods, and the arithmetic of working time."""

import random
import time as clock
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from core.problems import Problem
from reports.actions.calendar import OfficialDay, days_of, fill_years, official_year, set_day, set_periods
from reports.calendar import Day, WorkingCalendar, default_periods, reset, working_calendar
from reports.models.calendar import CalendarVersion, WorkingDay, WorkingPeriod

SHANGHAI = ZoneInfo("Asia/Shanghai")

# The announcements of 12 November 2024 and 4 November 2025, typed apart from the package that fills the table.
OFF = """2025-01-01 2025-01-28..2025-02-04 2025-04-04..2025-04-06 2025-05-01..2025-05-05 2025-05-31..2025-06-02
2025-10-01..2025-10-08 2026-01-01..2026-01-03 2026-02-15..2026-02-23 2026-04-04..2026-04-06 2026-05-01..2026-05-05
2026-06-19..2026-06-21 2026-09-25..2026-09-27 2026-10-01..2026-10-07"""
MADE_UP = """2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11 2026-01-04 2026-02-14 2026-02-28 2026-05-09
2026-09-20 2026-10-10"""


def announced():
    """2025 and 2026 by the announcements above."""
    off = set()
    for stretch in OFF.split():
        first, _, last = stretch.partition("..")
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last or first):
            off.add(day)
            day += timedelta(days=1)
    made_up = {date.fromisoformat(day) for day in MADE_UP.split()}
    return {
        day: day in made_up or (day.weekday() < 5 and day not in off) for year in (2025, 2026) for day in days_of(year)
    }


DAYS = announced()
CALENDAR = WorkingCalendar({day: Day(working) for day, working in DAYS.items()}, default_periods())


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def naive_is_open(minute):
    local = minute.astimezone(SHANGHAI)
    working = DAYS.get(local.date(), local.weekday() < 5)
    return working and (8 <= local.hour < 12 or 14 <= local.hour < 18)


def naive_add(start, minutes):
    """The reference: walk minute by minute and stop as soon as enough of them were working minutes."""
    moment = start
    while minutes:
        minutes -= naive_is_open(moment)
        moment += timedelta(minutes=1)
    return moment


def naive_between(start, end):
    minutes, moment = 0, start
    while moment < end:
        minutes += naive_is_open(moment)
        moment += timedelta(minutes=1)
    return minutes


@pytest.fixture
def empty_calendar(db):
    """Without the days the shared world has filled in."""
    for model in (WorkingDay, WorkingPeriod, CalendarVersion):
        model.objects.all().delete()
    reset()
    yield
    reset()


# Arithmetic

moments = st.datetimes(datetime(2024, 11, 1), datetime(2027, 3, 1), timezones=st.just(SHANGHAI))
seconds = st.integers(0, 60 * 8 * 3600)


@given(moments, seconds)
def test_the_time_between_a_start_and_its_deadline_is_the_time_added(start, amount):
    assert CALENDAR.between(start, CALENDAR.add(start, amount)) == amount


@given(moments, seconds, seconds)
def test_adding_in_two_parts_is_adding_at_once(start, first, second):
    assert CALENDAR.add(CALENDAR.add(start, first), second) == CALENDAR.add(start, first + second)


@given(moments, moments, seconds, seconds)
def test_a_later_start_or_more_time_never_ends_earlier(one, other, first, second):
    early, late = sorted([one, other])
    assert CALENDAR.add(early, first) <= CALENDAR.add(late, first)
    less, more = sorted([first, second])
    assert CALENDAR.add(early, less) <= CALENDAR.add(early, more)
    assert CALENDAR.between(early, late) >= 0
    assert CALENDAR.between(late, early) == -CALENDAR.between(early, late)


@given(moments, st.integers(1, 60 * 8 * 3600))
def test_a_deadline_is_the_earliest_moment_that_will_do(start, amount):
    due = CALENDAR.add(start, amount)
    assert CALENDAR.between(start, due - timedelta(microseconds=1)) < amount


def test_the_arithmetic_agrees_with_counting_minutes_one_by_one():
    dice = random.Random(20260508)
    for _ in range(150):
        start = at("2025-01-01T00:00") + timedelta(minutes=dice.randrange(2 * 365 * 24 * 60))
        minutes = dice.randrange(1, 6 * 480)
        due = naive_add(start, minutes)
        assert CALENDAR.add(start, minutes * 60) == due, start
        end = start + timedelta(minutes=dice.randrange(14 * 24 * 60))
        assert CALENDAR.between(start, end) == naive_between(start, end) * 60, (start, end)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-03-02T20:00", 1, "2026-03-03T09:00"),  # after work: from the next morning
        ("2026-03-02T12:30", 1, "2026-03-02T15:00"),  # in the midday break
        ("2026-03-02T06:00", 1, "2026-03-02T09:00"),  # before work
        ("2026-03-07T10:00", 1, "2026-03-09T09:00"),  # on a Saturday
        ("2026-03-02T14:00", 4, "2026-03-02T18:00"),  # uses up the afternoon: its end, not the next morning
        ("2026-03-02T18:00", 4, "2026-03-03T12:00"),  # begins exactly at the end of work
        ("2026-03-02T20:00", 0, "2026-03-02T20:00"),  # nothing to wait for
        ("2026-02-14T17:00", 2, "2026-02-24T09:00"),  # a make-up Saturday, then nine days of Spring Festival
    ],
)
def test_starts_outside_work_and_deadlines_at_the_edge_of_a_period(start, hours, due):
    assert CALENDAR.add(at(start), hours * 3600) == at(due)


def test_moments_come_back_in_utc_and_any_zone_goes_in():
    start = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
    due = CALENDAR.add(start, 3600)
    assert due.tzinfo is UTC
    assert due == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def test_ten_years_are_reckoned_as_quickly_as_an_hour():
    began = clock.perf_counter()
    for _ in range(1000):
        CALENDAR.add(at("2020-01-01T09:00"), 2500 * 8 * 3600)
    assert clock.perf_counter() - began < 2  # a walk over days alone would need far more than these 2 ms each


def test_working_time_cannot_be_taken_back():
    with pytest.raises(ValueError, match="taken back"):
        CALENDAR.add(at("2026-03-02T09:00"), -1)


def test_a_calendar_without_a_single_working_day_is_refused_in_words_not_by_hanging():
    never = WorkingCalendar({}, [(time(8), time(9))])
    with pytest.raises(OverflowError):
        never.add(at("2026-01-01T00:00"), 1e12)


@pytest.mark.parametrize(
    "periods", [[], [(time(9), time(9))], [(time(9), time(8))], [(time(8), time(12)), (time(11), time(14))]]
)
def test_periods_that_make_no_sense_are_refused(periods):
    with pytest.raises(ValueError):
        WorkingCalendar({}, periods)


def test_work_is_open_in_the_periods_and_a_period_ends_before_its_last_moment():
    assert CALENDAR.is_open(at("2026-03-02T08:00"))
    assert not CALENDAR.is_open(at("2026-03-02T12:00"))
    assert not CALENDAR.is_open(at("2026-02-17T09:00"))
    assert CALENDAR.is_open(at("2026-09-20T09:00"))  # a Sunday made up


# The table


def test_the_package_and_the_announcements_agree_on_every_day():
    for year in (2025, 2026):
        official = official_year(year)
        assert {day: entry.working for day, entry in official.items()} == {
            day: working for day, working in DAYS.items() if day.year == year
        }
    assert official_year(2026)[date(2026, 2, 14)] == OfficialDay(True, "春节调休")


@pytest.mark.usefixtures("empty_calendar")
def test_filling_twice_changes_nothing_the_second_time():
    first = fill_years([2024, 2025, 2026])
    assert [result.added for result in first] == [366, 365, 365]
    version = CalendarVersion.objects.get().number
    assert [(result.added, result.replaced, result.changed) for result in fill_years([2024, 2025, 2026])] == [
        (0, 0, False)
    ] * 3
    assert CalendarVersion.objects.get().number == version
    assert WorkingPeriod.objects.count() == 2


@pytest.mark.usefixtures("empty_calendar")
def test_a_year_not_announced_is_estimated_and_replaced_when_it_is():
    (guess,) = fill_years([2027])
    assert not guess.announced
    assert not guess.changed
    assert WorkingDay.objects.filter(date__year=2027, estimated=True).count() == 365
    assert WorkingDay.objects.get(date=date(2027, 2, 8)).working

    def announcement(year):
        return {day: OfficialDay(day.weekday() < 5 and day != date(2027, 2, 8), "") for day in days_of(year)}

    (told,) = fill_years([2027], announcement)
    assert (told.announced, told.added, told.replaced, told.changed) == (True, 0, 365, True)
    assert not WorkingDay.objects.filter(estimated=True).exists()
    assert not WorkingDay.objects.get(date=date(2027, 2, 8)).working


@pytest.mark.usefixtures("empty_calendar")
def test_a_day_the_city_set_itself_survives_filling():
    set_day(date(2026, 3, 3), working=False, note="city holiday")
    fill_years([2026])
    assert not WorkingDay.objects.get(date=date(2026, 3, 3)).working


@pytest.mark.usefixtures("empty_calendar")
def test_an_empty_table_counts_monday_to_friday_as_an_estimate():
    calendar = working_calendar()
    assert calendar.add(at("2026-03-06T17:00"), 7200) == at("2026-03-09T09:00")
    assert calendar.is_estimated(at("2026-03-06T17:00"), at("2026-03-09T09:00"))


@pytest.mark.usefixtures("empty_calendar")
def test_a_stretch_is_estimated_as_soon_as_one_of_its_days_is():
    fill_years([2026, 2027])
    calendar = working_calendar()
    assert not calendar.is_estimated(at("2026-12-01T00:00"), at("2026-12-31T23:00"))
    assert calendar.is_estimated(at("2026-12-31T00:00"), at("2027-01-01T08:00"))


@pytest.mark.usefixtures("empty_calendar")
def test_other_working_hours_are_taken_up_and_senseless_ones_refused():
    set_periods([(time(8, 30), time(12)), (time(13), time(17, 30))])
    reset()
    assert working_calendar().add(at("2026-03-02T08:00"), 4 * 3600) == at("2026-03-02T13:30")
    with pytest.raises(Problem) as refused:
        set_periods([(time(9), time(8))])
    assert refused.value.code == "bad_periods"


@pytest.mark.usefixtures("empty_calendar")
def test_the_calendar_is_kept_in_memory_and_asks_for_changes_with_one_query(django_assert_num_queries, settings):
    def check_every(seconds):
        settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"CALENDAR_CHECK_SECONDS": seconds}

    check_every(3600)
    kept = working_calendar()
    with django_assert_num_queries(0):
        assert working_calendar() is kept
    set_day(date(2026, 3, 2), working=False)
    with django_assert_num_queries(0):
        assert working_calendar() is kept
    check_every(0)
    with django_assert_num_queries(3):
        changed = working_calendar()
    assert not changed.is_working_day(date(2026, 3, 2))
    with django_assert_num_queries(1):
        assert working_calendar() is changed


@pytest.mark.usefixtures("empty_calendar")
def test_the_command_says_which_years_are_estimates(capsys):
    call_command("fill_calendar", 2026, 2031)
    said = capsys.readouterr().out
    assert "2026 (announced): 365 days added" in said
    assert "2031 (not announced" in said
