"""Handing a photo out, after the view has checked who asks."""

import re
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase

from core.problems import Problem

CACHE_SECONDS = 300
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+|^\.+")


def photo_response(path: Path, content_type: str = "image/jpeg", name: str = "photo.jpg") -> HttpResponseBase:
    """The file at `path`, which lies below MEDIA_ROOT; by the proxy when PHOTO_ACCEL_PREFIX is set.

    Problem `not_found` when the file is not there; ValueError when it lies elsewhere.
    """
    inside = path.resolve().relative_to(Path(settings.MEDIA_ROOT).resolve())
    if not path.is_file():
        raise Problem("not_found")
    response: HttpResponseBase
    if settings.PHOTO_ACCEL_PREFIX:
        response = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = f"{settings.PHOTO_ACCEL_PREFIX.rstrip('/')}/{quote(inside.as_posix())}"
    else:
        response = FileResponse(path.open("rb"), content_type=content_type)
    response["Content-Disposition"] = f'inline; filename="{UNSAFE.sub("_", name)[:100]}"'
    response["Cache-Control"] = f"private, max-age={CACHE_SECONDS}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
