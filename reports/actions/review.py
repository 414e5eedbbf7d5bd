"""What the street does with results: approve, send back, waive, close, reopen."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, QuerySet

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from reports.actions.dispatch import handling_limit, unit_name
from reports.actions.leads import lead_is_done
from reports.actions.merging import main_ended, requesters_of
from reports.actions.pending import lapse_requests
from reports.actions.requester import answer_requester, forget_answer, prepare_answer, requester_of
from reports.actions.rounds import settle
from reports.actions.step import Step, step
from reports.models import Assignment, Photo, Whistle
from reports.models.vocabulary import (
    DUTY_DONE,
    OF_THE_MATTER,
    WHISTLE_OVER,
    AssignmentRole,
    AssignmentStatus,
    ClockKind,
    PhotoKind,
    WhistleStatus,
)
from reports.people import behind, callers
from reports.rules import limit_for
from reports.transitions import ASSIGNMENT, REPORT, WHISTLE


def approve(
    user: User, report_id: UUID, note: str = "", *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """Accept every submitted result. The photos a result named must have arrived."""
    with step(user, report_id, can=Can.DISPATCH_REPORT, version=version, request_id=request_id) as doing:
        doing.move(REPORT, doing.report, "approve")
        duties = list(_active(doing).filter(status=AssignmentStatus.SUBMITTED).order_by("pk"))
        if not duties:
            raise Problem("transition_refused", subject="report", action="approve", **REPORT.state(doing.report))
        photos = list(Photo.objects.filter(report=doing.report, assignment__in=duties))
        if any(_lacks_pictures(duty, [one for one in photos if one.assignment_id == duty.pk]) for duty in duties):
            raise Problem("photo_not_here_yet")
        for duty in duties:
            doing.move(ASSIGNMENT, duty, "approve")
            duty.save()
        doing.stop_clocks([ClockKind.REVIEW])
        doing.event("approve", note=note, data={"units": [unit_name(duty) for duty in duties]})


def _lacks_pictures(duty: Assignment, photos: Sequence[Photo]) -> bool:
    """Whether a picture of the last result is still to come, or none of its after photos has come; a picture named
    before that can never come, as one refused, holds up nothing once others are here."""
    since = duty.submitted_at
    if any(one.received_at is None and (since is None or one.announced_at >= since) for one in photos):
        return True
    after = [one.received_at for one in photos if one.kind == PhotoKind.AFTER]
    return bool(after) and not any(after)


def rework(
    user: User,
    report_id: UUID,
    reason: str,
    assignment_id: int | None = None,
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """返工: the lead (or the duty named) does it again; its clock goes on and old material stays in the events."""
    with step(user, report_id, can=Can.DISPATCH_REPORT, version=version, request_id=request_id) as doing:
        doing.move(REPORT, doing.report, "rework")
        duties = _active(doing).select_related("department", "assignee", "whistle")
        if assignment_id is None:
            chosen = list(duties.filter(role=AssignmentRole.LEAD))
        else:
            chosen = list(duties.filter(pk=assignment_id))
        if not chosen:
            raise Problem("not_found")
        doing.stop_clocks([ClockKind.REVIEW])
        doing.report.rework_count += 1
        doing.report.finished_at = None
        for duty in chosen:
            do_again(doing, duty, reason)
        doing.event("rework", note=reason, data={"units": [unit_name(duty) for duty in chosen]})
        lapse_requests(doing, "rework", chosen)


def waive(
    user: User, assignment_id: int, reason: str, *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """免除: release a unit from its duty, with the reason, so that one who never came cannot hold the report open.

    Without its lead the whistle can be rated and the report, unless another lead is at work, is the street's to review.
    """
    report_id = Assignment.objects.filter(pk=assignment_id).values_list("report_id", flat=True).first()
    if report_id is None:
        raise Problem("not_found")
    with step(user, report_id, can=Can.DISPATCH_REPORT, version=version, request_id=request_id) as doing:
        duty = Assignment.objects.select_related("department", "assignee", "whistle").get(pk=assignment_id)
        if not duty.active:
            raise Problem("duty_inactive")
        release_from(doing, duty, reason)


def release_from(doing: Step, duty: Assignment, reason: str) -> None:
    """End a duty within a step, with what follows for its whistle and the report."""
    doing.move(ASSIGNMENT, duty, "waive")
    duty.waived_reason = reason
    duty.save()
    doing.stop_clocks(ClockKind.values, cancelled=True, assignment=duty)
    doing.event("waive", note=reason, assignment=duty, whistle=duty.whistle, unit=duty.department)
    lapse_requests(doing, "waive", [duty])
    doing.notify(behind(duty), "duty_waived", note=reason)
    if duty.role == AssignmentRole.LEAD:
        lead_is_done(doing, duty, "lead_waived")
    elif duty.whistle is not None:
        settle(doing, duty.whistle)


def close(
    user: User,
    report_id: UUID,
    note: str = "",
    answer: str = "",
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """结案: nothing is open any more, and the requester, if there is one, gets the answer.

    A requester who can be called is called first: the report goes to callback, and what they say closes it.
    Raises `duty_open`, `whistle_open`, `answer_needed`.
    """
    with step(user, report_id, can=Can.DISPATCH_REPORT, version=version, request_id=request_id) as doing:
        report = doing.report
        REPORT.check(report, "close")
        duties = _active(doing).exclude(role=AssignmentRole.NOTIFY).exclude(status__in=DUTY_DONE)
        open_duties = [
            {"id": duty.pk, "unit": unit_name(duty), "status": duty.status}
            for duty in duties.select_related("department", "assignee")
        ]
        if open_duties:
            raise Problem("duty_open", open=open_duties)
        open_whistles = Whistle.objects.filter(report=report).exclude(status__in=WHISTLE_OVER)
        if open_whistles.exists():
            raise Problem("whistle_open", open=[{"id": w.pk, "status": w.status} for w in open_whistles])
        requester = requester_of(report)
        answer = answer or (requester.answer if requester else "")
        if not answer and requesters_of(report).exists():
            raise Problem("answer_needed", "answer")
        if requester is not None and requester.callable:
            _put_to_callback(doing, note, answer)
            return
        doing.move(REPORT, report, "close")
        end(doing, note=note, data={"answer": answer} if answer else None)
        answer_requester(doing, answer)


def reopen(
    user: User, report_id: UUID, reason: str, *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """A street leader opens a closed report again, within 30 days; its lead takes it up again."""
    with step(user, report_id, can=Can.APPROVE_WHISTLE, version=version, request_id=request_id) as doing:
        report = doing.report
        doing.move(REPORT, report, "reopen")
        days: int = settings.GRIDWHISTLE["REOPEN_DAYS"]
        if report.closed_at is not None and doing.moment - report.closed_at > timedelta(days=days):
            raise Problem("too_late_to_reopen", params={"days": days})
        report.closed_at = report.finished_at = None
        report.callback_outcome, report.callback_tries = "", 0
        forget_answer(doing)
        lead = latest_lead(doing)
        if lead is not None:
            do_again(doing, lead, reason)
        doing.event("reopen", note=reason)
        lapse_requests(doing, "reopen")
        if report.reporter is not None:
            doing.notify([report.reporter], "report_reopened", note=reason)


def _active(doing: Step) -> QuerySet[Assignment]:
    return Assignment.objects.filter(report=doing.report, active=True).order_by("pk")


def _put_to_callback(doing: Step, note: str, answer: str) -> None:
    """待回访: the answer is ready and the callback clerk is told to bring it."""
    report = doing.report
    doing.move(REPORT, report, "to_callback")
    prepare_answer(doing, answer)
    report.callback_tries, report.callback_outcome = 0, ""
    doing.stop_clocks(OF_THE_MATTER)
    doing.start_clock("callback", limit_for("callback", report.urgency))
    doing.event("to_callback", note=note, data={"answer": answer})
    lapse_requests(doing, "to_callback")
    doing.notify(callers(report), "callback_due", group_key=f"callback:{report.pk}")


def end(doing: Step, *, note: str = "", data: dict[str, Any] | None = None) -> None:
    """What every closing does, after the move to closed."""
    report = doing.report
    report.closed_at = doing.moment
    doing.stop_clocks(OF_THE_MATTER)
    doing.event("close", note=note, data=data)
    lapse_requests(doing, "close")
    if report.reporter is not None:
        doing.notify([report.reporter], "report_closed")
    main_ended(doing, "main_close", "main_closed", (data or {}).get("answer", ""))


def latest_lead(doing: Step) -> Assignment | None:
    """Of a direct lead and those of whistles the latest takes a matter up again; the others stay done."""
    leads = _active(doing).filter(role=AssignmentRole.LEAD).select_related("department", "assignee", "whistle")
    return leads.last()


def do_again(doing: Step, duty: Assignment, reason: str, notice: str = "rework") -> None:
    """The duty is open again and its clock goes on; `notice` is the kind of notice to those behind it.

    Only what the street sends back counts as the unit's rework.
    """
    doing.move(ASSIGNMENT, duty, "rework")
    counted = 0 if notice == "redo" else 1
    Assignment.objects.filter(pk=duty.pk).update(status=duty.status, rework_count=F("rework_count") + counted)
    clock = duty.clocks.filter(kind=ClockKind.HANDLE).order_by("-id").first()
    if clock is not None:
        doing.resume_clock(clock)
    elif duty.role == AssignmentRole.LEAD:
        doing.start_clock("handle", handling_limit(doing.report), assignment=duty)
    whistle = duty.whistle
    if whistle is not None and whistle.status in (WhistleStatus.SUBMITTED, WhistleStatus.RATED):
        doing.move(WHISTLE, whistle, "rework")
        whistle.save()
    doing.notify(
        behind(duty), notice, subject="assignment", subject_id=duty.pk, group_key=f"assignment:{duty.pk}", note=reason
    )
