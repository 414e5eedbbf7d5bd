"""Lint, types, the tests on both databases and those in a browser; run by script/test with the Python of .venv."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import psycopg  # noqa: E402

from tests import services  # noqa: E402
from tests.browser import chromium  # noqa: E402

BIN = Path(sys.executable).parent
CHECKS: dict[str, list[Path | str]] = {
    "ruff check": [BIN / "ruff", "check", "--quiet", "."],
    "ruff format": [BIN / "ruff", "format", "--check", "--quiet", "."],
    "mypy": [BIN / "mypy", "."],
    "prettier": ["npm", "--prefix", "frontend", "run", "--silent", "format"],
    "vue-tsc": ["npm", "--prefix", "frontend", "run", "--silent", "check"],
    "vitest": ["npm", "--prefix", "frontend", "run", "--silent", "test"],
}
IN_BROWSER = "tests/browser"


def with_path(url: str, name: str) -> str:
    """`url` with its database replaced."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


class Suite:
    """Runs the parts one after the other and remembers how each ended."""

    def __init__(self, arguments: list[str]) -> None:
        self.arguments = arguments
        self.notes: list[str] = []
        self.failed = False
        self.folder = Path(tempfile.mkdtemp(prefix="gridwhistle-test-"))

    def note(self, name: str, code: int, started: float) -> None:
        self.failed |= code != 0
        outcome = "passed" if code == 0 else f"FAILED ({code})"
        self.notes.append(f"{name}: {outcome} in {time.monotonic() - started:.0f} s")

    def check(self, name: str, command: list[Path | str]) -> None:
        started = time.monotonic()
        code = subprocess.run(command, cwd=ROOT).returncode
        self.note(name, code, started)
        print(self.notes[-1], flush=True)

    def tests(self, name: str, database_url: str, redis_url: str, where: list[str] | None = None) -> None:
        """One pytest run; what was noted so far stands above its closing line."""
        print(f"\n{name}", flush=True)
        environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "GRIDWHISTLE_VAR": str(self.folder / "var"),
            "PYTEST_PLUGINS": "tests.suite_plugin",
            "GRIDWHISTLE_CLOSING_NOTES": "\n".join(self.notes),
        }
        command = [
            sys.executable,
            "-m",
            "pytest",
            *(where or ["--ignore", IN_BROWSER, "-n", "2", "--dist", "loadgroup"]),
        ]
        started = time.monotonic()
        code = subprocess.run([*command, *self.arguments], cwd=ROOT, env=environment).returncode
        self.note(name, code, started)

    def on_postgres(self) -> None:
        """The PostgreSQL + Redis run, or a loud note why there is none; CI may not go without."""
        private: list[services._Private] = []
        name = f"gridwhistle_{os.getpid()}"
        server = ""
        try:
            server = services.obtain(services.find_postgres, services.PrivatePostgres, private)
            bells = services.obtain(services.find_redis, services.PrivateRedis, private)
            self.tests(
                f"PostgreSQL + Redis ({len(private)} of 2 started here)",
                with_path(server, name),
                bells,
            )
        except services.Unavailable as exc:
            self.notes += [f"!!! PostgreSQL + Redis: NOT RUN. {exc}", "!!! Only SQLite was tested."]
            print("\n".join(self.notes[-2:]), flush=True)
            self.failed |= bool(os.environ.get("CI"))
        finally:
            if server and not any(isinstance(each, services.PrivatePostgres) for each in private):
                drop_leftovers(server, f"test_{name}")
            for each in private:
                each.close()

    def in_browser(self) -> None:
        """The pages in a real Chromium, or a loud note why there is none; CI may not go without."""
        try:
            chromium.obtain()
        except chromium.NoBrowser as exc:
            self.notes.append(f"!!! Browser: NOT RUN. No Chromium: {exc}")
            print(self.notes[-1], flush=True)
            self.failed |= bool(os.environ.get("CI"))
            return
        self.tests("Browser", f"sqlite:///{self.folder / 'unused.sqlite3'}", "", [IN_BROWSER])

    def run(self) -> int:
        try:
            for name, command in CHECKS.items():
                self.check(name, command)
            if not self.arguments:
                self.in_browser()
            self.on_postgres()
            self.tests("SQLite", f"sqlite:///{self.folder / 'tests.sqlite3'}", "")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
        return 1 if self.failed else 0


def drop_leftovers(server: str, prefix: str) -> None:
    """Drop the databases of a run that was broken off."""
    with psycopg.connect(server, autocommit=True) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (prefix,))
        for (name,) in rows.fetchall():
            connection.execute(psycopg.sql.SQL("DROP DATABASE {} WITH (FORCE)").format(psycopg.sql.Identifier(name)))


def stop(*_: object) -> None:
    """A termination unwinds like Ctrl-C, so that servers are stopped and folders removed."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    sys.exit(Suite(sys.argv[1:]).run())
