"""事不完,人不撤: who has reported in stays until the whistle's end, unless the street releases the unit.

The end is the lead's result, or whatever else takes the whistle out of `WHISTLE_CALLING`. Nobody can be kept by a
program: who goes before is recorded as gone without release, for the watch and the rating.
"""

from uuid import UUID

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from reports.access import may
from reports.actions.cards import card_by_rule
from reports.actions.dispatch import unit_name
from reports.actions.duties import duty_step
from reports.actions.step import Step
from reports.models import Assignment
from reports.models.vocabulary import WHISTLE_CALLING, AssignmentStatus, CardTrigger
from reports.people import at_place, behind
from reports.transitions import ASSIGNMENT


def leave(
    user: User,
    assignment_id: int,
    note: str = "",
    *,
    gone: bool = False,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """Ask to leave or, if `gone`, say that the unit has left; free once it was released or the whistle is over.

    Raises `not_on_whistle`, `not_on_scene`, `left_already`.
    """
    with duty_step(user, assignment_id, version, request_id) as (doing, duty):
        doing.move(ASSIGNMENT, duty, "leave")
        _check_on_scene(duty)
        assert duty.whistle is not None  # checked
        free = (
            duty.released_at is not None
            or duty.whistle.status not in WHISTLE_CALLING
            or duty.status == AssignmentStatus.WAIVED
        )
        if not free and not gone:
            duty.leave_asked_at = doing.moment
            duty.save()
            doing.event("ask_leave", note=note, assignment=duty, whistle=duty.whistle, unit=duty.department)
            _tell_street(doing, duty, "leave_asked", note)
            return
        duty.left_at, duty.left_unreleased = doing.moment, duty.left_unreleased or not free
        duty.save()
        data = {"unreleased": not free}
        doing.event("leave", note=note, assignment=duty, whistle=duty.whistle, unit=duty.department, data=data)
        if not free:
            _tell_street(doing, duty, "left_unreleased", note)
            card_by_rule(doing, CardTrigger.LEFT, duty.department)


def release(
    user: User, assignment_id: int, note: str = "", *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """The street lets a unit go before the end, asked or not.

    Raises `not_on_whistle`, `not_on_scene`, `left_already`.
    """
    with duty_step(user, assignment_id, version, request_id, may=_anybody) as (doing, duty):
        if not may(user, Can.DISPATCH_REPORT, doing.report):
            raise Problem("forbidden")
        doing.move(ASSIGNMENT, duty, "release")
        _check_on_scene(duty)
        duty.released_at, duty.released_by = doing.moment, user
        duty.save()
        doing.event("release", note=note, assignment=duty, whistle=duty.whistle, unit=duty.department)
        doing.notify(behind(duty), "released", subject="assignment", subject_id=duty.pk, note=note)


def _anybody(user: User, duty: Assignment) -> bool:
    """It is the street's step, not the unit's."""
    return True


def _check_on_scene(duty: Assignment) -> None:
    if duty.whistle is None:
        raise Problem("not_on_whistle")
    if duty.reported_in_at is None:
        raise Problem("not_on_scene")
    if duty.left_at is not None:
        raise Problem("left_already")


def _tell_street(doing: Step, duty: Assignment, kind: str, note: str) -> None:
    street = at_place(Can.DISPATCH_REPORT, doing.report)
    doing.notify(street, kind, subject="assignment", subject_id=duty.pk, unit=unit_name(duty), note=note)
