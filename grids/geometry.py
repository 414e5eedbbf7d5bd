"""Boundaries as GeoJSON, checked before they are kept."""

import math
from typing import Any

from django.utils.translation import gettext_lazy as _
from shapely.errors import GEOSException
from shapely.geometry import shape
from shapely.validation import explain_validity

from core.problems import Problem, catalogue

catalogue({"bad_boundary": (400, _("The boundary is not valid: %(why)s."))})

MAX_POINTS = 200_000


def check_boundary(geometry: Any, field: str = "geometry") -> dict[str, Any]:
    """A Polygon or MultiPolygon in WGS-84 degrees that is valid, finite and within the globe, without other members.

    Raises `bad_boundary` naming `field` and the reason. Source: RFC 7946.
    """
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise _refused(field, "it is no Polygon or MultiPolygon")
    rings = geometry.get("coordinates")
    try:
        points = list(_points(rings))
    except (TypeError, ValueError) as exc:
        raise _refused(field, "its coordinates are not numbers") from exc
    if not points or len(points) > MAX_POINTS:
        raise _refused(field, "it has no points, or too many")
    for lng, lat in points:
        if not (math.isfinite(lng) and math.isfinite(lat) and abs(lng) <= 180 and abs(lat) <= 90):
            raise _refused(field, f"{lng}, {lat} is no position")
    try:
        polygon = shape({"type": geometry["type"], "coordinates": rings})
    except (GEOSException, ValueError, TypeError, IndexError) as exc:
        raise _refused(field, "it cannot be read") from exc
    if polygon.is_empty or not polygon.is_valid:
        raise _refused(field, explain_validity(polygon) if not polygon.is_empty else "it is empty")
    return {"type": geometry["type"], "coordinates": rings}


def _points(rings: Any) -> Any:
    if not isinstance(rings, list):
        raise TypeError
    if rings and isinstance(rings[0], int | float) and not isinstance(rings[0], bool):
        yield float(rings[0]), float(rings[1])
        return
    for ring in rings:
        yield from _points(ring)


def _refused(field: str, why: str) -> Problem:
    return Problem("bad_boundary", field, params={"why": why})
