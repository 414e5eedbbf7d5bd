"""What someone sees after too many failed log-ins."""

from typing import Any

from axes.helpers import get_cool_off
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def locked_out(
    request: HttpRequest, original: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """A page for people; what the API answered stays as it is, for it has said so in its own way."""
    if request.path.startswith("/api/") and original is not None:
        return original
    cool_off = get_cool_off(request)
    minutes = round(cool_off.total_seconds() / 60) if cool_off else None
    return render(request, "admin/locked_out.html", {"minutes": minutes}, status=429)
