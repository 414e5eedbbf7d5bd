"""Links to photos that open for one person and a few minutes, for `<img>` tags that cannot send a token."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.signing import BadSignature, Signer

from core import moment
from core.problems import Problem

SALT = "reports.photos.link"


@dataclass(frozen=True)
class Grant:
    """What a link opens: one variant of one photo, for the user it was made for."""

    photo_key: str
    variant: str
    user_id: int


def sign(photo_key: object, variant: str, user_id: int, valid_seconds: int = 300) -> str:
    """A token for URLs; the key may be a UUID or a number. Whoever verifies checks the user's rights again."""
    expires = int((moment.now() + timedelta(seconds=valid_seconds)).timestamp())
    return _signer().sign_object([str(photo_key), variant, user_id, expires])


def verify(token: str) -> Grant:
    """What the token grants. Problems `photo_link_invalid`, `photo_link_expired`."""
    try:
        photo_key, variant, user_id, expires = _signer().unsign_object(token)
    except (BadSignature, ValueError, TypeError) as exc:
        raise Problem("photo_link_invalid") from exc
    if moment.now().timestamp() >= expires:
        raise Problem("photo_link_expired")
    return Grant(photo_key, variant, user_id)


def _signer() -> Signer:
    return Signer(salt=SALT)
