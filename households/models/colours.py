"""What becomes of a household's colour: changes, the periods they make, and what a grid has of which."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.encryption import EncryptedTextField
from grids.models import Area
from households.models.households import Household
from households.models.levels import RiskLevel
from households.models.vocabulary import ColourStatus, Standing


class ColourReason(models.Model):
    """Why a colour is changed; shipped by `households.defaults`, edited by the city."""

    code = models.SlugField(_("code"), max_length=24, unique=True)
    name = models.CharField(_("name"), max_length=30)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("reason for a colour")
        verbose_name_plural = _("reasons for colours")

    def __str__(self) -> str:
        return self.name


class KeptQuerySet(models.QuerySet[Any]):
    def delete(self) -> NoReturn:
        raise TypeError("the history of colours is never deleted")


class ColourChange(models.Model):
    """One change of colour: proposed by one, decided by another.

    What was proposed is never changed, a decision never taken back (a trigger refuses it); both notes are encrypted.
    `needs` is the standing that has to confirm, as the levels said when it was proposed; empty: whoever confirms at
    all. `upwards` is in effect from the proposal on. A graver one supersedes it while it waits, and gives way to it
    again when it is refused or withdrawn. Confirmed with nobody in `decided_by`: nobody had to. Without a reason: it
    followed from a merge.
    """

    household = models.ForeignKey(
        Household, verbose_name=_("household"), related_name="colour_changes", on_delete=models.PROTECT, db_index=False
    )
    from_level = models.ForeignKey(
        RiskLevel,
        verbose_name=pgettext_lazy("colour", "from"),
        null=True,
        related_name="+",
        on_delete=models.PROTECT,
        db_index=False,
    )
    to_level = models.ForeignKey(
        RiskLevel,
        verbose_name=pgettext_lazy("colour", "to"),
        related_name="+",
        on_delete=models.PROTECT,
        db_index=False,
    )
    upwards = models.BooleanField(_("graver"))
    reason = models.ForeignKey(
        ColourReason, verbose_name=_("reason"), null=True, related_name="+", on_delete=models.PROTECT, db_index=False
    )
    note = EncryptedTextField(_("note"), blank=True)
    needs = models.CharField(_("confirmed by"), max_length=12, choices=Standing, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=ColourStatus, default=ColourStatus.PROPOSED)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=pgettext_lazy("colour", "proposed by"),
        related_name="+",
        on_delete=models.PROTECT,
    )
    proposed_at = models.DateTimeField(pgettext_lazy("colour", "proposed"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        related_name="+",
        on_delete=models.PROTECT,
    )
    decided_at = models.DateTimeField(_("decided on"), null=True, blank=True)
    decision_note = EncryptedTextField(_("note on the decision"), blank=True)
    superseded_by = models.ForeignKey("self", null=True, blank=True, related_name="+", on_delete=models.PROTECT)

    objects = KeptQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of colour")
        verbose_name_plural = _("changes of colour")
        constraints = [
            models.UniqueConstraint(
                name="one_open_colour_change", fields=["household"], condition=models.Q(status="proposed")
            ),
            models.CheckConstraint(
                name="proposer_never_confirms",
                condition=~models.Q(status__in=("confirmed", "refused"))
                | models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("proposed_by")),
            ),
            models.CheckConstraint(
                name="no_downgrade_without_confirmation",
                condition=~models.Q(status="confirmed") | models.Q(upwards=True) | models.Q(decided_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["household", "id"], name="colour_change_order"),
            models.Index(fields=["id"], name="colour_change_open", condition=models.Q(status="proposed")),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("the history of colours is never deleted")


class ColourPeriod(models.Model):
    """The colour a household is treated by from this moment on; never changed. Empty: none any more."""

    household = models.ForeignKey(Household, related_name="colour_periods", on_delete=models.PROTECT, db_index=False)
    level = models.ForeignKey(RiskLevel, null=True, related_name="+", on_delete=models.PROTECT, db_index=False)
    since = models.DateTimeField()

    objects = KeptQuerySet.as_manager()

    class Meta:
        verbose_name = _("period of a colour")
        verbose_name_plural = _("periods of a colour")
        indexes = [models.Index(fields=["household", "since", "id"], name="colour_period_order")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class GridColour(models.Model):
    """How many active households of a grid have a colour: in effect, and as last confirmed.

    Derived, and kept in the transaction of every step that changes it (`households.actions.counting`).
    """

    grid = models.ForeignKey(Area, related_name="colours", on_delete=models.PROTECT, db_index=False)
    level = models.ForeignKey(RiskLevel, related_name="+", on_delete=models.PROTECT, db_index=False)
    households = models.PositiveIntegerField(_("households"), default=0)
    confirmed = models.PositiveIntegerField(_("confirmed"), default=0)

    class Meta:
        verbose_name = _("colour of a grid")
        verbose_name_plural = _("colours of grids")
        constraints = [models.UniqueConstraint(name="a_colour_once_per_grid", fields=["grid", "level"])]

    def __str__(self) -> str:
        return f"#{self.pk}"


class SuggestionRule(models.Model):
    """When a colour is suggested. Only a person sets one; a rule without a colour graver than the present says nothing.

    `least` reports or visits within `days`; for an overdue visit, more than `days` days.
    """

    class Kind(models.TextChoices):
        OPEN_REPORT = "open_report", _("open report of a kind")
        REPEATED = "repeated", _("repeated reports")
        MISSED = "missed", _("visits in vain")
        OVERDUE = "overdue", _("visit long overdue")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    words = models.CharField(
        _("words"), max_length=200, blank=True, help_text=_("in the name of the report's item, with commas")
    )
    least = models.PositiveSmallIntegerField(_("at least"), default=1)
    days = models.PositiveSmallIntegerField(_("days"), default=30)
    level = models.ForeignKey(RiskLevel, verbose_name=_("suggested colour"), related_name="+", on_delete=models.CASCADE)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("rule for suggesting colours")
        verbose_name_plural = _("rules for suggesting colours")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} → {self.level}"
