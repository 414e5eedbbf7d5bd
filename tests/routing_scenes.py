"""Routing rules for tests: what they give a matter to, one made and switched on, and a report accepted under it."""

from typing import Any
from zoneinfo import ZoneInfo

from accounts.actions.departments import change_department
from grids.models import Area
from reports.actions.dispatch import Target
from reports.actions.routing import RuleContent, create_rule, switch_on
from reports.models import Report, RoutingRule
from tests import scenes
from tests.world import World

LOCAL = ZoneInfo("Asia/Shanghai")
LEAD = Target("lead", department="YTJD-CG")
WORKER = Target("lead", assignee="zhao")
OUTSIDE = Target("lead", department="SWJT")


def rule(world: World, who: str = "wang", *, on: bool = True, at: Area | None = None, **said: Any) -> RoutingRule:
    """A rule of the street (or `at`), switched on."""
    content = {"name": "规则", "conditions": {}, "targets": [LEAD], "mode": "automatic", **said}
    made = create_rule(world[who], at or world.street, RuleContent(**content))
    return switch_on(world[who], made.pk, version=made.version) if on else made


def accept(world: World, name: str = "wang", **changes: Any) -> Report:
    return Report.objects.get(pk=scenes.accepted(world, **changes).report)


def close(world: World, which: str, **changes: Any) -> None:
    department = world.departments[which]
    change_department(department, **{"name": department.name, "is_active": False, **changes})
