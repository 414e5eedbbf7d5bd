"""Log-in at a desk, by session and CSRF token."""

from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.middleware.csrf import get_token
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions.sessions import open_session
from accounts.api.devices import LogInThrottle, SessionIn


class SessionOut(serializers.Serializer[Any]):
    username = serializers.CharField(help_text="empty: nobody is logged in in this browser")
    csrf_token = serializers.CharField(help_text="send as `X-CSRFToken` with everything but GET")
    idle_seconds = serializers.IntegerField(help_text="after so long without a request one logs in again")


class SessionView(APIView):
    """The session of this browser. Only JSON is taken, which another site's page cannot send."""

    permission_classes = (AllowAny,)
    authentication_classes = (SessionAuthentication,)
    throttle_scope = "login"

    def get_authenticators(self) -> Any:
        # Whoever logs in may still hold the cookie of a session that has ended.
        method = getattr(self.request, "method", None)
        return [] if method == "POST" else super().get_authenticators()

    def get_throttles(self) -> Any:
        return [LogInThrottle()] if self.request.method == "POST" else []

    @extend_schema(responses=SessionOut, operation_id="session", auth=[])
    def get(self, request: Request) -> Response:
        """Who is logged in in this browser, and the token that writes need."""
        return _told(request)

    @extend_schema(
        request=SessionIn,
        responses={201: SessionOut},
        operation_id="open_session",
        auth=[],
        examples=[OpenApiExample("a desk", request_only=True, value={"username": "w", "password": "…"})],
    )
    def post(self, request: Request) -> Response:
        """Log in in this browser; refused as `POST auth/tokens` is."""
        serializer = SessionIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = serializer.validated_data
        open_session(request._request, said["username"], said["password"], said["code"])
        return _told(request, 201)

    @extend_schema(request=None, responses={204: None}, operation_id="close_session", auth=[])
    def delete(self, request: Request) -> Response:
        """Log out in this browser; harmless when nobody is logged in."""
        logout(request._request)
        return Response(status=204)


def _told(request: Request, status: int = 200) -> Response:
    told = {
        "username": request._request.user.get_username(),
        "csrf_token": get_token(request._request),
        "idle_seconds": settings.SESSION_IDLE_SECONDS,
    }
    return Response(SessionOut(told).data, status=status, headers={"Cache-Control": "no-store"})
