"""Limits 时限: an amount and the unit that says when it runs; reading, writing and comparing them.

Units: urgent_hour 紧急工作时 and natural_day 自然日 run always; work_hour 工作时 and work_day 工作日 (eight work
hours, a setting) run only in the working periods of working days.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

HOUR = 3600
NATURAL_DAY = 24 * HOUR
# What a NUMERIC(7, 2) column holds.
LARGEST = Decimal("99999.99")
STEP = Decimal("0.01")
# Farther ahead nobody sets a day for a meeting or a reply.
A_YEAR = timedelta(days=366)


class Unit(models.TextChoices):
    URGENT_HOUR = "urgent_hour", _("urgent hour")
    WORK_HOUR = "work_hour", _("work hour")
    WORK_DAY = "work_day", _("work day")
    NATURAL_DAY = "natural_day", _("natural day")


ALWAYS_RUNNING = frozenset({Unit.URGENT_HOUR, Unit.NATURAL_DAY})

# How a unit is written back, and every way it is read. A bare "天" is a natural day; a bare "小时" or "日" does not
# say whether it runs at night and is refused, so that a person settles it.
_WRITTEN = {
    Unit.URGENT_HOUR: "紧急工作时",
    Unit.WORK_HOUR: "工作时",
    Unit.WORK_DAY: "个工作日",
    Unit.NATURAL_DAY: "天",
}
_READ = {
    "紧急工作时": Unit.URGENT_HOUR,
    "紧急工作小时": Unit.URGENT_HOUR,
    "紧急时": Unit.URGENT_HOUR,
    "工作时": Unit.WORK_HOUR,
    "工作小时": Unit.WORK_HOUR,
    "工作日": Unit.WORK_DAY,
    "工作天": Unit.WORK_DAY,
    "天": Unit.NATURAL_DAY,
    "自然日": Unit.NATURAL_DAY,
    "自然天": Unit.NATURAL_DAY,
    "日历天": Unit.NATURAL_DAY,
}
_NUMBERS = {"半": Decimal("0.5")} | {
    sign: Decimal(value)
    for sign, value in zip("一二两三四五六七八九十", (1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10), strict=True)
}
_TEXT = re.compile(r"(?P<amount>[0-9]{1,5}(?:\.[0-9]{1,2})?|[半一二两三四五六七八九十]{1,3})个?(?P<unit>\D+)")


class Calendar(Protocol):
    """What a limit asks of the working calendar (`reports.calendar.WorkingCalendar`)."""

    def add(self, start: datetime, working_seconds: float) -> datetime: ...

    def between(self, start: datetime, end: datetime) -> float: ...

    def covered_from_monday(self, wall_seconds: float) -> float: ...


class UnreadableLimit(ValueError):
    """The text is no limit: no amount, no unit, or an unknown one."""


@dataclass(frozen=True)
class Limit:
    """An amount (more than 0, at most two decimals) of a unit."""

    amount: Decimal
    unit: Unit

    def __post_init__(self) -> None:
        if not 0 < self.amount <= LARGEST or self.amount != self.amount.quantize(STEP):
            raise ValueError(f"not an amount: {self.amount}")

    @property
    def runs_always(self) -> bool:
        return self.unit in ALWAYS_RUNNING

    @property
    def seconds(self) -> float:
        """The length in seconds: wall-clock ones if it runs always, working ones otherwise."""
        each = {
            Unit.URGENT_HOUR: HOUR,
            Unit.WORK_HOUR: HOUR,
            Unit.WORK_DAY: settings.GRIDWHISTLE["WORK_DAY_HOURS"] * HOUR,
            Unit.NATURAL_DAY: NATURAL_DAY,
        }[self.unit]
        return float(self.amount) * each

    def due(self, calendar: Calendar, start: datetime) -> datetime:
        """When the limit ends if it runs from `start` (aware)."""
        return advance(calendar, start, self.seconds, always=self.runs_always)

    def used(self, calendar: Calendar, start: datetime, end: datetime) -> float:
        """How many of the limit's seconds pass from `start` to `end`; negative if `end` is the earlier one."""
        return elapsed(calendar, start, end, always=self.runs_always)

    def working_seconds(self, calendar: Calendar) -> float:
        """The length by which limits of different units are compared.

        A limit that runs always counts the working seconds it covers from the start of work (08:00) of a Monday
        in weeks without holidays, so that the answer does not hang on today's date.
        """
        return calendar.covered_from_monday(self.seconds) if self.runs_always else self.seconds

    def text(self) -> str:
        """As the catalogue writes it: "4工作时", "1个工作日", "0.5天"."""
        amount = self.amount.quantize(STEP).normalize()
        return f"{amount:f}{_WRITTEN[self.unit]}"

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """Read "2紧急工作时", "4 工作时", "1个工作日", "3天", "半个工作日", in full width too.

        The unit comes from the text and is never guessed. Raises `UnreadableLimit`.
        """
        plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
        match = _TEXT.fullmatch(plain)
        if match is None:
            raise UnreadableLimit(text)
        unit = _READ.get(match["unit"])
        if unit is None:
            raise UnreadableLimit(text)
        try:
            return cls(_amount(match["amount"]), unit)
        except ValueError as exc:
            raise UnreadableLimit(text) from exc


def _amount(text: str) -> Decimal:
    """Digits, or a Chinese number below a hundred, or 半; raises ValueError."""
    if text[0].isdigit():
        return Decimal(text)
    if len(text) == 1:
        return _NUMBERS[text]
    tens, ten, ones = text.partition("十")
    if not ten or "半" in text or len(tens) > 1 or len(ones) > 1 or "十" in ones:
        raise ValueError(text)
    return (_NUMBERS[tens] if tens else Decimal(1)) * 10 + (_NUMBERS[ones] if ones else Decimal(0))


def advance(calendar: Calendar, start: datetime, seconds: float, *, always: bool) -> datetime:
    """`start` plus so many seconds, wall-clock ones if `always`, else working ones."""
    return start + timedelta(seconds=seconds) if always else calendar.add(start, seconds)


def elapsed(calendar: Calendar, start: datetime, end: datetime, *, always: bool) -> float:
    """The seconds from `start` to `end`, wall-clock ones if `always`, else working ones."""
    return (end - start).total_seconds() if always else calendar.between(start, end)


@dataclass(frozen=True)
class Standard:
    """One source's demand, as far as it bears on the effective limit and closing condition."""

    source: str
    limit: Limit
    closing_condition: str = ""


@dataclass(frozen=True)
class Effective:
    """What holds when several sources have standards: 时限就低、标准就高."""

    limit: Limit
    source: str
    closing_condition: str


def shortest(calendar: Calendar, standards: Sequence[Standard]) -> Standard:
    """The standard with the shortest limit, compared in working seconds; of equal ones the first.

    Raises ValueError if there is none. Of limits that cover the same working seconds (1 natural day and 1 work day;
    5 and 6 urgent hours, which both reach into the midday break) one that runs always is the shorter, for it does
    not stop for nights and holidays, and among those the one with fewer wall-clock seconds.
    """
    return min(
        standards, key=lambda one: (one.limit.working_seconds(calendar), not one.limit.runs_always, one.limit.seconds)
    )


def effective(calendar: Calendar, standards: Sequence[Standard], names: dict[str, str]) -> Effective:
    """The shortest limit with its source, and every closing condition, each named by its source.

    `names` gives the word for each source. A condition that several sources share word for word stands once.
    """
    winner = shortest(calendar, standards)
    return Effective(winner.limit, winner.source, joined_conditions(standards, names))


def joined_conditions(standards: Iterable[Standard], names: dict[str, str]) -> str:
    """All closing conditions, one line per distinct condition: "12345、网格：……"."""
    sources: dict[str, list[str]] = {}
    for one in standards:
        if condition := one.closing_condition.strip():
            sources.setdefault(condition, []).append(names[one.source])
    return "\n".join(f"{'、'.join(of)}：{condition}" for condition, of in sources.items())
