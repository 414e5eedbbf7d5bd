"""Web sockets: Channels' router, and the life of the hub that feeds the sockets of this process."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from channels.routing import URLRouter
from django.conf import settings
from django.http.request import validate_host
from django.urls import re_path

from grid_backend.bridge import Receive, Scope, Send
from notifications.routing import websocket_urlpatterns

Hook = Callable[[], Awaitable[object]]


async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a socket at an address that is not served (the client sees HTTP 403)."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


async def foreign(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a socket opened by another site's page (the client sees HTTP 403)."""
    await receive()
    await send({"type": "websocket.close", "code": 4403})


def own_origin(scope: Scope) -> bool:
    """Whether a socket may be opened from where it comes.

    A browser sends the visitor's session cookie along for any page, so its Origin must be the host asked for or one
    named in ALLOWED_HOSTS ("*" names none). A native client sends no Origin and needs none.
    """
    headers = dict(scope["headers"])
    if b"origin" not in headers:
        return True
    origin = urlsplit(headers[b"origin"].decode("latin-1"))
    if origin.netloc and origin.netloc == headers.get(b"host", b"").decode("latin-1"):
        return validate_host(origin.hostname or "", settings.ALLOWED_HOSTS)
    named = [host for host in settings.ALLOWED_HOSTS if host != "*"]
    return validate_host(origin.hostname or "", named)


class Sockets:
    """The socket addresses; what is not among them, or comes from another site's page, is refused."""

    def __init__(self) -> None:
        # Channels routes ASGI applications by Django's patterns, which are typed for views.
        otherwise: Any = nowhere
        self.routes = URLRouter([*websocket_urlpatterns, re_path(r"", otherwise)])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self.routes if own_origin(scope) else foreign)(scope, receive, send)


async def lifespan(receive: Receive, send: Send, start: Hook, stop: Hook) -> None:
    """Serve an ASGI `lifespan` scope: `start` before the first request, `stop` after the last."""
    await receive()
    try:
        await start()
    except Exception as exc:
        await send({"type": "lifespan.startup.failed", "message": str(exc)})
        raise
    await send({"type": "lifespan.startup.complete"})
    await receive()
    try:
        await stop()
    finally:
        await send({"type": "lifespan.shutdown.complete"})
