"""The volunteer 志愿者 and the registration 报到 with a community."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.encryption import EncryptedTextField
from grids.models import Area
from volunteers.models.vocabulary import RegistrationStatus


class Volunteer(models.Model):
    """What a person is as a volunteer. The person is a `User`, whom this row gives no capability whatever.

    Its row is the lock for everything of this person: registrations, memberships, records and credits.
    `home` is the community of the confirmed registration, kept here so that lists and rankings need no join to it.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), related_name="volunteer", on_delete=models.PROTECT
    )
    display_name = models.CharField(_("display name"), max_length=50, help_text=_("what other volunteers see"))
    phone = EncryptedTextField(_("phone"), blank=True)
    unit = models.CharField(_("unit"), max_length=80, blank=True, help_text=_("where the person is employed"))
    party_member = models.BooleanField(_("in-service party member"), default=False)
    skills = models.CharField(_("skills"), max_length=200, blank=True, help_text=_("separated by commas"))
    in_ranking = models.BooleanField(_("shown in rankings"), default=True)
    home = models.ForeignKey(
        Area, verbose_name=_("home community"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("volunteer")
        verbose_name_plural = _("volunteers")

    def __str__(self) -> str:
        return self.display_name


class Registration(models.Model):
    """One reporting-in of a volunteer to a community, from the asking to its end. Rows are kept as history."""

    volunteer = models.ForeignKey(Volunteer, related_name="registrations", on_delete=models.PROTECT)
    community = models.ForeignKey(Area, verbose_name=_("community"), related_name="+", on_delete=models.PROTECT)
    status = models.CharField(_("status"), max_length=10, choices=RegistrationStatus, default=RegistrationStatus.ASKED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), related_name="+", on_delete=models.PROTECT
    )
    asked_at = models.DateTimeField(_("asked"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        related_name="+",
        on_delete=models.PROTECT,
    )
    decided_at = models.DateTimeField(_("decided on"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    note = models.TextField(_("note"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints = [
            models.UniqueConstraint(
                name="one_registration_asked", fields=["volunteer"], condition=models.Q(status="asked")
            ),
            models.UniqueConstraint(
                name="one_home_at_a_time", fields=["volunteer"], condition=models.Q(status="confirmed")
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
