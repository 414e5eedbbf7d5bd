"""What the API gives out: masked, always. Doors in full only for those who keep the household (`doors.py`)."""

from typing import Any

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from accounts.roles import Can
from core.masking import mask_document, mask_name, mask_phone
from grids.models import Area
from households.access import NO_GEOMETRY, may
from households.doors import door_text, mask_address, mask_door
from households.models import (
    Building,
    CareMark,
    CareTag,
    Household,
    HouseholdEvent,
    Resident,
    RiskLevel,
    SpecialGroup,
    SpecialGroupEntry,
)
from households.models.vocabulary import Relation


def for_rows(households: QuerySet[Household]) -> QuerySet[Household]:
    """With everything a row of a list shows: two queries, however many rows."""
    here = Resident.objects.filter(household=OuterRef("pk"), moved_out__isnull=True).order_by()
    heads = here.filter(relation=Relation.HEAD)
    return (
        households.select_related("building", "grid", "community", "street", "risk_level")
        .defer(*NO_GEOMETRY)
        .annotate(
            head_name=Subquery(heads.values("name")[:1]),
            size=Coalesce(Subquery(here.values("household").annotate(number=Count("pk")).values("number")), 0),
        )
        .prefetch_related(Prefetch("marks", CareMark.objects.select_related("tag").order_by("tag_id")))
    )


def with_size(buildings: QuerySet[Building]) -> QuerySet[Building]:
    """Buildings with their areas and the number of active households, in one query."""
    here = Household.objects.filter(building=OuterRef("pk"), ended_at__isnull=True).order_by()
    number = here.values("building").annotate(number=Count("pk")).values("number")
    rows = buildings.select_related("grid", "community", "street").defer(*NO_GEOMETRY)
    return rows.annotate(size=Coalesce(Subquery(number), 0))


def door_for(user: User, household: Household) -> str:
    """In full for those who keep the household, else masked; no query."""
    if may(user, Can.EDIT_HOUSEHOLDS, household):
        return door_text(household.unit, household.room) if household.building_id else household.address
    if household.building_id:
        return mask_door(household.unit, household.room)
    return mask_address(household.address)


class HouseholdArea(serializers.ModelSerializer[Area]):
    class Meta:
        model = Area
        fields = ("code", "name")


class HouseholdStaff(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("username", "full_name")


class RiskLevelOut(serializers.ModelSerializer[RiskLevel]):
    class Meta:
        model = RiskLevel
        fields = (
            *("code", "name", "meaning", "colour", "rank", "visit_days", "min_visitors", "proposes", "confirms"),
            *("note_required", "measure_required", "leader_required", "on_daily_list", "duty"),
        )


class ColourOut(serializers.ModelSerializer[RiskLevel]):
    class Meta:
        model = RiskLevel
        fields = ("code", "name", "colour", "rank")


class CareTagOut(serializers.ModelSerializer[CareTag]):
    class Meta:
        model = CareTag
        fields = ("code", "name", "is_active")


class SpecialGroupOut(serializers.ModelSerializer[SpecialGroup]):
    class Meta:
        model = SpecialGroup
        fields = ("code", "name", "is_active")


class BuildingName(serializers.ModelSerializer[Building]):
    class Meta:
        model = Building
        fields = ("id", "estate", "number", "lng", "lat")


class BuildingOut(serializers.ModelSerializer[Building]):
    grid = HouseholdArea()
    community = HouseholdArea()
    head_name = serializers.SerializerMethodField(help_text="masked")
    head_phone = serializers.SerializerMethodField(help_text="masked")
    households = serializers.IntegerField(source="size", help_text="active ones")

    class Meta:
        model = Building
        fields = (
            *("id", "version", "estate", "number", "grid", "community", "units", "floors", "lng", "lat"),
            *("head_name", "head_phone", "party_group", "is_active", "households"),
        )

    def get_head_name(self, building: Building) -> str:
        return mask_name(building.head_name)

    def get_head_phone(self, building: Building) -> str:
        return mask_phone(building.head_phone)


class HouseholdRow(serializers.ModelSerializer[Household]):
    building = BuildingName(allow_null=True)
    grid = HouseholdArea()
    community = HouseholdArea()
    door = serializers.SerializerMethodField(help_text="2单元502室, or the address; masked but for those who keep it")
    head = serializers.SerializerMethodField(help_text="masked; empty where none is known")
    residents = serializers.IntegerField(source="size", help_text="who live here now")
    tags = serializers.SerializerMethodField(help_text="codes, those of the residents too")
    risk_level = ColourOut(allow_null=True)

    class Meta:
        model = Household
        fields: tuple[str, ...] = (
            *("id", "version", "code", "building", "door", "grid", "community", "occupancy", "kind", "lng", "lat"),
            *("head", "residents", "tags", "risk_level", "risk_unconfirmed", "last_visit_at", "next_visit_due"),
            *("changed_at", "ended_at"),
        )

    def get_door(self, household: Household) -> str:
        return door_for(self.context["user"], household)

    def get_head(self, household: Any) -> str:
        return mask_name(household.head_name or "")

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_tags(self, household: Household) -> list[str]:
        return sorted({mark.tag.code for mark in household.marks.all()})


class GroupEntryOut(serializers.ModelSerializer[SpecialGroupEntry]):
    group = SpecialGroupOut()

    class Meta:
        model = SpecialGroupEntry
        fields = ("id", "group", "since", "note", "entered_at", "ended_at")


class ResidentOut(serializers.ModelSerializer[Resident]):
    name = serializers.SerializerMethodField(help_text="masked")
    doc_number = serializers.SerializerMethodField(help_text="masked")
    phone = serializers.SerializerMethodField(help_text="masked")
    tags = serializers.SerializerMethodField(help_text="codes")
    special_groups = serializers.SerializerMethodField(help_text="null for those who may not know of any")

    class Meta:
        model = Resident
        fields = (
            *("id", "version", "name", "doc_type", "doc_number", "phone", "sex", "birth_year", "relation"),
            *("party_member", "party_role", "moved_in", "moved_out", "tags", "special_groups"),
        )

    def get_name(self, resident: Resident) -> str:
        return mask_name(resident.name)

    def get_doc_number(self, resident: Resident) -> str:
        return mask_document(resident.doc_number)

    def get_phone(self, resident: Resident) -> str:
        return mask_phone(resident.phone)

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_tags(self, resident: Resident) -> list[str]:
        marks: dict[Any, list[str]] = self.context["marks"]
        return sorted(marks.get(resident.pk, []))

    @extend_schema_field(GroupEntryOut(many=True, allow_null=True))
    def get_special_groups(self, resident: Resident) -> Any:
        groups: dict[Any, list[SpecialGroupEntry]] | None = self.context["groups"]
        return None if groups is None else GroupEntryOut(groups.get(resident.pk, []), many=True).data


class HouseholdDetail(HouseholdRow):
    street = HouseholdArea()
    own_tags = serializers.SerializerMethodField(help_text="codes of the household itself")
    residents = ResidentOut(many=True, source="present", help_text="who live here now")  # type: ignore[assignment]
    former = ResidentOut(many=True, help_text="who have moved out")

    class Meta(HouseholdRow.Meta):
        fields = (
            *(*HouseholdRow.Meta.fields, "street", "own_tags", "former", "created_at", "merged_into", "split_from"),
        )

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_own_tags(self, household: Household) -> list[str]:
        return sorted(mark.tag.code for mark in household.marks.all() if mark.resident_id is None)


class HouseholdEventOut(serializers.ModelSerializer[HouseholdEvent]):
    actor = HouseholdStaff(allow_null=True)
    resident = serializers.UUIDField(source="resident_id", allow_null=True)
    data = serializers.DictField(  # type: ignore[assignment]
        help_text="which fields changed; values only of what is not personal"
    )

    class Meta:
        model = HouseholdEvent
        fields = ("id", "at", "kind", "actor", "actor_role", "resident", "data", "note", "restricted")
