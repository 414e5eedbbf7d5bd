"""Announced bytes become pictures in their places, whatever the picture belongs to."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from grids.coordinates import distance_m
from reports.models.photos import Photo, Picture
from reports.photos.hiding import Box, boxes_of, edition
from reports.photos.rendering import Rendered, check_and_render
from reports.photos.storage import rendered_path, store_original, store_rendered
from reports.photos.watermark import Caption


def keep_pictures(picture: Picture, data: bytes, caption: Caption, hidden: Sequence[Box] = ()) -> Rendered:
    """Check the bytes against what was announced, and write the original, the display picture and the thumbnail.

    The pictures have the boxes `hidden` painted over; the original is kept as it came.

    Outside any transaction: files are named by content and key, so doing it twice changes nothing. Raises the photo's
    own faults.
    """
    rendered = check_and_render(
        data, declared_sha256=picture.sha256, declared_size=picture.size, caption=caption, hidden=hidden
    )
    store_original(picture.sha256, data)
    store_pictures(picture, rendered, hidden)
    return rendered


def store_pictures(picture: Picture, rendered: Rendered, hidden: Sequence[Box] = ()) -> None:
    """Write the display picture and the thumbnail, with the boxes `hidden` painted over, where they are looked for."""
    store_rendered(picture.pk, "display", rendered.display, edition(hidden))
    store_rendered(picture.pk, "thumbnail", rendered.thumbnail, edition(hidden))


def shown_path(photo: Photo, variant: str) -> Path:
    """Where the picture of `photo` to be shown now lies: the one with its hidden parts painted over."""
    return rendered_path(photo.pk, variant, edition(boxes_of(photo.hidden)))


def arrival(rendered: Rendered, moment: datetime, lng: float | None, lat: float | None) -> dict[str, Any]:
    """The columns of a picture that has come; the point, in WGS-84 degrees, is where it should have been taken."""
    distance = None
    if None not in (rendered.lng, rendered.lat, lng, lat):
        distance = distance_m(rendered.lng, rendered.lat, lng, lat)  # type: ignore[arg-type]
    return {
        "received_at": moment,
        "format": rendered.format,
        "width": rendered.width,
        "height": rendered.height,
        "taken_at": rendered.taken_at,
        "lng": rendered.lng,
        "lat": rendered.lat,
        "distance_m": distance,
    }
