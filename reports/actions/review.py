"""What the street does with results: approve, send back, waive, close, reopen."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F, QuerySet

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from reports.actions.dispatch import handling_limit, unit_name
from reports.actions.leads import lead_is_done
from reports.actions.merging import main_ended, requesters_of
from reports.actions.pool import answer_requester
from reports.actions.step import Step, step
from reports.models import Assignment, Photo, Requester, Whistle
from reports.models.vocabulary import (
    DUTY_DONE,
    WHISTLE_OVER,
    AssignmentRole,
    AssignmentStatus,
    ClockKind,
    WhistleStatus,
)
from reports.people import behind
from reports.transitions import ASSIGNMENT, REPORT, WHISTLE


def approve(
    user: User, report_id: UUID, note: str = "", *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """Accept every submitted result. The photos a result named must have arrived."""
    with step(user, report_id, can=Can.DISPATCH_REPORT, version=version, request_id=request_id) as doing:
        doing.move(REPORT, doing.report, "approve")
        duties = list(_active(doing).filter(status=AssignmentStatus.SUBMITTED))
        if not duties:
            raise Problem("transition_refused", subject="report", action="approve", **REPORT.state(doing.report))
        if Photo.objects.filter(report=doing.report, assignment__in=duties, received_at__isnull=True).exists():
            raise Problem("photo_not_here_yet")
        for duty in duties:
            doing.move(ASSIGNMENT, duty, "approve")
            duty.save()
        doing.stop_clocks([ClockKind.REVIEW])
        doing.event("approve", note=note, data={"units": [unit_name(duty) for duty in duties]})


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
            _again(doing, duty, reason)
        doing.event("rework", note=reason, data={"units": [unit_name(duty) for duty in chosen]})


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
        doing.move(ASSIGNMENT, duty, "waive")
        duty.waived_reason = reason
        duty.save()
        doing.stop_clocks(ClockKind.values, cancelled=True, assignment=duty)
        doing.event("waive", note=reason, assignment=duty, whistle=duty.whistle, unit=duty.department)
        doing.notify(behind(duty), "duty_waived", note=reason)
        if duty.role == AssignmentRole.LEAD:
            lead_is_done(doing, duty, "lead_waived")


def close(
    user: User,
    report_id: UUID,
    note: str = "",
    answer: str = "",
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """结案: nothing is open any more, and the requester, if there is one, has been answered.

    Raises `duty_open`, `whistle_open`, `answer_needed`.
    """
    with step(user, report_id, can=Can.DISPATCH_REPORT, version=version, request_id=request_id) as doing:
        report = doing.report
        doing.move(REPORT, report, "close")
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
        _answer_all(doing, answer)
        report.closed_at = doing.moment
        doing.stop_clocks(ClockKind.values)
        doing.event("close", note=note, data={"answer": answer} if answer else None)
        if report.reporter is not None:
            doing.notify([report.reporter], "report_closed")
        main_ended(doing, "main_close", "main_closed", answer)


def _answer_all(doing: Step, answer: str) -> None:
    """Answer the report's requester and those of the reports merged into it. Raises `answer_needed`."""
    if answer:
        answer_requester(doing, answer)
        return
    unanswered = requesters_of(doing.report).filter(answer="")
    if unanswered.exists():
        own = Requester.objects.filter(report=doing.report).exclude(answer="").first()
        if own is None:
            raise Problem("answer_needed", "answer")
        unanswered.update(answer=own.answer, answered_at=doing.moment)


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
        leads = list(
            _active(doing).filter(role=AssignmentRole.LEAD).select_related("department", "assignee", "whistle")
        )
        # Of a direct lead and those of whistles the latest takes it up; the others stay done.
        for duty in leads[-1:]:
            _again(doing, duty, reason)
        doing.event("reopen", note=reason)
        if report.reporter is not None:
            doing.notify([report.reporter], "report_reopened", note=reason)


def _active(doing: Step) -> QuerySet[Assignment]:
    return Assignment.objects.filter(report=doing.report, active=True).order_by("pk")


def _again(doing: Step, duty: Assignment, reason: str) -> None:
    doing.move(ASSIGNMENT, duty, "rework")
    Assignment.objects.filter(pk=duty.pk).update(status=duty.status, rework_count=F("rework_count") + 1)
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
        behind(duty), "rework", subject="assignment", subject_id=duty.pk, group_key=f"assignment:{duty.pk}", note=reason
    )
