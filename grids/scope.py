"""What a person may do where: every capability and role with the nodes it is held at, read in one query.

A capability at an area reaches everything below it (a prefix of the materialised path); one at a department
reaches that department and the units below it.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import F, Q, Value

from accounts.models import DepartmentUserPermission, User
from grids.models import Appointment, Area, AreaUserPermission


@dataclass(frozen=True)
class Held:
    """One node at which a capability is held."""

    id: int
    path: str
    level: str = ""


@dataclass
class Scope:
    """The nodes of one person per capability, and roles as (role, "area" or "department", node).

    `everything` is a superuser.
    """

    everything: bool = False
    areas: dict[str, list[Held]] = field(default_factory=dict)
    departments: dict[str, list[Held]] = field(default_factory=dict)
    roles: list[tuple[str, str, Held]] = field(default_factory=list)

    def at(self, capability: str, area: Area | None) -> Held | None:
        """The highest node whose capability reaches `area`; None when there is none."""
        if area is None:
            return None
        reaching = [held for held in self.areas.get(capability, []) if area.path.startswith(held.path)]
        return min(reaching, key=lambda held: len(held.path), default=None)

    def may(self, capability: str, area: Area | None) -> bool:
        return self.everything or self.at(capability, area) is not None

    def may_for(self, capability: str, department_path: str) -> bool:
        return self.everything or any(
            department_path.startswith(held.path) for held in self.departments.get(capability, [])
        )

    def anywhere(self, capability: str) -> bool:
        return self.everything or bool(self.areas.get(capability) or self.departments.get(capability))

    def areas_below(self, capability: str, prefix: str = "path") -> Q:
        """A condition on a path column: at or below any area where the capability is held."""
        return _below(self.everything, self.areas.get(capability, []), prefix)

    def departments_below(self, capability: str, prefix: str = "path") -> Q:
        return _below(self.everything, self.departments.get(capability, []), prefix)


def _below(everything: bool, nodes: list[Held], column: str) -> Q:
    if everything:
        return Q()
    condition = Q(pk__in=[])
    for held in nodes:
        condition |= below(held.path, column)
    return condition


def below(path: str, column: str = "path") -> Q:
    """At or below the node with this materialised path, as a range that any index serves.

    LIKE would do too, but SQLite cannot use an index for Django's escaped LIKE.
    """
    end = path_after(path)
    condition = Q(**{f"{column}__gte": path})
    return condition & Q(**{f"{column}__lt": end}) if end else condition


def prefixes(path: str) -> list[str]:
    """The paths of a node and of everything above it, from the node upwards; areas and departments count alike."""
    step: int = Area.steplen
    return [path[:end] for end in range(len(path), 0, -step)]


def path_after(path: str) -> str:
    """The first path behind all that begin with `path`; empty when there is none.

    Made of the tree's own letters: databases that sort by language put other characters before the digits.
    """
    letters = Area.alphabet
    kept = path.rstrip(letters[-1])
    if not kept:
        return ""
    return kept[:-1] + letters[letters.index(kept[-1]) + 1] + letters[0] * (len(path) - len(kept))


def scope_of(user: User) -> Scope:
    """The person's scope, kept on the user object, that is for the length of one request."""
    kept: Scope | None = getattr(user, "_scope", None)
    if kept is None:
        kept = user._scope = _read(user)  # type: ignore[attr-defined]
    return kept


def forget_scope(user: User) -> None:
    """Drop the kept scope after an appointment changed."""
    user.__dict__.pop("_scope", None)


def _read(user: User) -> Scope:
    if not user.is_active:
        return Scope()
    if user.is_superuser:
        return Scope(everything=True)
    sql, params = _statement(connection.vendor)
    scope = Scope()
    with connection.cursor() as cursor:
        cursor.execute(sql, [user.pk if param == ANYBODY else param for param in params])
        for name, node_id, path, level, of in cursor.fetchall():
            node = Held(node_id, path, level)
            if of == "area":
                scope.areas.setdefault(name, []).append(node)
            elif of == "department":
                scope.departments.setdefault(name, []).append(node)
            else:
                scope.roles.append((name, of.removeprefix("role at "), node))
    return scope


# Stands for the person in the statement that is compiled once; no row has this key.
ANYBODY = -1


@cache
def _statement(vendor: str) -> tuple[str, tuple[Any, ...]]:
    """The SQL and parameters of everything `ANYBODY` holds.

    Every request reads a scope, and putting these four parts together costs Django ten times what the database takes to
    answer them, so it is done once per process (and kind of database).
    """
    at_areas = AreaUserPermission.objects.filter(user=ANYBODY, content_object__is_active=True).values_list(
        F("permission__codename"),
        F("content_object_id"),
        F("content_object__path"),
        F("content_object__level"),
        Value("area"),
    )
    at_departments = DepartmentUserPermission.objects.filter(user=ANYBODY, content_object__is_active=True).values_list(
        F("permission__codename"),
        F("content_object_id"),
        F("content_object__path"),
        Value(""),
        Value("department"),
    )
    held = Appointment.objects.filter(user=ANYBODY, ended_at__isnull=True)
    roles_at_areas = held.filter(area__is_active=True).values_list(
        F("role"), F("area_id"), F("area__path"), F("area__level"), Value("role at area")
    )
    roles_at_departments = held.filter(department__is_active=True).values_list(
        F("role"), F("department_id"), F("department__path"), Value(""), Value("role at department")
    )
    everything = at_areas.union(at_departments, roles_at_areas, roles_at_departments, all=True)
    return everything.query.sql_with_params()
