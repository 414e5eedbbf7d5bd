"""Field checks 核查/核实: a dispatcher asks, somebody goes and looks, answers with a photo from the spot.

The report keeps its state while it is looked at. A check is about that state: when the report leaves it (accepted,
rejected, merged, sent back, closed …) an open check is cancelled with an event and the person told, see `Step.move`.
"""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from grids.coordinates import distance_m, to_wgs84
from grids.placement import held_at
from grids.scope import below, scope_of
from notifications.actions import receipt_subject
from reports.actions.photos import announce_photos
from reports.actions.step import step
from reports.actions.submit import LOCAL, AnnouncedPhoto, Position
from reports.models import FieldCheck, Report
from reports.models.vocabulary import ClockKind, FieldCheckStage, FieldCheckStatus, ReportStatus
from reports.nearest import nearest_worker
from reports.people import at_place, holds_grid_in
from reports.rules import limit_for
from reports.transitions import FIELD_CHECK, REPORT


def ask_field_check(
    user: User,
    report_id: UUID,
    note: str = "",
    assignee: str | None = None,
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """Send somebody to look: the person named, or the nearest worker of the grid. The clock of 30 minutes starts.

    Raises `field_check_open`, `nobody_to_ask`, `unknown_unit`, `not_ours_to_assign`.
    """
    with step(user, report_id, can=Can.DISPATCH_REPORT, version=version, request_id=request_id) as doing:
        report = doing.report
        doing.move(REPORT, report, "field_check")
        if FieldCheck.objects.filter(report=report, status=FieldCheckStatus.ASKED).exists():
            raise Problem("field_check_open", **REPORT.state(report))
        person = _named(user, report, assignee) if assignee else nearest_worker(report, doing.moment)
        if person is None:
            raise Problem("nobody_to_ask", "assignee")
        check = FieldCheck.objects.create(
            report=report,
            stage=FieldCheckStage.RESULT if report.status == ReportStatus.IN_REVIEW else FieldCheckStage.REPORT,
            assignee=person,
            instruction=note,
            asked_at=doing.moment,
            asked_by=user,
        )
        clock = doing.start_clock("field_check", limit_for("field_check", report.urgency), field_check=check)
        assert clock.due_at is not None  # it has just started
        doing.event("field_check", note=note, data={"check": check.pk, "stage": check.stage, "assignee": str(person)})
        doing.notify(
            [person],
            "field_check_asked",
            subject="field_check",
            subject_id=check.pk,
            group_key=f"field_check:{check.pk}",
            due=f"{clock.due_at.astimezone(LOCAL):%m-%d %H:%M}",
            note=note,
        )


def answer_field_check(
    user: User,
    check_id: int,
    confirmed: bool,
    position: Position,
    photos: Sequence[AnnouncedPhoto],
    note: str = "",
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """What the person found on the spot. Far away is flagged, not refused.

    Raises `forbidden` for everybody but the person asked, and `photo_needed` without a photo.
    """
    lng, lat = to_wgs84(position.lng, position.lat, position.coord_type)
    with step(user, _report_of(check_id), version=version, request_id=request_id) as doing:
        check = FieldCheck.objects.select_related("assignee", "asked_by").get(pk=check_id)
        if check.assignee_id != user.pk:
            raise Problem("forbidden")
        FIELD_CHECK.move(check, "answer")
        if not photos:
            raise Problem("photo_needed", "photos")
        announce_photos(doing.report, user, photos, field_check=check)
        check.ended_at, check.confirmed, check.note = doing.moment, confirmed, note
        check.lng, check.lat = lng, lat
        check.distance_m = distance_m(lng, lat, doing.report.lng, doing.report.lat)
        check.far = check.distance_m > settings.GRIDWHISTLE["FAR_FROM_REPORT_METRES"] + (position.accuracy or 0)
        check.save()
        doing.stop_clocks([ClockKind.FIELD_CHECK])
        receipt_subject(user, "field_check", str(check.pk))
        doing.event(
            "field_check_answered",
            note=note,
            data={
                "check": check.pk,
                "confirmed": confirmed,
                "lng": lng,
                "lat": lat,
                "accuracy": position.accuracy,
                "distance_m": round(check.distance_m, 1),
                "far": check.far,
                "photos": [photo.sha256 for photo in photos],
            },
        )
        told = {person.pk: person for person in at_place(Can.DISPATCH_REPORT, doing.report)}
        if check.asked_by is not None and check.asked_by.is_active:
            told[check.asked_by.pk] = check.asked_by
        doing.notify(
            told.values(),
            "field_check_confirmed" if confirmed else "field_check_refuted",
            subject="field_check",
            subject_id=check.pk,
            person=str(user),
            distance=round(check.distance_m),
            note=note,
        )


def cancel_field_check(
    user: User, check_id: int, note: str = "", *, version: int | None = None, request_id: UUID | None = None
) -> None:
    """The answer is not needed any more; the person is told."""
    with step(user, _report_of(check_id), can=Can.DISPATCH_REPORT, version=version, request_id=request_id) as doing:
        FIELD_CHECK.check(FieldCheck.objects.get(pk=check_id), "cancel")
        doing.drop_field_check(note)


def _report_of(check_id: int) -> UUID:
    report_id = FieldCheck.objects.filter(pk=check_id).values_list("report_id", flat=True).first()
    if report_id is None:
        raise Problem("not_found")
    return report_id


def _named(user: User, report: Report, username: str) -> User:
    """The person the dispatcher named, who works a grid in the dispatcher's own area."""
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise Problem("unknown_unit", "assignee")
    held = held_at(scope_of(user), Can.DISPATCH_REPORT, report)
    path = held.path if held else ""  # a superuser's area is everything
    if not holds_grid_in(person, below(path, "content_object__path")):
        raise Problem("not_ours_to_assign", "assignee")
    return person
