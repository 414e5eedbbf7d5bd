"""Patrols 巡查: a check-in inside the grid and, only where the city switched it on, a track that is soon forgotten."""

from django.conf import settings
from django.db import models
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from households.models.placed import Placed
from reports.models.vocabulary import CoordType


class Patrol(Placed):
    """One round, from its check-in to its end, under an id of the phone's own. WGS-84 degrees, and as they came."""

    id = models.UUIDField(primary_key=True)
    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("grid worker"), related_name="+", on_delete=models.PROTECT
    )
    started_at = models.DateTimeField(_("checked in"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    lng = models.FloatField(_("longitude"))
    lat = models.FloatField(_("latitude"))
    raw_lng = models.FloatField()
    raw_lat = models.FloatField()
    coord_type = models.CharField(max_length=8, choices=CoordType)
    accuracy = models.FloatField(null=True, blank=True)
    provider = models.CharField(max_length=20, blank=True)
    body_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("patrol")
        verbose_name_plural = _("patrols")
        constraints = [
            models.CheckConstraint(
                name="patrol_ends_after_its_start",
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("started_at")),
            )
        ]
        indexes = [
            models.Index(fields=["grid", "started_at", "id"], name="patrol_by_grid"),
            models.Index(fields=["street", "started_at", "id"], name="patrol_by_street"),
        ]

    def __str__(self) -> str:
        return f"{localtime(self.started_at):%Y-%m-%d %H:%M}"


class TrackPoint(models.Model):
    """Where a patrol was. Deleted by `purge_tracks` after PATROL_TRACK_DAYS."""

    patrol = models.ForeignKey(Patrol, related_name="points", on_delete=models.CASCADE, db_index=False)
    at = models.DateTimeField()
    lng = models.FloatField()
    lat = models.FloatField()

    class Meta:
        verbose_name = _("point of a track")
        verbose_name_plural = _("points of tracks")
        constraints = [models.UniqueConstraint(name="one_point_at_a_time", fields=["patrol", "at"])]
        indexes = [models.Index(fields=["at"], name="track_point_age")]

    def __str__(self) -> str:
        return f"#{self.pk}"
