"""Position to grid: an index of all active grids in memory, followed by a number in the database.

A point within `TOLERANCE` of several grids belongs to the one with the lowest code, so a point on a border always falls
in one and the same grid, in whatever coordinate system it came. Another process's edit raises `BoundaryVersion`; each
process looks at that number at most every `BOUNDARY_CHECK_SECONDS` and, when it moved, builds a new index beside the
old one, which serves until the new one takes its place. See docs/locating.md.
"""

import logging
import math
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy
import shapely
import shapely.ops
from django.conf import settings
from django.db.models import TextField
from django.db.models.functions import Cast

from grids.coordinates import distance_m
from grids.models import Area, BoundaryVersion

log = logging.getLogger(__name__)

# Degrees, some 10 cm: the sixth decimal of stored boundaries, so that no crack opens between neighbours.
TOLERANCE = 1e-6
# Beyond this many degrees the nearest grid is told by degrees alone.
FAR = 1.0
METRES_PER_DEGREE = 111_000.0


@dataclass(frozen=True, slots=True)
class Place:
    """An area as the index keeps it; `path` is its materialised path."""

    id: int
    code: str
    name: str
    level: str
    path: str
    kind: str = ""
    setting: str = ""


@dataclass(frozen=True)
class Located:
    """A grid with its ancestors, from the city down; `ids` maps each level to the area's id."""

    id: int
    code: str
    name: str
    full_name: str
    ids: Mapping[str, int]
    places: tuple[Place, ...]

    def area(self, level: str) -> Place:
        """The area of this level that the grid lies in, the grid itself for "grid". Raises KeyError."""
        for place in self.places:
            if place.level == level:
                return place
        raise KeyError(level)


@dataclass(frozen=True)
class _Index:
    number: int
    tree: shapely.STRtree
    grids: list[Located]
    shapes: numpy.ndarray
    by_code: dict[str, int]


_lock = threading.Lock()
_index: _Index | None = None
_checked = -math.inf


def locate(lng: float, lat: float) -> Located | None:
    """The grid that covers a WGS-84 point, on land or at sea; None outside all of them."""
    index = _current()
    around = shapely.box(lng - TOLERANCE, lat - TOLERANCE, lng + TOLERANCE, lat + TOLERANCE)
    hits = index.tree.query(around, predicate="intersects")
    if len(hits) == 1:
        return index.grids[hits[0]]
    # The grids stand in order of their codes, so the lowest position is the lowest code.
    return index.grids[hits.min()] if len(hits) else None


def nearest(lng: float, lat: float) -> tuple[Located, float] | None:
    """The nearest grid and the metres to it; None where there are no grids at all."""
    index = _current()
    if not index.grids:
        return None
    point = shapely.Point(lng, lat)
    at = int(index.tree.nearest(point))
    if shapely.distance(index.shapes[at], point) > FAR:
        return index.grids[at], _metres(index.shapes[at], lng, lat)
    # A degree of longitude is shorter than one of latitude: look at all that may be nearer in metres.
    high = _metres(index.shapes[at], lng, lat) / METRES_PER_DEGREE
    wide = high / max(math.cos(math.radians(lat)), 0.01)
    around = shapely.box(lng - wide, lat - high, lng + wide, lat + high)
    near = {int(hit) for hit in index.tree.query(around)} | {at}
    metres, best = min((_metres(index.shapes[each], lng, lat), each) for each in near)
    return index.grids[best], metres


def grid_by_code(code: str) -> Located | None:
    """An active grid by its code."""
    index = _current()
    at = index.by_code.get(code)
    return index.grids[at] if at is not None else None


def distance_to_grid(code: str, lng: float, lat: float) -> float:
    """Metres from a WGS-84 point to the grid, 0 inside. Raises KeyError for an unknown code."""
    index = _current()
    return _metres(index.shapes[index.by_code[code]], lng, lat)


def full_name(grid: str, above: Sequence[str]) -> str:
    """A grid's name behind those it lies in; one named after its community says that once."""
    return "".join(above[:-1] if above and grid.startswith(above[-1]) else above) + grid


def look_soon() -> None:
    """Look at the number with the next call, for an edit made by this process."""
    global _checked
    _checked = -math.inf


def reset() -> None:
    """Forget the index of this process."""
    global _index, _checked
    with _lock:
        _index, _checked = None, -math.inf


def _metres(polygon: shapely.Geometry, lng: float, lat: float) -> float:
    # Nearest by shape, not by degrees: longitudes are shortened as they are on the ground here.
    shorten = max(math.cos(math.radians(lat)), 0.01)
    level = shapely.transform(polygon, lambda points: points * [shorten, 1.0])
    on_edge, _point = shapely.ops.nearest_points(level, shapely.Point(lng * shorten, lat))
    return distance_m(on_edge.x / shorten, on_edge.y, lng, lat)


def _current() -> _Index:
    global _index, _checked
    index = _index
    if index is not None and time.monotonic() - _checked < settings.GRIDWHISTLE["BOUNDARY_CHECK_SECONDS"]:
        return index
    # One thread looks and builds; the others go on with the index there is.
    if not _lock.acquire(blocking=index is None):
        assert index is not None
        return index
    try:
        looked = time.monotonic()
        # Read before the boundaries: an edit in between makes the next look build again, never miss it.
        number = BoundaryVersion.objects.filter(pk=1).values_list("number", flat=True).first() or 0
        if _index is None or _index.number != number:
            _index = _build(number)
        _checked = looked
        return _index
    finally:
        _lock.release()


def _build(number: int) -> _Index:
    places = {
        row[4]: Place(*row)
        for row in Area.objects.values_list("pk", "code", "name", "level", "path", "kind", "setting")
    }
    rows = list(
        Area.objects.filter(level=Area.Level.GRID, is_active=True, geometry__isnull=False)
        # As text, so that the library written in C reads it and not Python.
        .values_list("path", "code", Cast("geometry", TextField()))
    )
    # The database may sort codes by language; here they are in order of their characters, everywhere.
    rows.sort(key=lambda row: row[1])
    read = shapely.from_geojson([text for _path, _code, text in rows], on_invalid="ignore")
    grids: list[Located] = []
    shapes: list[shapely.Geometry] = []
    for (path, code, _text), polygon in zip(rows, read, strict=True):
        if polygon is None or path not in places:
            log.error("grid %s has a boundary that cannot be read; no position is found in it", code)
            continue
        grids.append(_located(path, places))
        shapes.append(polygon)
    kept = numpy.array(shapes, dtype=object)
    shapely.prepare(kept)
    return _Index(number, shapely.STRtree(kept), grids, kept, {grid.code: at for at, grid in enumerate(grids)})


def _located(path: str, places: Mapping[str, Place]) -> Located:
    step = Area.steplen
    chain = tuple(places[path[:end]] for end in range(step, len(path) + 1, step))
    grid, above = chain[-1], chain[:-1]
    names = [place.name for place in above if place.level != Area.Level.CITY]
    ids = {place.level: place.id for place in chain}
    return Located(grid.id, grid.code, grid.name, full_name(grid.name, names), ids, chain)
