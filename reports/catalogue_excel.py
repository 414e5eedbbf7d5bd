"""The catalogue as a file: sheets 部件, 事件, 诉求, one row per item and source; read with every fault named.

Reading knows nothing of the database. A CSV with the sheet's name in a first column 类别 is the same in plain text.
"""

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell

from reports.catalogue import KIND_WORDS, SOURCE_WORDS, URGENCY_WORDS, item_code
from reports.limits import Limit, UnreadableLimit
from reports.models.catalogue import ItemVersion
from reports.questions import read as read_questions
from reports.questions import written as written_questions

COLUMNS = (
    "大类代码",
    "大类名称",
    "小类代码",
    "小类名称",
    "来源",
    "处置单位",
    "立案条件",
    "结案条件",
    "处置时限",
)
# May be absent; then what the item says already stays.
OPTIONAL = ("可自办", "紧急程度", "附加问题")
SHEET_COLUMN = "类别"

KINDS = {word: kind for kind, word in KIND_WORDS.items()}
SOURCES = {word: source for source, word in SOURCE_WORDS.items()} | {
    "12345热线": "hotline",
    "热线": "hotline",
    "网格化": "grid",
    "数字化城管": "digital_city",
    "城管": "digital_city",
    "行业部门": "department",
}
URGENCIES = {word: urgency for urgency, word in URGENCY_WORDS.items()} | {"": "normal"}
YES_NO = {"是": True, "否": False, "": False}

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 100 * 1024 * 1024
MAX_ROWS = 20_000
MAX_ERRORS = 1_000
# A row number in the file is only a claim; beyond Excel's own last row nothing is looked for.
LAST_ROW = 1_048_576
LENGTHS = {"大类名称": 60, "小类名称": 80, "立案条件": 2000, "结案条件": 2000}


@dataclass(frozen=True)
class RowError:
    """One fault: the sheet, the row as the spreadsheet counts it (0: the whole sheet), the column and a stable code."""

    sheet: str
    row: int
    column: str
    code: str
    value: str = ""

    def __str__(self) -> str:
        place = f"{self.sheet}!{self.row}" if self.row else self.sheet
        return " ".join(part for part in (place, self.column, self.code, self.value[:60]) if part)


@dataclass(frozen=True)
class ReadStandard:
    source: str
    limit: Limit
    filing_condition: str
    closing_condition: str


@dataclass
class ReadItem:
    """An item as the file has it. None: the file has no such column."""

    sheet: str
    row: int
    code: str
    class_name: str
    name: str
    department: str = ""
    may_self_handle: bool | None = None
    urgency: str | None = None
    questions: list[dict[str, Any]] | None = None
    standards: list[ReadStandard] = field(default_factory=list)


@dataclass
class ReadCatalogue:
    items: dict[str, ReadItem] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    errors: list[RowError] = field(default_factory=list)


class UnreadableFile(ValueError):
    """Not a workbook or CSV of a catalogue, or one beyond the bounds; the argument is a stable code."""


@dataclass(frozen=True)
class _Bad:
    """A cell that holds no text: a formula, an error, a date."""

    code: str
    value: str


Row = list[str | _Bad]


def read_catalogue(path: Path) -> ReadCatalogue:
    """Read an .xlsx or .csv file. Faults of rows are listed in the answer; raises `UnreadableFile` for the rest.

    Codes of faults: missing, missing_column, bad_code, bad_value, formula, too_long, unknown_source,
    duplicate_source, conflict, unreadable_limit, unreadable_questions, too_many_rows.
    """
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableFile("too_large")
    sheets = _csv_sheets(path) if path.suffix.lower() == ".csv" else _workbook_sheets(path)
    read = ReadCatalogue()
    for sheet, rows in sheets:
        read.kinds.add(KINDS[sheet])
        _SheetReader(sheet, read).read(rows)
        if len(read.errors) >= MAX_ERRORS:
            break
    if not read.kinds:
        raise UnreadableFile("no_sheet")
    return read


def _csv_sheets(path: Path) -> Iterator[tuple[str, Iterable[tuple[int, Row]]]]:
    """The rows grouped by their first column, each with its line in the file."""
    sheets: dict[str, list[tuple[int, Row]]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header: Row = [*next(reader, [])]
            if not header or header[0] != SHEET_COLUMN:
                raise UnreadableFile("no_sheet")
            for row in reader:
                if not any(row):
                    continue
                if row[0] not in KINDS:
                    raise UnreadableFile("unknown_sheet")
                sheets.setdefault(row[0], [(1, header[1:])]).append((reader.line_num, [*row[1:]]))
    except (UnicodeDecodeError, csv.Error) as exc:
        raise UnreadableFile("not_a_table") from exc
    yield from sheets.items()


def _workbook_sheets(path: Path) -> Iterator[tuple[str, Iterable[tuple[int, Row]]]]:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise UnreadableFile("too_large")
        # Formulas are wanted as formulas, to be refused: what they last showed need not be what they say.
        book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except UnreadableFile:
        raise
    except Exception as exc:  # a broken workbook raises whatever its broken part leads to
        raise UnreadableFile("not_a_workbook") from exc
    try:
        for sheet in book.worksheets:
            if sheet.title.strip() in KINDS:
                # The dimension written in the file may be wrong; the rows tell.
                sheet.reset_dimensions()
                yield sheet.title.strip(), _rows(sheet)
    finally:
        book.close()


def _rows(sheet: Any) -> Iterator[tuple[int, Row]]:
    columns = 2 * (len(COLUMNS) + len(OPTIONAL))
    for number, cells in enumerate(sheet.iter_rows(max_row=LAST_ROW, max_col=columns), 1):
        row = [_text(cell) for cell in cells]
        if any(row):
            yield number, row


def _text(cell: Any) -> str | _Bad:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return _Bad("formula", str(value))
    if cell.data_type == "e" or not isinstance(value, str | int | float) or isinstance(value, bool):
        return _Bad("bad_value", str(value))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


class _SheetReader:
    """Reads the rows of one sheet into the catalogue.

    Merged cells arrive as a value followed by blanks, so a row blank in class and item belongs to the item above it,
    and one blank in class only to the class above.
    """

    def __init__(self, sheet: str, into: ReadCatalogue) -> None:
        self.sheet, self.into = sheet, into
        self.above: dict[str, str] = {}
        self.first_rows: dict[tuple[str, str], int] = {}

    def fault(self, row: int, column: str, code: str, value: str = "") -> None:
        self.into.errors.append(RowError(self.sheet, row, column, code, value))

    def read(self, rows: Iterable[tuple[int, Row]]) -> None:
        places: dict[str, int] = {}
        for count, (number, row) in enumerate(rows):
            if len(self.into.errors) >= MAX_ERRORS:
                return
            if count > MAX_ROWS:
                return self.fault(number, "", "too_many_rows")
            if not places:
                # Titles may stand above the header.
                if "小类代码" in row:
                    places = {name: row.index(name) for name in (*COLUMNS, *OPTIONAL) if name in row}
                    missing = [name for name in COLUMNS if name not in places]
                    for name in missing:
                        self.fault(number, name, "missing_column")
                    if missing:
                        return None
                elif count == 5:
                    break
                continue
            self._row(number, {name: row[at] if at < len(row) else "" for name, at in places.items()})
        if not places:
            self.fault(0, "小类代码", "missing_column")
        return None

    def _row(self, number: int, raw: dict[str, str | _Bad]) -> None:
        before = len(self.into.errors)
        cells: dict[str, str] = {}
        for name, value in raw.items():
            if isinstance(value, _Bad):
                self.fault(number, name, value.code, value.value)
            elif len(value) > LENGTHS.get(name, 2000):
                self.fault(number, name, "too_long", value)
            else:
                cells[name] = value
        if len(self.into.errors) > before or not any(cells.values()):
            return
        self._fill_from_above(cells)
        code = self._code(number, cells)
        source = SOURCES.get(cells["来源"])
        if source is None:
            self.fault(number, "来源", "unknown_source" if cells["来源"] else "missing", cells["来源"])
        limit = self._limit(number, cells["处置时限"])
        extras = self._extras(number, cells)
        if code is None or source is None or limit is None or len(self.into.errors) > before:
            return
        item = self._item(number, code, cells, extras)
        first = self.first_rows.setdefault((code, source), number)
        if first != number:
            self.fault(number, "来源", "duplicate_source", f"{cells['来源']} ({first})")
        elif item is not None:
            item.standards.append(ReadStandard(source, limit, cells["立案条件"], cells["结案条件"]))

    def _fill_from_above(self, cells: dict[str, str]) -> None:
        class_pair, item_pair = ("大类代码", "大类名称"), ("小类代码", "小类名称")
        if not any(cells[name] for name in class_pair):
            names = class_pair if any(cells[name] for name in item_pair) else class_pair + item_pair
            cells |= {name: self.above.get(name, "") for name in names}
        elif not any(cells[name] for name in item_pair) and all(
            cells[name] == self.above.get(name) for name in class_pair
        ):
            cells |= {name: self.above.get(name, "") for name in item_pair}
        self.above = {name: cells[name] for name in class_pair + item_pair}

    def _code(self, number: int, cells: dict[str, str]) -> str | None:
        parts = []
        for column, width in (("大类代码", 2), ("小类代码", 3)):
            if not cells[column]:
                self.fault(number, column, "missing")
            elif not re.fullmatch(rf"[0-9]{{1,{width}}}", cells[column]):
                self.fault(number, column, "bad_code", cells[column])
            else:
                # Excel makes the number 1 of 01.
                parts.append(cells[column].zfill(width))
        for column in ("大类名称", "小类名称"):
            if not cells[column]:
                self.fault(number, column, "missing")
        return item_code(KINDS[self.sheet], parts[0], parts[1]) if len(parts) == 2 else None

    def _limit(self, number: int, text: str) -> Limit | None:
        try:
            return Limit.parse(text)
        except UnreadableLimit:
            self.fault(number, "处置时限", "unreadable_limit" if text else "missing", text)
        return None

    def _extras(self, number: int, cells: dict[str, str]) -> dict[str, Any]:
        extras: dict[str, Any] = {"department": cells["处置单位"]}
        for column, name, words in (("可自办", "may_self_handle", YES_NO), ("紧急程度", "urgency", URGENCIES)):
            if column in cells:
                if cells[column] in words:
                    extras[name] = words[cells[column]]
                else:
                    self.fault(number, column, "bad_value", cells[column])
        if "附加问题" in cells:
            try:
                extras["questions"] = read_questions(cells["附加问题"])
            except ValueError:
                self.fault(number, "附加问题", "unreadable_questions", cells["附加问题"])
        return extras

    def _item(self, number: int, code: str, cells: dict[str, str], extras: dict[str, Any]) -> ReadItem | None:
        """The item of this row, new or known; what a further row says of the item itself must agree or be blank."""
        item = self.into.items.get(code)
        if item is None:
            item = ReadItem(self.sheet, number, code, cells["大类名称"], cells["小类名称"], **extras)
            self.into.items[code] = item
            return item
        further = {"class_name": ("大类名称", cells["大类名称"]), "name": ("小类名称", cells["小类名称"])}
        further["department"] = ("处置单位", cells["处置单位"])
        agrees = True
        for attribute, (column, value) in further.items():
            if value and value != getattr(item, attribute):
                self.fault(number, column, "conflict", value)
                agrees = False
        for column, attribute in (("可自办", "may_self_handle"), ("紧急程度", "urgency"), ("附加问题", "questions")):
            if cells.get(column) and extras[attribute] != getattr(item, attribute):
                self.fault(number, column, "conflict", cells[column])
                agrees = False
        return item if agrees else None


def rows_of(version: ItemVersion) -> Iterator[list[str]]:
    """The rows of a version, in the order of COLUMNS and OPTIONAL; the item's own matters on each."""
    item = version.item
    department = version.lead_department.name if version.lead_department else ""
    for standard in version.standards.all():
        yield [
            item.class_code,
            item.class_name,
            item.code.rsplit("-", 1)[1],
            version.name,
            SOURCE_WORDS[standard.source],
            department,
            standard.filing_condition,
            standard.closing_condition,
            standard.limit.text(),
            "是" if version.may_self_handle else "否",
            URGENCY_WORDS[version.urgency],
            written_questions(version.questions),
        ]


def write_catalogue(versions: Iterable[ItemVersion], to: Path | IO[bytes]) -> int:
    """Write the versions (with item, lead_department, standards) as a workbook; returns the number of rows."""
    book = Workbook(write_only=True)
    widths = (10, 16, 10, 24, 10, 20, 40, 40, 14, 8, 10, 30)
    sheets = {}
    for kind, word in KIND_WORDS.items():
        sheet = sheets[kind] = book.create_sheet(word)
        sheet.freeze_panes = "A2"
        for letter, width in zip("ABCDEFGHIJKL", widths, strict=True):
            sheet.column_dimensions[letter].width = width
        sheet.append([*COLUMNS, *OPTIONAL])
    count = 0
    for version in versions:
        sheet = sheets[version.item.kind]
        for row in rows_of(version):
            sheet.append(_plain_cells(sheet, row))
            count += 1
    book.save(to)
    return count


def _plain_cells(sheet: Any, row: Sequence[str]) -> list[Any]:
    """Cells of text, also where the text begins with an equals sign and would run as a formula."""
    cells = []
    for value in islice(row, len(COLUMNS) + len(OPTIONAL)):
        cell = WriteOnlyCell(sheet, value)
        cell.data_type = "s"
        cells.append(cell)
    return cells
