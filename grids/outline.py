"""A small drawing of a boundary among its neighbours, as SVG that needs no map."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

WIDTH, MARGIN = 480, 8
MAX_HEIGHT = 420

Ring = list[list[float]]


def rings(geometry: Any) -> Iterator[Ring]:
    """The rings of a GeoJSON Polygon or MultiPolygon; nothing for anything else."""
    if not isinstance(geometry, dict):
        return
    coordinates = geometry.get("coordinates")
    if geometry.get("type") == "Polygon":
        yield from coordinates or []
    elif geometry.get("type") == "MultiPolygon":
        for polygon in coordinates or []:
            yield from polygon


def outline_svg(own: Any, others: Iterable[Any], title: str) -> SafeString:
    """The geometry `own` (GeoJSON, WGS-84 degrees) filled, `others` in grey around it; empty when nothing is drawn.

    Plate carrée with the longitude shortened by the cosine of the latitude: true enough for a district.
    """
    mine = list(rings(own))
    rest = [ring for other in others for ring in rings(other)]
    points = [point for ring in (mine + rest) for point in ring]
    if not points:
        return mark_safe("")  # a constant
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    shorten = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * shorten, 1e-9), max(north - south, 1e-9)
    scale = min((WIDTH - 2 * MARGIN) / wide, (MAX_HEIGHT - 2 * MARGIN) / high)
    width, height = wide * scale + 2 * MARGIN, high * scale + 2 * MARGIN

    def path(drawn: list[Ring]) -> str:
        return " ".join(
            "M"
            + "L".join(
                f"{(p[0] - west) * shorten * scale + MARGIN:.1f} {(north - p[1]) * scale + MARGIN:.1f}" for p in ring
            )
            + "Z"
            for ring in drawn
        )

    shapes = [
        (path(rest), "#e5e7eb", "#9ca3af", "1"),
        (path(mine), "#93c5fd", "#1d4ed8", "2"),
    ]
    drawn = format_html_join(
        "",
        '<path d="{}" fill="{}" stroke="{}" stroke-width="{}" fill-rule="evenodd" stroke-linejoin="round"/>',
        [shape for shape in shapes if shape[0]],
    )
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" '
        'style="max-width:100%;width:{}px;height:auto;display:block">{}</svg>',
        f"{width:.0f}",
        f"{height:.0f}",
        title,
        f"{width:.0f}",
        drawn,
    )
