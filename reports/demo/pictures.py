"""Photos of the demonstration: some forty drawings shared by the older reports, one of its own for each recent one.

A recent photo goes through `receive_photo` like a phone's. For the older ones each drawing is checked and rendered
once and every photo row gets a link to that file: rendering thousands of photos that differ only in their caption
would take minutes. They carry neither EXIF nor caption, for a shared one would name a wrong time and place.
"""

import hashlib
import os
import random
import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from uuid import UUID

from PIL import Image

from accounts.models import User
from core.moment import now
from reports.actions.photos import receive_photo, record_photo
from reports.actions.submit import AnnouncedPhoto
from reports.models import Photo
from reports.models.vocabulary import PhotoKind
from reports.photos.rendering import Rendered, check_and_render
from reports.photos.sample import sample_photo
from reports.photos.storage import FOLDER_MODE, rendered_path, store_original, store_rendered
from reports.photos.watermark import Caption

SCENES = 10
SHARED_SIZE = (1280, 960)
OWN_SIZE = (1024, 768)


@dataclass(frozen=True)
class Picture:
    """Bytes and what is announced of them; `shared` is the rendering of a drawing used by many."""

    announced: AnnouncedPhoto
    data: bytes
    shared: Rendered | None = None


class Pictures:
    """The album. Photos announced before `own_from` share drawings; later ones are drawn for their report."""

    def __init__(self, dice: random.Random, own_from: datetime) -> None:
        self.dice = dice
        self.own_from = own_from
        self._shared: dict[tuple[int, str], Picture] = {}
        self._first: dict[str, int] = {}

    def take(self, kind: str, lng: float, lat: float) -> Picture:
        """A picture of this kind, taken now at this place."""
        if now() < self.own_from:
            scene = self.dice.randrange(SCENES)
            return self._shared.get((scene, kind)) or self._draw_shared(scene, kind)
        data = sample_photo(self.dice.randrange(2**31), kind=kind, taken_at=now(), lng=lng, lat=lat, size=OWN_SIZE)
        return Picture(_announced(data, kind), data)

    def deliver(self, user: User, report_id: UUID, picture: Picture) -> None:
        """Let the announced picture arrive."""
        sha256 = picture.announced.sha256
        if picture.shared is None:
            receive_photo(user, report_id, sha256, picture.data)
            return
        waiting = Photo.objects.filter(report_id=report_id, sha256=sha256, received_at__isnull=True)
        for photo in waiting.order_by("pk"):
            self._deliver_shared(user, photo, picture)

    def _deliver_shared(self, user: User, photo: Photo, picture: Picture) -> None:
        assert picture.shared is not None  # the caller looked
        first = self._first.get(photo.sha256)
        if first is None:
            store_original(photo.sha256, picture.data)
            store_rendered(photo.pk, "display", picture.shared.display)
            store_rendered(photo.pk, "thumbnail", picture.shared.thumbnail)
            self._first[photo.sha256] = photo.pk
        else:
            for variant in ("display", "thumbnail"):
                _link(rendered_path(first, variant), rendered_path(photo.pk, variant))
        record_photo(user, photo, picture.shared, now())

    def _draw_shared(self, scene: int, kind: str) -> Picture:
        drawn = sample_photo(scene, kind=kind, taken_at=now(), lng=0, lat=0, size=SHARED_SIZE)
        plain = BytesIO()
        with Image.open(BytesIO(drawn)) as image:
            image.save(plain, "JPEG", quality=80)
        data = plain.getvalue()
        announced = _announced(data, kind)
        rendered = check_and_render(
            data,
            declared_sha256=announced.sha256,
            declared_size=announced.size,
            caption=Caption(taken_at=now()),
        )
        rendered = replace(rendered, display=data)
        picture = self._shared[(scene, kind)] = Picture(announced, data, rendered)
        return picture


def _announced(data: bytes, kind: str) -> AnnouncedPhoto:
    return AnnouncedPhoto(hashlib.sha256(data).hexdigest(), len(data), PhotoKind(kind).value)


def _link(source: Path, target: Path) -> None:
    """Another name for the same file; a copy where the file system has no links. Replaces what a broken load left."""
    target.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
