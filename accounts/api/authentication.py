"""Token authentication that costs one query."""

from datetime import timedelta
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework.request import Request

from accounts.models import Device, User
from core.moment import now

LAST_USED_STEP = timedelta(hours=1)


def caller(request: Request) -> User:
    """The person behind an authenticated request."""
    assert isinstance(request.user, User)  # the views that ask admit nobody else
    return request.user


class DeviceTokenAuthentication(TokenAuthentication):
    """knox, without its query for the user's other tokens; notes the use of a device at most once an hour."""

    def _cleanup_token(self, auth_token: Device) -> bool:
        return auth_token.expiry is not None and auth_token.expiry < now()

    def authenticate_credentials(self, token: bytes) -> Any:
        if b"\x00" in token:
            # PostgreSQL could not even look for it.
            token = b"unreadable"
        try:
            user, device = super().authenticate_credentials(token)
        except UnicodeDecodeError:
            return super().authenticate_credentials(b"unreadable")
        moment = now()
        if device.last_used_at is None or moment - device.last_used_at > LAST_USED_STEP:
            Device.objects.filter(pk=device.pk).update(last_used_at=moment)
        return user, device


class DeviceTokenScheme(OpenApiAuthenticationExtension):
    """How the schema names it."""

    target_class = DeviceTokenAuthentication
    name = "deviceToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token` and the token from POST auth/tokens",
        }
