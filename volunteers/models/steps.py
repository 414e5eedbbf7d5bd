"""What was done, in order. Rows are added and never changed."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class StepQuerySet(models.QuerySet["VolunteerStep"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("steps are never changed")

    def delete(self) -> NoReturn:
        raise TypeError("steps are never deleted")


class VolunteerStep(models.Model):
    """One write: who did what with which row. `request_id` is the caller's own id of the request: a repeat finds it."""

    at = models.DateTimeField(_("time"))
    kind = models.CharField(_("step"), max_length=24)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("actor"), related_name="+", on_delete=models.PROTECT
    )
    subject = models.CharField(_("subject"), max_length=20)
    subject_id = models.PositiveBigIntegerField(_("subject id"))
    note = models.TextField(_("note"), blank=True)
    data = models.JSONField(default=dict)
    request_id = models.UUIDField(null=True, unique=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of a volunteer")
        verbose_name_plural = _("steps of volunteers")
        indexes = [models.Index(fields=["subject", "subject_id", "id"], name="step_by_subject")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("steps are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("steps are never deleted")
