"""The threads in which the hub's event loop talks to the database.

A few long-lived threads, each with one connection that stays open: opening one costs milliseconds, and the default
of closing old connections around every event is what makes fan-out through Channels consumers slow. A lane each for
reading and for confirming, so that a storm of log-ins delays neither.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import connection

P = ParamSpec("P")
R = TypeVar("R")

# A connection unused for longer than this is asked whether it still lives before it is used.
TRUSTED_SECONDS = 5.0


class Lane:
    """One or a few threads with a healthy database connection each."""

    def __init__(self, name: str, threads: int = 1) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `work` in the lane and answer with its result; raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: _healthy(work, *args, **kwargs))

    def close(self) -> None:
        self._pool.submit(connection.close)
        self._pool.shutdown(wait=False)


def _healthy(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    used_at = getattr(connection, "lane_used_at", 0.0)
    if connection.errors_occurred or time.monotonic() - used_at > TRUSTED_SECONDS:
        connection.close_if_unusable_or_obsolete()
    try:
        return work(*args, **kwargs)
    finally:
        connection.lane_used_at = time.monotonic()  # type: ignore[attr-defined]
