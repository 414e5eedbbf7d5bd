"""The tracking code 追踪码: with it and the last four digits of their phone a resident may ask how it stands."""

import hmac
import re
import secrets

from core.phones import digits_of
from reports.models import Requester

# Without what is mistaken for another when it is read out: 0 O, 1 I L.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 12
LAST_DIGITS = 4


def new_code() -> str:
    """Twelve characters, 59 bits: unguessable, and never met twice."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def bare(code: str) -> str:
    """The code as it is kept: case, spaces and dashes do not matter."""
    return re.sub(r"[\s\-]", "", code).upper()


def by_code(code: str) -> Requester | None:
    """The requester with this code, with the report and the one it was merged into. One query."""
    if len(bare(code)) != LENGTH:
        return None
    rows = Requester.objects.select_related("report__merged_into")
    return rows.filter(tracking_code=bare(code), report__deleted_at__isnull=True).first()


def needs_digits(found: Requester | None) -> bool:
    """Whether the code alone is not enough: a phone is known, or the code is not."""
    return found is None or len(digits_of(found.phone)) >= LAST_DIGITS


def tracked(code: str, last_digits: str) -> Requester | None:
    """The requester with this code and these last four digits of the phone, report included; None for any mismatch.

    Also where no phone is known: then the code alone (`by_code`) opens it, and digits prove nothing.
    """
    found = by_code(code)
    phone = digits_of(found.phone) if found else ""
    # Compared even when there is nothing to compare with, so that the time taken tells nothing.
    same = hmac.compare_digest(phone[-LAST_DIGITS:].encode(), last_digits.strip().encode())
    return found if found is not None and same and len(phone) >= LAST_DIGITS else None
