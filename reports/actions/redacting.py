"""打码: parts of a photo hidden from everybody who is shown it; the sealed original stays with those who dispatch."""

from collections.abc import Sequence
from uuid import UUID

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from reports.access import get_report
from reports.actions.photos import caption_of
from reports.actions.step import step
from reports.models import Photo
from reports.photos.hiding import Box
from reports.photos.keeping import store_pictures
from reports.photos.rendering import check_and_render
from reports.photos.storage import open_original


def redact_photo(
    user: User,
    report_id: UUID,
    sha256: str,
    boxes: Sequence[Box],
    *,
    version: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """Hide just these boxes on the photo, wherever the report shows it; none at all shows it whole again.

    The pictures are made before the transaction, each set of boxes in files of its own, so that until the row says so
    the old ones are shown. Raises `photo_unknown` when the report has no such photo, or its bytes have not come.
    """
    report = get_report(user, report_id, Can.DISPATCH_REPORT)
    photos = list(Photo.objects.filter(report=report, sha256=sha256, received_at__isnull=False))
    if not photos:
        raise Problem("photo_unknown", "photo")
    with open_original(sha256) as file:
        data = file.read()
    rendered = check_and_render(
        data, declared_sha256=sha256, declared_size=len(data), caption=caption_of(report), hidden=boxes
    )
    for photo in photos:
        store_pictures(photo, rendered, boxes)
    with step(user, report_id, can=Can.DISPATCH_REPORT, version=version, request_id=request_id) as doing:
        rows = [box.as_row() for box in boxes]
        # Also of a step whose bytes are still to come.
        Photo.objects.filter(report=doing.report, sha256=sha256).update(hidden=rows)
        doing.event("redact_photo", internal=True, data={"photo": sha256, "boxes": len(rows)})
