"""In which order to go: always to the nearest household that is left.

Not the shortest of all ways (nobody walks better for a proof of it), but never absurd, and the same each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from grids.coordinates import distance_m
from households.models import Household


@dataclass(frozen=True)
class Leg:
    """A household and the metres to it from the one before; None for one that nobody knows the position of."""

    household: Household
    metres: float | None


def nearest_first(households: Sequence[Household], lng: float, lat: float) -> list[Leg]:
    """The households from a WGS-84 point on; those without a position come last, in the order they had."""
    left = {index: point for index, one in enumerate(households) if (point := position_of(one)) is not None}
    legs: list[Leg] = []
    here = (lng, lat)
    while left:
        # Doors of one building lie at one point: they stay in the order they had.
        metres, index = min((distance_m(*here, *point), index) for index, point in left.items())
        here = left.pop(index)
        legs.append(Leg(households[index], metres))
    return legs + [Leg(one, None) for one in households if position_of(one) is None]


def position_of(household: Household) -> tuple[float, float] | None:
    """Longitude and latitude of the household or of its building, WGS-84 degrees."""
    for place in (household, household.building):
        if place is not None and place.lng is not None and place.lat is not None:
            return place.lng, place.lat
    return None
