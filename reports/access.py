"""Who may see and do what with a report: the only door to one.

What you may not know of is 404; what you may see and not do is 403. A worker sees the grids held, a community and a
street what lies below, a department what was assigned to it; a person always sees the reports they sent, the
duties given to them and what they were asked to check.
"""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Department, User
from accounts.roles import Can
from core.problems import Problem
from grids.placement import held_at, within
from grids.scope import Scope, scope_of
from reports.models import Assignment, Card, ChangeRequest, Clock, FieldCheck, Report, SupervisionOrder, Whistle
from reports.models.vocabulary import DUTY_DONE, AssignmentRole

# Holders at these levels work a desk over a whole area: their lists are one indexed condition.
DESK_LEVELS = frozenset({"city", "district", "street"})
# Capabilities at a department that open the reports assigned to it.
UNIT_CAPABILITIES = (Can.HANDLE_ASSIGNMENT, Can.LEAD_UNIT)


def visible_reports(user: User) -> QuerySet[Report]:
    """The reports for a list. One condition on one column for a desk, a union of grounds for everyone else.

    OR-ing the grounds would make the database walk the whole table for a worker with a handful of reports.
    """
    scope = scope_of(user)
    if scope.everything:
        return Report.objects.all()
    reports_there = within(scope.areas.get(Can.VIEW_REPORTS, []))
    at_desk = any(held.level in DESK_LEVELS for held in scope.areas.get(Can.VIEW_REPORTS, []))
    departments = _own_departments(scope)
    if at_desk and departments is None:
        return Report.objects.filter(reports_there)
    grounds = [
        Report.objects.filter(reports_there).values("pk"),
        Report.objects.filter(reporter=user).values("pk"),
        Assignment.objects.filter(assignee=user).values("report_id"),
        FieldCheck.objects.filter(assignee=user).values("report_id"),
    ]
    if departments is not None:
        grounds.append(Assignment.objects.filter(department__in=departments).values("report_id"))
    first, *others = grounds
    return Report.objects.filter(pk__in=first.union(*others, all=True))


def visible_assignments(user: User) -> QuerySet[Assignment]:
    """Duties of the person, of their units, and on reports in their areas."""
    scope = scope_of(user)
    if scope.everything:
        return Assignment.objects.all()
    ground: Any = Q(assignee=user)
    departments = _own_departments(scope)
    if departments is not None:
        ground |= Q(department__in=departments)
    held = scope.areas.get(Can.VIEW_REPORTS, [])
    if held:
        ground |= Exists(Report.objects.filter(within(held), pk=OuterRef("report_id")))
    return Assignment.objects.filter(ground)


def visible_whistles(user: User) -> QuerySet[Whistle]:
    """Whistles on reports in the person's areas, and those that called their units."""
    scope = scope_of(user)
    if scope.everything:
        return Whistle.objects.all()
    ground: Any = Exists(Report.objects.filter(within(scope.areas.get(Can.VIEW_REPORTS, [])), pk=OuterRef("report_id")))
    departments = _own_departments(scope)
    if departments is None:
        return Whistle.objects.filter(ground)
    called = Exists(Assignment.objects.filter(department__in=departments, whistle_id=OuterRef("pk")))
    return Whistle.objects.filter(ground | called)


def visible_orders(user: User) -> QuerySet[SupervisionOrder]:
    """Supervision orders on reports in the person's areas, and those to their units."""
    return SupervisionOrder.objects.filter(_in_areas_or_to_units(user))


def visible_field_checks(user: User) -> QuerySet[FieldCheck]:
    """Field checks the person was asked for, and those on reports in the person's areas."""
    scope = scope_of(user)
    if scope.everything:
        return FieldCheck.objects.all()
    ground: Any = Q(assignee=user)
    held = scope.areas.get(Can.VIEW_REPORTS, [])
    if held:
        ground |= Exists(Report.objects.filter(within(held), pk=OuterRef("report_id")))
    return FieldCheck.objects.filter(ground)


def visible_cards(user: User) -> QuerySet[Card]:
    """Cards given on reports in the person's areas, and those of their units."""
    return Card.objects.filter(_in_areas_or_to_units(user))


def visible_requests(user: User) -> QuerySet[ChangeRequest]:
    """Requests of the person, about duties of theirs and their units', and on reports in their areas."""
    scope = scope_of(user)
    if scope.everything:
        return ChangeRequest.objects.all()
    ground: Any = Q(asked_by=user) | Q(assignment__assignee=user)
    departments = _own_departments(scope)
    if departments is not None:
        ground |= Q(assignment__department__in=departments)
    held = scope.areas.get(Can.VIEW_REPORTS, [])
    if held:
        ground |= Exists(Report.objects.filter(within(held), pk=OuterRef("report_id")))
    return ChangeRequest.objects.filter(ground)


def open_duties(person: User) -> QuerySet[Assignment]:
    """What the person still has in hand, in the order of the reports."""
    rows = Assignment.objects.filter(assignee=person, active=True, report__deleted_at__isnull=True)
    return rows.exclude(role=AssignmentRole.NOTIFY).exclude(status__in=DUTY_DONE).order_by("report_id", "pk")


def managed_duties(user: User) -> Q:
    """The condition on duties of people the person answers for: of the units they lead; where there is no unit, in the
    areas they dispatch for."""
    scope = scope_of(user)
    areas = Exists(Report.objects.filter(within(scope.areas.get(Can.DISPATCH_REPORT, [])), pk=OuterRef("report_id")))
    units = Department.objects.filter(scope.departments_below(Can.LEAD_UNIT)).values("pk")
    if scope.everything:
        return Q()
    return Q(department__in=units) | (Q(department__isnull=True) & Q(areas))


def get_report(user: User, report_id: UUID, can: str | None = None, *, lock: bool = False) -> Report:
    """The report, if the person may see it (else `not_found`) and do `can` with it (else `forbidden`).

    `lock` holds the row until the transaction ends; every write takes it, so steps on one report come one by one.
    """
    rows = Report.objects.filter(pk=report_id)
    rows = rows.select_for_update(of=("self",)) if lock else rows.select_related(*DETAIL_JOINS)
    report = rows.first()
    if report is None or not may_see(user, report):
        raise Problem("not_found")
    if can is not None and not may(user, can, report):
        raise Problem("forbidden")
    return report


DETAIL_JOINS = ("item", "grid", "community", "street", "district", "lead_department", "reporter", "requester")


def may_see(user: User, report: Report) -> bool:
    return (
        may(user, Can.VIEW_REPORTS, report)
        or report.reporter_id == user.pk
        or has_duty(user, report)
        or was_asked(user, report)
    )


def may(user: User, can: str, report: Report) -> bool:
    """Whether the capability is held at the report's place or above it."""
    scope = scope_of(user)
    return scope.everything or held_at(scope, can, report) is not None


def duties_of(report: Report) -> list[Assignment]:
    """All duties on a report, first to last, read once per report object."""
    kept: list[Assignment] | None = report.__dict__.get("_duties")
    if kept is None:
        kept = list(report.assignments.select_related("department", "handed_from", "assignee").order_by("pk"))
        report.__dict__["_duties"] = kept
    return kept


def has_duty(user: User, report: Report) -> bool:
    """Whether the person or one of their units has or had a duty on the report."""
    return any(acts_for(user, duty) for duty in duties_of(report))


def acts_for(user: User, duty: Assignment) -> bool:
    """Whether the duty is the person's, or of a unit they act for or lead."""
    scope = scope_of(user)
    return duty.assignee_id == user.pk or (
        duty.department is not None and any(scope.may_for(can, duty.department.path) for can in UNIT_CAPABILITIES)
    )


def deadlines_of(report: Report) -> list[Clock]:
    """All clocks of a report with their field checks, first to last, read once per report object."""
    kept: list[Clock] | None = report.__dict__.get("_deadlines")
    if kept is None:
        kept = list(report.clocks.select_related("field_check__assignee", "field_check__asked_by").order_by("pk"))
        report.__dict__["_deadlines"] = kept
    return kept


def checks_of(report: Report) -> list[FieldCheck]:
    """All field checks of a report, first to last; each has exactly one clock and comes with it."""
    return [clock.field_check for clock in deadlines_of(report) if clock.field_check is not None]


def was_asked(user: User, report: Report) -> bool:
    """Whether the person was ever asked to check the report in the field."""
    return any(check.assignee_id == user.pk for check in checks_of(report))


def may_handle(user: User, assignment: Assignment) -> bool:
    """Whether the duty is the person's: given to them, or to a unit they act for."""
    if assignment.assignee_id is not None:
        return assignment.assignee_id == user.pk
    assert assignment.department is not None  # the table's constraint
    return scope_of(user).may_for(Can.HANDLE_ASSIGNMENT, assignment.department.path)


def answers_for(user: User, assignment: Assignment) -> bool:
    """Whether the duty is the person's or of a unit they act for, also where one of its people has it in hand."""
    return assignment.assignee_id == user.pk or acts_for_unit(user, assignment.department)


def acts_for_unit(user: User, department: Department | None) -> bool:
    """Whether the person acts for the unit or one above it."""
    scope = scope_of(user)
    return scope.everything or (department is not None and scope.may_for(Can.HANDLE_ASSIGNMENT, department.path))


def _in_areas_or_to_units(user: User) -> Q:
    """The condition on what hangs on a report and names a department: in the person's areas, or of their units."""
    scope = scope_of(user)
    if scope.everything:
        return Q()
    ground = Q(Exists(Report.objects.filter(within(scope.areas.get(Can.VIEW_REPORTS, [])), pk=OuterRef("report_id"))))
    departments = _own_departments(scope)
    return ground if departments is None else ground | Q(department__in=departments)


def _own_departments(scope: Scope) -> QuerySet[Department, Any] | None:
    ground = Q()
    for can in UNIT_CAPABILITIES:
        if scope.departments.get(can):
            ground |= scope.departments_below(can)
    return Department.objects.filter(ground).values("pk") if ground else None
