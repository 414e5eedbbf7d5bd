"""Who saw whose data in full, when, what of it and why. Rows are added and never changed.

It lives with people because everything above writes into it: households, requesters, exports.
"""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AccessKind(models.TextChoices):
    REVEAL = "reveal", _("seen in full")
    LOOKUP = "lookup", _("looked up by number")
    EXPORT = "export", _("exported")


class AccessQuerySet(models.QuerySet["AccessLog"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("the access log is never changed")

    def delete(self) -> NoReturn:
        raise TypeError("the access log is never deleted")


class AccessLog(models.Model):
    """One look. Triggers in the database refuse updates too, and deleting what is younger than 180 days.

    `subject` and `subject_id` name the row that was looked at ("resident" and its id); `fields` the columns seen, never
    their values; `count` the rows of an export and `asked` its conditions. `area_path` is the materialised path of the
    place the data belongs to, kept as text since people know nothing of places: an auditor reads what lies below the
    own node.
    """

    at = models.DateTimeField(_("time"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), related_name="+", on_delete=models.PROTECT, db_index=False
    )
    kind = models.CharField(_("kind"), max_length=8, choices=AccessKind)
    subject = models.CharField(_("subject"), max_length=24)
    subject_id = models.CharField(_("subject id"), max_length=40)
    fields = models.JSONField(_("what"), default=list)
    reason = models.CharField(_("why"), max_length=200, blank=True)
    count = models.PositiveIntegerField(_("rows"), default=1)
    asked = models.JSONField(_("conditions"), null=True)
    area_path = models.CharField(_("place"), max_length=255, blank=True)
    request_id = models.UUIDField(null=True, unique=True)

    objects = AccessQuerySet.as_manager()

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("audit records")
        indexes = [
            models.Index(fields=["subject", "subject_id", "id"], name="access_by_subject"),
            models.Index(fields=["actor", "kind", "at"], name="access_by_actor"),
            models.Index(fields=["at", "id"], name="access_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("the access log is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("the access log is never deleted")
