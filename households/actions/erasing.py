"""Personal data of a household or resident is emptied; the row and its history stay, without a value of anybody.

Who asked for it and why stands with the caller (`privacy.actions.erasing`).
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.erasing import empty_texts_about
from core.problems import Problem, catalogue
from households.actions.frame import Doing
from households.actions.residents import LOCAL
from households.models import CareMark, Household, Resident, SpecialGroupEntry
from households.models.vocabulary import EventKind

catalogue({"still_lived_in": (409, _("Somebody lives there. Move the household out before it is erased."))})

RESIDENT_TEXTS = (
    "name",
    "doc_type",
    "doc_number",
    "doc_hash",
    "phone",
    "phone_hash",
    "sex",
    "birth_date",
    "party_role",
)
HOUSEHOLD_TEXTS = ("unit", "room", "address", "door_hash")


def erase_resident(resident_id: UUID, by: User | None, moment: datetime) -> list[str]:
    """Empty one person; who still lives there is moved out as of today. Returns the columns. Raises `not_found`."""
    with transaction.atomic():
        where = Resident.objects.filter(pk=resident_id).values_list("household_id", flat=True).first()
        if where is None:
            raise Problem("not_found")
        doing = Doing(Household.objects.select_for_update(of=("self",)).get(pk=where), by, moment)
        emptied = _empty_resident(doing, Resident.objects.get(pk=resident_id))
        doing.raise_version()
        doing.save()
        return emptied


def erase_household(household_id: UUID, by: User | None, moment: datetime) -> tuple[list[str], dict[UUID, list[str]]]:
    """Empty a household that has ended, and everybody who lived in it.

    Returns the columns of the household, and those of each resident. Raises `not_found`, `still_lived_in`.
    """
    with transaction.atomic():
        household = Household.objects.select_for_update(of=("self",)).filter(pk=household_id).first()
        if household is None:
            raise Problem("not_found")
        if household.active:
            raise Problem("still_lived_in")
        doing = Doing(household, by, moment)
        people = {row.pk: _empty_resident(doing, row) for row in Resident.objects.filter(household=household)}
        emptied = [name for name in HOUSEHOLD_TEXTS if getattr(household, name)]
        if household.lng is not None:
            emptied += ["lng", "lat"]
        for name in HOUSEHOLD_TEXTS:
            setattr(household, name, "")
        household.lng = household.lat = None
        CareMark.objects.filter(household=household).delete()
        emptied += empty_texts_about(household, besides=(Resident,))
        doing.raise_version()
        doing.event(EventKind.ERASE, fields=sorted(emptied))
        doing.save()
        return emptied, people


def _empty_resident(doing: Doing, row: Resident) -> list[str]:
    emptied = [name for name in RESIDENT_TEXTS if getattr(row, name)]
    emptied += [name for name in ("birth_year", "party_member") if getattr(row, name)]
    for name in RESIDENT_TEXTS:
        setattr(row, name, "")
    row.birth_year, row.party_member = None, False
    row.moved_out = row.moved_out or doing.moment.astimezone(LOCAL).date()
    row.version += 1
    row.save()
    CareMark.objects.filter(resident=row).delete()
    SpecialGroupEntry.objects.filter(resident=row).delete()
    emptied += empty_texts_about(row)
    doing.event(EventKind.ERASE, resident=row, fields=sorted(emptied))
    return emptied
