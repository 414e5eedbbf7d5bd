"""The household workbook: one row per resident, the household's columns repeated; what each column takes.

A vacant dwelling is one row without a name. Reading knows nothing of the database; the columns and words are Chinese
like the sheet itself, and every fault of a row is named by its column.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.problems import Problem, catalogue
from households.doors import tidy_address, tidy_room, tidy_unit
from households.models.vocabulary import DocumentType, HouseholdKind, Occupancy, Relation, Sex

SHEET, NOTES = "居民", "填写说明"
PHONE = re.compile(r"[0-9+\- ]{3,20}\Z")
CODE = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")
# More digits than a spreadsheet keeps of a number.
KEPT_DIGITS = 15

catalogue(
    {
        "sheet_columns": (400, _("The first row has to hold the columns %(columns)s.")),
        "sheet_unknown_columns": (400, _("These columns are not known: %(columns)s.")),
        "cell_missing": (400, _("This has to be filled in.")),
        "cell_superfluous": (400, _("This stays empty where there is a building.")),
        "cell_word": (400, _("Write one of these: %(words)s.")),
        "cell_formula": (400, _("Enter the value itself, not a formula or an error.")),
        "cell_date": (400, _("Excel has taken this for a date; format the column as text and enter it again.")),
        "cell_day": (400, _("Write the day as 2024-05-01.")),
        "cell_too_long": (400, _("This is longer than %(most)s characters.")),
        "cell_number_cut": (
            400,
            _("Excel keeps 15 digits of a number; format the column as text and enter it again."),
        ),
        "cell_phone": (400, _("A phone is 3 to 20 digits, spaces, hyphens and a plus.")),
        "cell_code": (400, _("A household number is 1 to 32 letters, digits, hyphens and underscores.")),
    }
)


@dataclass
class Line:
    """A row as it was read: where it is, what it says of the household and, if of anybody, of a resident.

    `number` is the row as the spreadsheet counts it, `ordinal` counts those that hold anything. `grid` are the ids of
    the areas, once they were looked up.
    """

    number: int
    ordinal: int = 0
    place: dict[str, str] = field(default_factory=dict)
    home: dict[str, Any] = field(default_factory=dict)
    person: dict[str, Any] = field(default_factory=dict)
    grid: dict[str, int] = field(default_factory=dict)
    faults: list[tuple[str, Problem]] = field(default_factory=list)


@dataclass(frozen=True)
class Column:
    """One column: its heading, which part of a line it fills, how it is read (None: only ever written)."""

    title: str
    part: str
    name: str
    read: Callable[[str], Any] | None
    note: str
    example: str = ""
    required: bool = False
    words: tuple[str, ...] = ()
    is_date: bool = False


def words(choices: type[Any], *chinese: str, also: Mapping[str, str] | None = None) -> dict[str, str]:
    """The words of the sheet for these choices, in their order, then others that are understood."""
    table = dict(zip(chinese, choices.values, strict=True))
    return table | {word: str(choices(code)) for word, code in (also or {}).items()}


OCCUPANCIES = words(
    Occupancy,
    *("自住", "出租", "空置"),
    also={"自有": "owner", "业主自住": "owner", "租住": "tenant", "租赁": "tenant", "空房": "vacant", "闲置": "vacant"},
)
KINDS = words(HouseholdKind, "家庭户", "集体户", "合租户", "商户")
DOCUMENTS = words(
    DocumentType,
    *("居民身份证", "港澳台居民居住证", "护照", "港澳居民来往内地通行证", "台湾居民来往大陆通行证"),
    *("外国人永久居留身份证", "军人证件", "其他证件"),
    also={"身份证": "id_card", "台胞证": "taiwan_permit", "军官证": "military", "其他": "other"},
)
SEXES = words(Sex, "男", "女")
RELATIONS = words(
    Relation,
    *("户主", "配偶", "子女", "儿媳或女婿", "父母或公婆岳父母", "孙子女或外孙子女", "祖父母或外祖父母", "兄弟姐妹"),
    *("其他亲属", "非亲属"),
    also={
        **dict.fromkeys(("本人",), "head"),
        **dict.fromkeys(("妻", "夫", "妻子", "丈夫"), "spouse"),
        **dict.fromkeys(("子", "女", "儿子", "女儿", "长子", "次子", "长女", "次女", "独生子", "独生女"), "child"),
        **dict.fromkeys(("儿媳", "女婿"), "child_in_law"),
        **dict.fromkeys(("父母", "父亲", "母亲", "父", "母", "公公", "婆婆", "岳父", "岳母"), "parent"),
        **dict.fromkeys(("孙子", "孙女", "外孙", "外孙女", "孙子女"), "grandchild"),
        **dict.fromkeys(("祖父母", "祖父", "祖母", "外祖父", "外祖母"), "grandparent"),
        **dict.fromkeys(("兄", "弟", "姐", "妹"), "sibling"),
        **dict.fromkeys(("亲属",), "relative"),
        **dict.fromkeys(("其他", "租客"), "unrelated"),
    },
)
YES_NO = {"是": True, "否": False}


def words_of(table: Mapping[str, Any]) -> dict[Any, str]:
    """The word of each choice that the sheet itself uses: the first one."""
    first: dict[Any, str] = {}
    for text, choice in table.items():
        first.setdefault(choice, text)
    return first


def chosen(table: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(words_of(table).values())


def word(table: Mapping[str, Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        if text not in table:
            raise Problem("cell_word", params={"words": "、".join(chosen(table))})
        return table[text]

    return read


def text(most: int, tidy: Callable[[str], str] = str.strip) -> Callable[[str], str]:
    def read(value: str) -> str:
        value = tidy(value)
        if len(value) > most:
            raise Problem("cell_too_long", params={"most": most})
        return value

    return read


def phone(value: str) -> str:
    if "*" not in value and not PHONE.match(value):
        raise Problem("cell_phone")
    return value


def code(value: str) -> str:
    if not CODE.match(value):
        raise Problem("cell_code")
    return value


def day(value: str) -> date:
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})", value)
    try:
        read = date(*(int(part) for part in found.groups() if part)) if found else None
    except ValueError:
        read = None
    if read is None or not 1900 <= read.year <= 2200:
        raise Problem("cell_day")
    return read


def tags(value: str) -> list[str]:
    return list(dict.fromkeys(part for part in re.split(r"[\s、,,;;]+", value) if part))


def tidy_building(value: str) -> str:
    """3 and 3# → 3号楼; whatever else it is called it is called so."""
    value = re.sub(r"\s", "", unicodedata.normalize("NFKC", value))
    return re.sub(r"^(\d+)#?\Z", r"\1号楼", value)


def tidy_estate(value: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", value))


COLUMNS = (
    Column(
        *("网格", "place", "grid", text(80)),
        *("网格编码(15–20 位)或网格名称,须在本人可导入的范围内", "371082007032002", True),
    ),
    Column("小区", "place", "estate", text(60, tidy_estate), "小区或村名;填了楼栋时必填", "台上小区"),
    Column(
        *("楼栋", "place", "building", text(30, tidy_building)),
        *("按平时叫法;只写 3 或 3# 时按“3号楼”;系统中没有的楼栋会随导入新建", "3号楼"),
    ),
    Column("单元", "place", "unit", text(20, tidy_unit), "没有单元可不填;“2单元”与“2”相同", "2"),
    Column("室", "place", "room", text(20, tidy_room), "填了楼栋时必填;“502室”与“502”相同", "502"),
    Column("地址", "place", "address", text(100, tidy_address), "没有楼栋时必填,如“台上村18号”;有楼栋时不填"),
    Column("户编号", "home", "code", code, "可不填,由系统生成;字母、数字、连字符"),
    Column(
        *("居住情况", "home", "occupancy", word(OCCUPANCIES), "新登记的户必填", "自住", True),
        words=chosen(OCCUPANCIES),
    ),
    Column("户类型", "home", "kind", word(KINDS), "不填为家庭户", "家庭户", words=chosen(KINDS)),
    Column("户标签", "home", "tags", tags, "整户的关爱标签,多个用顿号隔开"),
    Column("姓名", "person", "name", text(50), "每位居民一行;空置房一户一行,姓名不填", "张三", True),
    Column(
        *("与户主关系", "person", "relation", word(RELATIONS), "新居民必填,一户只有一位户主", "户主", True),
        words=chosen(RELATIONS),
    ),
    Column(
        *("证件类型", "person", "doc_type", word(DOCUMENTS), "有证件号码而不填时按居民身份证", "居民身份证"),
        words=chosen(DOCUMENTS),
    ),
    Column(
        *("证件号码", "person", "doc_number", text(40)),
        *("须为文本格式;身份证校验位数、出生日期和校验码", "11010519491231002X"),
    ),
    Column("电话", "person", "phone", phone, "手机或固定电话", "13812345678"),
    Column("性别", "person", "sex", word(SEXES), "有身份证时可不填,以证件为准", "女", words=chosen(SEXES)),
    Column("出生日期", "person", "birth_date", day, "有身份证时可不填;写作 1990-01-01", is_date=True),
    Column("党员", "person", "party_member", word(YES_NO), "不填表示不改", "否", words=chosen(YES_NO)),
    Column("党员身份", "person", "party_role", text(60), "如“党员中心户”"),
    Column("迁入日期", "person", "moved_in", day, "写作 2024-05-01,不能晚于今天", "2024-05-01", is_date=True),
    Column("个人标签", "person", "tags", tags, "本人的关爱标签,多个用顿号隔开"),
    # Written by the export and passed over by the import.
    Column("社区", "told", "community", None, "仅导出"),
    Column("街道", "told", "street", None, "仅导出"),
    Column("出生年份", "told", "birth_year", None, "仅导出"),
    Column("风险等级", "told", "colour", None, "仅导出"),
    Column("下次走访", "told", "next_visit_due", None, "仅导出"),
)
BY_TITLE = {column.title: column for column in COLUMNS}
REQUIRED = tuple(column.title for column in COLUMNS if column.required)
WIDEST = 2 * len(COLUMNS)
# Which column a fault of a field stands at.
TITLE_OF = {column.name: column.title for column in COLUMNS if column.read and column.name != "tags"} | {
    "birth_year": "出生日期"
}


def read_header(row: list[Any]) -> list[Column | None]:
    """The columns in the order of the file; headings may carry a star.

    Raises `sheet_columns`, `sheet_unknown_columns`.
    """
    titles = [str(value or "").replace(" ", "").rstrip("*＊") for value in row]
    unknown = [title for title in titles if title and title not in BY_TITLE]
    named = [title for title in titles if title]
    if not set(REQUIRED) <= set(named) or len(set(named)) < len(named):
        raise Problem("sheet_columns", params={"columns": "、".join(REQUIRED)})
    if unknown:
        raise Problem("sheet_unknown_columns", params={"columns": "、".join(one[:20] for one in unknown[:10])})
    return [BY_TITLE.get(title) for title in titles]


def read_line(number: int, header: list[Column | None], row: list[Any], ordinal: int = 0) -> Line:
    """One row with all the faults its cells have by themselves; an empty cell says nothing."""
    line = Line(number, ordinal)
    for column, value in zip(header, row, strict=False):
        if column is None or column.read is None or value is None or value == "":
            continue
        try:
            shown = cell_text(value, column.is_date)
            if shown:
                getattr(line, column.part)[column.name] = column.read(shown)
        except Problem as problem:
            line.faults.append((column.title, problem))
    _complete(line)
    return line


def cell_text(value: Any, is_date: bool = False) -> str:
    """A cell as the text somebody meant. Raises `cell_formula`, `cell_date`, `cell_number_cut`."""
    if isinstance(value, datetime | date):
        if not is_date:
            raise Problem("cell_date")
        return f"{value:%Y-%m-%d}"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        if abs(value) >= 10**KEPT_DIGITS:
            raise Problem("cell_number_cut")
        return str(int(value)) if float(value).is_integer() else str(value)
    shown = str(value).replace("\x00", "").strip()
    if shown.startswith(("=", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!")):
        raise Problem("cell_formula")
    return shown


def _complete(line: Line) -> None:
    """What one cell means for another: documents, doors, and what is missing."""
    person, place = line.person, line.place
    broken = {title for title, _problem in line.faults}

    def fault(name: str, code: str) -> None:
        if TITLE_OF[name] not in broken:
            line.faults.append((TITLE_OF[name], Problem(code)))

    if person and not person.get("name"):
        fault("name", "cell_missing")
    if not person.get("doc_number"):
        person.pop("doc_type", None)
    else:
        person.setdefault("doc_type", DocumentType.ID_CARD)
    # 台上村 and 18号 without a building are one address.
    if "address" in place and not {"building", "unit", "room"} & set(place):
        estate = place.pop("estate", "")
        if not place["address"].startswith(estate):
            place["address"] = estate + place["address"]
    elif "address" in place:
        fault("address", "cell_superfluous")
    needed = ("grid", "address") if "address" in place else ("grid", "estate", "building", "room")
    for name in needed:
        if not place.get(name):
            fault(name, "cell_missing")
    for name in ("unit", "room", "address"):
        if "*" in place.get(name, ""):
            fault(name, "masked_value")
