"""Who holds which role where.

An appointment lives with places, not with people: it is where the two meet, and people know nothing of places.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from accounts.roles import Role
from grids.models.areas import Area


class Appointment(models.Model):
    """A role held at an area or at a department, never both. Ended appointments are kept as history.

    Written only by `grids.actions.appointments`, which grants and withdraws the guardian permissions with it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), related_name="appointments", on_delete=models.PROTECT
    )
    role = models.CharField(_("role"), max_length=24, choices=Role)
    area = models.ForeignKey(
        Area, verbose_name=_("area"), related_name="appointments", null=True, blank=True, on_delete=models.PROTECT
    )
    department = models.ForeignKey(
        Department,
        verbose_name=_("department"),
        related_name="appointments",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
    )
    in_charge = models.BooleanField(_("in charge"), default=False)
    on_duty = models.BooleanField(_("duty officer"), default=False, help_text=_("is told when nobody answers"))
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            models.CheckConstraint(
                name="appointment_at_area_or_department",
                condition=models.Q(area__isnull=True, department__isnull=False)
                | models.Q(area__isnull=False, department__isnull=True),
            ),
            models.UniqueConstraint(
                name="appointment_once_at_area",
                fields=["user", "role", "area"],
                condition=models.Q(ended_at__isnull=True, area__isnull=False),
            ),
            models.UniqueConstraint(
                name="appointment_once_at_department",
                fields=["user", "role", "department"],
                condition=models.Q(ended_at__isnull=True, department__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_in_charge_of_an_area",
                fields=["area"],
                condition=models.Q(ended_at__isnull=True, in_charge=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.area or self.department}"
