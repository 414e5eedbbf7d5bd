"""Rows of delivery: `Notification` (the message itself) and `Delivery` (one attempt by one transport)."""

from notifications.models.notifications import Delivery, Notification, Urgency

__all__ = ["Delivery", "Notification", "Urgency"]
