"""Everything in one process: HTTP by WSGI threads, sockets by Channels, and the loops of deadlines, notices, messages
and imports.

The form for one machine. With the in-memory channel layer it is also the only form in which a bell reaches a socket.
"""

import logging
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import uvicorn
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections

from grid_backend.bridge import Receive, Scope, Send, WsgiBridge
from grid_backend.sockets import Sockets, lifespan
from households import import_worker
from notifications import outbox, sweeper
from notifications.hub import start_hub, stop_hub
from reports import supervise

log = logging.getLogger(__name__)

# Seconds: for requests and sockets to end by themselves, and for a background loop to finish its step.
GRACE = 10
LOOP_GRACE = 10
# Seconds until a background loop that failed is tried again.
PAUSE_AFTER_FAILURE = 5.0


class Background(threading.Thread):
    """A loop of its own thread; one that raises is logged and started again, for deadlines must go on running."""

    def __init__(self, name: str, loop: Callable[[threading.Event], None], stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.loop = loop
        self.stop = stop

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                self.loop(self.stop)
            except Exception:
                log.exception("%s failed; it starts again in %s s", self.name, PAUSE_AFTER_FAILURE)
            finally:
                connections.close_all()
            self.stop.wait(PAUSE_AFTER_FAILURE)


class Everything:
    """The ASGI application of `manage.py serve`."""

    def __init__(self, threads: int) -> None:
        self.http = WsgiBridge(get_wsgi_application(), threads, settings.REQUEST_MAX_BYTES)
        self.sockets = Sockets()
        self.stopping = threading.Event()
        self.background = [
            Background("supervise", supervise.run_loop, self.stopping),
            Background("sweeper", sweeper.run_loop, self.stopping),
            Background("outbox", outbox.run_loop, self.stopping),
            Background("imports", import_worker.run_loop, self.stopping),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self.sockets(scope, receive, send)
        else:
            await lifespan(receive, send, self._start, self._stop)

    async def _start(self) -> None:
        await start_hub()
        for thread in self.background:
            thread.start()

    async def _stop(self) -> None:
        self.stopping.set()
        await stop_hub()

    def close(self) -> None:
        """Wait for the background loops and the HTTP threads."""
        self.stopping.set()
        for thread in self.background:
            if thread.is_alive():
                thread.join(LOOP_GRACE)
        self.http.close()


class Announcing(uvicorn.Server):
    """uvicorn, calling `ready(address)` once it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self.ready(f"http://{f'[{host}]' if ':' in host else host}:{port}/")


def run(host: str, port: int, threads: int, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way and return; `port` 0 takes a free one.

    Raises `SystemExit` when the address cannot be had.
    """
    # WhiteNoise complains of a missing folder; a development run collects nothing into it.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    app = Everything(threads)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="auto",
        http="httptools",
        ws="websockets-sansio",
        # Bells are a few hundred bytes; a compressor per socket would cost more memory than all the rest of it.
        ws_per_message_deflate=False,
        ws_max_size=256 * 1024,
        lifespan="on",
        # Forwarded addresses are read by Django, which knows how many proxies to trust.
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        # Its info level is three lines for every socket that comes and goes.
        log_level="warning",
        timeout_graceful_shutdown=GRACE,
    )
    # uvicorn raises the signal again after its graceful end; the end was asked for and is no failure.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    try:
        Announcing(config, ready).run()
    finally:
        app.close()
