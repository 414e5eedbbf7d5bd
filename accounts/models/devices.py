"""The devices people are logged in on: one token each, revocable one by one."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken


class Device(AbstractAuthToken):
    """A knox token with the name of the device that holds it. `last_used_at` moves at most once an hour."""

    name = models.CharField(_("device"), max_length=80, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")

    def __str__(self) -> str:
        return self.name or self.token_key
