"""The frame of every write to a report: lock, check, change, record, notify; all or nothing.

    with step(user, report_id, can=Can.DISPATCH_REPORT, version=3, request_id=rid) as now_doing:
        now_doing.move(REPORT, now_doing.report, "accept")
        now_doing.event("accept")

The report's row is the lock for everything that hangs on it, so two steps on one report never interleave and no order
of locks can deadlock.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction

from accounts.models import Department, User
from core.moment import now
from core.problems import Problem
from grids.placement import role_at
from notifications.actions import notify
from notifications.watching import stir
from reports import clocks
from reports.access import get_report
from reports.limits import Limit
from reports.models import Assignment, ChangeRequest, Clock, Event, FieldCheck, Report, SupervisionOrder, Whistle
from reports.models.vocabulary import FieldCheckStatus, Urgency
from reports.transitions import FIELD_CHECK, REPORT, Table


class AlreadyDone(Exception):
    """The person used this request id on this report before, for the step that `event` records.

    Whoever catches it makes sure that it was the same step, or refuses with `request_id_taken`.
    """

    def __init__(self, event: Event) -> None:
        self.event = event
        super().__init__(f"done as {event.kind}")


class Step:
    """One locked report, one actor (None: the system), one moment."""

    def __init__(self, report: Report, actor: User | None, moment: datetime, request_id: UUID | None = None) -> None:
        self.report = report
        self.actor = actor
        self.moment = moment
        self._request_id = request_id
        self._stopped: tuple[int, bool | None] | None = None
        self._moved: tuple[str, str] = ("", "")
        self._clocks_changed = False
        self._dropped_check: FieldCheck | None = None
        self._before = {field.attname: getattr(report, field.attname) for field in report._meta.concrete_fields}

    # -- states ------------------------------------------------------------------------------------------------

    def move(self, table: Table, obj: models.Model, name: str) -> None:
        """Change the state by the table; the caller saves the object.

        A field check is about the state the report is in: when the report leaves it, an open check is cancelled.
        """
        moved = table.move(obj, name)
        if table is REPORT and moved[0] != moved[1] and moved[0] in REPORT.transitions["field_check"].sources:
            self.drop_field_check()
        if table is REPORT or not self._moved[0]:
            self._moved = moved

    def drop_field_check(self, note: str = "") -> None:
        """Cancel the open field check, if there is one; its event and its notice are written at the end of the step."""
        check = FieldCheck.objects.select_related("assignee", "clock").filter(
            report=self.report, status=FieldCheckStatus.ASKED
        )
        self._dropped_check = dropped = check.first()
        if dropped is None:
            return
        FIELD_CHECK.move(dropped, "cancel")
        dropped.ended_at, dropped.note = self.moment, note
        dropped.save()
        clocks.stop(dropped.clock, self.moment, cancelled=True)
        dropped.clock.save()
        self._clocks_changed = True

    # -- clocks ------------------------------------------------------------------------------------------------

    def start_clock(
        self,
        kind: str,
        limit: Limit | float,
        *,
        assignment: Assignment | None = None,
        whistle: Whistle | None = None,
        field_check: FieldCheck | None = None,
        order: SupervisionOrder | None = None,
    ) -> Clock:
        clock = clocks.new_clock(
            kind, limit, self.moment, self.report, assignment=assignment, whistle=whistle, order=order
        )
        clock.field_check = field_check
        clock.save()
        self._clocks_changed = True
        return clock

    def stop_clocks(
        self, kinds: Iterable[str], *, cancelled: bool = False, at: datetime | None = None, **of: Any
    ) -> None:
        """Stop the open clocks of these kinds, narrowed by `assignment=`, `whistle=` or `order=`.

        `at` is the earlier moment that counts where it is only now put on record.
        """
        clocks_open = Clock.objects.filter(report=self.report, kind__in=list(kinds), stopped_at__isnull=True, **of)
        # In a fixed order: the event of the step tells what the last one had used.
        for clock in clocks_open.order_by("pk"):
            stopped = clocks.stop(clock, at or self.moment, cancelled=cancelled)
            clock.save()
            self._stopped = stopped
            self._clocks_changed = True

    def resume_clock(self, clock: Clock) -> None:
        clocks.resume(clock, self.moment)
        clock.save()
        self._clocks_changed = True

    def pause_clock(self, clock: Clock) -> None:
        clocks.pause(clock, self.moment)
        clock.save()
        self._clocks_changed = True

    def extend_clock(self, clock: Clock, seconds: float) -> None:
        clocks.extend(clock, seconds)
        clock.save()
        self._clocks_changed = True

    @contextmanager
    def aside(self) -> Iterator["Step"]:
        """A step of the system within this one, under the same lock: all of it or, if the block raises, nothing.

        What raises leaves the database and the report of this step as they were.
        """
        other = Step(copy(self.report), None, self.moment)
        with transaction.atomic():
            yield other
        for field in self.report._meta.concrete_fields:
            setattr(self.report, field.attname, getattr(other.report, field.attname))
        self._clocks_changed |= other._clocks_changed

    # -- the record and the notices ----------------------------------------------------------------------------

    def event(
        self,
        kind: str,
        *,
        note: str = "",
        unit: Department | None = None,
        assignment: Assignment | None = None,
        whistle: Whistle | None = None,
        change: ChangeRequest | None = None,
        internal: bool = False,
        data: dict[str, Any] | None = None,
    ) -> Event:
        """Append what happened; takes the transition and the stopped clock of this step along, once."""
        used, overdue = self._stopped or (None, None)
        event = Event.objects.create(
            report=self.report,
            at=self.moment,
            kind=kind,
            actor=self.actor,
            actor_role=role_at(self.actor, self.report, unit) if self.actor else "",
            unit=unit,
            from_status=self._moved[0],
            to_status=self._moved[1],
            assignment=assignment,
            whistle=whistle,
            change=change,
            note=note,
            internal=internal,
            working_seconds=used,
            overdue=overdue,
            data=data or {},
            request_id=self._request_id,
        )
        self._request_id, self._stopped, self._moved = None, None, ("", "")
        transaction.on_commit(partial(stir, str(self.report.pk)), robust=True)
        return event

    def notify(
        self,
        recipients: Iterable[User],
        kind: str,
        *,
        urgency: str | None = None,
        subject: str = "report",
        subject_id: object = None,
        group_key: str = "",
        **params: Any,
    ) -> None:
        """Tell people, in this transaction; the report's number, item and place are always said."""
        told = {
            "number": self.report.number,
            "item": self.report.item_name,
            "address": self.report.address,
            "report": str(self.report.pk),
            **params,
        }
        notify(
            list(recipients),
            kind,
            told,
            subject=subject,
            subject_id=str(subject_id if subject_id is not None else self.report.pk),
            group_key=group_key,
            urgency=urgency or Urgency(self.report.urgency),
        )

    def finish(self) -> None:
        """Tell of a field check that ended with this step, and save the report under a new version."""
        dropped = self._dropped_check
        if dropped is not None:
            self.event("field_check_cancelled", note=dropped.note, data={"check": dropped.pk})
            self.notify(
                [dropped.assignee],
                "field_check_cancelled",
                subject="field_check",
                subject_id=dropped.pk,
                note=dropped.note,
            )
        if self._clocks_changed:
            clocks.set_report_light(self.report)
        self.report.version += 1
        # A report has some sixty columns and a step changes a handful.
        changed = [name for name, value in self._before.items() if getattr(self.report, name) != value]
        self.report.save(update_fields=changed)


@contextmanager
def step(
    actor: User,
    report_id: UUID,
    *,
    can: str | None = None,
    version: int | None = None,
    request_id: UUID | None = None,
) -> Iterator[Step]:
    """Lock the report for one step of `actor`.

    Raises `not_found`, `forbidden`, `stale_version` (with the present state), `request_id_taken`; `AlreadyDone` if
    this very request was carried out before.
    """
    try:
        with transaction.atomic():
            report = get_report(actor, report_id, can, lock=True)
            _check_request_id(request_id, actor, report)
            if version is not None and version != report.version:
                raise Problem("stale_version", "version", **REPORT.state(report))
            doing = Step(report, actor, now(), request_id)
            yield doing
            doing.finish()
    except IntegrityError:
        # A step on another report took the id between the look and the insert; the lock holds this report only.
        if request_id is not None and Event.objects.filter(request_id=request_id).exists():
            raise Problem("request_id_taken", "request_id") from None
        raise


def lock_in_order(*report_ids: UUID) -> None:
    """Lock several reports, always in the order of their ids, before the steps on them: so no two can deadlock."""
    rows = Report.all_rows.select_for_update(of=("self",)).filter(pk__in=report_ids).order_by("pk")
    list(rows.values_list("pk"))


@contextmanager
def system_step(report_id: UUID, actor: User | None = None) -> Iterator[Step]:
    """Lock the report for a step nobody took: a deadline that passed; or for one by an `actor` who need not see the
    report, whose right to it the caller has checked."""
    with transaction.atomic():
        report = Report.all_rows.select_for_update(of=("self",)).get(pk=report_id)
        doing = Step(report, actor, now())
        yield doing
        doing.finish()


def _check_request_id(request_id: UUID | None, actor: User, report: Report) -> None:
    if request_id is None:
        return
    done = Event.objects.filter(request_id=request_id).first()
    if done is None:
        return
    if done.report_id == report.pk and done.actor_id == actor.pk:
        raise AlreadyDone(done)
    raise Problem("request_id_taken", "request_id")
