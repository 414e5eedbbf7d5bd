"""Whistle to sockets: from the commit to the last of N sockets, ours beside a bare ASGI server and a Redis publish."""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import redis
import websockets
from asgiref.sync import sync_to_async
from django.db import connection, transaction

from accounts.models import Device, User
from notifications.actions import notify
from notifications.kinds import KINDS, Kind, register

ROUNDS = 21
START_SECONDS = 20.0
BENCH_KIND = "bench_whistle"


@dataclass(frozen=True)
class FanOut:
    """Milliseconds from commit to the last socket, per round; resident kilobytes per idle socket."""

    last_ms: list[float]
    kb_per_socket: float

    @property
    def median(self) -> float:
        return statistics.median(self.last_ms)

    @property
    def worst(self) -> float:
        return max(self.last_ms)


class Server:
    """A uvicorn process of one application on a free port."""

    def __init__(self, application: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", application, "--port", str(self.port), "--log-level", "error"]
        self.process = subprocess.Popen([*command, "--ws", "websockets-sansio", "--backlog", "4096"], env=os.environ)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def resident_kb(self) -> int:
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def ours(count: int) -> FanOut:
    """Our hub: one notice to each of `count` logged-in people."""
    if BENCH_KIND not in KINDS:
        register(Kind(BENCH_KIND, title="Whistle", body="Report in."))
    people, tokens = _people(count)
    server = Server("bench.ours:application")

    def ring() -> float:
        with transaction.atomic():
            notify(people, BENCH_KIND, {}, subject="bench", subject_id="1", urgency="emergency")
        return time.perf_counter()

    headers = [{"Authorization": f"Token {token}"} for token in tokens]
    address = f"ws://127.0.0.1:{server.port}/ws/notifications/"
    try:
        return asyncio.run(_fan_out(server, address, headers, sync_to_async(ring)))
    finally:
        server.stop()
        connection.close()


def bare(count: int) -> FanOut:
    """The floor."""
    server = Server("bench.bare:application")
    client = redis.from_url(os.environ["REDIS_URL"])

    async def ring() -> float:
        started = time.perf_counter()
        client.publish("bench-floor", '{"type":"notifications","items":[]}')
        return started

    try:
        return asyncio.run(_fan_out(server, f"ws://127.0.0.1:{server.port}/", [{}] * count, ring))
    finally:
        server.stop()


async def _fan_out(
    server: Server, address: str, headers: list[dict[str, str]], ring: Callable[[], Awaitable[float]]
) -> FanOut:
    before = server.resident_kb()
    async with AsyncExitStack() as stack:
        sockets = []
        for start in range(0, len(headers), 50):
            batch = [
                stack.enter_async_context(
                    websockets.connect(
                        address, additional_headers=each, max_queue=None, open_timeout=60, compression=None
                    )
                )
                for each in headers[start : start + 50]
            ]
            sockets += await asyncio.gather(*batch)
        await asyncio.sleep(1)
        idle = (server.resident_kb() - before) / len(headers)
        took = []
        for _ in range(ROUNDS):
            waiting = [asyncio.create_task(_next(each)) for each in sockets]
            await asyncio.sleep(0.05)
            started = await ring()
            took.append((max(await asyncio.gather(*waiting)) - started) * 1000)
        return FanOut(took[1:], idle)


async def _next(each: websockets.ClientConnection) -> float:
    """When the next notices arrive; they are confirmed after the time is taken."""
    while True:
        text = str(await each.recv())
        if '"notifications"' in text:
            arrived = time.perf_counter()
            ids = [part.split(",")[0].split("}")[0] for part in text.split('"id":')[1:]]
            if ids:
                await each.send(f'{{"type":"ack","ids":[{",".join(ids)}]}}')
            return arrived


def _people(count: int) -> tuple[list[User], list[str]]:
    names = [f"bench-{index:05d}" for index in range(count)]
    known = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    User.objects.bulk_create(User(username=name, full_name=name) for name in names if name not in known)
    people = list(User.objects.filter(username__in=names).order_by("username"))
    return people, [Device.objects.create(user=person, name="bench")[1] for person in people]
