"""Log-in and the devices a person is logged in on."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from accounts.actions.devices import log_in, revoke, revoke_others
from accounts.models import Device


class SessionIn(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=200, trim_whitespace=False)
    code = serializers.CharField(
        max_length=40,
        required=False,
        allow_blank=True,
        default="",
        help_text="of the second factor, where there is one",
    )


class LogInIn(SessionIn):
    device = serializers.CharField(
        max_length=80, required=False, allow_blank=True, default="", help_text="what the person calls it"
    )


class DeviceOut(serializers.ModelSerializer[Device]):
    id = serializers.CharField(source="token_key")
    current = serializers.SerializerMethodField(help_text="the one this request came from")

    class Meta:
        model = Device
        fields = ("id", "name", "created", "last_used_at", "current")

    def get_current(self, device: Device) -> bool:
        return device.pk == getattr(self.context.get("current"), "pk", None)


class LogInOut(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="send as `Authorization: Token …`; shown only now")
    device = DeviceOut()


class LogInThrottle(ScopedRateThrottle):
    """Counts by address, whoever the caller claims to be."""

    def get_cache_key(self, request: Request, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class Tokens(APIView):
    """Devices of the caller."""

    throttle_scope = "login"

    def get_permissions(self) -> Any:
        return [AllowAny()] if self.request.method == "POST" else [IsAuthenticated()]

    def get_authenticators(self) -> Any:
        # A phone with an expired token must still be able to log in.
        method = getattr(self.request, "method", None)
        return [] if method == "POST" else super().get_authenticators()

    def get_throttles(self) -> Any:
        return [LogInThrottle()] if self.request.method == "POST" else []

    @extend_schema(
        request=LogInIn,
        responses={201: LogInOut},
        operation_id="log_in",
        auth=[],
        examples=[
            OpenApiExample(
                "a worker's phone", request_only=True, value={"username": "w", "password": "…", "device": "Mate 60"}
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Log in on a device. 401 `bad_credentials`; 429 `locked_out` after five failures, `throttled` by address.

        401 `code_needed` where the person has a second factor, `wrong_code` if the code is wrong; 403
        `second_factor_missing` where a post demands one that is not set up yet: its `ticket` opens auth/second_factor.
        """
        serializer = LogInIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = serializer.validated_data
        device, token = log_in(request._request, said["username"], said["password"], said["device"], said["code"])
        told = {"token": token, "device": device}
        return Response(LogInOut(told, context={"current": device}).data, status=201)

    @extend_schema(responses=DeviceOut(many=True), operation_id="devices")
    def get(self, request: Request) -> Response:
        """The devices the caller is logged in on, latest first."""
        devices = Device.objects.filter(user=request.user).order_by("-created")
        return Response(DeviceOut(devices, many=True, context={"current": request.auth}).data)

    @extend_schema(request=None, responses={204: None}, operation_id="log_out_others")
    def delete(self, request: Request) -> Response:
        """Log all other devices of the caller out."""
        revoke_others(request.user, request.auth if isinstance(request.auth, Device) else None)  # type: ignore[arg-type]
        return Response(status=204)


class Token(APIView):
    """One device of the caller."""

    @extend_schema(request=None, responses={204: None}, operation_id="log_out")
    def delete(self, request: Request, key: str) -> Response:
        """Log one device out."""
        revoke(request.user, key)  # type: ignore[arg-type]
        return Response(status=204)
