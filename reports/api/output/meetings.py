"""Joint meetings 联席会议."""

from typing import Any

from rest_framework import serializers

from reports.api.output.named import PersonOut
from reports.models import Meeting


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
