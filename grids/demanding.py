"""Whose posts demand a second factor (`SECOND_FACTOR_ROLES`)."""

from django.conf import settings

from accounts.models import User
from accounts.roles import Role
from grids.models import Appointment


def demands_second_factor(user: User) -> bool:
    """By any appointment in force; a superuser can do what a system admin can. No query where nothing is demanded."""
    roles = settings.SECOND_FACTOR_ROLES
    if not roles:
        return False
    if user.is_superuser and Role.SYSTEM_ADMIN in roles:
        return True
    return Appointment.objects.filter(user=user, ended_at__isnull=True, role__in=roles).exists()
