"""Working time by walking from one working period to the next.

Reads the table of days by itself and shares nothing with `reports.calendar`, which it is there to check. Counts in
whole microseconds since 1970.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from reports.models import WorkingDay, WorkingPeriod

ZONE = ZoneInfo("Asia/Shanghai")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO = timedelta(microseconds=1)
SECOND = 1_000_000


def instant(moment: datetime) -> int:
    """An aware moment in microseconds since 1970."""
    return (moment - EPOCH) // MICRO


def moment_of(micros: int) -> datetime:
    return EPOCH + micros * MICRO


class Walker:
    """The table of days and the periods of a day, read once."""

    def __init__(self) -> None:
        self._worked = dict(WorkingDay.objects.values_list("date", "working"))
        self._periods = sorted(WorkingPeriod.objects.values_list("start", "end"))
        self._known: dict[date, list[tuple[int, int]]] = {}

    def used(self, start: int, end: int, *, always: bool) -> int:
        """How much of the time from start to end counts."""
        if end <= start:
            return 0
        if always:
            return end - start
        total = 0
        for begin, until in self._stretches(start):
            if begin >= end:
                return total
            total += max(min(until, end) - max(begin, start), 0)
        raise AssertionError("the days never end")

    def reaches(self, start: int, amount: int, *, always: bool) -> int:
        """The earliest moment not before `start` at which so much has passed."""
        if always or amount <= 0:
            return start + max(amount, 0)
        for begin, until in self._stretches(start):
            here = max(begin, start)
            if until - here >= amount:
                return here + amount
            amount -= max(until - here, 0)
        raise AssertionError("the days never end")

    def _stretches(self, start: int) -> Iterator[tuple[int, int]]:
        """The working periods that end after `start`, one after the other."""
        day = moment_of(start).astimezone(ZONE).date()
        while True:
            for begin, until in self._of_day(day):
                if until > start:
                    yield begin, until
            day += timedelta(days=1)

    def _of_day(self, day: date) -> list[tuple[int, int]]:
        found = self._known.get(day)
        if found is None:
            works = self._worked.get(day, day.weekday() < 5)
            found = self._known[day] = [
                (instant(datetime.combine(day, begin, ZONE)), instant(datetime.combine(day, end, ZONE)))
                for begin, end in (self._periods if works else [])
            ]
        return found
