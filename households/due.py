"""When a household is to be visited next: its last visit and the interval of its colour, in days of Asia/Shanghai."""

from datetime import date, timedelta

from households.models import Household, RiskLevel
from reports.calendar import local_date


def due_of(household: Household) -> date | None:
    """The day by which the next visit is due; None for an ended household and one without a colour.

    One never visited is reckoned from its registration.
    """
    level: RiskLevel | None = household.risk_level
    if level is None or not household.active:
        return None
    return local_date(household.last_visit_at or household.created_at) + timedelta(days=level.visit_days)
