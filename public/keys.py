"""What opens a tracking page on a device for a while: a signed cookie for this one page, given for the right digits."""

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from reports.models import Requester

COOKIE = "tracking"
VALID = timedelta(hours=1)
_SIGNER = TimestampSigner(salt="public.tracking")


def give_key(answer: HttpResponse, requester: Requester) -> None:
    """Let this device open the requester's page for an hour."""
    answer.set_cookie(
        COOKIE,
        _SIGNER.sign(str(requester.pk)),
        max_age=VALID,
        path=reverse("tracking_page", args=[requester.tracking_code]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def has_key(request: HttpRequest, requester: Requester) -> bool:
    """Whether the device was let in less than an hour ago."""
    try:
        return _SIGNER.unsign(request.COOKIES.get(COOKIE, ""), max_age=VALID) == str(requester.pk)
    except BadSignature:
        return False
