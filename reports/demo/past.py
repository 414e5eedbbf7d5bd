"""The last weeks of the demonstration's streets, lived through the real actions."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from core.moment import now
from reports.clocks import light_at
from reports.demo.calls import CalledMatter
from reports.demo.company import Company
from reports.demo.matters import World
from reports.demo.pictures import Pictures
from reports.demo.plans import Plan, draw_plans
from reports.demo.stage import Stage
from reports.demo.watch import Watch
from reports.models import Event, Photo, Report, SupervisionOrder, Whistle

# Photos of the last days are drawn and received one by one, as a phone's; at most about this many.
OWN_PHOTOS = 240
PHOTOS_PER_REPORT = 1.6
RECENT_DAYS = 3


@dataclass(frozen=True)
class Past:
    """What was lived: numbers of rows, of reports by state and of open reports by light, and acts refused."""

    reports: int
    events: int
    whistles: int
    orders: int
    photos: int
    by_status: Counter[str] = field(default_factory=Counter)
    by_light: Counter[str] = field(default_factory=Counter)
    refused: tuple[str, ...] = ()


ALL, RECENT, OLDER = "all", "recent", "older"


def load_past(
    count: int,
    days: int,
    seed: int,
    lived: Callable[[datetime], None],
    end: datetime | None = None,
    part: str = ALL,
) -> Past:
    """Live `count` reports over the `days` before `end` (default: now). The same seed and end tell the same story.

    `part` is all of it, or only the recent days, or only those before, so that a server need not wait for the latter.
    """
    end = end or now()
    company = Company()
    plans = draw_plans(company, count, days, end, seed)
    recent = round(OWN_PHOTOS / PHOTOS_PER_REPORT)
    own_from = plans[-recent].at if len(plans) > recent else end - timedelta(days=days)
    recent_from = plans[-min(round(count * RECENT_DAYS / days) + 1, len(plans))].at
    stage = Stage(
        end,
        since=recent_from if part == RECENT else None,
        before=recent_from if part == OLDER else None,
        gentle=part == OLDER,
    )
    world = World(stage, company, Pictures(Random(seed + 1), own_from))  # noqa: S311
    act_out(world, [plan for plan in plans if stage.owns(plan.at)], seed)
    stage.run(lived)
    return _told(end, tuple(stage.refused))


def act_out(world: World, plans: list[Plan], seed: int) -> None:
    """Put these lives on the stage, and the watch beside them."""
    for plan in plans:
        world.stage.begin(CalledMatter(world, plan).carry_out(), plan.at)
    if plans:
        world.stage.begin(Watch(world, Random(seed + 2)).carry_out(), plans[0].at)  # noqa: S311


def _told(end: datetime, refused: tuple[str, ...]) -> Past:
    rows = Report.objects.values_list("status", "due_at", "yellow_at")
    return Past(
        reports=Report.objects.count(),
        events=Event.objects.count(),
        whistles=Whistle.objects.count(),
        orders=SupervisionOrder.objects.count(),
        photos=Photo.objects.filter(received_at__isnull=False).count(),
        by_status=Counter(status for status, _, _ in rows),
        by_light=Counter(light for _, due, yellow in rows if (light := light_at(due, yellow, end))),
        refused=refused,
    )
