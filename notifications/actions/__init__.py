"""Every write of notices: making them, the device's and the person's acknowledgements, telling others."""

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

__all__ = [
    "Acknowledged",
    "acknowledge",
    "acknowledge_many",
    "call_off",
    "mark_rung",
    "mark_seen",
    "mark_seen_subject",
    "notify",
    "receipt",
    "receipt_subject",
    "tell_others",
]
