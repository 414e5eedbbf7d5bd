"""Who and where, as the API names them: code and name, no more."""

from typing import Any

from rest_framework import serializers


class PlaceOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class PersonOut(serializers.Serializer[Any]):
    username = serializers.CharField()
    name = serializers.CharField(source="full_name")


class UnitOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
