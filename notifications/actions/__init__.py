"""Every write of notices: making them, the device's and the person's acknowledgements, telling others."""

from notifications.actions.acknowledging import (
    Acknowledged,
    acknowledge,
    acknowledge_many,
    mark_rung,
    mark_seen,
    receipt,
    receipt_subject,
)
from notifications.actions.notifying import notify, tell_others

__all__ = [
    "Acknowledged",
    "acknowledge",
    "acknowledge_many",
    "mark_rung",
    "mark_seen",
    "notify",
    "receipt",
    "receipt_subject",
    "tell_others",
]
