"""A call to a team on a report: a light whistle, without duty and without deadline clocks."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.models import Report
from volunteers.models.people import Volunteer
from volunteers.models.teams import VolunteerTeam
from volunteers.models.vocabulary import AttendanceStatus, ServiceKind, TeamCallStatus


class TeamCall(models.Model):
    """What the team is told stands here in full: its members see this row and nothing of the report.

    `lng` and `lat` are WGS-84 degrees, taken from the report when the call is made.
    """

    report = models.ForeignKey(Report, related_name="team_calls", on_delete=models.PROTECT)
    team = models.ForeignKey(VolunteerTeam, verbose_name=_("team"), related_name="calls", on_delete=models.PROTECT)
    kind = models.CharField(_("kind of service"), max_length=12, choices=ServiceKind)
    status = models.CharField(_("status"), max_length=10, choices=TeamCallStatus, default=TeamCallStatus.OPEN)
    item = models.CharField(_("item"), max_length=100)
    reason = models.TextField(_("what is to be done"), max_length=1000)
    place = models.CharField(_("place"), max_length=200)
    lng = models.FloatField(_("longitude"))
    lat = models.FloatField(_("latitude"))
    wanted = models.PositiveSmallIntegerField(_("people wanted"))
    until = models.DateTimeField(_("until"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("caller"), related_name="+", on_delete=models.PROTECT
    )
    opened_at = models.DateTimeField(_("called at"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("closed by"),
        null=True,
        blank=True,
        related_name="+",
        on_delete=models.PROTECT,
    )
    closed_at = models.DateTimeField(_("ended"), null=True, blank=True)
    note = models.TextField(_("note"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("call to a team")
        verbose_name_plural = _("calls to teams")
        constraints = [
            models.UniqueConstraint(
                name="team_called_once_at_a_time", fields=["report", "team"], condition=models.Q(status="open")
            )
        ]

    def __str__(self) -> str:
        return f"{self.item} #{self.pk}"


class Attendance(models.Model):
    """One member's part in a call, made for everyone in the team when it is called. Distances are metres."""

    call = models.ForeignKey(TeamCall, related_name="attendances", on_delete=models.PROTECT, db_index=False)
    volunteer = models.ForeignKey(Volunteer, related_name="attendances", on_delete=models.PROTECT)
    status = models.CharField(_("status"), max_length=10, choices=AttendanceStatus, default=AttendanceStatus.CALLED)
    note = models.CharField(_("note"), max_length=200, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    lng = models.FloatField(_("longitude"), null=True, blank=True)
    lat = models.FloatField(_("latitude"), null=True, blank=True)
    distance_m = models.FloatField(_("distance"), null=True, blank=True)
    far = models.BooleanField(_("far away"), default=False)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = [models.UniqueConstraint(name="attends_a_call_once", fields=["call", "volunteer"])]

    def __str__(self) -> str:
        return f"#{self.pk}"
