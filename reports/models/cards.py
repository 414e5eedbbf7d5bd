"""Yellow and red cards 黄牌/红牌 of units, and the rules by which the system gives them."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from reports.models.reports import Report
from reports.models.supervision import SupervisionOrder
from reports.models.vocabulary import CardColour, CardTrigger


class CardQuerySet(models.QuerySet["Card"]):
    def delete(self) -> NoReturn:
        raise TypeError("cards are revoked, never deleted")


class Card(models.Model):
    """A card of a unit, given by a rule (`given_by` is null) or by hand. It is revoked with a reason, never deleted."""

    department = models.ForeignKey(Department, verbose_name=_("department"), on_delete=models.PROTECT, db_index=False)
    colour = models.CharField(_("colour"), max_length=6, choices=CardColour)
    trigger = models.CharField(_("given for"), max_length=16, choices=CardTrigger, blank=True)
    report = models.ForeignKey(Report, verbose_name=_("report"), related_name="cards", on_delete=models.PROTECT)
    order = models.ForeignKey(
        SupervisionOrder, related_name="cards", null=True, blank=True, on_delete=models.PROTECT, db_index=False
    )
    reason = models.TextField(_("reason"), max_length=1000, blank=True)
    given_at = models.DateTimeField(_("given"))
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("given by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("revoked by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    revoked_reason = models.TextField(_("reason for revoking"), max_length=1000, blank=True)

    objects = CardQuerySet.as_manager()

    class Meta:
        verbose_name = _("card")
        verbose_name_plural = _("cards")
        indexes = [models.Index(fields=["department", "-id"], name="card_by_department")]

    def __str__(self) -> str:
        return f"{self.get_colour_display()} #{self.pk}"

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("cards are revoked, never deleted")


class CardRule(models.Model):
    """When the system gives a card. Of yellow cards `count` within `within_days` give one; every other trigger gives
    one each time. `reports.supervision_defaults` ships the first rows."""

    trigger = models.CharField(_("given for"), max_length=16, choices=CardTrigger)
    colour = models.CharField(_("colour"), max_length=6, choices=CardColour)
    count = models.PositiveSmallIntegerField(_("number of yellow cards"), default=1)
    within_days = models.PositiveSmallIntegerField(_("within, days"), default=90)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("card rule")
        verbose_name_plural = _("card rules")
        constraints = [
            models.UniqueConstraint(name="card_rule_once", fields=["trigger", "colour"]),
            models.CheckConstraint(name="card_rule_counts", condition=models.Q(count__gte=1, within_days__gte=1)),
            # Yellow cards that give yellow cards would never end.
            models.CheckConstraint(
                name="yellows_give_red", condition=~models.Q(trigger="yellows") | models.Q(colour="red")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_trigger_display()}: {self.get_colour_display()}"
