"""What buildings and households share: a grid, and one column per level above it."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from grids.models import Area


def _area(name: Any) -> Any:
    # Indexed together with the order of the lists by each model.
    return models.ForeignKey(Area, related_name="+", on_delete=models.PROTECT, db_index=False, verbose_name=name)


class Placed(models.Model):
    """A row in a grid; the columns of the levels above let every list start from an index on its node."""

    city = _area(_("city"))
    district = _area(_("district"))
    street = _area(_("street"))
    community = _area(_("community"))
    grid = _area(_("grid"))

    class Meta:
        abstract = True

    @property
    def place(self) -> dict[str, int]:
        """The ids by column, to compare and to copy."""
        return {name: getattr(self, name) for name in PLACE_COLUMNS}

    def put_at(self, ids: Mapping[str, int]) -> None:
        """Set the columns from the area ids by level, as `grids.locating` gives them."""
        for name in PLACE_COLUMNS:
            setattr(self, name, ids[name.removesuffix("_id")])


PLACE_COLUMNS = ("city_id", "district_id", "street_id", "community_id", "grid_id")
