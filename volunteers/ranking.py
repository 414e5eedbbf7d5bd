"""Who did most in a place or team and a period: bounded, by display names, without those who do not want to appear."""

from dataclasses import dataclass
from datetime import date
from itertools import count

from django.conf import settings
from django.db.models import Exists, OuterRef, Sum

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from grids.models import Area
from grids.scope import below, scope_of
from volunteers.access import visible_teams
from volunteers.models import CreditEntry, Membership, Volunteer


@dataclass(frozen=True)
class Ranked:
    """Equal points share a rank."""

    rank: int
    volunteer_id: int
    display_name: str
    points: int
    me: bool


def ranking(user: User, start: date, end: date, *, area: str | None = None, team: int | None = None) -> list[Ranked]:
    """The first `RANKING_ROWS` by the points of services from `start` to `end` (days, both included).

    By the volunteers' present home in an area (a code) or membership in a team. For those who belong there and those
    who see reports there; to anyone else it is `not_found`. Three queries beside the scope's.
    """
    rows = CreditEntry.objects.filter(
        date__gte=start, date__lte=end, volunteer__in_ranking=True, volunteer__user__is_active=True
    )
    if team is not None:
        if not visible_teams(user).filter(pk=team).exists():
            raise Problem("not_found")
        member = Membership.objects.filter(team=team, volunteer=OuterRef("volunteer_id"), left_at__isnull=True)
        rows = rows.filter(Exists(member))
    else:
        rows = rows.filter(below(_area(user, area or "").path, "volunteer__home__path"))
    summed = (
        rows.values("volunteer_id", "volunteer__user_id", "volunteer__display_name")
        .annotate(total=Sum("points"))
        .filter(total__gt=0)
        .order_by("-total", "volunteer_id")[: settings.GRIDWHISTLE["RANKING_ROWS"]]
    )
    ranked: list[Ranked] = []
    for place, row in zip(count(1), summed, strict=False):
        equal = ranked and ranked[-1].points == row["total"]
        ranked.append(
            Ranked(
                rank=ranked[-1].rank if equal else place,
                volunteer_id=row["volunteer_id"],
                display_name=row["volunteer__display_name"],
                points=row["total"],
                me=row["volunteer__user_id"] == user.pk,
            )
        )
    return ranked


def _area(user: User, code: str) -> Area:
    """The area, if the user is at home in it or sees its reports."""
    area = Area.objects.defer("geometry").filter(code=code).first()
    if area is None:
        raise Problem("not_found")
    if scope_of(user).may(Can.VIEW_REPORTS, area):
        return area
    # A volunteer belongs to the community and the street, not to everything above.
    if (
        area.level in (Area.Level.COMMUNITY, Area.Level.STREET)
        and Volunteer.objects.filter(below(area.path, "home__path"), user=user).exists()
    ):
        return area
    raise Problem("not_found")
