"""Every write of notices: making them, the device's and the person's acknowledgements, telling others; and of texts to
telephone numbers."""

from notifications.actions.acknowledging import (
    Acknowledged,
    acknowledge,
    acknowledge_many,
    call_off,
    mark_rung,
    mark_seen,
    mark_seen_subject,
    receipt,
    receipt_subject,
)
from notifications.actions.notifying import notify, tell_others
from notifications.actions.outgoing import empty_messages, note_receipt, queue_message

__all__ = [
    "Acknowledged",
    "acknowledge",
    "acknowledge_many",
    "call_off",
    "empty_messages",
    "mark_rung",
    "mark_seen",
    "mark_seen_subject",
    "note_receipt",
    "notify",
    "queue_message",
    "receipt",
    "receipt_subject",
    "tell_others",
]
