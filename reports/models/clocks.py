"""Deadlines as rows, and the limits they start with."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.limits import Unit
from reports.models.assignments import Assignment
from reports.models.field_checks import FieldCheck
from reports.models.reports import Report
from reports.models.vocabulary import ClockKind, ClockOutcome, Light
from reports.models.whistles import Whistle


class Clock(models.Model):
    """One running or past deadline.

    `segments` is `[[start, end or null], …]` in ISO 8601: the stretches in which it ran. Every other time here can
    be recomputed from the limit and the segments (`reports.clocks.reckon`). `next_at` is when `supervise` must act
    next; it is null while the clock is paused or stopped.
    """

    report = models.ForeignKey(Report, related_name="clocks", on_delete=models.PROTECT)
    assignment = models.ForeignKey(
        Assignment, related_name="clocks", null=True, blank=True, on_delete=models.PROTECT, db_index=False
    )
    whistle = models.ForeignKey(
        Whistle, related_name="clocks", null=True, blank=True, on_delete=models.PROTECT, db_index=False
    )
    field_check = models.OneToOneField(
        FieldCheck, related_name="clock", null=True, blank=True, on_delete=models.PROTECT
    )
    # The order whose reply this clock waits for; the order that a red clock opened points the other way.
    order = models.ForeignKey(
        "SupervisionOrder",
        related_name="reply_clocks",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=16, choices=ClockKind)
    limit_seconds = models.PositiveBigIntegerField(
        _("limit"), help_text=_("seconds; working seconds unless it always runs")
    )
    always = models.BooleanField(_("always runs"))
    started_at = models.DateTimeField(_("started"))
    segments = models.JSONField(default=list)
    running = models.BooleanField(default=True)
    half_at = models.DateTimeField(null=True, blank=True)
    yellow_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=ClockOutcome, blank=True)
    # An appeal was granted: figures count the lateness as none, and the outcome stays what it was.
    exempt = models.BooleanField(_("exempt"), default=False)
    light = models.CharField(_("light"), max_length=10, choices=Light, default=Light.GREEN)
    overdue_level = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("clock")
        verbose_name_plural = _("clocks")
        indexes = [
            models.Index(fields=["next_at", "id"], name="clock_next", condition=models.Q(next_at__isnull=False)),
            # What figures call overdue, and late.
            models.Index(
                fields=["report", "due_at"],
                name="clock_handling",
                condition=models.Q(kind=ClockKind.HANDLE, stopped_at__isnull=True),
            ),
            models.Index(
                fields=["report", "kind"],
                name="clock_late",
                condition=models.Q(outcome=ClockOutcome.OVERDUE, exempt=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_clock_of_a_report",
                fields=["report", "kind"],
                condition=models.Q(
                    stopped_at__isnull=True, assignment__isnull=True, whistle__isnull=True, order__isnull=True
                ),
            ),
            models.UniqueConstraint(
                name="one_clock_of_an_assignment",
                fields=["assignment", "kind"],
                condition=models.Q(stopped_at__isnull=True, assignment__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_clock_of_a_whistle",
                fields=["whistle", "kind"],
                condition=models.Q(stopped_at__isnull=True, whistle__isnull=False, assignment__isnull=True),
            ),
            models.UniqueConstraint(
                name="one_clock_of_an_order",
                fields=["order", "kind"],
                condition=models.Q(stopped_at__isnull=True, order__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.report_id}"


class ClockRule(models.Model):
    """A city's own limit in place of the default in `reports.rules.DEFAULT_LIMITS`."""

    key = models.CharField(_("rule"), max_length=40, unique=True)
    amount = models.DecimalField(_("amount"), max_digits=8, decimal_places=2)
    unit = models.CharField(_("unit"), max_length=12, choices=Unit)

    class Meta:
        verbose_name = _("clock rule")
        verbose_name_plural = _("clock rules")

    def __str__(self) -> str:
        return f"{self.key}: {self.amount} {self.unit}"
