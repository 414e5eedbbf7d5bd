"""吹哨: draft, approve, blow, review afterwards, withdraw, rate, close. What follows when it fails: `rounds`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import Department, User
from accounts.roles import Can
from core.problems import Problem
from reports.actions.dispatch import issue, mark_dispatched, unit_name
from reports.actions.leads import all_leads_done
from reports.actions.pending import lapse_requests
from reports.actions.requester import tell_requester
from reports.actions.step import Step, step
from reports.calling import Caller, approval_of, approvers, caller_of, check_runs, check_target
from reports.limits import A_YEAR, Limit
from reports.models import Assignment, Clock, Report, Whistle
from reports.models.vocabulary import (
    DUTY_ANSWERED,
    DUTY_DONE,
    WHISTLE_CALLING,
    AssignmentRole,
    ClockKind,
    MessageEvent,
    ReportStatus,
    Urgency,
    WhistleKind,
    WhistleStatus,
)
from reports.people import behind, of_unit, of_units
from reports.rules import limit_for
from reports.transitions import ASSIGNMENT, REPORT, WHISTLE

LOCAL = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Called:
    """A department by code, as lead or assist."""

    department: str
    role: str


@dataclass(frozen=True)
class Rating:
    """街道评部门: 1 to 5 each."""

    assignment: int
    response: int
    attendance: int
    result: int
    comment: str = ""


def draft_whistle(
    user: User,
    report_id: UUID,
    kind: str,
    reason: str,
    called: Sequence[Called],
    *,
    meeting_at: datetime | None = None,
    meeting_place: str = "",
    only_draft: bool = False,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """Write a whistle and, unless it is to stay a draft, send it on: an emergency is blown at once, all others go
    to the leader.

    Raises `one_lead`, `unit_twice`, `unknown_unit`, `wrong_whistle_target`, `meeting_needed`.
    """
    with step(user, report_id, version=version, request_id=request_id) as doing:
        caller = caller_of(user, doing.report)
        REPORT.check(doing.report, "draft_whistle")
        if kind == WhistleKind.JOINT:
            check_meeting_time(meeting_at, doing.moment)
        departments = _check_called(called, doing.report, caller)
        whistle = Whistle.objects.create(
            report=doing.report,
            kind=kind,
            level=caller.level,
            calling_area=caller.area,
            calling_department=caller.department,
            reason=reason,
            called=[
                {"department": department.pk, "role": one.role}
                for one, department in zip(called, departments, strict=True)
            ],
            meeting_at=meeting_at,
            meeting_place=meeting_place,
            drafted_by=user,
            drafted_at=doing.moment,
        )
        doing.event("draft_whistle", note=reason, whistle=whistle, unit=caller.department)
        if not only_draft:
            _send_on(doing, whistle)


def request_whistle(user: User, whistle_id: int, *, version: int | None = None, request_id: UUID | None = None) -> None:
    """Send a draft on: to the leader, or straight out if it is an emergency."""
    with whistle_step(user, whistle_id, version, request_id) as (doing, whistle):
        check_runs(user, whistle, doing.report)
        _send_on(doing, whistle)


def _send_on(doing: Step, whistle: Whistle) -> None:
    if whistle.kind == WhistleKind.EMERGENCY:
        doing.move(WHISTLE, whistle, "blow")
        _blow(doing, whistle)
        doing.start_clock("emergency_review", limit_for("emergency_review"), whistle=whistle)
        doing.notify(
            approvers(doing.report, whistle.level, doing.moment),
            "whistle_blown_unapproved",
            subject="whistle",
            subject_id=whistle.pk,
            reason=whistle.reason,
        )
        return
    doing.move(WHISTLE, whistle, "request")
    REPORT.check(doing.report, "draft_whistle")
    whistle.save()
    doing.stop_clocks([ClockKind.DISPATCH])
    doing.start_clock("approve", limit_for("approve", doing.report.urgency), whistle=whistle)
    doing.event("request_whistle", whistle=whistle)
    doing.notify(
        approvers(doing.report, whistle.level, doing.moment),
        "whistle_pending",
        subject="whistle",
        subject_id=whistle.pk,
        group_key=f"whistle:{whistle.pk}:approval",
        reason=whistle.reason,
    )


def approve_whistle(
    user: User, whistle_id: int, note: str = "", *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """The main leader or a deputy approves; the whistle is blown in the same step. Raises `own_draft`."""
    with whistle_step(user, whistle_id, version, request_id) as (doing, whistle):
        data = _decide(doing, user, whistle, "approve", note)
        doing.event("approve_whistle", note=note, whistle=whistle, data=data)
        _blow(doing, whistle)


def decline_whistle(
    user: User, whistle_id: int, note: str, *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """The leader declines; the report is to be dispatched another way and its dispatch clock starts anew."""
    with whistle_step(user, whistle_id, version, request_id) as (doing, whistle):
        data = _decide(doing, user, whistle, "decline", note)
        whistle.save()
        _back_to_dispatch(doing)
        doing.event("decline_whistle", note=note, whistle=whistle, data=data)
        if whistle.drafted_by is not None:
            doing.notify([whistle.drafted_by], "whistle_declined", note=note)


def withdraw_whistle(
    user: User, whistle_id: int, note: str, *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """Take a whistle back, with the reason. Of one that was blown the units are told and released, its clocks are
    cancelled, and the report, unless somebody else is at work, is to be dispatched again."""
    with whistle_step(user, whistle_id, version, request_id) as (doing, whistle):
        check_runs(user, whistle, doing.report)
        before = whistle.status
        doing.move(WHISTLE, whistle, "withdraw")
        whistle.closed_at = doing.moment
        whistle.save()
        doing.stop_clocks([ClockKind.APPROVE], whistle=whistle, cancelled=True)
        called_off = _call_off(doing, whistle, note) if before in WHISTLE_CALLING else []
        doing.event(
            "withdraw_whistle",
            note=note,
            whistle=whistle,
            data={"units": [unit_name(duty) for duty in called_off]} if called_off else None,
        )
        lapse_requests(doing, "withdraw_whistle", called_off)
        if before == WhistleStatus.PENDING:
            _back_to_dispatch(doing)
        elif before in WHISTLE_CALLING:
            _go_on_without(doing)


def recall_unblown(doing: Step, note: str) -> None:
    """Take back drafts and whistles that wait for their leader: the report is no longer to be dispatched. Comes after
    the event of the step itself."""
    waiting = Whistle.objects.filter(report=doing.report, status__in=(WhistleStatus.DRAFT, WhistleStatus.PENDING))
    for whistle in waiting.order_by("pk"):
        doing.move(WHISTLE, whistle, "recall")
        whistle.closed_at = doing.moment
        whistle.save()
        doing.stop_clocks([ClockKind.APPROVE], whistle=whistle, cancelled=True)
        doing.event("withdraw_whistle", note=note, whistle=whistle)


def _call_off(doing: Step, whistle: Whistle, note: str) -> list[Assignment]:
    """End the duties of a whistle that was blown; tell their units and those who lead them. Returns those released."""
    REPORT.check(doing.report, "call_off")
    called_off = []
    for duty in duties(whistle):
        if duty.status not in DUTY_DONE:
            ASSIGNMENT.move(duty, "call_off")
            duty.waived_reason = note
            called_off.append(duty)
        duty.active = False
        duty.save()
        doing.stop_clocks(ClockKind.values, cancelled=True, assignment=duty)
    leaders = of_units([duty.department for duty in called_off if duty.department], Can.LEAD_UNIT)
    people = {person.pk: person for duty in called_off for person in behind(duty)}
    doing.notify(
        (people | {person.pk: person for person in leaders}).values(),
        "whistle_withdrawn",
        subject="whistle",
        subject_id=whistle.pk,
        note=note,
    )
    return called_off


def _go_on_without(doing: Step) -> None:
    """Where no lead is left the report is to be dispatched; where every other lead is done, reviewed."""
    report = doing.report
    others = Assignment.objects.filter(report=report, active=True).exclude(role=AssignmentRole.NOTIFY)
    lead = others.filter(role=AssignmentRole.LEAD).order_by("-pk").select_related("department").first()
    report.lead_department = lead.department if lead else None
    if lead is not None:
        all_leads_done(doing)
        return
    if not others.exclude(status__in=DUTY_DONE).exists():
        doing.move(REPORT, report, "redispatch")
        report.dispatched_at = None
        doing.event("return_to_dispatch")
    _back_to_dispatch(doing)


def review_whistle(
    user: User,
    whistle_id: int,
    justified: bool,
    note: str = "",
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """事后审核: the leader says of an emergency whistle, which nobody approved, whether it was one.

    Raises `not_reviewed_afterwards`, `reviewed_already`, `own_draft`, and `review_reason` where it was none and nobody
    says why.
    """
    with whistle_step(user, whistle_id, version, request_id) as (doing, whistle):
        approval = approval_of(user, whistle, doing.report, doing.moment)
        doing.move(WHISTLE, whistle, "review")
        # A next round is the system's own, and a joint one was approved.
        if whistle.kind != WhistleKind.EMERGENCY or whistle.previous_id is not None or whistle.blown_at is None:
            raise Problem("not_reviewed_afterwards")
        if whistle.reviewed_at is not None:
            raise Problem("reviewed_already")
        if not justified and not note.strip():
            raise Problem("review_reason", "note")
        whistle.reviewed_at, whistle.reviewed_by = doing.moment, user
        whistle.justified, whistle.review_note = justified, note
        whistle.save()
        doing.stop_clocks([ClockKind.EMERGENCY_REVIEW], whistle=whistle)
        doing.event(
            "review_whistle", note=note, whistle=whistle, data={"justified": justified} | _in_stead(approval.instead_of)
        )


def rate_whistle(
    user: User,
    whistle_id: int,
    ratings: Sequence[Rating],
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """Rate units that were called, those that did not come too. Once each has a rating the whistle is rated."""
    with whistle_step(user, whistle_id, version, request_id, can=Can.BLOW_WHISTLE) as (doing, whistle):
        doing.move(WHISTLE, whistle, "rate")
        rated = {duty.pk: duty for duty in duties(whistle)}
        for index, rating in enumerate(ratings):
            duty = rated.get(rating.assignment)
            if duty is None:
                raise Problem("unknown_unit", f"ratings.{index}.assignment")
            duty.rating_response, duty.rating_attendance = rating.response, rating.attendance
            duty.rating_result, duty.rating_comment = rating.result, rating.comment
            duty.rated_at = doing.moment
            duty.save()
            doing.event(
                "rate",
                note=rating.comment,
                assignment=duty,
                whistle=whistle,
                unit=duty.department,
                data={
                    "response": rating.response,
                    "attendance": rating.attendance,
                    "result": rating.result,
                    **({"left_unreleased": True} if duty.left_unreleased else {}),
                },
            )
            doing.notify(
                behind(duty),
                "department_rated",
                urgency=Urgency.NORMAL,
                assignment=duty.pk,
                unit=unit_name(duty),
                response=rating.response,
                attendance=rating.attendance,
                result=rating.result,
                comment=rating.comment,
            )
        if all(duty.rated_at for duty in rated.values()):
            doing.move(WHISTLE, whistle, "all_rated")
            whistle.rated_at = doing.moment
            doing.event("whistle_rated", whistle=whistle)
        whistle.save()


def close_whistle(
    user: User, whistle_id: int, note: str = "", *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """Close a rated whistle; its units are released. Raises `duty_open` while an assist has not answered."""
    with whistle_step(user, whistle_id, version, request_id, can=Can.BLOW_WHISTLE) as (doing, whistle):
        doing.move(WHISTLE, whistle, "close")
        still_open = [duty for duty in duties(whistle) if duty.status not in DUTY_ANSWERED]
        if still_open:
            raise Problem(
                "duty_open",
                open=[{"id": duty.pk, "unit": unit_name(duty), "status": duty.status} for duty in still_open],
            )
        whistle.closed_at = doing.moment
        whistle.save()
        doing.event("close_whistle", note=note, whistle=whistle)


# -- blowing -----------------------------------------------------------------------------------------------------


def _blow(doing: Step, whistle: Whistle) -> None:
    """The whistle is out: duties, clocks and notices for every department called, in this transaction."""
    doing.move(REPORT, doing.report, "blow")
    whistle.blown_at = doing.moment
    doing.report.whistle_count += 1
    doing.stop_clocks([ClockKind.DISPATCH])
    departments = Department.objects.in_bulk([one["department"] for one in whistle.called])
    call(doing, whistle, [(departments[one["department"]], one["role"], None) for one in whistle.called])
    doing.event(
        "blow",
        note=whistle.reason,
        whistle=whistle,
        data={
            "kind": whistle.kind,
            "units": [{"name": departments[one["department"]].name, "role": one["role"]} for one in whistle.called],
        },
    )
    tell_requester(doing, MessageEvent.DISPATCHED)


def call(
    doing: Step, whistle: Whistle, called: Sequence[tuple[Department | None, str, Assignment | None]]
) -> list[Assignment]:
    """Issue the duties, start their report-in clocks and ring; returns the duties in that order.

    A duty that replaces a missed one takes over its handling clock, so that staying away gains no time, and its leaders
    and the unit above are told too.
    """
    limit = report_in_limit(whistle, doing.moment)
    lead: Assignment | None = None
    given: list[Assignment] = []
    for department, role, missed in called:
        assert department is not None  # whistles call departments
        duty = issue(doing, role, department, None, whistle=whistle, instruction=whistle.reason, replaces=missed)
        given.append(duty)
        if role == AssignmentRole.LEAD:
            lead = duty
        clock = doing.start_clock("report_in", limit, assignment=duty, whistle=whistle)
        whistle.report_in_due = clock.due_at
        people = {person.pk: person for person in of_unit(department)}
        if missed is not None:
            people |= {person.pk: person for person in of_unit(department, Can.LEAD_UNIT)}
            parent = Department.objects.get_parent(department)
            if parent is not None:
                people |= {person.pk: person for person in of_unit(parent, Can.LEAD_UNIT)}
        assert clock.due_at is not None  # it runs
        doing.notify(
            people.values(),
            "whistle_blown",
            urgency=_urgency(whistle, doing.report),
            subject="assignment",
            subject_id=duty.pk,
            group_key=f"whistle:{whistle.pk}",
            reason=whistle.reason,
            whistle=whistle.pk,
            whistle_kind=whistle.kind,
            unit=department.name,
            caller=(whistle.calling_department or whistle.calling_area).name,
            due=f"{clock.due_at.astimezone(LOCAL):%m-%d %H:%M}",
            due_at=clock.due_at.isoformat(),
            lng=doing.report.lng,
            lat=doing.report.lat,
        )
    whistle.save()
    mark_dispatched(doing, lead)
    return given


def _urgency(whistle: Whistle, report: Report) -> str:
    if whistle.kind == WhistleKind.EMERGENCY:
        return Urgency.EMERGENCY
    # A whistle is never an ordinary notice: unanswered it goes out by the second path.
    return Urgency.URGENT if report.urgency == Urgency.NORMAL else report.urgency


def check_meeting_time(meeting_at: datetime | None, moment: datetime) -> None:
    """A joint meeting lies ahead, within the coming year. Raises `meeting_needed`."""
    if meeting_at is None or not moment < meeting_at <= moment + A_YEAR:
        raise Problem("meeting_needed", "meeting_at")


def report_in_limit(whistle: Whistle, moment: datetime) -> Limit | float:
    """How long the units have to come: to the meeting of a joint whistle, or by the rule of the kind."""
    if whistle.kind == WhistleKind.JOINT:
        assert whistle.meeting_at is not None  # checked on drafting
        if whistle.meeting_at <= moment:
            # One who is called or takes over after the meeting comes as to a routine whistle.
            return limit_for("report_in", WhistleKind.ROUTINE)
        # Whole seconds, rounded up: who comes at the time of the meeting is not late.
        return max(ceil((whistle.meeting_at - moment).total_seconds()), 60)
    return limit_for("report_in", whistle.kind)


def _check_called(called: Sequence[Called], report: Report, caller: Caller) -> list[Department]:
    """The departments of the call, in its order."""
    if sum(one.role == AssignmentRole.LEAD for one in called) != 1:
        raise Problem("one_lead", "departments")
    return targets([one.department for one in called], report, caller, "departments")


def targets(codes: Sequence[str], report: Report, caller: Caller, field: str) -> list[Department]:
    """The departments with these codes, all within the caller's reach.

    Raises `unit_twice`, `unknown_unit`, `wrong_whistle_target`.
    """
    if len(set(codes)) < len(codes):
        raise Problem("unit_twice", field)
    known = {department.code: department for department in Department.objects.filter(code__in=codes, is_active=True)}
    for index, code in enumerate(codes):
        if code not in known:
            raise Problem("unknown_unit", f"{field}.{index}.department")
        check_target(known[code], report, caller, f"{field}.{index}.department")
    return [known[code] for code in codes]


def _decide(doing: Step, user: User, whistle: Whistle, decision: str, note: str) -> dict[str, str]:
    """Move the whistle and note who decided; returns what the event says of a deputy."""
    approval = approval_of(user, whistle, doing.report, doing.moment)
    doing.move(WHISTLE, whistle, decision)
    whistle.decided_by, whistle.decided_at, whistle.decision_note = user, doing.moment, note
    whistle.decided_for = approval.instead_of
    doing.stop_clocks([ClockKind.APPROVE], whistle=whistle)
    return _in_stead(approval.instead_of)


def _in_stead(leader: User | None) -> dict[str, str]:
    return {"instead_of": str(leader), "instead_of_user": leader.username} if leader else {}


def _back_to_dispatch(doing: Step) -> None:
    """Start the dispatch clock anew if nobody leads the report and no other whistle waits for its leader."""
    report = doing.report
    leads = Assignment.objects.filter(report=report, active=True, role=AssignmentRole.LEAD)
    pending = Whistle.objects.filter(report=report, status=WhistleStatus.PENDING)
    running = Clock.objects.filter(report=report, kind=ClockKind.DISPATCH, stopped_at__isnull=True)
    open_to_it = report.status in (ReportStatus.ACCEPTED, ReportStatus.IN_PROGRESS)
    if open_to_it and not leads.exists() and not pending.exists() and not running.exists():
        doing.start_clock("dispatch", limit_for("dispatch", report.urgency))


@contextmanager
def whistle_step(
    user: User, whistle_id: int, version: int | None, request_id: UUID | None, *, can: str | None = None
) -> Iterator[tuple[Step, Whistle]]:
    """Lock the report of a whistle; the whistle is read afresh under the lock. Raises `not_found`, `forbidden`."""
    report_id = Whistle.objects.filter(pk=whistle_id).values_list("report_id", flat=True).first()
    if report_id is None:
        raise Problem("not_found")
    with step(user, report_id, can=can, version=version, request_id=request_id) as doing:
        joins = ("calling_area", "calling_department", "drafted_by")
        yield doing, Whistle.objects.select_related(*joins).get(pk=whistle_id)


def duties(whistle: Whistle) -> list[Assignment]:
    """The active duties of a whistle, first to last."""
    return list(
        Assignment.objects.filter(whistle=whistle, active=True).select_related("department", "assignee").order_by("pk")
    )
