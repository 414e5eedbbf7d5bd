"""Deadlines that pass, and the orders 督办 that follow."""

from typing import Any
from uuid import UUID

from accounts.models import Department, User
from accounts.roles import Can
from core.problems import Problem
from grids.scope import scope_of
from reports import clocks
from reports.access import may
from reports.actions.dispatch import unit_name
from reports.actions.step import Step, step, system_step
from reports.actions.submit import LOCAL
from reports.actions.whistles import miss
from reports.models import Assignment, Clock, SupervisionOrder
from reports.models.vocabulary import ClockKind, Light, SupervisionKind
from reports.people import above_place, at_place, behind, callers, of_units


def advance_clock(clock_id: int) -> bool:
    """Take the one step that is due on a clock: half used, yellow, red, or one level up. False if none is due.

    Each step happens once however often and in whatever order this is called: it depends on the clock's own light and
    its thresholds, read under the report's lock.
    """
    report_id = Clock.objects.filter(pk=clock_id).values_list("report_id", flat=True).first()
    if report_id is None:
        return False
    with system_step(report_id) as doing:
        clock = Clock.objects.select_related(
            "assignment__department", "assignment__assignee", "whistle", "field_check__assignee"
        ).get(pk=clock_id)
        if clock.next_at is None or clock.next_at > doing.moment:
            return False
        _STEPS[Light(clock.light)](doing, clock)
    return True


def _reminded(doing: Step, clock: Clock) -> None:
    _shine(clock, Light.REMINDED)
    _tell(doing, clock, "clock_reminded", _responsible(doing, clock))


def _yellow(doing: Step, clock: Clock) -> None:
    _shine(clock, Light.YELLOW)
    doing.event("yellow", assignment=clock.assignment, whistle=clock.whistle, data={"clock": clock.kind})
    _tell(doing, clock, "clock_yellow", _responsible(doing, clock))


def _red(doing: Step, clock: Clock) -> None:
    _shine(clock, Light.RED, level=1)
    unit = clock.assignment.department if clock.assignment else None
    order = SupervisionOrder.objects.create(
        report=doing.report,
        clock=clock,
        kind=SupervisionKind.TIMEOUT,
        department=unit,
        reason=clock.get_kind_display(),
        opened_at=doing.moment,
    )
    doing.event(
        "red",
        assignment=clock.assignment,
        whistle=clock.whistle,
        unit=unit,
        data={"clock": clock.kind, "order": order.pk},
    )
    # One person alone is out for a field check; those who wait for the answer can ask another.
    waiting = at_place(Can.DISPATCH_REPORT, doing.report) if clock.field_check else []
    _tell(doing, clock, "clock_red", [*_responsible(doing, clock), *waiting, *_leaders(doing, unit)])
    if clock.kind == ClockKind.REPORT_IN and clock.assignment is not None:
        duty = Assignment.objects.select_related("department", "assignee", "whistle").get(pk=clock.assignment.pk)
        miss(doing, duty)


def _up(doing: Step, clock: Clock) -> None:
    level = clock.overdue_level + 1
    _shine(clock, Light.RED, level=level)
    SupervisionOrder.objects.filter(clock=clock).update(level=level)
    doing.event(
        "overdue_level",
        assignment=clock.assignment,
        whistle=clock.whistle,
        data={"clock": clock.kind, "level": level},
    )
    _tell(doing, clock, "clock_escalated", above_place(Can.LEAD_UNIT, doing.report, level), level=level)


_STEPS = {Light.GREEN: _reminded, Light.REMINDED: _yellow, Light.YELLOW: _red, Light.RED: _up}


def open_order(
    user: User,
    report_id: UUID,
    kind: str,
    reason: str,
    department: Department | None = None,
    *,
    request_id: UUID | None = None,
) -> None:
    """An order by hand, of a leader or for an important matter; the units on the report are told."""
    with step(user, report_id, can=Can.SUPERVISE_REPORT, request_id=request_id) as doing:
        order(doing, kind, reason, department or doing.report.lead_department)


def order(doing: Step, kind: str, reason: str, department: Department | None) -> None:
    """Open an order within a step; the units on the report and its desk are told."""
    SupervisionOrder.objects.create(
        report=doing.report,
        kind=kind,
        department=department,
        reason=reason,
        opened_by=doing.actor,
        opened_at=doing.moment,
    )
    doing.event("supervise", note=reason, unit=department, data={"kind": kind})
    duties = Assignment.objects.filter(report=doing.report, active=True).select_related("department", "assignee")
    people = {person.pk: person for duty in duties for person in behind(duty)}
    people |= {person.pk: person for person in at_place(Can.DISPATCH_REPORT, doing.report)}
    doing.notify(people.values(), "supervision_order", reason=reason)


def reply_to_order(user: User, order_id: int, text: str, *, request_id: UUID | None = None) -> None:
    """The reply an order needs: by the unit it is for, or by the street. Raises `order_replied`."""
    order = SupervisionOrder.objects.select_related("department").filter(pk=order_id).first()
    if order is None:
        raise Problem("not_found")
    with step(user, order.report_id, request_id=request_id) as doing:
        scope = scope_of(user)
        of_the_unit = order.department is not None and scope.may_for(Can.HANDLE_ASSIGNMENT, order.department.path)
        if not of_the_unit and not may(user, Can.DISPATCH_REPORT, doing.report):
            raise Problem("forbidden")
        replied = SupervisionOrder.objects.filter(pk=order_id, replied_at__isnull=True).update(
            reply=text, replied_by=user, replied_at=doing.moment
        )
        if not replied:
            raise Problem("order_replied")
        doing.event("order_reply", note=text, unit=order.department, data={"order": order.pk})


def _shine(clock: Clock, light: Light, level: int = 0) -> None:
    clock.light, clock.overdue_level, clock.lease_until = light, level, None
    clocks.reckon(clock)
    clock.save()


def _responsible(doing: Step, clock: Clock) -> list[User]:
    """Who can still stop the clock."""
    if clock.assignment is not None:
        return behind(clock.assignment)
    if clock.field_check is not None:
        return [clock.field_check.assignee]
    if clock.kind == ClockKind.APPROVE:
        return at_place(Can.APPROVE_WHISTLE, doing.report)
    if clock.kind == ClockKind.CALLBACK:
        return callers(doing.report)
    return at_place(Can.DISPATCH_REPORT, doing.report)


def _leaders(doing: Step, unit: Department | None) -> list[User]:
    return of_units([unit], Can.LEAD_UNIT) if unit else above_place(Can.LEAD_UNIT, doing.report, 1)


def _tell(doing: Step, clock: Clock, kind: str, people: list[User], **params: Any) -> None:
    assert clock.due_at is not None  # a clock with a step due has run
    doing.notify(
        {person.pk: person for person in people}.values(),
        kind,
        clock=clock.kind,
        unit=unit_name(clock.assignment) if clock.assignment else "",
        due=f"{clock.due_at.astimezone(LOCAL):%m-%d %H:%M}",
        **params,
    )
