"""What the API says of a report and all that hangs on it."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.roles import Role
from core.masking import mask_name, mask_phone
from core.moment import now
from reports.api.catalogue import QuestionOut
from reports.clocks import light_at
from reports.models import (
    Assignment,
    Card,
    ChangeRequest,
    Clock,
    Deputy,
    Event,
    FieldCheck,
    Meeting,
    Photo,
    Report,
    Requester,
    SupervisionOrder,
    Whistle,
)
from reports.models.vocabulary import Light
from reports.photos.signing import sign
from reports.questions import wrong_answers
from reports.transitions import ASSIGNMENT, FIELD_CHECK, ORDER, REPORT, REQUEST, WHISTLE


class PlaceOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class PersonOut(serializers.Serializer[Any]):
    username = serializers.CharField()
    name = serializers.CharField(source="full_name")


class UnitOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


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


class PhotoOut(serializers.ModelSerializer[Photo]):
    display_url = serializers.SerializerMethodField(help_text="signed, valid for five minutes; null until it arrived")
    thumbnail_url = serializers.SerializerMethodField()

    class Meta:
        model = Photo
        fields = (
            "sha256",
            "size",
            "kind",
            "assignment",
            "field_check",
            "received_at",
            "width",
            "height",
            "taken_at",
            "distance_m",
            "display_url",
            "thumbnail_url",
        )

    def get_display_url(self, photo: Photo) -> str | None:
        return self._url(photo, "display")

    def get_thumbnail_url(self, photo: Photo) -> str | None:
        return self._url(photo, "thumbnail")

    def _url(self, photo: Photo, variant: str) -> str | None:
        request = self.context.get("request")
        if photo.received_at is None or request is None:
            return None
        return request.build_absolute_uri(reverse("photo-signed", args=[sign(photo.pk, variant, request.user.pk)]))


class AssignmentOut(serializers.ModelSerializer[Assignment]):
    department = UnitOut(allow_null=True)
    handed_from = UnitOut(allow_null=True, help_text="the unit it was given to, while one below has it in hand")
    assignee = PersonOut(allow_null=True)
    allowed = serializers.SerializerMethodField(help_text="what its state allows now")

    class Meta:
        model = Assignment
        fields = (
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


class WhistleOut(serializers.ModelSerializer[Whistle]):
    calling_area = PlaceOut()
    calling_department = UnitOut(allow_null=True)
    allowed = serializers.SerializerMethodField(help_text="what its state allows now")

    class Meta:
        model = Whistle
        fields = (
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


class ClockOut(serializers.ModelSerializer[Clock]):
    light = serializers.SerializerMethodField()

    class Meta:
        model = Clock
        fields = (
            "id",
            "kind",
            "assignment",
            "whistle",
            "field_check",
            "order",
            "limit_seconds",
            "always",
            "started_at",
            "running",
            "yellow_at",
            "due_at",
            "stopped_at",
            "outcome",
            "exempt",
            "light",
            "overdue_level",
            "segments",
        )

    @extend_schema_field(serializers.ChoiceField(choices=["", Light.GREEN, Light.YELLOW, Light.RED]))
    def get_light(self, clock: Clock) -> str:
        return light_at(clock.due_at, clock.yellow_at, now()) if clock.running else ""


class EventOut(serializers.ModelSerializer[Event]):
    actor = PersonOut(allow_null=True)
    role = serializers.SerializerMethodField(help_text="the role the person acted in, in words")
    unit = UnitOut(allow_null=True)
    request = serializers.IntegerField(source="change_id", allow_null=True)

    class Meta:
        model = Event
        fields = (
            "id",
            "at",
            "kind",
            "actor",
            "role",
            "unit",
            "from_status",
            "to_status",
            "assignment",
            "whistle",
            "request",
            "note",
            "internal",
            "working_seconds",
            "overdue",
            "data",
        )

    def get_role(self, event: Event) -> str:
        return str(Role(event.actor_role).label) if event.actor_role else ""


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


class LinkedOut(serializers.ModelSerializer[Report]):
    """Another report that belongs to it."""

    class Meta:
        model = Report
        fields = ("id", "number", "item_name", "status", "received_at")


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
            "captured_at",
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


class MatchOut(serializers.Serializer[Any]):
    """A report that may be the same matter, and why."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    item_name = serializers.CharField()
    status = serializers.CharField()
    address = serializers.CharField()
    received_at = serializers.DateTimeField()
    distance_m = serializers.FloatField(help_text="metres apart")
    hours = serializers.FloatField(help_text="hours between the two")
    same_item = serializers.BooleanField(help_text="false: another item of the same class")
    similarity = serializers.FloatField(allow_null=True, help_text="of the texts, 0 to 1")
    score = serializers.FloatField(help_text="0 to 1; the list is ordered by it")


class AlikeOut(serializers.Serializer[Any]):
    duplicates = MatchOut(many=True, help_text="open reports that may be the same matter, most alike first")
    earlier = MatchOut(many=True, help_text="the same item here before, open and closed, newest first")


class BulkProblem(serializers.Serializer[Any]):
    """A refusal; `current` and `allowed` where the state is the reason."""

    code = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    current = serializers.CharField(required=False)
    allowed = serializers.ListField(child=serializers.CharField(), required=False)


class BulkResult(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    ok = serializers.BooleanField()
    status = serializers.CharField(required=False, help_text="of the report, where it was done")
    version = serializers.IntegerField(required=False)
    problem = BulkProblem(required=False)


class BulkOut(serializers.Serializer[Any]):
    """One row per report, in the order asked; each was done wholly or not at all."""

    results = BulkResult(many=True)


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


class WhistleDelivery(serializers.Serializer[Any]):
    """The whistle watch: per unit what it has done, per person how far the call has come."""

    assignments = AssignmentOut(many=True)
    recipients = RecipientOut(many=True)


class OrderOut(serializers.ModelSerializer[SupervisionOrder]):
    department = UnitOut(allow_null=True)
    number = serializers.CharField(source="report.number")
    linked = LinkedOut(many=True)
    reply_due_at = serializers.DateTimeField(allow_null=True, help_text="null once it was replied to")
    allowed = serializers.SerializerMethodField(help_text="what its state allows now")

    class Meta:
        model = SupervisionOrder
        fields = (
            "id",
            "report",
            "number",
            "linked",
            "kind",
            "status",
            "department",
            "level",
            "reason",
            "opened_at",
            "reply_due_at",
            "reply",
            "replied_at",
            "decided_at",
            "sent_back",
            "allowed",
        )

    def get_allowed(self, order: SupervisionOrder) -> list[str]:
        return ORDER.allowed(order.status)


class CardOut(serializers.ModelSerializer[Card]):
    department = UnitOut()
    number = serializers.CharField(source="report.number")
    given_by = PersonOut(allow_null=True, help_text="null: by rule")
    revoked_by = PersonOut(allow_null=True)

    class Meta:
        model = Card
        fields = (
            "id",
            "department",
            "colour",
            "trigger",
            "report",
            "number",
            "order",
            "reason",
            "given_at",
            "given_by",
            "revoked_at",
            "revoked_by",
            "revoked_reason",
        )


class DeputyOut(serializers.ModelSerializer[Deputy]):
    leader = PersonOut()
    deputy = PersonOut()
    area = PlaceOut()

    class Meta:
        model = Deputy
        fields = ("id", "leader", "deputy", "area", "starts_at", "ends_at", "named_at")


class AttendedOut(serializers.Serializer[Any]):
    assignment = serializers.IntegerField()
    unit = serializers.CharField()
    attended = serializers.BooleanField()
    person = serializers.CharField()


class DecidedOut(serializers.Serializer[Any]):
    assignment = serializers.IntegerField()
    unit = serializers.CharField()
    role = serializers.CharField()
    instruction = serializers.CharField()
    limit = serializers.CharField()


class MeetingOut(serializers.ModelSerializer[Meeting]):
    attendance = AttendedOut(many=True)
    decisions = DecidedOut(many=True)
    recorded_by = PersonOut()

    class Meta:
        model = Meeting
        fields = ("id", "held_at", "place", "minutes", "attendance", "decisions", "recorded_by", "recorded_at")
