"""平均处置时长: the mean working time from dispatch to result, without reading each report's."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest, Least

from reports.calendar import ZONE, Period, working_calendar
from reports.figures.asked import Place, Span
from reports.figures.prepared import rows
from reports.figures.seconds import LocalSeconds
from reports.figures.table import FIGURES

DAY = 86400
EPOCH = date(1970, 1, 1)


def mean_handling_hours(place: Place, span: Span) -> float | None:
    """Working hours, to the second; one query, and a row per pair of days on which matters began and ended.

    Working time between two moments is the difference of how much had passed by each. On any one day that is what had
    passed by its beginning, which the calendar knows, and what of its periods lies before the hour, which can be summed
    in the database.
    """
    calendar = working_calendar()
    matters, seconds = 0, 0.0
    for began, ended, number, before, after in rows(_by_days, place, span, calendar.periods):
        days = [EPOCH + timedelta(days=int(day)) for day in (began, ended)]
        midnights = [datetime.combine(day, time(), ZONE) for day in days]
        matters += number
        seconds += number * calendar.between(*midnights)
        seconds += float(after) * calendar.is_working_day(days[1]) - float(before) * calendar.is_working_day(days[0])
    return seconds / matters / 3600 if matters else None


def _by_days(place: Place, span: Span, periods: tuple[Period, ...]) -> QuerySet[Any]:
    began, ended = LocalSeconds("dispatched_at"), LocalSeconds("finished_at")
    matters = FIGURES["finished"].behind(place, span).order_by().values(began=began / DAY, ended=ended / DAY)
    sums = {"before": Sum(_passed(periods, began % DAY)), "after": Sum(_passed(periods, ended % DAY))}
    return matters.annotate(number=Count("pk"), **sums).values_list("began", "ended", "number", "before", "after")


def _passed(periods: tuple[Period, ...], at: Combinable) -> Combinable:
    """The seconds of a working day's periods that lie before a second of the day."""
    passed: Combinable = Value(0)
    for start, end in periods:
        begins, length = _seconds(start), _seconds(end) - _seconds(start)
        passed = passed + Least(Greatest(at - begins, Value(0)), Value(length))
    return passed


def _seconds(at: time) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second
