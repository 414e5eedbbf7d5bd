"""The present moment, in one place, so that the demonstration can live through past weeks."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_moved: ContextVar[datetime | None] = ContextVar("moved", default=None)


def now() -> datetime:
    """The present as an aware UTC datetime; the moved one inside `moved_to`."""
    return _moved.get() or timezone.now()


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
