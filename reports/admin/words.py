"""How times, lights and steps read on the pages of the administration."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import ngettext

from accounts.roles import Role
from core.moment import now
from reports.admin.particulars import particulars
from reports.clocks import light_at
from reports.limits import HOUR, NATURAL_DAY, Limit, Unit
from reports.models import Event, Report
from reports.models.vocabulary import AssignmentStatus, ClockOutcome, Light, ReportStatus, WhistleStatus
from reports.step_words import step_in_words

LIGHT_COLOURS: dict[str, str] = {Light.GREEN: "#16a34a", Light.YELLOW: "#d97706", Light.RED: "#dc2626"}

OUTCOME_COLOURS: dict[str, str] = {ClockOutcome.MET: "#16a34a", ClockOutcome.OVERDUE: "#dc2626"}


def light_of(due_at: datetime | None, yellow_at: datetime | None) -> str:
    """The light at this moment; empty where nothing runs."""
    return light_at(due_at, yellow_at, now())


def short_time(moment: datetime | None) -> str:
    """To the minute, in the city's time, kept on one line."""
    if moment is None:
        return "–"
    return format_html('<span style="white-space:nowrap">{}</span>', f"{localtime(moment):%Y-%m-%d %H:%M}")


def seconds_text(seconds: float, *, always: bool) -> str:
    """A length of time in the unit people would say it in; working seconds unless `always`."""
    day = NATURAL_DAY if always else settings.GRIDWHISTLE["WORK_DAY_HOURS"] * HOUR
    if seconds >= day:
        count = round(seconds / day, 1)
        words = (
            ngettext("%(count)g day", "%(count)g days", count)
            if always
            else ngettext("%(count)g working day", "%(count)g working days", count)
        )
    elif seconds >= HOUR:
        count = round(seconds / HOUR, 1)
        words = (
            ngettext("%(count)g hour", "%(count)g hours", count)
            if always
            else ngettext("%(count)g working hour", "%(count)g working hours", count)
        )
    else:
        count = round(seconds / 60)
        words = (
            ngettext("%(count)g minute", "%(count)g minutes", count)
            if always
            else ngettext("%(count)g working minute", "%(count)g working minutes", count)
        )
    return words % {"count": count}


def limit_text(report: Report) -> str:
    """The limit frozen on the report, as the catalogue writes it."""
    if report.limit_amount is None:
        return ""
    return Limit(Decimal(report.limit_amount), Unit(report.limit_unit)).text()


def step_rows(events: Iterable[Event]) -> list[dict[str, Any]]:
    """The timeline, each step with its words."""
    return [
        {
            "event": event,
            "name": step_in_words(event.kind),
            "role": Role(event.actor_role).label if event.actor_role in Role.values else "",
            "from": _status_word(event, event.from_status),
            "to": _status_word(event, event.to_status),
            "particulars": particulars(event),
            "used": None if event.working_seconds is None else seconds_text(event.working_seconds, always=False),
        }
        for event in events
    ]


def _status_word(event: Event, status: str) -> Any:
    """The status belongs to the whistle or the duty the step was about, else to the report."""
    order: tuple[Any, ...] = (ReportStatus, AssignmentStatus, WhistleStatus)
    if event.whistle_id and not event.assignment_id:
        order = (WhistleStatus, AssignmentStatus, ReportStatus)
    elif event.assignment_id:
        order = (AssignmentStatus, ReportStatus, WhistleStatus)
    for words in order:
        if status in words.values:
            return words(status).label
    return status
