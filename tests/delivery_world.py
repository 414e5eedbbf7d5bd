"""Starts and kills delivery servers, each over a database of its own beside the one of the test run."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from tests.services import reserved_port

ROOT = Path(__file__).parent.parent
_numbers = itertools.count()


@contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """The URL of a copy of the test run's database, for processes of their own."""
    own = connection.settings_dict
    if connection.vendor == "sqlite":
        copy = folder / "delivery.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(copy)])
        yield f"sqlite:///{copy}"
        return
    name = f"delivery_{os.getpid()}_{next(_numbers)}"
    server = f"{own['USER']}:{own['PASSWORD']}@{own['HOST'] or '127.0.0.1'}:{own['PORT'] or 5432}"
    with psycopg.connect(f"postgresql://{server}/postgres", autocommit=True) as session:
        # A database that somebody is connected to cannot be copied.
        connection.close()
        session.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [own["NAME"]])
        session.execute(f'CREATE DATABASE {name} TEMPLATE "{own["NAME"]}"')
        try:
            yield f"postgres://{server}/{name}"
        finally:
            session.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def environment(database_url: str, folder: Path, redis_url: str = "") -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "GRIDWHISTLE_VAR": str(folder),
        "SOCKETS_PER_USER": "3",
        "PYTHONPATH": str(ROOT),
    }


class Server:
    """A delivery server process; `do` runs one of its commands."""

    def __init__(self, database_url: str, folder: Path, redis_url: str = "") -> None:
        self.environment = environment(database_url, folder, redis_url)
        self._reserved = reserved_port()
        self.port = int(self._reserved.getsockname()[1])
        self.address = f"ws://127.0.0.1:{self.port}/ws/notifications/"

    def launch(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.delivery_server", str(self.port)], cwd=ROOT, env=self.environment
        )

    def start(self) -> None:
        self.launch()
        self.wait()

    def wait(self) -> None:
        until = time.monotonic() + 30
        while True:
            try:
                self.do("connected")
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def do(self, command: str, **given: Any) -> Any:
        body = json.dumps({"do": command} | given).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", data=body, method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def stop(self) -> int:
        """Ask it to end; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reserved.close()

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *args: object) -> None:
        self.close()
