"""The sockets of this process whose pages show rows, and telling them which have changed."""

import asyncio
from collections.abc import Iterable

from notifications.lanes import Lane
from notifications.sockets import Socket
from notifications.watching import Topics, topics_of_rows

# Changes that come together are told together: a burst of thousands costs one frame per screen and this long.
GATHER_SECONDS = 0.15
# More than a page shows: it asks for everything instead.
MOST_NAMED = 200


class Screens:
    """Lives in the hub's event loop; not thread-safe."""

    def __init__(self, reader: Lane) -> None:
        self._reader = reader
        self._topics: dict[Socket, Topics] = {}
        self._sockets: dict[str, set[Socket]] = {}
        self._stirred: set[str] = set()
        self._wake = asyncio.Event()

    def watching(self) -> list[Socket]:
        return list(self._topics)

    def watch(self, socket: Socket, topics: Topics) -> None:
        self.forget(socket)
        if socket.closed:
            return
        self._topics[socket] = topics
        for topic in topics:
            self._sockets.setdefault(topic, set()).add(socket)

    def forget(self, socket: Socket) -> None:
        """Harmless for a socket that watches nothing."""
        for topic in self._topics.pop(socket, frozenset()):
            watchers = self._sockets[topic]
            watchers.discard(socket)
            if not watchers:
                del self._sockets[topic]

    def stir(self, rows: Iterable[str]) -> None:
        if self._topics:
            self._stirred.update(rows)
            self._wake.set()

    async def tell(self) -> None:
        """One of the hub's loops."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._wake.clear()
            rows, self._stirred = sorted(self._stirred), set()
            told: dict[Socket, list[str]] = {}
            for row, topics in (await self._reader.run(topics_of_rows, rows)).items():
                for socket in set().union(*(self._sockets.get(topic, ()) for topic in topics)):
                    told.setdefault(socket, []).append(row)
            for socket, changed in told.items():
                socket.push({"type": "changed", "reports": changed if len(changed) <= MOST_NAMED else None})
