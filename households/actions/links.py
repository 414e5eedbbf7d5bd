"""Reports are linked to the households they concern."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from households.access import get_household
from households.actions.frame import Doing, changing
from households.models import Household, HouseholdReport
from households.models.vocabulary import EventKind
from reports.access import get_report, visible_reports
from reports.models import Report


def link_report(user: User, household_id: UUID, report_id: UUID) -> Household:
    """Say that a report the person sees concerns the household; saying it again changes nothing."""
    with changing(user, household_id) as doing:
        link(doing, get_report(user, report_id))
        return doing.household


def link(doing: Doing, report: Report) -> None:
    """Within a step on the household: a follow-up report of a visit, say."""
    actor: Any = doing.actor
    _row, new = HouseholdReport.objects.get_or_create(
        household=doing.household, report=report, defaults={"linked_by": actor, "linked_at": doing.moment}
    )
    if new:
        doing.event(EventKind.LINK_REPORT, report=str(report.pk))


def unlink_report(user: User, household_id: UUID, report_id: UUID) -> Household:
    """Take the statement back; taking it back again changes nothing."""
    with changing(user, household_id) as doing:
        report = get_report(user, report_id)
        gone, _rows = HouseholdReport.objects.filter(household=doing.household, report=report).delete()
        if gone:
            doing.event(EventKind.UNLINK_REPORT, report=str(report.pk))
        return doing.household


def reports_of(user: User, household_id: UUID) -> QuerySet[Report]:
    """The linked reports that the person sees as reports. Raises `not_found`."""
    household = get_household(user, household_id)
    return visible_reports(user).filter(household_links__household=household)
