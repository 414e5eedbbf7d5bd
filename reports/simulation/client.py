"""One person's HTTP client: a connection per request, so that a line that breaks costs exactly one request."""

import asyncio
import contextlib
import random
from dataclasses import dataclass
from typing import Any

import orjson

from reports.simulation.ledger import Ledger

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 45.0
PIECE = 16_384
# Between tries: as a phone does, soon at first and then more slowly, never all at the same moment.
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 3.0


class Broken(Exception):
    """The line broke before a whole answer came."""


@dataclass(frozen=True)
class Answer:
    status: int
    data: Any

    @property
    def ok(self) -> bool:
        return self.status < 300

    @property
    def code(self) -> str:
        """The code of a problem document."""
        return str(self.data.get("code", "")) if isinstance(self.data, dict) else ""


class Client:
    """Requests of one person over one line."""

    def __init__(self, host: str, port: int, token: str, ledger: Ledger, dice: random.Random) -> None:
        self.host, self.port, self.token = host, port, token
        self.ledger, self.dice = ledger, dice

    async def request(
        self, method: str, path: str, body: Any = None, *, kind: str = "application/json", break_off: int | None = None
    ) -> Answer:
        """One try. `body` is JSON unless it is bytes. `break_off` hangs up after so many bytes of it. Raises Broken."""
        payload = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        head = (
            f"{method} /api/v1/{path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nConnection: close\r\n"
            f"Authorization: Token {self.token}\r\nAccept: application/json\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {len(payload)}\r\n\r\n"
        )
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                reader, writer = await asyncio.open_connection(self.host, self.port)
        except (OSError, TimeoutError) as exc:
            self.ledger.broken += 1
            raise Broken from exc
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                writer.write(head.encode())
                await _write(writer, payload, break_off)
                answer = await _answer(reader)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as exc:
            self.ledger.broken += 1
            raise Broken from exc
        finally:
            writer.transport.abort()
        if answer.status >= 500:
            self.ledger.server_errors.append(f"{method} {path}: {answer.status} {answer.code}")
        return answer

    async def insist(self, method: str, path: str, body: Any = None, *, kind: str = "application/json") -> Answer:
        """Try until the server has answered, however often the line breaks or the server fails."""
        pause = FIRST_PAUSE
        while True:
            with contextlib.suppress(Broken):
                answer = await self.request(method, path, body, kind=kind)
                if answer.status < 500 and answer.status != 429:
                    return answer
            await asyncio.sleep(pause * self.dice.uniform(0.5, 1.5))
            pause = min(pause * 1.6, LONGEST_PAUSE)


async def _write(writer: asyncio.StreamWriter, payload: bytes, break_off: int | None) -> None:
    for start in range(0, len(payload), PIECE):
        if break_off is not None and start >= break_off:
            raise OSError("hung up")
        writer.write(payload[start : start + PIECE])
        await writer.drain()


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    status = int(first.split(" ", 2)[1])
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if status == 100:
        return await _answer(reader)
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = await _chunks(reader)
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    is_json = "json" in headers.get("content-type", "")
    return Answer(status, orjson.loads(body) if body and is_json else body)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body
