"""派单: duties for units and people within the caller's own reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import Department, User
from accounts.roles import Can
from core.problems import Problem
from grids.models import Area
from grids.placement import held_at
from grids.scope import below, scope_of
from reports.actions.requester import tell_requester
from reports.actions.step import Step, step
from reports.limits import Limit, Unit
from reports.models import Assignment, Clock, Report, Whistle
from reports.models.vocabulary import AssignmentRole, ClockKind, MessageEvent
from reports.people import behind, holds_grid_in
from reports.rules import limit_for
from reports.transitions import REPORT


@dataclass(frozen=True)
class Target:
    """Who gets a duty: a department by code, or a person by user name (through the unit named, if any)."""

    role: str
    department: str | None = None
    assignee: str | None = None


def assign(
    user: User,
    report_id: UUID,
    targets: Sequence[Target],
    instruction: str = "",
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """Give duties. The first dispatch names exactly one lead; later ones may add assists and notices.

    Raises `one_lead`, `unknown_unit`, `unit_twice`, `unit_already_has_duty`, `whistle_needed`, `not_ours_to_assign`.
    """
    with step(user, report_id, can=Can.DISPATCH_REPORT, version=version, request_id=request_id) as doing:
        doing.move(REPORT, doing.report, "assign")
        held = Assignment.objects.filter(report=doing.report, active=True)
        leads = sum(target.role == AssignmentRole.LEAD for target in targets)
        if leads + held.filter(role=AssignmentRole.LEAD).count() != 1:
            raise Problem("one_lead", "assignments")
        resolved = [_at_index(user, doing.report, target, index) for index, target in enumerate(targets)]
        keys = [(department and department.pk, person and person.pk) for _, department, person in resolved]
        if len(set(keys)) < len(keys):
            raise Problem("unit_twice", "assignments")
        if set(keys) & set(held.values_list("department_id", "assignee_id")):
            raise Problem("unit_already_has_duty", "assignments")
        given = give(doing, [(target.role, department, person) for target, department, person in resolved], instruction)
        doing.event("assign", note=instruction, data=given)
        tell_requester(doing, MessageEvent.DISPATCHED)


def give(
    doing: Step, units: Sequence[tuple[str, Department | None, User | None]], instruction: str = ""
) -> dict[str, Any]:
    """Issue these duties and end the dispatch clock; returns what the event says of them."""
    given = [issue(doing, role, department, person, instruction=instruction) for role, department, person in units]
    doing.stop_clocks([ClockKind.DISPATCH])
    mark_dispatched(doing, next((duty for duty in given if duty.role == AssignmentRole.LEAD), None))
    return {"assignments": [{"id": duty.pk, "role": duty.role, "unit": unit_name(duty)} for duty in given]}


def issue(
    doing: Step,
    role: str,
    department: Department | None,
    assignee: User | None,
    *,
    whistle: Whistle | None = None,
    instruction: str = "",
    replaces: Assignment | None = None,
) -> Assignment:
    """Write one duty with its clocks and tell those behind it. The caller writes the event.

    One that `replaces` a missed duty takes over its running handling clock.
    """
    duty = Assignment.objects.create(
        report=doing.report,
        whistle=whistle,
        role=role,
        department=department,
        assignee=assignee,
        instruction=instruction,
        issued_at=doing.moment,
        issued_by=doing.actor,
    )
    if role == AssignmentRole.NOTIFY:
        doing.notify(behind(duty), "assignment_for_information", subject="assignment", subject_id=duty.pk)
        return duty
    doing.start_clock("sign_for", limit_for("sign_for", doing.report.urgency), assignment=duty)
    taken_over = (
        Clock.objects.filter(assignment=replaces, kind=ClockKind.HANDLE, stopped_at__isnull=True).update(
            assignment=duty
        )
        if replaces
        else 0
    )
    if role == AssignmentRole.LEAD and not taken_over:
        doing.start_clock("handle", handling_limit(doing.report), assignment=duty)
    if whistle is None:
        doing.notify(
            behind(duty),
            "assignment_issued",
            subject="assignment",
            subject_id=duty.pk,
            group_key=f"assignment:{duty.pk}",
        )
    return duty


def handling_limit(report: Report) -> Limit:
    """The limit frozen when the report was accepted."""
    assert report.limit_amount is not None  # accepting froze it
    return Limit(report.limit_amount, Unit(report.limit_unit))


def mark_dispatched(doing: Step, lead: Assignment | None) -> None:
    if doing.report.dispatched_at is None:
        doing.report.dispatched_at = doing.moment
    if lead is not None:
        doing.report.lead_department = lead.department


def unit_name(duty: Assignment) -> str:
    return str(duty.department or duty.assignee)


def _at_index(user: User, report: Report, target: Target, index: int) -> tuple[Target, Department | None, User | None]:
    return target, *resolve(user, report, target, f"assignments.{index}.")


def resolve(user: User, report: Report, target: Target, at: str = "") -> tuple[Department | None, User | None]:
    """Find whom the target means and check that it is the caller's to give work to.

    Raises `unknown_unit`, `whistle_needed`, `not_ours_to_assign`, naming the field below `at`.
    """
    scope = scope_of(user)
    held = held_at(scope, Can.DISPATCH_REPORT, report)
    level = "city" if scope.everything else held.level if held else ""
    department = person = None
    if target.department is not None:
        department = Department.objects.filter(code=target.department, is_active=True).first()
        if department is None:
            raise Problem("unknown_unit", f"{at}department")
        _check_department(department, report, level, f"{at}department")
    if target.assignee is not None:
        person = User.objects.filter(username=target.assignee, is_active=True).first()
        if person is None:
            raise Problem("unknown_unit", f"{at}assignee")
        _check_person(person, report, level, f"{at}assignee")
    if department is None and person is None:
        raise Problem("unknown_unit", at.rstrip(".") or "department")
    return department, person


def _check_department(department: Department, report: Report, level: str, field: str) -> None:
    """Who may give work to whom: the command centre to all; a street to its own office, units and communities."""
    if level in ("city", "district"):
        return
    if level == "street":
        if _is_of_area(department, report.street):
            return
        raise Problem("whistle_needed", field)
    raise Problem("not_ours_to_assign", field)


def _is_of_area(department: Department, area: Area | None) -> bool:
    """Whether the department is the area's office, a unit below it, or the office of an area within the area."""
    if area is None:
        return False
    if area.office is not None and department.path.startswith(area.office.path):
        return True
    return Area.objects.filter(below(area.path), office=department).exists()


def _check_person(person: User, report: Report, level: str, field: str) -> None:
    """A community or street gives work to those who work a grid in it."""
    area = {"community": report.community, "street": report.street, "district": report.district}.get(level, report.city)
    if area is None or not holds_grid_in(person, below(area.path, "content_object__path")):
        raise Problem("not_ours_to_assign", field)
