"""Splitting 拆分: one report that holds several matters becomes several linked ones.

Each part is a report of its own: same place, requester and reporter, its own item, description and limit, waiting to be
accepted. The report it was taken out of goes on with what is left. Photos are shared: the bytes are kept once, by hash,
and each part has its own announcement and its own picture, marked with its own number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid5

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from reports.actions.photos import share_photos
from reports.actions.requester import add_requester
from reports.actions.step import AlreadyDone, Step, step
from reports.actions.submit import LOCAL, AnnouncedPhoto, add_photos, report_number
from reports.clocks import new_clock
from reports.models import ItemVersion, Photo, Report, Requester
from reports.models.vocabulary import ReportStatus
from reports.rules import limit_for
from reports.transitions import REPORT

PLACE = ("address", "lng", "lat", "raw_lng", "raw_lat", "coord_type", "accuracy", "provider", "grid_chosen")
AREAS = ("city_id", "district_id", "street_id", "community_id", "grid_id")
ORIGIN = ("source", "occurred_at", "captured_at", "reporter_id")


@dataclass(frozen=True)
class Part:
    """One matter to take out: catalogue code, description, the sha256 of the photos that show it."""

    item: str
    description: str
    urgency: str | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    photos: Sequence[str] = ()


def split(
    user: User,
    report_id: UUID,
    parts: Sequence[Part],
    description: str = "",
    note: str = "",
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """Take `parts` out into reports of their own; `description` is what is left, if it should read differently.

    Raises `unknown_item`, `photo_not_of_report`.
    """
    try:
        with step(user, report_id, can=Can.DISPATCH_REPORT, version=version, request_id=request_id) as doing:
            doing.move(REPORT, doing.report, "split")
            _take_out(doing, user, parts, description, note)
    except AlreadyDone:
        # It may have been cut off before the pictures were made.
        share_photos(user, report_id)
        raise
    share_photos(user, report_id)


def _take_out(doing: Step, user: User, parts: Sequence[Part], description: str, note: str) -> None:
    report = doing.report
    versions = _versions({part.item for part in parts}, doing.moment)
    # Of the same picture named twice, the first.
    photos = {photo.sha256: photo for photo in Photo.objects.filter(report=report).order_by("-pk")}
    made = []
    for index, (part, part_id) in enumerate(zip(parts, _unused_ids(report, len(parts), doing.moment), strict=True)):
        if part.item not in versions:
            raise Problem("unknown_item", f"parts.{index}.item")
        if any(sha256 not in photos for sha256 in part.photos):
            raise Problem("photo_not_of_report", f"parts.{index}.photos")
        chosen = [photos[sha256] for sha256 in dict.fromkeys(part.photos)]
        made.append(_make(doing, user, part, part_id, versions[part.item], chosen))
    before = report.description
    if description:
        report.description = description
    doing.event(
        "split",
        note=note,
        data={
            "parts": [{"report": str(one.pk), "number": one.number, "item": one.item_name} for one in made],
            **({"description_before": before} if report.description != before else {}),
        },
    )
    if report.reporter is not None:
        doing.notify([report.reporter], "report_split", parts="、".join(one.number for one in made))


def _make(doing: Step, user: User, part: Part, part_id: UUID, version: ItemVersion, chosen: Sequence[Photo]) -> Report:
    whole = doing.report
    made = Report(
        id=part_id,
        number=report_number(part_id, doing.moment),
        status=ReportStatus.SUBMITTED,
        item=version.item,
        item_name=version.name,
        urgency=part.urgency or version.urgency,
        description=part.description,
        answers=part.answers,
        received_at=doing.moment,
        photos_expected=len(chosen),
        complete_at=None if chosen else doing.moment,
        split_from=whole,
        **{name: getattr(whole, name) for name in (*PLACE, *AREAS, *ORIGIN)},
    )
    clock = new_clock("accept", limit_for("accept", made.urgency), doing.moment, made)
    made.due_at, made.yellow_at = clock.due_at, clock.yellow_at
    made.save(force_insert=True)
    clock.save()
    announced = [AnnouncedPhoto(photo.sha256, photo.size, photo.kind) for photo in chosen]
    add_photos(made, user, announced, doing.moment, hidden={photo.sha256: photo.hidden for photo in chosen})
    _copy_requester(whole, made)
    Step(made, user, doing.moment).event("split_from", data={"report": str(whole.pk), "number": whole.number})
    return made


def _copy_requester(whole: Report, made: Report) -> None:
    """The person who asked about the whole asked about each part, and is answered on each."""
    requester = Requester.objects.filter(report=whole).first()
    if requester is not None:
        add_requester(made, {"name": requester.name, "phone": requester.phone, "anonymous": requester.anonymous})


def _versions(codes: set[str], moment: datetime) -> dict[str, ItemVersion]:
    """What the catalogue says today of these items; those not in force are missing."""
    today = moment.astimezone(LOCAL).date()
    rows = ItemVersion.objects.select_related("item").for_new_reports(today).filter(item__code__in=codes)
    return {row.item.code: row for row in rows}


def _unused_ids(whole: Report, parts: int, moment: datetime) -> list[UUID]:
    """Ids that follow from the report and its version, and whose numbers are free: a number is 40 bits of its id."""
    for attempt in count():
        ids = [uuid5(whole.pk, f"{whole.version}.{attempt}.{index}") for index in range(parts)]
        numbers = {report_number(one, moment) for one in ids}
        if len(numbers) == parts and not Report.all_rows.filter(number__in=numbers).exists():
            return ids
    raise AssertionError("counting never ends")
