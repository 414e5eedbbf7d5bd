"""登记 A household is registered, and its file is edited."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.roles import Can
from core.moment import now
from core.problems import Problem
from households.access import get_household
from households.actions.comparing import changes, told
from households.actions.frame import Doing, changing, check_version
from households.actions.marks import set_marks
from households.actions.placing import DOOR_FIELDS, Place, place_for, position_columns
from households.models import CareMark, Household, Resident
from households.models.placed import PLACE_COLUMNS
from households.models.vocabulary import EventKind, HouseholdKind, Occupancy

# Fields whose old and new values may stand in the history.
PLAIN = frozenset({"occupancy", "kind", "code", "building_id", "grid_id"})
MOVES = frozenset({"building_id", "unit", "room", "address", "grid_id"})


def put_household(
    user: User, household_id: UUID, said: Mapping[str, Any], *, version: int | None = None
) -> tuple[Household, bool]:
    """Register a household under an id of the client's own, or edit it; returns it and whether it is new.

    `said` holds building, unit, room (or grid and address), position, occupancy, kind, code, tags; what is left out
    stays. The same again changes nothing; a change names the version it saw. Raises what `place_for` and `changing`
    raise, `household_differs`, `door_taken`, `code_in_use`, `unknown_tag`, `not_vacant`.
    """
    if not Household.objects.filter(pk=household_id).exists():
        place = place_for(user, said)
        try:
            with transaction.atomic():
                return _registered(user, household_id, place, said), True
        except (IntegrityError, Problem) as exc:
            # Sent twice at once: the other one was first (and is behind the door), and is found now.
            if not Household.objects.filter(pk=household_id).exists():
                raise exc if isinstance(exc, Problem) else collision(place, said.get("code")) from exc
    with transaction.atomic():
        return _edited(user, household_id, said, version), False


def new_household(household_id: UUID, user: User, place: Place, **columns: Any) -> Household:
    """A row to be saved, at this place and moment; `columns` sets the rest."""
    moment = now()
    household = Household(
        pk=household_id,
        door_hash=place.door.hash(),
        created_at=moment,
        created_by=user,
        changed_at=moment,
        **place.columns(),
        **columns,
    )
    household.code = household.code or household_code(household_id)
    return household


def household_code(household_id: UUID) -> str:
    """A number for people, from 60 bits of the id, so that no counter is locked by every registration."""
    digest = hashlib.blake2b(household_id.bytes, digest_size=8).digest()
    return "H" + base64.b32encode(digest).decode()[:12]


def check_door(place: Place, besides: UUID | None = None) -> None:
    """Raise `door_taken` if a household is behind the door, whichever key its hash was made with."""
    there = Household.objects.filter(door_hash__in=place.door.hashes(), ended_at__isnull=True)
    if besides is not None:
        there = there.exclude(pk=besides)
    taken = there.values_list("pk", flat=True).first()
    if taken is not None:
        raise Problem("door_taken", "room" if place.door.building else "address", household=str(taken))


def collision(place: Place, code: str | None) -> Problem:
    """What stood against a row that could not be written."""
    if code and Household.objects.filter(code=code).exists():
        return Problem("code_in_use", "code")
    return Problem("door_taken", "room" if place.door.building else "address")


def _registered(user: User, household_id: UUID, place: Place, said: Mapping[str, Any]) -> Household:
    check_door(place)
    household = new_household(
        household_id,
        user,
        place,
        code=said.get("code", ""),
        occupancy=said.get("occupancy", Occupancy.OWNER),
        kind=said.get("kind", HouseholdKind.FAMILY),
        **position_columns(said),
    )
    household.save(force_insert=True)
    marked = set_marks(household, None, said["tags"]) if said.get("tags") else {}
    Doing(household, user, household.created_at).event(EventKind.CREATE, occupancy=household.occupancy, **marked)
    return household


def _edited(user: User, household_id: UUID, said: Mapping[str, Any], version: int | None) -> Household:
    household = get_household(user, household_id, Can.EDIT_HOUSEHOLDS, lock=True)
    place, changed = _wanted(user, household, said)
    tags_differ = "tags" in said and set(said["tags"]) != _tags(household)
    if not changed and not tags_differ:
        return household
    if version is None:
        raise Problem("household_differs")
    check_version(household, version)
    with changing(user, household_id) as doing:
        _apply(doing, place, changed, said["tags"] if tags_differ else None)
        try:
            with transaction.atomic():
                doing.save()
        except IntegrityError as exc:
            raise collision(place or place_of(household), changed.get("code")) from exc
        return doing.household


def _wanted(user: User, household: Household, said: Mapping[str, Any]) -> tuple[Place | None, dict[str, Any]]:
    place = place_for(user, said, household) if any(name in said for name in DOOR_FIELDS) else None
    columns = place.columns() if place else {}
    columns |= {name: said[name] for name in ("occupancy", "kind") if name in said}
    if said.get("code"):
        columns["code"] = said["code"]
    return place, changes(household, columns | position_columns(said))


def _apply(doing: Doing, place: Place | None, changed: dict[str, Any], tags: list[str] | None) -> None:
    household = doing.household
    if changed.get("occupancy") == Occupancy.VACANT and lives_here(household):
        raise Problem("not_vacant", "occupancy")
    moved = place is not None and bool(MOVES & set(changed))
    if place is not None and moved:
        check_door(place, besides=household.pk)
        household.door_hash = place.door.hash()
    said = {name: value for name, value in changed.items() if name not in PLACE_COLUMNS or name == "grid_id"}
    data = told(household, said, PLAIN) if changed else {"fields": []}
    for name, value in changed.items():
        setattr(household, name, value)
    if tags is not None:
        data |= set_marks(household, None, tags)
    doing.raise_version()
    doing.event(EventKind.RELOCATE if moved else EventKind.EDIT, **data)


def place_of(household: Household) -> Place:
    """Where a household is."""
    return Place(household.door, household.place)


def lives_here(household: Household) -> bool:
    """Whether anybody is registered behind the door."""
    return Resident.objects.filter(household=household, moved_out__isnull=True).exists()


def _tags(household: Household) -> set[str]:
    marks = CareMark.objects.filter(household=household, resident__isnull=True)
    return set(marks.values_list("tag__code", flat=True))
