"""One open socket as the hub sees it: whom it belongs to, what was sent and not yet confirmed, and its way out."""

import asyncio
import types
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from notifications.credentials import Credential

Send = Callable[[dict[str, Any]], Awaitable[None]]

# A socket that takes no bytes for this long is gone, whatever its TCP connection says.
WRITE_SECONDS = 10.0
# Frames that may wait for a slow socket before it counts as gone.
MAX_WAITING_FRAMES = 64

# Close codes (4000–4999 are the application's).
UNAUTHENTICATED = 4401
TOO_MANY_SOCKETS = 4429
BAD_MESSAGES = 4400
SERVICE_RESTART = 1012


class Flight(NamedTuple):
    """A notice on its way: how often it was sent before, when it is sent again (loop time), and its first moment."""

    attempt: int
    due: float
    sent_at: datetime


class Socket:
    """Owned by the hub's event loop; not thread-safe. Idle, it holds no buffers and no task of its own."""

    __slots__ = (
        "_send",
        "_serving",
        "_waiting",
        "_writer",
        "checked_at",
        "closed",
        "credential",
        "in_flight",
        "more",
        "next_due",
        "stuck",
    )

    def __init__(self, credential: Credential, send: Send, checked_at: float) -> None:
        self.credential = credential
        self._serving = asyncio.current_task()
        # It took no bytes: the task that serves it was cancelled to let the server cut the connection.
        self.stuck = False
        self.checked_at = checked_at
        self.closed = False
        self.in_flight: dict[int, Flight] | None = None
        self.next_due = 0.0
        # There are unacknowledged notices beyond those in flight; look again when some are confirmed.
        self.more = False
        self._send = send
        self._waiting: deque[dict[str, Any]] | None = None
        self._writer: asyncio.Task[None] | None = None

    @property
    def user_id(self) -> int:
        return self.credential.user_id

    def push(self, frame: dict[str, Any] | str) -> None:
        """Send a frame (an object, or JSON already encoded) without waiting for it."""
        text = frame if isinstance(frame, str) else orjson.dumps(frame).decode()
        self._put({"type": "websocket.send", "text": text})

    def close(self, code: int) -> None:
        """Send what waits, then close. Harmless when it is closed already."""
        if not self.closed:
            self._put({"type": "websocket.close", "code": code})
            self.closed = True

    def _put(self, event: dict[str, Any]) -> None:
        if self.closed:
            return
        if self._waiting is not None:
            if len(self._waiting) >= MAX_WAITING_FRAMES:
                # It stops taking what is sent; unconfirmed notices come again when it reconnects.
                self._waiting.clear()
                event = {"type": "websocket.close", "code": SERVICE_RESTART}
                self.closed = True
            self._waiting.append(event)
            return
        # Nearly always the server takes the frame without waiting. A task for each of 2,000 sockets would cost as much
        # as all the sending, so there is one only for a socket that blocks; it delays no other.
        sending = _coroutine(self._send(event))
        try:
            blocked_on = sending.send(None)
        except StopIteration:
            return
        except Exception:
            # Gone: the consumer hears of the disconnect on its own side and leaves the hub.
            self.closed = True
            return
        self._waiting = deque()
        self._writer = asyncio.create_task(self._write(_resumed(sending, blocked_on)))

    async def _write(self, begun: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(WRITE_SECONDS):
                await begun
                while self._waiting:
                    await self._send(self._waiting.popleft())
        except TimeoutError:
            self.closed = self.stuck = True
            if self._serving is not None:
                self._serving.cancel()
        except Exception:
            self.closed = True
        finally:
            self._waiting = None
            self._writer = None

    async def flushed(self) -> None:
        """Wait until everything pushed has been handed to the server."""
        if self._writer is not None:
            await asyncio.wait([self._writer])


async def _coroutine(sending: Awaitable[None]) -> None:
    await sending


@types.coroutine
def _resumed(sending: Coroutine[Any, Any, None], blocked_on: Any) -> Generator[Any, Any, None]:
    """Await the rest of a coroutine that was started by hand and waits for `blocked_on`."""
    while True:
        try:
            try:
                value = yield blocked_on
            except BaseException as exc:
                blocked_on = sending.throw(exc)
            else:
                blocked_on = sending.send(value)
        except StopIteration:
            return
