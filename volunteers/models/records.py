"""The service record 服务记录."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from grids.models import Area
from volunteers.models.calls import Attendance
from volunteers.models.people import Volunteer
from volunteers.models.vocabulary import RecordStatus, ServiceKind


class RecordQuerySet(models.QuerySet["ServiceRecord"]):
    def delete(self) -> NoReturn:
        raise TypeError("records are never deleted")

    def effective(self) -> "RecordQuerySet":
        """Confirmed and not replaced by a confirmed correction."""
        replaced = models.Exists(self.model._default_manager.filter(corrects=models.OuterRef("pk"), status="confirmed"))
        return self.filter(status=RecordStatus.CONFIRMED).exclude(replaced)


class ServiceRecord(models.Model):
    """One service: proposed by one, confirmed by another, and from then on never changed (a trigger refuses it).

    A mistake is corrected by another record that `corrects` it and has to be confirmed as well; no minutes take the
    service back. `community` is the volunteer's home when the record was made; who works there decides on it.
    """

    volunteer = models.ForeignKey(Volunteer, related_name="records", on_delete=models.PROTECT)
    community = models.ForeignKey(Area, verbose_name=_("community"), related_name="+", on_delete=models.PROTECT)
    kind = models.CharField(_("kind of service"), max_length=12, choices=ServiceKind)
    date = models.DateField(_("date"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    place = models.CharField(_("place"), max_length=200)
    description = models.TextField(_("description"), max_length=1000, blank=True)
    attendance = models.ForeignKey(
        Attendance, null=True, blank=True, related_name="records", on_delete=models.PROTECT, db_index=False
    )
    corrects = models.ForeignKey(
        "self", verbose_name=_("corrects"), null=True, blank=True, related_name="corrections", on_delete=models.PROTECT
    )
    status = models.CharField(_("status"), max_length=10, choices=RecordStatus, default=RecordStatus.PROPOSED)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("proposed by"), related_name="+", on_delete=models.PROTECT
    )
    proposed_at = models.DateTimeField(_("proposed"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        related_name="+",
        on_delete=models.PROTECT,
    )
    decided_at = models.DateTimeField(_("decided on"), null=True, blank=True)
    note = models.TextField(_("note"), max_length=1000, blank=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("service record")
        verbose_name_plural = _("service records")
        indexes = [models.Index(fields=["volunteer", "date"], name="record_by_day")]
        constraints = [
            models.UniqueConstraint(
                name="one_record_of_an_attendance",
                fields=["attendance"],
                condition=models.Q(corrects__isnull=True, attendance__isnull=False),
            ),
            models.UniqueConstraint(
                name="service_entered_once",
                fields=["volunteer", "date", "kind", "place"],
                condition=models.Q(corrects__isnull=True, attendance__isnull=True) & ~models.Q(status="declined"),
            ),
            models.UniqueConstraint(
                name="one_correction_of_a_record",
                fields=["corrects"],
                condition=models.Q(corrects__isnull=False) & ~models.Q(status="declined"),
            ),
            models.CheckConstraint(
                name="confirmed_by_another",
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("proposed_by")),
            ),
            models.CheckConstraint(name="a_day_has_24_hours", condition=models.Q(minutes__lte=1440)),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def hours(self) -> float:
        return round(self.minutes / 60, 2)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("records are never deleted")
