"""吹哨: draft, approve, blow, rate, close; and what follows when nobody comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import Department, User
from accounts.roles import Can
from core.problems import Problem
from grids.models import Area
from grids.scope import scope_of
from reports.access import held_at
from reports.actions.dispatch import issue, mark_dispatched, unit_name
from reports.actions.pending import lapse_requests
from reports.actions.step import Step, step
from reports.calendar import working_calendar
from reports.limits import Limit
from reports.models import Assignment, Clock, Report, Whistle
from reports.models.vocabulary import (
    DUTY_ANSWERED,
    AssignmentRole,
    AssignmentStatus,
    ClockKind,
    Urgency,
    WhistleKind,
    WhistleLevel,
    WhistleStatus,
)
from reports.people import at_place, of_unit, of_units
from reports.rules import limit_for
from reports.transitions import ASSIGNMENT, REPORT, WHISTLE

LAST_ROUND = 3
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
    with step(user, report_id, can=Can.BLOW_WHISTLE, version=version, request_id=request_id) as doing:
        REPORT.check(doing.report, "draft_whistle")
        if kind == WhistleKind.JOINT and (meeting_at is None or meeting_at <= doing.moment):
            raise Problem("meeting_needed", "meeting_at")
        area, level = _caller(user, doing.report)
        departments = check_called(called, doing.report, level)
        whistle = Whistle.objects.create(
            report=doing.report,
            kind=kind,
            level=level,
            calling_area=area,
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
        doing.event("draft_whistle", note=reason, whistle=whistle)
        if not only_draft:
            _send_on(doing, whistle)


def request_whistle(user: User, whistle_id: int, *, version: int | None = None, request_id: UUID | None = None) -> None:
    """Send a draft on: to the leader, or straight out if it is an emergency."""
    doing_of = _report_of(whistle_id)
    with step(user, doing_of, can=Can.BLOW_WHISTLE, version=version, request_id=request_id) as doing:
        _send_on(doing, _locked(whistle_id))


def _send_on(doing: Step, whistle: Whistle) -> None:
    if whistle.kind == WhistleKind.EMERGENCY:
        doing.move(WHISTLE, whistle, "blow")
        _blow(doing, whistle)
        return
    doing.move(WHISTLE, whistle, "request")
    whistle.save()
    doing.stop_clocks([ClockKind.DISPATCH])
    doing.start_clock("approve", limit_for("approve", doing.report.urgency), whistle=whistle)
    doing.event("request_whistle", whistle=whistle)
    doing.notify(
        at_place(Can.APPROVE_WHISTLE, doing.report),
        "whistle_pending",
        subject="whistle",
        subject_id=whistle.pk,
        group_key=f"whistle:{whistle.pk}:approval",
        reason=whistle.reason,
    )


def approve_whistle(
    user: User, whistle_id: int, note: str = "", *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """The main leader approves; the whistle is blown in the same step."""
    report_id = _report_of(whistle_id)
    with step(user, report_id, can=Can.APPROVE_WHISTLE, version=version, request_id=request_id) as doing:
        whistle = _locked(whistle_id)
        doing.move(WHISTLE, whistle, "approve")
        _decide(doing, whistle, note)
        doing.event("approve_whistle", note=note, whistle=whistle)
        _blow(doing, whistle)


def decline_whistle(
    user: User, whistle_id: int, note: str, *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """The leader declines; the report is to be dispatched another way and its dispatch clock starts anew."""
    report_id = _report_of(whistle_id)
    with step(user, report_id, can=Can.APPROVE_WHISTLE, version=version, request_id=request_id) as doing:
        whistle = _locked(whistle_id)
        doing.move(WHISTLE, whistle, "decline")
        _decide(doing, whistle, note)
        whistle.save()
        _back_to_dispatch(doing)
        doing.event("decline_whistle", note=note, whistle=whistle)
        if whistle.drafted_by is not None:
            doing.notify([whistle.drafted_by], "whistle_declined", note=note)


def withdraw_whistle(
    user: User, whistle_id: int, note: str, *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """Take back a whistle that has not been blown."""
    report_id = _report_of(whistle_id)
    with step(user, report_id, can=Can.BLOW_WHISTLE, version=version, request_id=request_id) as doing:
        whistle = _locked(whistle_id)
        pending = whistle.status == WhistleStatus.PENDING
        doing.move(WHISTLE, whistle, "withdraw")
        whistle.closed_at = doing.moment
        whistle.save()
        doing.stop_clocks([ClockKind.APPROVE], whistle=whistle, cancelled=True)
        if pending:
            _back_to_dispatch(doing)
        doing.event("withdraw_whistle", note=note, whistle=whistle)


def rate_whistle(
    user: User,
    whistle_id: int,
    ratings: Sequence[Rating],
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """Rate units that were called, those that did not come too. Once each has a rating the whistle is rated."""
    report_id = _report_of(whistle_id)
    with step(user, report_id, can=Can.BLOW_WHISTLE, version=version, request_id=request_id) as doing:
        whistle = _locked(whistle_id)
        doing.move(WHISTLE, whistle, "rate")
        duties = {duty.pk: duty for duty in _duties(whistle)}
        for index, rating in enumerate(ratings):
            duty = duties.get(rating.assignment)
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
                data={"response": rating.response, "attendance": rating.attendance, "result": rating.result},
            )
        if all(duty.rated_at for duty in duties.values()):
            doing.move(WHISTLE, whistle, "all_rated")
            whistle.rated_at = doing.moment
            doing.event("whistle_rated", whistle=whistle)
        whistle.save()


def close_whistle(
    user: User, whistle_id: int, note: str = "", *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """Close a rated whistle; its units are released. Raises `duty_open` while an assist has not answered."""
    report_id = _report_of(whistle_id)
    with step(user, report_id, can=Can.BLOW_WHISTLE, version=version, request_id=request_id) as doing:
        whistle = _locked(whistle_id)
        doing.move(WHISTLE, whistle, "close")
        still_open = [duty for duty in _duties(whistle) if duty.status not in DUTY_ANSWERED]
        if still_open:
            raise Problem(
                "duty_open",
                open=[{"id": duty.pk, "unit": unit_name(duty), "status": duty.status} for duty in still_open],
            )
        whistle.closed_at = doing.moment
        whistle.save()
        doing.event("close_whistle", note=note, whistle=whistle)


# -- what the deadlines do ---------------------------------------------------------------------------------------


def miss(doing: Step, duty: Assignment) -> None:
    """The time to report in has passed: the duty is no_show; with the last of them the whistle is settled."""
    whistle = duty.whistle
    assert whistle is not None  # only duties of a whistle have this clock
    if duty.status in (AssignmentStatus.ISSUED, AssignmentStatus.RECEIVED):
        doing.move(ASSIGNMENT, duty, "miss")
        duty.save()
        doing.event("no_show", assignment=duty, whistle=whistle, unit=duty.department)
    waiting = Clock.objects.filter(
        assignment__whistle=whistle, assignment__active=True, kind=ClockKind.REPORT_IN, stopped_at__isnull=True
    ).exclude(assignment__status=AssignmentStatus.NO_SHOW)
    if not waiting.exists():
        _settle(doing, whistle)


def _settle(doing: Step, whistle: Whistle) -> None:
    """Everyone called has come or missed the time. Without the lead the next round goes one level up."""
    if whistle.status not in (WhistleStatus.BLOWN, WhistleStatus.GATHERING) or whistle.round >= LAST_ROUND:
        return
    duties = list(_duties(whistle))
    missing = [duty for duty in duties if duty.status == AssignmentStatus.NO_SHOW]
    doing.move(WHISTLE, whistle, "escalate")
    whistle.closed_at = doing.moment
    whistle.save()
    doing.event("escalate", whistle=whistle, data={"missing": [unit_name(duty) for duty in missing]})
    following = Whistle.objects.create(
        report=doing.report,
        kind=WhistleKind.JOINT if whistle.round + 1 == LAST_ROUND else whistle.kind,
        level=whistle.level,
        status=WhistleStatus.BLOWN,
        round=whistle.round + 1,
        previous=whistle,
        calling_area=whistle.calling_area,
        reason=whistle.reason,
        called=[{"department": duty.department_id, "role": duty.role} for duty in duties],
        meeting_at=_meeting_after(doing.moment) if whistle.round + 1 == LAST_ROUND else whistle.meeting_at,
        drafted_at=doing.moment,
        blown_at=doing.moment,
    )
    came = [duty for duty in duties if duty not in missing]
    Assignment.objects.filter(pk__in=[duty.pk for duty in came]).update(whistle=following)
    if any(duty.status in (AssignmentStatus.REPORTED_IN, AssignmentStatus.SUBMITTED) for duty in came):
        doing.move(WHISTLE, following, "gather")
    Assignment.objects.filter(pk__in=[duty.pk for duty in missing]).update(active=False)
    for duty in missing:
        doing.stop_clocks([ClockKind.SIGN_FOR, ClockKind.REPORT_IN], assignment=duty)
    call(doing, following, [(duty.department, duty.role, duty) for duty in missing])
    doing.event("next_round", whistle=following, data={"round": following.round})
    lapse_requests(doing, "next_round", missing)
    leaders = of_units([duty.department for duty in missing if duty.department], Can.LEAD_UNIT)
    upstream = at_place(Can.APPROVE_WHISTLE, doing.report)
    doing.notify(
        {person.pk: person for person in [*leaders, *upstream]}.values(),
        "whistle_escalated",
        subject="whistle",
        subject_id=following.pk,
        round=following.round,
        units="、".join(unit_name(duty) for duty in missing),
    )


def _meeting_after(moment: datetime) -> datetime:
    """The joint meeting of the third round: the start of the next working day, Asia/Shanghai."""
    tomorrow = (moment.astimezone(LOCAL) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return working_calendar().add(tomorrow, 1) - timedelta(seconds=1)


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


def call(
    doing: Step, whistle: Whistle, called: Sequence[tuple[Department | None, str, Assignment | None]]
) -> list[Assignment]:
    """Issue the duties, start their report-in clocks and ring; returns the duties in that order.

    A duty that replaces a missed one takes over its handling clock, so that staying away gains no time, and its leaders
    and the unit above are told too.
    """
    limit = _report_in_limit(whistle, doing.moment)
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
            due=f"{clock.due_at.astimezone(LOCAL):%m-%d %H:%M}",
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


def _report_in_limit(whistle: Whistle, moment: datetime) -> Limit | float:
    if whistle.kind == WhistleKind.JOINT:
        assert whistle.meeting_at is not None  # checked on drafting
        if whistle.meeting_at <= moment:
            # One who takes over after the meeting comes as to a routine whistle.
            return limit_for("report_in", WhistleKind.ROUTINE)
        return max((whistle.meeting_at - moment).total_seconds(), 60.0)
    return limit_for("report_in", whistle.kind)


def _caller(user: User, report: Report) -> tuple[Area, str]:
    """The node the person blows from and the level of the whistle that follows from it."""
    scope = scope_of(user)
    held = held_at(scope, Can.BLOW_WHISTLE, report)
    level = held.level if held else Area.Level.STREET
    area = getattr(report, level)
    return area, WhistleLevel.COMMUNITY if level == Area.Level.COMMUNITY else WhistleLevel.STREET


def check_called(
    called: Sequence[Called], report: Report, level: str, field: str = "departments.%d.department"
) -> list[Department]:
    """The departments of the call, in its order. A community calls its street's office; a street any authority.

    Raises `one_lead`, `unit_twice`; `unknown_unit` and `wrong_whistle_target`, naming the `field`.
    """
    if sum(one.role == AssignmentRole.LEAD for one in called) != 1:
        raise Problem("one_lead", "departments")
    codes = [one.department for one in called]
    if len(set(codes)) < len(codes):
        raise Problem("unit_twice", "departments")
    known = {department.code: department for department in Department.objects.filter(code__in=codes, is_active=True)}
    for index, one in enumerate(called):
        at = field % index if "%d" in field else field
        department = known.get(one.department)
        if department is None:
            raise Problem("unknown_unit", at)
        office = report.street.office if report.street else None
        if level == WhistleLevel.COMMUNITY and (office is None or not department.path.startswith(office.path)):
            raise Problem("wrong_whistle_target", at)
    return [known[code] for code in codes]


def _decide(doing: Step, whistle: Whistle, note: str) -> None:
    whistle.decided_by, whistle.decided_at, whistle.decision_note = doing.actor, doing.moment, note
    doing.stop_clocks([ClockKind.APPROVE], whistle=whistle)


def _back_to_dispatch(doing: Step) -> None:
    if doing.report.dispatched_at is None:
        doing.start_clock("dispatch", limit_for("dispatch", doing.report.urgency))


def _report_of(whistle_id: int) -> UUID:
    report_id = Whistle.objects.filter(pk=whistle_id).values_list("report_id", flat=True).first()
    if report_id is None:
        raise Problem("not_found")
    return report_id


def _locked(whistle_id: int) -> Whistle:
    """Read afresh after the report's row was locked."""
    return Whistle.objects.select_related("calling_area", "drafted_by").get(pk=whistle_id)


def _duties(whistle: Whistle) -> list[Assignment]:
    return list(
        Assignment.objects.filter(whistle=whistle, active=True).select_related("department", "assignee").order_by("pk")
    )
