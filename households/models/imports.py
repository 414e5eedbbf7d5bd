"""Workbooks of households on their way in: one row per import, the faults found in it, and the file while it waits."""

from django.conf import settings
from django.db import models
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.encryption import EncryptedTextField


class ImportState(models.TextChoices):
    WAITING = "waiting", _("waiting to be checked")
    CHECKED = "checked", _("checked, nothing written yet")
    APPLYING = "applying", _("being written")
    DONE = "done", _("written")
    FAILED = "failed", _("broken off")
    DISCARDED = "discarded", _("discarded")


class ImportRun(models.Model):
    """One workbook: checked as a whole, then written in pieces, each piece with its place in the file.

    `position` counts the rows dealt with in the present pass; while writing it is saved in the transaction of the rows
    themselves, so a run that was broken off goes on behind what stands. The counters tell of the present pass: what
    would be done once it is `checked`, what was done once it is `done`. `claim` and `lease_until` belong to whoever
    works on it. Nothing that a row says is kept here. Written only by `households.actions.imports`.
    """

    id = models.UUIDField(primary_key=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("imported by"), related_name="+", on_delete=models.PROTECT
    )
    made_at = models.DateTimeField(_("time"))
    file_name = models.CharField(_("file"), max_length=120, blank=True)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=12, choices=ImportState, default=ImportState.WAITING)
    take_good_rows = models.BooleanField(_("the good rows only"), default=False)
    rows = models.PositiveIntegerField(_("rows"), default=0, help_text=_("an estimate until all were checked"))
    position = models.PositiveIntegerField(_("rows dealt with"), default=0)
    buildings_new = models.PositiveIntegerField(_("new buildings"), default=0)
    households_new = models.PositiveIntegerField(_("new households"), default=0)
    households_changed = models.PositiveIntegerField(_("changed households"), default=0)
    households_same = models.PositiveIntegerField(_("unchanged households"), default=0)
    residents_new = models.PositiveIntegerField(_("new residents"), default=0)
    residents_changed = models.PositiveIntegerField(_("changed residents"), default=0)
    residents_same = models.PositiveIntegerField(_("unchanged residents"), default=0)
    fault_count = models.PositiveIntegerField(_("faults"), default=0)
    cut = models.BooleanField(default=False, help_text=_("too many faults: the rest was not looked at"))
    failure = models.CharField(_("why broken off"), max_length=40, blank=True)
    finished_at = models.DateTimeField(pgettext_lazy("import", "finished"), null=True, blank=True)
    claim = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import of households")
        verbose_name_plural = _("imports of households")
        indexes = [
            models.Index(fields=["made_by", "-made_at", "id"], name="import_by_maker"),
            models.Index(
                fields=["made_at"], name="import_at_work", condition=models.Q(state__in=["waiting", "applying"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name or self.pk} {localtime(self.made_at):%Y-%m-%d %H:%M}"


COUNTERS = (
    *("buildings_new", "households_new", "households_changed", "households_same"),
    *("residents_new", "residents_changed", "residents_same"),
)


class ImportPiece(models.Model):
    """A piece of an uploaded workbook, encrypted; gone as soon as the import has ended."""

    run = models.ForeignKey(ImportRun, related_name="pieces", on_delete=models.CASCADE, db_index=False)
    number = models.PositiveSmallIntegerField()
    content = EncryptedTextField(help_text="base64")

    class Meta:
        constraints = [models.UniqueConstraint(name="import_piece_order", fields=["run", "number"])]

    def __str__(self) -> str:
        return f"#{self.pk}"


class ImportFault(models.Model):
    """One fault: the row as the spreadsheet counts it, the column as it is headed, a stable code. No value is kept."""

    run = models.ForeignKey(ImportRun, related_name="faults", on_delete=models.CASCADE, db_index=False)
    row = models.PositiveIntegerField(_("row"))
    column = models.CharField(_("column"), max_length=20, blank=True)
    code = models.CharField(_("code"), max_length=40)
    params = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("fault of an import")
        verbose_name_plural = _("faults of an import")
        indexes = [models.Index(fields=["run", "row", "id"], name="import_fault_order")]

    def __str__(self) -> str:
        return f"{self.row} {self.column} {self.code}"
