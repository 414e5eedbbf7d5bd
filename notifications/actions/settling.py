"""Notices and messages of a past that is being written down now: they were dealt with then and go out no more."""

from datetime import datetime, timedelta

from django.db.models import F
from django.db.models.functions import Coalesce

from notifications.models import Notification, OutgoingMessage

# What a phone in a pocket takes, and a person who looks at it: the demonstration's assumption.
RUNG_AFTER = timedelta(seconds=1)
DELIVERED_AFTER = timedelta(seconds=3)
SEEN_AFTER = timedelta(minutes=4)
RECEIPTED_AFTER = timedelta(minutes=9)
SENT_AFTER = timedelta(seconds=2)


def settle_notices(until: datetime, device: str) -> int:
    """Every notice made up to `until` that is on no device counts as delivered to `device`, opened and, where asked
    for, signed for, each a little after it was made. Facts that stand already are kept. Returns how many were settled.

    For a past that the demonstration lives through; in the caller's transaction, so that no bell comes first.
    """
    made = F("created_at")
    old = Notification.objects.unacknowledged().filter(created_at__lte=until)
    old.unreceipted().update(receipted_at=made + RECEIPTED_AFTER)
    return old.update(
        rung_at=Coalesce(F("rung_at"), made + RUNG_AFTER),
        delivered_at=made + DELIVERED_AFTER,
        seen_at=Coalesce(F("seen_at"), made + SEEN_AFTER),
        device=device,
        next_at=None,
        lease_until=None,
        claim="",
    )


def settle_messages(until: datetime) -> int:
    """Every message queued up to `until` counts as sent a little after it was made. Returns how many."""
    waiting = OutgoingMessage.objects.filter(next_at__isnull=False, created_at__lte=until)
    return waiting.update(
        state=OutgoingMessage.State.SENT,
        sent_at=F("created_at") + SENT_AFTER,
        tries=1,
        next_at=None,
        lease_until=None,
        claim="",
    )
