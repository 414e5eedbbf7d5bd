"""The loop that sends outgoing messages, beside the sweeper and in a thread of its own: a gateway that takes its time
holds up no whistle.

A message is claimed by a conditional update with a lease, sent outside any transaction, and its outcome written down.
A sender that dies leaves the lease to run out, and the same message is sent again under the same key: repeated, never
lost. Two senders send each message once.
"""

import logging
import threading
from datetime import timedelta
from uuid import uuid4

from django.db import connection
from django.db.models import F, Q

from core.moment import now
from notifications.gateways import NO_GATEWAY, Outcome, gateway_for
from notifications.models import Delivery, OutgoingMessage

log = logging.getLogger(__name__)

# Longer than any gateway is waited for.
LEASE = timedelta(seconds=60)
RETRY = timedelta(seconds=20)
RETRY_AT_MOST = timedelta(hours=1)
TRIES = 8
IDLE_SECONDS = 1.0
BROKEN_SECONDS = 5.0

State = OutgoingMessage.State


def send_due(limit: int = 100, stop: threading.Event | None = None) -> int:
    """Try every message that is due, at most `limit`. Returns how many were tried. Never raises for a single one."""
    tried = 0
    while tried < limit and not (stop and stop.is_set()):
        message = _claim()
        if message is None:
            break
        tried += 1
        try:
            outcome = gateway_for(message.channel).send(message.to, message.text, str(message.key))
        except Exception as exc:
            log.exception("message %s could not be sent", message.pk)
            outcome = Outcome(Delivery.Outcome.FAILED, type(exc).__name__)
        _write_down(message, outcome)
    return tried


def run_loop(stop: threading.Event) -> None:
    """Send until `stop` is set. Whatever breaks (the database away, say) is logged and tried again."""
    while not stop.is_set():
        try:
            connection.close_if_unusable_or_obsolete()
            pause = 0.0 if send_due(stop=stop) else IDLE_SECONDS
        except Exception:
            log.exception("outbox: a round broke and is tried again")
            pause = BROKEN_SECONDS
        stop.wait(pause)
    connection.close()


def _claim() -> OutgoingMessage | None:
    """The message that has waited longest, now leased to us."""
    claim = uuid4().hex
    while True:
        moment = now()
        free = Q(lease_until__isnull=True) | Q(lease_until__lte=moment)
        due = OutgoingMessage.objects.filter(free, next_at__lte=moment)
        found = due.order_by("next_at", "id").values_list("pk", flat=True).first()
        if found is None:
            return None
        if due.filter(pk=found).update(claim=claim, lease_until=moment + LEASE, tries=F("tries") + 1):
            # Gone when its report was emptied in between.
            message = OutgoingMessage.objects.filter(pk=found, claim=claim).first()
            if message is not None:
                return message


def _write_down(message: OutgoingMessage, outcome: Outcome) -> None:
    """Only while it is still ours and waiting: a receipt of its delivery may have come before the gateway's answer."""
    moment = now()
    mine = OutgoingMessage.objects.filter(pk=message.pk, claim=message.claim, state=State.QUEUED)
    if outcome.code == Delivery.Outcome.SENT:
        mine.update(
            state=State.SENT, sent_at=moment, provider_id=outcome.provider_id, error="", **_nothing_more_to_do()
        )
    elif outcome.detail == NO_GATEWAY:
        mine.update(state=State.LOGGED, error="", **_nothing_more_to_do())
    elif outcome.code == Delivery.Outcome.SKIPPED or message.tries >= TRIES:
        log.error("message %s: given up after %s tries: %s", message.pk, message.tries, outcome.detail)
        mine.update(state=State.FAILED, error=outcome.detail[:200], **_nothing_more_to_do())
    else:
        pause = min(RETRY * 2 ** (message.tries - 1), RETRY_AT_MOST)
        mine.update(error=outcome.detail[:200], next_at=moment + pause, lease_until=None, claim="")


def _nothing_more_to_do() -> dict[str, object]:
    return {"next_at": None, "lease_until": None, "claim": ""}
