"""The catalogue of matters: an item, its dated versions, and one standard per source in each version."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from core.moment import now
from reports.limits import Limit, Unit
from reports.models.vocabulary import StandardSource, Urgency


class CatalogueItem(models.Model):
    """事项. The code is kind-class-item, `02-01-003`, after GB/T 30428.2; it never changes and is never used again."""

    class Kind(models.TextChoices):
        COMPONENT = "component", _("component")
        EVENT = "event", _("event")
        REQUEST = "request", _("request")

    code = models.CharField(_("code"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    class_code = models.CharField(_("class code"), max_length=4)
    class_name = models.CharField(_("class"), max_length=60)
    # The first day on which no new report may name it; older reports keep it.
    retired_at = models.DateField(_("retired on"), null=True, blank=True)

    class Meta:
        verbose_name = _("catalogue item")
        verbose_name_plural = _("catalogue items")
        ordering = ["code"]
        indexes = [models.Index(name="item_by_kind", fields=["kind", "code"])]

    def __str__(self) -> str:
        return self.code


class ItemVersionQuerySet(models.QuerySet["ItemVersion"]):
    def current(self, on: date) -> "ItemVersionQuerySet":
        """The versions in force on the day `on` (Asia/Shanghai), at most one per item."""
        return self.filter(in_force(on))

    def for_new_reports(self, on: date) -> "ItemVersionQuerySet":
        """Those of them whose item a new report may name: it is not retired."""
        return self.current(on).exclude(item__retired_at__lte=on)


def in_force(on: date, prefix: str = "") -> Q:
    """The condition of being in force on `on`; `prefix` leads to the version, as `versions__`."""
    return Q(**{f"{prefix}valid_from__lte": on}) & (
        Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gt": on})
    )


class ItemVersion(models.Model):
    """What an item says from `valid_from` until the day before `valid_to`.

    The effective limit and closing condition follow from the standards; the actions that write a version compute
    them once, so that accepting a report reads one row.
    """

    item = models.ForeignKey(
        CatalogueItem, verbose_name=_("catalogue item"), related_name="versions", on_delete=models.PROTECT
    )
    name = models.CharField(_("name"), max_length=80)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid until"), null=True, blank=True, help_text=_("the first day no longer valid"))
    lead_department = models.ForeignKey(
        Department, verbose_name=_("lead department"), null=True, blank=True, on_delete=models.PROTECT
    )
    may_self_handle = models.BooleanField(_("may be self-handled"), default=False)
    urgency = models.CharField(_("urgency"), max_length=12, choices=Urgency, default=Urgency.NORMAL)
    questions = models.JSONField(_("questions"), default=list, blank=True)
    effective_amount = models.DecimalField(_("effective limit"), max_digits=7, decimal_places=2)
    effective_unit = models.CharField(_("unit of the effective limit"), max_length=12, choices=Unit)
    effective_source = models.CharField(_("source of the effective limit"), max_length=16, choices=StandardSource)
    effective_closing = models.TextField(_("effective closing condition"), blank=True)
    created_at = models.DateTimeField(_("created"), default=now)
    created_by = models.ForeignKey(
        User, verbose_name=_("created by"), null=True, blank=True, related_name="+", on_delete=models.PROTECT
    )

    objects = models.Manager.from_queryset(ItemVersionQuerySet)()

    class Meta:
        verbose_name = _("item version")
        verbose_name_plural = _("item versions")
        ordering = ["item", "valid_from"]
        # Both databases enforce this much of "versions do not overlap"; the actions, which extend the chain
        # only at its end and under a lock on the item, give the rest.
        constraints = [
            models.UniqueConstraint(name="one_version_per_item_and_day", fields=["item", "valid_from"]),
            models.UniqueConstraint(name="one_open_version_per_item", fields=["item"], condition=Q(valid_to=None)),
            models.CheckConstraint(
                name="version_valid_for_a_day",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
            ),
            models.CheckConstraint(name="effective_limit_positive", condition=Q(effective_amount__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def effective_limit(self) -> Limit:
        return Limit(Decimal(self.effective_amount), Unit(self.effective_unit))


class ItemStandard(models.Model):
    """What one source demands of a version: the limit, when to file and when to close."""

    version = models.ForeignKey(
        ItemVersion, verbose_name=_("item version"), related_name="standards", on_delete=models.CASCADE
    )
    source = models.CharField(_("source"), max_length=16, choices=StandardSource)
    limit_amount = models.DecimalField(_("limit"), max_digits=7, decimal_places=2)
    limit_unit = models.CharField(_("unit"), max_length=12, choices=Unit)
    filing_condition = models.TextField(_("filing condition"), blank=True)
    closing_condition = models.TextField(_("closing condition"), blank=True)

    class Meta:
        verbose_name = _("standard")
        verbose_name_plural = _("standards")
        ordering = ["source"]
        constraints = [
            models.UniqueConstraint(name="one_standard_per_source", fields=["version", "source"]),
            models.CheckConstraint(name="standard_limit_positive", condition=Q(limit_amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.limit.text()}"

    @property
    def limit(self) -> Limit:
        return Limit(Decimal(self.limit_amount), Unit(self.limit_unit))

    def as_dict(self) -> dict[str, Any]:
        """The standard as it is frozen on a report."""
        return {
            "source": self.source,
            "limit": self.limit.text(),
            "filing_condition": self.filing_condition,
            "closing_condition": self.closing_condition,
        }
