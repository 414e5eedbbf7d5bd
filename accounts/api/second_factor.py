"""The caller's second factor."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions.second_factor import begin, confirm, give_up, new_recovery_codes
from accounts.api.authentication import caller
from accounts.api.devices import LogInThrottle
from accounts.models import RecoveryCode, User
from accounts.second_factor import factor_of, holder_of, is_required
from core.problems import Problem


class StateOut(serializers.Serializer[Any]):
    on = serializers.BooleanField()
    demanded = serializers.BooleanField(help_text="by a post the caller holds")
    recovery_codes_left = serializers.IntegerField()


class BeginIn(serializers.Serializer[Any]):
    """The password of who is logged in, or the ticket that a refused log-in gave."""

    password = serializers.CharField(max_length=200, trim_whitespace=False, required=False)
    ticket = serializers.CharField(max_length=500, required=False)


class BeginOut(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="to be typed into the app")
    uri = serializers.CharField(help_text="the same for a QR code")


class ConfirmIn(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=40)
    ticket = serializers.CharField(max_length=500, required=False)


class CodeIn(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=40, help_text="of the app, or a recovery code")


class CodesOut(serializers.Serializer[Any]):
    recovery_codes = serializers.ListField(child=serializers.CharField(), help_text="shown only now; each good once")


def _who(request: Request, said: dict[str, Any]) -> User:
    if said.get("ticket"):
        return holder_of(said["ticket"])
    if isinstance(request.user, AnonymousUser):
        raise Problem("not_authenticated")
    return caller(request)


class SecondFactorView(APIView):
    """The caller's second factor: as it stands, set up, given up."""

    throttle_scope = "login"

    def get_permissions(self) -> Any:
        return [AllowAny()] if self.request.method == "POST" else [IsAuthenticated()]

    def get_throttles(self) -> Any:
        return [] if self.request.method == "GET" else [LogInThrottle()]

    @extend_schema(responses=StateOut, operation_id="second_factor")
    def get(self, request: Request) -> Response:
        """Whether there is one, and whether there has to be."""
        user = caller(request)
        factor = factor_of(user)
        left = RecoveryCode.objects.filter(factor=factor).count() if factor else 0
        state = {"on": factor is not None, "demanded": is_required(user), "recovery_codes_left": left}
        return Response(StateOut(state).data)

    @extend_schema(
        request=BeginIn,
        responses={201: BeginOut},
        operation_id="second_factor_begin",
        examples=[OpenApiExample("logged in", request_only=True, value={"password": "gridwhistle-demo"})],
    )
    def post(self, request: Request) -> Response:
        """A new key for the app, in force once a code of it was confirmed. 409 `second_factor_on`, 401 `bad_ticket`."""
        serializer = BeginIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = serializer.validated_data
        user = _who(request, said)
        if not said.get("ticket") and not user.check_password(said.get("password", "")):
            raise Problem("bad_credentials", "password")
        key, uri = begin(user)
        return Response(BeginOut({"key": key, "uri": uri}).data, status=201)

    @extend_schema(request=CodeIn, responses={204: None}, operation_id="second_factor_give_up")
    def delete(self, request: Request) -> Response:
        """Go without. 409 `second_factor_demanded` where a post asks for it."""
        serializer = CodeIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        give_up(caller(request), serializer.validated_data["code"])
        return Response(status=204)


class ConfirmView(APIView):
    """The first code of a new key."""

    permission_classes = [AllowAny]
    throttle_classes = [LogInThrottle]
    throttle_scope = "login"

    @extend_schema(
        request=ConfirmIn,
        responses=CodesOut,
        operation_id="second_factor_confirm",
        examples=[OpenApiExample("of the app", request_only=True, value={"code": "287082"})],
    )
    def post(self, request: Request) -> Response:
        """Put the new key in force; answers with ten recovery codes. 401 `wrong_code`, 409 `second_factor_off`."""
        serializer = ConfirmIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = serializer.validated_data
        return Response(CodesOut({"recovery_codes": confirm(_who(request, said), said["code"])}).data)


class RecoveryCodesView(APIView):
    """The codes on paper."""

    throttle_classes = [LogInThrottle]
    throttle_scope = "login"

    @extend_schema(
        request=CodeIn,
        responses=CodesOut,
        operation_id="second_factor_recovery_codes",
        examples=[OpenApiExample("of the app", request_only=True, value={"code": "287082"})],
    )
    def post(self, request: Request) -> Response:
        """Ten new recovery codes in place of all earlier ones. 401 `wrong_code`."""
        serializer = CodeIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        codes = new_recovery_codes(caller(request), serializer.validated_data["code"])
        return Response(CodesOut({"recovery_codes": codes}).data)
