"""Households move in and out, are split and merged. Each leaves its history on every household it concerns."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from households.access import get_household
from households.actions import colours
from households.actions.counting import keep_counts, standing_of
from households.actions.frame import Doing, changing, lock_in_order
from households.actions.placing import Place, place_for
from households.actions.registering import check_door, collision, lives_here, new_household, place_of
from households.actions.residents import add, check_out, head_of
from households.models import CareMark, Household, HouseholdReport, Resident
from households.models.vocabulary import EventKind, Occupancy, Relation

# What follows the people when a household is split: a colour never gets milder by it.
INHERITED = (
    *("risk_level_id", "confirmed_level_id", "risk_unconfirmed", "last_visit_at", "next_visit_due"),
    *("kind", "lng", "lat"),
)


def move_in(
    user: User,
    household_id: UUID,
    occupancy: str,
    residents: Sequence[Mapping[str, Any]] = (),
    note: str = "",
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> Household:
    """迁入 Somebody moves into a vacant dwelling; each resident is as in `put_resident`, with its `id`.

    Raises `not_vacant`, `moves_in_vacant` and what adding a resident raises.
    """
    with changing(user, household_id, version=version, request_id=request_id) as doing:
        household = doing.household
        if household.occupancy != Occupancy.VACANT or lives_here(household):
            raise Problem("not_vacant")
        if occupancy == Occupancy.VACANT:
            raise Problem("moves_in_vacant", "occupancy")
        household.occupancy = occupancy
        doing.raise_version()
        doing.event(EventKind.MOVE_IN, note=note, occupancy=occupancy, residents=len(residents))
        for said in residents:
            add(doing, said["id"], said)
        return household


def move_out(
    user: User,
    household_id: UUID,
    moved_out: date,
    note: str = "",
    vacant: UUID | None = None,
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> Household:
    """迁出 All leave: the residents are moved out and the household ends, for the next family is none of its history.

    With `vacant`, an id of the client's own, a vacant household is left behind the door. Raises `future_date`,
    `out_before_in`, `household_differs` if that id is taken.
    """
    with changing(user, household_id, version=version, request_id=request_id) as doing:
        household = doing.household
        leaving = list(household.residents.filter(moved_out__isnull=True))
        for one in leaving:
            check_out(one, moved_out, doing)
            one.moved_out = moved_out
            one.version += 1
        Resident.objects.bulk_update(leaving, ["moved_out", "version"])
        doing.event(EventKind.MOVE_OUT, note=note, moved_out=moved_out.isoformat(), residents=_ids(leaving))
        _end(doing)
        if vacant is not None:
            _leave_vacant(doing, vacant)
        return household


def split(
    user: User,
    household_id: UUID,
    new_id: UUID,
    residents: Sequence[UUID],
    said: Mapping[str, Any],
    note: str = "",
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> Household:
    """分户 Some of the residents become a household of their own at the place that is `said`; returns the new one.

    It keeps the colour and the visits of the old one. Raises `split_nobody`, `unknown_resident`, and what registering
    a household raises.
    """
    with changing(user, household_id, version=version, request_id=request_id) as doing:
        old = doing.household
        there = {one.pk: one for one in old.residents.filter(moved_out__isnull=True)}
        if not set(residents) <= set(there):
            raise Problem("unknown_resident", "residents")
        if not residents or set(residents) == set(there):
            raise Problem("split_nobody", "residents")
        place = place_for(user, said)
        check_door(place)
        inherited = {name: getattr(old, name) for name in INHERITED}
        occupancy = said.get("occupancy", old.occupancy)
        new = new_household(new_id, user, place, split_from=old, occupancy=occupancy, **inherited)
        new.code = said.get("code") or new.code
        _insert(new, place)
        colours.inherit(doing, new)
        moved = [there[one] for one in residents]
        _hand_over(moved, new)
        doing.raise_version()
        doing.event(EventKind.SPLIT, note=note, into=str(new.pk), residents=_ids(moved))
        doing.event(EventKind.SPLIT, household=new, note=note, out_of=str(old.pk), residents=_ids(moved))
        return new


def merge(
    user: User,
    household_id: UUID,
    into: UUID,
    note: str = "",
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> Household:
    """并户 The residents, tags and reports of a household go to another one, and it ends; returns the other.

    The graver of the two colours holds; where that makes the other one graver, it waits to be confirmed. A second head
    becomes a relative. Raises `merge_itself`, `household_ended`, `resident_twice`.
    """
    if household_id == into:
        raise Problem("merge_itself", "into")
    with transaction.atomic():
        lock_in_order([household_id, into])
        with changing(user, household_id, version=version, request_id=request_id) as doing:
            other = _other(user, into)
            stood = standing_of(other)
            moved = list(doing.household.residents.filter(moved_out__isnull=True))
            _one_head(moved, other)
            try:
                with transaction.atomic():
                    _hand_over(moved, other)
            except IntegrityError as exc:
                raise Problem("resident_twice", "into") from exc
            _merge_marks(doing.household, other)
            _merge_links(doing.household, other)
            colours.take_graver(doing, other, note)
            doing.event(EventKind.MERGE, note=note, into=str(other.pk), residents=_ids(moved))
            doing.event(
                EventKind.MERGE, household=other, note=note, out_of=str(doing.household.pk), residents=_ids(moved)
            )
            doing.household.merged_into = other
            _end(doing)
            other.version += 1
            if moved and other.occupancy == Occupancy.VACANT:
                other.occupancy = doing.household.occupancy
            other.changed_at = doing.moment
            other.save()
            keep_counts([(stood, standing_of(other))])
            return other


def _end(doing: Doing) -> None:
    household = doing.household
    household.ended_at, household.next_visit_due = doing.moment, None
    doing.raise_version()
    colours.lapse(doing)
    doing.save()


def _leave_vacant(doing: Doing, vacant: UUID) -> None:
    old = doing.household
    place = place_of(old)
    actor: Any = doing.actor
    row = new_household(vacant, actor, place, occupancy=Occupancy.VACANT, kind=old.kind, lng=old.lng, lat=old.lat)
    if Household.objects.filter(pk=vacant).exists():
        raise Problem("household_differs", "vacant")
    _insert(row, place)
    doing.event(EventKind.CREATE, household=row, occupancy=row.occupancy, after=str(old.pk))


def _insert(row: Household, place: Place) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            keep_counts([(None, standing_of(row))])
    except IntegrityError as exc:
        if Household.objects.filter(pk=row.pk).exists():
            raise Problem("household_differs", "id") from exc
        raise collision(place, row.code) from exc


def _hand_over(residents: Sequence[Resident], household: Household) -> None:
    for one in residents:
        one.household = household
        one.version += 1
    Resident.objects.bulk_update(residents, ["household", "relation", "version"])
    CareMark.objects.filter(resident__in=residents).update(household=household)


def _other(user: User, household_id: UUID) -> Household:
    try:
        other = get_household(user, household_id, Can.EDIT_HOUSEHOLDS, lock=True)
    except Problem as problem:
        # The household of the address is there; it is the other one that is not.
        raise Problem(problem.code, "into") from problem
    if not other.active:
        raise Problem("household_ended", "into")
    return other


def _one_head(moved: Sequence[Resident], other: Household) -> None:
    if head_of(other) is None:
        return
    for one in moved:
        if one.relation == Relation.HEAD:
            one.relation = Relation.RELATIVE


def _merge_marks(old: Household, other: Household) -> None:
    there = CareMark.objects.filter(household=other, resident__isnull=True).values_list("tag_id", flat=True)
    own = CareMark.objects.filter(household=old, resident__isnull=True)
    own.filter(tag_id__in=list(there)).delete()
    own.update(household=other)


def _merge_links(old: Household, other: Household) -> None:
    there = HouseholdReport.objects.filter(household=other).values_list("report_id", flat=True)
    own = HouseholdReport.objects.filter(household=old)
    own.filter(report_id__in=list(there)).delete()
    own.update(household=other)


def _ids(residents: Sequence[Resident]) -> list[str]:
    return [str(one.pk) for one in residents]
