"""Photos as bytes: checked, read, turned, stripped, marked, kept and handed out. Nothing here touches the database.

`check_and_render` is the way in; docs/photos.md tells what is refused and why.
"""

from reports.photos import refusals as refusals  # first: it registers the codes that all the others raise
from reports.photos.rendering import Rendered, check_and_render
from reports.photos.serving import photo_response
from reports.photos.signing import Grant, sign, verify
from reports.photos.storage import (
    open_original,
    open_rendered,
    original_path,
    rendered_path,
    store_original,
    store_rendered,
)
from reports.photos.watermark import Caption

__all__ = [
    "Caption",
    "Grant",
    "Rendered",
    "check_and_render",
    "open_original",
    "open_rendered",
    "original_path",
    "photo_response",
    "rendered_path",
    "sign",
    "store_original",
    "store_rendered",
    "verify",
]
