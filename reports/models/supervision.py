"""Supervision orders 督办."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from reports.models.clocks import Clock
from reports.models.reports import Report
from reports.models.vocabulary import OrderStatus, SupervisionKind


class SupervisionOrder(models.Model):
    """An order that needs a reply. A clock that turns red opens exactly one; `level` rises with each further limit.

    Holds the latest reply; earlier ones stay in the events. `linked` are other reports it is about.
    """

    report = models.ForeignKey(
        Report, verbose_name=_("report"), related_name="supervision_orders", on_delete=models.PROTECT
    )
    clock = models.OneToOneField(
        Clock, related_name="supervision_order", null=True, blank=True, on_delete=models.PROTECT
    )
    kind = models.CharField(_("kind"), max_length=10, choices=SupervisionKind)
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.PROTECT
    )
    status = models.CharField(_("status"), max_length=10, choices=OrderStatus, default=OrderStatus.OPEN)
    linked = models.ManyToManyField(Report, verbose_name=_("linked reports"), related_name="linked_orders", blank=True)
    level = models.PositiveSmallIntegerField(_("level"), default=1)
    reason = models.TextField(_("reason"), blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("opened by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField(_("opened"))
    reply = models.TextField(_("reply"), blank=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("replied by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    replied_at = models.DateTimeField(_("replied"), null=True, blank=True)

    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    decided_at = models.DateTimeField(_("reply decided"), null=True, blank=True)
    sent_back = models.PositiveSmallIntegerField(_("times sent back"), default=0)

    class Meta:
        verbose_name = _("supervision order")
        verbose_name_plural = _("supervision orders")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"
