"""Appoint and withdraw: the row and its guardian permissions change together."""

from collections.abc import Iterable
from itertools import combinations
from typing import Any

from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from guardian.shortcuts import assign_perm, remove_perm

from accounts.models import Department, DepartmentUserPermission, User
from accounts.roles import AREA_ROLES, DEPARTMENT_ROLES, Role, kept_apart
from core.moment import now
from core.problems import Problem, catalogue
from grids.models import Appointment, Area, AreaUserPermission
from grids.scope import forget_scope
from grids.signals import appointment_ended

catalogue(
    {
        "role_not_here": (400, _("This role cannot be held here.")),
        "already_appointed": (409, _("This person already holds this role here.")),
        "already_in_charge": (409, _("Someone else is in charge here.")),
        "appointment_ended": (409, _("This appointment has already ended.")),
        "roles_apart": (409, _("Nobody may be %(role)s and %(other)s at once.")),
    }
)


def capabilities(role: str, node: Area | Department) -> frozenset[str]:
    """What the role grants at this kind of node; raises `role_not_here`."""
    roles = AREA_ROLES if isinstance(node, Area) else DEPARTMENT_ROLES
    if role not in roles:
        raise Problem("role_not_here", "role")
    return roles[role]


def appoint(
    user: User, role: str, node: Area | Department, *, in_charge: bool = False, on_duty: bool = False
) -> Appointment:
    """Give `user` a role at `node`.

    Raises `role_not_here`, `already_appointed`, `already_in_charge`, `roles_apart`.
    """
    granted = capabilities(role, node)
    place = {"area": node} if isinstance(node, Area) else {"department": node}
    with transaction.atomic():
        _lock(user)
        held = Appointment.objects.filter(user=user, ended_at__isnull=True)
        check_apart([role, *held.values_list("role", flat=True)])
        try:
            with transaction.atomic():
                appointment = Appointment.objects.create(
                    user=user, role=role, in_charge=in_charge, on_duty=on_duty, started_at=now(), **place
                )
        except IntegrityError as exc:
            if held.filter(role=role, **place).exists():
                raise Problem("already_appointed", "user") from exc
            raise Problem("already_in_charge", "in_charge") from exc
        for capability in granted:
            assign_perm(capability, user, node)
    forget_scope(user)
    return appointment


def check_apart(roles: Iterable[str]) -> None:
    """Raise `roles_apart` if nobody may hold these together."""
    for one, other in combinations(roles, 2):
        if kept_apart(one, other):
            names = {"role": Role(one).label, "other": Role(other).label}
            raise Problem("roles_apart", "role", params=names)


def withdraw(appointment: Appointment) -> None:
    """End an appointment; permissions stay only where another appointment of the person still grants them."""
    with transaction.atomic():
        _lock(appointment.user)
        ended = Appointment.objects.filter(pk=appointment.pk, ended_at__isnull=True).update(ended_at=now())
        if not ended:
            raise Problem("appointment_ended")
        node = appointment.area or appointment.department
        assert node is not None  # the table's constraint
        still_granted: set[str] = set()
        others = Appointment.objects.filter(
            user=appointment.user, ended_at__isnull=True, area=appointment.area, department=appointment.department
        )
        for other in others:
            still_granted |= capabilities(other.role, node)
        for capability in capabilities(appointment.role, node) - still_granted:
            remove_perm(capability, appointment.user, node)
        appointment.refresh_from_db()
        appointment_ended.send(sender=Appointment, appointment=appointment)
    forget_scope(appointment.user)


def grant_anew() -> int:
    """Give standing appointments what their roles have come to grant since; returns how many permissions were missing.

    Permissions are written when somebody is appointed, so a capability added to a role reaches the people in office
    only by this. It takes nothing away.
    """
    made = 0
    granted: Any
    for node, roles, granted in (
        ("area", AREA_ROLES, AreaUserPermission),
        ("department", DEPARTMENT_ROLES, DepartmentUserPermission),
    ):
        ids = dict(Permission.objects.filter(content_type__model=node).values_list("codename", "pk"))
        standing = Appointment.objects.filter(ended_at__isnull=True, **{f"{node}__isnull": False})
        due = {
            (user, at, ids[can])
            for user, at, role in standing.values_list("user_id", f"{node}_id", "role")
            for can in roles[role]
        }
        missing = due - set(granted.objects.values_list("user_id", "content_object_id", "permission_id"))
        rows = [granted(user_id=user, content_object_id=at, permission_id=can) for user, at, can in sorted(missing)]
        granted.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
        made += len(rows)
    return made


def _lock(user: User) -> None:
    """One change at a time per person: a withdrawal must see the appointment that still grants the same."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
