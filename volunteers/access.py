"""Who may see and do what with volunteers: the only door to them.

A desk (whoever dispatches reports there) runs the volunteers, teams and records of its area. A volunteer sees what is
their own and what a call tells. What one may not know of is 404; what one may see and not do is 403.
"""

from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from grids.models import Area, AreaUserPermission
from grids.scope import scope_of
from reports.access import visible_reports
from volunteers.models import (
    Attendance,
    CreditEntry,
    Membership,
    Registration,
    ServiceRecord,
    TeamCall,
    Volunteer,
    VolunteerTeam,
)

# Who runs a community's or street's volunteers: whoever works its desk.
RUNS = Can.DISPATCH_REPORT

Row = TypeVar("Row", Volunteer, Registration, VolunteerTeam, ServiceRecord, CreditEntry)


def runs(user: User, area: Area | None) -> bool:
    return scope_of(user).may(RUNS, area)


def visible_registrations(user: User) -> QuerySet[Registration]:
    """One's own, and those with the communities of one's desk."""
    return Registration.objects.filter(_own_or_run(user, "community__path"))


def visible_volunteers(user: User) -> QuerySet[Volunteer]:
    """Oneself, who is at home or asks to be in the desk's area, and the members of its teams."""
    scope = scope_of(user)
    if scope.everything or not scope.areas.get(RUNS):
        return Volunteer.objects.filter(Q() if scope.everything else Q(user=user))
    asking = Registration.objects.filter(
        scope.areas_below(RUNS, "community__path"), volunteer=OuterRef("pk"), status="asked"
    )
    member = Membership.objects.filter(
        scope.areas_below(RUNS, "team__area__path"), volunteer=OuterRef("pk"), left_at__isnull=True
    )
    at_home = scope.areas_below(RUNS, "home__path")
    return Volunteer.objects.filter(Q(user=user) | at_home | Q(Exists(asking)) | Q(Exists(member)))


def visible_teams(user: User) -> QuerySet[VolunteerTeam]:
    """The teams of the desk's area, and those one is in."""
    member = Membership.objects.filter(team=OuterRef("pk"), volunteer__user=user, left_at__isnull=True)
    scope = scope_of(user)
    if scope.everything:
        return VolunteerTeam.objects.all()
    return VolunteerTeam.objects.filter(Q(Exists(member)) | scope.areas_below(RUNS, "area__path"))


def visible_calls(user: User) -> QuerySet[TeamCall]:
    """The calls on reports one may see; not those one was merely called to, which `own_calls` has."""
    return TeamCall.objects.filter(Exists(visible_reports(user).filter(pk=OuterRef("report_id"))))


def own_calls(user: User) -> QuerySet[Attendance]:
    """One's part in the calls one was called to. A deleted report takes its calls along."""
    return Attendance.objects.filter(volunteer__user=user, call__report__deleted_at__isnull=True)


def visible_records(user: User) -> QuerySet[ServiceRecord]:
    """One's own, and those the desk decides on."""
    return ServiceRecord.objects.filter(_own_or_run(user, "community__path"))


def visible_entries(user: User) -> QuerySet[CreditEntry]:
    """The ledger of oneself and of those at home in the desk's area."""
    return CreditEntry.objects.filter(_own_or_run(user, "volunteer__home__path"))


def _own_or_run(user: User, path: str) -> Q:
    scope = scope_of(user)
    # An empty condition would be lost in an OR.
    return Q() if scope.everything else Q(volunteer__user=user) | scope.areas_below(RUNS, path)


def found(rows: QuerySet[Row], pk: int) -> Row:
    """The row among the visible ones, or `not_found`."""
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Problem("not_found")
    return row


def locked(volunteer_id: int) -> Volunteer:
    """The volunteer's row, held until the transaction ends."""
    return Volunteer.objects.select_for_update().get(pk=volunteer_id)


def demand(allowed: bool) -> None:
    """`forbidden` unless allowed."""
    if not allowed:
        raise Problem("forbidden")


def desk_of(area: Area) -> list[User]:
    """The active people who run the volunteers of this area: at the nearest level that has any. One query."""
    paths = [area.path[:end] for end in range(Area.steplen, len(area.path) + 1, Area.steplen)]
    rows = AreaUserPermission.objects.filter(
        content_object__path__in=paths, permission__codename=RUNS, user__is_active=True
    ).select_related("user", "content_object")
    near: dict[int, list[User]] = {}
    for row in rows.defer("content_object__geometry"):
        near.setdefault(row.content_object.depth, []).append(row.user)
    return near[max(near)] if near else []
