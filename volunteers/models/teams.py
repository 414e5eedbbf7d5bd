"""The volunteer team 志愿服务队 and who is in it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from grids.models import Area
from volunteers.models.people import Volunteer


class VolunteerTeam(models.Model):
    """A team of a community or street; often all of one unit."""

    name = models.CharField(_("name"), max_length=80)
    area = models.ForeignKey(Area, verbose_name=_("area"), related_name="+", on_delete=models.PROTECT)
    unit = models.CharField(_("unit"), max_length=80, blank=True, help_text=_("where its members come from"))
    leader = models.ForeignKey(
        Volunteer, verbose_name=_("team leader"), null=True, blank=True, related_name="+", on_delete=models.PROTECT
    )
    skills = models.CharField(_("skills"), max_length=200, blank=True, help_text=_("separated by commas"))
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("volunteer team")
        verbose_name_plural = _("volunteer teams")
        constraints = [models.UniqueConstraint(name="team_name_once_per_area", fields=["area", "name"])]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """Who was in which team from when to when."""

    team = models.ForeignKey(VolunteerTeam, related_name="memberships", on_delete=models.PROTECT)
    volunteer = models.ForeignKey(Volunteer, related_name="memberships", on_delete=models.PROTECT)
    joined_at = models.DateTimeField(_("joined"))
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, related_name="+", on_delete=models.PROTECT)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                name="once_in_a_team", fields=["team", "volunteer"], condition=models.Q(left_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
