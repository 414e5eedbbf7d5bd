"""Photos of a report, announced by hash and size, then received one by one."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.models.reports import Report
from reports.models.vocabulary import PhotoKind


class Picture(models.Model):
    """A picture announced by hash and size. `received_at` is null until its bytes have come; the position is EXIF's,
    WGS-84 degrees. Whatever pictures belong to has a model of its own made of this."""

    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(_("bytes"))
    kind = models.CharField(_("kind"), max_length=12, choices=PhotoKind)
    position = models.PositiveSmallIntegerField(default=0)
    announced_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    announced_at = models.DateTimeField()
    received_at = models.DateTimeField(_("received"), null=True, blank=True)
    format = models.CharField(max_length=8, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    lng = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    distance_m = models.FloatField(_("distance to the place, metres"), null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.sha256[:12]


class Photo(Picture):
    """A picture of a report, or of a duty or a field check on it."""

    report = models.ForeignKey(Report, related_name="photos", on_delete=models.PROTECT, db_index=False)
    assignment = models.ForeignKey(
        "reports.Assignment", related_name="photos", null=True, blank=True, on_delete=models.PROTECT
    )
    field_check = models.ForeignKey(
        "reports.FieldCheck", related_name="photos", null=True, blank=True, on_delete=models.PROTECT
    )
    distance_m = models.FloatField(_("distance to the report, metres"), null=True, blank=True)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        constraints = [models.UniqueConstraint(name="photo_once_per_report", fields=["report", "sha256"])]
