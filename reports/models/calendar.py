"""The working calendar as rows: which days are worked, and the hours of a worked day."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class WorkingDay(models.Model):
    """Whether a day is worked. A day without a row is reckoned by its weekday, as an estimate."""

    date = models.DateField(_("date"), unique=True)
    working = models.BooleanField(_("working day"))
    # The year was not announced when the row was made; the announcement replaces it.
    estimated = models.BooleanField(_("estimated"), default=False)
    note = models.CharField(_("note"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("working day")
        verbose_name_plural = _("working days")
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d}"


class WorkingPeriod(models.Model):
    """A stretch of work on every working day, Asia/Shanghai; periods do not overlap."""

    start = models.TimeField(_("start"), unique=True)
    end = models.TimeField(_("end"))

    class Meta:
        verbose_name = _("working period")
        verbose_name_plural = _("working periods")
        ordering = ["start"]
        constraints = [
            models.CheckConstraint(name="working_period_runs_forward", condition=models.Q(end__gt=models.F("start")))
        ]

    def __str__(self) -> str:
        return f"{self.start:%H:%M}–{self.end:%H:%M}"


class CalendarVersion(models.Model):
    """One row whose number rises with every change of the calendar.

    Other processes compare it to know that the calendar they hold in memory is old.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(name="one_calendar_version", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return str(self.number)
