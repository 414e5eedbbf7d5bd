"""The second factor 双因素: a key in the person's authenticator app, and codes on paper for when the phone is gone."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.encryption import EncryptedTextField


class SecondFactor(models.Model):
    """The key of one person (RFC 6238: SHA-1, 6 digits, 30 seconds), in force once a code of it was given.

    `last_step` is the counter of the last code taken: no code is taken twice. `failures` counts wrong codes in a row
    from wherever they come; at the limit of failed log-ins none is taken until `locked_until`.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), related_name="second_factor", on_delete=models.CASCADE
    )
    key = EncryptedTextField(_("key"))
    made_at = models.DateTimeField(_("created"))
    confirmed_at = models.DateTimeField(_("in force since"), null=True, blank=True)
    last_step = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def __str__(self) -> str:
        return f"#{self.pk}"


class RecoveryCode(models.Model):
    """A code that stands in for the app once. Kept as a hash: 80 random bits need no slow one."""

    factor = models.ForeignKey(SecondFactor, related_name="recovery_codes", on_delete=models.CASCADE)
    code_hash = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")

    def __str__(self) -> str:
        return f"#{self.pk}"
