"""For which area and which days figures are asked, and whether the person may ask."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Can
from core.moment import now
from core.problems import Problem, catalogue
from grids.models import Area
from grids.models.areas import LEVELS
from grids.scope import scope_of
from reports.calendar import ZONE, today

MOST_DAYS = 366
YEARS = range(1970, 2200)

catalogue({"figures_period": (400, _("A period runs forward and has at most %(days)s days."))})


@dataclass(frozen=True)
class Span:
    """Days of Asia/Shanghai, both included, and the moment at which what is open is looked at."""

    first: date
    last: date
    moment: datetime

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), ZONE)

    @property
    def end(self) -> datetime:
        """The first moment after the period."""
        return datetime.combine(self.last + timedelta(days=1), time(), ZONE)

    def holds(self, column: str) -> Q:
        """That the time in this column lies in the period."""
        return Q(**{f"{column}__gte": self.start, f"{column}__lt": self.end})


@dataclass(frozen=True)
class Place:
    """An area, with the key of its street where it lies below one: the indexes by time are those of streets."""

    id: int
    level: str
    code: str
    name: str
    street: int | None = None

    def holds(self, report: str = "") -> Q:
        """That a report lies in the area; `report` is the way to it from what hangs on it, such as `report__`."""
        condition = Q(**{f"{report}{self.level}_id": self.id})
        if self.street is not None:
            condition &= Q(**{f"{report}street_id": self.street})
        return condition & Q(**{f"{report}deleted_at__isnull": True}) if report else condition


def span_of(first: date | None = None, last: date | None = None) -> Span:
    """The days from `first` to `last`, today where nothing is said. Raises `figures_period`."""
    last = last or max(today(), first or date.min)
    first = first or min(today(), last)
    if first > last or (last - first).days >= MOST_DAYS or first.year not in YEARS or last.year not in YEARS:
        raise Problem("figures_period", "last", params={"days": MOST_DAYS})
    return Span(first, last, now())


def place_for(user: User, code: str | None = None) -> Place:
    """The area with this code, else the highest one in which the person sees all reports.

    Raises `forbidden` for those who see no area's reports, `not_found` for an area outside what they see.
    """
    scope = scope_of(user)
    held = scope.areas.get(Can.VIEW_REPORTS, [])
    if not held and not scope.everything:
        raise Problem("forbidden")
    areas = Area.objects.only("code", "name", "level", "path").order_by("path")
    if code is not None:
        areas = areas.filter(code=code)
    elif scope.everything:
        areas = areas.filter(level=LEVELS[0])
    else:
        areas = areas.filter(pk=min(held, key=lambda one: (len(one.path), one.path)).id)
    area = areas.first()
    if area is None or not scope.may(Can.VIEW_REPORTS, area):
        raise Problem("not_found")
    return Place(area.pk, area.level, area.code, area.name, _street_above(area))


def _street_above(area: Area) -> int | None:
    above = LEVELS.index(Area.Level.STREET) + 1
    if LEVELS.index(area.level) < above:
        return None
    path = area.path[: above * Area.steplen]
    return Area.objects.filter(path=path).values_list("pk", flat=True).first()
