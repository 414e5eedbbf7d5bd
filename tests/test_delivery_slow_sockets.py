"""A socket that takes nothing: it delays no other, keeps its order, and is cut in the end."""

import asyncio
from typing import Any

import pytest

from notifications import sockets
from notifications.credentials import Credential
from notifications.sockets import MAX_WAITING_FRAMES, Socket

WHO = Credential(user_id=1, language="zh-hans", device="phone", digest="d")


class Line:
    """The server's side of a socket, open or blocked as the test asks."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.taken: list[Any] = []

    async def send(self, event: dict[str, Any]) -> None:
        await self.open.wait()
        self.taken.append(event.get("text", event.get("code")))

    def socket(self) -> Socket:
        return Socket(WHO, self.send, 0.0)


def test_a_blocked_socket_delays_no_other_and_keeps_its_order() -> None:
    async def run() -> None:
        slow, quick = Line(), Line()
        quick.open.set()
        blocked, free = slow.socket(), quick.socket()
        for number in range(5):
            blocked.push(str(number))
            free.push(str(number))
        assert quick.taken == ["0", "1", "2", "3", "4"]
        assert slow.taken == []
        slow.open.set()
        await blocked.flushed()
        assert slow.taken == ["0", "1", "2", "3", "4"]
        blocked.push("5")
        assert slow.taken[-1] == "5"

    asyncio.run(run())


def test_closing_comes_after_what_waits_and_nothing_comes_after_closing() -> None:
    async def run() -> None:
        line = Line()
        socket = line.socket()
        socket.push("last words")
        socket.close(1012)
        socket.push("too late")
        socket.close(1012)
        line.open.set()
        await socket.flushed()
        assert line.taken == ["last words", 1012]

    asyncio.run(run())


def test_a_socket_that_takes_nothing_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "WRITE_SECONDS", 0.05)
    line_of: list[Socket] = []

    async def serve() -> None:
        socket = Line().socket()
        line_of.append(socket)
        socket.push("into the void")
        await asyncio.Event().wait()

    async def run() -> None:
        with pytest.raises(asyncio.CancelledError):
            await asyncio.create_task(serve())
        assert line_of[0].closed
        assert line_of[0].stuck

    asyncio.run(run())


def test_frames_for_a_slow_socket_do_not_pile_up() -> None:
    async def run() -> None:
        line = Line()
        socket = line.socket()
        for number in range(10 * MAX_WAITING_FRAMES):
            socket.push(str(number))
        line.open.set()
        await socket.flushed()
        assert line.taken == ["0", 1012]

    asyncio.run(run())


def test_a_socket_whose_line_is_dead_raises_nothing_and_takes_nothing_more() -> None:
    async def run() -> None:
        async def dead(event: dict[str, Any]) -> None:
            raise ConnectionResetError

        socket = Socket(WHO, dead, 0.0)
        socket.push("x")
        assert socket.closed

    asyncio.run(run())
