"""Every write to the area tree; each raises the boundary version in the same transaction."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from core.problems import Problem, catalogue
from grids.geometry import check_boundary
from grids.models import Area, BoundaryVersion
from grids.models.areas import LEVELS
from grids.signals import area_moved

catalogue(
    {
        "wrong_level": (400, _("An area lies exactly one level below its parent.")),
        "code_taken": (409, _("There is already an area with this code.")),
        "kind_for_grids": (400, _("A grid has a kind; other areas have none.")),
        "area_in_use": (409, _("This area still has active areas below it.")),
    }
)


def bump_boundary_version() -> None:
    """Tell every process that its index is old."""
    if not BoundaryVersion.objects.filter(pk=1).update(number=F("number") + 1):
        BoundaryVersion.objects.create(pk=1, number=1)


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

    Raises `wrong_level`, `kind_for_grids`, `bad_boundary`, `code_taken`.
    """
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
    bump_boundary_version()
    return area


@transaction.atomic
def change_area(area: Area, **changes: Any) -> Area:
    """Change name, kind, setting, geometry, office or is_active. Raises `kind_for_grids`, `bad_boundary`."""
    unknown = set(changes) - {"name", "kind", "setting", "geometry", "office", "is_active"}
    if unknown:
        raise ValueError(f"not to be changed here: {sorted(unknown)}")
    if changes.get("geometry") is not None:
        changes["geometry"] = check_boundary(changes["geometry"])
    locked: Area = Area.objects.select_for_update().get(pk=area.pk)
    for name, value in changes.items():
        setattr(locked, name, value)
    if (locked.level == Area.Level.GRID) != bool(locked.kind):
        raise Problem("kind_for_grids", "kind")
    locked.save(update_fields=[*changes, "updated_at"])
    bump_boundary_version()
    return locked


@transaction.atomic
def retire_area(area: Area) -> Area:
    """Take an area out of use; it stays as history. Raises `area_in_use` while areas below it are active."""
    if Area.objects.get_descendants(area).filter(is_active=True).exists():
        raise Problem("area_in_use")
    return change_area(area, is_active=False)


@transaction.atomic
def move_area(area: Area, parent: Area) -> Area:
    """Put an area, with all below it, under another parent of the same level. Raises `wrong_level`."""
    _check(parent, area.level, area.kind)
    Area.objects.move(area, parent, "last-child")
    moved: Area = Area.objects.get(pk=area.pk)
    bump_boundary_version()
    area_moved.send(sender=Area, area=moved)
    return moved


def _check(parent: Area | None, level: str, kind: str) -> None:
    if level not in LEVELS:
        raise Problem("wrong_level", "level")
    above = LEVELS.index(level) - 1
    if (parent.level if parent else None) != (LEVELS[above] if above >= 0 else None):
        raise Problem("wrong_level", "level")
    if (level == Area.Level.GRID) != bool(kind):
        raise Problem("kind_for_grids", "kind")
