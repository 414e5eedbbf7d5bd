"""Who is at the other end of a socket, and whether that still holds.

A token comes in the header or in the first message, never in the address, which ends up in logs. A session cookie
counts only from a page of this server: browsers send cookies with sockets opened by any page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from rest_framework.exceptions import AuthenticationFailed

from accounts.api.authentication import DeviceTokenAuthentication
from accounts.models import Device, User
from core.moment import now


@dataclass(frozen=True, slots=True)
class Credential:
    """A person on a device: by token (`digest`) or by session."""

    user_id: int
    language: str
    device: str
    digest: str = ""
    session_key: str = ""


def by_token(token: str) -> Credential | None:
    """The holder of a token; None when it is unknown, expired or revoked, or its holder inactive. One query."""
    try:
        user, device = DeviceTokenAuthentication().authenticate_credentials(token.encode())
    except (AuthenticationFailed, UnicodeError, ValueError):
        return None
    return Credential(user.pk, user.language, device.name, digest=device.digest)


def by_session(session_key: str) -> Credential | None:
    """The person logged in under a session; None when it has ended, or the password has changed since."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active:
        return None
    return Credential(user.pk, user.language, "browser", session_key=session_key)


def still_valid(credentials: Iterable[Credential]) -> set[Credential]:
    """Those that would be let in again now. One query for tokens, two for sessions, whatever their number."""
    asked = list(credentials)
    return _valid_tokens([c for c in asked if c.digest]) | _valid_sessions([c for c in asked if c.session_key])


def _valid_tokens(credentials: list[Credential]) -> set[Credential]:
    if not credentials:
        return set()
    alive = set(
        Device.objects.filter(user_id__among={c.user_id for c in credentials}, user__is_active=True)
        .filter(Q(expiry__isnull=True) | Q(expiry__gt=now()))
        .values_list("digest", flat=True)
    )
    return {c for c in credentials if c.digest in alive}


def _valid_sessions(credentials: list[Credential]) -> set[Credential]:
    if not credentials:
        return set()
    sessions = Session.objects.filter(expire_date__gt=now()).in_bulk({c.session_key for c in credentials})
    people = User.objects.filter(is_active=True).in_bulk({c.user_id for c in credentials})
    valid = set()
    for credential in credentials:
        session, user = sessions.get(credential.session_key), people.get(credential.user_id)
        if session is None or user is None:
            continue
        data = session.get_decoded()
        same = constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
        if same and str(data.get(SESSION_KEY)) == str(user.pk):
            valid.add(credential)
    return valid


def token_in_header(scope: dict[str, Any]) -> str | None:
    """The token of `Authorization: Token …`; None without such a header."""
    kind, _, token = _header(scope, b"authorization").partition(" ")
    return token.strip() if kind.lower() == "token" else None


def session_in_cookie(scope: dict[str, Any]) -> str | None:
    """The session key of the cookie, when the page that opened the socket is this server's own."""
    raw = _header(scope, b"cookie")
    if not raw or not _own_page(scope):
        return None
    try:
        morsel = SimpleCookie(raw).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return morsel.value if morsel else None


def _own_page(scope: dict[str, Any]) -> bool:
    origin = _header(scope, b"origin")
    return bool(origin) and (
        urlsplit(origin).netloc.lower() == _header(scope, b"host").lower() or origin in settings.CSRF_TRUSTED_ORIGINS
    )


def _header(scope: dict[str, Any], name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
