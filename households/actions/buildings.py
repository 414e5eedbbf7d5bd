"""Buildings are registered and edited; their households lie where they lie."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from accounts.roles import Can
from core.moment import now
from core.problems import Problem
from households.access import demand, get_building, may
from households.actions.comparing import changes
from households.actions.counting import keep_counts, standing_of
from households.actions.frame import Doing, check_version
from households.actions.placing import grid_columns, position_columns
from households.actions.residents import tidy_phone
from households.models import Building, Household
from households.models.vocabulary import EventKind

AS_SAID = ("estate", "number", "units", "floors", "head_name", "party_group", "is_active")
MASKED = ("head_name", "head_phone")
# What rows of its households say of a building.
SHOWN = frozenset({"estate", "number", "lng", "lat"})


def put_building(
    user: User, building_id: UUID, said: Mapping[str, Any], *, version: int | None = None
) -> tuple[Building, bool]:
    """Register a building under an id of the client's own, or edit it; returns it and whether it is new.

    `said` holds grid (its code), estate, number, units, floors, position, head_name, head_phone, party_group,
    is_active; what is left out stays. The same again changes nothing; a change names the version it saw. Moved to
    another grid, it takes its households along. Raises `not_found`, `forbidden`, `unknown_grid`, `grid_missing`,
    `building_taken`, `building_differs`, `stale_version`, `building_in_use`, `masked_value`.
    """
    if not Building.objects.filter(pk=building_id).exists():
        try:
            with transaction.atomic():
                return _registered(user, building_id, said), True
        except IntegrityError as exc:
            # Sent twice at once: the other one was first, and is found now.
            if not Building.objects.filter(pk=building_id).exists():
                raise Problem("building_taken", "number") from exc
    with transaction.atomic():
        return _edited(user, building_id, said, version), False


def _registered(user: User, building_id: UUID, said: Mapping[str, Any]) -> Building:
    if not said.get("grid"):
        raise Problem("grid_missing", "grid")
    for name in ("estate", "number"):
        if not said.get(name):
            raise Problem("invalid", name)
    building = Building(pk=building_id, **_columns(user, said))
    building.save(force_insert=True)
    return building


def _edited(user: User, building_id: UUID, said: Mapping[str, Any], version: int | None) -> Building:
    building = get_building(user, building_id, Can.EDIT_HOUSEHOLDS, lock=True)
    changed = changes(building, _columns(user, said))
    if not changed:
        return building
    if version is None:
        raise Problem("building_differs")
    check_version(building, version)
    if changed.get("is_active") is False and building.households.filter(ended_at__isnull=True).exists():
        raise Problem("building_in_use", "is_active")
    before = building.grid_id
    for name, value in changed.items():
        setattr(building, name, value)
    building.version += 1
    try:
        with transaction.atomic():
            building.save()
    except IntegrityError as exc:
        raise Problem("building_taken", "number") from exc
    if building.grid_id != before:
        _take_along(user, building, before)
    elif SHOWN & set(changed):
        _tell_households(building)
    return building


def _columns(user: User, said: Mapping[str, Any]) -> dict[str, Any]:
    for name in MASKED:
        if "*" in (said.get(name) or ""):
            raise Problem("masked_value", name)
    columns: dict[str, Any] = {name: said[name] for name in AS_SAID if name in said}
    if "head_phone" in said:
        columns["head_phone"] = tidy_phone(said["head_phone"])
    if said.get("grid"):
        areas = grid_columns(said["grid"])
        demand(may(user, Can.EDIT_HOUSEHOLDS, Building(**areas)), "grid")
        columns |= areas
    return columns | position_columns(said)


def _tell_households(building: Building) -> None:
    """Whoever keeps their rows is to hear that they read differently now."""
    here = Household.objects.filter(building=building, ended_at__isnull=True)
    held = list(here.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    here.filter(pk__in=held).update(changed_at=now())


def _take_along(user: User, building: Building, before: int) -> None:
    """Put the households of the building where it lies now, with an event each; ended ones stay where they were."""
    rows = Household.objects.select_for_update(of=("self",)).filter(building=building, ended_at__isnull=True)
    moment = now()
    data: Any = {"fields": ["grid_id"], "changes": {"grid_id": [before, building.grid_id]}}
    households = list(rows.order_by("pk"))
    stood = [standing_of(household) for household in households]
    rows.update(**building.place, version=F("version") + 1, changed_at=moment)
    for household in households:
        household.put_at({name.removesuffix("_id"): pk for name, pk in building.place.items()})
        Doing(household, user, moment).event(EventKind.RELOCATE, **data)
    keep_counts(zip(stood, map(standing_of, households), strict=True))
