"""When a colour's interval changes, the visits that are due by it move."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F

from households.models import Household, RiskLevel


def move_dues(level: RiskLevel, days: int) -> None:
    """Move what is due by this colour by `days`, one day's households at a time, in the order in which no two meet."""
    if not days:
        return
    due = Household.objects.filter(risk_level=level, next_visit_due__isnull=False, ended_at__isnull=True)
    order = F("next_visit_due").desc() if days > 0 else F("next_visit_due").asc()
    with transaction.atomic():
        for day in list(due.order_by(order).values_list("next_visit_due", flat=True).distinct()):
            assert day is not None  # filtered
            due.filter(next_visit_due=day).update(next_visit_due=day + timedelta(days=days))
