"""What a phone is given to keep: rows as the lists have them, with what it would have to ask for besides."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.roles import Role
from grids.api.places import MeOut
from grids.models import Area
from households.api.colours_io import ColourReasonOut
from households.api.output import BuildingOut, CareTagOut, HouseholdRow, RiskLevelOut
from reports.api.catalogue import ItemInForce
from reports.api.knowledge import KnowledgeOut
from reports.api.output.course import ClockOut
from reports.api.output.duties import AssignmentOut, WhistleOut
from reports.api.output.field_checks import FieldCheckRow
from reports.api.output.named import PlaceOut
from reports.api.output.report import ReportRow
from reports.api.output.requests import RequestOut
from reports.models.catalogue import ItemVersion

GEOMETRY = {
    "type": "object",
    "nullable": True,
    "description": "GeoJSON, WGS-84 degrees",
    "properties": {
        "type": {"type": "string", "enum": ["Polygon", "MultiPolygon"]},
        "coordinates": {"type": "array", "items": {"type": "array", "items": {}}},
    },
    "required": ["type", "coordinates"],
}


class SyncGrid(serializers.Serializer[Any]):
    """A grid the caller works, with its boundary."""

    code = serializers.CharField()
    name = serializers.CharField()
    full_name = serializers.CharField(help_text="from the district down")
    kind = serializers.ChoiceField(choices=Area.Kind.choices)
    community = PlaceOut()
    street = PlaceOut()
    district = PlaceOut()
    geometry = serializers.SerializerMethodField()
    in_charge = serializers.BooleanField(help_text="the caller is in charge here")

    @extend_schema_field(GEOMETRY)
    def get_geometry(self, grid: dict[str, Any]) -> Any:
        return grid["geometry"]


class SyncItem(ItemInForce):
    """An item of the catalogue as its version in force says it, without the standards it follows from."""

    limit = serializers.SerializerMethodField(help_text="the one that holds, as the catalogue writes it: 4工作时")
    lead_department = serializers.SerializerMethodField(help_text="its name; empty without one")

    def get_limit(self, version: ItemVersion) -> str:
        return version.effective_limit.text()

    def get_lead_department(self, version: ItemVersion) -> str:
        return version.lead_department.name if version.lead_department else ""


class SyncTaskReport(ReportRow):
    """The report a duty is on."""

    class Meta(ReportRow.Meta):
        fields = (  # type: ignore[assignment]
            *("id", "number", "version", "status", "item", "item_name", "urgency", "description", "address"),
            *("lng", "lat", "grid", "street", "received_at", "due_at", "light", "yellow_at", "photos_expected"),
        )


class SyncTask(AssignmentOut):
    """A duty the caller may act on, with all that is needed to act on it."""

    report = SyncTaskReport()
    whistle = WhistleOut(allow_null=True)
    clocks = ClockOut(many=True, source="open_clocks", help_text="not stopped: those of the duty and of its whistle")
    requests = RequestOut(many=True, source="open_requests", help_text="to be decided")

    class Meta(AssignmentOut.Meta):
        fields = (*AssignmentOut.Meta.fields, "clocks", "requests")


class SyncReport(ReportRow):
    mine = serializers.SerializerMethodField(help_text="sent by the caller")

    class Meta(ReportRow.Meta):
        fields = (*ReportRow.Meta.fields, "mine")  # type: ignore[assignment]

    def get_mine(self, report: Any) -> bool:
        return bool(report.reporter_id == self.context["user"].pk)


class SyncContact(serializers.Serializer[Any]):
    """A person with a post near the caller, or a unit with a phone on duty."""

    of = serializers.ChoiceField(choices=["person", "unit"])
    name = serializers.CharField()
    username = serializers.CharField(allow_null=True, help_text="null for a unit")
    phone = serializers.CharField(help_text="the duty phone where there is one; empty where none is known")
    role = serializers.ChoiceField(choices=Role.choices, allow_null=True, help_text="null for a unit")
    role_name = serializers.CharField(help_text="in words; empty for a unit")
    at = serializers.CharField(help_text="code of the area or department")
    at_name = serializers.CharField()
    level = serializers.ChoiceField(
        choices=Area.Level.choices, allow_null=True, help_text="of the area; null at a department"
    )
    in_charge = serializers.BooleanField()
    on_duty = serializers.BooleanField(help_text="now, by the duty roster")


class SyncKnowledge(KnowledgeOut):
    class Meta(KnowledgeOut.Meta):
        fields = tuple(name for name in KnowledgeOut.Meta.fields if name != "text")


def _section(row: serializers.Field[Any, Any, Any, Any], name: str, key: serializers.Field[Any, Any, Any, Any]) -> Any:
    """The section of these rows; `key` is what names a row in `gone`."""
    says = "all rows there are, in place of those kept; else rows to put over those kept"
    fields: dict[str, Any] = {
        "__doc__": "What changed of a section.",
        "replace": serializers.BooleanField(help_text=says),
        "rows": serializers.ListField(child=row) if not isinstance(row, serializers.ListSerializer) else row,
        "gone": serializers.ListField(child=key, help_text="keys of rows to forget"),
    }
    return type(f"Sync{name}", (serializers.Serializer,), fields)(allow_null=True)


def _code() -> serializers.CharField:
    return serializers.CharField()


class SyncSections(serializers.Serializer[Any]):
    """Null: nothing has changed."""

    grids = _section(SyncGrid(many=True), "Grids", _code())
    items = _section(SyncItem(many=True), "Items", _code())
    frequent = _section(_code(), "Frequent", _code())
    risk_levels = _section(RiskLevelOut(many=True), "RiskLevels", _code())
    colour_reasons = _section(ColourReasonOut(many=True), "ColourReasons", _code())
    care_tags = _section(CareTagOut(many=True), "CareTags", _code())
    buildings = _section(BuildingOut(many=True), "Buildings", serializers.UUIDField())
    households = _section(HouseholdRow(many=True), "Households", serializers.UUIDField())
    tasks = _section(SyncTask(many=True), "Tasks", serializers.IntegerField())
    field_checks = _section(FieldCheckRow(many=True), "FieldChecks", serializers.IntegerField())
    reports = _section(SyncReport(many=True), "Reports", serializers.UUIDField())
    contacts = _section(SyncContact(many=True), "Contacts", _code())
    knowledge = _section(SyncKnowledge(many=True), "KnowledgeEntries", serializers.IntegerField())


class SyncMap(serializers.Serializer[Any]):
    tianditu_key = serializers.CharField(help_text="empty: the phone draws the boundaries on a blank ground")


class SyncLimits(serializers.Serializer[Any]):
    """What the server holds the phone to, so that it can say so without a signal."""

    photo_max_bytes = serializers.IntegerField()
    photos = serializers.IntegerField(help_text="the most in one request")
    far_from_report_metres = serializers.FloatField()
    nearby_metres = serializers.FloatField(help_text="within which a report of the same item may be the same matter")
    nearby_hours = serializers.FloatField()
    last_position_hours = serializers.FloatField(help_text="how long a sent position counts as the caller's")
    chosen_grid_metres = serializers.FloatField(help_text="how far from a position a grid may be chosen by hand")


class SyncOut(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="to be given back with the next request; opaque")
    at = serializers.DateTimeField(help_text="the server's time")
    me = MeOut()
    map = SyncMap()
    limits = SyncLimits()
    sections = SyncSections()
