"""Appoint a whole staff at once: the same rows as `appoint` one by one, in a handful of statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Q

from accounts.models import Department, DepartmentUserPermission, User
from accounts.roles import THREE_ADMINS
from core.moment import now
from grids.actions.appointments import capabilities, check_apart
from grids.models import Appointment, Area, AreaUserPermission
from grids.scope import forget_scope

ROWS_PER_INSERT = 1_000


@dataclass(frozen=True)
class Post:
    """One appointment to make: the arguments of `appoint`."""

    user: User
    role: str
    node: Area | Department
    in_charge: bool = False
    on_duty: bool = False


def appoint_many(posts: Iterable[Post]) -> list[Appointment]:
    """Make these appointments and their permissions, all or none.

    For setting a place up: an appointment that exists is an IntegrityError, not `already_appointed`, because one
    statement cannot say whose it was. Raises `role_not_here`, `roles_apart`.
    """
    wanted = list(posts)
    granted = [capabilities(post.role, post.node) for post in wanted]
    moment = now()
    with transaction.atomic():
        _check_apart(wanted)
        made = Appointment.objects.bulk_create(
            [
                Appointment(
                    user=post.user,
                    role=post.role,
                    in_charge=post.in_charge,
                    on_duty=post.on_duty,
                    started_at=moment,
                    **{"area" if isinstance(post.node, Area) else "department": post.node},
                )
                for post in wanted
            ],
            batch_size=ROWS_PER_INSERT,
        )
        for model, rows in ((Area, AreaUserPermission), (Department, DepartmentUserPermission)):
            _grant(model, rows, [pair for pair in zip(wanted, granted, strict=True) if isinstance(pair[0].node, model)])
    for post in wanted:
        forget_scope(post.user)
    return made


def _check_apart(wanted: Sequence[Post]) -> None:
    roles: dict[int, list[str]] = {}
    for post in wanted:
        roles.setdefault(post.user.pk, []).append(post.role)
    # Those who are kept apart from others are few: theirs are the rows to look at, not those of a whole staff.
    few = [user_id for user_id, own in roles.items() if THREE_ADMINS & set(own)]
    held = Appointment.objects.filter(Q(user__in=few) | Q(role__in=THREE_ADMINS), ended_at__isnull=True)
    for user_id, role in held.values_list("user_id", "role"):
        roles.setdefault(user_id, []).append(role)
    for together in roles.values():
        check_apart(together)


def _grant(
    model: type[Area] | type[Department],
    rows: type[AreaUserPermission] | type[DepartmentUserPermission],
    pairs: Sequence[tuple[Post, frozenset[str]]],
) -> None:
    """Two roles of a person at one node may grant the same: guardian keeps one row of it."""
    permissions = {
        permission.codename: permission
        for permission in Permission.objects.filter(
            content_type__app_label=model._meta.app_label, content_type__model=model._meta.model_name
        )
    }
    once = {(post.user.pk, post.node.pk, capability): None for post, granted in pairs for capability in sorted(granted)}
    made = [
        rows(user_id=user_id, content_object_id=node_id, permission=permissions[capability])
        for user_id, node_id, capability in once
    ]
    rows._default_manager.bulk_create(made, batch_size=ROWS_PER_INSERT, ignore_conflicts=True)  # type: ignore[arg-type]
