"""The duty roster 值班表: who answers for a place or a unit from when until when."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from grids.models.areas import Area


class DutyRole(models.TextChoices):
    MAIN = "main", _("in charge of the shift")
    DEPUTY = "deputy", _("deputy")


class DutyShift(models.Model):
    """One person's turn at an area or at a department, never both; half-open, `starts_at` to `ends_at`.

    Written only by `grids.actions.duty`, which keeps turns from overlapping. A turn called off stays as history.
    """

    id = models.UUIDField(primary_key=True)
    version = models.PositiveIntegerField(default=1)
    area = models.ForeignKey(
        Area, verbose_name=_("area"), related_name="duty_shifts", null=True, blank=True, on_delete=models.PROTECT
    )
    department = models.ForeignKey(
        Department,
        verbose_name=_("department"),
        related_name="duty_shifts",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), related_name="duty_shifts", on_delete=models.PROTECT
    )
    role = models.CharField(_("role on duty"), max_length=8, choices=DutyRole, default=DutyRole.MAIN)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    phone = models.CharField(_("phone on duty"), max_length=40, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("entered"))
    cancelled_at = models.DateTimeField(_("called off"), null=True, blank=True)

    class Meta:
        verbose_name = _("duty shift")
        verbose_name_plural = _("duty shifts")
        constraints = [
            models.CheckConstraint(
                name="duty_at_area_or_department",
                condition=models.Q(area__isnull=True, department__isnull=False)
                | models.Q(area__isnull=False, department__isnull=True),
            ),
            models.CheckConstraint(name="duty_runs_forward", condition=models.Q(ends_at__gt=models.F("starts_at"))),
        ]
        indexes = [
            models.Index(
                name="duty_at_area", fields=["area", "ends_at"], condition=models.Q(cancelled_at__isnull=True)
            ),
            models.Index(
                name="duty_at_department",
                fields=["department", "ends_at"],
                condition=models.Q(cancelled_at__isnull=True),
            ),
            models.Index(name="duty_of_person", fields=["person", "ends_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_role_display()}"
