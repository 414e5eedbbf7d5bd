"""The four coordinate systems in use in China, and distances.

WGS-84 is stored. CGCS2000 equals it here to well under a metre. GCJ-02 (高德, 腾讯) is a published distortion of it and
BD-09 (百度) one of GCJ-02; both have no closed inverse, so it is iterated to well under a millimetre.
"""

import math
from collections.abc import Callable
from math import cos, degrees, pi, radians, sin, sqrt

from django.utils.translation import gettext_lazy as _

from core.problems import Problem, catalogue

catalogue({"bad_position": (400, _("This is not a position."))})

Point = tuple[float, float]

# Krasovsky 1940, as GCJ-02 uses it.
_A = 6378245.0
_EE = 0.00669342162296594323
_X_PI = math.pi * 3000.0 / 180.0
EARTH_RADIUS_M = 6371008.8
# GCJ-02 is defined within this box only.
_CHINA = (72.004, 0.8293, 137.8347, 55.8271)
# Degrees; no point is moved farther than this by GCJ-02.
_FARTHEST = 0.1
# Degrees; a correction smaller than this is the last. What is left is 1/250 (GCJ-02), 1/50 (BD-09) of it: < 0.1 mm.
_CLOSE_GCJ02 = 1e-7
_CLOSE_BD09 = 1e-8


def to_wgs84(lng: float, lat: float, coord_type: str) -> Point:
    """Degrees in `coord_type` (wgs84, cgcs2000, gcj02, bd09) to WGS-84. Raises `bad_position` naming lng or lat."""
    for name, value, limit in (("lng", lng, 180.0), ("lat", lat, 90.0)):
        if not math.isfinite(value) or abs(value) > limit:
            raise Problem("bad_position", name)
    if coord_type in ("wgs84", "cgcs2000"):
        return lng, lat
    if coord_type == "gcj02":
        return gcj02_to_wgs84(lng, lat)
    if coord_type == "bd09":
        return gcj02_to_wgs84(*bd09_to_gcj02(lng, lat))
    raise Problem("bad_position", "coord_type")


def wgs84_to_gcj02(lng: float, lat: float) -> Point:
    """Outside the box around China the two are the same."""
    return _distorted(lng, lat) if _in_china(lng, lat) else (lng, lat)


def gcj02_to_wgs84(lng: float, lat: float) -> Point:
    """The inverse of `wgs84_to_gcj02`, to less than a millimetre."""
    if not _in_china(lng, lat, _FARTHEST):
        return lng, lat
    # Solved on the smooth formula: the step at the edge of the box would send the iteration to and fro.
    there = _inverse(_distorted, (lng, lat), (lng, lat), _CLOSE_GCJ02)
    return there if _in_china(*there) else (lng, lat)


def wgs84_to_bd09(lng: float, lat: float) -> Point:
    return gcj02_to_bd09(*wgs84_to_gcj02(lng, lat))


def gcj02_to_bd09(lng: float, lat: float) -> Point:
    radius = math.hypot(lng, lat) + 0.00002 * math.sin(lat * _X_PI)
    angle = math.atan2(lat, lng) + 0.000003 * math.cos(lng * _X_PI)
    return radius * math.cos(angle) + 0.0065, radius * math.sin(angle) + 0.006


def bd09_to_gcj02(lng: float, lat: float) -> Point:
    return _inverse(gcj02_to_bd09, (lng, lat), (lng - 0.0065, lat - 0.006), _CLOSE_BD09)


def distance_m(lng1: float, lat1: float, lng2: float, lat2: float) -> float:
    """Metres along the sphere between two WGS-84 points (haversine; 0.5 % at most off the ellipsoid)."""
    north, east = math.radians(lat2 - lat1) / 2, math.radians(lng2 - lng1) / 2
    chord = math.sin(north) ** 2 + math.cos(math.radians(lat1)) * math.cos(math.radians(lat2)) * math.sin(east) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(chord, 1.0)))


def _in_china(lng: float, lat: float, margin: float = 0.0) -> bool:
    west, south, east, north = _CHINA
    return west - margin <= lng <= east + margin and south - margin <= lat <= north + margin


def _distorted(lng: float, lat: float) -> Point:
    east_by, north_by = _offset(lng, lat)
    return lng + east_by, lat + north_by


def _inverse(forward: Callable[[float, float], Point], target: Point, start: Point, close: float) -> Point:
    x, y = start
    for _step in range(30):
        there = forward(x, y)
        dx, dy = target[0] - there[0], target[1] - there[1]
        x, y = x + dx, y + dy
        if abs(dx) < close and abs(dy) < close:
            break
    return x, y


def _offset(lng: float, lat: float) -> Point:
    """Degrees by which GCJ-02 moves a point; the published series, in metres, over the ellipsoid's radii there."""
    x, y = lng - 105.0, lat - 35.0
    px, py = x * pi, y * pi
    far, xy = 0.2 * sqrt(abs(x)), 0.1 * x * y
    ripple = 20.0 * sin(6.0 * px) + 20.0 * sin(2.0 * px)
    waves_y = 20.0 * sin(py) + 40.0 * sin(py / 3.0) + 160.0 * sin(py / 12.0) + 320.0 * sin(py / 30.0)
    waves_x = 20.0 * sin(px) + 40.0 * sin(px / 3.0) + 150.0 * sin(px / 12.0) + 300.0 * sin(px / 30.0)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + xy + far + (ripple + waves_y) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + xy + far / 2.0 + (ripple + waves_x) * 2.0 / 3.0
    angle = radians(lat)
    curve = 1.0 - _EE * sin(angle) ** 2
    root = sqrt(curve)
    return degrees(east / (_A / root * cos(angle))), degrees(north / (_A * (1.0 - _EE) / (curve * root)))
