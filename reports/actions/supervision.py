"""Deadlines that pass, and the orders 督办 that follow."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import Department, User
from accounts.roles import Can
from core.problems import Problem
from grids.scope import scope_of
from reports import clocks
from reports.access import duties_of, get_report, may
from reports.actions.cards import card_by_rule
from reports.actions.dispatch import unit_name
from reports.actions.rounds import miss
from reports.actions.step import Step, step, system_step
from reports.actions.submit import LOCAL
from reports.escalation import to_be_told
from reports.limits import A_YEAR
from reports.models import Assignment, Clock, SupervisionOrder
from reports.models.vocabulary import CardTrigger, ClockKind, Light, OrderStatus, SupervisionKind
from reports.people import at_place, behind, of_unit
from reports.rules import limit_for
from reports.transitions import ORDER


def advance_clock(clock_id: int) -> bool:
    """Take the one step that is due on a clock: half used, yellow, red, or one level up. False if none is due.

    Each step happens once however often and in whatever order this is called: it depends on the clock's own light and
    its thresholds, read under the report's lock.
    """
    report_id = Clock.objects.filter(pk=clock_id).values_list("report_id", flat=True).first()
    if report_id is None:
        return False
    with system_step(report_id) as doing:
        joins = (
            "assignment__department",
            "assignment__assignee",
            "whistle",
            "order__department",
            "field_check__assignee",
        )
        clock = Clock.objects.select_related(*joins).get(pk=clock_id)
        if clock.next_at is None or clock.next_at > doing.moment:
            return False
        _STEPS[Light(clock.light)](doing, clock)
    return True


def _reminded(doing: Step, clock: Clock) -> None:
    _shine(clock, Light.REMINDED)
    _tell(doing, clock, "clock_reminded")


def _yellow(doing: Step, clock: Clock) -> None:
    _shine(clock, Light.YELLOW)
    doing.event("yellow", assignment=clock.assignment, whistle=clock.whistle, data={"clock": clock.kind})
    _tell(doing, clock, "clock_yellow")


def _red(doing: Step, clock: Clock) -> None:
    _shine(clock, Light.RED, level=1)
    unit = _unit(clock)
    order = clock.order or _open_or_reopen(doing, clock, unit)
    doing.event(
        "red",
        assignment=clock.assignment,
        whistle=clock.whistle,
        unit=unit,
        data={"clock": clock.kind, "order": order.pk},
    )
    _tell(doing, clock, "clock_red")
    if clock.kind == ClockKind.REPORT_IN and clock.assignment is not None:
        duty = Assignment.objects.select_related("department", "assignee", "whistle").get(pk=clock.assignment.pk)
        miss(doing, duty)
    if clock.order is not None:
        # An order about a late reply would have to be replied to as well: the order itself goes up.
        _raise(clock.order)
        card_by_rule(doing, CardTrigger.REPLY_OVERDUE, unit, clock.order)


def _up(doing: Step, clock: Clock) -> None:
    level = clock.overdue_level + 1
    _shine(clock, Light.RED, level=level)
    if clock.order is not None:
        _raise(clock.order)
    else:
        # A late reply may have raised it further.
        SupervisionOrder.objects.filter(clock=clock, level__lt=level).update(level=level)
    doing.event(
        "overdue_level",
        assignment=clock.assignment,
        whistle=clock.whistle,
        data={"clock": clock.kind, "level": level},
    )
    _tell(doing, clock, "clock_escalated", level=level)


def _raise(order: SupervisionOrder) -> None:
    order.level = min(order.level + 1, clocks.MAX_OVERDUE_LEVEL)
    order.save(update_fields=["level"])


def _unit(clock: Clock) -> Department | None:
    """The unit whose delay it is."""
    if clock.assignment is not None:
        return clock.assignment.department
    return clock.order.department if clock.order is not None else None


_STEPS = {Light.GREEN: _reminded, Light.REMINDED: _yellow, Light.YELLOW: _red, Light.RED: _up}


def open_order(
    user: User,
    report_id: UUID,
    kind: str,
    reason: str,
    department: str | None = None,
    *,
    linked: Sequence[UUID] = (),
    reply_by: datetime | None = None,
    request_id: UUID | None = None,
) -> None:
    """An order by hand, of a leader or for an important matter, to be replied to by `reply_by` (default: the rule).

    For the unit with the code `department`, which has a duty on the report, else for the lead. It may concern `linked`
    reports too, which the caller must be able to supervise. Raises `not_found`, `forbidden`, `never_on_report`,
    `reply_time` for one that has passed or lies more than a year ahead.
    """
    with step(user, report_id, can=Can.SUPERVISE_REPORT, request_id=request_id) as doing:
        if reply_by is not None and not doing.moment < reply_by <= doing.moment + A_YEAR:
            raise Problem("reply_time", "reply_by")
        unit = doing.report.lead_department
        if department is not None:
            units = {duty.department.code: duty.department for duty in duties_of(doing.report) if duty.department}
            if department not in units:
                raise Problem("never_on_report", "department")
            unit = units[department]
        others = [get_report(user, pk, Can.SUPERVISE_REPORT) for pk in dict.fromkeys(linked) if pk != report_id]
        made = order(doing, kind, reason, unit, reply_by=reply_by)
        made.linked.set(others)
        if others:
            doing.event("order_linked", data={"order": made.pk, "numbers": [other.number for other in others]})
            duties = Assignment.objects.filter(report__in=others, active=True).select_related("department", "assignee")
            people = {person.pk: person for duty in duties for person in behind(duty)}
            doing.notify(people.values(), "supervision_order", reason=reason)


def order(
    doing: Step, kind: str, reason: str, department: Department | None, *, reply_by: datetime | None = None
) -> SupervisionOrder:
    """Open an order within a step; the units on the report and its desk are told."""
    made = _open(doing, kind, reason, department, reply_by=reply_by)
    doing.event("supervise", note=reason, unit=department, data={"kind": kind, "order": made.pk})
    duties = Assignment.objects.filter(report=doing.report, active=True).select_related("department", "assignee")
    people = {person.pk: person for duty in duties for person in behind(duty)}
    people |= {person.pk: person for person in at_place(Can.DISPATCH_REPORT, doing.report)}
    doing.notify(people.values(), "supervision_order", reason=reason)
    return made


def _open_or_reopen(doing: Step, clock: Clock, unit: Department | None) -> SupervisionOrder:
    """A clock has one order. Red again after an extension, an order that was replied to is to be replied to anew; the
    earlier reply stays in the events."""
    order = SupervisionOrder.objects.filter(clock=clock).first()
    if order is None:
        return _open(doing, SupervisionKind.TIMEOUT, clock.get_kind_display(), unit, clock=clock)
    order.department, order.level = unit, 1
    if order.status != OrderStatus.OPEN:
        ORDER.move(order, "reopen")
        order.opened_at = doing.moment
        order.reply, order.replied_by, order.replied_at = "", None, None
        order.decided_by, order.decided_at = None, None
        doing.start_clock("reply", limit_for("reply", order.kind), order=order)
    order.save()
    return order


def _open(
    doing: Step,
    kind: str,
    reason: str,
    department: Department | None,
    *,
    clock: Clock | None = None,
    reply_by: datetime | None = None,
) -> SupervisionOrder:
    made = SupervisionOrder.objects.create(
        report=doing.report,
        clock=clock,
        kind=kind,
        department=department,
        reason=reason,
        opened_by=doing.actor,
        opened_at=doing.moment,
    )
    limit = (reply_by - doing.moment).total_seconds() if reply_by else limit_for("reply", kind)
    doing.start_clock("reply", limit, order=made)
    return made


def reply_to_order(user: User, order_id: int, text: str, *, request_id: UUID | None = None) -> None:
    """The reply an order needs: by the unit it is for, or by the street."""
    with _order_step(user, order_id, request_id) as (doing, order):
        scope = scope_of(user)
        of_the_unit = order.department is not None and scope.may_for(Can.HANDLE_ASSIGNMENT, order.department.path)
        if not of_the_unit and not may(user, Can.DISPATCH_REPORT, doing.report):
            raise Problem("forbidden")
        doing.move(ORDER, order, "reply")
        order.reply, order.replied_by, order.replied_at = text, user, doing.moment
        order.save()
        doing.stop_clocks([ClockKind.REPLY], order=order)
        doing.event("order_reply", note=text, unit=order.department, data={"order": order.pk})


def accept_reply(
    user: User, order_id: int, note: str = "", *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """The reply answers the order; it is done with."""
    with _order_step(user, order_id, request_id, version, can=Can.SUPERVISE_REPORT) as (doing, order):
        doing.move(ORDER, order, "accept")
        order.decided_by, order.decided_at = user, doing.moment
        order.save()
        doing.event("order_accepted", note=note, unit=order.department, data={"order": order.pk})
        doing.notify(_repliers(order), "reply_accepted", subject="order", subject_id=order.pk, note=note)


def send_back_reply(
    user: User, order_id: int, reason: str, *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """The reply does not answer the order: another is due, by the rule."""
    with _order_step(user, order_id, request_id, version, can=Can.SUPERVISE_REPORT) as (doing, order):
        doing.move(ORDER, order, "send_back")
        order.decided_by, order.decided_at = user, doing.moment
        order.sent_back += 1
        order.save()
        doing.start_clock("reply", limit_for("reply", order.kind), order=order)
        doing.event("order_sent_back", note=reason, unit=order.department, data={"order": order.pk})
        doing.notify(_repliers(order), "reply_sent_back", subject="order", subject_id=order.pk, note=reason)


@contextmanager
def _order_step(
    user: User, order_id: int, request_id: UUID | None, version: int | None = None, *, can: str | None = None
) -> Iterator[tuple[Step, SupervisionOrder]]:
    """Lock the report of an order, which is read afresh under the lock."""
    report_id = SupervisionOrder.objects.filter(pk=order_id).values_list("report_id", flat=True).first()
    if report_id is None:
        raise Problem("not_found")
    with step(user, report_id, can=can, version=version, request_id=request_id) as doing:
        yield doing, SupervisionOrder.objects.select_related("department", "replied_by").get(pk=order_id)


def _repliers(order: SupervisionOrder) -> list[User]:
    """Who replied, and the unit it is for."""
    people = {person.pk: person for person in of_unit(order.department)} if order.department else {}
    if order.replied_by is not None:
        people[order.replied_by.pk] = order.replied_by
    return list(people.values())


def _shine(clock: Clock, light: Light, level: int = 0) -> None:
    clock.light, clock.overdue_level, clock.lease_until = light, level, None
    clocks.reckon(clock)
    clock.save()


def _tell(doing: Step, clock: Clock, kind: str, **params: Any) -> None:
    """Tell those whom the city's ladder names for the clock's light and level."""
    assert clock.due_at is not None  # a clock with a step due has run
    told = to_be_told(doing.report, clock, _unit(clock), clock.light, clock.overdue_level, doing.moment)
    for urgency, people in told.items():
        doing.notify(
            people,
            kind,
            urgency=urgency,
            clock=clock.kind,
            unit=unit_name(clock.assignment) if clock.assignment else "",
            due=f"{clock.due_at.astimezone(LOCAL):%m-%d %H:%M}",
            **params,
        )
