"""The ways to reach a person outside the page: one interface, chosen by settings.

`GRIDWHISTLE_TRANSPORTS=sms=package.module.Class,push=package.module.Class` names a class per step of the ladder;
a step whose transport is not named is skipped.
"""

import logging
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import User
from core.masking import mask_phone
from notifications.bell import ring
from notifications.gateways import NO_GATEWAY, Outcome, gateway_for
from notifications.kinds import Text
from notifications.models import Delivery, Notification

log = logging.getLogger(__name__)


class Transport(Protocol):
    """Called outside any transaction, at least once per step; it may take seconds and may raise."""

    code: str

    def send(self, user: User, text: Text, notification: Notification) -> Outcome: ...


class SocketTransport:
    """Rings; whichever process holds the person's sockets reads the row and writes it there."""

    code = "socket"

    def send(self, user: User, text: Text, notification: Notification) -> Outcome:
        ring([user.pk])
        return Outcome(Delivery.Outcome.RUNG)


class ConsoleTransport:
    """Stands in for SMS where no gateway is configured: sends nothing, and logs who would have been told."""

    code = "console"

    def send(self, user: User, text: Text, notification: Notification) -> Outcome:
        if not user.phone:
            return Outcome(Delivery.Outcome.SKIPPED, "no phone number")
        log.info("sms to %s: %s", mask_phone(user.phone), text.title)
        return Outcome(Delivery.Outcome.SKIPPED, NO_GATEWAY)


class SmsTransport:
    """The notice by the SMS gateway, to the telephone number of the person's account."""

    code = "sms"

    def send(self, user: User, text: Text, notification: Notification) -> Outcome:
        if not user.phone:
            return Outcome(Delivery.Outcome.SKIPPED, "no phone number")
        # One key per step: a step that is repeated is the same message, a later step is another.
        key = f"notice-{notification.pk}-{notification.stage}"
        return gateway_for("sms").send(user.phone, f"{text.title} {text.body}".strip(), key)


@lru_cache
def _load(path: str) -> Transport:
    transport: Transport = import_string(path)()
    return transport


def transport_for(step: str) -> Transport | None:
    """The transport configured for a step; None when there is none, so that the step is skipped."""
    path = settings.GRIDWHISTLE.get("TRANSPORTS", {}).get(step)
    return _load(path) if path else None
