"""One unit's duty on one report."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from reports.models.reports import Report
from reports.models.vocabulary import AssignmentRole, AssignmentStatus
from reports.models.whistles import Whistle


def _score(name: Any) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        name, null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )


class Assignment(models.Model):
    """派单: to a department, or to one of its people (`assignee`). `active` is false once another replaced it.

    A unit may hand it on 转办 to one of its people or to a unit below: `department` and `assignee` say who has it in
    hand now, `handed_from` to which unit it was given.

    Holds the latest report-in, result and rating; earlier ones stay in the events.
    """

    report = models.ForeignKey(Report, related_name="assignments", on_delete=models.PROTECT)
    whistle = models.ForeignKey(Whistle, related_name="assignments", null=True, blank=True, on_delete=models.PROTECT)
    role = models.CharField(_("role"), max_length=8, choices=AssignmentRole)
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.PROTECT, db_index=False
    )
    # The unit the duty was given to, while a unit below it has it in hand.
    handed_from = models.ForeignKey(
        Department,
        verbose_name=_("handed on by"),
        related_name="+",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assignee"),
        related_name="assignments",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
    )
    status = models.CharField(_("status"), max_length=12, choices=AssignmentStatus, default=AssignmentStatus.ISSUED)
    active = models.BooleanField(default=True)
    instruction = models.TextField(_("instruction"), blank=True)
    issued_at = models.DateTimeField(_("issued"))
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(_("signed for"), null=True, blank=True)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    reported_in_at = models.DateTimeField(_("reported in"), null=True, blank=True)
    reported_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reported_in_lng = models.FloatField(null=True, blank=True)
    reported_in_lat = models.FloatField(null=True, blank=True)
    reported_in_distance_m = models.FloatField(_("distance to the report, metres"), null=True, blank=True)
    reported_in_far = models.BooleanField(_("far away"), default=False)
    reported_in_late = models.BooleanField(_("late"), default=False)

    leave_asked_at = models.DateTimeField(_("asked to leave"), null=True, blank=True)
    released_at = models.DateTimeField(_("released from the place"), null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    left_at = models.DateTimeField(_("left the place"), null=True, blank=True)
    # Stays on record when the unit comes back.
    left_unreleased = models.BooleanField(_("left without release"), default=False)

    taken_up_at = models.DateTimeField(_("taken up"), null=True, blank=True)
    discussed_with = models.CharField(_("discussed with"), max_length=200, blank=True)
    measures = models.TextField(_("measures"), blank=True)
    solved_by = models.DateTimeField(_("solved by"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("result submitted"), null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    rework_count = models.PositiveSmallIntegerField(_("reworks"), default=0)
    waived_reason = models.TextField(_("reason for the waiver"), blank=True)

    rating_response = _score(_("response"))
    rating_attendance = _score(_("attendance"))
    rating_result = _score(_("result"))
    rating_comment = models.TextField(_("comment"), blank=True)
    rated_at = models.DateTimeField(_("rated"), null=True, blank=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        indexes = [
            models.Index(fields=["department", "-id"], name="assignment_by_department"),
            models.Index(fields=["assignee", "-id"], name="assignment_by_assignee"),
            # Units called in a period.
            models.Index(fields=["issued_at"], name="assignment_called", condition=models.Q(whistle__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                name="assignment_has_a_unit",
                condition=models.Q(department__isnull=False) | models.Q(assignee__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_lead_per_report",
                fields=["report"],
                condition=models.Q(role="lead", active=True, whistle__isnull=True),
            ),
            models.UniqueConstraint(
                name="one_lead_per_whistle",
                fields=["whistle"],
                condition=models.Q(role="lead", active=True, whistle__isnull=False),
            ),
            models.UniqueConstraint(
                name="department_once_per_whistle",
                fields=["whistle", "department"],
                condition=models.Q(active=True, whistle__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.role} {self.department_id or self.assignee_id}"
