"""What a unit does with its duty: sign for it, report in on the spot, submit the result."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem, missing
from grids.coordinates import distance_m, to_wgs84
from notifications.actions import receipt_subject
from reports.actions.dispatch import unit_name
from reports.actions.duties import duty_step
from reports.actions.leads import lead_is_done
from reports.actions.photos import announce_photos
from reports.actions.rounds import settle
from reports.actions.step import Step
from reports.actions.submit import CLOCK_SKEW, AnnouncedPhoto, Position
from reports.models import Assignment, Photo
from reports.models.vocabulary import (
    AssignmentRole,
    AssignmentStatus,
    ClockKind,
    PhotoKind,
    WhistleKind,
    WhistleStatus,
)
from reports.people import at_place
from reports.transitions import ASSIGNMENT, WHISTLE

# On these the person shows by a photo to be on the spot.
PHOTO_ON_REPORT_IN = (WhistleKind.EMERGENCY, WhistleKind.JOINT)


@dataclass(frozen=True)
class Result:
    """What a unit did. The lead states all four; times are aware."""

    measures: str
    taken_up_at: datetime | None = None
    discussed_with: str = ""
    solved_by: datetime | None = None
    photos: Sequence[AnnouncedPhoto] = ()


def receive(user: User, assignment_id: int, *, version: int | None = None, request_id: UUID | None = None) -> None:
    """签收: a person of the unit has taken notice; also the receipt of the notice that called."""
    with duty_step(user, assignment_id, version, request_id) as (doing, duty):
        doing.move(ASSIGNMENT, duty, "receive")
        duty.received_at, duty.received_by = doing.moment, user
        duty.save()
        doing.stop_clocks([ClockKind.SIGN_FOR], assignment=duty)
        _receipt(user, duty)
        doing.event("receive", assignment=duty, whistle=duty.whistle, unit=duty.department)


def report_in(
    user: User,
    assignment_id: int,
    position: Position,
    photos: Sequence[AnnouncedPhoto] = (),
    note: str = "",
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """报到: on the spot, with position; far away is flagged, not refused; after no_show it is late, and counts.

    Raises `not_on_whistle`, and `photo_needed` on emergency and joint whistles.
    """
    lng, lat = to_wgs84(position.lng, position.lat, position.coord_type)
    with duty_step(user, assignment_id, version, request_id) as (doing, duty):
        whistle = duty.whistle
        if whistle is None:
            raise Problem("not_on_whistle")
        late = duty.status == AssignmentStatus.NO_SHOW
        doing.move(ASSIGNMENT, duty, "report_in")
        if whistle.kind in PHOTO_ON_REPORT_IN and not photos:
            raise Problem("photo_needed", "photos")
        announce_photos(doing.report, user, photos, duty)
        distance = distance_m(lng, lat, doing.report.lng, doing.report.lat)
        if duty.received_at is None:
            duty.received_at, duty.received_by = doing.moment, user
        duty.reported_in_at, duty.reported_in_by = doing.moment, user
        duty.reported_in_lng, duty.reported_in_lat, duty.reported_in_distance_m = lng, lat, distance
        duty.reported_in_far = distance > settings.GRIDWHISTLE["FAR_FROM_REPORT_METRES"] + (position.accuracy or 0)
        duty.reported_in_late = late
        # One that comes back is to be released again; that it went without stays on record.
        duty.leave_asked_at = duty.released_at = duty.released_by = duty.left_at = None
        duty.save()
        doing.stop_clocks([ClockKind.SIGN_FOR, ClockKind.REPORT_IN], assignment=duty)
        _receipt(user, duty)
        doing.event(
            "report_in",
            note=note,
            assignment=duty,
            whistle=whistle,
            unit=duty.department,
            data={
                "lng": lng,
                "lat": lat,
                "accuracy": position.accuracy,
                "distance_m": round(distance, 1),
                "far": duty.reported_in_far,
                "late": late,
                "photos": [photo.sha256 for photo in photos],
            },
        )
        _advance_whistle(doing, duty)
        doing.notify(
            at_place(Can.DISPATCH_REPORT, doing.report),
            "reported_in",
            unit=unit_name(duty),
            person=str(user),
            distance=round(distance),
        )
        settle(doing, whistle)


def _advance_whistle(doing: Step, duty: Assignment) -> None:
    whistle = duty.whistle
    assert whistle is not None  # only called for duties of a whistle
    if duty.role == AssignmentRole.LEAD and whistle.status in (WhistleStatus.BLOWN, WhistleStatus.GATHERING):
        doing.move(WHISTLE, whistle, "handle")
        whistle.handling_at = doing.moment
        doing.event("whistle_handling", whistle=whistle)
    elif whistle.status == WhistleStatus.BLOWN:
        doing.move(WHISTLE, whistle, "gather")
        doing.event("whistle_gathering", whistle=whistle)
    whistle.save()


def submit_result(
    user: User,
    assignment_id: int,
    result: Result,
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """反馈: the unit's result. The lead's four elements and an after photo put the report to review.

    Raises `invalid` naming the missing elements, `photo_needed`.
    """
    with duty_step(user, assignment_id, version, request_id) as (doing, duty):
        whistle = duty.whistle
        if whistle is not None and duty.reported_in_at is None:
            # A department called to the spot answers from the spot: reporting in comes before the result.
            raise Problem(
                "transition_refused",
                subject="assignment",
                action="submit",
                current=duty.status,
                allowed=["report_in"],
                version=doing.report.version,
            )
        doing.move(ASSIGNMENT, duty, "submit")
        if duty.role == AssignmentRole.LEAD:
            _check_lead_result(doing, duty, result)
        announce_photos(doing.report, user, result.photos, duty)
        duty.measures, duty.discussed_with = result.measures, result.discussed_with
        duty.taken_up_at, duty.solved_by = result.taken_up_at, result.solved_by
        duty.submitted_at, duty.submitted_by = doing.moment, user
        duty.save()
        doing.stop_clocks([ClockKind.SIGN_FOR, ClockKind.HANDLE], assignment=duty)
        doing.event(
            "submit_result",
            note=result.measures,
            assignment=duty,
            whistle=whistle,
            unit=duty.department,
            data={
                "taken_up_at": result.taken_up_at and result.taken_up_at.isoformat(),
                "discussed_with": result.discussed_with,
                "solved_by": result.solved_by and result.solved_by.isoformat(),
                "photos": [photo.sha256 for photo in result.photos],
            },
        )
        doing.notify(
            at_place(Can.DISPATCH_REPORT, doing.report),
            "result_submitted",
            unit=unit_name(duty),
            measures=result.measures[:200],
        )
        if duty.role == AssignmentRole.LEAD:
            lead_is_done(doing, duty, "submit")


def _check_lead_result(doing: Step, duty: Assignment, result: Result) -> None:
    unsaid = [name for name in ("taken_up_at", "discussed_with", "solved_by") if not getattr(result, name)]
    if unsaid:
        raise missing(*unsaid)
    assert result.taken_up_at is not None  # checked above
    if result.taken_up_at > doing.moment + CLOCK_SKEW:
        raise Problem("future_time", "taken_up_at")
    announced = Photo.objects.filter(assignment=duty, kind=PhotoKind.AFTER)
    if not any(photo.kind == PhotoKind.AFTER for photo in result.photos) and not announced.exists():
        raise Problem("photo_needed", "photos", needed=PhotoKind.AFTER)


def _receipt(user: User, duty: Assignment) -> None:
    receipt_subject(user, "assignment", str(duty.pk))
