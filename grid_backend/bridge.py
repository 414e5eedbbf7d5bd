"""HTTP from an ASGI server to Django's WSGI handler in a pool of threads.

A thread is lent for the work of a request only. The body has arrived in full before (over a phone's bad link that
takes minutes; a body broken off never reaches Django as a short one), and an answer of ordinary size leaves after.
Threads keep their database connections and their context from one request to the next, as under a WSGI server.
Not `a2wsgi`: there a slow sender holds a thread, a broken body is passed on as if it were whole, each request
gets a context of its own (and with it a new cache connection), and a request costs 0.3 ms more CPU.
"""

import asyncio
import contextvars
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import orjson

from core.problems import Problem

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

IN_MEMORY = 1024 * 1024
# An answer up to this many bytes is collected and leaves the thread at once; a longer one streams in such pieces.
COLLECTED = 1024 * 1024
# Seconds a client may take for one such piece before its thread is taken back.
PATIENCE = 120


class WsgiBridge:
    """Answers `http` scopes by `app`, at most `threads` requests at a time; bodies over `max_body` bytes are 413."""

    def __init__(self, app: WsgiApp, threads: int, max_body: int) -> None:
        self.app = app
        self.max_body = max_body
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="http")
        self.local = threading.local()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _announced(scope) > self.max_body:
            await _refuse(send, Problem("body_too_large"))
            return
        with SpooledTemporaryFile(max_size=IN_MEMORY) as body:
            length = await self._read(receive, body)
            if length is None:
                return
            if length > self.max_body:
                await _refuse(send, Problem("body_too_large"))
                return
            call = _Call(asyncio.get_running_loop(), send)
            environ = build_environ(scope, body, length)
            await call.loop.run_in_executor(self.pool, self._run, environ, call)
            for message in call.waiting:
                await send(message)

    async def _read(self, receive: Receive, body: IO[bytes]) -> int | None:
        """Store the body and return its bytes, or None when the client has gone; stops once past `max_body`."""
        length = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            chunk = message.get("body", b"")
            length += len(chunk)
            if length > self.max_body:
                return length
            body.write(chunk)
            if not message.get("more_body", False):
                body.seek(0)
                return length

    def _run(self, environ: dict[str, Any], call: "_Call") -> None:
        context = getattr(self.local, "context", None)
        if context is None:
            context = self.local.context = contextvars.copy_context()
        context.run(call.run, self.app, environ)

    def close(self) -> None:
        """Wait for the requests under way."""
        self.pool.shutdown(wait=True)


class _Call:
    """One request inside a thread; what is in `waiting` at the end is sent by the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, send: Send) -> None:
        self.loop = loop
        self.send = send
        self.waiting: list[Message] = []
        self.collected = 0

    def run(self, app: WsgiApp, environ: dict[str, Any]) -> None:
        answer = app(environ, self.start_response)
        try:
            for chunk in answer:
                self._body(chunk)
        finally:
            # Django ends the request here: signals fire, connections past their age are closed.
            close = getattr(answer, "close", None)
            if close:
                close()
        self.waiting.append({"type": "http.response.body", "body": b"", "more_body": False})

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[..., Any]:
        self.waiting.append(
            {
                "type": "http.response.start",
                "status": int(status[:3]),
                "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
            }
        )
        return self._body

    def _body(self, chunk: bytes) -> None:
        self.waiting.append({"type": "http.response.body", "body": chunk, "more_body": True})
        self.collected += len(chunk)
        if self.collected > COLLECTED:
            messages, self.waiting, self.collected = self.waiting, [], 0
            asyncio.run_coroutine_threadsafe(self._flush(messages), self.loop).result(PATIENCE)

    async def _flush(self, messages: list[Message]) -> None:
        for message in messages:
            await self.send(message)


def build_environ(scope: Scope, body: IO[bytes], length: int) -> dict[str, Any]:
    """The WSGI environment of an ASGI `http` scope whose whole body, `length` bytes, is in `body`.

    Header names with an underscore are dropped: `X_Forwarded_For` must not pass for `X-Forwarded-For`.
    """
    host, port = scope.get("server") or ("localhost", 80)
    client = scope.get("client") or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1")
        if "_" in name:
            continue
        key = name.upper().replace("-", "_")
        if key != "CONTENT_TYPE":
            key = f"HTTP_{key}"
        value = raw_value.decode("latin-1")
        if key in environ:
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        environ[key] = value
    # Known now, also for a body sent in chunks; Django reads no further than this.
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ["CONTENT_LENGTH"] = str(length) if length else ""
    return environ


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


async def _refuse(send: Send, problem: Problem) -> None:
    """Answer without reading on; the rest of the body is cut off with the connection."""
    body = orjson.dumps(problem.document())
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
