"""The way between phone and server: a TCP proxy whose faults a test chooses."""

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from tests.services import reserved_port

PORTAL = b"<!doctype html><html><body>Welcome to CoffeeNet. Please accept our terms.</body></html>"
CHUNK = 16 * 1024
SECONDS = 30.0


def page(status: str, body: bytes, kind: str = "text/html") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


class Link:
    """Listens on a port of its own and passes everything on to `port`.

    `up` False: connections are refused. `answer`: what is said instead of the server, by a function of the request's
    first line (None lets it pass). `on_request` is told each first line before it is passed on; `lose_answers` cuts
    the connection instead of giving back what the server said to those whose first line it matches. `drop` cuts all
    open connections; `swallow` leaves the open sockets open and carries nothing more, as a dead radio cell does.
    """

    def __init__(self, port: int) -> None:
        self.target = port
        self.answer: Callable[[str], bytes | None] = lambda line: None
        self.on_request: Callable[[str], None] = lambda line: None
        self.lose_answers: re.Pattern[str] | None = None
        self.requests: list[str] = []
        self._open: set[socket.socket] = set()
        self._swallowed: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._held = reserved_port()
        self.port = int(self._held.getsockname()[1])
        self._listener: socket.socket | None = None
        self.up()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def up(self) -> None:
        if self._listener:
            return
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", self.port))
        self._listener.listen(128)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def down(self) -> None:
        """Refuse new connections and cut the open ones."""
        if self._listener:
            # A thread that waits in accept keeps the socket listening until it is shut down.
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self.drop()

    def drop(self) -> None:
        with self._lock:
            leaving, self._open = self._open, set()
        for each in leaving:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def swallow(self) -> None:
        with self._lock:
            self._swallowed |= self._open

    def close(self) -> None:
        self.down()
        self._held.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                phone, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(phone)
            threading.Thread(target=self._carry, args=(phone,), daemon=True).start()

    def _carry(self, phone: socket.socket) -> None:
        """Request by request, so that each can be answered or lost by itself; a socket is passed through."""
        server: socket.socket | None = None
        try:
            phone.settimeout(SECONDS)
            waiting = b""
            while True:
                while b"\r\n\r\n" not in waiting:
                    more = phone.recv(CHUNK)
                    if not more:
                        return
                    waiting += more
                head, waiting = waiting.split(b"\r\n\r\n", 1)
                line = head.split(b"\r\n", 1)[0].decode("latin-1")
                self.requests.append(line)
                instead = self.answer(line)
                if instead is not None:
                    phone.sendall(instead)
                    return
                self.on_request(line)
                if server is None:
                    server = socket.create_connection(("127.0.0.1", self.target), SECONDS)
                    with self._lock:
                        self._open.add(server)
                server.sendall(head + b"\r\n\r\n")
                if re.search(rb"(?im)^upgrade: *websocket", head):
                    self._pass_both_ways(phone, server, waiting)
                    return
                length = re.search(rb"(?im)^content-length: *(\d+)", head)
                left = int(length[1]) if length else 0
                while left:
                    part = waiting[:left] or phone.recv(min(CHUNK, left))
                    if not part:
                        return
                    waiting = waiting[len(part) :] if waiting else waiting
                    server.sendall(part)
                    left -= len(part)
                lost = self.lose_answers is not None and self.lose_answers.search(line) is not None
                if not self._give_back(server, phone, lost) or lost:
                    return
        except OSError:
            pass
        finally:
            for each in (phone, server):
                if each is not None:
                    with self._lock:
                        self._open.discard(each)
                    each.close()

    def _give_back(self, server: socket.socket, phone: socket.socket, lost: bool) -> bool:
        """One answer of the server; whether the connection goes on."""
        said = b""
        while b"\r\n\r\n" not in said:
            more = server.recv(CHUNK)
            if not more:
                return False
            said += more
        head, body = said.split(b"\r\n\r\n", 1)
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        chunked = re.search(rb"(?im)^transfer-encoding: *chunked", head)
        if lost:
            return False
        phone.sendall(said)
        if chunked:
            while not body.endswith(b"0\r\n\r\n"):
                more = server.recv(CHUNK)
                if not more:
                    return False
                body = body[-8:] + more
                phone.sendall(more)
        elif length:
            left = int(length[1]) - len(body)
            while left > 0:
                more = server.recv(CHUNK)
                if not more:
                    return False
                left -= len(more)
                phone.sendall(more)
        return re.search(rb"(?im)^connection: *close", head) is None

    def _pass_both_ways(self, phone: socket.socket, server: socket.socket, waiting: bytes) -> None:
        server.sendall(waiting)
        for each in (phone, server):
            each.settimeout(None)

        def carry(source: socket.socket, to: socket.socket) -> None:
            with suppress(OSError):
                while part := source.recv(CHUNK):
                    if source not in self._swallowed:
                        to.sendall(part)
            for each in (source, to):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

        back = threading.Thread(target=carry, args=(server, phone), daemon=True)
        back.start()
        carry(phone, server)
        back.join()
