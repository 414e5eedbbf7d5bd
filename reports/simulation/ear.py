"""One person's socket: takes notices, confirms them, drops doubles, and comes back whenever the line breaks."""

import asyncio
import random
from datetime import UTC, datetime
from typing import Any

import orjson
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from reports.simulation.ledger import Ledger

PATH = "/ws/notifications/"
OPEN_SECONDS = 10.0
PAUSE = (0.05, 0.5)


class Ear:
    """Puts every notice, once, into `heard`."""

    def __init__(self, user_id: int, host: str, port: int, token: str, ledger: Ledger, dice: random.Random) -> None:
        self.user_id, self.token, self.ledger, self.dice = user_id, token, ledger, dice
        self.url = f"ws://{host}:{port}{PATH}"
        self.heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.ready = asyncio.Event()

    async def listen(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                async with connect(
                    self.url,
                    additional_headers={"Authorization": f"Token {self.token}"},
                    open_timeout=OPEN_SECONDS,
                    close_timeout=1,
                    compression=None,
                    max_size=None,
                ) as socket:
                    async for frame in socket:
                        confirmed = self._take(orjson.loads(frame))
                        if confirmed:
                            await socket.send(orjson.dumps({"type": "ack", "ids": confirmed}).decode())
            except (OSError, EOFError, TimeoutError, WebSocketException):
                pass
            self.ledger.reconnects += 1
            await asyncio.sleep(self.dice.uniform(*PAUSE))

    def _take(self, frame: dict[str, Any]) -> list[int]:
        match frame["type"]:
            case "ready":
                self.ready.set()
            case "error":
                self.ledger.faults.append(f"socket: {frame.get('code')}")
            case "notifications":
                at = datetime.now(UTC)
                for item in frame["items"]:
                    if self.ledger.show(self.user_id, item["id"], item["created_at"], at):
                        self.heard.put_nowait(item)
                # Doubles are confirmed too: the first confirmation may be what was lost.
                return [item["id"] for item in frame["items"]]
        return []
