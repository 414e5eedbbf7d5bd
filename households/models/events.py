"""What happened to a household, in order. Rows are added and never changed."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.encryption import EncryptedTextField
from households.models.households import Household
from households.models.residents import Resident
from households.models.vocabulary import EventKind


class HouseholdEventQuerySet(models.QuerySet["HouseholdEvent"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("events are never changed")

    def delete(self) -> NoReturn:
        raise TypeError("events are never deleted")


class HouseholdEvent(models.Model):
    """One step: who, in which role, when, what. A trigger in the database refuses updates too.

    `data` says which fields changed and the plain values of those that are not personal; no name, number or door is
    ever kept in a history that cannot be erased. The note may say more and is encrypted; it alone stays open to be
    encrypted anew with another key. `restricted` events are for holders of `view_special_groups`. `request_id` is the
    caller's own id of the request: a repeat finds it.
    """

    household = models.ForeignKey(Household, related_name="events", on_delete=models.PROTECT, db_index=False)
    at = models.DateTimeField(_("time"))
    kind = models.CharField(_("step"), max_length=16, choices=EventKind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("actor"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_role = models.CharField(_("role"), max_length=24, blank=True)
    resident = models.ForeignKey(Resident, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    data = models.JSONField(default=dict)
    note = EncryptedTextField(_("note"), blank=True)
    restricted = models.BooleanField(default=False)
    request_id = models.UUIDField(null=True, unique=True)

    objects = HouseholdEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event of a household")
        verbose_name_plural = _("events of households")
        indexes = [
            models.Index(fields=["household", "id"], name="household_event_order"),
            models.Index(fields=["at"], name="household_relocated", condition=models.Q(kind="relocate")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("events are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("events are never deleted")
