"""Rows of delivery: `Notification` (the message itself) and `Delivery` (one attempt by one transport) to people who
work here; `OutgoingMessage` to anyone by telephone number."""

from notifications.models.notifications import Delivery, Notification, Urgency
from notifications.models.outgoing import OutgoingMessage

__all__ = ["Delivery", "Notification", "OutgoingMessage", "Urgency"]
