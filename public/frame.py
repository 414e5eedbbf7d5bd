"""What the pages for residents have in common: headers, the choice of language, and an end to asking too often."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.throttling import WINDOW_SECONDS, too_often
from grids.models import Area

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    # Tells no other site where a resident comes from. With "no-referrer" browsers send forms with `Origin: null`,
    # which cannot be told from a forged one.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
LANGUAGE_KEPT_SECONDS = 365 * 24 * 3600

View = Callable[..., HttpResponseBase]


def public_page(*methods: str) -> Callable[[View], View]:
    """A page for residents that answers to these methods, at most `PUBLIC_PAGES_PER_MINUTE` times for one address."""

    def decorate(view: View) -> View:
        @require_http_methods([*methods, "HEAD"])
        @wraps(view)
        def framed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            answer = _answer(view, request, *args, **kwargs)
            for name, value in HEADERS.items():
                if name == "Cache-Control" or not answer.has_header(name):
                    answer[name] = value
            return answer

        return framed

    return decorate


def _answer(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    if too_often(request, "page", settings.GRIDWHISTLE["PUBLIC_PAGES_PER_MINUTE"]):
        return later(request, _("Too many attempts. Try again in %(seconds)s seconds."), WINDOW_SECONDS)
    language = request.GET.get("lang")
    if request.method == "GET" and language in dict(settings.LANGUAGES):
        answer = HttpResponseRedirect(request.path)
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=LANGUAGE_KEPT_SECONDS, samesite="Lax")
        return answer
    return view(request, *args, **kwargs)


def later(request: HttpRequest, sentence: str, seconds: int) -> HttpResponse:
    """429 with a page that says so, and whom to call meanwhile."""
    return refused(
        request, sentence % {"seconds": seconds, "minutes": seconds // 60}, 429, {"Retry-After": str(seconds)}
    )


def refused(request: HttpRequest, sentence: str, status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    """A refusal as a page, or as JSON for the page's own script."""
    if by_script(request):
        return JsonResponse({"message": sentence}, status=status, headers=headers)
    answer = render(request, "public/refused.html", {"sentence": sentence} | phones(), status=status)
    for name, value in (headers or {}).items():
        answer[name] = value
    return answer


def by_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


def phones() -> dict[str, Any]:
    """What every page says in its last line."""
    return {"supervision": settings.GRIDWHISTLE["SUPERVISION_PHONE"]}


def grid_in_use(code: str) -> Area | None:
    """The grid with this code, without its boundary."""
    return Area.objects.filter(code=code, level=Area.Level.GRID, is_active=True).defer("geometry").first()
