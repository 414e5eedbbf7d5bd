"""A bare ASGI server: a Redis message goes to every socket there is."""

import asyncio
import os
from typing import Any

import redis.asyncio

_sockets: list[Any] = []
_tasks: list[Any] = []


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "websocket":
        return
    if not _sockets:
        _tasks.append(asyncio.create_task(_pump()))
    await receive()
    await send({"type": "websocket.accept"})
    _sockets.append(send)
    while (await receive())["type"] != "websocket.disconnect":
        pass
    _sockets.remove(send)


async def _pump() -> None:
    async with redis.asyncio.from_url(os.environ["REDIS_URL"]).pubsub() as channel:
        await channel.subscribe("bench-floor")
        async for message in channel.listen():
            if message["type"] == "message":
                text = message["data"].decode()
                await asyncio.gather(*(send({"type": "websocket.send", "text": text}) for send in list(_sockets)))
