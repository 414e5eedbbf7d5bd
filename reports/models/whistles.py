"""The whistle 吹哨: a call for departments to come."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from grids.models import Area
from reports.models.reports import Report
from reports.models.vocabulary import WhistleKind, WhistleLevel, WhistleStatus


class Whistle(models.Model):
    """`called` is the request as drafted: `[{"department": id, "role": "lead"|"assist"}]`; the duties that follow
    from it are assignments, made when the whistle is blown. A next round is a row of its own."""

    report = models.ForeignKey(Report, related_name="whistles", on_delete=models.PROTECT)
    kind = models.CharField(_("kind"), max_length=10, choices=WhistleKind)
    level = models.CharField(_("level"), max_length=12, choices=WhistleLevel)
    status = models.CharField(_("status"), max_length=10, choices=WhistleStatus, default=WhistleStatus.DRAFT)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    previous = models.OneToOneField(
        "self", verbose_name=_("previous round"), null=True, blank=True, on_delete=models.PROTECT, related_name="next"
    )
    calling_area = models.ForeignKey(Area, verbose_name=_("called by"), on_delete=models.PROTECT, related_name="+")
    # On a whistle of a department's: that department; the area is then the street in which it calls.
    calling_department = models.ForeignKey(
        Department,
        verbose_name=_("called by the department"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    reason = models.TextField(_("reason"), max_length=1000)
    called = models.JSONField(_("called"), default=list)
    meeting_at = models.DateTimeField(_("time of meeting"), null=True, blank=True)
    meeting_place = models.CharField(_("place of meeting"), max_length=200, blank=True)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(_("drafted"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_note = models.TextField(_("note on the decision"), blank=True)
    # The leader in whose stead a deputy decided.
    decided_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    blown_at = models.DateTimeField(_("blown"), null=True, blank=True)
    report_in_due = models.DateTimeField(_("report in by"), null=True, blank=True)
    handling_at = models.DateTimeField(_("handling since"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("result submitted"), null=True, blank=True)
    rated_at = models.DateTimeField(_("rated"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    # 事后审核 of an emergency whistle, which nobody approved before.
    reviewed_at = models.DateTimeField(_("reviewed afterwards"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    justified = models.BooleanField(_("justified"), null=True, blank=True)
    review_note = models.TextField(_("note on the review"), blank=True)

    class Meta:
        verbose_name = _("whistle")
        verbose_name_plural = _("whistles")
        indexes = [
            models.Index(fields=["status", "-id"], name="whistle_by_status"),
            models.Index(fields=["blown_at"], name="whistle_blown", condition=models.Q(blown_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"
