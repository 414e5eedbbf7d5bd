"""Working time: adding and measuring working seconds across nights, weekends, holidays and make-up days.

The rules, in one sentence each (more, with examples: docs/deadlines.md):
- `add(start, n)` is the earliest moment not before `start` at which `n` working seconds have passed. So a start
  outside the periods begins with the next period, and a deadline that exactly uses up a period is that period's end.
- `between` counts the working seconds of the half-open stretch, negative when it runs backwards.
- Days and hours are reckoned in Asia/Shanghai; moments come and go as aware datetimes and leave in UTC.
"""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from itertools import accumulate
from zoneinfo import ZoneInfo

from django.conf import settings

from core.moment import now
from reports.models.calendar import CalendarVersion, WorkingDay, WorkingPeriod

ZONE = ZoneInfo("Asia/Shanghai")
MICRO = 1_000_000
LAST_DAY = date.max.toordinal()
Period = tuple[wall_time, wall_time]


def local_date(moment: datetime) -> date:
    """The day in Asia/Shanghai on which an aware moment falls."""
    return moment.astimezone(ZONE).date()


def today() -> date:
    """The present day in Asia/Shanghai."""
    return local_date(now())


@dataclass(frozen=True)
class Day:
    """What the table says of one day."""

    working: bool
    estimated: bool = False


class WorkingCalendar:
    """The calendar in memory, unchangeable. A day that `days` does not name is worked from Monday to Friday.

    Only the days that differ from that weekly rule are kept, with running totals, so every question is answered
    by arithmetic and a binary search, whether it spans an hour or ten years.
    """

    def __init__(self, days: Mapping[date, Day], periods: Sequence[Period]) -> None:
        """`periods` are the hours worked on a day; raises ValueError if there are none, or they overlap or run back."""
        self.periods: tuple[Period, ...] = tuple(sorted(periods))
        self._spans = tuple((_micros(start), _micros(end)) for start, end in self.periods)
        edges = [edge for span in self._spans for edge in span]
        if not edges or edges != sorted(edges) or any(start == end for start, end in self._spans):
            raise ValueError("working periods must exist, run forward and not overlap")
        self._length = sum(end - start for start, end in self._spans)
        differing = {
            day.toordinal(): 1 if entry.working else -1
            for day, entry in days.items()
            if entry.working is not (day.weekday() < 5)
        }
        self._differing = sorted(differing)
        self._surplus = [0, *accumulate(differing[day] for day in self._differing)]
        self._known = sorted(day.toordinal() for day, entry in days.items() if not entry.estimated)

    def add(self, start: datetime, working_seconds: float) -> datetime:
        """The earliest moment not before `start` at which `working_seconds` (0 or more) have passed, in UTC.

        Raises ValueError for a negative amount, OverflowError beyond the year 9999.
        """
        if working_seconds < 0:
            raise ValueError("working time cannot be taken back")
        amount = round(working_seconds * MICRO)
        if amount == 0:
            return start.astimezone(UTC)
        target = self._position(start) + amount
        # The day on which the target falls, an exact end of day belonging to the day that ends.
        full_days, rest = divmod(target - 1, self._length)
        rest += 1
        first = start.astimezone(ZONE).toordinal()
        day = bisect_right(range(first, LAST_DAY), full_days, key=lambda one: self._worked_before(one + 1)) + first
        if day >= LAST_DAY:
            raise OverflowError("the calendar ends")
        for begin, end in self._spans:
            if rest <= end - begin:
                return _moment(day, begin + rest)
            rest -= end - begin
        raise AssertionError("a day is as long as its periods")

    def between(self, start: datetime, end: datetime) -> float:
        """The working seconds from `start` to `end`, both aware; negative if `end` is the earlier one."""
        return (self._position(end) - self._position(start)) / MICRO

    def is_open(self, moment: datetime) -> bool:
        """Whether work is going on at `moment`; a period's end is no longer in it."""
        local = moment.astimezone(ZONE)
        micros = _micros(local.time())
        return self.is_working_day(local.date()) and any(start <= micros < end for start, end in self._spans)

    def next_open(self, moment: datetime) -> datetime:
        """The first moment not before `moment` at which work goes on, in UTC."""
        if self.is_open(moment):
            return moment.astimezone(UTC)
        return self.add(moment, 1 / MICRO) - timedelta(microseconds=1)

    def is_working_day(self, day: date) -> bool:
        ordinal = day.toordinal()
        return self._worked_before(ordinal + 1) > self._worked_before(ordinal)

    def is_estimated(self, start: datetime, end: datetime) -> bool:
        """Whether any day from `start` to `end` is not from the announced calendar."""
        first, last = local_date(start).toordinal(), local_date(end).toordinal()
        return bisect_right(self._known, last) - bisect_left(self._known, first) < last - first + 1

    def covered_from_monday(self, wall_seconds: float) -> float:
        """The working seconds in a wall-clock stretch that begins with work on a Monday, in weeks without holidays."""
        plain = WorkingCalendar({}, self.periods)
        monday = datetime.combine(date(2024, 1, 1), self.periods[0][0], ZONE)
        return plain.between(monday, monday + timedelta(seconds=wall_seconds))

    def _worked_before(self, ordinal: int) -> int:
        """The number of working days before the day `ordinal`, from 0001-01-01, which was a Monday."""
        weeks, days = divmod(ordinal - 1, 7)
        return weeks * 5 + min(days, 5) + self._surplus[bisect_left(self._differing, ordinal)]

    def _position(self, moment: datetime) -> int:
        """How much working time, in microseconds, had passed by `moment`."""
        local = moment.astimezone(ZONE)
        ordinal = local.toordinal()
        worked = self._worked_before(ordinal)
        position = worked * self._length
        if self._worked_before(ordinal + 1) > worked:
            micros = _micros(local.time())
            position += sum(min(micros, end) - start for start, end in self._spans if start < micros)
        return position


def _micros(at: wall_time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * MICRO + at.microsecond


def _moment(ordinal: int, micros: int) -> datetime:
    midnight = datetime.combine(date.fromordinal(ordinal), wall_time(), ZONE)
    return (midnight + timedelta(microseconds=micros)).astimezone(UTC)


def default_periods() -> list[Period]:
    """The periods of the setting, for a table that has none; "08:00-12:00,14:00-18:00"."""
    periods = []
    for text in settings.GRIDWHISTLE["WORKING_PERIODS"].split(","):
        start, _, end = text.strip().partition("-")
        periods.append((wall_time.fromisoformat(start), wall_time.fromisoformat(end)))
    return periods


def load() -> WorkingCalendar:
    """The calendar as the tables have it now; two queries."""
    days = {
        day: Day(working, estimated)
        for day, working, estimated in WorkingDay.objects.order_by().values_list("date", "working", "estimated")
    }
    periods = list(WorkingPeriod.objects.values_list("start", "end"))
    return WorkingCalendar(days, periods or default_periods())


@dataclass(frozen=True)
class _Kept:
    calendar: WorkingCalendar
    version: int
    checked: float


_kept: _Kept | None = None


def working_calendar() -> WorkingCalendar:
    """The calendar of this process. At most every CALENDAR_CHECK_SECONDS one query asks whether it has changed."""
    global _kept
    kept, clock = _kept, time.monotonic()
    if kept and clock - kept.checked < settings.GRIDWHISTLE["CALENDAR_CHECK_SECONDS"]:
        return kept.calendar
    # The version is read before the rows: a change in between is then noticed at the next check.
    # Two threads may load at once; both get the same, and a lock held over a query could deadlock.
    version = CalendarVersion.objects.values_list("number", flat=True).first() or 0
    calendar = kept.calendar if kept and kept.version == version else load()
    _kept = _Kept(calendar, version, clock)
    return calendar


def reset() -> None:
    """Forget the calendar in memory: after a change in this process, and between tests."""
    global _kept
    _kept = None
