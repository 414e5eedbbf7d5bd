"""What the API takes in. Every step may carry the version it saw and a request id of the caller's own."""

import math
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from core.moment import is_plausible
from core.problems import Problem
from reports.actions.dispatch import Target
from reports.actions.handling import Result
from reports.actions.rounds import Attendance, Decision
from reports.actions.splitting import Part
from reports.actions.submit import AnnouncedPhoto, Position
from reports.actions.whistles import Called, Rating
from reports.limits import Limit, UnreadableLimit
from reports.models.vocabulary import (
    AssignmentRole,
    CardColour,
    CoordType,
    PhotoKind,
    Satisfaction,
    Source,
    SupervisionKind,
    Urgency,
    WhistleKind,
)
from reports.places import MAX_TEMPLATE

CALLED_ROLES = (AssignmentRole.LEAD.value, AssignmentRole.ASSIST.value)
MAX_PHOTOS = 20
MAX_ANSWER = 1000
MAX_PARTS = 10
MAX_BULK = 100
MAX_CHOSEN = 50
MAX_BOXES = 50


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses members it does not know: a misspelt field must not be lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError(
                    {
                        str(name): [serializers.ErrorDetail(gettext("There is no such field."), "unknown_field")]
                        for name in unknown
                    }
                )
        return super().to_internal_value(data)


class FiniteField(serializers.FloatField):
    """A float; DRF's own takes the string "nan", which passes every bound."""

    def to_internal_value(self, data: Any) -> float:
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            self.fail("invalid")
        return value


class MomentField(serializers.DateTimeField):
    """A time that can be meant; the databases fail on years far outside."""

    def to_internal_value(self, value: Any) -> Any:
        moment = super().to_internal_value(value)
        if not is_plausible(moment):
            self.fail("overflow")
        return moment


class PositionIn(StrictSerializer):
    lng = FiniteField(min_value=-180, max_value=180)
    lat = FiniteField(min_value=-90, max_value=90)
    coord_type = serializers.ChoiceField(choices=CoordType.choices)
    accuracy = FiniteField(min_value=0, max_value=100_000, required=False, allow_null=True)
    provider = serializers.CharField(max_length=20, required=False, allow_blank=True)


class PhotoIn(StrictSerializer):
    sha256 = serializers.RegexField(r"^[0-9a-f]{64}\Z", help_text="lowercase hex")
    size = serializers.IntegerField(min_value=1, max_value=settings.GRIDWHISTLE["PHOTO_MAX_BYTES"], help_text="bytes")
    kind = serializers.ChoiceField(choices=PhotoKind.choices)


class RequesterIn(StrictSerializer):
    name = serializers.CharField(max_length=50, required=False, allow_blank=True)
    phone = serializers.RegexField(r"^[0-9+\- ]{3,20}\Z", required=False, allow_blank=True)
    anonymous = serializers.BooleanField(required=False)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "maxLength": MAX_ANSWER},
            {"type": "number"},
            {"type": "boolean"},
            {"type": "array", "items": {"type": "string", "maxLength": MAX_ANSWER}, "maxItems": MAX_CHOSEN},
        ]
    }
)
class AnswerField(serializers.Field[Any, Any, Any, Any]):
    """An answer to a question of the item: text (a time as ISO 8601), a number, yes or no, or several choices."""

    default_error_messages = {"invalid": _("An answer is a text, a number, true, false or a list of texts.")}

    def to_internal_value(self, data: Any) -> Any:
        texts = data if isinstance(data, list) else [data] if isinstance(data, str) else []
        if not isinstance(data, str | bool | int | float | list) or len(texts) > MAX_CHOSEN:
            self.fail("invalid")
        if any(not isinstance(text, str) or len(text) > MAX_ANSWER for text in texts):
            self.fail("invalid")
        return data


class SubmissionIn(StrictSerializer):
    item = serializers.CharField(max_length=20, help_text="catalogue code")
    description = serializers.CharField(max_length=2000)
    position = PositionIn()
    urgency = serializers.ChoiceField(choices=Urgency.choices, required=False, help_text="default: the item's")
    grid = serializers.CharField(max_length=20, required=False, help_text="code; default: found from the position")
    address = serializers.CharField(max_length=200, required=False, allow_blank=True)
    occurred_at = MomentField(required=False, allow_null=True)
    captured_at = MomentField(required=False, allow_null=True, help_text="by the phone's clock")
    source = serializers.ChoiceField(choices=Source.choices, required=False)  # type: ignore[assignment]
    external_no = serializers.CharField(max_length=64, required=False, allow_blank=True)
    requester = RequesterIn(required=False, allow_null=True)
    answers = serializers.DictField(child=AnswerField(), required=False)
    photos = serializers.ListField(child=PhotoIn(), required=False, max_length=MAX_PHOTOS)
    self_handled = serializers.BooleanField(required=False)
    measures = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class StepIn(StrictSerializer):
    """`version`: refused with 409 if the report has moved on. `request_id`: a repeat under it changes nothing."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    request_id = serializers.UUIDField(required=False)


class AcceptIn(StepIn):
    item = serializers.CharField(max_length=20, required=False, help_text="code of the right item; default: as sent")


class ReasonIn(StepIn):
    reason = serializers.CharField(max_length=1000)


class NoteIn(StepIn):
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class DeclineIn(StepIn):
    note = serializers.CharField(max_length=1000)


class InternalNoteIn(StrictSerializer):
    text = serializers.CharField(max_length=2000)
    request_id = serializers.UUIDField(required=False)


class BoxIn(StrictSerializer):
    """Part of a picture, in parts of its width and height as it is shown."""

    x = FiniteField(min_value=0, max_value=1)
    y = FiniteField(min_value=0, max_value=1)
    width = FiniteField(min_value=0.001, max_value=1)
    height = FiniteField(min_value=0.001, max_value=1)


class RedactionIn(StepIn):
    photo = serializers.RegexField(r"^[0-9a-f]{64}$", help_text="sha256 of its bytes")
    boxes = serializers.ListField(
        child=BoxIn(), max_length=MAX_BOXES, help_text="all that is to be hidden; none shows the photo whole"
    )


class DeleteIn(StrictSerializer):
    reason = serializers.CharField(max_length=1000)


class RevealIn(StrictSerializer):
    reason = serializers.CharField(max_length=200)


class CloseIn(NoteIn):
    answer = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, help_text="what the requester was told"
    )


class CallBackIn(StepIn):
    """`solved` and `satisfaction` if reached, and the reason as `note` if not content; neither if not reached."""

    reached = serializers.BooleanField()
    solved = serializers.BooleanField(required=False, allow_null=True, default=None)
    satisfaction = serializers.ChoiceField(choices=Satisfaction.choices, required=False, allow_blank=True)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, help_text="what was said")


class PreviewIn(StrictSerializer):
    """Either a text, in which places such as `%(number)s` are filled, or the id of a template."""

    text = serializers.CharField(max_length=MAX_TEMPLATE, required=False)
    template = serializers.IntegerField(min_value=1, max_value=2**62, required=False)


class MessageIn(PreviewIn, StepIn):
    pass


class ResendIn(StrictSerializer):
    request_id = serializers.UUIDField(required=False)


class CallerIn(StrictSerializer):
    phone = serializers.RegexField(r"^[0-9+\- ]{3,20}\Z")


class SuspensionIn(ReasonIn):
    until = serializers.DateField(help_text="the day on which it is taken up again by itself")


class GrantIn(NoteIn):
    """For a return: the unit or person that takes over (default: the same goes on), or `to_dispatch`."""

    department = serializers.CharField(max_length=32, required=False, help_text="code")
    assignee = serializers.CharField(max_length=150, required=False, help_text="user name")
    to_dispatch = serializers.BooleanField(required=False)


class HandOnIn(NoteIn):
    department = serializers.CharField(max_length=32, required=False, help_text="code of a unit below")
    assignee = serializers.CharField(max_length=150, required=False, help_text="user name of one of the staff")


class HandOverIn(StrictSerializer):
    person = serializers.CharField(max_length=150, help_text="user name of the one who leaves")
    to = serializers.CharField(max_length=150, required=False, help_text="user name; default: back to the units")


class ReworkIn(ReasonIn):
    assignment = serializers.IntegerField(min_value=1, max_value=2**62, required=False, help_text="default: the lead")


class UrgeIn(NoteIn):
    assignment = serializers.IntegerField(
        min_value=1, max_value=2**62, required=False, help_text="default: all who are at work"
    )


class LeaveIn(NoteIn):
    gone = serializers.BooleanField(required=False, help_text="the unit has left; default: it asks to")


class TargetIn(StrictSerializer):
    role = serializers.ChoiceField(choices=AssignmentRole.choices)
    department = serializers.CharField(max_length=32, required=False, help_text="code")
    assignee = serializers.CharField(max_length=150, required=False, help_text="user name")


class AssignIn(StepIn):
    assignments = serializers.ListField(child=TargetIn(), min_length=1, max_length=20)
    instruction = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class CalledIn(StrictSerializer):
    department = serializers.CharField(max_length=32, help_text="code")
    role = serializers.ChoiceField(choices=CALLED_ROLES)


class WhistleIn(StepIn):
    kind = serializers.ChoiceField(choices=WhistleKind.choices)
    reason = serializers.CharField(max_length=1000)
    departments = serializers.ListField(child=CalledIn(), min_length=1, max_length=20)
    meeting_at = MomentField(required=False, allow_null=True, help_text="joint whistles")
    meeting_place = serializers.CharField(max_length=200, required=False, allow_blank=True)
    only_draft = serializers.BooleanField(required=False)


class ReviewIn(NoteIn):
    justified = serializers.BooleanField(help_text="whether it was an emergency; if not, `note` says why")


class MeetingIn(StepIn):
    meeting_at = MomentField()
    meeting_place = serializers.CharField(max_length=200, required=False, allow_blank=True)


class EscalateIn(ReasonIn):
    meeting_at = MomentField(required=False, allow_null=True, help_text="of the third round; default: next working day")
    meeting_place = serializers.CharField(max_length=200, required=False, allow_blank=True)


class AttendanceIn(StrictSerializer):
    assignment = serializers.IntegerField(min_value=1, max_value=2**62)
    attended = serializers.BooleanField()
    person = serializers.CharField(max_length=50, required=False, allow_blank=True, help_text="who came")


class LimitField(serializers.CharField):
    """A limit in words, as the catalogue writes it."""

    def run_validation(self, data: Any = empty) -> Any:
        # The rules of a text first: a limit has no length.
        text = super().run_validation(data)
        try:
            return Limit.parse(text)
        except UnreadableLimit:
            raise Problem("unreadable_limit", self.field_name) from None

    def to_representation(self, value: Any) -> str:
        return value.text() if isinstance(value, Limit) else str(value)


class DecisionIn(CalledIn):
    instruction = serializers.CharField(max_length=1000)
    limit = LimitField(max_length=20, required=False, help_text="such as 2个工作日; default: as it was")


class MinutesIn(StepIn):
    minutes = serializers.CharField(max_length=10_000)
    attendance = serializers.ListField(child=AttendanceIn(), min_length=1, max_length=40)
    decisions = serializers.ListField(child=DecisionIn(), required=False, max_length=20)
    held_at = MomentField(required=False, help_text="default: now")
    place = serializers.CharField(max_length=200, required=False, allow_blank=True)


class ReportInIn(StepIn):
    position = PositionIn()
    photos = serializers.ListField(child=PhotoIn(), required=False, max_length=MAX_PHOTOS)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class ResultIn(StepIn):
    measures = serializers.CharField(max_length=2000, help_text="解决措施")
    taken_up_at = MomentField(required=False, allow_null=True, help_text="受理时间; lead")
    discussed_with = serializers.CharField(max_length=200, required=False, allow_blank=True, help_text="与谁沟通; lead")
    solved_by = MomentField(required=False, allow_null=True, help_text="解决时限; lead")
    photos = serializers.ListField(child=PhotoIn(), required=False, max_length=MAX_PHOTOS)


class RatingIn(StrictSerializer):
    assignment = serializers.IntegerField(min_value=1, max_value=2**62)
    response = serializers.IntegerField(min_value=1, max_value=5)
    attendance = serializers.IntegerField(min_value=1, max_value=5)
    result = serializers.IntegerField(min_value=1, max_value=5)
    comment = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class RateIn(StepIn):
    ratings = serializers.ListField(child=RatingIn(), min_length=1, max_length=20)


class FieldCheckIn(NoteIn):
    assignee = serializers.CharField(
        max_length=150, required=False, help_text="user name; default: the nearest worker of the grid"
    )


class FieldCheckAnswerIn(StepIn):
    confirmed = serializers.BooleanField(help_text="whether it is as the report, or the result, says")
    position = PositionIn()
    photos = serializers.ListField(child=PhotoIn(), min_length=1, max_length=MAX_PHOTOS)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class MergeIn(NoteIn):
    into = serializers.UUIDField(help_text="the report that goes on")


class PartIn(StrictSerializer):
    item = serializers.CharField(max_length=20, help_text="catalogue code")
    description = serializers.CharField(max_length=2000)
    urgency = serializers.ChoiceField(choices=Urgency.choices, required=False, help_text="default: the item's")
    answers = serializers.DictField(child=AnswerField(), required=False)
    photos = serializers.ListField(
        child=serializers.RegexField(r"^[0-9a-f]{64}\Z"),
        required=False,
        max_length=MAX_PHOTOS,
        help_text="sha256 of photos of the report that show this matter",
    )


class SplitIn(NoteIn):
    parts = serializers.ListField(child=PartIn(), min_length=1, max_length=MAX_PARTS)
    description = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, help_text="of what is left; default: as it was"
    )


class BulkRowIn(StepIn):
    id = serializers.UUIDField()


class BulkIn(StrictSerializer):
    """Up to a hundred reports, each with the version it was seen in and a request id of its own if wanted."""

    reports = serializers.ListField(child=BulkRowIn(), min_length=1, max_length=MAX_BULK)

    def validate_reports(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({row["id"] for row in rows}) < len(rows):
            raise serializers.ValidationError(_("A report is named twice."), code="twice")
        return rows


class BulkAssignIn(BulkIn):
    assignments = serializers.ListField(child=TargetIn(), min_length=1, max_length=20)
    instruction = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class BulkMergeIn(BulkIn):
    into = serializers.UUIDField(help_text="the report that goes on for all of these")
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class BulkUrgeIn(BulkIn):
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class OrderIn(StrictSerializer):
    kind = serializers.ChoiceField(choices=[SupervisionKind.LEADER.value, SupervisionKind.IMPORTANT.value])
    reason = serializers.CharField(max_length=1000)
    department = serializers.CharField(
        max_length=32, required=False, help_text="code of a unit with a duty on the report; default: the lead"
    )
    linked = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=20, help_text="other reports it is about"
    )
    reply_by = MomentField(required=False, help_text="default: by the rule")
    request_id = serializers.UUIDField(required=False)


class CardIn(StrictSerializer):
    department = serializers.CharField(max_length=32, help_text="code")
    colour = serializers.ChoiceField(choices=CardColour.choices)
    reason = serializers.CharField(max_length=1000)
    request_id = serializers.UUIDField(required=False)


class RevokeIn(StrictSerializer):
    reason = serializers.CharField(max_length=1000)
    request_id = serializers.UUIDField(required=False)


class DeputyIn(StrictSerializer):
    deputy = serializers.CharField(max_length=150, help_text="user name")
    area = serializers.CharField(max_length=20, help_text="code of the area in which the caller approves")
    starts_at = MomentField()
    ends_at = MomentField()


class ReplyIn(StrictSerializer):
    text = serializers.CharField(max_length=2000)
    request_id = serializers.UUIDField(required=False)


def position_of(data: dict[str, Any]) -> Position:
    return Position(**data)


def photos_of(data: dict[str, Any]) -> list[AnnouncedPhoto]:
    return [AnnouncedPhoto(**photo) for photo in data.pop("photos", [])]


def targets_of(data: dict[str, Any]) -> list[Target]:
    return [Target(**target) for target in data.pop("assignments")]


def target_of(data: dict[str, Any]) -> Target | None:
    named = {name: data.pop(name) for name in ("department", "assignee") if name in data}
    return Target(role="", **named) if named else None


def called_of(data: dict[str, Any]) -> list[Called]:
    return [Called(**one) for one in data.pop("departments")]


def attendance_of(data: dict[str, Any]) -> list[Attendance]:
    return [Attendance(**one) for one in data.pop("attendance")]


def decisions_of(data: dict[str, Any]) -> list[Decision]:
    return [Decision(**one) for one in data.pop("decisions", [])]


def ratings_of(data: dict[str, Any]) -> list[Rating]:
    return [Rating(**one) for one in data.pop("ratings")]


def parts_of(data: dict[str, Any]) -> list[Part]:
    return [Part(**part) for part in data.pop("parts")]


def result_of(data: dict[str, Any]) -> Result:
    names = ("measures", "taken_up_at", "discussed_with", "solved_by")
    return Result(photos=photos_of(data), **{name: data.pop(name) for name in names if name in data})
