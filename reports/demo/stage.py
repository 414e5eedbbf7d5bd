"""Lives side by side in one moved time: whoever is next acts, and between acts the deadlines do.

A life is a generator that acts and yields the moment at which it goes on, or `Asleep` until somebody wakes it.
"""

import heapq
import itertools
import logging
from collections.abc import Callable, Generator, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from core.moment import moved_to
from core.problems import Problem
from notifications.actions.settling import settle_notices
from reports.models import Clock
from reports.supervise import supervise_once

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asleep:
    """Waits for `Stage.wake(key)`."""

    key: Hashable


Wait = datetime | Asleep
Life = Generator[Wait, None, None]

# One transaction per hour lived: one wait for the disk, and nobody else has to wait long for the database.
TRANSACTION = timedelta(hours=1)
# Notices younger than this at the end are left to be delivered for real.
FRESH = timedelta(hours=1)
DEVICE = "demo"


class Stage:
    """Runs lives until `end`. `refused` are the acts the rules did not allow; there should be none."""

    def __init__(self, end: datetime) -> None:
        self.end = end
        self.refused: list[str] = []
        self.steps = 0
        self._queue: list[tuple[datetime, int, Life]] = []
        self._asleep: dict[Hashable, Life] = {}
        self._number = itertools.count()

    def begin(self, life: Life, at: datetime) -> None:
        heapq.heappush(self._queue, (at, next(self._number), life))

    def wake(self, key: Hashable, at: datetime) -> None:
        """Go on with the life that sleeps under `key`; one that is awake will look for itself."""
        life = self._asleep.pop(key, None)
        if life is not None:
            self.begin(life, at)

    def run(self, lived: Callable[[datetime], None]) -> None:
        """Live until the end; `lived` hears how far it has come after each transaction."""
        while self._queue and self._queue[0][0] <= self.end:
            until = min(self._queue[0][0] + TRANSACTION, self.end)
            with transaction.atomic():
                while self._queue and self._queue[0][0] <= until:
                    at, _, life = heapq.heappop(self._queue)
                    self._supervise(at)
                    with moved_to(at):
                        self._act(life)
                settle_notices(min(until, self.end - FRESH), DEVICE)
            lived(until)
        with transaction.atomic():
            self._supervise(self.end)
            settle_notices(self.end - FRESH, DEVICE)
        lived(self.end)

    def _act(self, life: Life) -> None:
        self.steps += 1
        try:
            following = next(life)
        except StopIteration:
            return
        except Problem as problem:
            log.warning("the demonstration was refused: %s %s", problem.code, problem.extra)
            self.refused.append(problem.code)
            return
        if isinstance(following, Asleep):
            self._asleep[following.key] = life
        else:
            self.begin(life, following)

    def _supervise(self, until: datetime) -> None:
        """Have every deadline up to `until` do its step at its own moment. Raises RuntimeError if one cannot."""
        while True:
            free = Q(lease_until__isnull=True)
            due = Clock.objects.filter(free, next_at__lte=until).order_by("next_at").values_list("next_at", flat=True)
            moment = due.first()
            if moment is None:
                return
            with moved_to(moment):
                if supervise_once() == 0:
                    raise RuntimeError(f"a deadline of {moment} could not be advanced; see the log")
