"""申请: what a unit asks for beyond its duty, and how it was decided."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.models.assignments import Assignment
from reports.models.reports import Report
from reports.models.vocabulary import RequestKind, RequestStatus

_Q = models.Q


class ChangeRequest(models.Model):
    """Return 退单, extension 延期, waiver 免除 and appeal 申诉 are about a duty, suspension 挂账 about the report.

    `data` is what its kind needs: `before` (the duty's state before a return), `clock` (of an extension), `until` (the
    end date of a suspension), `clocks` (that were overdue, of an appeal), and what was decided. `next_at` is when
    `supervise` must act: the end of a suspension.
    """

    report = models.ForeignKey(Report, related_name="requests", on_delete=models.PROTECT)
    assignment = models.ForeignKey(
        Assignment,
        verbose_name=_("assignment"),
        related_name="requests",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
    )
    kind = models.CharField(_("kind"), max_length=12, choices=RequestKind)
    status = models.CharField(_("status"), max_length=10, choices=RequestStatus, default=RequestStatus.PENDING)
    reason = models.TextField(_("reason"), max_length=1000)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked by"), on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_note = models.TextField(_("note on the decision"), blank=True)
    data = models.JSONField(default=dict, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        indexes = [
            models.Index(fields=["status", "-id"], name="request_by_status"),
            models.Index(fields=["next_at", "id"], name="request_next", condition=_Q(next_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_pending_request_of_a_duty",
                fields=["assignment", "kind"],
                condition=_Q(status="pending", assignment__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_pending_request_of_a_report",
                fields=["report", "kind"],
                condition=_Q(status="pending", assignment__isnull=True),
            ),
            models.UniqueConstraint(
                name="suspended_once", fields=["report"], condition=_Q(kind="suspension", status="granted")
            ),
            models.UniqueConstraint(
                name="appealed_once",
                fields=["assignment"],
                condition=_Q(kind="appeal", status__in=["pending", "granted", "refused"]),
            ),
            models.CheckConstraint(
                name="a_suspension_is_of_the_report",
                condition=_Q(kind="suspension", assignment__isnull=True)
                | (~_Q(kind="suspension") & _Q(assignment__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"
