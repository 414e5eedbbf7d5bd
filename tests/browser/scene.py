"""`python -m tests.browser.scene`: the world of the tests, committed, with households due and a catalogue to search."""

import django

django.setup()

from datetime import timedelta  # noqa: E402

from django.db import transaction  # noqa: E402

from core.moment import now  # noqa: E402
from households.models import Household, RiskLevel  # noqa: E402
from reports.calendar import today  # noqa: E402
from tests import household_scenes  # noqa: E402
from tests.world import build, item  # noqa: E402

ITEMS = (
    "路灯损坏",
    "井盖缺失",
    "占道经营",
    "乱贴小广告",
    "树木倒伏",
    "燃气泄漏",
    "电梯困人",
    "污水外溢",
    "噪声扰民",
    "垃圾满溢",
)

if __name__ == "__main__":
    with transaction.atomic():
        world = build()
        for number, name in enumerate(ITEMS, 1):
            item(f"03-01-{number:03d}", name)
        homes = household_scenes.homes(world)
        yellow = RiskLevel.objects.get(code="yellow")
        Household.objects.filter(pk=homes.family).update(
            risk_level=yellow,
            last_visit_at=now() - timedelta(days=33),
            next_visit_due=today() - timedelta(days=3),
        )
        Household.objects.filter(pk=homes.house).update(next_visit_due=today())
