"""What a report goes through: photos, clocks, steps on record."""

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.roles import Role
from core.moment import now
from reports.api.output.named import PersonOut, UnitOut
from reports.clocks import light_at
from reports.models import Clock, Event, Photo
from reports.models.vocabulary import Light
from reports.photos.signing import sign
from reports.step_words import step_in_words


class PhotoOut(serializers.ModelSerializer[Photo]):
    display_url = serializers.SerializerMethodField(help_text="signed, valid for five minutes; null until it arrived")
    thumbnail_url = serializers.SerializerMethodField()
    hidden = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4),
        help_text="what is painted over: x, y, width and height of each box, in parts of the picture",
        read_only=True,
    )

    class Meta:
        model = Photo
        fields = (
            "sha256",
            "size",
            "kind",
            "assignment",
            "field_check",
            "received_at",
            "width",
            "height",
            "taken_at",
            "distance_m",
            "hidden",
            "display_url",
            "thumbnail_url",
        )

    def get_display_url(self, photo: Photo) -> str | None:
        return self._url(photo, "display")

    def get_thumbnail_url(self, photo: Photo) -> str | None:
        return self._url(photo, "thumbnail")

    def _url(self, photo: Photo, variant: str) -> str | None:
        request = self.context.get("request")
        if photo.received_at is None or request is None:
            return None
        return request.build_absolute_uri(reverse("photo-signed", args=[sign(photo.pk, variant, request.user.pk)]))


class ClockOut(serializers.ModelSerializer[Clock]):
    light = serializers.SerializerMethodField()

    class Meta:
        model = Clock
        fields = (
            "id",
            "kind",
            "assignment",
            "whistle",
            "field_check",
            "order",
            "limit_seconds",
            "always",
            "started_at",
            "running",
            "yellow_at",
            "due_at",
            "stopped_at",
            "outcome",
            "exempt",
            "light",
            "overdue_level",
            "segments",
        )

    @extend_schema_field(serializers.ChoiceField(choices=["", Light.GREEN, Light.YELLOW, Light.RED]))
    def get_light(self, clock: Clock) -> str:
        return light_at(clock.due_at, clock.yellow_at, now()) if clock.running else ""


class EventOut(serializers.ModelSerializer[Event]):
    name = serializers.SerializerMethodField(help_text="what the step is called, in words")
    actor = PersonOut(allow_null=True)
    role = serializers.SerializerMethodField(help_text="the role the person acted in, in words")
    unit = UnitOut(allow_null=True)
    request = serializers.IntegerField(source="change_id", allow_null=True)

    class Meta:
        model = Event
        fields = (
            "id",
            "at",
            "kind",
            "name",
            "actor",
            "role",
            "unit",
            "from_status",
            "to_status",
            "assignment",
            "whistle",
            "request",
            "note",
            "internal",
            "working_seconds",
            "overdue",
            "data",
        )

    def get_name(self, event: Event) -> str:
        return step_in_words(event.kind)

    def get_role(self, event: Event) -> str:
        return str(Role(event.actor_role).label) if event.actor_role else ""
