"""The pool: what a street does with a report before anybody is sent."""

from typing import Any
from uuid import UUID

from accounts.actions.access import REASON_LENGTH, record_access
from accounts.models import AccessKind, User
from accounts.roles import Can
from core.problems import Problem
from grids.placement import path_of
from reports.actions.merging import main_ended
from reports.actions.pending import lapse_requests
from reports.actions.requester import answer_requester, forget_requester, requester_of, tell_requester
from reports.actions.routing import route
from reports.actions.step import Step, step
from reports.actions.submit import LOCAL, freeze_standard
from reports.actions.whistles import recall_unblown
from reports.detail import may_reveal_requester
from reports.models import ItemVersion, Report
from reports.models.vocabulary import ClockKind, MessageEvent
from reports.rules import limit_for
from reports.transitions import REPORT


def accept(
    user: User,
    report_id: UUID,
    item: str | None = None,
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """Take the report up and freeze the catalogue's standard on it; the dispatch clock starts.

    `item` is the code of the right item where it was sent under another, as residents do. The urgency follows unless
    somebody had set it apart from the first item's. Raises `unknown_item`.
    """
    with step(user, report_id, can=Can.DISPATCH_REPORT, version=version, request_id=request_id) as doing:
        report = doing.report
        doing.move(REPORT, report, "accept")
        today = doing.moment.astimezone(LOCAL).date()
        versions = ItemVersion.objects.select_related("item")
        standard = versions.current(today).filter(item_id=report.item_id).first()
        corrected: dict[str, Any] = {}
        if item is not None:
            chosen = versions.for_new_reports(today).filter(item__code=item).first()
            if chosen is not None and chosen.item_id != report.item_id:
                corrected = {"from_item": report.item_name, "item": chosen.name}
                if standard is None or report.urgency == standard.urgency:
                    report.urgency = chosen.urgency
                report.item = chosen.item
            standard = chosen
        if standard is None:
            raise Problem("unknown_item", "item")
        freeze_standard(report, standard)
        report.accepted_at = doing.moment
        doing.stop_clocks([ClockKind.ACCEPT])
        doing.start_clock("dispatch", limit_for("dispatch", report.urgency))
        limit = {"limit": standard.effective_limit.text(), "source": standard.effective_source}
        doing.event("accept", data=limit | corrected)
        tell_requester(doing, MessageEvent.ACCEPTED)
        route(doing)


def reject(
    user: User, report_id: UUID, reason: str, *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """不予受理, with the reason; it is also the answer to the requester."""
    with step(user, report_id, can=Can.DISPATCH_REPORT, version=version, request_id=request_id) as doing:
        doing.move(REPORT, doing.report, "reject")
        _end(doing, "reject", reason)
        answer_requester(doing, reason, MessageEvent.REJECTED)


def void(
    user: User, report_id: UUID, reason: str, *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """作废: sent in error."""
    with step(user, report_id, can=Can.DISPATCH_REPORT, version=version, request_id=request_id) as doing:
        doing.move(REPORT, doing.report, "void")
        _end(doing, "void", reason)
        answer_requester(doing, reason, MessageEvent.REJECTED)


def return_to_pool(
    user: User, report_id: UUID, reason: str, *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """Undo the acceptance; the accept clock goes on with what it had left."""
    with step(user, report_id, can=Can.DISPATCH_REPORT, version=version, request_id=request_id) as doing:
        doing.move(REPORT, doing.report, "return_to_pool")
        doing.stop_clocks([ClockKind.DISPATCH], cancelled=True)
        accept_clock = doing.report.clocks.filter(kind=ClockKind.ACCEPT).order_by("-id").first()
        if accept_clock is not None:
            doing.resume_clock(accept_clock)
        doing.event("return_to_pool", note=reason)
        recall_unblown(doing, reason)


def add_note(user: User, report_id: UUID, text: str, *, request_id: UUID | None = None) -> None:
    """An internal note of someone who works on the report; the state stays."""
    with step(user, report_id, can=Can.VIEW_REPORTS, request_id=request_id) as doing:
        doing.event("note", note=text, internal=True)


def delete_report(user: User, report_id: UUID, reason: str) -> None:
    """Empty a report of its content and keep its id, so that a phone that sends it again is told.

    For a superuser, when something must not be kept. Raises `not_found`, `forbidden`.
    """
    with step(user, report_id) as doing:
        if not user.is_superuser:
            raise Problem("forbidden")
        report: Report = doing.report
        forget_requester(doing)
        doing.drop_field_check()
        doing.stop_clocks(ClockKind.values, cancelled=True)
        report.description, report.address, report.answers = "", "", {}
        report.deleted_at = doing.moment
        doing.event("delete", note=reason)
        lapse_requests(doing, "delete")


def reveal_requester(user: User, report_id: UUID, reason: str) -> dict[str, str]:
    """The requester's name and phone in full, for those who have to speak with them; the look is on record twice, in
    the history of the report for its readers and in the access log for the auditors.

    Raises `forbidden`, `not_found` when there is no requester.
    """
    with step(user, report_id) as doing:
        if not may_reveal_requester(user, doing.report):
            raise Problem("forbidden")
        requester = requester_of(doing.report)
        if requester is None:
            raise Problem("not_found")
        doing.event("reveal_requester", note=reason, internal=True)
        record_access(
            user,
            AccessKind.REVEAL,
            "requester",
            requester.pk,
            fields=["name", "phone"],
            reason=reason[:REASON_LENGTH],
            area_path=path_of(doing.report),
        )
    return {"name": requester.name, "phone": requester.phone}


def _end(doing: Step, kind: str, reason: str) -> None:
    doing.report.closed_at = doing.moment
    doing.stop_clocks([ClockKind.ACCEPT, ClockKind.DISPATCH], cancelled=kind == "void")
    doing.event(kind, note=reason)
    recall_unblown(doing, reason)
    lapse_requests(doing, kind)
    if doing.report.reporter is not None:
        doing.notify([doing.report.reporter], "report_refused", note=reason)
    main_ended(doing, f"main_{kind}", "report_refused", reason)
