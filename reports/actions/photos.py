"""Photos arrive by hash, in any order, as often as the line makes them; a report becomes complete exactly once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q

from accounts.models import User
from core.moment import now
from core.problems import Problem
from reports.access import get_report
from reports.actions.submit import LOCAL, AnnouncedPhoto, add_photos
from reports.models import Assignment, Event, FieldCheck, Photo, Report
from reports.photos.hiding import boxes_of
from reports.photos.keeping import arrival, keep_pictures
from reports.photos.rendering import Rendered
from reports.photos.storage import open_original
from reports.photos.watermark import Caption


def receive_photo(user: User, report_id: UUID, sha256: str, data: bytes) -> tuple[Photo, bool]:
    """Take in one announced photo, for all on the report that named it. Returns it and whether its bytes were new.

    Decoding and writing files happen before the transaction; the files are named by content, so doing it twice
    changes nothing. Raises `photo_unknown` and the photo's own faults.
    """
    report = get_report(user, report_id)
    named = Photo.objects.filter(report=report, sha256=sha256).order_by("pk")
    own = list(named if user.is_superuser else named.filter(announced_by=user))
    if not own:
        raise Problem("photo_unknown")
    photo = next((one for one in own if one.received_at is None), own[-1])
    if photo.received_at is not None:
        return photo, False
    return photo, _arrive(user, photo, report, data)


def receive_photo_of_resident(report: Report, sha256: str, data: bytes) -> None:
    """Take in a photo that a resident announced, with the same checks; one that is here already changes nothing."""
    photo = Photo.objects.filter(report=report, sha256=sha256, announced_by__isnull=True).first()
    if photo is None:
        raise Problem("photo_unknown")
    if photo.received_at is None:
        _arrive(None, photo, report, data)


def share_photos(user: User, report_id: UUID) -> None:
    """Let the photos of the parts split off a report arrive whose bytes have come to it; the others follow theirs."""
    here = Photo.objects.filter(report_id=report_id, received_at__isnull=False).values("sha256")
    waiting = Photo.objects.filter(report__split_from=report_id, received_at__isnull=True, sha256__in=here)
    for photo in waiting.select_related("report").order_by("pk"):
        try:
            with open_original(photo.sha256) as file:
                data = file.read()
        except Problem:
            continue  # its file is not in the store; it stays to come
        _arrive(user, photo, photo.report, data)


def _arrive(user: User | None, photo: Photo, report: Report, data: bytes) -> bool:
    """Check the bytes, make the pictures, note the arrival; also for the same photo of another step on the report, and
    on parts split off it."""
    moment = now()
    rendered = keep_pictures(photo, data, caption_of(report), boxes_of(photo.hidden))
    new = record_photo(user, photo, rendered, moment)
    same = Photo.objects.filter(sha256=photo.sha256, size=photo.size, received_at__isnull=True)
    others = same.filter(Q(report=report) | Q(report__split_from=report)).select_related("report").order_by("pk")
    while (other := others.first()) is not None:
        _arrive(user, other, other.report, data)
    return new


def caption_of(report: Report) -> Caption:
    """What is written under the pictures of a report."""
    taken = report.captured_at or report.received_at
    return Caption(taken_at=taken.astimezone(LOCAL), place=report.address, number=report.number)


def record_photo(user: User | None, photo: Photo, rendered: Rendered, moment: datetime) -> bool:
    """Note that a photo's bytes have come and its pictures lie in their places. Returns whether that was new."""
    with transaction.atomic():
        locked: Report = Report.all_rows.select_for_update(of=("self",)).get(pk=photo.report_id)
        came = Photo.objects.filter(pk=photo.pk, received_at__isnull=True).update(
            **arrival(rendered, moment, locked.lng, locked.lat)
        )
        if came:
            _count(locked, user)
    photo.refresh_from_db()
    return bool(came)


def _count(report: Report, user: User | None) -> None:
    """Count what is here; the last one makes the report complete, a fact with a time.

    Completeness is of the photos named on submission; those of later results and checks are counted with them.
    """
    counted = Photo.objects.filter(report=report, assignment__isnull=True, field_check__isnull=True).aggregate(
        here=Count("pk", filter=Q(received_at__isnull=False)), all=Count("pk")
    )
    report.photos_received = counted["here"]
    changed = ["photos_received"]
    if report.complete_at is None and counted["here"] == counted["all"]:
        report.complete_at = now()
        changed.append("complete_at")
        Event.objects.create(
            report=report, at=report.complete_at, kind="complete", actor=user, data={"photos": counted["here"]}
        )
    report.save(update_fields=changed)


def announce_photos(
    report: Report,
    user: User,
    photos: Sequence[AnnouncedPhoto],
    assignment: Assignment | None = None,
    *,
    field_check: FieldCheck | None = None,
) -> None:
    """Name photos of a duty's report-in or result, or of a field check, each with a row of its own there though the
    report has the same bytes; one that the same person named there as the same kind is taken as the same."""
    moment = now()
    hashes = [photo.sha256 for photo in photos]
    if len(set(hashes)) < len(hashes):
        raise Problem("photo_twice", "photos")
    same = list(Photo.objects.filter(report=report, sha256__in=hashes))
    here = (assignment and assignment.pk, field_check and field_check.pk, user.pk)
    again = [one for one in same if (one.assignment_id, one.field_check_id, one.announced_by_id) == here]
    known = {(one.sha256, one.kind) for one in again}
    if known:
        waiting = [one.pk for one in again if one.received_at is None]
        Photo.objects.filter(pk__in=waiting, received_at__isnull=True).update(announced_at=moment)
    new = [photo for photo in photos if (photo.sha256, photo.kind) not in known]
    hidden = {one.sha256: one.hidden for one in same}
    add_photos(report, user, new, moment, assignment, field_check, hidden)
