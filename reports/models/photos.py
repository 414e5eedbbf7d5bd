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
    """A picture of a report, or of a duty or a field check on it; the same bytes may serve each of them."""

    report = models.ForeignKey(Report, related_name="photos", on_delete=models.PROTECT, db_index=False)
    assignment = models.ForeignKey(
        "reports.Assignment", related_name="photos", null=True, blank=True, on_delete=models.PROTECT
    )
    field_check = models.ForeignKey(
        "reports.FieldCheck", related_name="photos", null=True, blank=True, on_delete=models.PROTECT
    )
    distance_m = models.FloatField(_("distance to the report, metres"), null=True, blank=True)
    # Boxes `[x, y, width, height]` as parts of the turned picture; what lies in them is painted over.
    hidden = models.JSONField(_("hidden parts"), default=list, blank=True)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        indexes = [models.Index(name="photo_of_report", fields=["report", "sha256"])]
        constraints = [
            models.UniqueConstraint(
                name="photo_once_per_report",
                fields=["report", "sha256"],
                condition=models.Q(assignment__isnull=True, field_check__isnull=True),
            ),
            # Report-in and result of a duty are told apart by the kind.
            models.UniqueConstraint(
                name="photo_once_per_duty", fields=["assignment", "sha256", "kind", "announced_by"]
            ),
            models.UniqueConstraint(name="photo_once_per_check", fields=["field_check", "sha256"]),
        ]
