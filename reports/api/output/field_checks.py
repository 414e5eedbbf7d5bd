"""Field checks."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.moment import now
from reports.api.output.named import PersonOut
from reports.clocks import light_at
from reports.models import FieldCheck
from reports.models.vocabulary import Light
from reports.transitions import FIELD_CHECK


class FieldCheckOut(serializers.ModelSerializer[FieldCheck]):
    assignee = PersonOut()
    asked_by = PersonOut(allow_null=True)
    due_at = serializers.DateTimeField(source="clock.due_at", allow_null=True)
    light = serializers.SerializerMethodField(help_text="empty once it is answered or cancelled")
    allowed = serializers.SerializerMethodField(help_text="what its state allows now")

    class Meta:
        model = FieldCheck
        fields: tuple[str, ...] = (
            "id",
            "report",
            "stage",
            "status",
            "assignee",
            "instruction",
            "asked_at",
            "asked_by",
            "due_at",
            "light",
            "ended_at",
            "confirmed",
            "note",
            "lng",
            "lat",
            "distance_m",
            "far",
            "allowed",
        )

    @extend_schema_field(serializers.ChoiceField(choices=["", Light.GREEN, Light.YELLOW, Light.RED]))
    def get_light(self, check: FieldCheck) -> str:
        clock = check.clock
        return light_at(clock.due_at, clock.yellow_at, now()) if clock.running else ""

    def get_allowed(self, check: FieldCheck) -> list[str]:
        return FIELD_CHECK.allowed(check.status)


class FieldCheckRow(FieldCheckOut):
    """A line of a list: with what the person who goes needs to find the place."""

    number = serializers.CharField(source="report.number")
    item_name = serializers.CharField(source="report.item_name")
    address = serializers.CharField(source="report.address")
    report_lng = serializers.FloatField(source="report.lng")
    report_lat = serializers.FloatField(source="report.lat")

    class Meta(FieldCheckOut.Meta):
        fields = (*FieldCheckOut.Meta.fields, "number", "item_name", "address", "report_lng", "report_lat")
