"""What the API takes in and gives out about visits and patrols."""

import hashlib
from typing import Any

import orjson
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from households.actions.patrols import CheckIn, Passed
from households.actions.visits import Visited
from households.api.colours_io import HouseholdName, reads_notes
from households.api.output import ColourOut, HouseholdArea, HouseholdRow, HouseholdStaff
from households.figures import OF_HOUSEHOLDS, OF_VISITS, Figure, Period
from households.models import Patrol, TrackPoint, Visit, VisitPhoto
from households.models.vocabulary import VisitResult
from reports.actions.submit import Submission
from reports.api.input import (
    MAX_PHOTOS,
    FiniteField,
    MomentField,
    PhotoIn,
    PositionIn,
    StrictSerializer,
    SubmissionIn,
    photos_of,
    position_of,
)
from reports.models.vocabulary import CoordType

MAX_VISITORS = 10
MAX_POINTS = 500


class FollowUpIn(SubmissionIn):
    """A report like any other, under an id of the phone's own; without a position it is at that of the visit."""

    id = serializers.UUIDField()
    position = PositionIn(required=False)


class VisitIn(StrictSerializer):
    household = serializers.UUIDField()
    visited_at = MomentField(help_text="by the phone's clock")
    position = PositionIn()
    result = serializers.ChoiceField(choices=VisitResult.choices)
    visitors = serializers.ListField(
        child=serializers.CharField(max_length=150),
        required=False,
        max_length=MAX_VISITORS,
        help_text="user names; default: the caller alone",
    )
    leader = serializers.CharField(
        max_length=150, required=False, allow_blank=True, help_text="user name of the responsible leader 包保领导"
    )
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    measure = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    photos = serializers.ListField(child=PhotoIn(), required=False, max_length=MAX_PHOTOS)
    follow_up = FollowUpIn(required=False, allow_null=True)


class PatrolIn(StrictSerializer):
    started_at = MomentField(help_text="by the phone's clock")
    position = PositionIn()
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class EndPatrolIn(StrictSerializer):
    ended_at = MomentField(help_text="by the phone's clock")


class PointIn(StrictSerializer):
    at = MomentField()
    position = PositionIn()


class PointsIn(StrictSerializer):
    points = serializers.ListField(child=PointIn(), min_length=1, max_length=MAX_POINTS)


class RouteIn(StrictSerializer):
    """From where, and by which day the households are due that are to be visited."""

    lng = FiniteField(min_value=-180, max_value=180)
    lat = FiniteField(min_value=-90, max_value=90)
    coord_type = serializers.ChoiceField(choices=CoordType.choices)
    due_by = serializers.DateField(required=False, help_text="default: today")
    worker = serializers.CharField(max_length=150, required=False, help_text="user name; only the grids held")
    area = serializers.CharField(max_length=20, required=False, help_text="code; only below it")


class PeriodIn(StrictSerializer):
    first = serializers.DateField()
    last = serializers.DateField()
    area = serializers.CharField(max_length=20, required=False, help_text="code; only below it")
    worker = serializers.CharField(max_length=150, required=False, help_text="user name; only the grids held")


class FiguresIn(PeriodIn):
    by = serializers.ChoiceField(choices=["grid", "worker"], required=False, help_text="default: grid")


class VisitsBehindIn(PeriodIn):
    column = serializers.ChoiceField(choices=OF_VISITS)


class HouseholdsBehindIn(PeriodIn):
    column = serializers.ChoiceField(choices=OF_HOUSEHOLDS)


def hash_of(body: Any) -> str:
    """The sha256 of a canonical request body."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def visited(data: dict[str, Any], body: Any) -> Visited:
    """What the phone says, from the checked body and the body as it came."""
    follow_up = data.pop("follow_up", None)
    position = data.pop("position")
    submission = None
    if follow_up is not None:
        report_id = follow_up.pop("id")
        there = follow_up.pop("position", position)
        photos = photos_of(follow_up)
        told = hash_of([body["follow_up"], body["position"]])
        submission = (
            report_id,
            Submission(position=position_of(dict(there)), photos=photos, body_hash=told, **follow_up),
        )
    photos = photos_of(data)
    return Visited(
        position=position_of(dict(position)), photos=photos, follow_up=submission, body_hash=hash_of(body), **data
    )


def checked_in(data: dict[str, Any], body: Any) -> CheckIn:
    return CheckIn(position=position_of(data.pop("position")), body_hash=hash_of(body), **data)


def passed(data: dict[str, Any]) -> list[Passed]:
    return [Passed(one["at"], position_of(one["position"])) for one in data["points"]]


def for_visits(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    """With everything a row of a list shows: two queries, however many rows."""
    joins = ("household__grid", "household__risk_level", "grid", "level", "leader", "submitted_by")
    people = Prefetch("visitors", User.objects.order_by("username"))
    rows = visits.select_related(*joins).defer("household__grid__geometry", "grid__geometry")
    return rows.prefetch_related(people)


class VisitRow(serializers.ModelSerializer[Visit]):
    household = HouseholdName()
    grid = HouseholdArea(help_text="where the household lay when the visit arrived")
    level = ColourOut(allow_null=True, help_text="at the time of the visit")
    in_time = serializers.SerializerMethodField(help_text="null where none was due")
    visitors = HouseholdStaff(many=True)
    leader = HouseholdStaff(allow_null=True)
    submitted_by = HouseholdStaff()

    class Meta:
        model = Visit
        fields: tuple[str, ...] = (
            *("id", "household", "grid", "visited_at", "visited_on", "received_at", "submitted_by", "result"),
            *("level", "due_on", "in_time", "visitors", "leader", "lng", "lat", "distance_m", "complete_at"),
        )

    def get_in_time(self, visit: Visit) -> bool | None:
        return visit.visited_on <= visit.due_on if visit.due_on is not None else None


class VisitPhotoOut(serializers.ModelSerializer[VisitPhoto]):
    class Meta:
        model = VisitPhoto
        fields = (
            *("sha256", "size", "kind", "received_at", "format", "width", "height", "taken_at", "lng", "lat"),
            "distance_m",
        )


class VisitDetail(VisitRow):
    note = serializers.SerializerMethodField(help_text="null for those who do not work with it")
    measure = serializers.SerializerMethodField(help_text="null for those who do not work with it")
    photos = VisitPhotoOut(many=True)
    follow_up = serializers.UUIDField(source="follow_up_id", allow_null=True)

    class Meta(VisitRow.Meta):
        fields = (
            *(*VisitRow.Meta.fields, "raw_lng", "raw_lat", "coord_type", "accuracy", "provider"),
            *("note", "measure", "photos", "follow_up"),
        )

    def get_note(self, visit: Visit) -> str | None:
        return visit.note if reads_notes(self.context["user"], visit.household) else None

    def get_measure(self, visit: Visit) -> str | None:
        return visit.measure if reads_notes(self.context["user"], visit.household) else None


class AnnouncedOut(serializers.Serializer[Any]):
    sha256 = serializers.CharField()
    received = serializers.BooleanField()


class VisitReceipt(serializers.Serializer[Any]):
    """What stands for good, so that a repeat gets the same; the next day due is told by the household."""

    id = serializers.UUIDField()
    household = serializers.UUIDField()
    visited_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    distance_m = serializers.FloatField(allow_null=True, help_text="metres to the household")
    follow_up = serializers.UUIDField(allow_null=True)
    photos = AnnouncedOut(many=True)
    complete = serializers.BooleanField()


def receipt(visit: Visit) -> Any:
    photos = VisitPhoto.objects.filter(visit=visit).order_by("position").only("sha256", "received_at")
    return VisitReceipt(
        {
            "id": visit.pk,
            "household": visit.household_id,
            "visited_at": visit.visited_at,
            "received_at": visit.received_at,
            "distance_m": visit.distance_m,
            "follow_up": visit.follow_up_id,
            "photos": [{"sha256": one.sha256, "received": one.received_at is not None} for one in photos],
            "complete": visit.complete_at is not None,
        }
    ).data


class LegOut(serializers.Serializer[Any]):
    household = HouseholdRow()
    metres = serializers.FloatField(allow_null=True, help_text="from the one before; null without a position")


class RouteOut(serializers.Serializer[Any]):
    legs = LegOut(many=True)
    metres = serializers.FloatField(help_text="the whole way, as the crow flies")


class PatrolOut(serializers.ModelSerializer[Patrol]):
    worker = HouseholdStaff()
    grid = HouseholdArea()

    class Meta:
        model = Patrol
        fields = ("id", "worker", "grid", "started_at", "ended_at", "received_at", "note", "lng", "lat")


class PointsKept(serializers.Serializer[Any]):
    kept = serializers.IntegerField(help_text="of the points sent; the others were outside working hours or the patrol")


class PointOut(serializers.ModelSerializer[TrackPoint]):
    class Meta:
        model = TrackPoint
        fields = ("at", "lng", "lat")


class FigureOut(serializers.Serializer[Figure]):
    key = serializers.CharField(help_text="code of the grid, or user name")
    name = serializers.CharField()
    in_time = serializers.IntegerField(source="counts.in_time")
    late = serializers.IntegerField(source="counts.late")
    open = serializers.IntegerField(source="counts.open")
    due = serializers.IntegerField()
    seen = serializers.IntegerField(source="counts.seen")
    households = serializers.IntegerField(source="counts.households")
    visit_completion = serializers.FloatField(allow_null=True, help_text="in time ÷ due; null without any due")
    patrol_coverage = serializers.FloatField(allow_null=True, help_text="seen ÷ households; null without any")
    lists = serializers.SerializerMethodField(help_text="the address of the list behind each count")

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
    def get_lists(self, figure: Figure) -> dict[str, str]:
        period: Period = self.context["period"]
        said = {"first": period.first.isoformat(), "last": period.last.isoformat(), **self.context["among"]}
        if figure.key:
            said["worker" if self.context["by"] == "worker" else "area"] = figure.key
        return {
            column: f"{reverse(f'visit-figures-{kind}')}?{urlencode({'column': column, **said})}"
            for kind, columns in (("visits", OF_VISITS), ("households", OF_HOUSEHOLDS))
            for column in columns
        }


class FiguresOut(serializers.Serializer[Any]):
    total = FigureOut(help_text="of all the grids, each once")
    rows = FigureOut(many=True)
