"""A team is called to a report, its members answer and come, and the caller confirms their hours.

The report stays as it is: a team never has a duty on it, least of all the lead. Its timeline says that a team was
called, who arrived, and how it ended.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import User
from core.problems import Problem
from grids.coordinates import distance_m, to_wgs84
from reports.actions.step import step as report_step
from reports.actions.step import system_step
from reports.actions.submit import Position
from volunteers.access import RUNS, own_calls, runs, visible_calls
from volunteers.actions.credits import LOCAL, local_date
from volunteers.actions.frame import Doing, doing
from volunteers.actions.records import book
from volunteers.models import Attendance, ServiceRecord, TeamCall, Volunteer, VolunteerTeam
from volunteers.models.vocabulary import AttendanceStatus, RecordStatus
from volunteers.transitions import ATTENDANCE, REPORT_OF_CALL, TEAM_CALL

DAY_MINUTES = 24 * 60


def open_call(
    user: User,
    report_id: UUID,
    team_id: int,
    *,
    kind: str,
    reason: str,
    place: str,
    wanted: int,
    until: datetime,
    version: int | None = None,
    request_id: UUID | None = None,
) -> TeamCall:
    """Call a team of one's own area to a report; every member gets a bell. `place` is all they learn of the address.

    Raises `not_found`, `forbidden`, `stale_version`, `transition_refused`, `unknown_team`, `until_in_future`,
    `team_empty`, `already_calling`.
    """
    with (
        doing(user, "call_team", request_id=request_id) as own,
        report_step(user, report_id, can=RUNS, version=version) as on_report,
    ):
        report = on_report.report
        REPORT_OF_CALL.check(report, "call_team")
        longest = settings.GRIDWHISTLE["TEAM_CALL_DAYS"]
        if not own.moment < until <= own.moment + timedelta(days=longest):
            raise Problem("until_in_future", "until", params={"days": longest})
        rows = VolunteerTeam.objects.select_related("area").defer("area__geometry")
        team = rows.filter(pk=team_id, is_active=True).first()
        if team is None or not runs(user, team.area):
            raise Problem("unknown_team", "team")
        members = list(
            Volunteer.objects.filter(memberships__team=team, memberships__left_at__isnull=True, user__is_active=True)
            .select_related("user")
            .order_by("pk")
        )
        if not members:
            raise Problem("team_empty", "team")
        try:
            with transaction.atomic():
                call = TeamCall.objects.create(
                    report=report,
                    team=team,
                    kind=kind,
                    item=report.item_name,
                    reason=reason,
                    place=place,
                    lng=report.lng,
                    lat=report.lat,
                    wanted=wanted,
                    until=until,
                    opened_by=user,
                    opened_at=own.moment,
                )
        except IntegrityError as exc:
            raise Problem("already_calling", "team") from exc
        Attendance.objects.bulk_create(Attendance(call=call, volunteer=member) for member in members)
        own.tell(
            [member.user for member in members],
            "team_called",
            subject="team_call",
            subject_id=call.pk,
            urgency=report.urgency,
            item=call.item,
            place=call.place,
            reason=call.reason,
            until=f"{until.astimezone(LOCAL):%m-%d %H:%M}",
        )
        on_report.event("call_team", note=reason, data={"call": call.pk, "team": team.name, "wanted": wanted})
        own.about("team_call", call.pk)
    return call


def answer(user: User, call_id: int, coming: bool, note: str = "", *, request_id: UUID | None = None) -> Attendance:
    """A member can come or cannot; the mind may be changed until the call's end. Saying the same again is nothing new.

    Raises `not_found`, `call_over`, `transition_refused`.
    """
    with doing(user, "answer_call", call_id, request_id=request_id) as own:
        part = _part(user, call_id)
        _check_running(part.call, own)
        wished = AttendanceStatus.COMING if coming else AttendanceStatus.DECLINED
        if part.status != wished:
            ATTENDANCE.move(part, "come" if coming else "decline")
        part.answered_at, part.note = own.moment, note
        part.save(update_fields=["status", "answered_at", "note"])
        own.about("team_call", call_id, note=note, coming=coming)
    return part


def check_in(user: User, call_id: int, position: Position, *, request_id: UUID | None = None) -> Attendance:
    """A member is on the spot; far away is flagged, not refused. The report's timeline says who arrived.

    Raises `not_found`, `call_over`, `transition_refused`.
    """
    lng, lat = to_wgs84(position.lng, position.lat, position.coord_type)
    with doing(user, "check_in", call_id, request_id=request_id) as own:
        report_id = _call_of(user, call_id).report_id
        with system_step(report_id, user) as on_report:
            part = _part(user, call_id)
            _check_running(part.call, own)
            ATTENDANCE.move(part, "check_in")
            distance = distance_m(lng, lat, part.call.lng, part.call.lat)
            part.arrived_at = own.moment
            part.lng, part.lat, part.distance_m = lng, lat, distance
            part.far = distance > settings.GRIDWHISTLE["FAR_FROM_REPORT_METRES"] + (position.accuracy or 0)
            part.save()
            on_report.event(
                "team_arrived",
                data={
                    "call": call_id,
                    "team": part.call.team.name,
                    "distance_m": round(distance, 1),
                    "far": part.far,
                },
            )
        own.about("team_call", call_id)
    return part


def check_out(user: User, call_id: int, *, request_id: UUID | None = None) -> Attendance:
    """A member leaves the spot. Raises `not_found`, `transition_refused`."""
    with doing(user, "check_out", call_id, request_id=request_id) as own:
        part = _part(user, call_id)
        TEAM_CALL.check(part.call, "answer")
        ATTENDANCE.move(part, "check_out")
        part.left_at = own.moment
        part.save(update_fields=["status", "left_at"])
        own.about("team_call", call_id)
    return part


def close_call(
    user: User,
    call_id: int,
    minutes: Mapping[int, int] | None = None,
    note: str = "",
    *,
    request_id: UUID | None = None,
) -> TeamCall:
    """End a call and confirm each one's minutes, by attendance id; who is not named is confirmed as checked in and out.

    0 says that the person did not help. Each gets a service record, confirmed here and now, except the caller's own:
    another has to confirm that. Raises `not_found`, `forbidden`, `transition_refused`, `not_on_call`, `too_many_hours`.
    """
    stated = dict(minutes or {})
    with doing(user, "close_call", call_id, request_id=request_id) as own:
        report_id = _visible(user, call_id).report_id
        with report_step(user, report_id, can=RUNS) as on_report:
            call = _locked(call_id)
            TEAM_CALL.move(call, "close")
            parts = list(call.attendances.order_by("volunteer_id").select_related("volunteer"))
            unknown = set(stated) - {part.pk for part in parts}
            if unknown:
                raise Problem("not_on_call", "hours", attendances=sorted(unknown))
            # In order of their keys, and all at once: nobody else's step waits half-way for ours.
            people = Volunteer.objects.select_for_update(of=("self",)).select_related("user", "home")
            people = people.defer("home__geometry").order_by("pk")
            volunteers = {one.pk: one for one in people.filter(pk__in=[part.volunteer_id for part in parts])}
            served = 0
            for part in parts:
                given = stated.get(part.pk, _minutes_there(part, own.moment))
                _end(own, call, part, volunteers[part.volunteer_id], given)
                served += bool(given)
            call.closed_by, call.closed_at, call.note = user, own.moment, note
            call.save()
            on_report.event(
                "close_team_call", note=note, data={"call": call.pk, "team": call.team.name, "helped": served}
            )
        own.about("team_call", call.pk, note=note)
    return call


def withdraw_call(user: User, call_id: int, reason: str, *, request_id: UUID | None = None) -> TeamCall:
    """The team is no longer needed and nobody's hours are counted; who did not decline is told.

    Raises `not_found`, `forbidden`, `transition_refused`.
    """
    with doing(user, "withdraw_call", call_id, request_id=request_id) as own:
        report_id = _visible(user, call_id).report_id
        with report_step(user, report_id, can=RUNS) as on_report:
            call = _locked(call_id)
            TEAM_CALL.move(call, "withdraw")
            call.closed_by, call.closed_at, call.note = user, own.moment, reason
            call.save()
            waiting = call.attendances.exclude(status=AttendanceStatus.DECLINED).select_related("volunteer__user")
            own.tell(
                [part.volunteer.user for part in waiting],
                "team_call_withdrawn",
                subject="team_call",
                subject_id=call.pk,
                item=call.item,
                place=call.place,
                note=reason,
            )
            on_report.event("withdraw_team_call", note=reason, data={"call": call.pk, "team": call.team.name})
        own.about("team_call", call.pk, note=reason)
    return call


def _end(own: Doing, call: TeamCall, part: Attendance, volunteer: Volunteer, minutes: int) -> None:
    """One member's end of the call: absent, or hours on record."""
    if minutes > min(DAY_MINUTES, _whole(own.moment - call.opened_at) + 1):
        raise Problem("too_many_hours", "hours", attendance=part.pk)
    if not minutes:
        if part.status != AttendanceStatus.DECLINED:
            ATTENDANCE.move(part, "miss")
            part.save(update_fields=["status"])
        return
    ATTENDANCE.move(part, "confirm")
    part.save(update_fields=["status"])
    own_service = volunteer.user_id == own.actor.pk
    record = ServiceRecord.objects.create(
        volunteer=volunteer,
        # One who has moved away since is still known to the team's place.
        community=volunteer.home or call.team.area,
        kind=call.kind,
        date=local_date(part.arrived_at or call.opened_at),
        minutes=minutes,
        place=call.place,
        description=call.reason,
        attendance=part,
        proposed_by=volunteer.user,
        proposed_at=part.left_at or part.arrived_at or own.moment,
        status=RecordStatus.PROPOSED if own_service else RecordStatus.CONFIRMED,
        decided_by=None if own_service else own.actor,
        decided_at=None if own_service else own.moment,
    )
    if own_service:
        return
    book(own, record)
    own.tell(
        [volunteer.user],
        "team_call_closed",
        subject="team_call",
        subject_id=call.pk,
        item=call.item,
        place=call.place,
        hours=f"{record.hours:g}",
    )


def _minutes_there(part: Attendance, moment: datetime) -> int:
    """From arrival to leaving (else to the call's end), at least one; none without an arrival."""
    if part.arrived_at is None:
        return 0
    there = (part.left_at or min(moment, max(part.call.until, part.arrived_at))) - part.arrived_at
    return min(max(_whole(there), 1), DAY_MINUTES)


def _whole(span: timedelta) -> int:
    return round(span.total_seconds() / 60)


def _visible(user: User, call_id: int) -> TeamCall:
    call = visible_calls(user).filter(pk=call_id).first()
    if call is None:
        raise Problem("not_found")
    return call


def _call_of(user: User, call_id: int) -> TeamCall:
    """The call, if one was called to it."""
    part = own_calls(user).select_related("call").filter(call_id=call_id).first()
    if part is None:
        raise Problem("not_found")
    return part.call


def _locked(call_id: int) -> TeamCall:
    rows = TeamCall.objects.select_for_update(of=("self",)).select_related("team__area")
    return rows.defer("team__area__geometry").get(pk=call_id)


def _part(user: User, call_id: int) -> Attendance:
    """One's part in the call, under the call's lock."""
    _call_of(user, call_id)
    call = _locked(call_id)
    part = Attendance.objects.get(call_id=call_id, volunteer__user=user)
    part.call = call
    return part


def _check_running(call: TeamCall, own: Doing) -> None:
    TEAM_CALL.check(call, "answer")
    if own.moment > call.until:
        raise Problem("call_over")
