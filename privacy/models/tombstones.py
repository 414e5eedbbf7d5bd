"""What remains of a person whose data was erased. Rows are added and never changed."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TombstoneQuerySet(models.QuerySet["Tombstone"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("tombstones are never changed")

    def delete(self) -> NoReturn:
        raise TypeError("tombstones are never deleted")


class Tombstone(models.Model):
    """What was erased, when, why and by whom (nobody: by the end of its retention); never a value of it.

    A trigger in the database refuses updates too. `fields` names the columns emptied.
    """

    class Subject(models.TextChoices):
        HOUSEHOLD = "household", _("household")
        RESIDENT = "resident", _("resident")
        REQUESTER = "requester", _("requester")

    subject = models.CharField(_("subject"), max_length=12, choices=Subject)
    subject_id = models.CharField(_("subject id"), max_length=40)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by whom"), null=True, related_name="+", on_delete=models.PROTECT
    )
    reason = models.CharField(_("reason"), max_length=200)
    fields = models.JSONField(_("what"), default=list)

    objects = TombstoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("tombstone")
        verbose_name_plural = _("tombstones")
        constraints = [models.UniqueConstraint(name="erased_once", fields=["subject", "subject_id"])]
        indexes = [models.Index(fields=["at", "id"], name="tombstone_by_time")]

    def __str__(self) -> str:
        return f"{self.subject} {self.at:%Y-%m-%d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("tombstones are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("tombstones are never deleted")
