"""回访: the requester is called, and what they say decides whether the report is closed."""

from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from reports.actions.messages import answers_requesters
from reports.actions.requester import answer_merged, answer_requester, forget_answer, requester_of, tell_requester
from reports.actions.review import do_again, end, latest_lead
from reports.actions.step import Step, step
from reports.actions.supervision import order
from reports.models import CallbackTry
from reports.models.vocabulary import CallbackOutcome, ClockKind, MessageEvent, Satisfaction, SupervisionKind
from reports.people import at_place
from reports.transitions import REPORT


def call_back(
    user: User,
    report_id: UUID,
    reached: bool,
    solved: bool | None = None,
    satisfaction: str = "",
    note: str = "",
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """Record one call, by a callback clerk or the desk.

    Reached, solved and not dissatisfied: closed. Otherwise reached: 重办, and from the second time on a supervision
    order. Not reached: another try, and closed as 未接通 after `CALLBACK_TRIES`.
    Raises `callback_incomplete` where the answer, or the reason of a complaint, is missing.
    """
    with step(user, report_id, version=version, request_id=request_id) as doing:
        if not answers_requesters(user, doing.report):
            raise Problem("forbidden")
        doing.move(REPORT, doing.report, "call_back")
        _heard(doing, reached, solved, satisfaction, note)


def answered_on_page(doing: Step, solved: bool, satisfaction: str, note: str) -> None:
    """Record within a step what the requester says on the tracking page, as if they had been called."""
    doing.move(REPORT, doing.report, "answer_on_page")
    _heard(doing, True, solved, satisfaction, note, by_requester=True)


def is_content(solved: bool | None, satisfaction: str) -> bool:
    return bool(solved) and satisfaction != Satisfaction.NOT


def _heard(
    doing: Step, reached: bool, solved: bool | None, satisfaction: str, note: str, *, by_requester: bool = False
) -> None:
    content = is_content(solved, satisfaction)
    check_answer(reached, solved, satisfaction, note)
    CallbackTry.objects.create(
        report=doing.report,
        at=doing.moment,
        by=doing.actor,
        by_requester=by_requester,
        reached=reached,
        solved=solved,
        satisfaction=satisfaction,
        note=note,
    )
    data: dict[str, Any] = {"reached": reached, "solved": solved, "satisfaction": satisfaction or None}
    doing.event("call_back", note=note, data=data | {"by_requester": True} if by_requester else data)
    if not reached:
        _in_vain(doing)
    elif content:
        _answered(doing)
    else:
        _redo(doing, note)


def check_answer(reached: bool, solved: bool | None, satisfaction: str, note: str) -> None:
    """Raise `callback_not_reached` and `callback_incomplete` for what is said too much or too little."""
    if not reached:
        for name, said in (("solved", solved is not None), ("satisfaction", bool(satisfaction))):
            if said:
                raise Problem("callback_not_reached", name)
        return
    if solved is None:
        raise Problem("callback_incomplete", "solved")
    if not satisfaction:
        raise Problem("callback_incomplete", "satisfaction")
    if not is_content(solved, satisfaction) and not note:
        raise Problem("callback_incomplete", "note")


def _in_vain(doing: Step) -> None:
    report = doing.report
    report.callback_tries += 1
    if report.callback_tries >= settings.GRIDWHISTLE["CALLBACK_TRIES"]:
        doing.move(REPORT, report, "unreached")
        report.callback_outcome = CallbackOutcome.UNREACHED
        end(doing, data={"callback": CallbackOutcome.UNREACHED, "tries": report.callback_tries})
        tell_requester(doing, MessageEvent.CLOSED)
        requester = requester_of(report)
        assert requester is not None  # without one it is not put to callback
        answer_merged(doing, requester.answer)


def _answered(doing: Step) -> None:
    requester = requester_of(doing.report)
    assert requester is not None  # without one it is not put to callback
    doing.move(REPORT, doing.report, "answered")
    doing.report.callback_outcome = CallbackOutcome.ANSWERED
    end(doing, data={"callback": CallbackOutcome.ANSWERED, "answer": requester.answer})
    answer_requester(doing, requester.answer)


def _redo(doing: Step, complaint: str) -> None:
    """重办: the latest lead takes it up again; it goes the whole way once more, the call included."""
    report = doing.report
    doing.move(REPORT, report, "redo")
    report.redo_count += 1
    report.callback_tries, report.finished_at = 0, None
    forget_answer(doing)
    doing.stop_clocks([ClockKind.CALLBACK])
    lead = latest_lead(doing)
    if lead is not None:
        do_again(doing, lead, complaint, "redo")
    doing.event("redo", note=complaint, unit=lead.department if lead else None, data={"count": report.redo_count})
    doing.notify(at_place(Can.DISPATCH_REPORT, report), "requester_unsatisfied", note=complaint)
    if report.redo_count > settings.GRIDWHISTLE["CALLBACK_REDOS"]:
        order(doing, SupervisionKind.CALLBACK, complaint, lead.department if lead else None)
