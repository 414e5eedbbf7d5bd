"""The loop that watches the clocks.

It takes the most overdue clock, claims it by a conditional update with a lease, does one small step, and repeats. Two
loops side by side do each step once; one that dies leaves a lease that runs out, so a step may be tried again and is
never skipped. A row that raises is pushed ahead and reported and does not stop the others.
"""

import logging
import threading
from datetime import datetime, timedelta

from django.db import close_old_connections
from django.db.models import Q
from django.db.utils import OperationalError

from core.moment import now
from reports.actions.supervision import advance_clock
from reports.models import Clock

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
PUSH_AHEAD = timedelta(minutes=5)
IDLE_SECONDS = 1.0


def supervise_once(limit: int = 500) -> int:
    """Do the steps that are due now, at most `limit`. Returns how many were done."""
    done = 0
    for _ in range(limit):
        moment = now()
        clock_id = _claim(moment)
        if clock_id is None:
            break
        try:
            done += advance_clock(clock_id)
        except Exception:
            log.exception("clock %s could not be advanced", clock_id)
            Clock.objects.filter(pk=clock_id).update(lease_until=moment + PUSH_AHEAD)
        else:
            Clock.objects.filter(pk=clock_id).update(lease_until=None)
    return done


def _claim(moment: datetime) -> int | None:
    """The most overdue unclaimed clock, now leased to us."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=moment)
    while True:
        clock_id = (
            Clock.objects.filter(free, next_at__lte=moment).order_by("next_at").values_list("pk", flat=True).first()
        )
        if clock_id is None:
            return None
        if Clock.objects.filter(free, pk=clock_id, next_at__lte=moment).update(lease_until=moment + LEASE):
            return clock_id


def run_loop(stop: threading.Event) -> None:
    """Supervise until `stop` is set; survives the database going away."""
    while not stop.is_set():
        try:
            if supervise_once() == 0:
                stop.wait(IDLE_SECONDS)
        except OperationalError:
            log.exception("the database is away")
            close_old_connections()
            stop.wait(IDLE_SECONDS * 5)
