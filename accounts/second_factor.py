"""The second factor 双因素: a code of the person's authenticator app (RFC 6238) beside the password.

Optional for everybody, demanded of the holders of `SECOND_FACTOR_ROLES`. Whoever must have one and has none is neither
logged in nor turned away: the password is answered with a ticket, good for ten minutes and for setting it up only.
"""

from collections.abc import Callable

from django.core import signing
from django.utils.crypto import constant_time_compare

from accounts.models import SecondFactor, User
from core.problems import Problem

TICKET_SECONDS = 600
SALT = "second factor"

# Who must have one depends on roles, which people know nothing of: the places above say it (`grids.apps`).
demands: list[Callable[[User], bool]] = []


def is_required(user: User) -> bool:
    return any(demand(user) for demand in demands)


def factor_of(user: User) -> SecondFactor | None:
    """The factor in force, if there is one."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()


def ticket_for(user: User) -> str:
    """Proof that the password was right; void once it is changed."""
    return signing.dumps([user.pk, _mark(user)], salt=SALT)


def holder_of(ticket: str) -> User:
    """Whose ticket it is. Raises `bad_ticket`."""
    try:
        key, mark = signing.loads(ticket, salt=SALT, max_age=TICKET_SECONDS)
    except (signing.BadSignature, ValueError, TypeError) as exc:
        raise Problem("bad_ticket", "ticket") from exc
    user = User.objects.filter(pk=key, is_active=True).first()
    if user is None or not constant_time_compare(mark, _mark(user)):
        raise Problem("bad_ticket", "ticket")
    return user


def _mark(user: User) -> str:
    return user.get_session_auth_hash()[:16]
