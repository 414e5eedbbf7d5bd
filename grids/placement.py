"""Rows that lie in the area tree by one column per level (`city_id` … `grid_id`): who reaches them, and how lists ask.

One column per level lets every list start from an index on its node, and a single row be judged without a query.
"""

from typing import Any

from django.db.models import Q

from accounts.models import Department, User
from grids.models import Area
from grids.models.areas import LEVELS
from grids.scope import Held, Scope, scope_of


def within(nodes: list[Held]) -> Q:
    """The condition that a row lies at one of these nodes or below; without any it lets nothing through."""
    by_level: dict[str, list[int]] = {}
    for held in nodes:
        by_level.setdefault(held.level, []).append(held.id)
    condition = Q()
    for level, ids in by_level.items():
        condition |= Q(**{f"{level}_id__in": ids}) if len(ids) > 1 else Q(**{f"{level}_id": ids[0]})
    return condition if by_level else Q(pk__in=[])


def path_of(row: Any) -> str:
    """The path of the lowest area the row lies in, for the access log; one query."""
    ids = (getattr(row, f"{level}_id") for level in reversed(LEVELS))
    lowest = next((area_id for area_id in ids if area_id is not None), None)
    return Area.objects.filter(pk=lowest).values_list("path", flat=True).first() or ""


def held_at(scope: Scope, can: str, row: Any) -> Held | None:
    """The highest node over the row at which the capability is held."""
    reaching = [held for held in scope.areas.get(can, []) if getattr(row, f"{held.level}_id") == held.id]
    return min(reaching, key=lambda held: len(held.path), default=None)


def role_at(user: User, row: Any, department: Department | None = None) -> str:
    """The role the person acts in here, for the record: the nearest one over the row or the department."""
    near: list[tuple[int, str]] = []
    for role, of, node in scope_of(user).roles:
        if of == "area" and getattr(row, f"{node.level}_id") == node.id:
            near.append((len(node.path), role))
        elif of == "department" and department is not None and department.path.startswith(node.path):
            near.append((len(node.path) + 100, role))
    return max(near)[1] if near else ""
