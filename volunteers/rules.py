"""The credit rules a new installation begins with: defaults to be adjusted, as data in `CreditRule` from then on."""

from datetime import date
from typing import Any

from volunteers.models import CreditRule
from volunteers.models.vocabulary import CreditEvent, CreditPer, ServiceKind

SINCE = date(2020, 1, 1)
# Kind, per, points, at most a day.
DEFAULTS: tuple[tuple[str, str, int, int | None], ...] = (
    (ServiceKind.EMERGENCY, CreditPer.HOUR, 3, 24),
    (ServiceKind.PATROL, CreditPer.HOUR, 2, 8),
    (ServiceKind.CARE, CreditPer.HOUR, 2, 8),
    (ServiceKind.ENVIRONMENT, CreditPer.HOUR, 2, 8),
    (ServiceKind.MEDIATION, CreditPer.TIME, 5, 15),
    (ServiceKind.PUBLICITY, CreditPer.HOUR, 2, 8),
    (ServiceKind.CULTURE, CreditPer.HOUR, 1, 4),
    (ServiceKind.OTHER, CreditPer.HOUR, 1, 4),
    (CreditEvent.REGISTERED, CreditPer.TIME, 10, None),
    (CreditEvent.ON_CALL, CreditPer.TIME, 2, 6),
)


def ship_defaults(**kwargs: Any) -> None:
    """Fill the table while it is empty; runs after every migrate."""
    if not CreditRule.objects.exists():
        CreditRule.objects.bulk_create(
            CreditRule(kind=kind, per=per, points=points, daily_cap=cap, valid_from=SINCE)
            for kind, per, points, cap in DEFAULTS
        )
