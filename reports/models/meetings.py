"""The joint meeting 联席会议 of a whistle."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.models.whistles import Whistle


class Meeting(models.Model):
    """What was said and decided at one meeting; a further meeting is a row of its own, and none is changed.

    `attendance` is `[{"assignment": id, "unit": name, "attended": bool, "person": name}]`, `decisions`
    `[{"assignment": id, "unit": name, "role": role, "instruction": text, "limit": text}]`: the duties they became.
    """

    whistle = models.ForeignKey(Whistle, verbose_name=_("whistle"), related_name="meetings", on_delete=models.PROTECT)
    held_at = models.DateTimeField(_("held"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    minutes = models.TextField(_("minutes"))
    attendance = models.JSONField(_("attendance"), default=list)
    decisions = models.JSONField(_("decisions"), default=list)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("joint meeting")
        verbose_name_plural = _("joint meetings")

    def __str__(self) -> str:
        return f"{self.whistle_id} {self.held_at:%Y-%m-%d %H:%M}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("minutes are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("minutes are never deleted")
