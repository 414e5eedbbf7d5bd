"""One report with everything on it, in a fixed number of queries."""

from uuid import UUID

from django.db.models import Prefetch

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from reports.access import DETAIL_JOINS, acts_for, duties_of, has_duty, may, may_see
from reports.knowledge import count_for_report
from reports.models import Photo, Report
from reports.models.vocabulary import FINAL, AssignmentRole

# As they were announced; the database promises no order of its own.
IN_ORDER = Prefetch("photos", queryset=Photo.objects.order_by("pk"))


def full_report(user: User, report_id: UUID) -> Report:
    """The report with `duties`, `calls`, `deadlines`, `timeline` and `knowledge_count` set.

    Five queries beside its own. Internal notes are left out for those who do not work the area. Raises `not_found`.
    """
    rows = Report.objects.select_related(*DETAIL_JOINS).prefetch_related(IN_ORDER)
    report = rows.annotate(knowledge_count=count_for_report()).filter(pk=report_id).first()
    if report is None or not may_see(user, report):
        raise Problem("not_found")
    works_area = may(user, Can.VIEW_REPORTS, report)
    timeline = report.events.select_related("actor", "unit").order_by("id")
    report.duties = duties_of(report)  # type: ignore[attr-defined]
    report.calls = list(report.whistles.select_related("calling_area").order_by("pk"))  # type: ignore[attr-defined]
    report.deadlines = list(report.clocks.order_by("pk"))  # type: ignore[attr-defined]
    report.timeline = list(timeline if works_area else timeline.filter(internal=False))  # type: ignore[attr-defined]
    return report


def may_know_requester(user: User, report: Report) -> bool:
    """Who is shown the masked contact: the street, the callback clerks, and units with a duty on it."""
    return may(user, Can.DISPATCH_REPORT, report) or may(user, Can.CALL_BACK, report) or has_duty(user, report)


def may_reveal_requester(user: User, report: Report) -> bool:
    """Who may ask for it in full: the street, the callback clerks, and the lead's people while the matter is open."""
    if may(user, Can.DISPATCH_REPORT, report) or may(user, Can.CALL_BACK, report):
        return True
    leads = [duty for duty in duties_of(report) if duty.active and duty.role == AssignmentRole.LEAD]
    return report.status not in FINAL and any(acts_for(user, duty) for duty in leads)
