"""The deadlines that a step would start: what the desk is shown before it gives work out or blows a whistle."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from reports.actions.dispatch import handling_limit
from reports.calendar import WorkingCalendar, local_date, working_calendar
from reports.limits import Limit
from reports.models import Report
from reports.models.vocabulary import ClockKind, WhistleKind
from reports.rules import limit_for

# Days of rest are named, up to so many.
NAMED_DAYS = 10


@dataclass(frozen=True)
class Ahead:
    """A clock if it started at the moment asked about.

    `whistle` is the kind of whistle it would be of, else empty. `begins_at` is later than that moment where it counts
    working time only and nobody works then. `days_off`: the first days of rest on the way, `days_off_more` how many
    follow. `estimated`: the calendar of some day on the way has not been announced yet.
    """

    clock: str
    whistle: str
    limit: Limit
    begins_at: datetime
    due_at: datetime
    days_off: list[date]
    days_off_more: int
    estimated: bool


def deadlines_ahead(report: Report, moment: datetime) -> list[Ahead]:
    """Signing for, handling (once accepted), approval of a whistle and its review, and reporting in by kind of whistle.

    A joint whistle has none: those called report in by the meeting.
    """
    calendar = working_calendar()
    return [_ahead(calendar, clock, whistle, limit, moment) for clock, whistle, limit in _limits(report)]


def _limits(report: Report) -> Iterator[tuple[str, str, Limit]]:
    yield ClockKind.SIGN_FOR, "", limit_for("sign_for", report.urgency)
    if report.limit_amount is not None:
        yield ClockKind.HANDLE, "", handling_limit(report)
    yield ClockKind.APPROVE, "", limit_for("approve", report.urgency)
    yield ClockKind.EMERGENCY_REVIEW, WhistleKind.EMERGENCY, limit_for("emergency_review")
    for kind in (WhistleKind.ROUTINE, WhistleKind.TOUGH, WhistleKind.EMERGENCY):
        yield ClockKind.REPORT_IN, kind, limit_for("report_in", kind)


def _ahead(calendar: WorkingCalendar, clock: str, whistle: str, limit: Limit, moment: datetime) -> Ahead:
    due_at = limit.due(calendar, moment)
    if limit.runs_always:
        return Ahead(clock, whistle, limit, moment, due_at, [], 0, False)
    days_off = [day for day in _days(moment, due_at) if not calendar.is_working_day(day)]
    return Ahead(
        clock,
        whistle,
        limit,
        calendar.next_open(moment),
        due_at,
        days_off[:NAMED_DAYS],
        max(len(days_off) - NAMED_DAYS, 0),
        calendar.is_estimated(moment, due_at),
    )


def _days(start: datetime, end: datetime) -> Iterator[date]:
    day, last = local_date(start), local_date(end)
    while day <= last:
        yield day
        day += timedelta(days=1)
