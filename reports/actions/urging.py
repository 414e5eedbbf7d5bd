"""催办: a light nudge to whoever has the next move. No order, no clock, no reply."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from reports.access import may
from reports.actions.dispatch import unit_name
from reports.actions.step import Step, step
from reports.actions.submit import LOCAL
from reports.models import Assignment, Event, Whistle
from reports.models.vocabulary import (
    DUTY_ANSWERED,
    AssignmentRole,
    AssignmentStatus,
    ReportStatus,
    WhistleStatus,
)
from reports.people import at_place, behind
from reports.transitions import REPORT

# Whoever stands upstream of a duty, and the clerk whom the requester asks how it stands.
MAY_URGE = (Can.DISPATCH_REPORT, Can.SUPERVISE_REPORT, Can.APPROVE_WHISTLE, Can.CALL_BACK)
WITHIN = timedelta(hours=1)


def urge(
    user: User,
    report_id: UUID,
    note: str = "",
    *,
    assignment_id: int | None = None,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """Nudge the units at work (or the one duty named); where none is, those in whose hands the report lies.

    Raises `not_found`, `for_information`, `duty_inactive`, `duty_answered` for the duty named; `urged_enough` beyond
    the settings URGES_PER_PERSON and URGES_PER_REPORT within an hour.
    """
    with step(user, report_id, version=version, request_id=request_id) as doing:
        if not any(may(user, can, doing.report) for can in MAY_URGE):
            raise Problem("forbidden")
        REPORT.check(doing.report, "urge")
        _check_pace(doing, user)
        duties = _duties(doing) if assignment_id is None else [_duty(doing, assignment_id)]
        doing.event(
            "urge",
            note=note,
            assignment=duties[0] if assignment_id is not None else None,
            unit=duties[0].department if assignment_id is not None else None,
            data={"units": [unit_name(duty) for duty in duties]},
        )
        people = [person for duty in duties for person in behind(duty)] if duties else _holders(doing)
        told = {person.pk: person for person in people if person.pk != user.pk}
        doing.notify(told.values(), "urged", group_key=f"report:{doing.report.pk}:urge", person=str(user), note=note)


def _check_pace(doing: Step, user: User) -> None:
    """Nudges that come too often are no longer read. The report's lock keeps two from slipping through together."""
    recent = Event.objects.filter(report=doing.report, kind="urge", at__gt=doing.moment - WITHIN)
    urges = list(recent.order_by("at").values_list("actor_id", "at"))
    own = [at for actor_id, at in urges if actor_id == user.pk]
    for times, most in (
        (own, settings.GRIDWHISTLE["URGES_PER_PERSON"]),
        ([at for _, at in urges], settings.GRIDWHISTLE["URGES_PER_REPORT"]),
    ):
        if len(times) >= most:
            oldest = times[len(times) - most] if most else doing.moment
            again = oldest + WITHIN
            minutes = max(1, -int((doing.moment - again).total_seconds() // 60))
            raise Problem("urged_enough", params={"minutes": minutes}, again_at=again.astimezone(LOCAL).isoformat())


def _duties(doing: Step) -> list[Assignment]:
    """The duties that wait for their unit, not for the street."""
    return list(
        Assignment.objects.filter(report=doing.report, active=True)
        .exclude(role=AssignmentRole.NOTIFY)
        .exclude(status__in=[*DUTY_ANSWERED, AssignmentStatus.RETURNED])
        .select_related("department", "assignee")
        .order_by("pk")
    )


def _duty(doing: Step, assignment_id: int) -> Assignment:
    duty = (
        Assignment.objects.filter(report=doing.report, pk=assignment_id)
        .select_related("department", "assignee")
        .first()
    )
    if duty is None:
        raise Problem("not_found", "assignment")
    if duty.role == AssignmentRole.NOTIFY:
        raise Problem("for_information", "assignment")
    if not duty.active:
        raise Problem("duty_inactive", "assignment")
    if duty.status in DUTY_ANSWERED:
        raise Problem("duty_answered", "assignment")
    return duty


def _holders(doing: Step) -> list[User]:
    """Where no unit is at work: the leader who is to approve, the clerk who is to call, else those who dispatch."""
    if doing.report.status == ReportStatus.CALLBACK:
        return at_place(Can.CALL_BACK, doing.report)
    if Whistle.objects.filter(report=doing.report, status=WhistleStatus.PENDING).exists():
        return at_place(Can.APPROVE_WHISTLE, doing.report)
    return at_place(Can.DISPATCH_REPORT, doing.report)
