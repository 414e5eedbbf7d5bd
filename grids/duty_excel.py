"""The duty roster as a spreadsheet: one row per turn; what is exported can be imported and changes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from core.moment import is_plausible
from core.problems import Problem, catalogue
from core.workbooks import UnreadableBook, read_rows, write_rows
from grids.actions.duty import RosterDone, Turn, put_roster
from grids.models import Area, DutyRole, DutyShift

ZONE = ZoneInfo("Asia/Shanghai")
COLUMNS = ("单位代码", "单位", "账号", "姓名", "开始", "结束", "班次", "值班电话")
ROLES = {"主班": DutyRole.MAIN, "副班": DutyRole.DEPUTY, "": DutyRole.MAIN}
ROLE_WORDS = {DutyRole.MAIN: "主班", DutyRole.DEPUTY: "副班"}
MAX_ROWS = 2_000
# Which column a fault of a field stands at.
COLUMN_OF = {"person": "账号", "role": "班次", "ends_at": "结束", "starts_at": "开始"}

catalogue(
    {
        "unreadable_workbook": (400, _("This is not a readable workbook: %(fault)s.")),
        "roster_columns": (400, _("The first row has to hold the columns %(columns)s.")),
        "roster_bad_time": (400, _("Write the time as 2026-11-24 18:00.")),
        "roster_bad_role": (400, _("Write one of these: %(words)s.")),
        "roster_bad_phone": (400, _("This phone is too long.")),
    }
)


@dataclass(frozen=True)
class Fault:
    """One fault: the row as the spreadsheet counts it, the column, a stable code and a sentence."""

    row: int
    column: str
    code: str
    message: str


@dataclass
class Imported:
    """What an import did, or in a dry run would do."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    applied: bool = False
    faults: list[Fault] = field(default_factory=list)


def import_roster(user: User, data: bytes, *, dry_run: bool) -> Imported:
    """Enter the turns of a workbook, all or none, and say every fault by its row.

    Raises `unreadable_workbook`, `roster_columns`; the faults of rows are in the answer.
    """
    rows = _rows(data)
    result = Imported(rows=len(rows))
    codes = {_text(row[0]) for _number, row in rows}
    nodes: dict[str, Area | Department] = {one.code: one for one in Department.objects.filter(code__in=codes)}
    # A code names an area first: they are the longer, official ones.
    nodes |= {one.code: one for one in Area.objects.filter(code__in=codes).defer("geometry")}
    people = {one.username: one for one in User.objects.filter(username__in={_text(row[2]) for _n, row in rows})}
    turns: list[Turn] = []
    numbers: list[int] = []
    for number, row in rows:
        try:
            turns.append(_turn(row, nodes, people))
            numbers.append(number)
        except Problem as problem:
            result.faults.append(_fault(number, problem))
    done: RosterDone = put_roster(user, turns, dry_run=dry_run or bool(result.faults))
    result.new, result.changed, result.unchanged, result.applied = done.new, done.changed, done.unchanged, done.applied
    result.faults += [_fault(numbers[index], problem) for index, problem in done.faults]
    result.faults.sort(key=lambda fault: fault.row)
    return result


def export_roster(shifts: Iterable[DutyShift]) -> bytes:
    """The turns, with person and node loaded, as a workbook."""
    rows = (
        (
            node.code,
            node.name,
            shift.person.username,
            shift.person.full_name,
            shift.starts_at.astimezone(ZONE).replace(tzinfo=None),
            shift.ends_at.astimezone(ZONE).replace(tzinfo=None),
            ROLE_WORDS[DutyRole(shift.role)],
            shift.phone,
        )
        for shift in shifts
        if (node := shift.area or shift.department) is not None
    )
    return write_rows("值班表", COLUMNS, rows)


def _rows(data: bytes) -> list[tuple[int, list[Any]]]:
    try:
        rows = read_rows(data, max_rows=MAX_ROWS + 1, columns=len(COLUMNS))
    except UnreadableBook as exc:
        raise Problem("unreadable_workbook", params={"fault": exc.words}) from exc
    if not rows or tuple(_text(value) for value in rows[0][1]) != COLUMNS:
        raise Problem("roster_columns", params={"columns": "、".join(COLUMNS)})
    return rows[1:]


def _turn(row: list[Any], nodes: dict[str, Area | Department], people: dict[str, User]) -> Turn:
    node, person = nodes.get(_text(row[0])), people.get(_text(row[2]))
    if node is None:
        raise Problem("unknown_place", "单位代码")
    if person is None:
        raise Problem("unknown_person", "账号")
    if _text(row[6]) not in ROLES:
        raise Problem("roster_bad_role", "班次", params={"words": "、".join(ROLE_WORDS.values())})
    phone = _text(row[7])
    if len(phone) > 40:
        raise Problem("roster_bad_phone", "值班电话")
    return Turn(node, person, _moment(row[4], "开始"), _moment(row[5], "结束"), ROLES[_text(row[6])], phone)


def _moment(value: Any, column: str) -> datetime:
    """A moment of Asia/Shanghai; spreadsheets know no zones."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace("/", "-"))
        except ValueError:
            value = None
    if not isinstance(value, datetime):
        raise Problem("roster_bad_time", column)
    # Excel keeps times as fractions of a day; half a microsecond is not meant.
    moment = value.replace(tzinfo=value.tzinfo or ZONE, microsecond=0)
    if not is_plausible(moment):
        raise Problem("roster_bad_time", column)
    return moment


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip().replace("\x00", "")


def _fault(row: int, problem: Problem) -> Fault:
    column = COLUMN_OF.get(problem.field or "", problem.field or "")
    return Fault(row, column, problem.code, problem.sentence)
