"""What became of one step on many reports."""

from typing import Any

from rest_framework import serializers


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
