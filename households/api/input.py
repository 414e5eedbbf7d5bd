"""What the API takes in. Steps may carry a request id of the caller's own: a repeat under it changes nothing."""

from typing import Any

from rest_framework import serializers

from households.actions.revealing import BUILDING_FIELDS, RESIDENT_FIELDS
from households.models.vocabulary import DocumentType, HouseholdKind, Occupancy, Relation, Sex
from reports.api.input import PositionIn, StrictSerializer

# With asterisks, so that a masked value sent back hears that it is one.
PHONE = r"^[0-9+\- *]{3,20}\Z"
MOST_TAGS = 20
MOST_RESIDENTS = 50


def version_field(of: str) -> serializers.IntegerField:
    return serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text=f"of the {of}, as it was seen; needed for a change"
    )


def tags_field() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.SlugField(max_length=24), required=False, max_length=MOST_TAGS, help_text="codes of care tags"
    )


class StepIn(StrictSerializer):
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    request_id = serializers.UUIDField(required=False)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class PlaceIn(StrictSerializer):
    """Unit and room in a building, or grid and address of a house without one."""

    building = serializers.UUIDField(required=False, allow_null=True)
    unit = serializers.CharField(max_length=20, required=False, allow_blank=True)
    room = serializers.CharField(max_length=20, required=False, allow_blank=True)
    grid = serializers.CharField(max_length=20, required=False, help_text="code; default: the building's")
    address = serializers.CharField(max_length=100, required=False, allow_blank=True)
    occupancy = serializers.ChoiceField(choices=Occupancy.choices, required=False)
    code = serializers.RegexField(r"^[A-Za-z0-9_-]{1,32}\Z", required=False, help_text="default: made from the id")


class HouseholdIn(PlaceIn):
    """For a new household all that is known; for a change what is to change, with the version."""

    version = version_field("household")
    position = PositionIn(required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=HouseholdKind.choices, required=False)
    tags = tags_field()


class PersonIn(StrictSerializer):
    name = serializers.CharField(max_length=50, required=False)
    doc_type = serializers.ChoiceField(choices=DocumentType.choices, required=False, allow_blank=True)
    doc_number = serializers.CharField(max_length=40, required=False, allow_blank=True)
    phone = serializers.RegexField(PHONE, required=False, allow_blank=True)
    sex = serializers.ChoiceField(choices=Sex.choices, required=False, allow_blank=True)
    birth_date = serializers.DateField(required=False, allow_null=True, help_text="default: from the card's number")
    birth_year = serializers.IntegerField(min_value=1900, max_value=2200, required=False, allow_null=True)
    relation = serializers.ChoiceField(choices=Relation.choices, required=False)
    party_member = serializers.BooleanField(required=False)
    party_role = serializers.CharField(max_length=60, required=False, allow_blank=True)
    moved_in = serializers.DateField(required=False, allow_null=True)
    tags = tags_field()


class ResidentIn(PersonIn):
    """For a new resident name and relation at least; for a change what is to change, with the version."""

    version = version_field("resident")


class NewResidentIn(PersonIn):
    id = serializers.UUIDField()
    name = serializers.CharField(max_length=50)
    relation = serializers.ChoiceField(choices=Relation.choices)


class MoveInIn(StepIn):
    occupancy = serializers.ChoiceField(choices=Occupancy.choices)
    residents = serializers.ListField(child=NewResidentIn(), required=False, max_length=MOST_RESIDENTS)


class MoveOutIn(StepIn):
    moved_out = serializers.DateField()
    vacant = serializers.UUIDField(required=False, help_text="id of the vacant household to leave behind the door")


class ResidentOutIn(StepIn):
    moved_out = serializers.DateField()


class SplitHouseholdIn(StepIn):
    id = serializers.UUIDField(help_text="of the new household")
    residents = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST_RESIDENTS)
    place = PlaceIn()


class MergeHouseholdIn(StepIn):
    into = serializers.UUIDField()


class LookUpIn(StrictSerializer):
    """One of the two."""

    phone = serializers.RegexField(r"^[0-9+\- ]{3,20}\Z", required=False)
    document = serializers.CharField(max_length=40, required=False)


class WhyIn(StrictSerializer):
    reason = serializers.CharField(max_length=200)
    request_id = serializers.UUIDField(required=False, help_text="a repeat under it is the same look")


class RevealResidentIn(WhyIn):
    what = serializers.MultipleChoiceField(choices=RESIDENT_FIELDS, allow_empty=False)


class RevealBuildingIn(WhyIn):
    what = serializers.MultipleChoiceField(choices=BUILDING_FIELDS, allow_empty=False)


class EnterGroupIn(StrictSerializer):
    request_id = serializers.UUIDField(required=False)
    group = serializers.SlugField(max_length=24, help_text="code of a special group")
    since = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class LeaveGroupIn(StrictSerializer):
    request_id = serializers.UUIDField(required=False)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class BuildingIn(StrictSerializer):
    """For a new building grid, estate and number at least; for a change what is to change, with the version."""

    version = version_field("building")
    grid = serializers.CharField(max_length=20, required=False, help_text="code")
    estate = serializers.CharField(max_length=60, required=False)
    number = serializers.CharField(max_length=30, required=False)
    units = serializers.IntegerField(min_value=1, max_value=100, required=False, allow_null=True)
    floors = serializers.IntegerField(min_value=1, max_value=200, required=False, allow_null=True)
    position = PositionIn(required=False, allow_null=True)
    head_name = serializers.CharField(max_length=50, required=False, allow_blank=True)
    head_phone = serializers.RegexField(PHONE, required=False, allow_blank=True)
    party_group = serializers.CharField(max_length=60, required=False, allow_blank=True)
    is_active = serializers.BooleanField(required=False)


def said_by(body: type[serializers.BaseSerializer[Any]], data: Any) -> dict[str, Any]:
    """The checked body."""
    serializer = body(data=data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
