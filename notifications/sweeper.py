"""The sweeper makes the steps of the ladders: rings again, then other ways, then other people.

Each step is claimed by a conditional update with a lease, made, and written down. A sweeper that dies in a step
leaves the lease to run out, and the step is made again: repeated, never skipped. Two sweepers make each step once.
"""

import logging
import threading
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from core.moment import now
from notifications.actions import tell_others
from notifications.kinds import KINDS, render
from notifications.ladders import ABOVE, DUTY, Step, ladder
from notifications.models import Delivery, Notification
from notifications.transports import Outcome, transport_for

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
# A step that failed is tried again after this, doubled each time, as long as no later step is due before.
RETRY = timedelta(seconds=20)
RETRY_AT_MOST = timedelta(minutes=10)
TRIES = 10
# After a stand-still several steps are overdue at once; the person rung gets this long before the next one is made.
BREATH = timedelta(seconds=15)
IDLE_SECONDS = 1.0
BROKEN_SECONDS = 5.0


def sweep_once(limit: int = 100) -> int:
    """Make at most `limit` steps that are due. Returns how many were claimed. Never raises for a single notice."""
    claim = uuid4().hex
    notices = _claim(claim, limit)
    for notice in notices:
        try:
            _make_step(notice)
        except Exception as exc:
            log.exception("notice %s: step %s failed", notice.pk, notice.stage)
            _put_off(notice, _step_of(notice), f"{type(exc).__name__}: {exc}")
    return len(notices)


def run_loop(stop: threading.Event) -> None:
    """Sweep until `stop` is set. Whatever breaks (the database away, say) is logged and tried again."""
    while not stop.is_set():
        try:
            connection.close_if_unusable_or_obsolete()
            pause = 0.0 if sweep_once() else IDLE_SECONDS
        except Exception:
            log.exception("sweeper: a round broke and is tried again")
            pause = BROKEN_SECONDS
        stop.wait(pause)
    connection.close()


def _claim(claim: str, limit: int) -> list[Notification]:
    moment = now()
    due = Notification.objects.on_ladder().filter(
        Q(lease_until__isnull=True) | Q(lease_until__lte=moment), next_at__lte=moment
    )
    with transaction.atomic():
        # Without `skip_locked` a second sweeper would wait for the first one's rows only to find them taken.
        rows = due.order_by("next_at")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        ids = list(rows.values_list("id", flat=True)[:limit])
        if not ids:
            return []
        due.filter(id__in=ids).update(claim=claim, lease_until=moment + LEASE)
    return list(Notification.objects.filter(claim=claim).select_related("recipient").order_by("next_at", "id"))


def _step_of(notice: Notification) -> Step | None:
    steps = ladder(notice.urgency)
    return steps[notice.stage] if notice.stage < len(steps) else None


def _make_step(notice: Notification) -> None:
    if not _still_held(notice):
        return
    step = _step_of(notice)
    if step is None:
        Notification.objects.filter(pk=notice.pk, claim=notice.claim).update(next_at=None, lease_until=None, claim="")
    elif step.code in (DUTY, ABOVE):
        _tell(notice, step)
    else:
        _send(notice, step)


def _still_held(notice: Notification) -> bool:
    """Renew the lease; False when the notice was acknowledged meanwhile or the lease went to another sweeper."""
    mine = Notification.objects.on_ladder().filter(pk=notice.pk, claim=notice.claim, stage=notice.stage)
    return mine.update(lease_until=now() + LEASE) == 1


def _send(notice: Notification, step: Step) -> None:
    transport = transport_for(step.code)
    if transport is None:
        outcome = Outcome(Delivery.Outcome.SKIPPED, "no transport")
    elif not notice.recipient.is_active:
        outcome = Outcome(Delivery.Outcome.SKIPPED, "inactive")
    else:
        # Outside any transaction: it may take seconds, and what was sent cannot be rolled back.
        text = render(notice.kind, notice.params, notice.recipient.language)
        outcome = transport.send(notice.recipient, text, notice)
    if outcome.code == Delivery.Outcome.FAILED:
        _put_off(notice, step, outcome.detail)
        return
    with transaction.atomic():
        if outcome.code == Delivery.Outcome.SENT:
            Notification.objects.filter(pk=notice.pk).update(rung_at=Coalesce("rung_at", now()))
        _record(notice, step, outcome)
        _go_on(notice, step)


def _tell(notice: Notification, step: Step) -> None:
    """Tell others and go on, in one transaction: nothing leaves the database, so it happens exactly once."""
    kind = KINDS[notice.kind]
    resolve = kind.duty_officers if step.code == DUTY else kind.level_above
    people = list(resolve(notice)) if resolve else []
    with transaction.atomic():
        if not _go_on(notice, step):
            return
        told = tell_others(notice, people, step.code)
        outcome = (
            Outcome(Delivery.Outcome.TOLD, str(len(told))) if told else Outcome(Delivery.Outcome.SKIPPED, "nobody")
        )
        _record(notice, step, outcome)


def _go_on(notice: Notification, step: Step) -> bool:
    """Set the next step, unless the notice was acknowledged meanwhile or is another sweeper's by now."""
    steps = ladder(notice.urgency)
    following = notice.stage + 1
    next_at: datetime | None = None
    if following < len(steps):
        gap = min(steps[following].after - step.after, BREATH)
        next_at = max(notice.created_at + steps[following].after, now() + gap)
    return _release(notice, stage=following, next_at=next_at, failures=0)


def _put_off(notice: Notification, step: Step | None, detail: str) -> None:
    """Try a failed step again later; a following step that is due by then takes its place."""
    failures = notice.failures + 1
    retry_at = now() + min(RETRY * 2**notice.failures, RETRY_AT_MOST)
    steps = ladder(notice.urgency)
    following = notice.stage + 1
    with transaction.atomic():
        if step is not None:
            _record(notice, step, Outcome(Delivery.Outcome.FAILED, detail))
        if following < len(steps) and notice.created_at + steps[following].after <= retry_at:
            next_at = max(notice.created_at + steps[following].after, now())
            _release(notice, stage=following, next_at=next_at, failures=0)
        elif failures >= TRIES:
            log.error("notice %s: given up after %s failures: %s", notice.pk, failures, detail)
            _release(notice, stage=notice.stage, next_at=None, failures=failures)
        else:
            _release(notice, stage=notice.stage, next_at=retry_at, failures=failures)


def _release(notice: Notification, *, stage: int, next_at: datetime | None, failures: int) -> bool:
    mine = Notification.objects.on_ladder().filter(pk=notice.pk, claim=notice.claim, stage=notice.stage)
    changed = mine.update(stage=stage, next_at=next_at, failures=failures, lease_until=None, claim="")
    return changed == 1


def _record(notice: Notification, step: Step, outcome: Outcome) -> None:
    Delivery.objects.create(
        notification_id=notice.pk, transport=step.code, at=now(), outcome=outcome.code, detail=outcome.detail[:200]
    )
