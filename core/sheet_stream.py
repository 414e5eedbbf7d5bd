"""The rows of one sheet of an .xlsx, one by one: for files of hundreds of thousands of rows.

openpyxl reads such a sheet too, but looks through all of it before the first row when the file does not say its size,
and builds an object tree for every inline text: four times the processor time of what is here. Only values are read.
Memory holds the shared texts of the file and the row at hand.
"""

import posixpath
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from core.workbooks import UnreadableBook

MAX_SHEET = 2 * 1024 * 1024 * 1024
# What is held in memory as a whole: shared texts, styles, names of sheets.
MAX_HELD = 256 * 1024 * 1024
CHUNK = 64 * 1024
# Far more than the 32,767 characters a cell may have.
MAX_CELL = 1024 * 1024
# A row number in the file is only a claim; beyond Excel's own last row nothing is looked for.
LAST_ROW = 1_048_576


@dataclass(frozen=True)
class StreamedSheet:
    """A sheet being read: how many rows it says it has (0: it does not say), and its rows with their numbers."""

    expected: int
    rows: Iterator[tuple[int, list[Any]]]


@contextmanager
def streamed(source: Path | IO[bytes], *, title: str, columns: int) -> Iterator[StreamedSheet]:
    """The sheet with this title, else the first. Rows that hold nothing are left out.

    Values are text (stripped), numbers, booleans, dates; a formula stands as its text with an equals sign, an error as
    its name. Raises `UnreadableBook` with `not_a_workbook` or `too_large`, also while the rows are read.
    """
    with _as_unreadable(), zipfile.ZipFile(source) as archive:
        book = _Book(archive, title)
        yield StreamedSheet(book.expected(), book.rows(columns))


@contextmanager
def _as_unreadable() -> Iterator[None]:
    """A broken workbook raises whatever its broken part leads to."""
    try:
        yield
    except (zipfile.BadZipFile, expat.ExpatError, KeyError, EOFError, zipfile.zlib.error) as exc:  # type: ignore[attr-defined]
        raise UnreadableBook("not_a_workbook") from exc


class _Book:
    def __init__(self, archive: zipfile.ZipFile, title: str) -> None:
        self.archive = archive
        self.names = set(archive.namelist())
        sheets: list[tuple[str, str]] = []
        self.epoch: datetime = WINDOWS_EPOCH

        def workbook(name: str, attributes: dict[str, str]) -> None:
            if name == "sheet":
                key = next((value for key, value in attributes.items() if key.endswith(" id")), "")
                sheets.append((attributes.get("name", ""), key))
            elif name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
                self.epoch = MAC_EPOCH

        targets: dict[str, str] = {}

        def relations(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship":
                targets[attributes.get("Id", "")] = attributes.get("Target", "")

        self._held("xl/workbook.xml", workbook)
        self._held("xl/_rels/workbook.xml.rels", relations)
        if not sheets:
            raise UnreadableBook("not_a_workbook")
        key = next((key for name, key in sheets if name.strip() == title), sheets[0][1])
        self.path = posixpath.normpath(posixpath.join("/xl", targets[key])).lstrip("/")
        if archive.getinfo(self.path).file_size > MAX_SHEET:
            raise UnreadableBook("too_large")
        self.shared = self._shared()
        self.dates = self._date_styles()

    def expected(self) -> int:
        """From the dimension at the head of the sheet, if it is there."""
        with self.archive.open(self.path) as file:
            head = file.read(4096)
        found = head.partition(b'<dimension ref="')[2].partition(b'"')[0].decode("ascii", "ignore")
        digits = found.rpartition(":")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ$")
        return min(int(digits), LAST_ROW) if digits.isdecimal() else 0

    def rows(self, columns: int) -> Iterator[tuple[int, list[Any]]]:
        reader = _SheetReader(self, columns)
        with _as_unreadable(), self.archive.open(self.path) as file:
            fed = 0
            while chunk := file.read(CHUNK):
                reader.parser.Parse(chunk)
                fed += len(chunk)
                # A tag that does not end would be held until it does.
                if fed - reader.parser.CurrentByteIndex > MAX_CELL:
                    raise UnreadableBook("too_large")
                yield from reader.taken()
            reader.parser.Parse(b"", True)
            yield from reader.taken()

    def _held(
        self,
        path: str,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], object] | None = None,
        data: Callable[[str], None] | None = None,
    ) -> None:
        if self.archive.getinfo(path).file_size > MAX_HELD:
            raise UnreadableBook("too_large")
        parser = _parser(start, end, data)
        with self.archive.open(path) as file:
            while chunk := file.read(CHUNK):
                parser.Parse(chunk)
            parser.Parse(b"", True)

    def _shared(self) -> list[str]:
        texts: list[str] = []
        if "xl/sharedStrings.xml" not in self.names:
            return texts
        parts: list[str] = []
        # Phonetic runs <rPh> stand beside the text and are none of it.
        inside = {"t": 0, "rPh": 0}

        def start(name: str, _attributes: dict[str, str]) -> None:
            if name in inside:
                inside[name] += 1

        def end(name: str) -> None:
            if name in inside:
                inside[name] -= 1
            elif name == "si":
                texts.append("".join(parts).strip())
                parts.clear()

        def data(text: str) -> None:
            if inside["t"] and not inside["rPh"]:
                parts.append(text)

        self._held("xl/sharedStrings.xml", start, end=end, data=data)
        return texts

    def _date_styles(self) -> set[str]:
        """The numbers of the cell styles that show a date."""
        dates: set[str] = set()
        if "xl/styles.xml" not in self.names:
            return dates
        formats = {str(number): code for number, code in BUILTIN_FORMATS.items()}
        within: list[str] = []
        count = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal count
            within.append(name)
            if name == "numFmt":
                formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif name == "xf" and within[-2:-1] == ["cellXfs"]:
                if is_date_format(formats.get(attributes.get("numFmtId", ""), "")):
                    dates.add(str(count))
                count += 1

        self._held("xl/styles.xml", start, end=lambda _name: within.pop())
        return dates


class _SheetReader:
    """Handlers of one sheet; whole rows are taken off after each chunk."""

    def __init__(self, book: _Book, columns: int) -> None:
        self.book, self.columns = book, columns
        self.parser = _parser(self._start, end=self._end, data=self._data)
        self.ready: list[tuple[int, list[Any]]] = []
        self.number = self.column = 0
        self.row: list[Any] = []
        self.kind = self.style = self.formula = ""
        self.parts: list[str] = []
        self.length = 0
        self.within = ""
        self.phonetic = False

    def taken(self) -> list[tuple[int, list[Any]]]:
        ready, self.ready = self.ready, []
        return ready

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            reference = attributes.get("r")
            self.column = _column(reference) if reference else self.column + 1
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "")
            self.formula, self.length = "", 0
            self.parts.clear()
        elif name in ("v", "t", "f"):
            self.within = name
            if name == "f":
                self.formula = "="
        elif name == "rPh":
            self.phonetic = True
        elif name == "row":
            number = attributes.get("r", "")
            self.number = int(number) if number.isdecimal() else self.number + 1
            self.column = 0
            self.row = [None] * self.columns

    def _data(self, text: str) -> None:
        self.length += len(text)
        if self.length > MAX_CELL:
            raise UnreadableBook("too_large")
        if self.within == "f":
            self.formula += text
        elif self.within and not self.phonetic:
            self.parts.append(text)

    def _end(self, name: str) -> None:
        if name in ("v", "t", "f"):
            self.within = ""
        elif name == "rPh":
            self.phonetic = False
        elif name == "c":
            if 0 < self.column <= self.columns:
                self.row[self.column - 1] = self._value()
        elif name == "row" and self.number <= LAST_ROW and any(value not in (None, "") for value in self.row):
            self.ready.append((self.number, self.row))

    def _value(self) -> Any:
        if self.formula:
            return self.formula
        text = "".join(self.parts)
        if text == "":
            return None
        try:
            if self.kind == "s":
                return self.book.shared[int(text)]
            if self.kind == "n":
                number = float(text) if not text.lstrip("-").isdecimal() else int(text)
                return self._date(number) if self.style in self.book.dates else number
        except (ValueError, IndexError, OverflowError) as exc:
            raise UnreadableBook("not_a_workbook") from exc
        return text == "1" if self.kind == "b" else text.strip()

    def _date(self, number: float) -> Any:
        try:
            found = from_excel(number, self.book.epoch)
        except (ValueError, OverflowError):
            return number
        return number if isinstance(found, timedelta) else found


def _column(reference: str) -> int:
    """BC12 → 55; 0 for what is no reference."""
    number = 0
    for letter in reference:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - 64
    return number


def _parser(
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], object] | None = None,
    data: Callable[[str], None] | None = None,
) -> Any:
    """expat with names of elements bare of their namespace; nothing of a workbook declares entities."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    bare: dict[str, str] = {}

    def named(name: str) -> str:
        found = bare.get(name)
        if found is None:
            found = bare[name] = name.rpartition(" ")[2]
        return found

    def refuse(*_: object) -> None:
        raise UnreadableBook("not_a_workbook")

    parser.StartElementHandler = lambda name, attributes: start(named(name), attributes)
    parser.EntityDeclHandler = refuse
    if end is not None:
        parser.EndElementHandler = lambda name: end(named(name))
    if data is not None:
        parser.CharacterDataHandler = data
    return parser
