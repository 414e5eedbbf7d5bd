"""The people who work at a place or in a unit."""

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Department, User
from grids.appointing import departments_of
from grids.models import Appointment, Area
from grids.scope import Held, below


def people_at(node: Area | Department, role: str = "") -> QuerySet[User]:
    """The active people with a role at or below the node; at an area also those of its offices and their units.

    `role` narrows to one role. One query.
    """
    held = Appointment.objects.filter(user=OuterRef("pk"), ended_at__isnull=True)
    if role:
        held = held.filter(role=role)
    if isinstance(node, Department):
        return User.objects.filter(Exists(held.filter(below(node.path, "department__path"))), is_active=True)
    offices = departments_of([Held(node.pk, node.path, node.level)], [])
    at_areas = held.filter(below(node.path, "area__path"))
    in_offices = held.filter(department__in=offices.order_by().values("pk"))
    return User.objects.filter(Exists(at_areas) | Exists(in_offices), is_active=True)
