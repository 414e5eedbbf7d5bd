"""转办: a unit hands its duty on to one of its people or to a unit below, takes it back, and loses nobody's duties."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Department, DepartmentUserPermission, User
from accounts.roles import Can
from core.problems import Problem
from grids.scope import below, scope_of
from reports.access import acts_for_unit, managed_duties, open_duties
from reports.actions.dispatch import unit_name
from reports.actions.duties import duty_step
from reports.actions.step import Step, system_step
from reports.models import Assignment
from reports.people import behind, holds_grid_in
from reports.transitions import ASSIGNMENT


def hand_on(
    user: User,
    assignment_id: int,
    department: str | None = None,
    assignee: str | None = None,
    note: str = "",
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """Give a duty of one's unit to a unit below (by code), to one of its people (by user name), or both. Only
    downwards; its clocks run on as they are.

    Raises `unknown_unit`, `not_ours_to_assign`, `unit_already_has_duty`.
    """
    with duty_step(user, assignment_id, version, request_id, may=_acts_for_its_unit) as (doing, duty):
        ASSIGNMENT.check(duty, "hand_on")
        origin = _origin(duty)
        if origin is None or duty.department is None:
            raise Problem("not_ours_to_assign", "department")
        unit = duty.department
        if department is not None:
            named = Department.objects.filter(code=department, is_active=True).first()
            if named is None:
                raise Problem("unknown_unit", "department")
            if not named.path.startswith(origin.path) or not acts_for_unit(user, named):
                raise Problem("not_ours_to_assign", "department")
            unit = named
        person = _staff(assignee, unit) if assignee is not None else None
        if department is None and person is None:
            raise Problem("unknown_unit", "department")
        if (unit.pk, person and person.pk) == (duty.department_id, duty.assignee_id):
            raise Problem("unit_already_has_duty", "department" if person is None else "assignee")
        _put(doing, duty, unit, person)
        doing.event("hand_on", note=note, assignment=duty, unit=unit, data={"to": str(person or unit)})
        _tell(doing, duty, note)


def take_back(
    user: User,
    assignment_id: int,
    note: str = "",
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """Take a duty handed on back into the hand of the unit it was given to. Raises `not_handed_on`."""

    def acts_for_origin(person: User, duty: Assignment) -> bool:
        return acts_for_unit(person, _origin(duty))

    with duty_step(user, assignment_id, version, request_id, may=acts_for_origin) as (doing, duty):
        ASSIGNMENT.check(duty, "take_back")
        origin = _origin(duty)
        if origin is None or (duty.handed_from is None and duty.assignee is None):
            raise Problem("not_handed_on")
        people, had = behind(duty), unit_name(duty)
        _put(doing, duty, origin, None)
        doing.event("take_back", note=note, assignment=duty, unit=origin, data={"from": had})
        doing.notify(people, "duty_taken_back", note=note)


def hand_over(user: User, person: str, to: str | None = None) -> list[int]:
    """Move the open duties of somebody who leaves, as far as the caller answers for them: to another person, or back
    to their units. All or none; returns the keys of the duties moved.

    Raises `forbidden`, `unknown_unit`, `successor_needed`, `not_ours_to_assign`.
    """
    scope = scope_of(user)
    if not (scope.everything or scope.departments.get(Can.LEAD_UNIT) or scope.areas.get(Can.DISPATCH_REPORT)):
        raise Problem("forbidden")
    leaver = User.objects.filter(username=person).first()
    if leaver is None:
        raise Problem("unknown_unit", "person")
    successor = User.objects.filter(username=to, is_active=True).first() if to is not None else None
    if to is not None and (successor is None or successor.pk == leaver.pk):
        raise Problem("unknown_unit", "to")
    return move_duties(user, open_duties(leaver).filter(managed_duties(user)), successor)


def move_duties(by: User, duties: QuerySet[Assignment], to: User | None) -> list[int]:
    """Put open duties of a person into other hands; all or none. Returns the keys of those moved: what was done, or
    moved by another, before its report was locked is left as it is.

    Whoever calls has made sure that `by` may. Reports are locked in their order, so two such moves cannot block each
    other. Raises `successor_needed`, `not_ours_to_assign`.
    """
    moved = []
    joins = ("department", "assignee", "whistle", "handed_from")
    with transaction.atomic():
        for duty_id, report_id in duties.order_by("report_id", "pk").values_list("pk", "report_id"):
            with system_step(report_id, by) as doing:
                duty = duties.select_related(*joins).filter(pk=duty_id).first()
                if duty is not None:
                    _move(doing, duty, to)
                    moved.append(duty_id)
    return moved


def _move(doing: Step, duty: Assignment, to: User | None) -> None:
    ASSIGNMENT.check(duty, "hand_on")
    had = unit_name(duty)
    unit = duty.department
    if to is None and unit is None:
        raise Problem("successor_needed", "to")
    if to is not None:
        street = doing.report.street
        works_here = (
            _is_staff(to, unit)
            if unit is not None
            else street is not None and holds_grid_in(to, below(street.path, "content_object__path"))
        )
        if not works_here:
            raise Problem("not_ours_to_assign", "to")
    _put(doing, duty, unit, to)
    doing.event("hand_over", assignment=duty, unit=unit, data={"from": had, "to": str(to or unit)})
    _tell(doing, duty, "")


def _origin(duty: Assignment) -> Department | None:
    """The unit the duty was given to."""
    return duty.handed_from or duty.department


def _acts_for_its_unit(user: User, duty: Assignment) -> bool:
    return acts_for_unit(user, duty.department)


def _staff(username: str, unit: Department) -> User:
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise Problem("unknown_unit", "assignee")
    if not _is_staff(person, unit):
        raise Problem("not_ours_to_assign", "assignee")
    return person


def _is_staff(person: User, unit: Department) -> bool:
    """Whether the person carries out duties for the unit itself or a unit below it."""
    return DepartmentUserPermission.objects.filter(
        below(unit.path, "content_object__path"), user=person, permission__codename=Can.HANDLE_ASSIGNMENT
    ).exists()


def _put(doing: Step, duty: Assignment, unit: Department | None, person: User | None) -> None:
    """Change who has the duty in hand. Raises `unit_already_has_duty`."""
    others = Assignment.objects.filter(report=doing.report, active=True, whistle=duty.whistle).exclude(pk=duty.pk)
    same = others.filter(department=unit)
    if duty.whistle is None:
        same = same.filter(assignee=person)
    elif unit == duty.department:
        same = same.none()
    if same.exists():
        raise Problem("unit_already_has_duty", "department")
    origin = _origin(duty)
    duty.handed_from = origin if origin != unit else None
    duty.department, duty.assignee = unit, person
    duty.save(update_fields=["handed_from", "department", "assignee"])


def _tell(doing: Step, duty: Assignment, note: str) -> None:
    doing.notify(
        behind(duty),
        "duty_handed_on",
        subject="assignment",
        subject_id=duty.pk,
        group_key=f"assignment:{duty.pk}",
        note=note or duty.instruction,
    )
