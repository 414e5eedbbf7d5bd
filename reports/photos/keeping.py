"""Announced bytes become pictures in their places, whatever the picture belongs to."""

from datetime import datetime
from typing import Any

from grids.coordinates import distance_m
from reports.models.photos import Picture
from reports.photos.rendering import Rendered, check_and_render
from reports.photos.storage import store_original, store_rendered
from reports.photos.watermark import Caption


def keep_pictures(picture: Picture, data: bytes, caption: Caption) -> Rendered:
    """Check the bytes against what was announced, and write the original, the display picture and the thumbnail.

    Outside any transaction: files are named by content and key, so doing it twice changes nothing. Raises the photo's
    own faults.
    """
    rendered = check_and_render(data, declared_sha256=picture.sha256, declared_size=picture.size, caption=caption)
    store_original(picture.sha256, data)
    store_rendered(picture.pk, "display", rendered.display)
    store_rendered(picture.pk, "thumbnail", rendered.thumbnail)
    return rendered


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
