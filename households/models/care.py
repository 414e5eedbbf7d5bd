"""Care tags 关爱标签 on households and residents, and special groups 特殊人群 in a table of their own."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.encryption import EncryptedTextField
from households.models.households import Household
from households.models.residents import Resident


class CareTag(models.Model):
    """A word for why a household needs care; shipped by `households.defaults`, edited by the city."""

    code = models.SlugField(_("code"), max_length=24, unique=True)
    name = models.CharField(_("name"), max_length=30)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("care tag")
        verbose_name_plural = _("care tags")

    def __str__(self) -> str:
        return self.name


class CareMark(models.Model):
    """A tag on a household, or on one of its residents: one table, so that a file reads all of them at once."""

    household = models.ForeignKey(Household, related_name="marks", on_delete=models.PROTECT, db_index=False)
    resident = models.ForeignKey(
        Resident, related_name="marks", null=True, blank=True, on_delete=models.PROTECT, db_index=False
    )
    tag = models.ForeignKey(CareTag, related_name="marks", on_delete=models.PROTECT, db_index=False)

    class Meta:
        verbose_name = _("care mark")
        verbose_name_plural = _("care marks")
        constraints = [
            models.UniqueConstraint(
                name="one_mark_per_household",
                fields=["household", "tag"],
                condition=models.Q(resident__isnull=True),
            ),
            models.UniqueConstraint(
                name="one_mark_per_resident",
                fields=["resident", "tag"],
                condition=models.Q(resident__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["household"], name="mark_by_household"),
            models.Index(fields=["tag", "household"], name="mark_by_tag"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class SpecialGroup(models.Model):
    """A group whose members have a right to be known to few; shipped by `households.defaults`."""

    code = models.SlugField(_("code"), max_length=24, unique=True)
    name = models.CharField(_("name"), max_length=30)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("special group")
        verbose_name_plural = _("special groups")

    def __str__(self) -> str:
        return self.name


class SpecialGroupEntry(models.Model):
    """A resident in a special group, seen and kept by holders of `view_special_groups` only."""

    resident = models.ForeignKey(Resident, related_name="groups", on_delete=models.PROTECT, db_index=False)
    group = models.ForeignKey(SpecialGroup, verbose_name=_("special group"), related_name="+", on_delete=models.PROTECT)
    since = models.DateField(_("since"), null=True, blank=True)
    note = EncryptedTextField(_("note"), blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), related_name="+", on_delete=models.PROTECT
    )
    entered_at = models.DateTimeField(_("entered"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("entry in a special group")
        verbose_name_plural = _("entries in special groups")
        constraints = [
            models.UniqueConstraint(
                name="once_in_a_group", fields=["resident", "group"], condition=models.Q(ended_at__isnull=True)
            )
        ]
        indexes = [models.Index(fields=["resident"], name="group_by_resident")]

    def __str__(self) -> str:
        return f"#{self.pk}"
