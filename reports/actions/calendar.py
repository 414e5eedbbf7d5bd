"""Every write to the working calendar. Each makes all processes read the calendar anew (within seconds)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

import chinese_calendar
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from core.problems import Problem, catalogue
from reports.calendar import Period, WorkingCalendar, default_periods, reset
from reports.models.calendar import CalendarVersion, WorkingDay, WorkingPeriod

catalogue({"bad_periods": (400, _("Working periods must exist, run forward and not overlap."))})


@dataclass(frozen=True)
class OfficialDay:
    working: bool
    note: str


@dataclass(frozen=True)
class YearFill:
    """What filling a year did. `changed`: a day is now worked that was not, or the other way round."""

    year: int
    announced: bool
    added: int
    replaced: int
    changed: bool


def official_year(year: int) -> dict[date, OfficialDay] | None:
    """The State Council's calendar for the year, or None if it is not announced yet."""
    days = {}
    for day in days_of(year):
        try:
            working = chinese_calendar.is_workday(day)
            _off, holiday = chinese_calendar.get_holiday_detail(day)
        except NotImplementedError:
            return None
        note = chinese_calendar.Holiday(holiday).chinese if holiday else ""
        days[day] = OfficialDay(working, f"{note}调休" if note and working else note)
    return days


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days)]


def fill_years(
    years: Iterable[int], official: Callable[[int], Mapping[date, OfficialDay] | None] = official_year
) -> list[YearFill]:
    """Fill the table for whole years. A year not announced gets its weekdays, flagged estimated.

    Adds missing days and replaces estimated ones; a day that is not estimated is the city's word and stays.
    An empty table of periods gets the default ones. Open deadlines in a year whose `changed` is true want recomputing.
    """
    with transaction.atomic():
        results = [_fill_year(year, official(year)) for year in years]
        new_periods = not WorkingPeriod.objects.exists()
        if new_periods:
            WorkingPeriod.objects.bulk_create(WorkingPeriod(start=start, end=end) for start, end in default_periods())
        if new_periods or any(result.added or result.replaced for result in results):
            touch()
    return results


def _fill_year(year: int, official: Mapping[date, OfficialDay] | None) -> YearFill:
    present = {row.date: row for row in WorkingDay.objects.filter(date__year=year)}
    added, replaced, changed = [], [], False
    for day in days_of(year):
        usual = day.weekday() < 5
        entry = official[day] if official else OfficialDay(usual, "")
        row = present.get(day)
        if row is None:
            added.append(WorkingDay(date=day, working=entry.working, estimated=official is None, note=entry.note))
            changed |= entry.working != usual
        elif row.estimated and official:
            changed |= row.working != entry.working
            row.working, row.estimated, row.note = entry.working, False, entry.note
            replaced.append(row)
    WorkingDay.objects.bulk_create(added)
    WorkingDay.objects.bulk_update(replaced, ["working", "estimated", "note"], batch_size=200)
    return YearFill(year, official is not None, len(added), len(replaced), changed)


def set_day(day: date, *, working: bool, note: str = "") -> WorkingDay:
    """Say that a day is worked or not; no later filling overrides it."""
    with transaction.atomic():
        row, _created = WorkingDay.objects.update_or_create(
            date=day, defaults={"working": working, "estimated": False, "note": note}
        )
        touch()
    return row


def set_periods(periods: Iterable[tuple[time, time]]) -> None:
    """Replace the working hours of a day (Asia/Shanghai). Raises `bad_periods`."""
    wanted: list[Period] = sorted(periods)
    try:
        WorkingCalendar({}, wanted)
    except ValueError as exc:
        raise Problem("bad_periods", "periods") from exc
    with transaction.atomic():
        WorkingPeriod.objects.all().delete()
        WorkingPeriod.objects.bulk_create(WorkingPeriod(start=start, end=end) for start, end in wanted)
        touch()


def touch() -> None:
    """Raise the calendar's version, inside the transaction that changed it."""
    raised = CalendarVersion.objects.filter(pk=1).update(number=F("number") + 1)
    if not raised:
        try:
            with transaction.atomic():
                CalendarVersion.objects.create(pk=1, number=1)
        except IntegrityError:
            CalendarVersion.objects.filter(pk=1).update(number=F("number") + 1)
    transaction.on_commit(reset)
