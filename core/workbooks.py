"""Sheets of rows in and out as .xlsx, with bounds on what comes in."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell

MAX_UNPACKED = 50 * 1024 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


FAULTS = {
    "not_a_workbook": _("save it as .xlsx"),
    "too_large": _("it is too large"),
    "too_many_rows": _("it has too many rows"),
}


class UnreadableBook(ValueError):
    """Not a workbook, or one beyond the bounds; the argument is a stable code."""

    @property
    def words(self) -> str:
        """What is wrong with it, for people."""
        return str(FAULTS.get(str(self), self))


def read_rows(data: bytes, *, max_rows: int, columns: int) -> list[tuple[int, list[Any]]]:
    """The rows of the first sheet that hold anything, each with its number as the spreadsheet counts it.

    Values are text (stripped), numbers, dates; a formula stands as its text. Raises `UnreadableBook` with
    `not_a_workbook`, `too_large` or `too_many_rows`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise UnreadableBook("too_large")
        # As written, not as last shown: a formula is no value.
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except UnreadableBook:
        raise
    except Exception as exc:  # a broken workbook raises whatever its broken part leads to
        raise UnreadableBook("not_a_workbook") from exc
    found: list[tuple[int, list[Any]]] = []
    try:
        sheet: Any = book.worksheets[0]
        # The dimension written in the file may be wrong; the rows tell.
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(max_col=columns, values_only=True), 1):
            row = [value.strip() if isinstance(value, str) else value for value in cells]
            if any(value not in (None, "") for value in row):
                found.append((number, row + [None] * (columns - len(row))))
            if len(found) > max_rows:
                raise UnreadableBook("too_many_rows")
    except UnreadableBook:
        raise
    except Exception as exc:
        raise UnreadableBook("not_a_workbook") from exc
    finally:
        book.close()
    return found


def write_rows(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A workbook with one sheet. Texts stay texts, also those that begin like a formula."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append(list(header))
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _cell(sheet: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    cell: Any = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    return cell
