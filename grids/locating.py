"""Position to grid: an index of all active grids in memory, followed by a number in the database.

A point on a border belongs to the grid with the lowest code of those that cover it, so it is always one and the same.
Another process's edit raises `BoundaryVersion`; each process looks at that number at most every
`BOUNDARY_CHECK_SECONDS` and builds a new index beside the old one when it moved.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

import shapely
import shapely.ops
from django.conf import settings
from shapely.geometry import shape

from grids.coordinates import distance_m
from grids.models import Area, BoundaryVersion

# Degrees, a centimetre: absorbs the sixth decimal of stored boundaries so that no crack opens between neighbours.
TOLERANCE = 1e-7


@dataclass(frozen=True)
class Located:
    """A grid with its ancestors; `ids` maps each level to the area's id."""

    id: int
    code: str
    name: str
    full_name: str
    ids: Mapping[str, int]


@dataclass(frozen=True)
class _Index:
    number: int
    tree: shapely.STRtree
    grids: list[Located]
    shapes: list[shapely.Geometry]
    by_code: dict[str, int]


_lock = threading.Lock()
_index: _Index | None = None
_checked = 0.0


def locate(lng: float, lat: float) -> Located | None:
    """The grid that covers a WGS-84 point, on land or at sea; None outside all of them."""
    index = _current()
    point = shapely.points(lng, lat)
    # The grids stand in order of their codes, so the lowest position is the lowest code.
    hits = index.tree.query(point, predicate="intersects")
    if len(hits) == 0:
        hits = index.tree.query(point, predicate="dwithin", distance=TOLERANCE)
    return index.grids[int(hits.min())] if len(hits) else None


def nearest(lng: float, lat: float) -> tuple[Located, float] | None:
    """The nearest grid and the metres to it; None where there are no grids at all."""
    index = _current()
    if not index.grids:
        return None
    at = int(index.tree.nearest(shapely.points(lng, lat)))
    return index.grids[at], _metres(index.shapes[at], lng, lat)


def grid_by_code(code: str) -> Located | None:
    """An active grid by its code."""
    index = _current()
    at = index.by_code.get(code)
    return index.grids[at] if at is not None else None


def distance_to_grid(code: str, lng: float, lat: float) -> float:
    """Metres from a WGS-84 point to the grid, 0 inside. Raises KeyError for an unknown code."""
    index = _current()
    return _metres(index.shapes[index.by_code[code]], lng, lat)


def reset() -> None:
    """Forget the index of this process."""
    global _index, _checked
    with _lock:
        _index, _checked = None, 0.0


def _metres(polygon: shapely.Geometry, lng: float, lat: float) -> float:
    on_edge, _point = shapely.ops.nearest_points(polygon, shapely.points(lng, lat))
    return distance_m(on_edge.x, on_edge.y, lng, lat)


def _current() -> _Index:
    global _index, _checked
    index = _index
    if index is not None and time.monotonic() - _checked < settings.GRIDWHISTLE["BOUNDARY_CHECK_SECONDS"]:
        return index
    with _lock:
        if _index is not None and time.monotonic() - _checked < settings.GRIDWHISTLE["BOUNDARY_CHECK_SECONDS"]:
            return _index
        # Read before the boundaries: an edit in between makes the next look build again, never miss it.
        number = BoundaryVersion.objects.filter(pk=1).values_list("number", flat=True).first() or 0
        if _index is None or _index.number != number:
            _index = _build(number)
        _checked = time.monotonic()
        return _index


def _build(number: int) -> _Index:
    areas = {
        path: (pk, level, name)
        for pk, path, level, name in Area.objects.exclude(level=Area.Level.GRID).values_list(
            "pk", "path", "level", "name"
        )
    }
    grids: list[Located] = []
    shapes: list[shapely.Geometry] = []
    rows = Area.objects.filter(level=Area.Level.GRID, is_active=True, geometry__isnull=False).order_by("code")
    for pk, path, code, name, geometry in rows.values_list("pk", "path", "code", "name", "geometry"):
        above = [areas[path[:end]] for end in range(Area.steplen, len(path), Area.steplen)]
        ids = {level: area_id for area_id, level, _name in above} | {Area.Level.GRID.value: pk}
        names = [each for _id, level, each in above if level != Area.Level.CITY]
        # A grid is often named after its community; the address says that once.
        full_name = "".join(names if not name.startswith(names[-1]) else names[:-1]) + name
        grids.append(Located(pk, code, name, full_name, ids))
        shapes.append(shape(geometry))
    if shapes:
        shapely.prepare(shapes)
    tree = shapely.STRtree(shapes)
    return _Index(number, tree, grids, shapes, {grid.code: at for at, grid in enumerate(grids)})
