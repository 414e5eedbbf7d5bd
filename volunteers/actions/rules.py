"""Credit rules begin and end; their numbers never change, or the past would be counted anew."""

from datetime import date

from django.db import transaction
from django.db.models import Q

from core.moment import now
from core.problems import Problem
from volunteers.actions.credits import local_date
from volunteers.models import CreditRule


@transaction.atomic
def begin_rule(
    *, kind: str, per: str, points: int, daily_cap: int | None, valid_from: date, valid_to: date | None = None
) -> CreditRule:
    """A rule from today or later. Raises `rule_in_past`, `rule_order`, `rule_overlaps`."""
    if valid_from < local_date(now()):
        raise Problem("rule_in_past", "valid_from")
    if valid_to is not None and valid_to < valid_from:
        raise Problem("rule_order", "valid_to")
    _check_free(kind, per, valid_from, valid_to)
    return CreditRule.objects.create(
        kind=kind, per=per, points=points, daily_cap=daily_cap, valid_from=valid_from, valid_to=valid_to
    )


@transaction.atomic
def end_rule(rule: CreditRule, valid_to: date | None) -> CreditRule:
    """Set or lift the last day, which is today or later. Raises `rule_in_past`, `rule_order`, `rule_overlaps`."""
    row = CreditRule.objects.select_for_update().get(pk=rule.pk)
    today = local_date(now())
    if (valid_to is not None and valid_to < today) or (row.valid_to is not None and row.valid_to < today):
        raise Problem("rule_in_past", "valid_to")
    if valid_to is not None and valid_to < row.valid_from:
        raise Problem("rule_order", "valid_to")
    _check_free(row.kind, row.per, row.valid_from, valid_to, besides=row.pk)
    row.valid_to = valid_to
    row.save(update_fields=["valid_to"])
    return row


def _check_free(kind: str, per: str, start: date, end: date | None, besides: int = 0) -> None:
    # Locked, so that two new rules of a kind do not slip in beside each other.
    same = CreditRule.objects.select_for_update().filter(kind=kind, per=per).exclude(pk=besides)
    meeting = same.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=start))
    if end is not None:
        meeting = meeting.filter(valid_from__lte=end)
    if meeting.exists():
        raise Problem("rule_overlaps", "valid_from")
