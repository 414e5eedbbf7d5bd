"""A report comes in: once, whatever the line does."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.roles import Can
from core.moment import now
from core.problems import Problem, missing
from grids.coordinates import to_wgs84
from grids.locating import Located, distance_to_grid, grid_by_code, locate
from grids.models import Area
from grids.scope import scope_of
from reports import questions
from reports.access import may
from reports.actions.requester import add_requester
from reports.actions.step import Step
from reports.clocks import new_clock
from reports.models import Assignment, FieldCheck, ItemVersion, Photo, Report
from reports.models.vocabulary import (
    AssignmentRole,
    AssignmentStatus,
    PhotoKind,
    ReportStatus,
    Source,
)
from reports.people import at_place
from reports.rules import limit_for

LOCAL = ZoneInfo("Asia/Shanghai")
# A phone's clock may run ahead a little; more than this is an error of the phone, not a report from the future.
CLOCK_SKEW = timedelta(minutes=10)
# Numbers are 40 bits of the id; two reports of a day that share one are met by another cut.
NUMBER_TRIES = 3


@dataclass(frozen=True)
class AnnouncedPhoto:
    """A photo that will follow: lowercase hex sha256, bytes, kind."""

    sha256: str
    size: int
    kind: str


@dataclass(frozen=True)
class Position:
    """A point as it came in, degrees in `coord_type`; accuracy in metres."""

    lng: float
    lat: float
    coord_type: str
    accuracy: float | None = None
    provider: str = ""


@dataclass(frozen=True)
class Submission:
    """What the phone says. `body_hash` is the sha256 of the canonical request body."""

    item: str
    description: str
    position: Position
    body_hash: str
    urgency: str | None = None
    grid: str | None = None
    address: str = ""
    occurred_at: datetime | None = None
    captured_at: datetime | None = None
    source: str = Source.GRID
    external_no: str = ""
    requester: dict[str, Any] | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    photos: Sequence[AnnouncedPhoto] = ()
    self_handled: bool = False
    measures: str = ""


def submit_report(user: User, report_id: UUID, said: Submission) -> tuple[Report, bool]:
    """Take the report in. Returns it and whether it is new; a repeat finds what the first one made.

    Raises `report_differs`, `report_deleted`, `forbidden`, and the faults of the input by field.
    """
    if not scope_of(user).anywhere(Can.SUBMIT_REPORT):
        raise Problem("forbidden")
    return _submitted(user, report_id, said)


def submit_of_resident(report_id: UUID, said: Submission) -> tuple[Report, bool]:
    """The same for a resident without an account; the source is theirs, and nobody is the reporter.

    The questions of the item were not put to them: what is missing is shown with the report as on others passed on.
    """
    return _submitted(None, report_id, replace(said, source=Source.RESIDENT))


def _submitted(user: User | None, report_id: UUID, said: Submission) -> tuple[Report, bool]:
    moment = now()
    try:
        report, version = _prepared(user, report_id, said, moment)
    except Problem:
        # A repeat is safe also when the catalogue or the boundaries have changed since it was taken in.
        if Report.all_rows.filter(pk=report_id).exists():
            return _repeated(user, report_id, said), False
        raise
    for attempt in range(NUMBER_TRIES):
        report.number = report_number(report_id, moment, attempt)
        try:
            with transaction.atomic():
                _take_in(user, report, said, version)
        except IntegrityError:
            # Insert first, ask afterwards which constraint it was.
            if Report.all_rows.filter(pk=report_id).exists():
                return _repeated(user, report_id, said), False
            if not Report.all_rows.filter(number=report.number).exists():
                if not said.external_no:
                    raise
                raise Problem("external_no_taken", "external_no") from None
        else:
            return report, True
    raise Problem("busy")


def _prepared(user: User | None, report_id: UUID, said: Submission, moment: datetime) -> tuple[Report, ItemVersion]:
    """Everything that can be checked and reckoned before anything is written."""
    _check_times(said, moment)
    version = _item_version(said.item, moment)
    lng, lat = to_wgs84(said.position.lng, said.position.lat, said.position.coord_type)
    place, chosen = _place(said, lng, lat)
    report = _new_report(user, report_id, said, version, moment, (lng, lat), place, chosen)
    if user is not None and said.source != Source.GRID and not may(user, Can.DISPATCH_REPORT, report):
        raise Problem("forbidden", "source")
    if said.self_handled:
        _check_self_handling(said, version)
    report.asked = _questions_answered(said, version, moment)
    if user is not None:
        _check_answers(said, report.asked, moment)
    return report, version


def _take_in(user: User | None, report: Report, said: Submission, version: ItemVersion) -> None:
    step = Step(report, user, report.received_at)
    if said.self_handled:
        freeze_standard(report, version)
        report.status = ReportStatus.IN_REVIEW
        report.accepted_at = report.dispatched_at = report.finished_at = report.received_at
    kind = "review" if said.self_handled else "accept"
    clock = new_clock(kind, limit_for(kind, report.urgency), report.received_at, report)
    report.due_at, report.yellow_at = clock.due_at, clock.yellow_at
    report.save(force_insert=True)
    clock.save()
    add_photos(report, user, said.photos, report.received_at)
    if said.requester is not None:
        add_requester(report, said.requester)
    if said.self_handled and user is not None:
        _self_handle(report, user, said)
    unfit = questions.wrong_answers(report.asked, report.answers)
    data: dict[str, Any] = {"source": said.source, "photos": len(said.photos)}
    if said.self_handled:
        data["self_handled"] = True
    step.event("submit", data=data | {"unfit_answers": unfit} if unfit else data)
    step.notify(at_place(Can.DISPATCH_REPORT, report), "report_submitted", group_key=f"report:{report.pk}")


def _questions_answered(said: Submission, version: ItemVersion, moment: datetime) -> list[dict[str, Any]]:
    """The questions the phone could show: those in force on the day of capture, in Asia/Shanghai."""
    captured = (said.captured_at or moment).astimezone(LOCAL).date()
    if captured >= version.valid_from:
        return version.questions
    shown = ItemVersion.objects.current(captured).filter(item_id=version.item_id).first()
    return (shown or version).questions


def _check_answers(said: Submission, asked: list[dict[str, Any]], moment: datetime) -> None:
    """Refuse answers that do not fit and answers that say the matter belongs elsewhere.

    Two are taken in as they are, and what does not fit is shown: a worker's report that waited in the phone, since
    nobody stands before the place any more to answer again; and one that another platform passed on, which knows
    nothing of our questions. Nothing is lost for the sake of a form.
    """
    waited = moment - (said.captured_at or moment)
    late = said.source == Source.GRID and waited >= timedelta(minutes=settings.GRIDWHISTLE["LATE_ANSWERS_MINUTES"])
    if late or said.external_no:
        return
    for one in questions.told(asked, said.answers):
        if one.stops:
            raise Problem("not_for_this_channel", f"answers.{one.key}", params={"notice": one.text}, notice=one.text)
    wrong = questions.wrong_answers(asked, said.answers)
    if wrong:
        refusal = Problem("wrong_answer")
        raise Problem(
            "wrong_answer",
            errors=[{"field": f"answers.{key}", "code": "wrong_answer", "message": refusal.sentence} for key in wrong],
        )


def report_number(report_id: UUID, moment: datetime, attempt: int = 0) -> str:
    """`YYMMDD-XXXXXXXX`: the local day and 40 bits of the id, so no counter is locked by every report of the day."""
    digest = hashlib.blake2b(report_id.bytes + bytes([attempt]), digest_size=5).digest()
    return f"{moment.astimezone(LOCAL):%y%m%d}-{base64.b32encode(digest).decode()}"


def freeze_standard(report: Report, version: ItemVersion) -> None:
    """Put the item's limit and conditions on the report; a later change of catalogue does not touch them."""
    report.item_version = version
    report.item_name = version.name
    report.limit_amount = version.effective_amount
    report.limit_unit = version.effective_unit
    report.limit_source = version.effective_source
    report.closing_condition = version.effective_closing


def _check_times(said: Submission, moment: datetime) -> None:
    for name in ("occurred_at", "captured_at"):
        value = getattr(said, name)
        if value is not None and value > moment + CLOCK_SKEW:
            raise Problem("future_time", name)
    hashes = [photo.sha256 for photo in said.photos]
    if len(set(hashes)) < len(hashes):
        raise Problem("photo_twice", "photos")


def _item_version(code: str, moment: datetime) -> ItemVersion:
    today = moment.astimezone(LOCAL).date()
    version = ItemVersion.objects.select_related("item").for_new_reports(today).filter(item__code=code).first()
    if version is None:
        raise Problem("unknown_item", "item")
    return version


def _place(said: Submission, lng: float, lat: float) -> tuple[Located, bool]:
    """The grid of the position, or the one chosen by hand if the position is near enough to it."""
    found = locate(lng, lat)
    if said.grid is None:
        if found is None:
            raise Problem("position_outside", "position")
        return found, False
    chosen = grid_by_code(said.grid)
    if chosen is None:
        raise Problem("unknown_grid", "grid")
    if found is not None and found.code == chosen.code:
        return chosen, False
    away = distance_to_grid(chosen.code, lng, lat)
    slack = settings.GRIDWHISTLE["CHOSEN_GRID_METRES"] + (said.position.accuracy or 0.0)
    if away > slack:
        raise Problem("grid_too_far", "grid", params={"metres": round(away)})
    return chosen, True


def _new_report(
    user: User | None,
    report_id: UUID,
    said: Submission,
    version: ItemVersion,
    moment: datetime,
    point: tuple[float, float],
    place: Located,
    chosen: bool,
) -> Report:
    return Report(
        id=report_id,
        number=report_number(report_id, moment),
        status=ReportStatus.SUBMITTED,
        source=said.source,
        external_no=said.external_no,
        item=version.item,
        item_name=version.name,
        urgency=said.urgency or version.urgency,
        description=said.description,
        address=said.address or place.full_name,
        answers=said.answers,
        lng=point[0],
        lat=point[1],
        raw_lng=said.position.lng,
        raw_lat=said.position.lat,
        coord_type=said.position.coord_type,
        accuracy=said.position.accuracy,
        provider=said.position.provider,
        grid_chosen=chosen,
        occurred_at=said.occurred_at,
        captured_at=said.captured_at,
        received_at=moment,
        reporter=user,
        self_handled=said.self_handled,
        photos_expected=len(said.photos),
        complete_at=None if said.photos else moment,
        body_hash=said.body_hash,
        # As an object, so that the answer can name it without reading it again.
        grid=Area(pk=place.id, level=Area.Level.GRID, code=place.code, name=place.name),
        **{f"{level}_id": area_id for level, area_id in place.ids.items() if level != Area.Level.GRID},
    )


def _repeated(user: User | None, report_id: UUID, said: Submission) -> Report:
    first: Report = Report.all_rows.select_related("grid").get(pk=report_id)
    if first.deleted_at is not None:
        raise Problem("report_deleted")
    if first.reporter_id != (user.pk if user else None) or first.body_hash != said.body_hash:
        raise Problem("report_differs")
    return first


def add_photos(
    report: Report,
    user: User | None,
    photos: Sequence[AnnouncedPhoto],
    moment: datetime,
    assignment: Assignment | None = None,
    field_check: FieldCheck | None = None,
    hidden: Mapping[str, Any] | None = None,
) -> None:
    """Write the announcements; the photos of a later result or check name its duty or the check.

    `hidden`: by hash, what is painted over on the same picture elsewhere.
    """
    Photo.objects.bulk_create(
        Photo(
            report=report,
            assignment=assignment,
            field_check=field_check,
            sha256=photo.sha256,
            size=photo.size,
            kind=photo.kind,
            hidden=(hidden or {}).get(photo.sha256, []),
            position=position,
            announced_by=user,
            announced_at=moment,
        )
        for position, photo in enumerate(photos)
    )


def _check_self_handling(said: Submission, version: ItemVersion) -> None:
    if not version.may_self_handle:
        raise Problem("not_self_handled", "self_handled")
    kinds = {photo.kind for photo in said.photos}
    for needed in (PhotoKind.BEFORE, PhotoKind.AFTER):
        if needed not in kinds:
            raise Problem("photo_needed", "photos", needed=needed)
    if not said.measures:
        raise missing("measures")


def _self_handle(report: Report, user: User, said: Submission) -> None:
    """自办自结: the worker's own duty, done and submitted; the report goes to review."""
    moment = report.received_at
    Assignment.objects.create(
        report=report,
        role=AssignmentRole.LEAD,
        assignee=user,
        status=AssignmentStatus.SUBMITTED,
        issued_at=moment,
        issued_by=user,
        received_at=moment,
        received_by=user,
        taken_up_at=said.occurred_at or said.captured_at or moment,
        measures=said.measures,
        solved_by=moment,
        submitted_at=moment,
        submitted_by=user,
    )
