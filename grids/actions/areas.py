"""Every write to the area tree; each raises the boundary version in the same transaction.

Raising it comes first: it locks the version's one row, so writers of the tree take turns and no two areas are given
the same place in it.
"""

import re
import time
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from core.problems import Problem, catalogue
from grids import locating
from grids.geometry import check_boundary
from grids.models import Area, BoundaryVersion
from grids.models.areas import LEVELS
from grids.signals import area_moved

catalogue(
    {
        "wrong_level": (400, _("An area lies exactly one level below its parent.")),
        "bad_code": (400, _("A code is up to 20 letters, digits, hyphens or underscores.")),
        "parent_retired": (409, _("The area above it is no longer in use.")),
        "code_taken": (409, _("There is already an area with this code.")),
        "kind_for_grids": (400, _("A grid has a kind; other areas have none.")),
        "area_in_use": (409, _("This area still has active areas below it.")),
    }
)


def bump_boundary_version() -> None:
    """Tell every process that its index is old; this one looks as soon as the transaction is committed.

    The number is at least the time in microseconds: one that was rolled back is never given out a second time, so an
    index built from what was never committed cannot pass for a new one.
    """
    lock_tree()
    at_least = Value(time.time_ns() // 1000)
    BoundaryVersion.objects.filter(pk=1).update(number=Greatest(F("number") + 1, at_least))
    transaction.on_commit(locating.look_soon)


def lock_tree() -> None:
    """Wait for other writers of the tree and keep them out to the end of the transaction."""
    if BoundaryVersion.objects.select_for_update().filter(pk=1).first() is None:
        BoundaryVersion.objects.get_or_create(pk=1)
        BoundaryVersion.objects.select_for_update().get(pk=1)


def is_code(code: Any) -> bool:
    """Whether this can be an area's code: it stands in addresses, so it is plain."""
    return isinstance(code, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,20}", code) is not None


@transaction.atomic
def create_area(
    parent: Area | None,
    *,
    level: str,
    code: str,
    name: str,
    kind: str = "",
    setting: str = "",
    geometry: dict[str, Any] | None = None,
    office: Department | None = None,
) -> Area:
    """Add an area below `parent` (None: a city).

    Raises `bad_code`, `wrong_level`, `kind_for_grids`, `bad_boundary`, `parent_retired`, `code_taken`.
    """
    bump_boundary_version()
    if not is_code(code):
        raise Problem("bad_code", "code")
    _check(parent, level, kind)
    values = {
        "level": level,
        "code": code,
        "name": name,
        "kind": kind,
        "setting": setting,
        "geometry": check_boundary(geometry) if geometry is not None else None,
        "office": office,
    }
    try:
        with transaction.atomic():
            area: Area = Area.objects.add_child(parent, values) if parent else Area.objects.add_root(values)
    except IntegrityError as exc:
        raise Problem("code_taken", "code") from exc
    return area


@transaction.atomic
def change_area(area: Area, **changes: Any) -> Area:
    """Change name, kind, setting, geometry, office or is_active.

    Raises `kind_for_grids`, `bad_boundary`; `area_in_use` or `parent_retired` when an active area would come to lie
    below one that is not.
    """
    unknown = set(changes) - {"name", "kind", "setting", "geometry", "office", "is_active"}
    if unknown:
        raise ValueError(f"not to be changed here: {sorted(unknown)}")
    if changes.get("geometry") is not None:
        changes["geometry"] = check_boundary(changes["geometry"])
    bump_boundary_version()
    locked: Area = Area.objects.select_for_update().get(pk=area.pk)
    if "is_active" in changes and changes["is_active"] != locked.is_active:
        _check_use(locked, changes["is_active"])
    for name, value in changes.items():
        setattr(locked, name, value)
    if (locked.level == Area.Level.GRID) != bool(locked.kind):
        raise Problem("kind_for_grids", "kind")
    locked.save(update_fields=[*changes, "updated_at"])
    return locked


def retire_area(area: Area) -> Area:
    """Take an area out of use; it stays as history. Raises `area_in_use` while areas below it are active."""
    return change_area(area, is_active=False)


@transaction.atomic
def move_area(area: Area, parent: Area) -> Area:
    """Put an area, with all below it, under another parent of the same level.

    Sends `area_moved` inside the transaction. Raises `wrong_level`, `parent_retired`.
    """
    bump_boundary_version()
    # Other moves may have changed both places since they were read.
    area, parent = Area.objects.get(pk=area.pk), Area.objects.get(pk=parent.pk)
    _check(parent, area.level, area.kind)
    old_path = area.path
    Area.objects.move(area, parent, "last-child")
    moved: Area = Area.objects.get(pk=area.pk)
    area_moved.send(sender=Area, area=moved, old_path=old_path)
    return moved


def _check_use(area: Area, is_active: bool) -> None:
    if is_active:
        above = area.path[: -Area.steplen]
        if Area.objects.filter(path=above, is_active=False).exists():
            raise Problem("parent_retired", "is_active")
    elif Area.objects.get_descendants(area).filter(is_active=True).exists():
        raise Problem("area_in_use", "is_active")


def _check(parent: Area | None, level: str, kind: str) -> None:
    if level not in LEVELS:
        raise Problem("wrong_level", "level")
    above = LEVELS.index(level) - 1
    if (parent.level if parent else None) != (LEVELS[above] if above >= 0 else None):
        raise Problem("wrong_level", "level")
    if (level == Area.Level.GRID) != bool(kind):
        raise Problem("kind_for_grids", "kind")
    if parent is not None and not parent.is_active:
        raise Problem("parent_retired", "parent")
