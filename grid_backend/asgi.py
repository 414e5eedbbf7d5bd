"""Sockets only, for `uvicorn grid_backend.asgi:application` beside the WSGI servers that answer HTTP."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grid_backend.settings")
django.setup()

from grid_backend.bridge import Receive, Scope, Send  # noqa: E402
from grid_backend.checks import refuse_unsafe_start  # noqa: E402
from grid_backend.sockets import Sockets, lifespan  # noqa: E402
from notifications.hub import start_hub, stop_hub  # noqa: E402

refuse_unsafe_start()
sockets = Sockets()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI entry: `websocket` and `lifespan`; HTTP is refused, for it would run without the WSGI stack."""
    if scope["type"] == "websocket":
        await sockets(scope, receive, send)
    elif scope["type"] == "lifespan":
        await lifespan(receive, send, start_hub, stop_hub)
    else:
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"13")]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": b"Sockets only\n"})
