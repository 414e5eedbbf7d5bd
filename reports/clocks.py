"""Deadlines: start, pause, resume, stop, and what a clock shows at a moment.

A clock is its limit and the segments in which it ran; half, yellow and due follow from them and the working calendar.
Yellow comes at one working day (24 h on clocks that always run) or a fifth of the limit before the end, whichever is
the less; red at the end.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Min

from reports.calendar import working_calendar
from reports.limits import Limit, Unit, advance, elapsed
from reports.models import Assignment, Clock, Report, SupervisionOrder, Whistle
from reports.models.vocabulary import ASIDE, ClockOutcome, Light

MAX_OVERDUE_LEVEL = 5


def _last_day(always: bool) -> float:
    return Limit(Decimal(1), Unit.NATURAL_DAY if always else Unit.WORK_DAY).seconds


def yellow_lead(limit_seconds: float, always: bool) -> float:
    """How many seconds of a limit are left when it turns yellow."""
    return min(_last_day(always), limit_seconds / 5)


def used_seconds(clock: Clock, moment: datetime) -> float:
    """Seconds of the limit used up to `moment`, over all segments."""
    calendar = working_calendar()
    total = 0.0
    for start, end in _segments(clock):
        until = min(end or moment, moment)
        if until > start:
            total += elapsed(calendar, start, until, always=clock.always)
    return total


def _segments(clock: Clock) -> Iterable[tuple[datetime, datetime | None]]:
    for start, end in clock.segments:
        yield datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None


def reckon(clock: Clock) -> None:
    """Set half, yellow, due and next step from limit and segments. A clock that does not run has no next step."""
    *closed, (start, end) = list(_segments(clock))
    if not clock.running or end is not None:
        clock.next_at = None
        return
    calendar = working_calendar()
    before = sum(elapsed(calendar, a, b, always=clock.always) for a, b in closed if b)

    def reaches(used: float) -> datetime:
        # A threshold passed in an earlier segment was due when this one began.
        return advance(calendar, start, used - before, always=clock.always) if used > before else start

    clock.half_at = reaches(clock.limit_seconds / 2)
    clock.yellow_at = reaches(clock.limit_seconds - yellow_lead(clock.limit_seconds, clock.always))
    clock.due_at = reaches(clock.limit_seconds)
    if clock.light == Light.RED:
        level = clock.overdue_level + 1
        clock.next_at = reaches(clock.limit_seconds * level) if level <= MAX_OVERDUE_LEVEL else None
    else:
        clock.next_at = {
            Light.GREEN: clock.half_at,
            Light.REMINDED: clock.yellow_at,
            Light.YELLOW: clock.due_at,
        }[Light(clock.light)]


def new_clock(
    kind: str,
    limit: Limit | float,
    moment: datetime,
    report: Report,
    *,
    assignment: Assignment | None = None,
    whistle: Whistle | None = None,
    order: SupervisionOrder | None = None,
) -> Clock:
    """An unsaved running clock; a bare number is seconds on a clock that always runs."""
    always = limit.runs_always if isinstance(limit, Limit) else True
    seconds = limit.seconds if isinstance(limit, Limit) else limit
    clock = Clock(
        kind=kind,
        limit_seconds=max(round(seconds), 1),
        always=always,
        report=report,
        assignment=assignment,
        whistle=whistle,
        order=order,
        started_at=moment,
        segments=[[moment.isoformat(), None]],
    )
    reckon(clock)
    return clock


def pause(clock: Clock, moment: datetime) -> None:
    """Stop counting without an outcome; a paused clock stays paused."""
    if clock.running and clock.segments[-1][1] is None:
        clock.segments[-1][1] = max(moment, _last_start(clock)).isoformat()
        clock.running = False
        reckon(clock)


def resume(clock: Clock, moment: datetime) -> None:
    """Go on with what is left, also on a clock that had stopped; a running clock goes on running."""
    if not clock.running:
        clock.segments.append([moment.isoformat(), None])
        clock.running, clock.stopped_at, clock.outcome = True, None, ""
        reckon(clock)


def extend(clock: Clock, seconds: float) -> None:
    """Lengthen the limit; never shortens. The lights start afresh.

    A clock that has stopped is judged again: more time granted late is granted all the same.
    """
    if seconds <= 0:
        raise ValueError("an extension is longer than nothing")
    clock.limit_seconds += round(seconds)
    clock.light, clock.overdue_level = Light.GREEN, 0
    if clock.running:
        reckon(clock)
        return
    ended = clock.segments[-1][1]
    clock.running, clock.segments[-1][1] = True, None
    reckon(clock)
    clock.running, clock.segments[-1][1], clock.next_at = False, ended, None
    if clock.outcome == ClockOutcome.OVERDUE and clock.due_at and _last_end(clock) <= clock.due_at:
        clock.outcome = ClockOutcome.MET


def stop(clock: Clock, moment: datetime, *, cancelled: bool = False) -> tuple[int, bool | None]:
    """End the clock. Returns seconds used and whether it was overdue (None if cancelled)."""
    pause(clock, moment)
    used = round(used_seconds(clock, moment))
    overdue = clock.outcome == ClockOutcome.OVERDUE
    if clock.stopped_at is None and clock.due_at is not None:
        # By the due time too: between periods no second is used and it is late all the same.
        overdue = _last_end(clock) > clock.due_at or used > clock.limit_seconds
    clock.running, clock.stopped_at, clock.next_at, clock.lease_until = False, moment, None, None
    if cancelled:
        clock.outcome = ClockOutcome.CANCELLED
        return used, None
    clock.outcome = ClockOutcome.OVERDUE if overdue else ClockOutcome.MET
    return used, overdue


def light_at(due_at: datetime | None, yellow_at: datetime | None, moment: datetime) -> str:
    """green, yellow or red; empty where nothing runs."""
    if due_at is None:
        return ""
    if moment >= due_at:
        return Light.RED
    return Light.YELLOW if yellow_at is not None and moment >= yellow_at else Light.GREEN


def _last_start(clock: Clock) -> datetime:
    return datetime.fromisoformat(clock.segments[-1][0])


def _last_end(clock: Clock) -> datetime:
    return datetime.fromisoformat(clock.segments[-1][1])


def set_report_light(report: Report) -> None:
    """Copy the earliest running clock to the report (unsaved), for lists that filter by light.

    Clocks that stand aside of the matter (`ASIDE`) are left out.
    """
    running = Clock.objects.filter(report=report, running=True).exclude(kind__in=ASIDE)
    earliest: dict[str, Any] = running.aggregate(due=Min("due_at"), yellow=Min("yellow_at"))
    report.due_at, report.yellow_at = earliest["due"], earliest["yellow"]
