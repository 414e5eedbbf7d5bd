"""Sheets read row by row: the same values as another library reads, bounds on memory, and no error of ours."""

import io
import zipfile
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from core.problems import Problem
from core.sheet_stream import streamed
from core.workbooks import UnreadableBook, read_rows
from households.sheet import COLUMNS, read_header, read_line

texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20)
days = st.datetimes(datetime(1901, 1, 1), datetime(2200, 1, 1)).map(lambda moment: moment.replace(microsecond=0))
cells = st.one_of(st.none(), texts, st.integers(-(10**14), 10**14), st.booleans(), st.floats(-1e6, 1e6), days)


def book_of(rows: list[list[Any]], title: str = "居民", write_only: bool = False) -> bytes:
    book = Workbook(write_only=write_only)
    sheet: Any = book.create_sheet(title, 0)
    for row in rows:
        sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read(data: bytes, title: str = "居民", columns: int = 6) -> list[tuple[int, list[Any]]]:
    with streamed(io.BytesIO(data), title=title, columns=columns) as sheet:
        return list(sheet.rows)


@given(st.lists(st.lists(cells, max_size=6), max_size=6))
def test_it_reads_what_the_other_reader_reads(rows: list[list[Any]]) -> None:
    data = book_of(rows)
    assert read(data) == read_rows(data, max_rows=100, columns=6)


def test_texts_may_be_shared_inline_or_rich(tmp_path: Any) -> None:
    shared = '<sst xmlns="x"><si><t>甲</t></si><si><r><t>乙</t></r><r><t> 丙</t></r><rPh><t>bǐng</t></rPh></si></sst>'
    sheet = (
        '<worksheet xmlns="x"><dimension ref="A1:D2"/><sheetData><row r="2"><c r="A2" t="s"><v>0</v></c>'
        '<c r="B2" t="s"><v>1</v></c><c r="C2" t="inlineStr"><is><t>丁</t></is></c>'
        '<c r="D2"><f>A2+1</f><v>3</v></c><c r="E2" t="e"><v>#N/A</v></c></row></sheetData></worksheet>'
    )
    assert read(by_hand(sheet, shared)) == [(2, ["甲", "乙 丙", "丁", "=A2+1", "#N/A", None])]
    with streamed(io.BytesIO(by_hand(sheet, shared)), title="x", columns=1) as found:
        assert found.expected == 2


def by_hand(sheet: str, shared: str = "") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/workbook.xml",
            '<workbook xmlns="x" xmlns:r="y"><sheets><sheet name="居民" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="z"><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        if shared:
            archive.writestr("xl/sharedStrings.xml", shared)
    return target.getvalue()


def test_the_named_sheet_is_read_else_the_first() -> None:
    book = Workbook()
    book.active.title = "说明"  # type: ignore[union-attr]
    book.active["A1"] = "说明"  # type: ignore[index]
    book.create_sheet("居民")["A1"] = "居民"
    target = io.BytesIO()
    book.save(target)
    assert read(target.getvalue()) == [(1, ["居民", *[None] * 5])]
    assert read(target.getvalue(), "别的") == [(1, ["说明", *[None] * 5])]


HEAD, TAIL = '<worksheet xmlns="x"><sheetData>', "</sheetData></worksheet>"
BROKEN: dict[str, str] = {
    "cut off": HEAD + "<row r='1'><c r='A1'><v>1</v>",
    "no XML": "nothing",
    "a text that is not there": HEAD + "<row r='1'><c r='A1' t='s'><v>7</v></c></row>" + TAIL,
    "no number": HEAD + "<row r='1'><c r='A1'><v>abc</v></c></row>" + TAIL,
    "entities": '<!DOCTYPE a [<!ENTITY b "c">]>' + HEAD + "<row r='1'><c r='A1' t='str'><v>&b;</v></c></row>" + TAIL,
    "an endless cell": HEAD + "<row r='1'><c r='A1' t='str'><v>" + "x" * 3_000_000 + "</v></c></row>" + TAIL,
    "an endless tag": HEAD + "<row r='1'><c r='A1' x='" + "y" * 3_000_000 + "'><v>1</v></c></row>" + TAIL,
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_sheet_is_unreadable_and_never_an_error_of_ours(kind: str) -> None:
    with pytest.raises(UnreadableBook):
        read(by_hand(BROKEN[kind]))


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip", book_of([["a"]])[:-200]])
def test_no_workbook_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableBook):
        read(data)


def test_rows_beyond_the_last_one_of_a_spreadsheet_are_not_there() -> None:
    rows = "<row r='1'><c r='A1'><v>1</v></c></row><row r='1048577'><c r='A1048577'><v>2</v></c></row>"
    assert [number for number, _row in read(by_hand(HEAD + rows + TAIL))] == [1]


# -- the rows of the household sheet -----------------------------------------------------------------------------

HEADER = read_header([column.title for column in COLUMNS])


@given(st.lists(st.one_of(cells, st.sampled_from(["*", "=1", "#N/A", "3号楼", "2024-13-01"])), max_size=len(COLUMNS)))
def test_no_row_however_strange_is_an_error_of_ours(row: list[Any]) -> None:
    line = read_line(2, HEADER, row)
    titles = {column.title for column in COLUMNS}
    assert all(title in titles and isinstance(problem, Problem) for title, problem in line.faults)
    if not line.faults:
        assert line.place["grid"]
        assert line.place.get("room") or line.place.get("address")
