"""One report with everything on it, in a fixed number of queries."""

from uuid import UUID

from django.db.models import Prefetch

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from reports.access import DETAIL_JOINS, duties_of, has_duty, may, may_see
from reports.models import Photo, Report

# As they were announced; the database promises no order of its own.
IN_ORDER = Prefetch("photos", queryset=Photo.objects.order_by("pk"))


def full_report(user: User, report_id: UUID) -> Report:
    """The report with `duties`, `calls`, `deadlines` and `timeline` set, five queries beside its own.

    Internal notes are left out for those who do not work the area. Raises `not_found`.
    """
    report = Report.objects.select_related(*DETAIL_JOINS).prefetch_related(IN_ORDER).filter(pk=report_id).first()
    if report is None or not may_see(user, report):
        raise Problem("not_found")
    works_area = may(user, Can.VIEW_REPORTS, report)
    timeline = report.events.select_related("actor", "unit").order_by("id")
    report.duties = duties_of(report)  # type: ignore[attr-defined]
    calls = report.whistles.select_related("calling_area", "calling_department").defer("calling_area__geometry")
    report.calls = list(calls.order_by("pk"))  # type: ignore[attr-defined]
    report.deadlines = list(report.clocks.order_by("pk"))  # type: ignore[attr-defined]
    report.timeline = list(timeline if works_area else timeline.filter(internal=False))  # type: ignore[attr-defined]
    return report


def may_know_requester(user: User, report: Report) -> bool:
    """Those who deal with the matter: its street, the callback clerks, and units with a duty on it."""
    return may(user, Can.DISPATCH_REPORT, report) or may(user, Can.CALL_BACK, report) or has_duty(user, report)
