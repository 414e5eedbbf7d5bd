"""The loop that watches the clocks, and the end dates of suspensions.

It takes what is most overdue, claims it by a conditional update with a lease, does one small step, and repeats. Two
loops side by side do each step once; one that dies leaves a lease that runs out, so a step may be tried again and is
never skipped. A row that raises is pushed ahead and reported and does not stop the others.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import close_old_connections
from django.db.models import Model, Q
from django.db.utils import OperationalError

from core.moment import now
from reports.actions.deciding import end_suspension
from reports.actions.supervision import advance_clock
from reports.models import ChangeRequest, Clock

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
PUSH_AHEAD = timedelta(minutes=5)
IDLE_SECONDS = 1.0


def supervise_once(limit: int = 500) -> int:
    """Do the steps that are due now, at most `limit`. Returns how many were done."""
    done = 0
    for _ in range(limit):
        took = _take(Clock, advance_clock)
        if took is None:
            took = _take(ChangeRequest, end_suspension)
        if took is None:
            break
        done += took
    return done


def _take(model: type[Model], act: Callable[[int], bool]) -> bool | None:
    """Do the most overdue step among rows of this model; None if none is due."""
    moment, rows = now(), model._default_manager
    pk = _claim(model, moment)
    if pk is None:
        return None
    try:
        done = act(pk)
    except Exception:
        log.exception("%s %s could not be advanced", model._meta.model_name, pk)
        rows.filter(pk=pk).update(lease_until=moment + PUSH_AHEAD)
        return False
    rows.filter(pk=pk).update(lease_until=None)
    return done


def _claim(model: type[Model], moment: datetime) -> int | None:
    """The most overdue unclaimed row, now leased to us; of those due at the same moment the oldest."""
    free, rows = Q(lease_until__isnull=True) | Q(lease_until__lt=moment), model._default_manager
    while True:
        due = rows.filter(free, next_at__lte=moment).order_by("next_at", "pk")
        pk = due.values_list("pk", flat=True).first()
        if pk is None:
            return None
        if rows.filter(free, pk=pk, next_at__lte=moment).update(lease_until=moment + LEASE):
            return int(pk)


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
