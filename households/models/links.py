"""Reports that concern a household."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from households.models.households import Household
from reports.models import Report


class HouseholdReport(models.Model):
    """A person's statement that a report concerns a household.

    Never derived from a phone: that would tell every reader of the household's file who had reported.
    """

    household = models.ForeignKey(Household, related_name="links", on_delete=models.PROTECT, db_index=False)
    report = models.ForeignKey(Report, related_name="household_links", on_delete=models.PROTECT)
    linked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("linked by"), related_name="+", on_delete=models.PROTECT
    )
    linked_at = models.DateTimeField(_("linked"))

    class Meta:
        verbose_name = _("report of a household")
        verbose_name_plural = _("reports of households")
        constraints = [models.UniqueConstraint(name="a_report_once_per_household", fields=["household", "report"])]

    def __str__(self) -> str:
        return f"#{self.pk}"
