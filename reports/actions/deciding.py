"""What follows from a request that is granted or refused, and the end of a suspension."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from accounts.models import Department, User
from accounts.roles import Can
from core.problems import Problem
from reports.actions.asking import back_to_before, locked_request
from reports.actions.dispatch import Target, handling_limit, issue, resolve, unit_name
from reports.actions.pending import hold_clocks, lapse_requests
from reports.actions.review import release_from
from reports.actions.step import Step, step, system_step
from reports.actions.submit import LOCAL
from reports.actions.whistles import call
from reports.calling import caller_behind, check_target
from reports.deciders import may_decide
from reports.models import Assignment, ChangeRequest, Clock
from reports.models.vocabulary import (
    DUTY_ANSWERED,
    WHISTLE_CALLING,
    AssignmentRole,
    ClockKind,
    ClockOutcome,
    ReportStatus,
    RequestKind,
    RequestStatus,
    WhistleStatus,
)
from reports.people import behind
from reports.rules import limit_for
from reports.transitions import REPORT, REQUEST, WHISTLE


def grant(
    user: User,
    change_id: int,
    note: str = "",
    target: Target | None = None,
    to_dispatch: bool = False,
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """同意. A return goes on with the same unit, with the `target` named, or, if it was the only lead, the report goes
    back `to_dispatch`; an extension adds one original limit; a waiver releases the unit; a suspension begins; an appeal
    exempts the overdue clocks.

    Raises `own_request`, `not_a_return`, `not_the_only_lead`, `unit_already_has_duty`, `wrong_whistle_target`,
    `suspension_date` and what dispatching to the target raises.
    """
    with _decision(user, change_id, "grant", version, request_id) as (doing, change):
        if (target or to_dispatch) and change.kind != RequestKind.RETURN:
            raise Problem("not_a_return")
        REQUEST.move(change, "grant")
        if change.kind == RequestKind.RETURN:
            gone, done = _take_back(doing, change, target, to_dispatch)
        else:
            gone, done = [], _GRANT[change.kind](doing, change)
        _decided(doing, change, note, "grant", done)
        lapse_requests(doing, "grant_return", gone)
        released = [duty for duty in gone if duty.pk != change.assignment_id]
        for duty in released:
            doing.notify(behind(duty), "duty_waived", note=note)


def refuse(
    user: User, change_id: int, note: str, *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """不同意, with the reason. A returned duty goes on as it was, its clocks with what they had left."""
    with _decision(user, change_id, "refuse", version, request_id) as (doing, change):
        REQUEST.move(change, "refuse")
        if change.kind == RequestKind.RETURN:
            back_to_before(doing, change)
        _decided(doing, change, note, "refuse", {})


def resume(
    user: User, report_id: UUID, note: str = "", *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """恢复: end a suspension before its day."""
    with step(user, report_id, can=Can.APPROVE_WHISTLE, version=version, request_id=request_id) as doing:
        doing.move(REPORT, doing.report, "resume")
        _go_on(doing, note)


def end_suspension(change_id: int) -> bool:
    """End a suspension whose day has come; False if there is nothing to do. Safe to repeat."""
    report_id = ChangeRequest.objects.filter(pk=change_id).values_list("report_id", flat=True).first()
    if report_id is None:
        return False
    with system_step(report_id) as doing:
        change = ChangeRequest.objects.get(pk=change_id)
        if change.next_at is None or change.next_at > doing.moment:
            return False
        if doing.report.status != ReportStatus.SUSPENDED or doing.report.deleted_at is not None:
            ChangeRequest.objects.filter(pk=change_id).update(next_at=None)
            return False
        doing.move(REPORT, doing.report, "resume")
        _go_on(doing, "")
    return True


def _go_on(doing: Step, note: str) -> None:
    ChangeRequest.objects.filter(report=doing.report, next_at__isnull=False).update(next_at=None)
    hold_clocks(doing)
    doing.event("resume", note=note)
    doing.notify(_at_work(doing), "report_resumed", note=note)


# -- the kinds ---------------------------------------------------------------------------------------------------


def _take_back(
    doing: Step, change: ChangeRequest, target: Target | None, to_dispatch: bool
) -> tuple[list[Assignment], dict[str, Any]]:
    """Decide where a returned duty goes; returns the duties that ended and what the event says of it."""
    duty = change.assignment
    assert duty is not None  # the table's constraint
    if to_dispatch and target:
        raise Problem("invalid", "to_dispatch")
    if to_dispatch:
        return _redispatch(doing, duty), {"to": "dispatch"}
    if target is None or _is_same(duty, target):
        back_to_before(doing, change)
        return [], {"to": "same"}
    REPORT.check(doing.report, "assign")
    return [duty], {"to": _replace(doing, duty, target).pk}


def _is_same(duty: Assignment, target: Target) -> bool:
    """Whether the unit that gave the duty back is named again, or the very person."""
    codes = [unit.code for unit in (duty.department, duty.handed_from) if unit is not None]
    person = duty.assignee.username if duty.assignee else None
    if target.department is not None:
        return target.department in codes and target.assignee in (None, person)
    return person is not None and target.assignee == person


def _replace(doing: Step, duty: Assignment, target: Target) -> Assignment:
    """Another unit takes over: a duty of its own, with clocks of its own. The old one is kept with all it holds."""
    whistle = duty.whistle
    others = Assignment.objects.filter(report=doing.report, active=True, whistle=whistle).exclude(pk=duty.pk)
    if whistle is None:
        assert doing.actor is not None  # people decide
        department, person = resolve(doing.actor, doing.report, target)
        _end(doing, [duty])
        if others.filter(department=department, assignee=person).exists():
            raise Problem("unit_already_has_duty", "department")
        new = issue(doing, duty.role, department, person, instruction=duty.instruction)
    else:
        if target.department is None or target.assignee is not None:
            raise Problem("wrong_whistle_target", "assignee")
        department = Department.objects.filter(code=target.department, is_active=True).first()
        if department is None:
            raise Problem("unknown_unit", "department")
        check_target(department, doing.report, caller_behind(whistle), "department")
        if others.filter(department=department).exists():
            raise Problem("unit_already_has_duty", "department")
        _end(doing, [duty])
        if duty.role == AssignmentRole.LEAD and whistle.status == WhistleStatus.HANDLING:
            doing.move(WHISTLE, whistle, "lead_replaced")
            whistle.handling_at = None
        new = call(doing, whistle, [(department, duty.role, None)])[0]
    if duty.role == AssignmentRole.LEAD:
        doing.report.lead_department = new.department
    return new


def _redispatch(doing: Step, duty: Assignment) -> list[Assignment]:
    """Nobody has the lead any more: the dispatch is undone, what had not been answered ends, and the clock to dispatch
    starts anew."""
    active = Assignment.objects.filter(report=doing.report, active=True).select_related("department", "assignee")
    leads = active.filter(role=AssignmentRole.LEAD).values_list("pk", flat=True)
    if list(leads) != [duty.pk]:
        raise Problem("not_the_only_lead", "to_dispatch")
    whistle = duty.whistle
    if whistle is not None and whistle.status in WHISTLE_CALLING:
        doing.move(WHISTLE, whistle, "recall")
        whistle.closed_at = doing.moment
        whistle.save()
    doing.move(REPORT, doing.report, "redispatch")
    ended = list(active.exclude(role=AssignmentRole.NOTIFY).exclude(status__in=DUTY_ANSWERED).order_by("pk"))
    _end(doing, ended)
    doing.report.dispatched_at, doing.report.lead_department = None, None
    doing.start_clock("dispatch", limit_for("dispatch", doing.report.urgency))
    return ended


def _end(doing: Step, duties: list[Assignment]) -> None:
    Assignment.objects.filter(pk__in=[duty.pk for duty in duties]).update(active=False)
    for duty in duties:
        duty.active = False
        doing.stop_clocks(ClockKind.values, cancelled=True, assignment=duty)


def _extend(doing: Step, change: ChangeRequest) -> dict[str, Any]:
    clock = Clock.objects.get(pk=change.data["clock"])
    seconds = round(handling_limit(doing.report).seconds)
    doing.extend_clock(clock, seconds)
    return {"seconds": seconds, "due": clock.due_at and clock.due_at.isoformat()}


def _waive(doing: Step, change: ChangeRequest) -> dict[str, Any]:
    assert change.assignment is not None  # the table's constraint
    # Saved first: what else was asked about the duty lapses with it.
    change.save(update_fields=["status"])
    release_from(doing, change.assignment, change.reason)
    return {}


def _suspend(doing: Step, change: ChangeRequest) -> dict[str, Any]:
    """The clocks stand still until the beginning of the end date, Asia/Shanghai."""
    ends = datetime.combine(date.fromisoformat(change.data["until"]), time(), LOCAL)
    doing.move(REPORT, doing.report, "suspend")
    if ends <= doing.moment:
        raise Problem("suspension_date", params={"last": change.data["until"]})
    change.next_at = ends
    hold_clocks(doing)
    doing.notify(_at_work(doing), "report_suspended", until=change.data["until"])
    return {"until": change.data["until"]}


def _exempt(doing: Step, change: ChangeRequest) -> dict[str, Any]:
    late = Clock.objects.filter(pk__in=change.data["clocks"], outcome=ClockOutcome.OVERDUE)
    late.update(exempt=True)
    return {"clocks": change.data["clocks"]}


_GRANT: dict[str, Callable[[Step, ChangeRequest], dict[str, Any]]] = {
    RequestKind.EXTENSION: _extend,
    RequestKind.WAIVER: _waive,
    RequestKind.SUSPENSION: _suspend,
    RequestKind.APPEAL: _exempt,
}


def _at_work(doing: Step) -> list[User]:
    """Those who have something to do on the report."""
    duties = Assignment.objects.filter(report=doing.report, active=True).exclude(role=AssignmentRole.NOTIFY)
    open_duties = duties.exclude(status__in=DUTY_ANSWERED).select_related("department", "assignee")
    return list({person.pk: person for duty in open_duties for person in behind(duty)}.values())


@contextmanager
def _decision(
    user: User, change_id: int, how: str, version: int | None, request_id: UUID | None
) -> Iterator[tuple[Step, ChangeRequest]]:
    """Lock the report of a request the person decides on. Raises `not_found`, `forbidden`, `own_request`."""
    report_id = ChangeRequest.objects.filter(pk=change_id).values_list("report_id", flat=True).first()
    if report_id is None:
        raise Problem("not_found")
    with step(user, report_id, version=version, request_id=request_id) as doing:
        change = locked_request(change_id)
        if not may_decide(user, change, doing.report):
            raise Problem("forbidden")
        REQUEST.check(change, how)
        if change.asked_by_id == user.pk:
            raise Problem("own_request")
        yield doing, change


def _decided(doing: Step, change: ChangeRequest, note: str, how: str, done: dict[str, Any]) -> None:
    """Write the decision and its event, and tell who asked."""
    change.decided_by, change.decided_at, change.decision_note = doing.actor, doing.moment, note
    change.data = {**change.data, **({"granted": done} if how == "grant" else {})}
    change.save()
    duty = change.assignment
    doing.event(
        f"{how}_{change.kind}",
        note=note,
        assignment=duty,
        whistle=duty.whistle if duty else None,
        change=change,
        unit=duty.department if duty else None,
        data=done,
    )
    granted = change.status == RequestStatus.GRANTED
    people = {person.pk: person for person in [change.asked_by, *(behind(duty) if duty else [])]}
    doing.notify(
        people.values(),
        "request_granted" if granted else "request_refused",
        subject="request",
        subject_id=change.pk,
        what=change.kind,
        unit=unit_name(duty) if duty else "",
        note=note,
    )
