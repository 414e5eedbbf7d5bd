"""Limits: the four deadline vectors, reading and writing, comparing units."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.limits import Limit, Standard, Unit, UnreadableLimit, effective, shortest
from tests.test_calendar import CALENDAR, at, moments, naive_add

NAMES = {"hotline": "12345", "grid": "网格", "digital_city": "数字城管", "department": "部门"}
limits = st.builds(
    Limit, st.integers(1, 6000).map(lambda number: Decimal(number) / 100), st.sampled_from(Unit.values).map(Unit)
)


def limit(text):
    return Limit.parse(text)


@pytest.mark.parametrize(
    ("start", "text", "due"),
    [
        ("2026-09-30T16:00", "2.5个工作日", "2026-10-10T10:00"),
        ("2026-02-13T17:00", "4工作时", "2026-02-14T11:00"),
        ("2026-09-18T17:30", "2工作时", "2026-09-20T09:30"),
        ("2026-05-08T16:00", "1个工作日", "2026-05-09T16:00"),
    ],
)
def test_the_four_deadlines_across_holidays_and_make_up_days(start, text, due):
    assert limit(text).due(CALENDAR, at(start)) == at(due)
    assert naive_add(at(start), int(limit(text).seconds / 60)) == at(due)


def test_urgent_hours_and_natural_days_run_through_the_night_and_holidays():
    assert limit("2紧急工作时").due(CALENDAR, at("2026-02-16T23:30")) == at("2026-02-17T01:30")
    assert limit("3天").due(CALENDAR, at("2026-10-01T10:00")) == at("2026-10-04T10:00")


@given(moments, limits)
def test_a_limit_is_used_up_exactly_when_it_is_due(start, one):
    assert one.used(CALENDAR, start, one.due(CALENDAR, start)) == pytest.approx(one.seconds, abs=1e-5)


@given(limits)
def test_a_limit_written_down_is_read_back_the_same(one):
    assert Limit.parse(one.text()) == one


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("2紧急工作时", "2", Unit.URGENT_HOUR),
        ("4工作时", "4", Unit.WORK_HOUR),
        ("1个工作日", "1", Unit.WORK_DAY),
        ("3天", "3", Unit.NATURAL_DAY),
        ("0.5工作日", "0.5", Unit.WORK_DAY),
        (" ２ 个 工作日 ", "2", Unit.WORK_DAY),
        ("1.5\u3000工作小时", "1.5", Unit.WORK_HOUR),
        ("7个自然日", "7", Unit.NATURAL_DAY),
        ("半个工作日", "0.5", Unit.WORK_DAY),
        ("两天", "2", Unit.NATURAL_DAY),
        ("十工作时", "10", Unit.WORK_HOUR),
        ("二十五天", "25", Unit.NATURAL_DAY),
    ],
)
def test_the_unit_comes_from_the_text(text, amount, unit):
    assert limit(text) == Limit(Decimal(amount), unit)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4",
        "工作时",
        "4小时",
        "3日",
        "0天",
        "-1天",
        "1.234天",
        "四十十天",
        "3-5个工作日",
        "3个工作日内",
        "1天2工作时",
        "立即",
        "999999天",
        "NaN天",
    ],
)
def test_a_text_that_is_not_plainly_one_limit_is_refused(text):
    with pytest.raises(UnreadableLimit):
        limit(text)


def test_an_amount_of_nothing_or_of_too_many_decimals_is_no_limit():
    for amount in ("0", "-1", "0.001", "100000"):
        with pytest.raises(ValueError):
            Limit(Decimal(amount), Unit.WORK_DAY)


def test_a_work_day_is_as_long_as_the_city_says(settings):
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"WORK_DAY_HOURS": 7.5}
    assert limit("2个工作日").seconds == 2 * 7.5 * 3600


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        ("4工作时", "1个工作日"),
        ("2紧急工作时", "4工作时"),
        ("4工作时", "1天"),  # a natural day covers eight working hours
        ("1个工作日", "2天"),
        ("1天", "1个工作日"),  # equal in working time: the one that also runs over the weekend
        ("5紧急工作时", "6紧急工作时"),  # equal too, both ending in the midday break
        ("5个工作日", "30天"),
        ("7天", "6个工作日"),  # a week holds five working days
    ],
)
def test_the_shorter_limit_wins_whatever_the_units(shorter, longer):
    for pair in ([shorter, longer], [longer, shorter]):
        standards = [Standard(text, limit(text)) for text in pair]
        assert shortest(CALENDAR, standards).source == shorter


@given(st.lists(limits, min_size=1, max_size=4))
def test_no_standard_is_shorter_than_the_effective_one(several):
    winner = shortest(CALENDAR, [Standard("grid", one) for one in several])
    assert all(winner.limit.working_seconds(CALENDAR) <= one.working_seconds(CALENDAR) for one in several)


def test_exposed_rubbish_takes_the_limit_of_digital_city_management_and_every_closing_condition():
    found = effective(
        CALENDAR,
        [
            Standard("hotline", limit("1个工作日"), "已答复来电人"),
            Standard("digital_city", limit("4工作时"), "垃圾清除"),
            Standard("grid", limit("1个工作日"), "垃圾清除"),
            Standard("department", limit("2个工作日"), " "),
        ],
        NAMES,
    )
    assert (found.limit.text(), found.source) == ("4工作时", "digital_city")
    assert found.closing_condition == "12345：已答复来电人\n数字城管、网格：垃圾清除"


def test_no_standard_means_no_effective_limit():
    with pytest.raises(ValueError):
        effective(CALENDAR, [], NAMES)


def test_comparing_does_not_hang_on_the_holidays_of_the_year():
    spring_festival = at("2026-02-15T08:00")
    assert CALENDAR.between(spring_festival, spring_festival + timedelta(days=1)) == 0
    assert limit("1天").working_seconds(CALENDAR) == 8 * 3600
