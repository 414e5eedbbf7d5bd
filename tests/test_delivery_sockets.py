"""Who may open a socket, what is said on it, and when it is closed. With a real server and real sockets."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.delivery_world import Server, own_database

# The server has a copy of the test run's database, which is only there when a test asks for it.
pytestmark = pytest.mark.django_db
JSON = json.dumps


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("sockets")
    with django_db_blocker.unblock(), own_database(folder) as url, Server(url, folder) as running:
        yield running


@pytest.fixture
def person(server: Server) -> dict[str, Any]:
    return server.do("people", prefix=uuid4().hex, count=1)[0]


@pytest.fixture
def outsider(server: Server) -> dict[str, Any]:
    return server.do("people", prefix=uuid4().hex, count=1)[0]


def opened(server: Server, **headers: str) -> connect:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return connect(server.address, additional_headers=named, proxy=None)


def by_token(server: Server, person: dict[str, Any]) -> connect:
    return opened(server, Authorization=f"Token {person['token']}")


async def frame(socket: ClientConnection, kind: str = "", seconds: float = 8.0) -> dict[str, Any]:
    async with asyncio.timeout(seconds):
        while True:
            found = json.loads(await socket.recv())
            if not kind or found["type"] == kind:
                return found


async def close_code(socket: ClientConnection) -> int | None:
    async with asyncio.timeout(10):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed:
            return socket.close_code


async def command(server: Server, name: str, **given: Any) -> Any:
    return await asyncio.to_thread(server.do, name, **given)


def test_a_token_in_the_header_opens_the_socket_and_brings_what_is_waiting(server: Server, person: Any) -> None:
    [made] = server.do("call", users=[person["id"]], ring=False)

    async def run() -> None:
        async with by_token(server, person) as socket:
            assert (await frame(socket))["type"] == "ready"
            [item] = (await frame(socket, "notifications"))["items"]
            assert item["id"] == made
            assert (item["subject"], item["urgency"], item["needs_receipt"]) == ("whistle", "emergency", True)

    asyncio.run(run())


def test_a_token_in_the_first_message_does_the_same_for_browsers(server: Server, person: Any) -> None:
    made = server.do("call", users=[person["id"]], ring=False)

    async def run() -> None:
        async with opened(server) as socket:
            await socket.send(JSON({"type": "auth", "token": person["token"]}))
            assert (await frame(socket))["type"] == "ready"
            assert [item["id"] for item in (await frame(socket, "notifications"))["items"]] == made

    asyncio.run(run())


@pytest.mark.parametrize(
    "first",
    ['{"type": "auth", "token": "no such token"}', '{"type": "auth"}', '{"type": "ack", "ids": [1]}', "{", "[]", '"é"'],
)
def test_a_first_message_that_is_no_valid_token_is_refused(server: Server, first: str) -> None:
    async def run() -> None:
        async with opened(server) as socket:
            await socket.send(first)
            assert (await frame(socket, "error"))["code"] == "bad_token"
            assert await close_code(socket) == 4401

    asyncio.run(run())


def test_a_bad_token_in_the_header_or_in_the_address_is_refused(server: Server, person: Any) -> None:
    async def run() -> None:
        async with opened(server, Authorization="Token nonsense") as socket:
            assert await close_code(socket) == 4401
        async with connect(f"{server.address}?token={person['token']}", proxy=None) as socket:
            await socket.send("{}")
            assert await close_code(socket) == 4401

    asyncio.run(run())


def test_a_session_opens_the_socket_only_from_a_page_of_this_server(server: Server, person: Any) -> None:
    cookie = f"sessionid={server.do('session', user=person['id'])}"
    own = f"http://127.0.0.1:{server.port}"

    async def run() -> None:
        async with opened(server, Cookie=cookie, Origin=own) as socket:
            assert (await frame(socket))["type"] == "ready"
            await command(server, "end_sessions")
            await asyncio.sleep(5.1)
            await command(server, "call", users=[person["id"]])
            assert await close_code(socket) == 4401
        async with opened(server, Cookie=cookie) as socket:
            await socket.send(JSON({"type": "ping"}))
            assert await close_code(socket) == 4401
        with pytest.raises(Exception, match="403"):
            async with opened(server, Cookie=cookie, Origin="https://elsewhere.example"):
                pass

    asyncio.run(run())


@pytest.mark.parametrize("end", ["revoke", "deactivate"])
def test_a_revoked_token_or_a_deactivated_person_gets_nothing_more(server: Server, person: Any, end: str) -> None:
    async def run() -> None:
        async with by_token(server, person) as socket:
            await frame(socket, "ready")
            # A check within the last seconds would still count.
            await asyncio.sleep(5.1)
            waiting = await command(server, "call", users=[person["id"]], ring=False)
            await command(server, end, user=person["id"])
            received: list[str] = []
            try:
                async with asyncio.timeout(10):
                    while True:
                        received.append(json.loads(await socket.recv())["type"])
            except ConnectionClosed:
                pass
            assert socket.close_code == 4401
            assert received == []
            assert waiting
        async with by_token(server, person) as again:
            assert await close_code(again) == 4401

    asyncio.run(run())


def test_the_oldest_socket_of_a_person_is_closed_over_the_limit(server: Server, person: Any) -> None:
    async def run() -> None:
        sockets = []
        for _ in range(4):
            socket = await by_token(server, person)
            await frame(socket, "ready")
            sockets.append(socket)
        assert await close_code(sockets[0]) == 4429
        made = await command(server, "call", users=[person["id"]])
        for socket in sockets[1:]:
            assert [item["id"] for item in (await frame(socket, "notifications"))["items"]] == made
            await socket.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("{", "malformed"),
        (b"\xff\xfe", "malformed"),
        ("[]", "invalid"),
        ('{"type": 5}', "invalid"),
        ('{"type": "shout"}', "invalid"),
        ('{"type": "ack"}', "invalid"),
        ('{"type": "ack", "ids": "1"}', "invalid"),
        ('{"type": "ack", "ids": [true]}', "invalid"),
        ('{"type": "seen", "ids": [-1]}', "invalid"),
        ('{"type": "ack", "ids": [9223372036854775808]}', "invalid"),
        (JSON({"type": "ack", "ids": list(range(1, 1002))}), "invalid"),
        (JSON({"type": "ping", "pad": "x" * 70_000}), "malformed"),
    ],
)
def test_a_bad_message_is_answered_with_an_error_and_the_socket_goes_on(
    server: Server, person: Any, message: str, code: str
) -> None:
    async def run() -> None:
        async with by_token(server, person) as socket:
            await socket.send(message)
            error = await frame(socket, "error")
            assert error["code"] == code
            assert error["title"]
            await socket.send(JSON({"type": "ping"}))
            await frame(socket, "pong")

    asyncio.run(run())


def test_a_socket_that_sends_nothing_but_faults_is_closed(server: Server, person: Any) -> None:
    async def run() -> None:
        async with by_token(server, person) as socket:
            for _ in range(20):
                await socket.send("{")
            assert await close_code(socket) == 4400

    asyncio.run(run())


def test_seen_is_recorded_and_says_nothing_about_the_device(server: Server, person: Any) -> None:
    made = server.do("call", users=[person["id"]], ring=False)

    async def run() -> None:
        async with by_token(server, person) as socket:
            await socket.send(JSON({"type": "seen", "ids": made}))
            assert (await frame(socket, "seen"))["ids"] == made

    asyncio.run(run())
    [row] = server.do("facts", ids=made)
    assert row["seen_at"]
    assert row["delivered_at"] is row["receipted_at"] is None


def test_the_outsider_gets_and_confirms_nothing_of_others(server: Server, person: Any, outsider: Any) -> None:
    made = server.do("call", users=[person["id"]])

    async def run() -> None:
        async with by_token(server, outsider) as socket:
            for kind, answer in (("ack", "acked"), ("seen", "seen")):
                await socket.send(JSON({"type": kind, "ids": made}))
                assert (await frame(socket, answer))["ids"] == []
            with pytest.raises(TimeoutError):
                await frame(socket, "notifications", 1)

    asyncio.run(run())
    [row] = server.do("facts", ids=made)
    assert row["delivered_at"] is row["seen_at"] is None


def test_a_repeated_acknowledgement_is_confirmed_again(server: Server, person: Any) -> None:
    made = server.do("call", users=[person["id"]], count=3, ring=False)

    async def run() -> None:
        async with by_token(server, person) as socket:
            for _ in range(2):
                await socket.send(JSON({"type": "ack", "ids": [*made, 10**12]}))
                assert (await frame(socket, "acked"))["ids"] == made

    asyncio.run(run())
