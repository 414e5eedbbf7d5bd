"""What the API takes in. Every step may carry a request id of the caller's own: a repeat under it changes nothing."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from reports.api.input import MomentField, PositionIn, StrictSerializer
from volunteers.models.vocabulary import ServiceKind

PHONE = r"^[0-9+\- ]{3,20}\Z"
MOST_SKILLS = 8
LARGEST_ID = 2**62


def id_field(**options: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=LARGEST_ID, **options)


@extend_schema_field({"type": "array", "items": {"type": "string", "maxLength": 20}, "maxItems": MOST_SKILLS})
class SkillsField(serializers.ListField):
    """A list of short words; stored as one text with commas."""

    child = serializers.CharField(max_length=20, validators=[RegexValidator(r"^[^,]*\Z")])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_SKILLS, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return ",".join(super().to_internal_value(data))


class RequestIn(StrictSerializer):
    request_id = serializers.UUIDField(required=False)


class WithNoteIn(RequestIn):
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class WithReasonIn(RequestIn):
    reason = serializers.CharField(max_length=1000)


class ProfileIn(StrictSerializer):
    display_name = serializers.CharField(
        max_length=50, required=False, allow_blank=True, help_text="what other volunteers see; default 张*"
    )
    phone = serializers.RegexField(PHONE, required=False, allow_blank=True)
    unit = serializers.CharField(max_length=80, required=False, allow_blank=True)
    party_member = serializers.BooleanField(required=False)
    skills = SkillsField(required=False)
    in_ranking = serializers.BooleanField(required=False)


class AskIn(WithNoteIn):
    community = serializers.CharField(max_length=20, help_text="code")


class AccountIn(StrictSerializer):
    full_name = serializers.CharField(max_length=50)
    password = serializers.CharField(max_length=128, trim_whitespace=False, write_only=True)


class EnterIn(RequestIn):
    community = serializers.CharField(max_length=20, help_text="code")
    username = serializers.RegexField(r"^[\w.@+-]{1,150}\Z")
    account = AccountIn(required=False, help_text="makes a new account under the user name")
    profile = ProfileIn(required=False)

    def validate(self, attrs: Any) -> Any:
        account = attrs.get("account")
        if account:
            try:
                validate_password(account["password"], User(username=attrs["username"], full_name=account["full_name"]))
            except ValidationError as exc:
                raise serializers.ValidationError({"account": {"password": list(exc.messages)}}) from exc
        return attrs


class TeamIn(RequestIn):
    area = serializers.CharField(max_length=20, help_text="code of a community or street")
    name = serializers.CharField(max_length=80)
    unit = serializers.CharField(max_length=80, required=False, allow_blank=True)
    skills = SkillsField(required=False)


class TeamChangeIn(RequestIn):
    name = serializers.CharField(max_length=80, required=False)
    unit = serializers.CharField(max_length=80, required=False, allow_blank=True)
    skills = SkillsField(required=False)
    is_active = serializers.BooleanField(required=False)
    leader = id_field(required=False, allow_null=True, help_text="id of a member")


class MemberIn(RequestIn):
    volunteer = id_field()


class CallIn(RequestIn):
    report = serializers.UUIDField()
    team = id_field()
    kind = serializers.ChoiceField(choices=ServiceKind.choices)
    reason = serializers.CharField(max_length=1000, help_text="what is to be done; the members read it")
    place = serializers.CharField(max_length=200, help_text="all the members learn of the address")
    wanted = serializers.IntegerField(min_value=1, max_value=1000)
    until = MomentField()
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, help_text="of the report")


class HoursIn(StrictSerializer):
    attendance = id_field()
    hours = serializers.FloatField(min_value=0, max_value=24, help_text="0: did not help")


class CloseCallIn(WithNoteIn):
    hours = serializers.ListField(
        child=HoursIn(), required=False, max_length=1000, help_text="others count as checked in and out"
    )


class AnswerIn(RequestIn):
    coming = serializers.BooleanField()
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class CheckInIn(RequestIn):
    position = PositionIn()


class RecordIn(RequestIn):
    volunteer = id_field(required=False, help_text="default: oneself")
    kind = serializers.ChoiceField(choices=ServiceKind.choices)
    date = serializers.DateField()
    hours = serializers.FloatField(min_value=0, max_value=24)
    place = serializers.CharField(max_length=200)
    description = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class CorrectIn(WithReasonIn):
    kind = serializers.ChoiceField(choices=ServiceKind.choices, required=False)
    date = serializers.DateField(required=False)
    hours = serializers.FloatField(min_value=0, max_value=24, required=False, help_text="0 takes the service back")
    place = serializers.CharField(max_length=200, required=False)


class RankingIn(serializers.Serializer[Any]):
    area = serializers.CharField(max_length=20, required=False, help_text="code")
    team = id_field(required=False)
    start = serializers.DateField(required=False, help_text="first day; default: the first of this month")
    end = serializers.DateField(required=False, help_text="last day; default: today")

    def validate(self, attrs: Any) -> Any:
        if ("area" in attrs) == ("team" in attrs):
            raise serializers.ValidationError({"area": [_("Choose an area or a team, one of the two.")]})
        return attrs


def minutes_of(hours: float) -> int:
    return round(hours * 60)
