"""The report that a row of another list is about: enough to know it and to see how it stands."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.moment import now
from reports.clocks import light_at
from reports.models import Report
from reports.models.vocabulary import Light


class MatterOut(serializers.ModelSerializer[Report]):
    light = serializers.SerializerMethodField()

    class Meta:
        model = Report
        fields = ("id", "number", "version", "status", "urgency", "item_name", "address", "due_at", "light")

    @extend_schema_field(serializers.ChoiceField(choices=["", Light.GREEN, Light.YELLOW, Light.RED]))
    def get_light(self, report: Report) -> str:
        return light_at(report.due_at, report.yellow_at, now())


class WithMatter(serializers.Serializer[Any]):
    """A row that names its report; null once that was emptied."""

    matter = serializers.SerializerMethodField()

    @extend_schema_field(MatterOut(allow_null=True))
    def get_matter(self, row: Any) -> Any:
        return None if row.report.deleted_at else MatterOut(row.report).data
