"""Who is told of a deadline at which light and overdue level, and by which path: read from `EscalationStep`."""

from datetime import datetime

from accounts.models import Department, User
from accounts.roles import Can
from notifications.ladders import more_urgent, urgency_reaching
from reports.calling import approvers
from reports.models import Clock, EscalationStep, Report
from reports.models.vocabulary import Audience, ClockKind, Light
from reports.people import above_place, at_place, behind, callers, of_unit, of_units


def to_be_told(
    report: Report, clock: Clock, unit: Department | None, light: str, level: int, moment: datetime
) -> dict[str, list[User]]:
    """People by the urgency whose ladder takes the path asked for; nobody twice, the greater urgency counts."""
    people: dict[int, tuple[str, User]] = {}
    for row in _steps(clock.kind, light, level):
        urgency = urgency_reaching(row.transport, report.urgency)
        for person in _audience(row.who, report, clock, unit, moment):
            known = people.get(person.pk)
            people[person.pk] = (more_urgent(urgency, known[0]) if known else urgency, person)
    told: dict[str, list[User]] = {}
    for urgency, person in people.values():
        told.setdefault(urgency, []).append(person)
    return told


def _steps(kind: str, light: str, level: int) -> list[EscalationStep]:
    """The steps for this kind of clock or, where it has none of its own, for any."""
    rows = list(EscalationStep.objects.filter(clock__in=[kind, ""], light=light, level=level).order_by("pk"))
    own = [row for row in rows if row.clock == kind]
    return [row for row in own or rows if row.active]


def _audience(who: str, report: Report, clock: Clock, unit: Department | None, moment: datetime) -> list[User]:
    match who:
        case Audience.HANDLERS:
            return _who_can_act(report, clock, unit, moment)
        case Audience.UNIT_LEADER:
            return of_units([unit], Can.LEAD_UNIT) if unit else above_place(Can.LEAD_UNIT, report, 1)
        case Audience.STREET_LEADER:
            return above_place(Can.LEAD_UNIT, report, 1)
        case Audience.COMMAND_CENTRE:
            return above_place(Can.LEAD_UNIT, report, 2)
        case Audience.CITY_COMMAND:
            return above_place(Can.LEAD_UNIT, report, 3)
        case Audience.SUPERVISOR:
            return at_place(Can.SUPERVISE_REPORT, report)
    raise ValueError(who)


def _who_can_act(report: Report, clock: Clock, unit: Department | None, moment: datetime) -> list[User]:
    """Who can still stop the clock."""
    if clock.assignment is not None:
        return behind(clock.assignment)
    if clock.field_check is not None:
        # One person alone is out for it; once it is late, those who wait for the answer can ask another.
        waiting = at_place(Can.DISPATCH_REPORT, report) if clock.light == Light.RED else []
        return [clock.field_check.assignee, *waiting]
    if clock.kind == ClockKind.CALLBACK:
        return callers(report)
    if clock.kind == ClockKind.REPLY:
        return of_unit(unit) if unit else at_place(Can.DISPATCH_REPORT, report)
    if clock.kind in (ClockKind.APPROVE, ClockKind.EMERGENCY_REVIEW):
        assert clock.whistle is not None  # the clock is a whistle's
        return approvers(report, clock.whistle.level, moment)
    return at_place(Can.DISPATCH_REPORT, report)
