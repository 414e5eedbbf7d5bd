"""Residents are added, edited and moved out."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from accounts.models import User
from core.encryption import lookup_hash, lookup_hashes
from core.moment import now
from core.phones import MAINLAND_PREFIX, digits_of
from core.problems import Problem
from households.access import get_resident
from households.actions.comparing import changes, told
from households.actions.frame import Doing, changing, check_version
from households.actions.marks import set_marks
from households.documents import check_number, told_by
from households.lookups import document_key
from households.models import CareMark, Household, Resident
from households.models.vocabulary import EventKind, Occupancy, Relation

LOCAL = ZoneInfo("Asia/Shanghai")
PLAIN = frozenset({"relation", "party_member", "party_role", "moved_in", "moved_out", "doc_type"})
# What a reader gets masked, and might send back so.
MASKED = ("name", "phone", "doc_number")
AS_SAID = ("relation", "party_member", "party_role", "moved_in")


def put_resident(
    user: User, household_id: UUID, resident_id: UUID, said: Mapping[str, Any], *, version: int | None = None
) -> tuple[Resident, bool]:
    """Add a resident under an id of the client's own, or edit one; returns the row and whether it is new.

    `said` holds name, doc_type, doc_number, phone, sex, birth_date, birth_year, relation, party_member, party_role,
    moved_in, tags; what is left out stays. The same again changes nothing; a change names the version of the resident
    it saw. Raises what `changing` and `resident_columns` raise, `resident_differs`, `resident_gone`, `head_taken`,
    `resident_twice`, `vacant_dwelling`, `unknown_tag`.
    """
    with changing(user, household_id) as doing:
        row = Resident.objects.filter(pk=resident_id).first()
        if row is None:
            if doing.household.occupancy == Occupancy.VACANT:
                raise Problem("vacant_dwelling")
            return add(doing, resident_id, said), True
        if row.household_id != household_id:
            raise Problem("resident_differs")
        _edit(doing, row, said, version)
        return row, False


def move_out_resident(
    user: User,
    household_id: UUID,
    resident_id: UUID,
    moved_out: date,
    note: str = "",
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> Resident:
    """One resident leaves; the household goes on. Raises `resident_gone`, `future_date`, `out_before_in`."""
    with changing(user, household_id, request_id=request_id) as doing:
        row = get_resident(doing.household, resident_id)
        check_version(row, version)
        if row.moved_out is not None:
            raise Problem("resident_gone")
        check_out(row, moved_out, doing)
        row.moved_out = moved_out
        row.version += 1
        row.save(update_fields=["moved_out", "version"])
        doing.raise_version()
        doing.event(EventKind.RESIDENT_OUT, resident=row, note=note, moved_out=moved_out.isoformat())
        return row


def add(doing: Doing, resident_id: UUID, said: Mapping[str, Any]) -> Resident:
    """A new resident of the household in hand. Raises `invalid` without a name or a relation."""
    for name in ("name", "relation"):
        if not said.get(name):
            raise Problem("invalid", name)
    row = Resident(pk=resident_id, household=doing.household)
    for name, value in resident_columns(said, row, _today(doing)).items():
        setattr(row, name, value)
    _check_alone(row)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as exc:
        raise _collision(row) from exc
    marked = set_marks(doing.household, row, said["tags"]) if said.get("tags") else {}
    doing.raise_version()
    doing.event(EventKind.ADD_RESIDENT, resident=row, relation=row.relation, **marked)
    return row


def resident_columns(said: Mapping[str, Any], row: Resident, today: date) -> dict[str, Any]:
    """What is said as columns, checked; `row` is the resident as it stands, or an empty one.

    Raises `masked_value`, `document_type_missing`, `told_otherwise`, `future_date` and what `check_number` raises.
    """
    for name in MASKED:
        if "*" in (said.get(name) or ""):
            raise Problem("masked_value", name)
    columns = {name: said[name] for name in AS_SAID if name in said}
    if columns.get("moved_in") and columns["moved_in"] > today:
        raise Problem("future_date", "moved_in")
    if "name" in said:
        columns["name"] = said["name"].strip()
    if "phone" in said:
        columns["phone"] = tidy_phone(said["phone"])
        columns["phone_hash"] = lookup_hash(digits_of(said["phone"]))
    columns |= _birth(said, today)
    if "doc_type" in said or "doc_number" in said:
        columns |= _document(said, row, today)
    return columns | _told(columns, row)


def tidy_phone(phone: str) -> str:
    """138-1234 5678 → 13812345678; another country's code stays, with its +."""
    return MAINLAND_PREFIX.sub("", re.sub(r"[\s\-]", "", phone))


def check_out(row: Resident, moved_out: date, doing: Doing) -> None:
    """Raise `future_date` or `out_before_in`."""
    if moved_out > _today(doing):
        raise Problem("future_date", "moved_out")
    if row.moved_in and moved_out < row.moved_in:
        raise Problem("out_before_in", "moved_out")


def local_today() -> date:
    """The day it is in Asia/Shanghai."""
    return now().astimezone(LOCAL).date()


def _today(doing: Doing) -> date:
    return doing.moment.astimezone(LOCAL).date()


def _edit(doing: Doing, row: Resident, said: Mapping[str, Any], version: int | None) -> None:
    if row.moved_out is not None:
        raise Problem("resident_gone")
    changed = changes(row, resident_columns(said, row, _today(doing)))
    # After a change of keys the same number has another hash.
    seen = {name: value for name, value in changed.items() if not name.endswith("_hash")}
    marks = CareMark.objects.filter(resident=row)
    tags_differ = "tags" in said and set(said["tags"]) != set(marks.values_list("tag__code", flat=True))
    if not seen and not tags_differ:
        return
    if version is None:
        raise Problem("resident_differs")
    check_version(row, version)
    data = told(row, seen, PLAIN)
    for name, value in changed.items():
        setattr(row, name, value)
    row.version += 1
    _check_alone(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as exc:
        raise _collision(row) from exc
    if tags_differ:
        data |= set_marks(doing.household, row, said["tags"])
    doing.event(EventKind.EDIT_RESIDENT, resident=row, **data)


def _birth(said: Mapping[str, Any], today: date) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if "sex" in said:
        columns["sex"] = said["sex"]
    if "birth_year" in said:
        columns["birth_year"] = said["birth_year"]
    if "birth_date" in said:
        born: date | None = said["birth_date"]
        if born is not None and born > today:
            raise Problem("future_date", "birth_date")
        columns["birth_date"] = born.isoformat() if born else ""
        if born is not None:
            if columns.get("birth_year") not in (None, born.year):
                raise Problem("told_otherwise", "birth_year")
            columns["birth_year"] = born.year
    if columns.get("birth_year") and columns["birth_year"] > today.year:
        raise Problem("future_date", "birth_year")
    return columns


def _document(said: Mapping[str, Any], row: Resident, today: date) -> dict[str, Any]:
    doc_type, number = said.get("doc_type", row.doc_type), said.get("doc_number", row.doc_number)
    if not number:
        return {"doc_type": "", "doc_number": "", "doc_hash": ""}
    if not doc_type:
        raise Problem("document_type_missing", "doc_type")
    number = check_number(doc_type, number, today)
    return {"doc_type": doc_type, "doc_number": number, "doc_hash": lookup_hash(document_key(number))}


def _told(columns: Mapping[str, Any], row: Resident) -> dict[str, Any]:
    """What the card says, the one that stands or the new one; `told_otherwise` if anything else is said beside it."""
    card = told_by(columns.get("doc_type", row.doc_type), columns.get("doc_number", row.doc_number))
    if card is None:
        return {}
    told_columns = {"birth_date": card.birth_date.isoformat(), "birth_year": card.birth_date.year, "sex": card.sex}
    for name, value in told_columns.items():
        if columns.get(name) not in (None, "", value):
            raise Problem("told_otherwise", name)
    return told_columns


def _check_alone(row: Resident) -> None:
    """Raise `resident_twice` whichever key a hash was made with."""
    if not row.doc_number:
        return
    there = Resident.objects.filter(household_id=row.household_id, moved_out__isnull=True).exclude(pk=row.pk)
    if there.filter(doc_hash__in=lookup_hashes(document_key(row.doc_number))).exists():
        raise Problem("resident_twice", "doc_number")


def _collision(row: Resident) -> Problem:
    """What stood against a resident that could not be written."""
    if row.relation == Relation.HEAD and head_of(row.household) is not None:
        return Problem("head_taken", "relation")
    return Problem("resident_differs")


def head_of(household: Household) -> Resident | None:
    """The head of the household, if one is known."""
    return household.residents.filter(relation=Relation.HEAD, moved_out__isnull=True).first()
