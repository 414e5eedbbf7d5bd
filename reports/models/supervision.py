"""Supervision orders 督办."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from reports.models.clocks import Clock
from reports.models.reports import Report
from reports.models.vocabulary import SupervisionKind


class SupervisionOrder(models.Model):
    """An order that needs a reply. A clock that turns red opens exactly one; `level` rises with each further limit."""

    report = models.ForeignKey(Report, related_name="supervision_orders", on_delete=models.PROTECT)
    clock = models.OneToOneField(
        Clock, related_name="supervision_order", null=True, blank=True, on_delete=models.PROTECT
    )
    kind = models.CharField(_("kind"), max_length=10, choices=SupervisionKind)
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.PROTECT
    )
    level = models.PositiveSmallIntegerField(_("level"), default=1)
    reason = models.TextField(_("reason"), blank=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("opened"))
    reply = models.TextField(_("reply"), blank=True)
    replied_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    replied_at = models.DateTimeField(_("replied"), null=True, blank=True)

    class Meta:
        verbose_name = _("supervision order")
        verbose_name_plural = _("supervision orders")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"
