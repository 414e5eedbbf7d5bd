"""Field checks 核查/核实: somebody goes and looks."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.models.reports import Report
from reports.models.vocabulary import FieldCheckStage, FieldCheckStatus


class FieldCheck(models.Model):
    """One question to one person: is the report true, before it is accepted; is the result true, before it is closed?

    At most one is open on a report. `confirmed`, the note and the position (WGS-84 degrees) are the answer.
    """

    report = models.ForeignKey(Report, related_name="field_checks", on_delete=models.PROTECT)
    stage = models.CharField(_("stage"), max_length=8, choices=FieldCheckStage)
    status = models.CharField(_("status"), max_length=10, choices=FieldCheckStatus, default=FieldCheckStatus.ASKED)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person asked"),
        related_name="field_checks",
        on_delete=models.PROTECT,
        db_index=False,
    )
    instruction = models.TextField(_("instruction"), blank=True)
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("answered or cancelled"), null=True, blank=True)
    confirmed = models.BooleanField(_("confirmed"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    lng = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    distance_m = models.FloatField(_("distance to the report, metres"), null=True, blank=True)
    far = models.BooleanField(_("far away"), default=False)

    class Meta:
        verbose_name = _("field check")
        verbose_name_plural = _("field checks")
        indexes = [models.Index(fields=["assignee", "-id"], name="field_check_by_assignee")]
        constraints = [
            models.UniqueConstraint(
                name="one_field_check_open", fields=["report"], condition=models.Q(status=FieldCheckStatus.ASKED)
            ),
            models.CheckConstraint(
                name="field_check_answered_says_which",
                condition=models.Q(status=FieldCheckStatus.ANSWERED, confirmed__isnull=False)
                | (~models.Q(status=FieldCheckStatus.ANSWERED) & models.Q(confirmed__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.stage} {self.assignee_id}"
