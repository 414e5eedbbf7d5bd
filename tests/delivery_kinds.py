"""Kinds of notice for the tests of delivery, with officers the tests choose."""

from accounts.models import User
from notifications.kinds import KINDS, Kind, register
from notifications.models import Notification

DUTY: list[User] = []
ABOVE: list[User] = []
SIGNED: list[int] = []


def duty_officers(notification: Notification) -> list[User]:
    return DUTY


def level_above(notification: Notification) -> list[User]:
    return ABOVE


def _sign(notification: Notification) -> None:
    SIGNED.append(notification.pk)


def _broken(notification: Notification) -> list[User]:
    raise RuntimeError("no roster")


if "test_call" not in KINDS:
    register(
        Kind(
            "test_call",
            title="Call %(number)s",
            body="Come to %(place)s.",
            needs_receipt=True,
            duty_officers=duty_officers,
            level_above=level_above,
            on_receipt=_sign,
        )
    )
    register(Kind("test_note", title="Note %(number)s", body="%(place)s"))
    register(Kind("test_broken", title="Note %(number)s", body="%(place)s", duty_officers=_broken))
