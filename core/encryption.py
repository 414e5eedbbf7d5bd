"""Text encrypted at rest with the newest of `settings.FIELD_KEYS`; every listed key can read.

What must be found again without being read (a phone, a document number) is kept beside it as a keyed hash. A model with
such columns says in `lookup_texts(self) -> dict[str, str]`, by column, what text each is the hash of: keys are rotated
by it (`core.rotation`).
"""

import hashlib
import hmac
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


class KeyLost(ImproperlyConfigured):
    """A stored value that none of the keys reads: an error to be told, never garbage to be shown."""


@lru_cache(maxsize=4)
def _cipher_of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _cipher() -> MultiFernet:
    return _cipher_of(tuple(str(key) for key in settings.FIELD_KEYS))


def decrypted(token: str, model: str, field: str) -> str:
    """The text of a stored value. Raises `KeyLost` naming model and field when no key reads it."""
    try:
        return _cipher().decrypt(token.encode()).decode()
    except InvalidToken as exc:
        raise KeyLost(f"no key in FIELD_KEYS reads {model}.{field}") from exc


def lookup_hash(text: str) -> str:
    """What to store: 64 hex digits that say nothing without the newest key; empty stays empty."""
    return lookup_hashes(text)[0] if text else ""


def lookup_hashes(text: str) -> list[str]:
    """What to look for: the hash under every key, newest first, because older rows were hashed with older keys."""
    keys = [hashlib.sha256(b"lookup:" + str(key).encode()).digest() for key in settings.FIELD_KEYS]
    return [hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for key in keys]


def demand_readable(model: type[models.Model]) -> None:
    """Raise `KeyLost` where a stored row of the model cannot be read.

    Asked before a look-up by number: a hash made without the key it was stored with finds nobody, which must not pass
    for an answer.
    """
    models.QuerySet(model).order_by("pk").first()


class EncryptedTextField(models.TextField):
    """A text column whose stored value is a Fernet token; empty stays empty.

    A value that no key can read raises `KeyLost`.
    """

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return _cipher().encrypt(text.encode()).decode() if text else text

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return decrypted(value, self.model.__name__, self.name) if value else value
