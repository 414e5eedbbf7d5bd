"""A bad line: a TCP proxy in this process that cuts connections in the middle of what they carry."""

import asyncio
import contextlib
import random
from types import TracebackType
from typing import Self

# A phone in a lift: a connection lives this many seconds, and some die after so many bytes of an upload.
LIFE_SECONDS = (1.0, 2.0)
CUT_SHARE = 0.3
CUT_BYTES = (100, 60_000)
PIECE = 4096


class FlappingLink:
    """`async with FlappingLink(host, port, dice) as link:` then connect to 127.0.0.1:`link.port`."""

    def __init__(self, host: str, port: int, dice: random.Random) -> None:
        self.host, self.target_port, self.dice = host, port, dice
        self.port = 0
        self.cut = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(self.host, self.target_port)
        except OSError:
            writer.transport.abort()
            return
        budget = self.dice.randint(*CUT_BYTES) if self.dice.random() < CUT_SHARE else None
        pumps = [
            asyncio.create_task(_pump(reader, far_writer, budget)),
            asyncio.create_task(_pump(far_reader, writer, None)),
        ]
        try:
            _done, left = await asyncio.wait(
                pumps, timeout=self.dice.uniform(*LIFE_SECONDS), return_when=asyncio.FIRST_COMPLETED
            )
            self.cut += bool(left)
        finally:
            for pump in pumps:
                pump.cancel()
            # No farewell: what was under way is lost, as when the signal is.
            writer.transport.abort()
            far_writer.transport.abort()
            await asyncio.gather(*pumps, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, budget: int | None) -> None:
    """Carry bytes until the end, or until the budget is used up."""
    with contextlib.suppress(OSError):
        while data := await reader.read(PIECE):
            writer.write(data if budget is None else data[:budget])
            await writer.drain()
            if budget is not None:
                budget -= len(data)
                if budget <= 0:
                    return
