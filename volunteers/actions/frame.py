"""The frame of every write about volunteers: a repeat is found, and what was done is on record; all or nothing.

    with doing(user, "confirm_record", record_id, request_id=rid) as step:
        …
        step.about("record", record.pk)

What a step locks is its own: the volunteer's row for all that is theirs, the call's row for a call, and before a call's
the report's row where the report gets an event. In this order, so that no two steps wait for each other.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from core.moment import now
from core.problems import Problem
from notifications.actions import notify
from volunteers.models import VolunteerStep


class AlreadyDone(Exception):
    """The person used this request id before, for the same step on the same row."""

    def __init__(self, step: VolunteerStep) -> None:
        self.step = step
        super().__init__(f"done as {step.kind}")


class Doing:
    """One step by one person at one moment."""

    def __init__(self, actor: User, kind: str, request_id: UUID | None) -> None:
        self.actor = actor
        self.kind = kind
        self.moment = now()
        self.record = VolunteerStep(at=self.moment, kind=kind, actor=actor, request_id=request_id)

    def about(self, subject: str, subject_id: int, *, note: str = "", **data: Any) -> None:
        """What the step was about, for the record."""
        self.record.subject, self.record.subject_id = subject, subject_id
        self.record.note, self.record.data = note, data

    def tell(
        self,
        people: Iterable[User],
        notice: str,
        /,
        *,
        subject: str,
        subject_id: int,
        urgency: str = "normal",
        **said: Any,
    ) -> None:
        """Tell people but the actor, in this transaction."""
        notify(
            [one for one in people if one.pk != self.actor.pk],
            notice,
            said,
            subject=subject,
            subject_id=subject_id,
            group_key=f"{subject}:{subject_id}",
            urgency=urgency,
        )


@contextmanager
def doing(actor: User, kind: str, subject_id: int | None = None, *, request_id: UUID | None = None) -> Iterator[Doing]:
    """One step; `subject_id` where it is on a row that is there already.

    Raises `request_id_taken`; `AlreadyDone` if this very request was carried out before.
    """
    try:
        with transaction.atomic():
            _look_for(request_id, actor, kind, subject_id)
            step = Doing(actor, kind, request_id)
            yield step
            step.record.save()
    except (IntegrityError, Problem):
        # The same request may have been under way beside this one, and be done now.
        _look_for(request_id, actor, kind, subject_id)
        raise


def _look_for(request_id: UUID | None, actor: User, kind: str, subject_id: int | None) -> None:
    if request_id is None:
        return
    done = VolunteerStep.objects.filter(request_id=request_id).first()
    if done is None:
        return
    same = done.actor_id == actor.pk and done.kind == kind and subject_id in (None, done.subject_id)
    if not same:
        raise Problem("request_id_taken", "request_id")
    raise AlreadyDone(done)
