"""A month of the demonstration's streets, from its first midnight to its last."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random

from core.moment import moved_to
from reports.actions.submit import LOCAL
from reports.demo.company import Company
from reports.demo.matters import World
from reports.demo.past import act_out
from reports.demo.pictures import Pictures
from reports.demo.plans import draw_month
from reports.demo.stage import Stage


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last, Asia/Shanghai."""
    return (
        datetime.combine(first, time(), LOCAL),
        datetime.combine(last + timedelta(days=1), time(), LOCAL),
    )


def live_month(
    first: date, last: date, per_day: float, seed: int, lived: Callable[[datetime], None]
) -> tuple[str, ...]:
    """Live it; `lived` hears how far it has come. Returns the acts that the rules refused; there should be none.

    The same seed tells the same story. Needs the demonstration's places and people.
    """
    start, end = bounds(first, last)
    with moved_to(start):
        plans = draw_month(Company(), per_day, start, end, seed)
    with moved_to(end):
        stage = Stage(end)
        # All photos share drawings: a month is about deadlines.
        world = World(stage, Company(), Pictures(Random(seed + 1), own_from=end))  # noqa: S311
        act_out(world, plans, seed)
        stage.run(lived)
    return tuple(stage.refused)
