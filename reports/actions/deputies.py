"""A leader names who approves whistles in their stead, and for how long."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.roles import Can
from core.moment import now
from core.problems import Problem
from grids.models import Area
from grids.scope import scope_of
from reports.models import Deputy


def visible_deputies(user: User) -> QuerySet[Deputy]:
    """One's own, those one stands in for, and those of the areas in which one sees reports."""
    scope = scope_of(user)
    if scope.everything:
        return Deputy.objects.all()
    return Deputy.objects.filter(Q(leader=user) | Q(deputy=user) | scope.areas_below(Can.VIEW_REPORTS, "area__path"))


def name_deputy(user: User, deputy: str, area: str, starts_at: datetime, ends_at: datetime) -> Deputy:
    """Name the person with this user name for the area with this code, where the caller approves whistles.

    Raises `not_found` for an unknown area, `forbidden`, `time_span`, `unknown_unit`, `deputy_is_oneself`,
    `deputy_sees_nothing`.
    """
    moment = now()
    place = Area.objects.filter(code=area, is_active=True).defer("geometry").first()
    if place is None:
        raise Problem("not_found", "area")
    if not scope_of(user).may(Can.APPROVE_WHISTLE, place):
        raise Problem("forbidden")
    if ends_at <= starts_at or ends_at <= moment:
        raise Problem("time_span", "ends_at")
    person = User.objects.filter(username=deputy, is_active=True).first()
    if person is None:
        raise Problem("unknown_unit", "deputy")
    if person.pk == user.pk:
        raise Problem("deputy_is_oneself", "deputy")
    if not scope_of(person).may(Can.VIEW_REPORTS, place):
        raise Problem("deputy_sees_nothing", "deputy")
    # Sent twice, it is the same.
    row, _new = Deputy.objects.get_or_create(
        leader=user, deputy=person, area=place, starts_at=starts_at, ends_at=ends_at, defaults={"named_at": moment}
    )
    return row


@transaction.atomic
def end_deputy(user: User, deputy_id: int) -> Deputy:
    """End it now; by the leader who named the deputy. Raises `not_found`, `forbidden`, `deputy_ended`."""
    row = visible_deputies(user).select_for_update(of=("self",)).filter(pk=deputy_id).first()
    if row is None:
        raise Problem("not_found")
    if row.leader_id != user.pk and not user.is_superuser:
        raise Problem("forbidden")
    moment = now()
    if row.ends_at <= moment:
        raise Problem("deputy_ended")
    row.ends_at = max(moment, row.starts_at)
    row.save(update_fields=["ends_at"])
    return row
