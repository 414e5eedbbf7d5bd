"""Visits 走访 to households."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.encryption import EncryptedTextField
from households.models.households import Household
from households.models.levels import RiskLevel
from households.models.placed import Placed
from households.models.vocabulary import COUNTED, VisitResult
from reports.models import Report
from reports.models.photos import Picture
from reports.models.vocabulary import CoordType


class VisitQuerySet(models.QuerySet["Visit"]):
    def counted(self) -> "VisitQuerySet":
        """Those at which somebody was met or the dwelling was seen; only they move the next visit."""
        return self.filter(result__in=COUNTED)

    def answering(self) -> "VisitQuerySet":
        """Those that answered a visit due."""
        return self.counted().filter(due_on__isnull=False)

    def in_time(self) -> "VisitQuerySet":
        return self.answering().filter(visited_on__lte=F("due_on"))

    def late(self) -> "VisitQuerySet":
        return self.answering().filter(visited_on__gt=F("due_on"))

    def delete(self) -> NoReturn:
        raise TypeError("visits are never deleted")


class Visit(Placed):
    """One visit, sent under an id of the phone's own. What was said is never changed (a trigger refuses it).

    The areas are those the household lay in when the visit arrived. `visited_at` is the phone's time and decides,
    `visited_on` its day in Asia/Shanghai, `received_at` the server's. `level` is the colour at the time of the visit,
    whose demands it met. `due_on` is the day by which it was due: it follows from the visit before and is reckoned
    anew when an earlier one arrives late. Position in WGS-84 degrees and as it came; distances in metres.
    """

    id = models.UUIDField(primary_key=True)
    household = models.ForeignKey(
        Household, verbose_name=_("household"), related_name="visits", on_delete=models.PROTECT, db_index=False
    )
    visited_at = models.DateTimeField(_("visited"))
    visited_on = models.DateField(_("day of the visit"))
    received_at = models.DateTimeField(_("received"))
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("sent by"), related_name="+", on_delete=models.PROTECT, db_index=False
    )
    result = models.CharField(_("result"), max_length=12, choices=VisitResult)
    level = models.ForeignKey(
        RiskLevel, verbose_name=_("risk level"), null=True, related_name="+", on_delete=models.PROTECT, db_index=False
    )
    due_on = models.DateField(_("was due"), null=True, blank=True)
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=pgettext_lazy("visit", "named leader"),
        null=True,
        blank=True,
        related_name="+",
        on_delete=models.PROTECT,
        db_index=False,
    )
    visitors = models.ManyToManyField(settings.AUTH_USER_MODEL, verbose_name=_("visitors"), related_name="visits")
    note = EncryptedTextField(_("note"), blank=True)
    measure = EncryptedTextField(_("measure"), blank=True)
    lng = models.FloatField(_("longitude"))
    lat = models.FloatField(_("latitude"))
    raw_lng = models.FloatField()
    raw_lat = models.FloatField()
    coord_type = models.CharField(max_length=8, choices=CoordType)
    accuracy = models.FloatField(null=True, blank=True)
    provider = models.CharField(max_length=20, blank=True)
    distance_m = models.FloatField(_("distance to the household, metres"), null=True, blank=True)
    photos_expected = models.PositiveSmallIntegerField(default=0)
    complete_at = models.DateTimeField(_("complete"), null=True, blank=True)
    follow_up = models.ForeignKey(
        Report, verbose_name=_("follow-up report"), null=True, blank=True, related_name="+", on_delete=models.PROTECT
    )
    body_hash = models.CharField(max_length=64)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        indexes = [
            models.Index(fields=["household", "visited_at", "id"], name="visit_by_household"),
            models.Index(fields=["grid", "visited_at", "id"], name="visit_by_grid"),
            models.Index(fields=["street", "visited_at", "id"], name="visit_by_street"),
            models.Index(fields=["grid", "due_on"], name="visit_by_due", condition=Q(due_on__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.visited_on:%Y-%m-%d}"

    @property
    def counts(self) -> bool:
        return self.result in COUNTED

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("visits are never deleted")


class VisitPhoto(Picture):
    """A picture of a visit, named by hash like those of a report; its key is random, apart from their numbers."""

    id = models.UUIDField(primary_key=True)
    visit = models.ForeignKey(Visit, related_name="photos", on_delete=models.PROTECT, db_index=False)

    class Meta:
        verbose_name = _("photo of a visit")
        verbose_name_plural = _("photos of visits")
        constraints = [models.UniqueConstraint(name="photo_once_per_visit", fields=["visit", "sha256"])]
