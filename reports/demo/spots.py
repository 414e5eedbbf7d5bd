"""Where and when things happen in the demonstration."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from grids.models import Area
from reports.actions.submit import LOCAL
from reports.calendar import working_calendar

METRES_PER_DEGREE = 111_320.0
HOT_SPOTS_PER_STREET = 8
HOT_SHARE = 0.15
HOT_METRES = 25.0
# How likely each hour of the day is: a morning and an afternoon peak, little at noon, next to nothing at night.
HOUR_WEIGHTS = (1, 1, 1, 1, 1, 2, 6, 22, 70, 100, 95, 60, 18, 25, 70, 90, 75, 45, 25, 18, 12, 7, 4, 2)
DAY_OFF_WEIGHT = 0.35


@dataclass(frozen=True)
class Spot:
    """A point in a grid, degrees WGS-84; `item` is what keeps happening there, if anything does."""

    grid: Area
    lng: float
    lat: float
    item: str = ""


class Spots:
    """Random points inside grids. Grids weigh by nothing but their number: they were cut to hold alike many homes."""

    def __init__(self, grids: Sequence[Area]) -> None:
        self.grids = list(grids)
        self._shapes: dict[int, BaseGeometry] = {}

    def inside(self, dice: random.Random, grid: Area) -> Spot:
        """A point inside the grid."""
        boundary = self._shape(grid)
        west, south, east, north = boundary.bounds
        for _ in range(500):
            point = Point(dice.uniform(west, east), dice.uniform(south, north))
            if boundary.contains(point):
                return Spot(grid, round(point.x, 6), round(point.y, 6))
        point = boundary.representative_point()
        return Spot(grid, round(point.x, 6), round(point.y, 6))

    def anywhere(self, dice: random.Random) -> Spot:
        return self.inside(dice, dice.choice(self.grids))

    def near(self, dice: random.Random, spot: Spot) -> Spot:
        """A point a few metres from a hot spot, in the same grid; the spot itself where that cannot be had."""
        lng, lat = moved(spot.lng, spot.lat, dice.uniform(0, HOT_METRES), dice.uniform(0, 2 * math.pi))
        if not self._shape(spot.grid).contains(Point(lng, lat)):
            lng, lat = spot.lng, spot.lat
        return Spot(spot.grid, lng, lat, spot.item)

    def _shape(self, grid: Area) -> BaseGeometry:
        if grid.pk not in self._shapes:
            self._shapes[grid.pk] = shape(grid.geometry)
        return self._shapes[grid.pk]


def moved(lng: float, lat: float, metres: float, direction: float) -> tuple[float, float]:
    """The point so many metres away, direction in radians from the east; good for some hundred metres."""
    north = metres * math.sin(direction) / METRES_PER_DEGREE
    east = metres * math.cos(direction) / (METRES_PER_DEGREE * math.cos(math.radians(lat)))
    return round(lng + east, 6), round(lat + north, 6)


def draw_times(dice: random.Random, count: int, start: datetime, end: datetime) -> list[datetime]:
    """`count` moments between start and end, fewer on days off and most in the hours of work."""
    calendar = working_calendar()
    first = start.astimezone(LOCAL).replace(minute=0, second=0, microsecond=0)
    hours, weights = [], []
    hour = first
    while hour < end:
        day_weight = 1.0 if calendar.is_working_day(hour.date()) else DAY_OFF_WEIGHT
        hours.append(hour)
        weights.append(day_weight * HOUR_WEIGHTS[hour.hour])
        hour += timedelta(hours=1)
    drawn = [hour + timedelta(seconds=dice.uniform(0, 3600)) for hour in dice.choices(hours, weights=weights, k=count)]
    latest = end - timedelta(minutes=1)
    return sorted(min(max(moment, start), latest) for moment in drawn)
