"""What script/test adds to pytest, by PYTEST_PLUGINS: loaded before Django's settings, in every worker."""

import os
from urllib.parse import urlsplit, urlunsplit

import pytest

LAST_REDIS_DATABASE = 15


def _own_redis_database() -> None:
    """Give each worker a Redis database of its own: tests empty the one they use, and bells must not cross."""
    url, worker = os.environ.get("REDIS_URL"), os.environ.get("PYTEST_XDIST_WORKER")
    if url and worker:
        number = LAST_REDIS_DATABASE - int(worker.removeprefix("gw"))
        os.environ["REDIS_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{number}"))


_own_redis_database()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say just above pytest's closing line what came before this run."""
    notes = os.environ.get("GRIDWHISTLE_CLOSING_NOTES", "").strip()
    if notes:
        terminalreporter.section("script/test")
        for line in notes.splitlines():
            terminalreporter.line(line, red="FAILED" in line or "NOT RUN" in line)
