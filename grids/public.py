"""The page of a grid for residents, which boards and cards lead to: who works here and how to reach them.

Nothing of households, no colours, no figures; no log-in and no cookie.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.throttling import WINDOW_SECONDS, too_often
from grids.boards import boards_of
from grids.models import Area

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@require_safe
def grid_page(request: HttpRequest, code: str) -> HttpResponse:
    """404 for what is no grid in use; 429 for one address that asks too often."""
    if too_often(request, "grid", settings.GRIDWHISTLE["PUBLIC_PAGES_PER_MINUTE"]):
        words = _("Too many attempts. Try again in %(seconds)s seconds.") % {"seconds": WINDOW_SECONDS}
        headers = {"Retry-After": str(WINDOW_SECONDS)}
        return HttpResponse(words, status=429, content_type="text/plain; charset=utf-8", headers=headers)
    grid = Area.objects.filter(code=code, level=Area.Level.GRID, is_active=True).defer("geometry").first()
    if grid is None:
        raise Http404
    context = {"board": boards_of(grid)[0], "supervision": settings.GRIDWHISTLE["SUPERVISION_PHONE"]}
    answer = render(request, "grids/public.html", context)
    answer["Content-Security-Policy"] = POLICY
    answer["Cache-Control"] = "public, max-age=300"
    return answer


def public_address(request: Any) -> Callable[[str], str]:
    """How paths become addresses for residents: below `PUBLIC_URL`, or as this request came."""
    base = settings.GRIDWHISTLE["PUBLIC_URL"].rstrip("/")
    return (lambda path: base + path) if base else request.build_absolute_uri
