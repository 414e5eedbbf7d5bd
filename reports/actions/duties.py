"""The guarded way to one duty."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from accounts.models import User
from core.problems import Problem
from reports.access import may_handle
from reports.actions.step import Step, step
from reports.models import Assignment
from reports.models.vocabulary import AssignmentRole


@contextmanager
def duty_step(
    user: User,
    assignment_id: int,
    version: int | None,
    request_id: UUID | None,
    *,
    may: Callable[[User, Assignment], bool] = may_handle,
    also_replaced: bool = False,
) -> Iterator[tuple[Step, Assignment]]:
    """Lock the report of a duty the person `may` act on.

    Raises `not_found`, `forbidden`, `duty_inactive` (unless `also_replaced`), `for_information`.
    """
    found = Assignment.objects.filter(pk=assignment_id).values_list("report_id", flat=True).first()
    if found is None:
        raise Problem("not_found")
    with step(user, found, version=version, request_id=request_id) as doing:
        duty = Assignment.objects.select_related("department", "assignee", "whistle", "handed_from").get(
            pk=assignment_id
        )
        if not may(user, duty):
            raise Problem("forbidden")
        if not duty.active and not also_replaced:
            raise Problem("duty_inactive")
        if duty.role == AssignmentRole.NOTIFY:
            raise Problem("for_information")
        yield doing, duty
