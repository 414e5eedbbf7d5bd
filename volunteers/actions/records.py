"""Service records: entered, confirmed by another, and corrected by further records only."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Sum

from accounts.models import User
from core.problems import Problem
from volunteers.access import demand, desk_of, found, locked, runs, visible_records, visible_volunteers
from volunteers.actions.credits import local_date, settle
from volunteers.actions.frame import Doing, doing
from volunteers.models import ServiceRecord, Volunteer
from volunteers.models.vocabulary import RecordStatus
from volunteers.transitions import RECORD

DAY_MINUTES = 24 * 60


def propose(
    user: User,
    volunteer_id: int | None,
    *,
    kind: str,
    date: date,
    minutes: int,
    place: str,
    description: str = "",
    request_id: UUID | None = None,
) -> ServiceRecord:
    """Enter a service by hand: one's own (`volunteer_id` None) or, for a desk, of a volunteer at home there.

    Raises `not_a_volunteer`, `unknown_volunteer`, `not_registered`, `service_date`, `no_hours`, `too_many_hours`,
    `service_twice`.
    """
    with doing(user, "propose_record", request_id=request_id) as step:
        volunteer = _served(user, volunteer_id)
        if volunteer.home is None:
            raise Problem("not_registered", "volunteer")
        demand(volunteer.user_id == user.pk or runs(user, volunteer.home))
        if minutes < 1:
            raise Problem("no_hours", "hours")
        _check_day(volunteer, date, minutes, step)
        # A service that came from a call is on record by that.
        known = ServiceRecord.objects.filter(volunteer=volunteer, date=date, kind=kind, place=place)
        if known.filter(attendance__isnull=False).exclude(status=RecordStatus.DECLINED).exists():
            raise Problem("service_twice", "date")
        try:
            with transaction.atomic():
                record = ServiceRecord.objects.create(
                    volunteer=volunteer,
                    community=volunteer.home,
                    kind=kind,
                    date=date,
                    minutes=minutes,
                    place=place,
                    description=description,
                    proposed_by=user,
                    proposed_at=step.moment,
                )
        except IntegrityError as exc:
            raise Problem("service_twice", "date") from exc
        _ask(step, record)
        step.about("record", record.pk)
    return record


def confirm(user: User, record_id: int, note: str = "", *, request_id: UUID | None = None) -> ServiceRecord:
    """The community confirms, and the points are entered. Raises `own_matter`, `proposed_it`."""
    with doing(user, "confirm_record", record_id, request_id=request_id) as step:
        record = _to_decide(user, record_id)
        _decide(step, record, "confirm", note)
        book(step, record)
        _tell(step, record, "service_confirmed", hours=f"{record.hours:g}")
    return record


def decline(user: User, record_id: int, reason: str, *, request_id: UUID | None = None) -> ServiceRecord:
    """The community does not confirm. Raises `own_matter`, `proposed_it`."""
    with doing(user, "decline_record", record_id, request_id=request_id) as step:
        record = _to_decide(user, record_id)
        _decide(step, record, "decline", reason)
        _tell(step, record, "service_declined", note=reason)
    return record


def correct(
    user: User,
    record_id: int,
    changes: dict[str, Any],
    reason: str,
    *,
    request_id: UUID | None = None,
) -> ServiceRecord:
    """Propose what a confirmed record should have said; any of kind, date, minutes, place. No minutes take it back.

    Raises `not_confirmed`, `already_corrected`, `service_date`, `too_many_hours`.
    """
    with doing(user, "correct_record", request_id=request_id) as step:
        wrong = found(visible_records(user), record_id)
        volunteer = locked(wrong.volunteer_id)
        wrong.refresh_from_db()
        if wrong.status != RecordStatus.CONFIRMED:
            raise Problem("not_confirmed")
        said = {name: changes.get(name, getattr(wrong, name)) for name in ("kind", "date", "minutes", "place")}
        _check_day(volunteer, said["date"], said["minutes"], step, instead_of=wrong)
        try:
            with transaction.atomic():
                record = ServiceRecord.objects.create(
                    volunteer=volunteer,
                    community_id=wrong.community_id,
                    attendance_id=wrong.attendance_id,
                    corrects=wrong,
                    description=reason,
                    proposed_by=user,
                    proposed_at=step.moment,
                    **said,
                )
        except IntegrityError as exc:
            raise Problem("already_corrected") from exc
        _ask(step, record)
        step.about("record", record.pk, note=reason, corrects=wrong.pk)
    return record


def book(step: Doing, record: ServiceRecord) -> None:
    """Bring the ledger up to date with a record just confirmed. Under the volunteer's lock."""
    days = {record.date}
    if record.corrects is not None:
        days.add(record.corrects.date)
    settle(record.volunteer, days, record, step.actor, step.moment)


def _served(user: User, volunteer_id: int | None) -> Volunteer:
    rows = Volunteer.objects.select_for_update(of=("self",)).select_related("home").defer("home__geometry")
    if volunteer_id is None:
        own = rows.filter(user=user).first()
        if own is None:
            raise Problem("not_a_volunteer")
        return own
    if not visible_volunteers(user).filter(pk=volunteer_id).exists():
        raise Problem("unknown_volunteer", "volunteer")
    return rows.get(pk=volunteer_id)


def _check_day(
    volunteer: Volunteer, day: date, minutes: int, step: Doing, instead_of: ServiceRecord | None = None
) -> None:
    today, back = local_date(step.moment), settings.GRIDWHISTLE["SERVICE_BACK_DAYS"]
    unchanged = instead_of is not None and instead_of.date == day
    if not unchanged and not today - timedelta(days=back) <= day <= today:
        raise Problem("service_date", "date", params={"days": back})
    same_day = ServiceRecord.objects.filter(volunteer=volunteer, date=day)
    others = same_day.effective() | same_day.filter(status=RecordStatus.PROPOSED, corrects__isnull=True)
    if instead_of is not None:
        others = others.exclude(pk=instead_of.pk)
    if (others.aggregate(total=Sum("minutes"))["total"] or 0) + minutes > DAY_MINUTES:
        raise Problem("too_many_hours", "hours")


def _to_decide(user: User, record_id: int) -> ServiceRecord:
    """The record under its volunteer's lock, for one who runs the community and has no part in it."""
    rows = visible_records(user).select_related("community", "corrects", "volunteer__user")
    rows = rows.defer("community__geometry")
    record = found(rows, record_id)
    demand(runs(user, record.community))
    if record.volunteer.user_id == user.pk:
        raise Problem("own_matter")
    if record.proposed_by_id == user.pk:
        raise Problem("proposed_it")
    locked(record.volunteer_id)
    return rows.get(pk=record_id)


def _decide(step: Doing, record: ServiceRecord, name: str, note: str) -> None:
    RECORD.move(record, name)
    record.decided_by, record.decided_at, record.note = step.actor, step.moment, note
    record.save(update_fields=["status", "decided_by", "decided_at", "note"])
    step.about("record", record.pk, note=note)


def _ask(step: Doing, record: ServiceRecord) -> None:
    step.tell(
        [one for one in desk_of(record.community) if one.pk != record.volunteer.user_id],
        "service_proposed",
        subject="service_record",
        subject_id=record.pk,
        name=record.volunteer.display_name,
        kind=record.kind,
        date=f"{record.date:%Y-%m-%d}",
        hours=f"{record.hours:g}",
    )


def _tell(step: Doing, record: ServiceRecord, kind: str, **said: Any) -> None:
    step.tell(
        [record.volunteer.user],
        kind,
        subject="service_record",
        subject_id=record.pk,
        kind=record.kind,
        date=f"{record.date:%Y-%m-%d}",
        **said,
    )
