"""What follows when a whistle is not answered or its result failed: the next round, and in the third a meeting.

Round 1 calls the units, round 2 one level up, round 3 to a joint meeting 联席会议, whose decisions become duties.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import Department, User
from accounts.roles import Can
from core.problems import Problem
from reports.actions.cards import card_by_rule
from reports.actions.dispatch import mark_dispatched, unit_name
from reports.actions.pending import hold_clocks, lapse_requests
from reports.actions.step import Step
from reports.actions.submit import CLOCK_SKEW
from reports.actions.whistles import LOCAL, call, check_meeting_time, duties, report_in_limit, targets, whistle_step
from reports.calendar import working_calendar
from reports.calling import caller_behind, check_runs
from reports.limits import Limit
from reports.models import Assignment, Clock, Meeting, Whistle
from reports.models.vocabulary import (
    WHISTLE_CALLING,
    AssignmentRole,
    AssignmentStatus,
    CardTrigger,
    ClockKind,
    RequestKind,
    WhistleKind,
    WhistleStatus,
)
from reports.people import at_place, behind, of_units
from reports.transitions import ASSIGNMENT, REPORT, WHISTLE

LAST_ROUND = 3


@dataclass(frozen=True)
class Attendance:
    """Whether the unit of a duty came to the meeting, and who came for it."""

    assignment: int
    attended: bool
    person: str = ""


@dataclass(frozen=True)
class Decision:
    """What the meeting gave a unit (a department by code) to do, and in what time; without one the limits stay."""

    department: str
    role: str
    instruction: str
    limit: Limit | None = None


# -- not answered in time ----------------------------------------------------------------------------------------


def miss(doing: Step, duty: Assignment) -> None:
    """The time to report in has passed: the duty is no_show; with the last of them the whistle is settled."""
    whistle = duty.whistle
    assert whistle is not None  # only duties of a whistle have this clock
    if duty.status in (AssignmentStatus.ISSUED, AssignmentStatus.RECEIVED):
        doing.move(ASSIGNMENT, duty, "miss")
        duty.save()
        doing.event("no_show", assignment=duty, whistle=whistle, unit=duty.department)
        card_by_rule(doing, CardTrigger.NO_SHOW, duty.department)
    settle(doing, whistle)


def settle(doing: Step, whistle: Whistle) -> None:
    """Once everyone called has come, missed the time or been released: without the lead the next round goes one level
    up. To be asked after every step that ends the waiting for a unit, whichever comes last."""
    waiting = Clock.objects.filter(
        assignment__whistle=whistle, assignment__active=True, kind=ClockKind.REPORT_IN, stopped_at__isnull=True
    ).exclude(assignment__status=AssignmentStatus.NO_SHOW)
    if waiting.exists():
        return
    if whistle.status not in (WhistleStatus.BLOWN, WhistleStatus.GATHERING) or whistle.round >= LAST_ROUND:
        return
    called = duties(whistle)
    missing = [duty for duty in called if duty.status == AssignmentStatus.NO_SHOW]
    if not any(duty.role == AssignmentRole.LEAD for duty in missing):
        return
    doing.move(WHISTLE, whistle, "not_answered")
    doing.event("escalate", whistle=whistle, data={"missing": [unit_name(duty) for duty in missing]})
    _next_round(doing, whistle, again=missing, along=[duty for duty in called if duty not in missing])


# -- by hand -----------------------------------------------------------------------------------------------------


def escalate_whistle(
    user: User,
    whistle_id: int,
    reason: str,
    *,
    meeting_at: datetime | None = None,
    meeting_place: str = "",
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """The result failed: every unit that was not released is called anew, one level up or, in the third round, to a
    joint meeting (by default at the start of the next working day).

    The lead's handling clock goes on with what it has left. Raises `last_round`, `meeting_needed`.
    """
    with whistle_step(user, whistle_id, version, request_id) as (doing, whistle):
        check_runs(user, whistle, doing.report)
        WHISTLE.check(whistle, "escalate")
        if whistle.round >= LAST_ROUND:
            raise Problem("last_round")
        if meeting_at is not None:
            check_meeting_time(meeting_at, doing.moment)
        doing.stop_clocks([ClockKind.REVIEW], cancelled=True)
        doing.move(REPORT, doing.report, "called_again")
        doing.report.finished_at = None
        WHISTLE.move(whistle, "escalate")
        again = [
            duty
            for duty in duties(whistle)
            if duty.role == AssignmentRole.LEAD or duty.status != AssignmentStatus.WAIVED
        ]
        doing.event("escalate", note=reason, whistle=whistle, data={"again": [unit_name(duty) for duty in again]})
        for duty in again:
            if duty.role == AssignmentRole.LEAD:
                _take_up_handling(doing, duty)
        _next_round(doing, whistle, again=again, along=[], meeting_at=meeting_at, meeting_place=meeting_place)


def _take_up_handling(doing: Step, duty: Assignment) -> None:
    """Let the last handling clock of a duty go on, for the duty that replaces it to take over."""
    clock = duty.clocks.filter(kind=ClockKind.HANDLE).order_by("-id").first()
    if clock is not None:
        doing.resume_clock(clock)


def _next_round(
    doing: Step,
    whistle: Whistle,
    *,
    again: list[Assignment],
    along: list[Assignment],
    meeting_at: datetime | None = None,
    meeting_place: str = "",
) -> None:
    """Blow the next round: units to be called `again` get new duties, those that came are carried `along`."""
    whistle.closed_at = doing.moment
    whistle.save()
    kind = WhistleKind.JOINT if whistle.round + 1 == LAST_ROUND else whistle.kind
    following = Whistle.objects.create(
        report=doing.report,
        kind=kind,
        level=whistle.level,
        status=WhistleStatus.BLOWN,
        round=whistle.round + 1,
        previous=whistle,
        calling_area=whistle.calling_area,
        calling_department=whistle.calling_department,
        reason=whistle.reason,
        called=[{"department": duty.department_id, "role": duty.role} for duty in [*along, *again]],
        meeting_at=(meeting_at or _meeting_after(doing.moment)) if kind == WhistleKind.JOINT else None,
        meeting_place=meeting_place or whistle.meeting_place,
        drafted_at=doing.moment,
        blown_at=doing.moment,
    )
    Assignment.objects.filter(pk__in=[duty.pk for duty in along]).update(whistle=following)
    if any(duty.status in (AssignmentStatus.REPORTED_IN, AssignmentStatus.SUBMITTED) for duty in along):
        doing.move(WHISTLE, following, "gather")
    Assignment.objects.filter(pk__in=[duty.pk for duty in again]).update(active=False)
    for duty in again:
        doing.stop_clocks([ClockKind.SIGN_FOR, ClockKind.REPORT_IN], assignment=duty)
    call(doing, following, [(duty.department, duty.role, duty) for duty in again])
    # A duty that was being given back has a successor, which took over its clock.
    hold_clocks(doing)
    doing.event("next_round", whistle=following, data={"round": following.round})
    lapse_requests(doing, "next_round", again)
    leaders = of_units([duty.department for duty in again if duty.department], Can.LEAD_UNIT)
    upstream = at_place(Can.APPROVE_WHISTLE, doing.report)
    doing.notify(
        {person.pk: person for person in [*leaders, *upstream]}.values(),
        "whistle_escalated",
        subject="whistle",
        subject_id=following.pk,
        round=following.round,
        units="、".join(unit_name(duty) for duty in again),
    )


def _meeting_after(moment: datetime) -> datetime:
    """When a joint meeting is held that nobody set a time for: the start of the next working day, Asia/Shanghai."""
    tomorrow = (moment.astimezone(LOCAL) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return working_calendar().add(tomorrow, 1) - timedelta(seconds=1)


# -- the joint meeting -------------------------------------------------------------------------------------------


def set_meeting(
    user: User,
    whistle_id: int,
    meeting_at: datetime,
    meeting_place: str = "",
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """Set or move time and place; those still expected have until then, and all units are told.

    Raises `not_joint`, `meeting_needed`.
    """
    with whistle_step(user, whistle_id, version, request_id) as (doing, whistle):
        check_runs(user, whistle, doing.report)
        doing.move(WHISTLE, whistle, "meeting")
        REPORT.check(doing.report, "meet")
        if whistle.kind != WhistleKind.JOINT:
            raise Problem("not_joint")
        check_meeting_time(meeting_at, doing.moment)
        whistle.meeting_at = meeting_at
        whistle.meeting_place = meeting_place or whistle.meeting_place
        expected = duties(whistle) if whistle.status in WHISTLE_CALLING else []
        for duty in expected:
            if duty.status in (AssignmentStatus.ISSUED, AssignmentStatus.RECEIVED):
                doing.stop_clocks([ClockKind.REPORT_IN], assignment=duty, cancelled=True)
                clock = doing.start_clock(
                    "report_in", report_in_limit(whistle, doing.moment), assignment=duty, whistle=whistle
                )
                whistle.report_in_due = clock.due_at
        whistle.save()
        at = f"{meeting_at.astimezone(LOCAL):%m-%d %H:%M}"
        doing.event("set_meeting", note=whistle.meeting_place, whistle=whistle, data={"at": meeting_at.isoformat()})
        doing.notify(
            {person.pk: person for duty in expected for person in behind(duty)}.values(),
            "meeting_set",
            subject="whistle",
            subject_id=whistle.pk,
            at=at,
            place=whistle.meeting_place or "–",
        )


def record_minutes(
    user: User,
    whistle_id: int,
    minutes: str,
    attendance: Sequence[Attendance],
    decisions: Sequence[Decision] = (),
    *,
    held_at: datetime | None = None,
    place: str = "",
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """Record a joint meeting: who came, what was said, and what was decided, which become duties of the whistle.

    Who came has reported in. A decision for a unit with a duty changes that duty; any other unit is called. At most one
    decision names a lead, in whose hands the matter then is: the whistle has exactly one before and after.
    Raises `not_joint`, `future_time`, `attendance_missing`, `unit_twice`, `unknown_unit`, `wrong_whistle_target`,
    `one_lead`.
    """
    with whistle_step(user, whistle_id, version, request_id) as (doing, whistle):
        check_runs(user, whistle, doing.report)
        doing.move(WHISTLE, whistle, "minutes")
        REPORT.check(doing.report, "meet")
        if whistle.kind != WhistleKind.JOINT:
            raise Problem("not_joint")
        held = held_at or doing.moment
        if held > doing.moment + CLOCK_SKEW:
            raise Problem("future_time", "held_at")
        present = duties(whistle)
        came = _check_attendance(present, attendance)
        departments = targets([one.department for one in decisions], doing.report, caller_behind(whistle), "decisions")
        _check_one_lead(present, decisions)
        for duty in present:
            if duty.pk in came:
                _attend(doing, duty, held)
        given = _carry_out(doing, whistle, present, departments, decisions) if decisions else []
        names = {duty.pk: unit_name(duty) for duty in present}
        meeting = Meeting.objects.create(
            whistle=whistle,
            held_at=held,
            place=place or whistle.meeting_place,
            minutes=minutes,
            attendance=[
                {
                    "assignment": one.assignment,
                    "unit": names[one.assignment],
                    "attended": one.attended,
                    "person": one.person,
                }
                for one in attendance
            ],
            decisions=[
                {
                    "assignment": duty.pk,
                    "unit": unit_name(duty),
                    "role": one.role,
                    "instruction": one.instruction,
                    "limit": one.limit.text() if one.limit else "",
                }
                for duty, one in zip(given, decisions, strict=True)
            ],
            recorded_by=user,
            recorded_at=doing.moment,
        )
        _advance(doing, whistle)
        whistle.save()
        doing.event(
            "minutes",
            note=minutes,
            whistle=whistle,
            data={
                "meeting": meeting.pk,
                "attended": [names[pk] for pk in names if pk in came],
                "absent": [names[pk] for pk in names if pk not in came],
                "decisions": meeting.decisions,
            },
        )
        if decisions:
            # More time was asked of a limit that the meeting has decided anew.
            lapse_requests(doing, "minutes", present, [RequestKind.EXTENSION])


def _check_attendance(present: list[Assignment], attendance: Sequence[Attendance]) -> set[int]:
    """The duties whose units came. Each unit that was not released is named, once."""
    named = [one.assignment for one in attendance]
    if len(set(named)) < len(named):
        raise Problem("unit_twice", "attendance")
    for index, one in enumerate(attendance):
        if one.assignment not in {duty.pk for duty in present}:
            raise Problem("unknown_unit", f"attendance.{index}.assignment")
    missing = [duty for duty in present if duty.status != AssignmentStatus.WAIVED and duty.pk not in named]
    if missing:
        raise Problem("attendance_missing", "attendance", missing=[unit_name(duty) for duty in missing])
    return {one.assignment for one in attendance if one.attended}


def _check_one_lead(present: list[Assignment], decisions: Sequence[Decision]) -> None:
    """One lead before and after: a decision may name one, and must not leave the matter without."""
    leads = [one for one in decisions if one.role == AssignmentRole.LEAD]
    now_lead = next((duty for duty in present if duty.role == AssignmentRole.LEAD), None)
    kept = now_lead is not None and not any(
        now_lead.department is not None and one.department == now_lead.department.code for one in decisions
    )
    if len(leads) > 1 or (not leads and decisions and not kept):
        raise Problem("one_lead", "decisions")


def _attend(doing: Step, duty: Assignment, held: datetime) -> None:
    if duty.status not in ASSIGNMENT.transitions["attend"].sources:
        return
    ASSIGNMENT.move(duty, "attend")
    duty.received_at = duty.received_at or held
    duty.reported_in_at, duty.reported_in_by = held, doing.actor
    duty.save()
    doing.stop_clocks([ClockKind.SIGN_FOR, ClockKind.REPORT_IN], assignment=duty, at=held)


def _carry_out(
    doing: Step,
    whistle: Whistle,
    present: list[Assignment],
    departments: list[Department],
    decisions: Sequence[Decision],
) -> list[Assignment]:
    """Make the decisions duties; returns them in the order of the decisions."""
    REPORT.check(doing.report, "assign")
    by_department = {duty.department_id: duty for duty in present}
    before = next((duty for duty in present if duty.role == AssignmentRole.LEAD), None)
    leading = next((one.pk for one, said in zip(departments, decisions, strict=True) if said.role == "lead"), None)
    steps_down = before if leading is not None and before is not None and before.department_id != leading else None
    if steps_down is not None:
        # Before another takes the lead: the table allows one at any time.
        steps_down.role = AssignmentRole.ASSIST
        steps_down.save()
        _take_up_handling(doing, steps_down)
    # The clock is the lead's: it is handed over before the former lead may get one of its own.
    order = sorted(range(len(decisions)), key=lambda index: decisions[index].role != AssignmentRole.LEAD)
    made: dict[int, Assignment] = {}
    for index in order:
        department, said = departments[index], decisions[index]
        duty = by_department.get(department.pk)
        heir_of = steps_down if said.role == AssignmentRole.LEAD else None
        if duty is None:
            duty = call(doing, whistle, [(department, said.role, heir_of)])[0]
        else:
            _change(doing, duty, said.role, heir_of)
        duty.instruction = said.instruction
        duty.save()
        if said.limit is not None:
            doing.stop_clocks([ClockKind.HANDLE], assignment=duty, cancelled=True)
            doing.start_clock("handle", said.limit, assignment=duty)
        made[index] = duty
        doing.notify(
            behind(duty),
            "meeting_decided",
            subject="assignment",
            subject_id=duty.pk,
            group_key=f"whistle:{whistle.pk}",
            decided=said.instruction,
        )
    hold_clocks(doing)
    return [made[index] for index in range(len(decisions))]


def _change(doing: Step, duty: Assignment, role: str, heir_of: Assignment | None) -> None:
    """Give a unit that has a duty its new role; one that had answered or was released takes it up again."""
    if duty.status in ASSIGNMENT.transitions["rework"].sources:
        ASSIGNMENT.move(duty, "rework")
    duty.role = role
    if role != AssignmentRole.LEAD:
        return
    if heir_of is not None:
        doing.stop_clocks([ClockKind.HANDLE], assignment=duty, cancelled=True)
        open_clocks = Clock.objects.filter(assignment=heir_of, kind=ClockKind.HANDLE, stopped_at__isnull=True)
        open_clocks.update(assignment=duty)
    mark_dispatched(doing, duty)


def _advance(doing: Step, whistle: Whistle) -> None:
    """The whistle is at work once its lead has come, gathering once anybody has."""
    there = [duty for duty in duties(whistle) if duty.status == AssignmentStatus.REPORTED_IN]
    gathering = whistle.status in (WhistleStatus.BLOWN, WhistleStatus.GATHERING)
    if gathering and any(duty.role == AssignmentRole.LEAD for duty in there):
        doing.move(WHISTLE, whistle, "handle")
        whistle.handling_at = doing.moment
        doing.event("whistle_handling", whistle=whistle)
    elif there and whistle.status == WhistleStatus.BLOWN:
        doing.move(WHISTLE, whistle, "gather")
        doing.event("whistle_gathering", whistle=whistle)
