"""The grids the caller works, with their boundaries."""

from typing import Any

from field.api.output import SyncGrid
from field.person import Person
from field.sections.found import Found, given_out
from grids.locating import full_name
from grids.models import Area


def grids(person: Person) -> Found:
    """No query beside the places above, which the caller brings; one for the boundaries."""

    def rows() -> list[Any]:
        boundaries = dict(Area.objects.filter(pk__in=person.grid_ids).values_list("pk", "geometry"))
        found = []
        for grid in person.grids:
            above = {level: person.above(grid, level) for level in ("district", "street", "community")}
            found.append(
                {
                    "code": grid.code,
                    "name": grid.name,
                    "full_name": full_name(grid.name, [place.name for place in above.values()]),
                    "kind": grid.kind,
                    **above,
                    "geometry": boundaries[grid.pk],
                    "in_charge": grid.pk in person.in_charge,
                }
            )
        return given_out(SyncGrid, found)

    return Found(names_of(person), rows)


def names_of(person: Person) -> list[list[Any]]:
    """What is shown of the grids held and of the places above them; a boundary tells by its time."""
    levels = ("district", "street", "community", "grid")
    return [[grid.pk in person.in_charge, *(person.above(grid, level) for level in levels)] for grid in person.grids]
