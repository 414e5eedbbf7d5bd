"""What a city may set for itself about clocks; the defaults stand here, a `ClockRule` row takes their place.

Keys are `<clock>` or `<clock>.<variant>`; the variant is a report's urgency, or the kind of a whistle or of an order.
"""

import time
from decimal import Decimal

from reports.limits import Limit, Unit
from reports.models import ClockRule

_H, _D = Unit.WORK_HOUR, Unit.WORK_DAY

DEFAULT_LIMITS: dict[str, tuple[str, Unit]] = {
    "accept": ("0.25", _H),
    "accept.urgent": ("0.25", Unit.URGENT_HOUR),
    "accept.emergency": ("0.25", Unit.URGENT_HOUR),
    "dispatch": ("0.25", _H),
    "dispatch.urgent": ("0.25", Unit.URGENT_HOUR),
    "dispatch.emergency": ("0.25", Unit.URGENT_HOUR),
    "field_check": ("0.5", _H),
    "field_check.urgent": ("0.5", Unit.URGENT_HOUR),
    "field_check.emergency": ("0.5", Unit.URGENT_HOUR),
    "approve": ("1", _H),
    "approve.urgent": ("0.5", Unit.URGENT_HOUR),
    "approve.emergency": ("0.5", Unit.URGENT_HOUR),
    "sign_for": ("2", _H),
    "sign_for.emergency": ("0.25", Unit.URGENT_HOUR),
    "report_in.routine": ("24", Unit.URGENT_HOUR),
    "report_in.tough": ("3", _D),
    "report_in.emergency": ("0.5", Unit.URGENT_HOUR),
    "review": ("1", _D),
    "callback": ("1", _D),
    "emergency_review": ("1", _D),
    "reply": ("1", _D),
    "reply.leader": ("4", _H),
    "reply.important": ("1", _D),
}

REFRESH_SECONDS = 5.0
_kept: tuple[float, dict[str, Limit]] | None = None


def _table() -> dict[str, Limit]:
    global _kept
    if _kept is None or time.monotonic() - _kept[0] > REFRESH_SECONDS:
        table = {key: Limit(Decimal(amount), unit) for key, (amount, unit) in DEFAULT_LIMITS.items()}
        for rule in ClockRule.objects.all():
            table[rule.key] = Limit(rule.amount, Unit(rule.unit))
        _kept = (time.monotonic(), table)
    return _kept[1]


def limit_for(kind: str, variant: str = "") -> Limit:
    """The limit of a clock; the plain rule serves where the variant has none of its own."""
    table = _table()
    return table.get(f"{kind}.{variant}") or table[kind]


def reset() -> None:
    """Forget what is kept in this process."""
    global _kept
    _kept = None
