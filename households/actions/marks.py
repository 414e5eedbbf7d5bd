"""Care tags on a household or on one of its residents."""

from collections.abc import Iterable
from typing import Any

from core.problems import Problem
from households.models import CareMark, CareTag, Household, Resident


def set_marks(household: Household, resident: Resident | None, codes: Iterable[str]) -> dict[str, Any]:
    """Make these the tags; answers what changed, for the event. A tag no longer in use may stay and not be added.

    Raises `unknown_tag`.
    """
    wanted = set(codes)
    marks = CareMark.objects.filter(household=household, resident=resident).select_related("tag")
    there = {mark.tag.code: mark.pk for mark in marks}
    added = wanted - set(there)
    tags = list(CareTag.objects.filter(code__in=added, is_active=True)) if added else []
    if len(tags) < len(added):
        raise Problem("unknown_tag", "tags")
    removed = set(there) - wanted
    if removed:
        CareMark.objects.filter(pk__in=[there[code] for code in removed]).delete()
    if tags:
        CareMark.objects.bulk_create(CareMark(household=household, resident=resident, tag=tag) for tag in tags)
    if not added and not removed:
        return {}
    return {"tags_added": sorted(added), "tags_removed": sorted(removed)}
