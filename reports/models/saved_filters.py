"""Saved filters 常用筛选 of the lists."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from grids.models import Area


class SavedFilter(models.Model):
    """A person's filter of a list under a name, perhaps shared with the people of one desk or one unit.

    `query` maps a parameter of the list to its values, all texts: `{"status": ["accepted", "in_progress"]}`.
    """

    class Of(models.TextChoices):
        REPORTS = "reports", _("reports")
        ASSIGNMENTS = "assignments", _("assignments")
        WHISTLES = "whistles", _("whistles")

    id = models.UUIDField(primary_key=True)
    version = models.PositiveIntegerField(default=1)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), related_name="saved_filters", on_delete=models.CASCADE
    )
    of = models.CharField(_("list"), max_length=16, choices=Of)
    name = models.CharField(_("name"), max_length=40)
    query = models.JSONField(_("filter"), default=dict)
    shared_area = models.ForeignKey(
        Area,
        verbose_name=_("shared with the desk of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    shared_department = models.ForeignKey(
        Department,
        verbose_name=_("shared with the unit"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("updated"))
    # Kept empty under its id, so that a retried request does not bring it back.
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        constraints = [
            models.CheckConstraint(
                name="filter_shared_with_one",
                condition=models.Q(shared_area__isnull=True) | models.Q(shared_department__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.name
