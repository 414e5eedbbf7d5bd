"""The present moment, in one place, so that the demonstration can live through past weeks."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from django.utils import timezone

_moved: ContextVar[datetime | None] = ContextVar("moved", default=None)


def now() -> datetime:
    """The present as an aware UTC datetime; the moved one inside `moved_to`."""
    return _moved.get() or timezone.now()


def is_plausible(value: datetime) -> bool:
    """Whether a time that came in can be meant and kept: aware, 1970 to 2200, an offset that exists on Earth.

    Both databases fail on what lies far outside, each in its own way: beyond year 1 or 9999 in UTC, beyond ±16 h.
    """
    offset = value.utcoffset()
    return offset is not None and abs(offset) <= timedelta(hours=15) and 1970 <= value.year <= 2200


@contextmanager
def moved_to(moment: datetime) -> Iterator[None]:
    """Let everything inside the block happen at `moment` (aware)."""
    if timezone.is_naive(moment):
        raise ValueError("moment must be aware")
    token = _moved.set(moment)
    try:
        yield
    finally:
        _moved.reset(token)
