"""The person who logs in."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):  # type: ignore[django-manager-missing]  # the plugin misses knox's
    """A member of staff. What a person may do comes from appointments, not from this row."""

    full_name = models.CharField(_("name"), max_length=50)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    duty_phone = models.CharField(
        _("duty phone"), max_length=20, blank=True, help_text=_("shown to residents on boards and cards; empty: none")
    )
    language = models.CharField(_("language"), max_length=10, default="zh-hans")

    first_name = None  # type: ignore[assignment]  # a Chinese name is one field
    last_name = None  # type: ignore[assignment]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.full_name or self.username

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name
