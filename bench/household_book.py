"""A workbook of made-up households with planted faults, each known by row, column and code."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from households.documents import check_character
from households.sheet import COLUMNS, SHEET

TITLES = [column.title for column in COLUMNS if column.read is not None]
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国"
RELATIONS = ("户主", "配偶", "子女", "父母或公婆岳父母")
Row = dict[str, Any]


@dataclass
class Book:
    """What was written: rows and households without fault, and the faults as (row, column, code)."""

    households: int = 0
    residents: int = 0
    buildings: int = 0
    rows: int = 0
    faults: list[tuple[int, str, str]] = field(default_factory=list)


def card(dice: random.Random, male: bool) -> str:
    born = f"{dice.randint(1930, 2015)}{dice.randint(1, 12):02d}{dice.randint(1, 28):02d}"
    digits = f"371082{born}{dice.randint(0, 99):02d}{dice.randint(0, 4) * 2 + male}"
    return digits + check_character(digits)


def household(dice: random.Random, grid: str, number: int) -> list[Row]:
    """The rows of the `number`-th household of a grid: 48 to a building, one in twenty vacant."""
    at, home = divmod(number, 48)
    unit, flat = divmod(home, 12)
    door: Row = {
        "网格": grid,
        "小区": "台上小区",
        "楼栋": f"{at + 1}号楼",
        "单元": f"{unit + 1}单元",
        "室": f"{flat // 2 + 1}0{flat % 2 + 1}室",
        "居住情况": dice.choice(("自住", "自住", "自住", "出租")),
        "户类型": "家庭户",
    }
    if dice.random() < 0.05:
        return [door | {"居住情况": "空置"}]
    return [door | person(dice, RELATIONS[place]) for place in range(dice.choice((1, 2, 3, 3, 4)))]


def person(dice: random.Random, relation: str) -> Row:
    male = dice.random() < 0.5
    return {
        "姓名": dice.choice(SURNAMES) + "".join(dice.sample(GIVEN, 2)),
        "与户主关系": relation,
        "证件类型": "居民身份证",
        "证件号码": card(dice, male),
        "电话": f"13{dice.randint(10**8, 10**9 - 1)}",
        "性别": "男" if male else "女",
        "党员": "是" if dice.random() < 0.1 else "否",
        "迁入日期": f"{dice.randint(1995, 2024)}-0{dice.randint(1, 9)}-15",
        "个人标签": dice.choice(("", "", "", "", "独居老人", "残疾人、低保或困难家庭")),
    }


def _spoiled(number: str) -> str:
    return number[:-1] + ("0" if number[-1] != "0" else "1")


# Name of the fault: what becomes of one more row of a good household, the column and the code it has to be found by.
PLANTED: dict[str, tuple[Row, str, str]] = {
    "check": ({}, "证件号码", "id_check"),
    "length": ({"证件号码": "37108219900101"}, "证件号码", "id_length"),
    "date": ({"证件号码": "37108219901301123X"}, "证件号码", "id_date"),
    "cut": ({"证件号码": 371082199001011000}, "证件号码", "cell_number_cut"),
    "relation": ({"与户主关系": "邻居"}, "与户主关系", "cell_word"),
    "head": ({"与户主关系": "户主"}, "与户主关系", "head_taken"),
    "phone": ({"电话": "无"}, "电话", "cell_phone"),
    "formula": ({"电话": "=A1"}, "电话", "cell_formula"),
    "no name": ({"姓名": ""}, "姓名", "cell_missing"),
    "masked": ({"姓名": "王*"}, "姓名", "masked_value"),
    "future": ({"迁入日期": "2199-01-01"}, "迁入日期", "future_date"),
    "day": ({"迁入日期": "去年"}, "迁入日期", "cell_day"),
    "tag": ({"个人标签": "不存在的标签"}, "个人标签", "unknown_tag"),
    "sex": ({}, "性别", "told_otherwise"),
    "no room": ({"室": ""}, "室", "cell_missing"),
    "unknown grid": ({"网格": "999999999999999"}, "网格", "unknown_grid"),
    "foreign grid": ({}, "网格", "foreign_grid"),
    "twice": ({}, "证件号码", "resident_twice"),
    "differ": ({"居住情况": "出租"}, "居住情况", "rows_differ"),
    "apart": ({}, "室", "door_apart"),
}


def planted(dice: random.Random, name: str, rows: Sequence[Row], foreign: str) -> tuple[Row, str, str]:
    """A row with this fault, for the household of `rows`."""
    change, column, code = PLANTED[name]
    row = rows[0] | person(dice, "其他亲属")
    if name == "check":
        change = {"证件号码": _spoiled(row["证件号码"])}
    elif name == "sex":
        change = {"性别": "女" if row["性别"] == "男" else "男"}
    elif name == "foreign grid":
        change = {"网格": foreign}
    elif name == "twice":
        change = {"证件号码": rows[0]["证件号码"], "性别": rows[0]["性别"]}
    elif name == "differ":
        change = {"居住情况": "出租" if row["居住情况"] == "自住" else "自住"}
    return row | change, column, code


def write_book(
    path: Path, *, grids: Sequence[str], foreign: str, households: int, faults: int = 0, seed: int = 1
) -> Book:
    """Write the workbook; faults are spread over it evenly, each a row of its own."""
    book, sheets = Book(), Workbook(write_only=True)
    sheet: Any = sheets.create_sheet(SHEET)
    sheet.append(TITLES)
    for row in _rows(book, random.Random(seed), grids, foreign, households, faults):
        sheet.append([_cell(sheet, row.get(title)) for title in TITLES])
    sheets.save(path)
    return book


def _rows(
    book: Book, dice: random.Random, grids: Sequence[str], foreign: str, households: int, faults: int
) -> Iterator[Row]:
    names = list(PLANTED)
    before: Sequence[Row] = ()
    to_plant = 0
    for number in range(households):
        to_plant += faults * (number + 1) // households - faults * number // households
        per_grid = -(-households // len(grids))
        at, place = divmod(number, per_grid)
        rows = household(dice, grids[at], place)
        book.households += 1
        book.buildings += place % 48 == 0
        for row in rows:
            book.rows += 1
            book.residents += bool(row.get("姓名"))
            yield row
        while to_plant and rows[0].get("姓名") and before:
            to_plant -= 1
            name = names[len(book.faults) % len(names)]
            row, column, code = planted(dice, name, before if name == "apart" else rows, foreign)
            book.rows += 1
            book.faults.append((book.rows + 1, column, code))
            yield row
        if rows[0].get("姓名"):
            before = rows


def _cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, str) and value.startswith("="):
        return WriteOnlyCell(sheet, value)
    return value
