"""One report with everything on it, in a fixed number of queries."""

from uuid import UUID

from django.db.models import Prefetch, Q, prefetch_related_objects

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from reports.access import DETAIL_JOINS, acts_for, checks_of, deadlines_of, duties_of, has_duty, may, may_see
from reports.knowledge import count_for_report
from reports.models import ChangeRequest, Event, Photo, Report
from reports.models.vocabulary import FINAL, AssignmentRole

BOUNDARIES = tuple(f"{level}__geometry" for level in ("grid", "community", "street", "district"))
# As they were announced; the database promises no order of its own.
IN_ORDER = Prefetch("photos", queryset=Photo.objects.order_by("pk"))


def full_report(user: User, report_id: UUID) -> Report:
    """The report with `duties`, `calls`, `deadlines`, `checks`, `timeline`, `changes`, `merged_here`, `parts` and
    `knowledge_count` set, five queries beside its own, which brings those merged into it and split from it along.

    Internal notes are left out for those who do not work the area. Raises `not_found`.
    """
    rows = Report.objects.select_related(*DETAIL_JOINS, "merged_into", "split_from")
    family = rows.annotate(knowledge_count=count_for_report()).filter(
        Q(pk=report_id) | Q(merged_into=report_id) | Q(split_from=report_id)
    )
    linked = list(family.defer(*BOUNDARIES).order_by("received_at", "pk"))
    report = next((one for one in linked if one.pk == report_id), None)
    if report is None or not may_see(user, report):
        raise Problem("not_found")
    prefetch_related_objects([report], IN_ORDER)
    report.merged_here = [one for one in linked if one.merged_into_id == report_id]  # type: ignore[attr-defined]
    report.parts = [one for one in linked if one.split_from_id == report_id]  # type: ignore[attr-defined]
    works_area = may(user, Can.VIEW_REPORTS, report)
    timeline = report.events.select_related("actor", "unit", "change__asked_by", "change__decided_by").order_by("id")
    report.duties = duties_of(report)  # type: ignore[attr-defined]
    calls = report.whistles.select_related("calling_area", "calling_department").defer("calling_area__geometry")
    report.calls = list(calls.order_by("pk"))  # type: ignore[attr-defined]
    report.deadlines = deadlines_of(report)  # type: ignore[attr-defined]
    report.checks = checks_of(report)  # type: ignore[attr-defined]
    report.timeline = list(timeline if works_area else timeline.filter(internal=False))  # type: ignore[attr-defined]
    report.changes = _requests(report.timeline)  # type: ignore[attr-defined]
    return report


def _requests(timeline: list[Event]) -> list[ChangeRequest]:
    """The requests come with the events that asked for them, and so without a query of their own."""
    return list({event.change.pk: event.change for event in timeline if event.change is not None}.values())


def may_know_requester(user: User, report: Report) -> bool:
    """Who is shown the masked contact: the street, the callback clerks, and units with a duty on it."""
    return may(user, Can.DISPATCH_REPORT, report) or may(user, Can.CALL_BACK, report) or has_duty(user, report)


def may_reveal_requester(user: User, report: Report) -> bool:
    """Who may ask for it in full: the street, the callback clerks, and the lead's people while the matter is open."""
    if may(user, Can.DISPATCH_REPORT, report) or may(user, Can.CALL_BACK, report):
        return True
    leads = [duty for duty in duties_of(report) if duty.active and duty.role == AssignmentRole.LEAD]
    return report.status not in FINAL and any(acts_for(user, duty) for duty in leads)
