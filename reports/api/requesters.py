"""The person who asked: calls, messages, earlier reports of the same caller."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from core.masking import mask_phone
from core.problems import Problem
from reports.access import get_report
from reports.actions import messages
from reports.actions.callers import reports_of_caller
from reports.actions.step import AlreadyDone
from reports.api.input import CallerIn, MessageIn, PreviewIn, ResendIn
from reports.api.output.named import PersonOut
from reports.api.output.report import ReportRow
from reports.models import CallbackTry, Event, MessageTemplate, RequesterMessage

MAX_ID = 2**63 - 1
MOST_OF_A_CALLER = 50


class CallbackOut(serializers.ModelSerializer[CallbackTry]):
    by = PersonOut(allow_null=True)

    class Meta:
        model = CallbackTry
        fields = ("id", "at", "by", "by_requester", "reached", "solved", "satisfaction", "note")


class MessageOut(serializers.ModelSerializer[RequesterMessage]):
    """One message and how far it came; the number is masked."""

    text = serializers.CharField(source="outgoing.text")
    channel = serializers.CharField(source="outgoing.channel")
    to = serializers.SerializerMethodField(help_text="masked")
    state = serializers.ChoiceField(
        choices=["queued", "sent", "delivered", "failed", "logged"], source="outgoing.state"
    )
    tries = serializers.IntegerField(source="outgoing.tries")
    error = serializers.CharField(source="outgoing.error")
    provider_id = serializers.CharField(source="outgoing.provider_id")
    created_at = serializers.DateTimeField(source="outgoing.created_at")
    sent_at = serializers.DateTimeField(source="outgoing.sent_at", allow_null=True)
    delivered_at = serializers.DateTimeField(source="outgoing.delivered_at", allow_null=True)
    next_at = serializers.DateTimeField(source="outgoing.next_at", allow_null=True, help_text="the next try")
    sent_by = PersonOut(allow_null=True, help_text="null: sent by the rules")

    class Meta:
        model = RequesterMessage
        fields = (
            *("id", "event", "template", "again", "text", "channel", "to", "state", "tries", "error", "provider_id"),
            *("created_at", "sent_at", "delivered_at", "next_at", "sent_by"),
        )

    def get_to(self, message: RequesterMessage) -> str:
        return mask_phone(message.outgoing.to)


class TemplateOut(serializers.ModelSerializer[MessageTemplate]):
    item = serializers.CharField(source="item.code", allow_null=True, default=None, help_text="null: any item")

    class Meta:
        model = MessageTemplate
        fields = ("id", "event", "item", "text", "valid_from")


class PreviewOut(serializers.Serializer[Any]):
    text = serializers.CharField()
    characters = serializers.IntegerField()


class CallbackList(ListAPIView[CallbackTry]):
    """The calls to the requester of a report, newest first; for all who may see the report."""

    serializer_class = CallbackOut
    keyset = ("-id",)
    queryset = CallbackTry.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        report = get_report(caller(self.request), self.kwargs["pk"])
        return CallbackTry.objects.filter(report=report).select_related("by")


def _with_everything() -> Any:
    return RequesterMessage.objects.select_related("outgoing", "sent_by")


@extend_schema_view(get=extend_schema(operation_id="report_messages"))
class MessageList(ListAPIView[RequesterMessage]):
    """What the requester of a report was told in writing, newest first."""

    serializer_class = MessageOut
    keyset = ("-id",)
    queryset = RequesterMessage.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        user = caller(self.request)
        report = get_report(user, self.kwargs["pk"])
        if not messages.answers_requesters(user, report):
            raise Problem("forbidden")
        return _with_everything().filter(report=report)

    @extend_schema(request=MessageIn, responses={201: MessageOut}, operation_id="report_send_message")
    def post(self, request: Request, pk: UUID) -> Response:
        """Write to the requester: a text of one's own, or a template. 409 `nobody_to_tell` without a known phone."""
        body = MessageIn(data=request.data)
        body.is_valid(raise_exception=True)
        data = dict(body.validated_data)
        try:
            made = messages.send_message(caller(request), pk, data.pop("text", ""), data.pop("template", None), **data)
        except AlreadyDone as done:
            made = _made_before(done.event, None)
        return _message_response(made)


class PreviewMessage(APIView):
    """How a message would read."""

    @extend_schema(request=PreviewIn, responses=PreviewOut, operation_id="report_preview_message")
    def post(self, request: Request, pk: UUID) -> Response:
        """The text as the requester would get it now; nothing is sent."""
        body = PreviewIn(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        text = messages.preview_message(caller(request), pk, said.get("text", ""), said.get("template"))
        return Response(PreviewOut({"text": text, "characters": len(text)}).data)


class ResendMessage(APIView):
    """A message once more."""

    @extend_schema(request=ResendIn, responses={201: MessageOut}, operation_id="message_resend")
    def post(self, request: Request, pk: int) -> Response:
        """Send the same text again, as a message of its own. 409 `message_waiting` while the first is queued."""
        if pk > MAX_ID:
            raise Problem("not_found")
        body = ResendIn(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            made = messages.resend_message(caller(request), pk, **body.validated_data)
        except AlreadyDone as done:
            made = _made_before(done.event, pk)
        return _message_response(made)


def _made_before(event: Event, again: int | None) -> int:
    """The message this very request made when it came first."""
    if event.kind != "message" or event.data.get("again") != again:
        raise Problem("request_id_taken", "request_id")
    return int(event.data["message"])


def _message_response(pk: int) -> Response:
    return Response(MessageOut(_with_everything().get(pk=pk)).data, status=201)


class TemplateList(ListAPIView[MessageTemplate]):
    """The texts in use, newest first."""

    serializer_class = TemplateOut
    keyset = ("-id",)
    queryset = MessageTemplate.objects.none()

    def get_queryset(self) -> Any:
        return MessageTemplate.objects.filter(active=True).select_related("item")


class ReportsOfCaller(APIView):
    """Earlier reports of the same caller."""

    @extend_schema(request=CallerIn, responses=ReportRow(many=True), operation_id="reports_of_caller")
    def post(self, request: Request) -> Response:
        """At most 50, newest first. POST, because a telephone number in an address ends up in logs on the way."""
        body = CallerIn(data=request.data)
        body.is_valid(raise_exception=True)
        rows = (
            reports_of_caller(caller(request), body.validated_data["phone"])
            .select_related("item", "grid", "street", "lead_department", "reporter")
            .defer("grid__geometry", "street__geometry")[:MOST_OF_A_CALLER]
        )
        return Response(ReportRow(rows, many=True).data)
