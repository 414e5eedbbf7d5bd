"""Writing texts to telephone numbers, and what a gateway later says of them."""

from collections.abc import Iterable

from core.moment import now
from core.problems import Problem
from notifications.models import OutgoingMessage

State = OutgoingMessage.State


def queue_message(to: str, text: str, channel: str = OutgoingMessage.Channel.SMS) -> OutgoingMessage:
    """Write a message in the caller's transaction; it is sent after the commit, and not at all after a rollback."""
    moment = now()
    return OutgoingMessage.objects.create(channel=channel, to=to, text=text, created_at=moment, next_at=moment)


def empty_messages(keys: Iterable[int]) -> int:
    """Forget number and text of these messages; what still waits is not sent. Returns how many there are."""
    rows = OutgoingMessage.objects.filter(pk__in=list(keys))
    waiting = {"next_at": None, "lease_until": None, "claim": "", "state": State.FAILED, "error": "erased"}
    rows.filter(next_at__isnull=False).update(**waiting)
    return rows.update(to="", text="")


def note_receipt(key: str, delivered: bool, detail: str = "") -> OutgoingMessage:
    """The gateway says how a message ended. Idempotent; delivered is the last word.

    Also ends the tries of a message whose acceptance was never heard of. Raises `not_found`.
    """
    rows = OutgoingMessage.objects.filter(key=key)
    over = {"next_at": None, "lease_until": None, "claim": ""}
    if delivered:
        rows.exclude(state=State.DELIVERED).update(state=State.DELIVERED, delivered_at=now(), error="", **over)
    else:
        rows.exclude(state=State.DELIVERED).update(state=State.FAILED, error=detail[:200], **over)
    message = rows.first()
    if message is None:
        raise Problem("not_found")
    return message
