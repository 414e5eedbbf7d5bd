"""The frame of every write to a household: lock, check, change, record; all or nothing.

    with changing(user, household_id, version=3, request_id=rid) as doing:
        doing.household.occupancy = …
        doing.event(EventKind.EDIT, fields=["occupancy"])

The household's row is the lock for everything that hangs on it: residents, marks, groups, links, and whatever is built
on top. A step on two of them locks both first, in the order of their ids (`lock_in_order`).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.roles import Can
from core.moment import now
from core.problems import Problem
from grids.placement import role_at
from households.access import get_household
from households.actions.counting import keep_counts, standing_of
from households.models import Household, HouseholdEvent, Resident


class AlreadyDone(Exception):
    """The person used this request id on this household before; `event` says for which step."""

    def __init__(self, event: HouseholdEvent) -> None:
        self.event = event
        super().__init__(f"done as {event.kind}")


class Doing:
    """One locked household, one actor (None: the system), one moment."""

    def __init__(
        self, household: Household, actor: User | None, moment: datetime, request_id: UUID | None = None
    ) -> None:
        self.household = household
        self.actor = actor
        self.moment = moment
        self._request_id = request_id
        self._raised = self.saved = False
        self._stood = standing_of(household)

    def event(
        self,
        kind: str,
        *,
        household: Household | None = None,
        resident: Resident | None = None,
        note: str = "",
        restricted: bool = False,
        **data: Any,
    ) -> HouseholdEvent:
        """Put the step on record, on this household or on `household`; the first event carries the request id.

        `data` is kept for ever and never encrypted: no name, number or door may be in it.
        """
        about = household or self.household
        request_id, self._request_id = self._request_id, None
        row = event_of(
            about, self.actor, self.moment, kind, resident=resident, data=data, note=note, restricted=restricted
        )
        row.request_id = request_id
        row.save(force_insert=True)
        return row

    def raise_version(self) -> None:
        """The file is another one now: whoever saw it before has to look again."""
        if not self._raised:
            self.household.version += 1
            self._raised = True

    def save(self) -> None:
        self.household.changed_at = self.moment
        self.household.save()
        stands = standing_of(self.household)
        keep_counts([(self._stood, stands)])
        self._stood, self.saved = stands, True


def event_of(
    household: Household,
    actor: User | None,
    moment: datetime,
    kind: str,
    *,
    resident: Resident | None,
    data: dict[str, Any],
    note: str = "",
    restricted: bool = False,
) -> HouseholdEvent:
    """The row of a step, not saved yet."""
    return HouseholdEvent(
        household=household,
        at=moment,
        kind=kind,
        actor=actor,
        actor_role=role_at(actor, household) if actor else "",
        resident=resident,
        data=data,
        note=note,
        restricted=restricted,
    )


@contextmanager
def changing(
    user: User,
    household_id: UUID,
    *,
    can: str = Can.EDIT_HOUSEHOLDS,
    version: int | None = None,
    request_id: UUID | None = None,
    ended: bool = False,
) -> Iterator[Doing]:
    """One step on an active household, saved at its end; with `ended`, on one that has ended too.

    Raises `not_found`, `forbidden`, `stale_version` (with the present version), `household_ended`, `request_id_taken`;
    `AlreadyDone` if this very request was carried out before.
    """
    try:
        with transaction.atomic():
            household = get_household(user, household_id, can, lock=True)
            _look_for(household, user, request_id)
            check_version(household, version)
            if not household.active and not ended:
                raise Problem("household_ended")
            doing = Doing(household, user, now(), request_id)
            yield doing
            if not doing.saved:
                doing.save()
    except IntegrityError:
        # The same request was under way beside this one.
        _look_for(Household(pk=household_id), user, request_id)
        raise


def check_version(row: Any, version: int | None) -> None:
    """Raise `stale_version` if the row is no longer the one that was seen."""
    if version is not None and version != row.version:
        raise Problem("stale_version", "version", version=row.version)


def lock_in_order(household_ids: Iterable[UUID]) -> None:
    """Hold the rows of several households; inside a transaction, before any step on one of them."""
    rows = Household.objects.filter(pk__in=set(household_ids)).order_by("pk")
    list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))


def _look_for(household: Household, user: User, request_id: UUID | None) -> None:
    if request_id is None:
        return
    done = HouseholdEvent.objects.filter(request_id=request_id).first()
    if done is None:
        return
    if done.household_id != household.pk or done.actor_id != user.pk:
        raise Problem("request_id_taken", "request_id")
    raise AlreadyDone(done)
