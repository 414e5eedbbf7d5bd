"""Buildings and households of the grids held, and the words they are described in.

Households are many and few of them change in a day, so they alone are sent by row. What a row shows follows from the
household, whose every step moves `changed_at`, and from what `rules` names; a change of the latter sends all anew.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.roles import Can
from field.person import Person
from field.sections.found import Change, Found, given_out
from field.sections.places import names_of
from field.token import Known, fingerprint
from grids.scope import scope_of
from households.access import visible_buildings, visible_households
from households.api.colours_io import ColourReasonOut
from households.api.output import BuildingOut, CareTagOut, HouseholdRow, RiskLevelOut, for_rows, with_size
from households.models import CareTag, ColourReason, Household, HouseholdEvent, RiskLevel
from households.models.vocabulary import EventKind

# A step is dated when it begins and seen when it commits: what was dated so long before a token may not be in it.
OVERLAP = timedelta(minutes=15)


def risk_levels(person: Person) -> Found:
    rows = given_out(RiskLevelOut, RiskLevel.objects.order_by("rank"))
    return Found(rows, lambda: rows)


def colour_reasons(person: Person) -> Found:
    rows = given_out(ColourReasonOut, ColourReason.objects.order_by("pk"))
    return Found(rows, lambda: rows)


def care_tags(person: Person) -> Found:
    rows = given_out(CareTagOut, CareTag.objects.order_by("pk"))
    return Found(rows, lambda: rows)


def buildings(person: Person) -> Found:
    """Those in use; one query for their versions and how many live in each, one more for the rows."""
    used = visible_buildings(person.user).filter(grid__in=person.grid_ids, is_active=True)
    here: Any = with_size(used).order_by("pk")
    seen = list(here.values_list("pk", "version", "size"))
    return Found([names_of(person), seen], lambda: given_out(BuildingOut, here))


def rules(person: Person, told: Mapping[str, str]) -> str:
    """A fingerprint of all that a row shows and its household does not hold: where the caller keeps households and so
    sees their doors, the names of places, and the colours and tags (`told`: their sections' fingerprints)."""
    scope = scope_of(person.user)
    keeps = [[scope.may(can, grid) for can in (Can.VIEW_HOUSEHOLDS, Can.EDIT_HOUSEHOLDS)] for grid in person.grids]
    return fingerprint([names_of(person), keeps, told["risk_levels"], told["care_tags"]])


def households(person: Person, rules: str, known: Known | None) -> tuple[dict[str, str], Change | None]:
    """The fingerprints for the token, and what changed since the one known.

    Under the same rules only the rows changed since: one query for what changed lately, one for what left for another
    grid, and two for the rows, if there are any. Else all active ones, 1,500 in some half a second.
    """
    if known is not None and known.prints.get("households") != rules:
        known = None
    since = (known.at if known is not None else person.moment) - OVERLAP
    here = visible_households(person.user).filter(grid__in=person.grid_ids)
    lately = list(here.filter(changed_at__gt=since).order_by("pk").values_list("pk", "changed_at", "ended_at"))
    left = _left(person, since)
    active = here.filter(ended_at__isnull=True)
    if known is None:
        change = Change(_rows(person, active))
    elif fingerprint([lately, left]) == known.prints.get("households_lately"):
        change = None
    else:
        changed = [pk for pk, _changed_at, ended_at in lately if ended_at is None]
        ended = {pk for pk, _changed_at, ended_at in lately if ended_at is not None}
        gone = (ended | {pk for pk, _at in left}) - set(changed)
        change = Change(_rows(person, active.filter(pk__in=changed)), replace=False, gone=sorted(gone))
    return {"households": rules, "households_lately": _lately(person.moment - OVERLAP, lately, left)}, change


def _rows(person: Person, found: QuerySet[Household]) -> list[Any]:
    # Nobody reads the heads of the buildings here, and each would be decrypted for each household.
    rows = for_rows(found).defer("building__head_name", "building__head_phone")
    return given_out(HouseholdRow, rows.order_by("pk"), user=person.user)


def _left(person: Person, since: datetime) -> list[tuple[Any, ...]]:
    """What was moved out of a grid held: a move leaves an event that says where from. One query on a partial index."""
    moved = HouseholdEvent.objects.filter(
        kind=EventKind.RELOCATE, at__gt=since, data__changes__grid_id__0__in=person.grid_ids
    )
    return list(moved.order_by("pk").values_list("household_id", "at"))


def _lately(since: datetime, lately: list[tuple[Any, ...]], left: list[tuple[Any, ...]]) -> str:
    return fingerprint([[row for row in rows if row[1] > since] for rows in (lately, left)])
