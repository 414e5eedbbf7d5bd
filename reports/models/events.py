"""What happened, in order. Rows are added and never changed."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from reports.models.assignments import Assignment
from reports.models.reports import Report
from reports.models.requests import ChangeRequest
from reports.models.whistles import Whistle


class EventQuerySet(models.QuerySet["Event"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("events are never changed")

    def delete(self) -> NoReturn:
        raise TypeError("events are never deleted")


class Event(models.Model):
    """One step: who, in which role and unit, from where to where, when, with what note.

    A trigger in the database refuses updates too. `working_seconds` is what the clock stopped by this step had used;
    `overdue` whether that was too late. `request_id` is the caller's own id of the request: a repeat finds it.
    """

    report = models.ForeignKey(Report, related_name="events", on_delete=models.PROTECT, db_index=False)
    at = models.DateTimeField(_("time"))
    kind = models.CharField(_("step"), max_length=24)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("actor"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_role = models.CharField(_("role"), max_length=24, blank=True)
    unit = models.ForeignKey(
        Department, verbose_name=_("unit"), null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    from_status = models.CharField(_("status before"), max_length=12, blank=True)
    to_status = models.CharField(_("to"), max_length=12, blank=True)
    assignment = models.ForeignKey(Assignment, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    whistle = models.ForeignKey(Whistle, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    change = models.ForeignKey(
        ChangeRequest, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("request")
    )
    note = models.TextField(_("note"), blank=True)
    internal = models.BooleanField(_("internal"), default=False)
    working_seconds = models.PositiveBigIntegerField(_("working seconds used"), null=True)
    overdue = models.BooleanField(_("overdue"), null=True)
    data = models.JSONField(default=dict)
    request_id = models.UUIDField(null=True, unique=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["report", "id"], name="event_by_report")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("events are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("events are never deleted")
