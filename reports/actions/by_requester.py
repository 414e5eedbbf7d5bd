"""What a resident does on the tracking page. Whoever calls has made sure that it is the requester (`reports.tracking`).

A merged report goes on as its main report: what its requester says of the end is put on record there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from accounts.roles import Can
from core.problems import Problem
from reports.actions.callback import answered_on_page, check_answer, is_content
from reports.actions.step import Step, system_step
from reports.models import Event, Report, Requester
from reports.models.vocabulary import CallbackOutcome, ReportStatus
from reports.people import at_place
from reports.transitions import REPORT


def say_how_it_went(requester_id: int, solved: bool, satisfaction: str, note: str = "") -> None:
    """Before the callback it is the callback and decides as one; after the closing it is kept as the rating.

    Raises `callback_incomplete` where a complaint has no reason, `rated_before`, `transition_refused`.
    """
    with _requesting(requester_id) as (doing, requester):
        report = doing.report
        if report.status == ReportStatus.CALLBACK and requester.report_id == report.pk:
            answered_on_page(doing, solved, satisfaction, note)
            return
        doing.move(REPORT, report, "rate_closing")
        if has_said(requester, report):
            raise Problem("rated_before")
        check_answer(True, solved, satisfaction, note)
        requester.solved, requester.satisfaction, requester.rated_at = solved, satisfaction, doing.moment
        requester.save(update_fields=["solved", "satisfaction", "rated_at"])
        data = {"solved": solved, "satisfaction": satisfaction}
        doing.event("rate_closing", note=note, data=data | _of(requester))
        if not is_content(solved, satisfaction):
            doing.notify(at_place(Can.DISPATCH_REPORT, report), "requester_unsatisfied", note=note)


def ask_reopening(requester_id: int, reason: str) -> None:
    """Ask those who may reopen a closed report to do so; once per closing and requester, within `REOPEN_DAYS`.

    Raises `too_late_to_reopen`, `reopening_asked_before`, `transition_refused`.
    """
    with _requesting(requester_id) as (doing, requester):
        report = doing.report
        doing.move(REPORT, report, "ask_reopening")
        if not in_time_to_reopen(report, doing.moment):
            raise Problem("too_late_to_reopen", params={"days": settings.GRIDWHISTLE["REOPEN_DAYS"]})
        if has_asked_reopening(requester, report):
            raise Problem("reopening_asked_before")
        doing.event("ask_reopening", note=reason, data=_of(requester))
        doing.notify(at_place(Can.APPROVE_WHISTLE, report), "reopening_asked", note=reason)


def has_said(requester: Requester, report: Report) -> bool:
    """Whether the requester has said of this closing of `report`, on the phone or on the page, how it went."""
    if requester.report_id == report.pk and report.callback_outcome == CallbackOutcome.ANSWERED:
        return True
    closed = report.closed_at
    return requester.rated_at is not None and closed is not None and requester.rated_at >= closed


def has_asked_reopening(requester: Requester, report: Report) -> bool:
    """Whether the requester has asked since `report` was closed. One query."""
    asked = Event.objects.filter(report=report, kind="ask_reopening", at__gte=report.closed_at)
    return asked.filter(data__of=str(requester.report_id)).exists()


def in_time_to_reopen(report: Report, moment: datetime) -> bool:
    closed = report.closed_at
    return closed is not None and moment - closed <= timedelta(days=settings.GRIDWHISTLE["REOPEN_DAYS"])


def _of(requester: Requester) -> dict[str, Any]:
    """Whose word it is: the report's own requester, or that of a report merged into it."""
    return {"of": str(requester.report_id), "number": requester.report.number}


@contextmanager
def _requesting(requester_id: int) -> Iterator[tuple[Step, Requester]]:
    """A step on the report that goes on for the requester's; nobody of the staff takes it."""
    places = Requester.objects.filter(pk=requester_id).values_list("report_id", "report__merged_into_id")
    own, main = places.first() or (None, None)
    if own is None:
        raise Problem("not_found")
    with system_step(main or own) as doing:
        # A report enters and leaves the merged ones only under the lock of its main report.
        requester = Requester.objects.select_related("report").get(pk=requester_id)
        if (requester.report.merged_into_id or requester.report_id) != doing.report.pk:
            raise Problem("busy")
        if doing.report.deleted_at is not None:
            raise Problem("not_found")
        yield doing, requester
