"""The pages of the field app and of the console.

WhiteNoise serves what `script/build-frontend` makes; here is how browsers may use it, and what stands at their
addresses until they are made.
"""

from wsgiref.headers import Headers

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

# Each address with what a browser may let its pages use.
PERMISSIONS = {
    "/field/": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
    "/console/": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# Names with a hash of what is in them: never another content under the same name.
IMMUTABLE = r"^/(field|console)/assets/.+-[\w-]{8}\.\w+$"
# Nothing from elsewhere but the tiles of the map.
POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data: blob: https://*.tianditu.gov.cn",
    "style-src": "'self' 'unsafe-inline'",
    # Icons stand in the style sheets.
    "font-src": "'self' data:",
    "worker-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def add_headers(headers: Headers, path: str, url: str) -> None:
    """For WhiteNoise: pages and the service worker are asked for anew each time, and pages are told what they may do.

    The service worker gets no policy: it would hold for what it fetches in the name of the page.
    """
    permissions = next((granted for address, granted in PERMISSIONS.items() if url.startswith(address)), None)
    if permissions is None:
        return
    if "immutable" not in headers.get("Cache-Control", ""):
        headers["Cache-Control"] = "no-cache"
    if url.endswith("/") or path.endswith(".html"):
        headers["Content-Security-Policy"] = policy()
        headers["Permissions-Policy"] = permissions


def policy() -> str:
    """As a header. Browsers before 2022 do not take sockets for 'self', so the public address names them."""
    scheme, _, host = settings.GRIDWHISTLE["PUBLIC_URL"].rstrip("/").partition("://")
    sockets = [f"{'wss' if scheme == 'https' else 'ws'}://{host}"] if host else []
    return "; ".join(
        f"{name} {value}" for name, value in {**POLICY, "connect-src": " ".join(["'self'", *sockets])}.items()
    )


@require_safe
def not_built(request: HttpRequest) -> HttpResponse:
    """Reached only where there are no pages to serve."""
    return render(request, "not_built.html", status=404)
