"""Boundaries as GeoJSON, checked before they are kept."""

from collections.abc import Iterator
from typing import Any

import orjson
import shapely
from django.utils.translation import gettext_lazy as _

from core.problems import Problem, catalogue

catalogue({"bad_boundary": (400, _("The boundary is not valid: %(why)s."))})

MAX_POINTS = 200_000


def check_boundary(geometry: Any, field: str = "geometry") -> dict[str, Any]:
    """A Polygon or MultiPolygon in WGS-84 degrees that is valid, finite and within the globe, without other members.

    Raises `bad_boundary` naming `field` and the reason. Source: RFC 7946; either winding is taken, as it asks.
    """
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise _refused(field, "it is no Polygon or MultiPolygon")
    kept = {"type": geometry["type"], "coordinates": geometry.get("coordinates")}
    try:
        # The reader the index of grids uses: strict on nesting and numbers, and rings must be closed.
        polygon = shapely.from_geojson(orjson.dumps(kept))
    except (shapely.errors.GEOSException, orjson.JSONEncodeError) as exc:
        raise _refused(field, f"it cannot be read ({str(exc).splitlines()[0][:120]})") from exc
    if polygon.is_empty or shapely.get_num_coordinates(polygon) > MAX_POINTS:
        raise _refused(field, "it has no points, or too many")
    if any(not _is_number(value) for value in _numbers(kept)):
        raise _refused(field, "its coordinates are not numbers")
    west, south, east, north = polygon.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise _refused(field, f"{west}, {south} to {east}, {north} does not lie within the globe")
    if not polygon.is_valid:
        raise _refused(field, shapely.is_valid_reason(polygon))
    return kept


def inside_point(geometry: dict[str, Any]) -> tuple[float, float]:
    """A point that lies inside the boundary for certain, near its middle: longitude and latitude in degrees."""
    point = shapely.point_on_surface(shapely.from_geojson(orjson.dumps(geometry)))
    return float(point.x), float(point.y)


def _numbers(kept: dict[str, Any]) -> Iterator[Any]:
    """Every coordinate; the nesting has been found right before."""
    polygons = kept["coordinates"] if kept["type"] == "MultiPolygon" else [kept["coordinates"]]
    for rings in polygons:
        for ring in rings:
            for position in ring:
                yield from position


def _is_number(value: Any) -> bool:
    return type(value) is float or type(value) is int


def _refused(field: str, why: str) -> Problem:
    return Problem("bad_boundary", field, params={"why": why})
