"""What the API gives out. Desks see names and masked phones; fellow volunteers see display names."""

from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from core.masking import mask_phone
from grids.models import Area
from volunteers.models import (
    Attendance,
    CreditEntry,
    CreditRule,
    Membership,
    Registration,
    ServiceRecord,
    TeamCall,
    Volunteer,
    VolunteerTeam,
)
from volunteers.models.vocabulary import CREDITED, AttendanceStatus, ServiceKind, TeamCallStatus

COMING = (AttendanceStatus.COMING, AttendanceStatus.ON_SITE, AttendanceStatus.LEFT, AttendanceStatus.CONFIRMED)
HERE = (AttendanceStatus.ON_SITE, AttendanceStatus.LEFT)


def with_members(teams: QuerySet[VolunteerTeam]) -> QuerySet[VolunteerTeam]:
    """Teams with `size`, in the same query."""
    now_in = Membership.objects.filter(team=OuterRef("pk"), left_at__isnull=True).order_by()
    return teams.select_related("area").defer("area__geometry").annotate(size=_number(now_in, "team"))


def attending(call: str, statuses: tuple[AttendanceStatus, ...]) -> Coalesce:
    """How many of a call (named by the outer query's column) are in one of these states."""
    return _number(Attendance.objects.filter(Q(status__in=statuses), call=OuterRef(call)).order_by(), "call")


def _number(rows: QuerySet[Any], per: str) -> Coalesce:
    return Coalesce(Subquery(rows.values(per).annotate(number=Count("pk")).values("number")), 0)


class AreaName(serializers.ModelSerializer[Area]):
    class Meta:
        model = Area
        fields = ("code", "name")


class StaffName(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("username", "full_name")


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class SkillList(serializers.Field[Any, Any, Any, Any]):
    def to_representation(self, value: str) -> list[str]:
        return [word.strip() for word in value.split(",") if word.strip()]


class VolunteerName(serializers.ModelSerializer[Volunteer]):
    """For desks."""

    name = serializers.CharField(source="user.full_name")

    class Meta:
        model = Volunteer
        fields = ("id", "name", "display_name")


class VolunteerOut(serializers.ModelSerializer[Volunteer]):
    name = serializers.CharField(source="user.full_name")
    phone = serializers.SerializerMethodField(help_text="masked; in full by `reveal`")
    skills = SkillList()
    home = AreaName(allow_null=True)

    class Meta:
        model = Volunteer
        fields = ("id", "name", "display_name", "phone", "unit", "party_member", "skills", "in_ranking", "home")

    def get_phone(self, volunteer: Volunteer) -> str:
        return mask_phone(volunteer.phone)


class RegistrationOut(serializers.ModelSerializer[Registration]):
    community = AreaName()
    volunteer = VolunteerName()

    class Meta:
        model = Registration
        fields = (*("id", "status", "community", "volunteer", "asked_at", "decided_at", "ended_at", "note"),)


class OwnTeam(serializers.ModelSerializer[VolunteerTeam]):
    class Meta:
        model = VolunteerTeam
        fields = ("id", "name", "is_active")


class VolunteerMe(VolunteerOut):
    registration = RegistrationOut(allow_null=True, help_text="the one that waits for its community")
    teams = OwnTeam(many=True)
    points = serializers.IntegerField(help_text="the sum of the ledger")
    hours = serializers.FloatField(help_text="of confirmed services")

    class Meta(VolunteerOut.Meta):
        fields = (*VolunteerOut.Meta.fields, "registration", "teams", "points", "hours")  # type: ignore[assignment]

    def get_phone(self, volunteer: Volunteer) -> str:
        return volunteer.phone


class TeamOut(serializers.ModelSerializer[VolunteerTeam]):
    area = AreaName()
    skills = SkillList()
    size = serializers.IntegerField(help_text="members")

    class Meta:
        model = VolunteerTeam
        fields: tuple[str, ...] = ("id", "name", "area", "unit", "skills", "is_active", "size")


class MemberOut(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="of the volunteer")
    display_name = serializers.CharField()
    name = serializers.CharField(help_text="empty but for the desk")
    leads = serializers.BooleanField()


class TeamDetail(TeamOut):
    members = MemberOut(many=True)

    class Meta(TeamOut.Meta):
        fields = (*TeamOut.Meta.fields, "members")


class CallOut(serializers.ModelSerializer[TeamCall]):
    report = serializers.UUIDField(source="report_id")
    number = serializers.CharField(source="report.number")
    team = OwnTeam()
    opened_by = StaffName()
    coming = serializers.IntegerField(help_text="said so, or came")
    on_site = serializers.IntegerField(help_text="checked in")

    class Meta:
        model = TeamCall
        fields: tuple[str, ...] = (
            *("id", "report", "number", "team", "kind", "status", "item", "reason", "place", "lng", "lat"),
            *("wanted", "coming", "on_site", "until", "opened_by", "opened_at", "closed_at", "note"),
        )


class AttendanceOut(serializers.ModelSerializer[Attendance]):
    volunteer = VolunteerName()
    distance_m = serializers.FloatField(allow_null=True, help_text="metres from the place")

    class Meta:
        model = Attendance
        fields = (*("id", "volunteer", "status", "note", "answered_at", "arrived_at", "distance_m", "far", "left_at"),)


class CallDetail(CallOut):
    attendances = AttendanceOut(many=True, source="parts")

    class Meta(CallOut.Meta):
        fields = (*CallOut.Meta.fields, "attendances")


class OwnCall(serializers.ModelSerializer[Attendance]):
    """A call as its members see it: what is to be done and where, and one's own part. Nothing of the report."""

    id = serializers.IntegerField(source="call_id", help_text="of the call")
    team = serializers.CharField(source="call.team.name")
    kind = serializers.ChoiceField(choices=ServiceKind.choices, source="call.kind")
    call_status = serializers.ChoiceField(choices=TeamCallStatus.choices, source="call.status")
    item = serializers.CharField(source="call.item")
    reason = serializers.CharField(source="call.reason")
    place = serializers.CharField(source="call.place")
    lng = serializers.FloatField(source="call.lng", help_text="WGS-84")
    lat = serializers.FloatField(source="call.lat", help_text="WGS-84")
    wanted = serializers.IntegerField(source="call.wanted")
    coming = serializers.IntegerField(help_text="said so, or came")
    until = serializers.DateTimeField(source="call.until")
    opened_at = serializers.DateTimeField(source="call.opened_at")
    distance_m = serializers.FloatField(allow_null=True, help_text="metres from the place, at check-in")

    class Meta:
        model = Attendance
        fields = (
            *("id", "team", "kind", "call_status", "item", "reason", "place", "lng", "lat", "wanted", "coming"),
            *("until", "opened_at", "status", "answered_at", "arrived_at", "distance_m", "far", "left_at"),
        )


class RecordOut(serializers.ModelSerializer[ServiceRecord]):
    volunteer = VolunteerName()
    community = AreaName()
    hours = serializers.FloatField()
    call = serializers.IntegerField(source="attendance.call_id", allow_null=True, default=None)
    proposed_by = StaffName()

    class Meta:
        model = ServiceRecord
        fields = (
            *("id", "volunteer", "community", "kind", "date", "hours", "place", "description", "call", "corrects"),
            *("status", "proposed_by", "proposed_at", "decided_at", "note"),
        )


class EntryOut(serializers.ModelSerializer[CreditEntry]):
    volunteer = VolunteerName()
    why = serializers.ChoiceField(choices=CREDITED)

    class Meta:
        model = CreditEntry
        fields = ("id", "volunteer", "points", "why", "date", "record", "rule", "note", "made_at")


class CreditRuleOut(serializers.ModelSerializer[CreditRule]):
    kind = serializers.ChoiceField(choices=CREDITED)

    class Meta:
        model = CreditRule
        fields = ("id", "kind", "per", "points", "daily_cap", "valid_from", "valid_to")


class RankedOut(serializers.Serializer[Any]):
    rank = serializers.IntegerField()
    display_name = serializers.CharField()
    points = serializers.IntegerField()
    me = serializers.BooleanField()
