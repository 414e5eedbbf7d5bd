"""申请: requests, and what was handed over."""

from typing import Any

from rest_framework import serializers

from reports.api.output.named import PersonOut, UnitOut
from reports.models import ChangeRequest
from reports.transitions import REQUEST


class RequestOut(serializers.ModelSerializer[ChangeRequest]):
    """申请: asked, and how it was decided."""

    asked_by = PersonOut()
    decided_by = PersonOut(allow_null=True, help_text="null when it lapsed because its matter was gone")
    allowed = serializers.SerializerMethodField(help_text="what its state allows now")

    class Meta:
        model = ChangeRequest
        fields: tuple[str, ...] = (
            "id",
            "report",
            "assignment",
            "kind",
            "status",
            "reason",
            "asked_by",
            "asked_at",
            "decided_by",
            "decided_at",
            "decision_note",
            "data",
            "allowed",
        )

    def get_allowed(self, change: ChangeRequest) -> list[str]:
        return REQUEST.allowed(change.status)


class RequestRow(RequestOut):
    """A line of the list, with the report's number and item and the unit it is about."""

    number = serializers.CharField(source="report.number")
    item_name = serializers.CharField(source="report.item_name")
    department = UnitOut(source="assignment.department", allow_null=True, default=None)

    class Meta(RequestOut.Meta):
        fields = (*RequestOut.Meta.fields, "number", "item_name", "department")


class HandedOver(serializers.Serializer[Any]):
    moved = serializers.ListField(child=serializers.IntegerField(), help_text="the assignments that were moved")
