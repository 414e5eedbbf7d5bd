"""What the SMS gateway later says of a message: delivered, or not."""

import hashlib
import hmac
from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.problems import Problem
from notifications.actions import note_receipt
from notifications.models import OutgoingMessage

SIGNATURE = "X-Signature"


class ReceiptIn(serializers.Serializer[Any]):
    key = serializers.UUIDField(help_text="the key the message was sent under")
    delivered = serializers.BooleanField()
    detail = serializers.CharField(max_length=200, required=False, allow_blank=True)


class ReceiptOut(serializers.Serializer[Any]):
    key = serializers.UUIDField()
    state = serializers.ChoiceField(choices=OutgoingMessage.State.choices)


class ReceiptOfGateway(APIView):
    """Signed by the gateway with `SMS_RECEIPT_SECRET`; nobody logs in for it."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        tags=["messages"],
        operation_id="message_receipt",
        summary="The gateway says how a message ended",
        description="Idempotent. `X-Signature` is the hex HMAC-SHA256 of the body under the shared secret; 401 else.",
        parameters=[OpenApiParameter(SIGNATURE, str, OpenApiParameter.HEADER)],
        examples=[
            OpenApiExample(
                "it arrived",
                request_only=True,
                value={"key": "0b7c1c6e-9d0f-4a55-9a70-0d7f3c0e6a11", "delivered": True, "detail": "DELIVRD"},
            )
        ],
        request=ReceiptIn,
        responses=ReceiptOut,
        auth=[],
    )
    def post(self, request: Request) -> Response:
        secret: str = settings.GRIDWHISTLE["SMS_RECEIPT_SECRET"]
        # Before `data`, which would consume it: what is signed are the bytes.
        signed = hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
        if not secret or not hmac.compare_digest(signed.encode(), request.headers.get(SIGNATURE, "").encode()):
            raise Problem("bad_token")
        said = ReceiptIn(data=request.data)
        said.is_valid(raise_exception=True)
        data = said.validated_data
        message = note_receipt(str(data["key"]), data["delivered"], data.get("detail", ""))
        return Response(ReceiptOut(message).data)
