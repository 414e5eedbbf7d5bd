"""Credit points 信用积分: the rules and the ledger."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from volunteers.models.people import Volunteer
from volunteers.models.records import ServiceRecord
from volunteers.models.vocabulary import CREDITED, CreditPer


class CreditRule(models.Model):
    """How many points a kind of service or an event brings, on which days.

    A rule in force keeps its numbers, so that the past is always counted as it was; it is ended, and another begins.
    """

    kind = models.CharField(_("for"), max_length=12, choices=CREDITED)
    per = models.CharField(_("per"), max_length=4, choices=CreditPer)
    points = models.PositiveIntegerField(_("points"))
    daily_cap = models.PositiveIntegerField(_("at most a day"), null=True, blank=True)
    valid_from = models.DateField(_("first day"))
    valid_to = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        verbose_name = _("credit rule")
        verbose_name_plural = _("credit rules")
        constraints = [
            models.CheckConstraint(
                name="credit_rule_ends_after_it_begins",
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.get_per_display()} {self.points}"


class EntryQuerySet(models.QuerySet["CreditEntry"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("entries are never changed")

    def delete(self) -> NoReturn:
        raise TypeError("entries are never deleted")


class CreditEntry(models.Model):
    """One line of the ledger; a trigger in the database refuses updates too.

    `source` names what brought it, once: a correction is a contrary entry with a source of its own. `date` is the day
    of the service (Asia/Shanghai), which daily caps and rankings count by.
    """

    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), related_name="credits", on_delete=models.PROTECT, db_index=False
    )
    points = models.IntegerField(_("points"))
    why = models.CharField(_("for"), max_length=12, choices=CREDITED)
    rule = models.ForeignKey(CreditRule, verbose_name=_("rule"), related_name="+", on_delete=models.PROTECT)
    record = models.ForeignKey(
        ServiceRecord,
        verbose_name=_("service record"),
        null=True,
        blank=True,
        related_name="credits",
        on_delete=models.PROTECT,
    )
    source = models.CharField(_("source"), max_length=60, unique=True)
    date = models.DateField(_("date"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), null=True, related_name="+", on_delete=models.PROTECT
    )
    made_at = models.DateTimeField(_("made"))

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("credit entry")
        verbose_name_plural = _("credit entries")
        indexes = [models.Index(fields=["volunteer", "date"], name="credit_by_day")]
        constraints = [models.CheckConstraint(name="an_entry_moves_points", condition=~models.Q(points=0))]

    def __str__(self) -> str:
        return f"{self.points:+d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("entries are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("entries are never deleted")
