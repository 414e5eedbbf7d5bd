"""How times, lights and steps read on the pages of the administration."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.roles import Role
from core.moment import now
from reports.admin.particulars import particulars
from reports.clocks import light_at
from reports.limits import HOUR, NATURAL_DAY, Limit, Unit
from reports.models import Event, Report
from reports.models.vocabulary import AssignmentStatus, ClockOutcome, Light, ReportStatus, WhistleStatus

LIGHT_COLOURS: dict[str, str] = {Light.GREEN: "#16a34a", Light.YELLOW: "#d97706", Light.RED: "#dc2626"}

OUTCOME_COLOURS: dict[str, str] = {ClockOutcome.MET: "#16a34a", ClockOutcome.OVERDUE: "#dc2626"}

# What a step is called; a kind without a name here is shown as it is written.
STEP_WORDS: dict[str, Any] = {
    "submit": _("Report submitted"),
    "complete": _("All photos received"),
    "accept": _("Accepted"),
    "reject": _("Rejected"),
    "void": _("Voided"),
    "return_to_pool": _("Returned to the pool"),
    "assign": _("Assigned"),
    "routed": _("Assigned by a rule"),
    "routing_failed": _("A rule could not be carried out"),
    "receive": _("Signed for"),
    "report_in": _("Reported in"),
    "submit_result": _("Result submitted"),
    "to_review": _("All results are in"),
    "approve": _("Result approved"),
    "rework": _("Sent back for rework"),
    "waive": _("Duty waived"),
    "no_show": _("Did not report in"),
    "to_callback": _("Put to callback"),
    "call_back": _("Requester called"),
    "redo": _("To be done again"),
    "message": _("Message to the requester"),
    "field_check": _("Field check asked for"),
    "field_check_answered": _("Field check answered"),
    "field_check_cancelled": _("Field check cancelled"),
    "merge": _("Merged into another"),
    "merge_in": _("Another merged into this"),
    "unmerge": _("Merge undone"),
    "unmerge_from": _("Merge into this undone"),
    "main_close": _("Closed with the report it was merged into"),
    "main_reject": _("Rejected with the report it was merged into"),
    "main_void": _("Voided with the report it was merged into"),
    "split": _("Split"),
    "split_from": _("Split from another"),
    "close": _("Closed"),
    "reopen": _("Reopened"),
    "note": _("Internal note"),
    "reveal_requester": _("Requester's contact read"),
    "delete": _("Emptied"),
    "draft_whistle": _("Whistle drafted"),
    "request_whistle": _("Whistle put up for approval"),
    "approve_whistle": _("Whistle approved"),
    "decline_whistle": _("Whistle declined"),
    "return_to_dispatch": _("To be dispatched again"),
    "withdraw_whistle": _("Whistle withdrawn"),
    "blow": _("Whistle blown"),
    "whistle_gathering": _("Departments are gathering"),
    "whistle_handling": _("Departments are at work"),
    "whistle_submitted": _("Whistle: result submitted"),
    "rate": _("Department rated"),
    "whistle_rated": _("All departments rated"),
    "close_whistle": _("Whistle closed"),
    "escalate": _("Escalated to the next round"),
    "next_round": _("Next round begun"),
    "yellow": _("Yellow light"),
    "red": _("Red light"),
    "overdue_level": _("Overdue, one level up"),
    "urge": _("Urged"),
    "set_meeting": _("Joint meeting called"),
    "minutes": _("Minutes of the joint meeting"),
    "review_whistle": _("Emergency whistle reviewed"),
    "ask_leave": _("Asked to leave"),
    "leave": _("Left the place"),
    "release": _("Released from the place"),
    "order_linked": _("Supervision order linked"),
    "order_accepted": _("Reply accepted"),
    "order_sent_back": _("Reply sent back"),
    "card": _("Card given"),
    "card_revoked": _("Card revoked"),
    "supervise": _("Supervision order opened"),
    "order_reply": _("Supervision order answered"),
    "ask_return": _("Return asked for"),
    "grant_return": _("Return granted"),
    "refuse_return": _("Return refused"),
    "withdraw_return": _("Return not asked for any more"),
    "ask_extension": _("Extension asked for"),
    "grant_extension": _("Extension granted"),
    "refuse_extension": _("Extension refused"),
    "withdraw_extension": _("Extension not asked for any more"),
    "ask_waiver": _("Release from the duty asked for"),
    "grant_waiver": _("Released from the duty"),
    "refuse_waiver": _("Release from the duty refused"),
    "withdraw_waiver": _("Release from the duty not asked for any more"),
    "ask_suspension": _("Suspension asked for"),
    "grant_suspension": _("Suspended"),
    "refuse_suspension": _("Suspension refused"),
    "withdraw_suspension": _("Suspension not asked for any more"),
    "resume": _("Resumed"),
    "ask_appeal": _("Appealed"),
    "grant_appeal": _("Appeal granted"),
    "refuse_appeal": _("Appeal refused"),
    "withdraw_appeal": _("Appeal withdrawn"),
    "request_lapsed": _("Request lapsed"),
    "hand_on": _("Handed on"),
    "take_back": _("Taken back"),
    "hand_over": _("Handed over"),
}


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
            "name": STEP_WORDS.get(event.kind, event.kind),
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
