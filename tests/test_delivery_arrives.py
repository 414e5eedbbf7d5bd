"""Whatever breaks on the way (the socket, the server, Redis), every notice arrives. With real processes and sockets."""

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.delivery_world import ROOT, Server, environment, own_database
from tests.services import PrivateRedis, Unavailable

# The servers have a copy of the test run's database, which is only there when a test asks for it.
pytestmark = pytest.mark.django_db
# Sooner than the hub's poll, so it was the bell.
QUICK = 2.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("delivery")


@pytest.fixture(scope="module")
def database(folder: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    with django_db_blocker.unblock(), own_database(folder) as url:
        yield url


@pytest.fixture(scope="module")
def private_redis() -> Iterator[PrivateRedis]:
    try:
        with PrivateRedis() as server:
            yield server
    except Unavailable as exc:
        pytest.skip(str(exc))


@pytest.fixture(scope="module")
def one_server(database: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    """SQLite with everything in one process; PostgreSQL with Redis."""
    redis_url = "" if connection.vendor == "sqlite" else request.getfixturevalue("private_redis").url
    with Server(database, folder, redis_url) as running:
        yield running


@pytest.fixture
def server(one_server: Server) -> Server:
    """The same server for every test, started again after the tests that end it."""
    if one_server.process.poll() is not None:
        one_server.start()
    return one_server


@pytest.fixture(scope="module")
def two_servers(database: str, folder: Path, private_redis: PrivateRedis) -> Iterator[tuple[Server, Server]]:
    """One that holds the sockets and one that writes, with nothing between them but the database and Redis."""
    pair = Server(database, folder, private_redis.url), Server(database, folder, private_redis.url)
    for one in pair:
        one.launch()
    try:
        for one in pair:
            one.wait()
        yield pair
    finally:
        for one in pair:
            one.close()


def a_person(server: Server, name: str) -> dict[str, Any]:
    return server.do("people", prefix=name, count=1)[0]


def device(server: Server, person: dict[str, Any]) -> connect:
    return connect(server.address, additional_headers={"Authorization": f"Token {person['token']}"}, proxy=None)


async def next_of(socket: ClientConnection, kind: str, seconds: float = 10.0) -> dict[str, Any]:
    async with asyncio.timeout(seconds):
        while True:
            frame = json.loads(await socket.recv())
            if frame["type"] == kind:
                return frame


async def command(server: Server, name: str, **given: Any) -> Any:
    return await asyncio.to_thread(server.do, name, **given)


async def receive_all(socket: ClientConnection, wanted: set[int], seconds: float) -> None:
    got: set[int] = set()
    while not wanted <= got:
        ids = [item["id"] for item in (await next_of(socket, "notifications", seconds))["items"]]
        got.update(ids)
        await socket.send(json.dumps({"type": "ack", "ids": ids}))


async def everybody_acknowledged(server: Server, ids: list[int]) -> list[dict[str, Any]]:
    async with asyncio.timeout(10):
        while True:
            rows = await command(server, "facts", ids=ids)
            if all(row["delivered_at"] for row in rows):
                return rows
            await asyncio.sleep(0.1)


def test_every_one_of_500_notices_reaches_a_socket_that_keeps_dropping_and_is_shown_once(server: Server) -> None:
    person, chance = a_person(server, "flapping"), random.Random(7)
    stored: set[int] = set()
    shown: list[int] = []
    tally = {"drops": 0, "doubles": 0}

    async def flapping(everything: asyncio.Event) -> None:
        while not everything.is_set():
            try:
                async with device(server, person) as socket:
                    for _ in range(chance.randint(1, 5)):
                        frame = await next_of(socket, "notifications")
                        ids = [item["id"] for item in frame["items"]]
                        for each in ids:
                            if each in stored:
                                tally["doubles"] += 1
                            else:
                                stored.add(each)
                                shown.append(each)
                        if chance.random() < 0.6:
                            await socket.send(json.dumps({"type": "ack", "ids": ids}))
                    tally["drops"] += 1
                    socket.transport.abort()
            except ConnectionClosed:
                tally["drops"] += 1
            await asyncio.sleep(chance.uniform(0, 0.1))

    async def run() -> list[int]:
        everything = asyncio.Event()
        client = asyncio.create_task(flapping(everything))
        made: list[int] = []
        for _ in range(50):
            made += await command(server, "call", users=[person["id"]], count=10)
        async with asyncio.timeout(15):
            while not set(made) <= stored:
                await asyncio.sleep(0.05)
        everything.set()
        client.cancel()
        # What was stored without a confirmation that arrived is confirmed on the next quiet line.
        async with device(server, person) as socket:
            await socket.send(json.dumps({"type": "ack", "ids": sorted(stored)}))
            await next_of(socket, "acked")
        await everybody_acknowledged(server, made)
        return made

    made = asyncio.run(run())
    assert len(made) == 500
    assert sorted(shown) == sorted(made)
    assert tally["drops"] >= 10
    assert tally["doubles"] > 0


def test_a_server_killed_between_commit_and_bell_delivers_after_its_restart(server: Server) -> None:
    person = a_person(server, "killed")
    with pytest.raises(OSError, match=r"closed|reset"):
        server.do("call", users=[person["id"]], die=True)
    assert server.process.wait(5) == -9
    server.start()

    async def run() -> list[dict[str, Any]]:
        async with device(server, person) as socket:
            return (await next_of(socket, "notifications"))["items"]

    [item] = asyncio.run(run())
    assert (item["title"], item["body"]) == ("Call 0", "Come to 文化东路.")


def test_a_notice_whose_bell_was_lost_is_found_by_the_poll(server: Server) -> None:
    person = a_person(server, "unrung")

    async def run() -> None:
        async with device(server, person) as socket:
            await next_of(socket, "ready")
            made = await command(server, "call", users=[person["id"]], ring=False)
            await receive_all(socket, set(made), 8)

    asyncio.run(run())


def test_a_bell_from_another_process_rings_here(two_servers: tuple[Server, Server]) -> None:
    holder, writer = two_servers
    person = a_person(writer, "elsewhere")

    async def run() -> float:
        async with device(holder, person) as socket:
            await next_of(socket, "ready")
            begun = time.monotonic()
            made = await command(writer, "call", users=[person["id"]])
            await receive_all(socket, set(made), 8)
            return time.monotonic() - begun

    assert asyncio.run(run()) < QUICK


def test_with_redis_away_a_call_succeeds_quickly_and_arrives_and_afterwards_bells_are_quick_again(
    two_servers: tuple[Server, Server], private_redis: PrivateRedis
) -> None:
    holder, writer = two_servers
    person = a_person(writer, "outage")

    async def delivered(socket: ClientConnection) -> tuple[float, float]:
        begun = time.monotonic()
        made = await command(writer, "call", users=[person["id"]])
        called = time.monotonic() - begun
        await receive_all(socket, set(made), 10)
        return called, time.monotonic() - begun

    async def run() -> None:
        async with device(holder, person) as socket:
            await next_of(socket, "ready")
            assert (await delivered(socket))[1] < QUICK
            await asyncio.to_thread(private_redis.stop)
            for _ in range(3):
                called, _arrived = await delivered(socket)
                assert called < 1.0
            await asyncio.to_thread(private_redis.start)
            async with asyncio.timeout(20):
                # Two quick ones in a row: one alone could be the poll that happened to come.
                quick = 0
                while quick < 2:
                    quick = quick + 1 if (await delivered(socket))[1] < 0.5 else 0

    try:
        asyncio.run(run())
    finally:
        private_redis.stop()
        private_redis.start()


def test_a_quiet_redis_is_not_taken_for_a_dead_one(tmp_path: Path) -> None:
    script = (
        "import django; django.setup()\n"
        "from channels.layers import get_channel_layer\n"
        "layer = get_channel_layer()\n"
        "print(layer.hosts[0]['socket_timeout'] - layer.brpop_timeout)"
    )
    told = environment(f"sqlite:///{tmp_path}/none.sqlite3", tmp_path, "redis://127.0.0.1:1/0")
    told["DJANGO_SETTINGS_MODULE"] = "grid_backend.settings"
    spare = subprocess.run([sys.executable, "-c", script], env=told, cwd=ROOT, capture_output=True, check=True)
    assert float(spare.stdout) >= 2


def test_what_is_not_acknowledged_is_sent_again_and_what_is_acknowledged_is_not(server: Server) -> None:
    person = a_person(server, "silent")

    async def run() -> None:
        async with device(server, person) as socket:
            await next_of(socket, "ready")
            [made] = await command(server, "call", users=[person["id"]])
            for _ in range(2):
                assert [item["id"] for item in (await next_of(socket, "notifications"))["items"]] == [made]
            [row] = await command(server, "facts", ids=[made])
            assert row["delivered_at"] is None
            await socket.send(json.dumps({"type": "ack", "ids": [made]}))
            assert (await next_of(socket, "acked"))["ids"] == [made]
            [row] = await command(server, "facts", ids=[made])
            assert (row["device"], row["seen_at"], row["receipted_at"]) == ("phone", None, None)
            assert row["rung_at"] < row["delivered_at"]
            assert row["next_at"] is None
            with pytest.raises(TimeoutError):
                await next_of(socket, "notifications", 5)

    asyncio.run(run())


def test_a_backlog_of_hundreds_comes_newest_first_and_completely(server: Server) -> None:
    person = a_person(server, "backlog")
    made = server.do("call", users=[person["id"]], count=450, ring=False)

    async def run() -> list[int]:
        order: list[int] = []
        async with device(server, person) as socket:
            while len(set(order)) < len(made):
                ids = [item["id"] for item in (await next_of(socket, "notifications"))["items"]]
                assert ids == sorted(ids)
                order += ids
                await socket.send(json.dumps({"type": "ack", "ids": ids}))
        return order

    order = asyncio.run(run())
    assert set(order[:200]) == set(made[-200:])
    assert set(order) == set(made)


def test_a_notice_confirmed_elsewhere_is_not_sent_again(server: Server) -> None:
    person = a_person(server, "two-ways")

    async def run() -> None:
        async with device(server, person) as socket:
            await next_of(socket, "ready")
            made = await command(server, "call", users=[person["id"]])
            await next_of(socket, "notifications")
            assert await command(server, "ack", user=person["id"], ids=made) == made
            with pytest.raises(TimeoutError):
                await next_of(socket, "notifications", 4)

    asyncio.run(run())


def test_the_server_ends_in_order_and_tells_its_sockets_to_come_again(server: Server) -> None:
    person = a_person(server, "restart")

    async def run() -> int:
        async with device(server, person) as socket:
            await next_of(socket, "ready")
            stopping = asyncio.create_task(asyncio.to_thread(server.stop))
            await socket.wait_closed()
            assert socket.close_code == 1012
            return await stopping

    assert asyncio.run(run()) in (0, -15)
