"""申请: a unit gives back its duty, asks for more time or appeals; a matter is to rest; and taking that back."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from reports.access import answers_for, duties_of, may
from reports.actions.dispatch import unit_name
from reports.actions.duties import duty_step
from reports.actions.pending import hold_clocks
from reports.actions.step import Step, step
from reports.actions.submit import LOCAL
from reports.deciders import deciders
from reports.models import Assignment, ChangeRequest, Clock
from reports.models.vocabulary import (
    AssignmentRole,
    ClockKind,
    ClockOutcome,
    ReportStatus,
    RequestKind,
    RequestStatus,
)
from reports.transitions import ASSIGNMENT, REPORT, REQUEST


def ask_return(
    user: User, assignment_id: int, reason: str, *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """退单: the unit gives its duty back; until it is decided its clocks stand still."""
    with duty_step(user, assignment_id, version, request_id, may=answers_for) as (doing, duty):
        before = duty.status
        doing.move(ASSIGNMENT, duty, "ask_return")
        REPORT.check(doing.report, "ask_change")
        duty.save(update_fields=["status"])
        hold_clocks(doing)
        _ask(doing, RequestKind.RETURN, reason, duty, {"before": before})


def ask_extension(
    user: User, assignment_id: int, reason: str, *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """延期: one more original limit to handle, asked for before it is overdue.

    Raises `no_handling_clock`, `overdue_already`, `no_more_extensions`, `request_pending`.
    """
    with duty_step(user, assignment_id, version, request_id, may=answers_for) as (doing, duty):
        ASSIGNMENT.check(duty, "ask_extension")
        REPORT.check(doing.report, "ask_change")
        clock = Clock.objects.filter(assignment=duty, kind=ClockKind.HANDLE, stopped_at__isnull=True).first()
        if clock is None or clock.due_at is None:
            raise Problem("no_handling_clock")
        if clock.due_at <= doing.moment:
            raise Problem("overdue_already")
        # By the clock: a duty that goes to the next round takes its clock and its extensions along.
        most: int = settings.GRIDWHISTLE["MAX_EXTENSIONS"]
        granted = doing.report.requests.filter(kind=RequestKind.EXTENSION, status=RequestStatus.GRANTED)
        if granted.filter(data__clock=clock.pk).count() >= most:
            raise Problem("no_more_extensions", params={"most": most})
        _ask(doing, RequestKind.EXTENSION, reason, duty, {"clock": clock.pk})


def ask_waiver(
    user: User, assignment_id: int, reason: str, *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """申请免除: the unit asks to be released from its duty; until it is decided the duty and its clocks go on.

    Raises `request_pending`.
    """
    with duty_step(user, assignment_id, version, request_id, may=answers_for) as (doing, duty):
        ASSIGNMENT.check(duty, "ask_waiver")
        _ask(doing, RequestKind.WAIVER, reason, duty, {})


def ask_suspension(
    user: User,
    report_id: UUID,
    reason: str,
    until: date,
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """挂账: the matter is to rest until the day `until`; asked by who dispatches or by the unit of a lead.

    Raises `suspended_before`, `suspension_date`, `request_pending`.
    """
    with step(user, report_id, version=version, request_id=request_id) as doing:
        report = doing.report
        leads = [duty for duty in duties_of(report) if duty.active and duty.role == AssignmentRole.LEAD]
        if not may(user, Can.DISPATCH_REPORT, report) and not any(answers_for(user, lead) for lead in leads):
            raise Problem("forbidden")
        REPORT.check(report, "ask_suspension")
        if report.requests.filter(kind=RequestKind.SUSPENSION, status=RequestStatus.GRANTED).exists():
            raise Problem("suspended_before")
        today = doing.moment.astimezone(LOCAL).date()
        last = today + timedelta(days=settings.GRIDWHISTLE["SUSPENSION_MAX_DAYS"])
        if not today < until <= last:
            raise Problem("suspension_date", "until", params={"last": last.isoformat()})
        _ask(doing, RequestKind.SUSPENSION, reason, None, {"until": until.isoformat()})


def ask_appeal(
    user: User, assignment_id: int, reason: str, *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """申诉: a unit that was overdue asks, once and after closing, that it be not counted.

    Raises `report_not_closed`, `not_overdue`, `request_pending`, `appealed_before`.
    """
    with duty_step(user, assignment_id, version, request_id, may=answers_for, also_replaced=True) as (doing, duty):
        ASSIGNMENT.check(duty, "ask_appeal")
        if doing.report.status != ReportStatus.CLOSED:
            raise Problem("report_not_closed")
        late = Clock.objects.filter(assignment=duty, outcome=ClockOutcome.OVERDUE).order_by("pk")
        clocks = list(late.values_list("pk", flat=True))
        if not clocks:
            raise Problem("not_overdue")
        decided = (RequestStatus.GRANTED, RequestStatus.REFUSED)
        if duty.requests.filter(kind=RequestKind.APPEAL, status__in=decided).exists():
            raise Problem("appealed_before")
        _ask(doing, RequestKind.APPEAL, reason, duty, {"clocks": clocks})


def withdraw_request(
    user: User, change_id: int, note: str = "", *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """撤回申请: by who asked or the unit it was asked for, before it is decided."""
    report_id = ChangeRequest.objects.filter(pk=change_id).values_list("report_id", flat=True).first()
    if report_id is None:
        raise Problem("not_found")
    with step(user, report_id, version=version, request_id=request_id) as doing:
        change = locked_request(change_id)
        duty = change.assignment
        if change.asked_by_id != user.pk and (duty is None or not answers_for(user, duty)):
            raise Problem("forbidden")
        REQUEST.move(change, "withdraw")
        change.decided_by, change.decided_at, change.decision_note = user, doing.moment, note
        change.save()
        if change.kind == RequestKind.RETURN:
            back_to_before(doing, change)
        doing.event(
            f"withdraw_{change.kind}", note=note, assignment=duty, change=change, unit=duty.department if duty else None
        )


def locked_request(change_id: int) -> ChangeRequest:
    """The request, read after the report's row was locked."""
    of_duty = ("assignment__department", "assignment__assignee", "assignment__handed_from", "assignment__whistle")
    return ChangeRequest.objects.select_related("asked_by", *of_duty).get(pk=change_id)


def back_to_before(doing: Step, change: ChangeRequest) -> None:
    """The duty of a return goes on as it was, with what its clocks had left."""
    duty = change.assignment
    assert duty is not None  # the table's constraint
    doing.move(ASSIGNMENT, duty, f"back_to_{change.data['before']}")
    duty.save(update_fields=["status"])
    hold_clocks(doing)


def _ask(doing: Step, kind: RequestKind, reason: str, duty: Assignment | None, data: dict[str, Any]) -> None:
    """Write the request and its event, and tell those who decide."""
    assert doing.actor is not None  # people ask
    if ChangeRequest.objects.filter(
        report=doing.report, assignment=duty, kind=kind, status=RequestStatus.PENDING
    ).exists():
        raise Problem("request_pending")
    change = ChangeRequest.objects.create(
        report=doing.report,
        assignment=duty,
        kind=kind,
        reason=reason,
        asked_by=doing.actor,
        asked_at=doing.moment,
        data=data,
    )
    doing.event(
        f"ask_{kind}",
        note=reason,
        assignment=duty,
        whistle=duty.whistle if duty else None,
        change=change,
        unit=duty.department if duty else None,
        data={"until": data["until"]} if "until" in data else None,
    )
    doing.notify(
        deciders(change, doing.report),
        "request_asked",
        subject="request",
        subject_id=change.pk,
        group_key=f"request:{change.pk}",
        what=kind.value,
        unit=unit_name(duty) if duty else str(doing.actor),
        reason=reason,
    )
