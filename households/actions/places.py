"""When the area tree changes under households and buildings."""

from typing import Any

from django.dispatch import receiver

from grids.models import Area
from grids.models.areas import LEVELS
from grids.signals import area_moved
from households.models import Building, Household


@receiver(area_moved)
def follow_move(sender: type[Area], area: Area, **kwargs: Any) -> None:
    """Put what lies in a moved area under its new ancestors, in the transaction of the move."""
    above = Area.objects.get_ancestors(area)
    changed = {f"{each.level}_id": each.pk for each in above if LEVELS.index(each.level) < LEVELS.index(area.level)}
    for model in (Building, Household):
        model._base_manager.filter(**{f"{area.level}_id": area.pk}).update(**changed)
