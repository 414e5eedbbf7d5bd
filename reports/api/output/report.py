"""A report: its line in a list, all about it in one answer, and the receipt for its submission."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.masking import mask_name, mask_phone
from core.moment import now
from reports.api.catalogue import QuestionOut
from reports.api.output.course import ClockOut, EventOut, PhotoOut
from reports.api.output.duties import AssignmentOut, WhistleOut
from reports.api.output.field_checks import FieldCheckOut
from reports.api.output.named import PersonOut, PlaceOut, UnitOut
from reports.api.output.requests import RequestOut
from reports.clocks import light_at
from reports.models import Report, Requester
from reports.models.vocabulary import Light
from reports.questions import wrong_answers
from reports.transitions import REPORT


class ReportRow(serializers.ModelSerializer[Report]):
    """A line of a list: nothing here costs a query of its own."""

    item = serializers.CharField(source="item.code")
    grid = PlaceOut(allow_null=True)
    street = PlaceOut(allow_null=True)
    lead_department = UnitOut(allow_null=True)
    reporter = PersonOut(allow_null=True)
    light = serializers.SerializerMethodField()

    class Meta:
        model = Report
        fields = (
            "id",
            "number",
            "version",
            "status",
            "source",
            "item",
            "item_name",
            "urgency",
            "description",
            "address",
            "lng",
            "lat",
            "grid",
            "street",
            "lead_department",
            "reporter",
            "captured_at",
            "received_at",
            "dispatched_at",
            "closed_at",
            "due_at",
            "light",
            "self_handled",
            "photos_expected",
            "photos_received",
            "complete_at",
            "whistle_count",
            "rework_count",
            "redo_count",
            "callback_tries",
            "callback_outcome",
        )

    @extend_schema_field(serializers.ChoiceField(choices=["", Light.GREEN, Light.YELLOW, Light.RED]))
    def get_light(self, report: Report) -> str:
        return light_at(report.due_at, report.yellow_at, self.context.get("moment") or now())


class LinkedOut(serializers.ModelSerializer[Report]):
    """Another report that belongs to it."""

    class Meta:
        model = Report
        fields = ("id", "number", "item_name", "status", "received_at")


class RequesterOut(serializers.ModelSerializer[Requester]):
    """Masked; the full contact comes from `reveal_requester` only."""

    name = serializers.SerializerMethodField()
    phone = serializers.SerializerMethodField()
    callable = serializers.BooleanField(help_text="closing puts the report to callback")

    class Meta:
        model = Requester
        fields = ("name", "phone", "anonymous", "callable", "answer", "answered_at", "tracking_code")

    def get_name(self, requester: Requester) -> str:
        return mask_name(requester.name)

    def get_phone(self, requester: Requester) -> str:
        return mask_phone(requester.phone)


class KnowledgeLink(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    url = serializers.CharField(help_text="path below the server's address")


class ReportDetail(ReportRow):
    """Everything about one report, in one answer."""

    district = PlaceOut(allow_null=True)
    community = PlaceOut(allow_null=True)
    questions = QuestionOut(many=True, source="asked", help_text="the item's, as they stood when they were answered")
    unfit_answers = serializers.SerializerMethodField(
        help_text="keys of answers that are missing or do not fit; taken in late or from another platform"
    )
    requester = serializers.SerializerMethodField(help_text="null for those who need not know of the requester")
    photos = PhotoOut(many=True)
    assignments = AssignmentOut(many=True, source="duties")
    whistles = WhistleOut(many=True, source="calls")
    requests = RequestOut(many=True, source="changes")
    clocks = ClockOut(many=True, source="deadlines")
    field_checks = FieldCheckOut(many=True, source="checks")
    merged_into = LinkedOut(allow_null=True, help_text="the report that goes on for this one")
    merged = LinkedOut(many=True, source="merged_here", help_text="the reports this one goes on for")
    split_from = LinkedOut(allow_null=True, help_text="the report this one was taken out of")
    split_into = LinkedOut(many=True, source="parts", help_text="the reports taken out of this one")
    events = EventOut(many=True, source="timeline")
    allowed = serializers.SerializerMethodField(help_text="what its state allows now")
    knowledge = serializers.SerializerMethodField(help_text="how many entries of the knowledge base help, and where")

    class Meta(ReportRow.Meta):
        fields: tuple[str, ...] = (  # type: ignore[assignment]
            *ReportRow.Meta.fields,
            "district",
            "community",
            "external_no",
            "raw_lng",
            "raw_lat",
            "coord_type",
            "accuracy",
            "grid_chosen",
            "answers",
            "questions",
            "unfit_answers",
            "occurred_at",
            "accepted_at",
            "finished_at",
            "limit_amount",
            "limit_unit",
            "limit_source",
            "closing_condition",
            "requester",
            "photos",
            "assignments",
            "whistles",
            "requests",
            "clocks",
            "field_checks",
            "merged_into",
            "merged",
            "split_from",
            "split_into",
            "events",
            "allowed",
            "knowledge",
        )

    @extend_schema_field(RequesterOut(allow_null=True))
    def get_requester(self, report: Report) -> dict[str, Any] | None:
        requester = getattr(report, "requester", None)
        if requester is None or not self.context["may_know_requester"]:
            return None
        return RequesterOut(requester).data

    def get_unfit_answers(self, report: Report) -> list[str]:
        return wrong_answers(report.asked, report.answers)

    def get_allowed(self, report: Report) -> list[str]:
        return REPORT.allowed(report.status)

    @extend_schema_field(KnowledgeLink)
    def get_knowledge(self, report: Report) -> dict[str, Any]:
        place = report.grid or report.community or report.street or report.district
        url = reverse("catalogue-knowledge", args=[report.item.code])
        return {
            "count": report.knowledge_count,  # type: ignore[attr-defined]
            "url": f"{url}?{urlencode({'area': place.code})}" if place else url,
        }


class ReceiptPhoto(serializers.Serializer[Any]):
    sha256 = serializers.CharField()
    received = serializers.BooleanField()


class Receipt(serializers.Serializer[Any]):
    """The answer to a submission: what was taken in, and which photos are still to come."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    received_at = serializers.DateTimeField()
    grid = PlaceOut()
    photos = ReceiptPhoto(many=True)
    complete = serializers.BooleanField()
