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
from reports.photos.keeping import arrival, keep_pictures
from reports.photos.rendering import Rendered
from reports.photos.storage import open_original
from reports.photos.watermark import Caption


def receive_photo(user: User, report_id: UUID, sha256: str, data: bytes) -> tuple[Photo, bool]:
    """Take in one announced photo. Returns it and whether its bytes were new.

    Decoding and writing files happen before the transaction; the files are named by content, so doing it twice
    changes nothing. Raises `photo_unknown` and the photo's own faults.
    """
    report = get_report(user, report_id)
    photo = Photo.objects.filter(report=report, sha256=sha256).first()
    if photo is None or not (photo.announced_by_id == user.pk or user.is_superuser):
        raise Problem("photo_unknown")
    if photo.received_at is not None:
        return photo, False
    return photo, _arrive(user, photo, report, data)


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


def _arrive(user: User, photo: Photo, report: Report, data: bytes) -> bool:
    """Check the bytes, make the pictures, note the arrival; also for the same photo on parts split off the report."""
    moment = now()
    taken = report.captured_at or report.received_at
    caption = Caption(taken_at=taken.astimezone(LOCAL), place=report.address, number=report.number)
    rendered = keep_pictures(photo, data, caption)
    new = record_photo(user, photo, rendered, moment)
    copies = Photo.objects.filter(report__split_from=report, sha256=photo.sha256, received_at__isnull=True)
    for copy in copies.select_related("report").order_by("pk"):
        _arrive(user, copy, copy.report, data)
    return new


def record_photo(user: User, photo: Photo, rendered: Rendered, moment: datetime) -> bool:
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


def _count(report: Report, user: User) -> None:
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
    """Name photos of a duty's report-in or result, or of a field check. One known already is taken as the same."""
    moment = now()
    hashes = [photo.sha256 for photo in photos]
    if len(set(hashes)) < len(hashes):
        raise Problem("photo_twice", "photos")
    known = set(Photo.objects.filter(report=report, sha256__in=hashes).values_list("sha256", flat=True))
    add_photos(report, user, [photo for photo in photos if photo.sha256 not in known], moment, assignment, field_check)
