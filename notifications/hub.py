"""One hub per process: every socket of the process, one channel, one reader.

A channel and a consumer per socket cost a thread hop per event, and 2,000 of them 610 ms; this costs what a bare
server costs. A bell names persons; the hub reads the unacknowledged rows of those connected here in one query and
writes them to their sockets, again and again with growing pauses until a device confirms.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings

from core.moment import now
from notifications import bell
from notifications.actions import Acknowledged, acknowledge_many, mark_rung
from notifications.credentials import Credential, still_valid
from notifications.items import WINDOW, unacknowledged_items, waiting_recipients
from notifications.lanes import Lane
from notifications.screens import Screens
from notifications.sockets import SERVICE_RESTART, TOO_MANY_SOCKETS, UNAUTHENTICATED, Flight, Socket
from notifications.watching import topics_of_person

log = logging.getLogger(__name__)

# Seconds between sending a notice and sending it again to a socket that has not confirmed it.
RESEND_AFTER = (2.0, 4.0, 8.0, 16.0, 30.0)
MAX_IN_FLIGHT = 200
ITEMS_PER_FRAME = 50
USERS_PER_READING = 2_000
TICK_SECONDS = 0.5
# How long a notice waits whose bell was lost.
POLL_SECONDS = 3.0
# Far below any `group_expiry`, because a Redis that restarts has forgotten the group.
REJOIN_SECONDS = 5.0
# A credential checked within this time is not checked again for a bell.
FRESH_SECONDS = 5.0
CHECK_SECONDS = 60.0
REDIS_PAUSE_SECONDS = 1.0

_Pending = tuple[Socket, list[int], asyncio.Future[list[int]]]


class Hub:
    """Lives in one event loop; only `ring` and `stir` may be called from elsewhere."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.sockets: dict[int, list[Socket]] = {}
        self.count = 0
        self.people = Lane("hub-people", threads=2)
        self._reader = Lane("hub-read")
        self._writer = Lane("hub-write")
        self._wanted: set[int] = set()
        self._wake = asyncio.Event()
        self._confirming: list[_Pending] = []
        self._rung: list[tuple[int, datetime]] = []
        self._to_write = asyncio.Event()
        self._awaiting: set[Socket] = set()
        self.screens = Screens(self._reader)
        jobs: list[Callable[[], Awaitable[None]]] = [self._deliver, self._confirm, self._tick, self._poll, self._check]
        jobs.append(self.screens.tell)
        if settings.REDIS_URL:
            jobs.append(self._listen)
        self._tasks = [self.loop.create_task(self._keep(job), name=f"hub{job.__name__}") for job in jobs]
        bell.attach(self)

    # -- what others call ------------------------------------------------------------------------------------------

    def ring(self, user_ids: Iterable[int]) -> None:
        """Have these persons' notices looked at; from any thread."""
        self.loop.call_soon_threadsafe(self.look, user_ids)

    def stir(self, rows: Iterable[str]) -> None:
        """Have the screens that show these rows told; from any thread."""
        self.loop.call_soon_threadsafe(self.screens.stir, rows)

    def look(self, user_ids: Iterable[int]) -> None:
        """The same from the hub's own loop."""
        wanted = self.sockets.keys() & user_ids
        if wanted:
            self._wanted |= wanted
            self._wake.set()

    def join(self, socket: Socket) -> None:
        """Register a socket: from here on every bell reaches it. The person's oldest one is closed over the limit."""
        mine = self.sockets.setdefault(socket.user_id, [])
        mine.append(socket)
        self.count += 1
        while len(mine) > settings.GRIDWHISTLE["SOCKETS_PER_USER"]:
            self._drop(mine[0], TOO_MANY_SOCKETS)

    def leave(self, socket: Socket) -> None:
        """Forget a socket; harmless when it is forgotten already."""
        mine = self.sockets.get(socket.user_id, [])
        if socket in mine:
            mine.remove(socket)
            self.count -= 1
            if not mine:
                del self.sockets[socket.user_id]
        self._awaiting.discard(socket)
        self.screens.forget(socket)

    async def acknowledge(self, socket: Socket, ids: list[int]) -> list[int]:
        """Record the device's acknowledgement together with all others that wait; returns the ids that were theirs."""
        done: asyncio.Future[list[int]] = self.loop.create_future()
        self._confirming.append((socket, ids, done))
        self._to_write.set()
        return await done

    async def watch(self, socket: Socket) -> None:
        """Tell the socket of every change to rows its person may watch, from here on."""
        self.screens.watch(socket, await self.people.run(topics_of_person, socket.user_id))

    async def stop(self) -> None:
        """Close every socket (clients reconnect elsewhere), finish what was begun, let go of the group."""
        bell.attach(None)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        everyone = [socket for mine in self.sockets.values() for socket in mine]
        for socket in everyone:
            socket.close(SERVICE_RESTART)
        await asyncio.gather(*(socket.flushed() for socket in everyone))
        for _socket, _ids, done in self._confirming:
            done.cancel()
        for lane in (self.people, self._reader, self._writer):
            lane.close()

    # -- its own work ----------------------------------------------------------------------------------------------

    async def _keep(self, job: Callable[[], Awaitable[None]]) -> None:
        """Run one of the hub's loops for ever: whatever breaks it (the database away, say) is logged and it goes on."""
        while True:
            try:
                await job()
            except Exception:
                log.exception("hub: a loop broke and starts again")
                await asyncio.sleep(1.0)

    async def _deliver(self) -> None:
        while True:
            await self._wake.wait()
            users = [user for user in self._wanted if user in self.sockets][:USERS_PER_READING]
            self._wanted = (self._wanted - set(users)) & self.sockets.keys()
            if not self._wanted:
                self._wake.clear()
            if users:
                try:
                    await self._deliver_to(users)
                except Exception:
                    self.look(users)
                    raise

    async def _deliver_to(self, users: list[int]) -> None:
        stale = self.loop.time() - FRESH_SECONDS
        languages = {user: self.sockets[user][0].credential.language for user in users}
        doubtful = [socket for user in users for socket in self.sockets[user] if socket.checked_at < stale]
        items, valid = await self._reader.run(_read, languages, [socket.credential for socket in doubtful])
        self._expel(doubtful, valid)
        for user in users:
            for socket in self.sockets.get(user, ()):
                self._hand_out(socket, items.get(user, []))

    def _hand_out(self, socket: Socket, items: list[tuple[int, str]]) -> None:
        """Send what is new to this socket or due again. `items` are all that is unacknowledged, newest first."""
        flights = socket.in_flight or {}
        if flights and len(items) < WINDOW:
            # What is in flight and no longer unacknowledged was confirmed elsewhere.
            flights = {each: flights[each] for each, _ in items if each in flights}
        at, moment = self.loop.time(), now()
        out: list[str] = []
        socket.more = len(items) >= WINDOW
        for notice_id, item in items:
            flight = flights.get(notice_id)
            if flight is None:
                if len(flights) >= MAX_IN_FLIGHT:
                    socket.more = True
                    continue
                flights[notice_id] = Flight(0, at + RESEND_AFTER[0], moment)
            elif flight.due <= at:
                attempt = min(flight.attempt + 1, len(RESEND_AFTER) - 1)
                flights[notice_id] = Flight(attempt, at + RESEND_AFTER[attempt], flight.sent_at)
                if flight.attempt == 0:
                    # Confirmations bring the moment with them; only what stays unconfirmed is written by itself.
                    self._rung.append((notice_id, flight.sent_at))
                    self._to_write.set()
            else:
                continue
            out.append(item)
        out.reverse()
        for start in range(0, len(out), ITEMS_PER_FRAME):
            socket.push('{"type":"notifications","items":[' + ",".join(out[start : start + ITEMS_PER_FRAME]) + "]}")
        socket.in_flight = flights or None
        if flights:
            socket.next_due = min(flight.due for flight in flights.values())
            self._awaiting.add(socket)
        else:
            self._awaiting.discard(socket)

    async def _confirm(self) -> None:
        """Write all acknowledgements that wait in one statement; while it runs the next ones gather."""
        while True:
            await self._to_write.wait()
            self._to_write.clear()
            batch, self._confirming = self._confirming, []
            rung, self._rung = self._rung, []
            if rung:
                await self._writer.run(mark_rung, [each for each, _ in rung], min(moment for _, moment in rung))
            if batch:
                await self._confirm_batch(batch)

    async def _confirm_batch(self, batch: list[_Pending]) -> None:
        moment = now()
        rows: dict[tuple[int, int], Acknowledged] = {}
        for socket, ids, _done in batch:
            for each in ids:
                flight = (socket.in_flight or {}).get(each)
                row = Acknowledged(each, socket.user_id, socket.credential.device, flight.sent_at if flight else moment)
                rows.setdefault((each, socket.user_id), row)
        try:
            confirmed = await self._writer.run(acknowledge_many, list(rows.values()))
        except Exception as exc:
            for _socket, _ids, done in batch:
                if not done.done():
                    done.set_exception(exc)
            raise
        for socket, ids, done in batch:
            theirs = [each for each in ids if each in confirmed and (each, socket.user_id) in rows]
            for each in theirs:
                for mine in self.sockets.get(socket.user_id, ()):
                    if mine.in_flight is not None:
                        mine.in_flight.pop(each, None)
            if not done.done():
                done.set_result(theirs)
            if socket.more:
                self.look([socket.user_id])

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            at = self.loop.time()
            for socket in list(self._awaiting):
                if not socket.in_flight:
                    self._awaiting.discard(socket)
                elif socket.next_due <= at:
                    self.look([socket.user_id])

    async def _poll(self) -> None:
        """Find what no bell announced: Redis away, or a process that died between its commit and its bell."""
        pause = POLL_SECONDS
        while True:
            await asyncio.sleep(pause)
            if not self.sockets:
                continue
            begun = self.loop.time()
            waiting = await self._reader.run(waiting_recipients)
            self.look(waiting)
            # A backlog that is slow to read is not read more often than a tenth of the time.
            pause = max(POLL_SECONDS, 10 * (self.loop.time() - begun))

    async def _check(self) -> None:
        """Close the sockets of revoked tokens, ended sessions and people who were deactivated."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            everyone = [socket for mine in self.sockets.values() for socket in mine]
            for start in range(0, len(everyone), USERS_PER_READING):
                part = everyone[start : start + USERS_PER_READING]
                valid = await self.people.run(still_valid, [socket.credential for socket in part])
                self._expel(part, valid)
            # A post may have ended meanwhile.
            for socket in self.screens.watching():
                await self.watch(socket)

    def _expel(self, checked: list[Socket], valid: set[Credential]) -> None:
        at = self.loop.time()
        for socket in checked:
            if socket.credential in valid:
                socket.checked_at = at
            else:
                self._drop(socket, UNAUTHENTICATED)

    def _drop(self, socket: Socket, code: int) -> None:
        socket.close(code)
        self.leave(socket)

    async def _listen(self) -> None:
        """Hear the bells of other processes; while Redis is away, keep trying and let the poll deliver."""
        layer = get_channel_layer()
        channel = await layer.new_channel("hub")
        outage = bell.Outage("hub")
        member = self.loop.create_task(self._stay_in_group(layer, channel))
        try:
            while True:
                try:
                    message: dict[str, Any] = await layer.receive(channel)
                    outage.worked()
                except Exception as exc:
                    outage.failed(exc)
                    await asyncio.sleep(REDIS_PAUSE_SECONDS)
                    continue
                if message["from"] != bell.sender():
                    self.look(message["users"])
                    self.screens.stir(message["rows"])
        finally:
            member.cancel()
            try:
                async with asyncio.timeout(1.0):
                    await layer.group_discard(bell.GROUP, channel)
            except Exception as exc:
                outage.failed(exc)

    async def _stay_in_group(self, layer: Any, channel: str) -> None:
        while True:
            try:
                async with asyncio.timeout(REJOIN_SECONDS):
                    await layer.group_add(bell.GROUP, channel)
                pause = REJOIN_SECONDS
            except Exception:
                # The listener, which meets the same outage, logs it.
                pause = REDIS_PAUSE_SECONDS
            await asyncio.sleep(pause)


def _read(
    languages: dict[int, str], doubtful: list[Credential]
) -> tuple[dict[int, list[tuple[int, str]]], set[Credential]]:
    return unacknowledged_items(languages), still_valid(doubtful)


_hub: Hub | None = None


def current_hub() -> Hub | None:
    """The hub of this process, if it is running."""
    return _hub


async def start_hub() -> Hub:
    """The hub of this process, started on first need. Called by the server's lifespan and by the first socket."""
    global _hub
    if _hub is None or _hub.loop is not asyncio.get_running_loop():
        _hub = Hub()
    return _hub


async def stop_hub() -> None:
    """Stop the hub if it runs in this event loop."""
    global _hub
    if _hub is not None and _hub.loop is asyncio.get_running_loop():
        stopping, _hub = _hub, None
        await stopping.stop()
