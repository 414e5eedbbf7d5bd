"""The empty workbook to be filled in: the sheet with its columns, and the notes beside it."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from households.sheet import COLUMNS, NOTES, SHEET

FILLED_IN = tuple(column for column in COLUMNS if column.read is not None)
PREPARED_ROWS = 5000
WIDTHS = {
    "网格": 20,
    "小区": 16,
    "地址": 24,
    "与户主关系": 14,
    "证件类型": 20,
    "证件号码": 24,
    "电话": 16,
    "个人标签": 20,
}
RULES = (
    "一、每位居民一行,同一户的各行重复填写网格、小区、楼栋、单元、室等户信息,并放在一起。",
    "二、空置房一户一行,居住情况填“空置”,姓名及以后各列不填。",
    "三、平房、散户不填楼栋、单元、室,只填网格和地址。",
    "四、带 * 的列为必填列,列名不得修改,列的顺序可以调整,不用的列可以删除。",
    "五、先试导入:系统逐行检查,所有问题按行号和列名列出,此时不写入任何数据。",
    "六、没有问题后再正式导入;也可以选择只导入没有问题的行。",
    "七、同一份表再次导入不会重复登记。已登记的户按门牌对应,居民按证件号码对应,没有证件号码的按姓名对应。",
    "八、空白单元格表示不改动已有内容;表中没有的居民不会被删除或迁出,迁出请在系统中办理。",
    "九、含居民个人信息,请妥善保管,导入后及时删除。",
)
EXAMPLES: tuple[dict[str, str], ...] = (
    {},
    {"姓名": "李四", "与户主关系": "配偶", "证件号码": "110105194912310038", "性别": "男", "电话": "", "党员": "是"},
    {"单元": "2", "室": "601", "居住情况": "空置", "户类型": "", "姓名": ""},
    {"小区": "", "楼栋": "", "单元": "", "室": "", "地址": "台上村18号", "姓名": "王五", "证件号码": "", "性别": "男"},
)


def template(tags: Sequence[str]) -> bytes:
    """The workbook; `tags` are the names of the care tags in use."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = SHEET
    _fill_in(sheet)
    _explain(book.create_sheet(NOTES), tags)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _fill_in(sheet: Any) -> None:
    sheet.freeze_panes = "A2"
    for number, column in enumerate(FILLED_IN, 1):
        letter = get_column_letter(number)
        cell = sheet.cell(1, number, column.title + ("*" if column.required else ""))
        _head(cell)
        sheet.column_dimensions[letter].width = WIDTHS.get(column.title, 12)
        # As text: Excel keeps 15 digits of a number and takes 3-2 for a date.
        sheet.column_dimensions[letter].number_format = "@"
        if column.words:
            rule = DataValidation("list", formula1='"' + ",".join(column.words) + '"', allow_blank=True)
            # Other words are understood too (儿子 for 子女); the import says which are not.
            rule.showErrorMessage = False
            rule.add(f"{letter}2:{letter}{PREPARED_ROWS}")
            sheet.add_data_validation(rule)


def _explain(sheet: Any, tags: Sequence[str]) -> None:
    for number, width in enumerate((14, 10, 56, 60, 24), 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    for rule in RULES:
        sheet.append([rule])
    sheet.append([])
    sheet.append(["列", "是否必填", "填写要求", "可填内容", "示例"])
    heads = [sheet.max_row]
    for column in FILLED_IN:
        words = tags if column.name == "tags" else column.words
        sheet.append([column.title, "必填" if column.required else "", column.note, "、".join(words), column.example])
    sheet.append([])
    sheet.append(["示例(填写在“居民”表中,请勿填在本表)"])
    sheet.append([column.title for column in FILLED_IN])
    heads.append(sheet.max_row)
    for changes in EXAMPLES:
        row = _example(changes)
        sheet.append([row[column.title] for column in FILLED_IN])
    for row in heads:
        for cell in sheet[row]:
            if cell.value:
                _head(cell)


def _example(changes: dict[str, str]) -> dict[str, str]:
    row = {column.title: column.example for column in FILLED_IN} | changes
    if not row["姓名"]:
        row |= {column.title: "" for column in FILLED_IN if column.part == "person"}
    if not row["证件号码"]:
        row["证件类型"] = ""
    return row


def _head(cell: Any) -> None:
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="DDEBF7")
    cell.alignment = Alignment(horizontal="center", vertical="center")
