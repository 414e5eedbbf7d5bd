"""What the phone hands back to hear only of changes: a fingerprint of each section as it was, signed.

Nothing is kept on the server, so a phone that lost an answer asks again with the token before it and loses nothing.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.core import signing

from accounts.models import User

# Raised whenever rows of the same things come to look different.
VERSION = 1
VALID_FOR = timedelta(hours=24)
SALT = "field.sync"
BYTES = 9


@dataclass(frozen=True)
class Known:
    """When the phone last asked, and the fingerprints of what it was given."""

    at: datetime
    prints: Mapping[str, str]


def fingerprint(seen: Any) -> str:
    """Short text that differs where `seen` (rows of plain values) does."""
    data = orjson.dumps(seen, default=str, option=orjson.OPT_NON_STR_KEYS)
    return urlsafe_b64encode(hashlib.blake2b(data, digest_size=BYTES).digest()).decode()


def written(user: User, at: datetime, prints: Mapping[str, str]) -> str:
    """The token of this person that says this."""
    return signing.dumps([VERSION, user.pk, at.timestamp(), dict(prints)], salt=SALT, compress=True)


def read(user: User, text: str, moment: datetime) -> Known | None:
    """What a token says; None if it cannot be read, is another's or of another version, or is over 24 hours old."""
    try:
        version, whose, at, prints = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if version != VERSION or whose != user.pk:
        return None
    known = Known(datetime.fromtimestamp(at, UTC), prints)
    return known if timedelta(0) <= moment - known.at <= VALID_FOR else None
