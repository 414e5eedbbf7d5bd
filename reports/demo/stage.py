"""Lives side by side in one moved time: whoever is next acts, and between acts the deadlines do.

A life is a generator that acts and yields the moment at which it goes on, or `Asleep` until somebody wakes it.
"""

import heapq
import itertools
import logging
import time
from collections.abc import Callable, Generator, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Model, Q

from core.moment import moved_to, now
from core.problems import Problem
from notifications.actions.settling import settle_messages, settle_notices
from reports.actions.supervision import advance_clock
from reports.models import ChangeRequest, Clock

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asleep:
    """Waits for `Stage.wake(key)`."""

    key: Hashable


Wait = datetime | Asleep
Life = Generator[Wait, None, None]

# What `supervise` sweeps. The stage itself looks for clocks; the end of a suspension is part of the life that asked.
SWEPT: tuple[type[Model], ...] = (Clock, ChangeRequest)
# One transaction per hour lived: one wait for the disk, and nobody else has to wait long for the database.
TRANSACTION = timedelta(hours=1)
# Notices younger than this at the end are left to be delivered for real.
FRESH = timedelta(hours=1)
DEVICE = "demo"
# Beside a server: short transactions with a pause, longer than SQLite's waiters sleep, so that they get their turn.
GENTLE_SECONDS, GENTLE_PAUSE = 0.25, 0.15
# A server that runs beside the load must not move the past's deadlines at its own time: the stage holds their leases.
HELD = timedelta(days=1)
FIRST, LAST = datetime.min.replace(year=1900, tzinfo=UTC), datetime.max.replace(year=2200, tzinfo=UTC)


class Stage:
    """Runs lives until `end`. `refused` are the acts the rules did not allow; there should be none."""

    def __init__(
        self, end: datetime, since: datetime | None = None, before: datetime | None = None, gentle: bool = False
    ) -> None:
        self.end = end
        self.gentle = gentle
        # The stage's own reports came within [since, before); nobody else moves their deadlines while it runs.
        self.since = since or FIRST
        self.before = before or LAST
        self.refused: list[str] = []
        self.steps = 0
        self._queue: list[tuple[datetime, int, Life]] = []
        self._asleep: dict[Hashable, Life] = {}
        self._time = FIRST
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
            started = time.monotonic()
            with transaction.atomic():
                while self._queue and self._queue[0][0] <= until:
                    at, _, life = heapq.heappop(self._queue)
                    self._supervise(at)
                    self._time = max(at, self._time)
                    with moved_to(at):
                        self._act(life)
                    if self.gentle and time.monotonic() - started > GENTLE_SECONDS:
                        until = at
                        break
                self._settle(min(until, self.end - FRESH))
                self._hold(self.end + HELD, lease_until__isnull=True)
            if self.gentle:
                time.sleep(GENTLE_PAUSE)
            lived(until)
        with transaction.atomic():
            self._supervise(self.end)
            self._settle(self.end - FRESH)
            self._hold(None)
        lived(self.end)

    def _settle(self, until: datetime) -> None:
        """Notices and messages of the past were dealt with then."""
        settle_notices(until, DEVICE)
        settle_messages(until)

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
            # A moment that passed while the life waited for something else is now.
            self.begin(life, max(following, now()))

    def _supervise(self, until: datetime) -> None:
        """Have every deadline up to `until` do its step at its own moment. Raises RuntimeError if one cannot."""
        own = Clock.objects.filter(self.own("report__"), next_at__lte=until).order_by("next_at")
        while (due := own.values_list("pk", "next_at").first()) is not None:
            clock_id, moment = due
            assert moment is not None  # filtered by it
            # More time granted may make a step due since before; it comes when it can, as with `supervise`.
            self._time = max(moment, self._time)
            with moved_to(self._time):
                if not advance_clock(clock_id):
                    raise RuntimeError(f"the deadline {clock_id} of {moment} could not be advanced")

    def _hold(self, until: datetime | None, **which: object) -> None:
        """Keep the sweepers of a server away from the stage's deadlines until then."""
        for model in SWEPT:
            model._default_manager.filter(self.own("report__"), next_at__isnull=False, **which).update(
                lease_until=until
            )

    def owns(self, received_at: datetime) -> bool:
        """Whether a report of that moment is this stage's."""
        return self.since <= received_at < self.before

    def own(self, prefix: str = "") -> Q:
        """The condition for the stage's own reports."""
        return Q(**{f"{prefix}received_at__gte": self.since, f"{prefix}received_at__lt": self.before})
