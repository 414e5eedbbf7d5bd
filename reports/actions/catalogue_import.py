"""A catalogue file into the catalogue: all of it or nothing, and only what differs becomes a new version."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Prefetch

from accounts.models import Department, User
from core.problems import Problem
from reports.actions.catalogue import (
    StandardContent,
    VersionContent,
    asked_before,
    change_item,
    content_of,
    create_item,
    rename_class,
    retire_item,
)
from reports.calendar import today
from reports.catalogue_excel import ReadCatalogue, ReadItem, RowError, read_catalogue
from reports.models.catalogue import CatalogueItem, ItemVersion


@dataclass
class ImportResult:
    """Codes of the items by what became of them; with errors nothing was written."""

    errors: list[RowError] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    unchanged: int = 0


def import_catalogue(
    path: Path,
    *,
    valid_from: date | None = None,
    retire_missing: bool = False,
    dry_run: bool = False,
    by: User | None = None,
) -> ImportResult:
    """Import an .xlsx or .csv catalogue, its changes valid from that day (default today).

    Every fault of every row is listed and then nothing is written. Items the file does not have stay, or with
    `retire_missing` retire, as far as their kind's sheet is in the file; none is ever deleted. `dry_run` does
    everything and takes it back. Raises `reports.catalogue_excel.UnreadableFile`.
    """
    read = read_catalogue(path)
    result = ImportResult(errors=list(read.errors))
    departments = _departments(read, result)
    if result.errors:
        return result
    start = valid_from or today()
    with transaction.atomic():
        present = _present()
        for code, item in read.items.items():
            department = departments.get(item.department)
            try:
                # The savepoint lets the import go on, to list what else is wrong.
                with transaction.atomic():
                    _import_item(present.get(code), item, department, start, by, result)
            except Problem as problem:
                result.errors.append(RowError(item.sheet, item.row, problem.field or "", problem.code, code))
        if retire_missing:
            for code, known in present.items():
                if known.kind in read.kinds and code not in read.items and known.retired_at is None:
                    retire_item(known, on=start)
                    result.retired.append(code)
        if dry_run or result.errors:
            transaction.set_rollback(True)
    return result


def _departments(read: ReadCatalogue, result: ImportResult) -> dict[str, Department]:
    """The departments the file names, by name or by code; a name that two bear has to be given as code."""
    found: dict[str, Department] = {}
    twice: set[str] = set()
    for department in Department.objects.filter(is_active=True):
        for word in (department.name, department.code):
            if word in found and found[word] != department:
                twice.add(word)
            found[word] = department
    for item in read.items.values():
        if item.department and (item.department not in found or item.department in twice):
            code = "ambiguous_department" if item.department in twice else "unknown_department"
            result.errors.append(RowError(item.sheet, item.row, "处置单位", code, item.department))
    return found


def _present() -> dict[str, CatalogueItem]:
    versions = ItemVersion.objects.select_related("lead_department").prefetch_related("standards")
    items = CatalogueItem.objects.prefetch_related(Prefetch("versions", queryset=versions.order_by("valid_from")))
    return {item.code: item for item in items}


def _import_item(
    known: CatalogueItem | None,
    item: ReadItem,
    department: Department | None,
    start: date,
    by: User | None,
    result: ImportResult,
) -> None:
    last = list(known.versions.all())[-1] if known else None
    content = _content(item, department, last, asked_before(known.versions.all()) if known else [])
    if known is None or last is None:
        create_item(item.code, item.class_name, content, valid_from=start, by=by)
        result.created.append(item.code)
        return
    renamed = known.class_name != item.class_name
    if renamed:
        rename_class(known, item.class_name)
    same = last.valid_to is None and content_of(last) == content
    if not same:
        change_item(known, content, valid_from=start, by=by)
    if same and not renamed:
        result.unchanged += 1
    else:
        result.changed.append(item.code)


def _content(
    item: ReadItem, department: Department | None, last: ItemVersion | None, before: list[dict[str, Any]]
) -> VersionContent:
    """What the file says; where it lacks an optional column, what the item says already."""
    said = content_of(last) if last else VersionContent(name="", standards=[])
    standards = [
        StandardContent(one.source, one.limit, one.filing_condition, one.closing_condition) for one in item.standards
    ]
    return VersionContent(
        name=item.name,
        standards=standards,
        lead_department=department,
        may_self_handle=said.may_self_handle if item.may_self_handle is None else item.may_self_handle,
        urgency=said.urgency if item.urgency is None else item.urgency,
        questions=said.questions if item.questions is None else item.questions,
    ).settled(before)
