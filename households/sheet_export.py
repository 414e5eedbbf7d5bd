"""Households as a workbook of the same columns, one row per resident, written as they are read."""

import tempfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import IO, Any

from django.db.models import Prefetch, QuerySet
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from accounts.models import User
from accounts.roles import Can
from core.masking import mask_document, mask_name, mask_phone
from households.access import NO_GEOMETRY, may
from households.detail import ORDER
from households.doors import door_order, mask_address
from households.models import CareMark, Household, Resident
from households.sheet import COLUMNS, DOCUMENTS, KINDS, OCCUPANCIES, RELATIONS, SEXES, SHEET, words_of

TITLES = tuple(column.title for column in COLUMNS)
OCCUPANCY_OF, KIND_OF, RELATION_OF = words_of(OCCUPANCIES), words_of(KINDS), words_of(RELATIONS)
DOCUMENT_OF, SEX_OF = words_of(DOCUMENTS), words_of(SEXES)
AT_ONCE = 500
Cells = dict[str, Any]


def write_households(user: User, households: QuerySet[Household], to: IO[bytes], *, full: bool) -> int:
    """Write the active residents of these households; returns the number of rows.

    Masked unless `full`; doors as the person sees them in lists. Memory holds one building at a time.
    """
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(SHEET)
    sheet.freeze_panes = "A2"
    sheet.append(TITLES)
    count = 0
    for household in _in_order(households):
        for row in rows_of(user, household, full=full):
            sheet.append([_cell(sheet, row.get(title)) for title in TITLES])
            count += 1
    book.save(to)
    return count


def rows_of(user: User, household: Household, *, full: bool) -> Iterator[Cells]:
    """A row per resident, or one without a name where nobody is known to live."""
    home = _home(user, household, full=full)
    marks: dict[Any, list[str]] = {}
    for mark in household.marks.all():
        marks.setdefault(mark.resident_id, []).append(mark.tag.name)
    home["户标签"] = "、".join(marks.get(None, []))
    residents = sorted(household.residents.all(), key=lambda one: ORDER.get(one.relation, 2))
    for one in residents:
        yield home | _person(one, full=full) | {"个人标签": "、".join(marks.get(one.pk, []))}
    if not residents:
        yield home


def temporary() -> IO[bytes]:
    """A file without a name, gone when it is closed."""
    return tempfile.TemporaryFile()


def _in_order(households: QuerySet[Household]) -> Iterator[Household]:
    """By grid and building in the database, by door in memory: doors are encrypted."""
    here = Resident.objects.filter(moved_out__isnull=True).order_by("moved_in", "pk")
    marks = CareMark.objects.select_related("tag").order_by("tag_id")
    rows: Iterable[Household] = (
        households.select_related("building", "grid", "community", "street", "risk_level")
        .defer(*NO_GEOMETRY)
        .prefetch_related(Prefetch("residents", here), Prefetch("marks", marks))
        .order_by("grid_id", "building_id", "pk")
        .iterator(chunk_size=AT_ONCE)
    )
    for _building, group in groupby(rows, key=lambda row: (row.grid_id, row.building_id)):
        yield from sorted(group, key=lambda row: (door_order(row.unit, row.room), door_order("", row.address)))


def _home(user: User, household: Household, *, full: bool) -> Cells:
    plain = full or may(user, Can.EDIT_HOUSEHOLDS, household)
    building = household.building
    return {
        "网格": household.grid.code,
        "小区": building.estate if building else "",
        "楼栋": building.number if building else "",
        "单元": household.unit,
        "室": household.room if plain or not household.room else household.room[:1] + "**",
        "地址": household.address if plain else mask_address(household.address),
        "户编号": household.code,
        "居住情况": OCCUPANCY_OF[household.occupancy],
        "户类型": KIND_OF[household.kind],
        "社区": household.community.name,
        "街道": household.street.name,
        "风险等级": household.risk_level.name if household.risk_level else "",
        "下次走访": household.next_visit_due.isoformat() if household.next_visit_due else "",
    }


def _person(one: Resident, *, full: bool) -> Cells:
    return {
        "姓名": one.name if full else mask_name(one.name),
        "与户主关系": RELATION_OF[one.relation],
        "证件类型": DOCUMENT_OF.get(one.doc_type, ""),
        "证件号码": one.doc_number if full else mask_document(one.doc_number),
        "电话": one.phone if full else mask_phone(one.phone),
        "性别": SEX_OF.get(one.sex, ""),
        "出生日期": one.birth_date if full else "",
        "出生年份": one.birth_year,
        "党员": "是" if one.party_member else "否",
        "党员身份": one.party_role,
        "迁入日期": one.moved_in.isoformat() if one.moved_in else "",
    }


def _cell(sheet: Any, value: Any) -> Any:
    """Texts stay texts, also those that begin like a formula; what no sheet may hold is left out."""
    if not isinstance(value, str):
        return value
    value = ILLEGAL_CHARACTERS_RE.sub("", value)
    if not value.startswith("="):
        return value or None
    cell: Any = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    return cell
