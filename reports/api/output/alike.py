"""Reports that may be the same matter."""

from typing import Any

from rest_framework import serializers


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
