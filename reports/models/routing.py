"""派单规则: who is to be given what, as rows a desk writes for its own place."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from grids.models import Area


class RoutingMode(models.TextChoices):
    SUGGEST = "suggest", _("suggest")
    AUTOMATIC = "automatic", _("automatic")


class RoutingOff(models.TextChoices):
    """Why a rule that was on switched itself off."""

    DEPARTMENT_CLOSED = "department_closed", _("a department it names was closed")
    PERSON_INACTIVE = "person_inactive", _("a person it names has left")
    PERSON_ELSEWHERE = "person_elsewhere", _("a person it names no longer works here")
    NOT_OURS = "not_ours", _("a department it names is no longer under this place")
    FAILED = "failed", _("it could not be carried out")


class RoutingRule(models.Model):
    """One rule of the desk of `area`. `reports.routing` says what `conditions` hold and in which order rules are asked.

    `targets` is `[{"role": "lead"|"assist"|"notify", "department": id} | {"role": …, "assignee": id}]`, one lead.
    A rule that was changed is off until it has been tried again. Written only by `reports.actions.routing`.
    """

    area = models.ForeignKey(Area, verbose_name=_("place"), related_name="+", on_delete=models.PROTECT, db_index=False)
    position = models.PositiveSmallIntegerField(
        _("place in the order"), validators=[MinValueValidator(1)], help_text=_("the first rule that fits is taken")
    )
    name = models.CharField(_("name"), max_length=80)
    mode = models.CharField(_("mode"), max_length=10, choices=RoutingMode, default=RoutingMode.SUGGEST)
    conditions = models.JSONField(_("conditions"), default=dict, blank=True)
    targets = models.JSONField(_("targets"), default=list)
    instruction = models.TextField(_("instruction"), max_length=1000, blank=True)
    is_active = models.BooleanField(_("switched on"), default=False)
    off_reason = models.CharField(_("switched itself off because"), max_length=20, choices=RoutingOff, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("changed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        constraints = [models.UniqueConstraint(name="one_rule_per_position", fields=["area", "position"])]

    def __str__(self) -> str:
        return self.name
