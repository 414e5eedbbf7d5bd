"""How many households of a grid have which colour, kept by every step that changes it.

Counts are raised and lowered in place, in the order of grids and colours, so that steps beside each other neither lose
a count nor wait for each other in a circle.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, F

from households.models import GridColour, Household


class Standing(NamedTuple):
    """What of a household is counted: the grid, and the colours in effect and last confirmed."""

    grid: int
    level: int | None
    confirmed: int | None


def standing_of(household: Household) -> Standing | None:
    """None for one that has ended."""
    if not household.active:
        return None
    return Standing(household.grid_id, household.risk_level_id, household.confirmed_level_id)


def keep_counts(changes: Iterable[tuple[Standing | None, Standing | None]]) -> None:
    """Count households from where they stood to where they stand, inside the transaction of the step."""
    shifts: Counter[tuple[int, int, str]] = Counter()
    for before, after in changes:
        for standing, by in ((before, -1), (after, 1)):
            if standing is None:
                continue
            if standing.level is not None:
                shifts[standing.grid, standing.level, "households"] += by
            if standing.confirmed is not None:
                shifts[standing.grid, standing.confirmed, "confirmed"] += by
    for grid, level in sorted({(grid, level) for (grid, level, _of), by in shifts.items() if by}):
        moved = {name: F(name) + shifts[grid, level, name] for name in ("households", "confirmed")}
        rows = GridColour.objects.filter(grid_id=grid, level_id=level)
        if not rows.update(**moved):
            # Another step may make the same row at this moment; one of the two is kept, both are counted.
            GridColour.objects.bulk_create([GridColour(grid_id=grid, level_id=level)], ignore_conflicts=True)
            rows.update(**moved)


def derived(grid: int | None = None) -> dict[tuple[int, int], tuple[int, int]]:
    """(grid, level) → (in effect, confirmed), counted from the households themselves, of one grid or of all."""
    active = Household.objects.filter(ended_at__isnull=True).order_by()
    if grid is not None:
        active = active.filter(grid_id=grid)
    found: dict[tuple[int, int], list[int]] = {}
    for index, name in enumerate(("risk_level_id", "confirmed_level_id")):
        rows = active.exclude(**{name: None}).values_list("grid_id", name).annotate(number=Count("pk"))
        for of, level, number in rows:
            found.setdefault((of, level), [0, 0])[index] = number
    return {key: (numbers[0], numbers[1]) for key, numbers in found.items()}


def recount() -> int:
    """Put right what is kept; returns how many rows were wrong.

    The rows of a grid are held while its households are counted, so a step beside it is counted once, before or after.
    """
    wrong = 0
    kept = GridColour.objects.order_by("grid_id", "level_id")
    for grid in sorted({grid for grid, _level in derived()} | set(kept.values_list("grid_id", flat=True))):
        with transaction.atomic():
            # Made if missing, so that there is something to hold.
            missing = [GridColour(grid_id=of, level_id=level) for of, level in sorted(derived(grid))]
            GridColour.objects.bulk_create(missing, ignore_conflicts=True)
            rows = list(kept.filter(grid_id=grid).select_for_update())
            counts = derived(grid)
            for row in rows:
                numbers = counts.get((grid, row.level_id), (0, 0))
                if (row.households, row.confirmed) != numbers:
                    row.households, row.confirmed = numbers
                    row.save(update_fields=["households", "confirmed"])
                    wrong += 1
    return wrong
