"""The loop that checks and writes uploaded workbooks, in a thread or process of its own: minutes of work that no
request waits for.

An import is claimed by a conditional update with a lease that every batch renews. A worker that dies leaves the lease
to run out, and the next one checks anew or goes on writing behind the last batch that stands.
"""

import logging
import threading

from django.db import connection

from households.actions.imports import ClaimLost, claim_one, discard_old, work_on_claimed

log = logging.getLogger(__name__)

IDLE_SECONDS = 2.0
BROKEN_SECONDS = 10.0
# Idle rounds between two looks for imports nobody applied.
ROUNDS = 300


def work_once() -> bool:
    """Work on the import that has waited longest; False if there is none."""
    run = claim_one()
    if run is None:
        return False
    try:
        work_on_claimed(run)
    except ClaimLost:
        log.info("import %s was taken over or discarded", run.pk)
    return True


def run_loop(stop: threading.Event) -> None:
    """Work until `stop` is set. Whatever breaks (the database away, say) is logged and tried again."""
    rounds = 0
    while not stop.is_set():
        try:
            connection.close_if_unusable_or_obsolete()
            if rounds % ROUNDS == 0:
                discard_old()
            rounds += 1
            pause = 0.0 if work_once() else IDLE_SECONDS
        except Exception:
            log.exception("imports: a round broke and is tried again")
            pause = BROKEN_SECONDS
        stop.wait(pause)
    connection.close()
