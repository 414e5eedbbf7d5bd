"""Calling the requester back 回访."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.models.reports import Report
from reports.models.vocabulary import Satisfaction


class CallbackTry(models.Model):
    """One call: who was reached says whether it is solved and how satisfied they are. Rows are added, never changed.

    `by_requester`: nobody called, the resident said it on the tracking page.
    """

    report = models.ForeignKey(Report, related_name="callback_rows", on_delete=models.PROTECT)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by_requester = models.BooleanField(_("on the tracking page"), default=False)
    reached = models.BooleanField(_("reached"))
    solved = models.BooleanField(_("solved"), null=True, blank=True)
    satisfaction = models.CharField(_("satisfaction"), max_length=12, choices=Satisfaction, blank=True)
    note = models.TextField(_("what was said"), blank=True)

    class Meta:
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        indexes = [models.Index(fields=["at"], name="callback_reached", condition=models.Q(reached=True))]
        constraints = [
            models.CheckConstraint(
                name="callback_says_all_or_nothing",
                condition=models.Q(reached=False, solved__isnull=True, satisfaction="")
                | models.Q(reached=True, solved__isnull=False) & ~models.Q(satisfaction=""),
            ),
            models.CheckConstraint(
                name="callback_by_requester_reached_them",
                condition=models.Q(by_requester=False) | models.Q(by__isnull=True, reached=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.at:%Y-%m-%d %H:%M}"
