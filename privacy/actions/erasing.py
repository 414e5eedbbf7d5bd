"""A person is erased: personal fields are emptied in place, and a tombstone says what, when, why and by whom."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.moment import now
from core.problems import Problem, catalogue
from households.actions.erasing import erase_household, erase_resident
from households.models import Household, Resident
from privacy.models import Tombstone
from reports.actions.erasing import erase_requester

catalogue({"erasing_reason": (400, _("Say why the person is erased."))})

Subject = Tombstone.Subject


def erase(subject: str, subject_id: str, reason: str, by: User | None) -> tuple[Tombstone, bool]:
    """Erase a household (with everybody who lived in it), a resident or a requester, by id.

    Returns the tombstone, and whether it is new: who was erased before is left alone. Raises `erasing_reason`,
    `not_found`, `still_lived_in`, `report_open`.
    """
    if not reason.strip():
        raise Problem("erasing_reason", "reason")
    moment = now()
    with transaction.atomic():
        subject_id = _locked(subject, subject_id)
        before = Tombstone.objects.filter(subject=subject, subject_id=subject_id).first()
        if before is not None:
            return before, False
        if subject == Subject.HOUSEHOLD:
            fields, people = erase_household(UUID(subject_id), by, moment)
            for resident_id, emptied in people.items():
                known = Tombstone.objects.filter(subject=Subject.RESIDENT, subject_id=str(resident_id))
                if not known.exists():
                    _mark(Subject.RESIDENT, str(resident_id), emptied, reason, by, moment)
        elif subject == Subject.RESIDENT:
            fields = erase_resident(UUID(subject_id), by, moment)
        else:
            fields = erase_requester(int(subject_id))
        return _mark(subject, subject_id, fields, reason, by, moment), True


def _locked(subject: str, subject_id: str) -> str:
    """The id as it is written on tombstones; the row that two who erase at once meet at is held. Raises `not_found`."""
    try:
        if subject == Subject.REQUESTER:
            return str(int(subject_id))
        key = UUID(subject_id)
    except ValueError as exc:
        raise Problem("not_found") from exc
    households = Household.objects.select_for_update(of=("self",))
    if subject == Subject.HOUSEHOLD:
        households.filter(pk=key).first()
    else:
        households.filter(pk__in=Resident.objects.filter(pk=key).values("household_id")).first()
    return str(key)


def _mark(
    subject: str, subject_id: str, fields: list[str], reason: str, by: User | None, moment: datetime
) -> Tombstone:
    return Tombstone.objects.create(
        subject=subject,
        subject_id=subject_id,
        at=moment,
        by=by,
        reason=reason.strip()[:200],
        fields=sorted(set(fields)),
    )
