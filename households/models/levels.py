"""The colours 网格五色, as data."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from households.models.vocabulary import Standing


class RiskLevel(models.Model):
    """One colour: how often it is visited, by how many, who proposes it and who confirms it.

    A city edits these rows; the ones shipped (`households.defaults`) are a default to be adjusted. Higher ranks weigh
    more. `confirms` is empty where nobody has to.
    """

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=20)
    meaning = models.CharField(_("meaning"), max_length=60, blank=True)
    colour = models.CharField(_("colour"), max_length=7, validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z")])
    rank = models.PositiveSmallIntegerField(_("rank"), unique=True)
    visit_days = models.PositiveSmallIntegerField(_("visit every (days)"))
    min_visitors = models.PositiveSmallIntegerField(_("visitors at least"), default=1)
    proposes = models.CharField(pgettext_lazy("colour", "proposed by"), max_length=12, choices=Standing)
    confirms = models.CharField(_("confirmed by"), max_length=12, choices=Standing, blank=True)
    note_required = models.BooleanField(_("service note required"), default=False)
    measure_required = models.BooleanField(_("measure recorded"), default=False)
    leader_required = models.BooleanField(_("named leader"), default=False)
    on_daily_list = models.BooleanField(_("on the daily list"), default=False)
    duty = models.CharField(_("duty"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("risk level")
        verbose_name_plural = _("risk levels")
        constraints = [
            models.CheckConstraint(
                name="risk_level_is_visited", condition=models.Q(visit_days__gte=1, min_visitors__gte=1)
            )
        ]

    def __str__(self) -> str:
        return self.name
