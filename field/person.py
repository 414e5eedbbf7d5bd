"""The caller as the sections see them: posts, grids held, and the places above; two queries, whoever asks."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from accounts.models import User
from accounts.roles import Role
from core.moment import now
from grids.api.places import as_me
from grids.models import Appointment, Area
from grids.models.areas import LEVELS
from grids.scope import prefixes

WORKS_A_GRID = (Role.GRID_WORKER, Role.GRID_LEADER, Role.ASSISTANT)


@dataclass(frozen=True)
class Place:
    """An area without its boundary."""

    pk: int
    code: str
    name: str
    level: str
    kind: str
    path: str
    office: str | None
    updated_at: datetime


class Person:
    """The caller at one moment."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.moment = now()
        self.me = as_me(user)

    @cached_property
    def posts(self) -> list[Appointment]:
        posts: list[Appointment] = self.me.held  # type: ignore[attr-defined]
        return posts

    @cached_property
    def areas(self) -> list[Area]:
        """Where the caller holds a post, in use."""
        found = {post.area_id: post.area for post in self.posts if post.area is not None and post.area.is_active}
        return list(found.values())

    @cached_property
    def grids(self) -> list[Area]:
        """The grids the caller works, by code."""
        found = {
            post.area_id: post.area
            for post in self.posts
            if post.area is not None
            and post.area.is_active
            and post.area.level == Area.Level.GRID
            and post.role in WORKS_A_GRID
        }
        return sorted(found.values(), key=lambda area: area.code)

    @property
    def grid_ids(self) -> list[int]:
        return [grid.pk for grid in self.grids]

    @cached_property
    def in_charge(self) -> set[int]:
        """The areas the caller is in charge of."""
        return {post.area_id for post in self.posts if post.area_id is not None and post.in_charge}

    @cached_property
    def places(self) -> dict[str, Place]:
        """Where the caller holds a post and everything above, by path."""
        paths = {path for area in self.areas for path in prefixes(area.path)}
        if not paths:
            return {}
        rows = Area.objects.filter(path__in=paths).order_by("path")
        columns = ("pk", "code", "name", "level", "kind", "path", "office__path", "updated_at")
        return {row[5]: Place(*row) for row in rows.values_list(*columns)}

    def above(self, area: Area, level: str) -> Place:
        """The area of this level that `area` lies in."""
        return self.places[area.path[: (LEVELS.index(level) + 1) * Area.steplen]]
