"""Who approves whistles while the leader is away."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from grids.models import Area


class DeputyQuerySet(models.QuerySet["Deputy"]):
    def standing_in(self, moment: datetime) -> Self:
        """Those whose time has come and not passed."""
        return self.filter(starts_at__lte=moment, ends_at__gt=moment)


class Deputy(models.Model):
    """代为审批: for a time the deputy approves, declines and reviews whistles in the leader's stead.

    Ending it early moves `ends_at`. It counts only as long as the leader holds the right.
    """

    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("leader"), on_delete=models.PROTECT, related_name="deputies"
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("stands in"), on_delete=models.PROTECT, related_name="deputy_for"
    )
    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    named_at = models.DateTimeField(_("named"))

    objects = DeputyQuerySet.as_manager()

    class Meta:
        verbose_name = _("deputy approver")
        verbose_name_plural = _("deputies")
        constraints = [
            models.UniqueConstraint(
                name="deputy_named_once", fields=["leader", "deputy", "area", "starts_at", "ends_at"]
            ),
            models.CheckConstraint(
                name="deputy_ends_after_start", condition=models.Q(ends_at__gte=models.F("starts_at"))
            ),
            models.CheckConstraint(name="deputy_is_another", condition=~models.Q(deputy=models.F("leader"))),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} → {self.leader}"
