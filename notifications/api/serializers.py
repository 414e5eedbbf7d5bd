"""Notices and the status of a call, as the API shows them."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from notifications.kinds import Text, render
from notifications.models import Notification
from notifications.status import RecipientStatus

MAX_IDS = 1_000
MAX_ID = 2**63 - 1


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An emergency whistle",
            value={
                "id": 4711,
                "kind": "whistle_blown",
                "title": "应急哨：崖头街道请求到场",
                "body": "文化东路燃气泄漏，请于30分钟内到场报到。",
                "params": {"street": "崖头街道"},
                "urgency": "emergency",
                "subject": "whistle",
                "subject_id": "12",
                "needs_receipt": True,
                "created_at": "2026-05-08T16:00:00+08:00",
                "delivered_at": None,
                "seen_at": None,
                "receipted_at": None,
            },
            response_only=True,
        )
    ]
)
class NotificationSerializer(serializers.ModelSerializer[Notification]):
    title = serializers.SerializerMethodField(help_text="In the language of Accept-Language")
    body = serializers.SerializerMethodField(help_text="In the language of Accept-Language")

    class Meta:
        model = Notification
        fields = (
            "id",
            "kind",
            "title",
            "body",
            "params",
            "urgency",
            "subject",
            "subject_id",
            "needs_receipt",
            "created_at",
            "delivered_at",
            "seen_at",
            "receipted_at",
        )
        read_only_fields = fields
        extra_kwargs = {
            "kind": {"help_text": "Stable; the texts follow from it"},
            "subject": {"help_text": "What it is about: report, assignment, whistle …"},
            "delivered_at": {"help_text": "A device confirmed it"},
            "seen_at": {"help_text": "The person opened it"},
            "receipted_at": {"help_text": "The person signed for it 签收"},
        }

    def _text(self, notice: Notification) -> Text:
        kept: Text | None = getattr(notice, "_text", None)
        if kept is None:
            kept = notice._text = render(notice.kind, notice.params)  # type: ignore[attr-defined]
        return kept

    def get_title(self, notice: Notification) -> str:
        return self._text(notice).title

    def get_body(self, notice: Notification) -> str:
        return self._text(notice).body


@extend_schema_serializer(
    examples=[
        OpenApiExample("Three notices, one of another person", value={"ids": [4711, 4712, 4799]}, request_only=True)
    ]
)
class IdsSerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID),
        max_length=MAX_IDS,
        help_text="Notices of others are ignored",
    )


@extend_schema_serializer(
    examples=[OpenApiExample("Those that are the person's own", value={"ids": [4711, 4712]}, response_only=True)]
)
class ConfirmedSerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(child=serializers.IntegerField(), help_text="Those that are the person's own, sorted")


class RecipientStatusSerializer(serializers.Serializer[RecipientStatus]):
    """One recipient of a call as the sender sees it; moments are null until they happen."""

    notification_id = serializers.IntegerField()
    recipient = serializers.SerializerMethodField()
    kind = serializers.CharField()
    escalated = serializers.BooleanField(help_text="Told because another did not answer")
    rung_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True, help_text="On a device")
    device = serializers.CharField()
    seen_at = serializers.DateTimeField(allow_null=True)
    receipted_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(
        {
            "type": "object",
            "required": ["id", "name"],
            "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
        }
    )
    def get_recipient(self, row: RecipientStatus) -> dict[str, Any]:
        return {"id": row.recipient.pk, "name": str(row.recipient)}
