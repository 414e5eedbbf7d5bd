"""The socket at /ws/notifications/: a plain ASGI application, because a Channels consumer hops to a thread per event.

In:  `auth` {token} (only first, and only without a header or session), `ack` {ids}, `seen` {ids}, `watch`, `ping`.
Out: `ready`, `notifications` {items}, `acked` {ids}, `seen` {ids}, `watching`, `changed` {reports; null: very many},
`pong`, `error` {code, title}.
Clients store what comes, confirm with `ack`, and drop doubles by id; they reconnect with a random pause.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from django.utils import translation

from accounts.models import User
from core.problems import Problem
from notifications.actions import mark_seen
from notifications.credentials import Credential, by_session, by_token, session_in_cookie, token_in_header
from notifications.hub import Hub, start_hub
from notifications.sockets import BAD_MESSAGES, UNAUTHENTICATED, Send, Socket

log = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]

AUTH_SECONDS = 10.0
MAX_MESSAGE = 64 * 1024
MAX_IDS = 1_000
MAX_FAULTS = 20
MAX_ID = 2**63 - 1


async def notification_socket(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Serve one socket from handshake to close."""
    if (await receive())["type"] != "websocket.connect":
        return
    hub = await start_hub()
    try:
        credential = await _from_handshake(hub, scope)
        accepted = False
        if credential is None and token_in_header(scope) is None:
            await send({"type": "websocket.accept"})
            accepted = True
            async with asyncio.timeout(AUTH_SECONDS):
                credential = await _from_first_message(hub, receive)
    except _Gone:
        return
    except (TimeoutError, Problem):
        credential = None
    if credential is None:
        await _refuse(send, accepted)
        return
    socket = Socket(credential, send, hub.loop.time())
    # Registered before the rows are read: what commits before the reading is read, what commits after it is rung.
    hub.join(socket)
    try:
        if not accepted:
            await send({"type": "websocket.accept"})
        socket.push({"type": "ready"})
        hub.look([socket.user_id])
        await _converse(hub, socket, receive)
    except _Gone:
        pass
    except asyncio.CancelledError:
        if not socket.stuck:
            raise
    finally:
        socket.closed = True
        hub.leave(socket)


class _Gone(Exception):
    """The client has left."""


async def _from_handshake(hub: Hub, scope: dict[str, Any]) -> Credential | None:
    token = token_in_header(scope)
    if token is not None:
        return await hub.people.run(by_token, token)
    session = session_in_cookie(scope)
    return await hub.people.run(by_session, session) if session else None


async def _from_first_message(hub: Hub, receive: Receive) -> Credential | None:
    message = _parsed(await _next(receive))
    token = message.get("token")
    if message["type"] != "auth" or not isinstance(token, str):
        return None
    return await hub.people.run(by_token, token)


async def _refuse(send: Send, accepted: bool) -> None:
    """Accept first: browsers cannot tell a refused handshake from a broken line, a close code they can."""
    if not accepted:
        await send({"type": "websocket.accept"})
    frame = orjson.dumps(_error(Problem("bad_token"))).decode()
    await send({"type": "websocket.send", "text": frame})
    await send({"type": "websocket.close", "code": UNAUTHENTICATED})


async def _converse(hub: Hub, socket: Socket, receive: Receive) -> None:
    faults = 0
    while True:
        raw = await _next(receive)
        try:
            await _answer(hub, socket, _parsed(raw))
        except Problem as problem:
            faults += 1
            with translation.override(socket.credential.language):
                socket.push(_error(problem))
            if faults >= MAX_FAULTS:
                socket.close(BAD_MESSAGES)
        except Exception:
            # The database is away, say: the client keeps what it has and confirms it when it comes again.
            log.exception("socket message failed")
            with translation.override(socket.credential.language):
                socket.push(_error(Problem("busy")))


async def _answer(hub: Hub, socket: Socket, message: dict[str, Any]) -> None:
    match message["type"]:
        case "ack":
            socket.push({"type": "acked", "ids": await hub.acknowledge(socket, _ids(message))})
        case "seen":
            seen = await hub.people.run(mark_seen, User(pk=socket.user_id), _ids(message))
            socket.push({"type": "seen", "ids": seen})
        case "watch":
            await hub.watch(socket)
            socket.push({"type": "watching"})
        case "ping":
            socket.push({"type": "pong"})
        case _:
            raise Problem("invalid", "type")


async def _next(receive: Receive) -> str | bytes:
    event = await receive()
    if event["type"] == "websocket.disconnect":
        raise _Gone
    return event.get("text") or event.get("bytes") or ""


def _parsed(raw: str | bytes) -> dict[str, Any]:
    if len(raw) > MAX_MESSAGE:
        raise Problem("malformed")
    try:
        message = orjson.loads(raw)
    except orjson.JSONDecodeError as exc:
        raise Problem("malformed") from exc
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Problem("invalid", "type")
    return message


def _ids(message: dict[str, Any]) -> list[int]:
    ids = message.get("ids")
    if not isinstance(ids, list) or len(ids) > MAX_IDS or not all(type(i) is int and 0 < i <= MAX_ID for i in ids):
        raise Problem("invalid", "ids")
    return sorted(set(ids))


def _error(problem: Problem) -> dict[str, Any]:
    frame = {"type": "error", "code": problem.code, "title": problem.sentence}
    return frame | {"field": problem.field} if problem.field else frame
