"""The bell: it names persons, or rows that changed, and carries nothing else. Ringing never waits and never fails the
request.

In the process that holds the sockets the bell goes straight to the hub. To other processes it goes over the channel
layer through one long-lived thread with one event loop: `async_to_sync` would make a loop and a Redis connection
for every request. A bell that is lost costs seconds, not the notice: hubs poll and the sweeper rings again.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Iterable
from typing import Protocol
from uuid import uuid4

from channels.layers import get_channel_layer
from django.conf import settings

log = logging.getLogger(__name__)

GROUP = "hubs"
SEND_SECONDS = 2.0
# Names per message, so that a bell to a whole city stays far below Redis's and msgpack's limits.
CHUNK = 5_000


class Outage:
    """Logs the start and the end of an outage instead of every failure in it."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.down = False

    def failed(self, exc: BaseException) -> None:
        if not self.down:
            log.warning(
                "%s: unreachable (%s: %s); notices go by polling until it returns", self.what, type(exc).__name__, exc
            )
        self.down = True

    def worked(self) -> None:
        if self.down:
            log.warning("%s: back", self.what)
        self.down = False


class Courier:
    """Carries bells to the other processes. Bells that wait are merged, so an outage piles nothing up."""

    def __init__(self) -> None:
        self.sender = uuid4().hex
        self._lock = threading.Lock()
        self._waiting: set[int] = set()
        self._stirred: set[str] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None

    def carry(self, user_ids: Iterable[int] = (), rows: Iterable[str] = ()) -> None:
        with self._lock:
            self._waiting.update(user_ids)
            self._stirred.update(rows)
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._wake = asyncio.Event()
                threading.Thread(
                    target=self._loop.run_until_complete, args=(self._run(),), name="bell", daemon=True
                ).start()
            assert self._wake is not None
            self._loop.call_soon_threadsafe(self._wake.set)

    async def _run(self) -> None:
        assert self._wake is not None
        layer = get_channel_layer()
        outage = Outage("bell")
        while True:
            await self._wake.wait()
            self._wake.clear()
            with self._lock:
                users, self._waiting = sorted(self._waiting), set()
                rows, self._stirred = sorted(self._stirred), set()
            try:
                for start in range(0, max(len(users), len(rows)), CHUNK):
                    part = slice(start, start + CHUNK)
                    message = {"type": "bell", "from": self.sender, "users": users[part], "rows": rows[part]}
                    async with asyncio.timeout(SEND_SECONDS):
                        await layer.group_send(GROUP, message)
                outage.worked()
            except Exception as exc:
                outage.failed(exc)


class Listener(Protocol):
    """The hub of this process: both must be thread-safe and quick."""

    def ring(self, user_ids: Iterable[int]) -> None: ...
    def stir(self, rows: Iterable[str]) -> None: ...


_courier = Courier()
_here: Listener | None = None


def sender() -> str:
    """The name this process rings under; its own hub ignores bells that come back with it."""
    return _courier.sender


def attach(listener: Listener | None) -> None:
    """Let the hub of this process hear every `ring` and `stir` of this process."""
    global _here
    _here = listener


def ring(user_ids: Iterable[int]) -> None:
    """Tell whoever holds these persons' sockets to look. Any thread; never blocks, never raises."""
    ids = list(dict.fromkeys(user_ids))
    if not ids:
        return
    try:
        if _here is not None:
            _here.ring(ids)
        if settings.REDIS_URL:
            _courier.carry(ids)
    except Exception:
        log.exception("bell failed")


def stir(rows: Iterable[str]) -> None:
    """Tell whoever shows these rows to read them again. Any thread; never blocks, never raises."""
    ids = list(rows)
    try:
        if _here is not None:
            _here.stir(ids)
        if settings.REDIS_URL:
            _courier.carry(rows=ids)
    except Exception:
        log.exception("bell failed")


def _after_fork() -> None:
    global _courier, _here
    _courier, _here = Courier(), None


os.register_at_fork(after_in_child=_after_fork)
