"""Who is sent to look: the nearest of those who work a grid."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from accounts.models import User
from accounts.roles import Role
from grids.coordinates import distance_m
from grids.models import Appointment
from reports.models import Assignment, FieldCheck, Report
from reports.models.vocabulary import Source

WORKS_A_GRID = (Role.GRID_WORKER, Role.ASSISTANT, Role.GRID_LEADER)


def nearest_worker(report: Report, moment: datetime) -> User | None:
    """The person of the report's grid to ask for a field check: the nearest by where each was last, as far as that is
    known, else the one in charge, else the one appointed first.

    Who sent the report or worked on it is asked only if there is nobody else. None where nobody works the grid.
    """
    if report.grid_id is None:
        return None
    appointments = Appointment.objects.filter(
        area_id=report.grid_id, role__in=WORKS_A_GRID, ended_at__isnull=True, user__is_active=True
    ).select_related("user")
    in_charge: dict[int, bool] = {}
    people: dict[int, User] = {}
    for one in appointments.order_by("pk"):
        people[one.user_id] = one.user
        in_charge[one.user_id] = in_charge.get(one.user_id, False) or one.in_charge
    if not people:
        return None
    involved = {report.reporter_id, *Assignment.objects.filter(report=report).values_list("assignee_id", flat=True)}
    places = last_positions(list(people), moment)

    def away(user_id: int) -> float:
        at = places.get(user_id)
        return distance_m(*at, report.lng, report.lat) if at else float("inf")

    # `min` keeps the first of equals: the one appointed first.
    first = min(people, key=lambda user_id: (user_id in involved, away(user_id), not in_charge[user_id]))
    return people[first]


def last_positions(user_ids: list[int], moment: datetime) -> dict[int, tuple[float, float]]:
    """Where each person last was within the hours of the setting, (lng, lat) in degrees WGS-84; those who left no
    trace are missing. Traces are reports sent on the spot and answers to field checks. Two queries.
    """
    since = moment - timedelta(hours=settings.GRIDWHISTLE["LAST_POSITION_HOURS"])
    traces: list[tuple[Any, ...]] = [
        *Report.objects.filter(
            reporter_id__in=user_ids, received_at__gte=since, received_at__lte=moment, source=Source.GRID
        ).values_list("received_at", "reporter_id", "lng", "lat"),
        *FieldCheck.objects.filter(
            assignee_id__in=user_ids, ended_at__gte=since, ended_at__lte=moment, lng__isnull=False
        ).values_list("ended_at", "assignee_id", "lng", "lat"),
    ]
    return {user_id: (lng, lat) for _, user_id, lng, lat in sorted(traces)}
