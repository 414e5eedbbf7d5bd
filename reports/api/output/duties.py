"""Duties and whistles, and how far a call has come."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from notifications.status import RecipientStatus
from reports.api.output.matter import WithMatter
from reports.api.output.named import PersonOut, PlaceOut, UnitOut
from reports.models import Assignment, Whistle
from reports.transitions import ASSIGNMENT, WHISTLE


class AssignmentOut(serializers.ModelSerializer[Assignment]):
    department = UnitOut(allow_null=True)
    handed_from = UnitOut(allow_null=True, help_text="the unit it was given to, while one below has it in hand")
    assignee = PersonOut(allow_null=True)
    allowed = serializers.SerializerMethodField(help_text="what its state allows now")

    class Meta:
        model = Assignment
        fields: tuple[str, ...] = (
            "id",
            "report",
            "whistle",
            "role",
            "status",
            "active",
            "department",
            "handed_from",
            "assignee",
            "instruction",
            "issued_at",
            "received_at",
            "reported_in_at",
            "reported_in_lng",
            "reported_in_lat",
            "reported_in_distance_m",
            "reported_in_far",
            "reported_in_late",
            "leave_asked_at",
            "released_at",
            "left_at",
            "left_unreleased",
            "taken_up_at",
            "discussed_with",
            "measures",
            "solved_by",
            "submitted_at",
            "rework_count",
            "waived_reason",
            "rating_response",
            "rating_attendance",
            "rating_result",
            "rating_comment",
            "allowed",
        )

    def get_allowed(self, duty: Assignment) -> list[str]:
        return ASSIGNMENT.allowed(duty.status) if duty.active else []


class AssignmentRow(WithMatter, AssignmentOut):
    """A line of the list."""

    class Meta(AssignmentOut.Meta):
        fields = (*AssignmentOut.Meta.fields, "matter")


class WhistleOut(serializers.ModelSerializer[Whistle]):
    calling_area = PlaceOut()
    calling_department = UnitOut(allow_null=True)
    allowed = serializers.SerializerMethodField(help_text="what its state allows now")

    class Meta:
        model = Whistle
        fields: tuple[str, ...] = (
            "id",
            "report",
            "kind",
            "level",
            "status",
            "round",
            "previous",
            "calling_area",
            "calling_department",
            "reason",
            "meeting_at",
            "meeting_place",
            "drafted_at",
            "decided_at",
            "decision_note",
            "blown_at",
            "report_in_due",
            "handling_at",
            "submitted_at",
            "rated_at",
            "closed_at",
            "reviewed_at",
            "justified",
            "review_note",
            "allowed",
        )

    def get_allowed(self, whistle: Whistle) -> list[str]:
        return WHISTLE.allowed(whistle.status)


class WhistleRow(WithMatter, WhistleOut):
    """A line of the list."""

    class Meta(WhistleOut.Meta):
        fields = (*WhistleOut.Meta.fields, "matter")


class RecipientOut(serializers.Serializer[Any]):
    """How far a notice has come to one person."""

    recipient = PersonOut()
    kind = serializers.CharField()
    escalated = serializers.BooleanField()
    rung_at = serializers.DateTimeField(allow_null=True)
    on_device_at = serializers.DateTimeField(source="delivered_at", allow_null=True)
    device = serializers.CharField()
    seen_at = serializers.DateTimeField(allow_null=True)
    receipted_at = serializers.DateTimeField(allow_null=True)
    assignment = serializers.SerializerMethodField(help_text="the duty it calls to; null where it calls to none")

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_assignment(self, row: RecipientStatus) -> int | None:
        return int(row.subject_id) if row.subject == "assignment" else None


class WhistleDelivery(serializers.Serializer[Any]):
    """The whistle watch: per unit what it has done, per person how far the call has come."""

    assignments = AssignmentOut(many=True)
    recipients = RecipientOut(many=True)
