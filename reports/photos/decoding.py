"""From untrusted bytes to a decoded picture: the type by content, the pixels by the header, then every pixel."""

import os
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from django.conf import settings
from PIL import Image, ImageFile
from pillow_heif import register_heif_opener

from core.problems import Problem

# An embedded preview must never stand in for the picture: then the picture itself would go unchecked.
register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=2)
ImageFile.LOAD_TRUNCATED_IMAGES = False
# The limit below is lower than the one Pillow warns of; what it raises an error for stays an error.
warnings.simplefilter("ignore", Image.DecompressionBombWarning)

HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
# A marker that is neither a stuffed byte, a restart nor fill.
JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
# Cameras write about ten scans; each one costs a pass over all pixels, so a small file could cost hours.
JPEG_MAX_SCANS = 64

# One large picture takes some 300 MB while it is decoded: no more at a time than there are cores to decode.
_decoding = threading.BoundedSemaphore(os.cpu_count() or 1)


@dataclass(frozen=True)
class Header:
    """Type ("JPEG", "PNG", "WEBP", "HEIC") and size in pixels before turning."""

    format: str
    width: int
    height: int


@contextmanager
def decoding_slot() -> Iterator[None]:
    """Wait for one of as many places as there are cores."""
    with _decoding:
        yield


def type_of(data: bytes) -> str:
    """The picture type by its first bytes; Problem `photo_type` for every other type."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        # The box lists the brands; a generic "mif1" file may as well be AVIF.
        box = data[8 : min(int.from_bytes(data[:4], "big"), 256)]
        if HEIC_BRANDS & {box[at : at + 4] for at in range(0, len(box), 4)}:
            return "HEIC"
    raise Problem("photo_type", "photo")


def open_picture(data: bytes) -> tuple[Header, Image.Image]:
    """Read the header only. Problems `photo_type`, `photo_too_many_pixels`, `photo_damaged`."""
    kind = type_of(data)
    if not _is_whole(kind, data):
        raise Problem("photo_damaged", "photo")
    max_pixels = settings.GRIDWHISTLE["PHOTO_MAX_PIXELS"]
    too_many = Problem("photo_too_many_pixels", "photo", params={"max_megapixels": max_pixels // 1_000_000})
    try:
        image = Image.open(BytesIO(data), formats=["HEIF" if kind == "HEIC" else kind])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as exc:
        raise too_many from exc
    except Exception as exc:  # the decoders raise anything on crafted bytes
        raise Problem("photo_damaged", "photo") from exc
    width, height = image.size
    if width * height > max_pixels:
        raise too_many
    if width < 1 or height < 1:
        raise Problem("photo_damaged", "photo")
    return Header(kind, width, height), image


def load_pixels(image: Image.Image, longest_side: int) -> None:
    """Decode every pixel, a JPEG at the smallest scale that still has `longest_side` pixels.

    Reducing while decoding reads the whole entropy-coded stream all the same, so damage still shows.
    Problem `photo_damaged`; `busy` when the memory does not suffice.
    """
    width, height = image.size
    factor = max(max(width, height) / longest_side, 1)
    try:
        if image.format in ("JPEG", "MPO"):
            image.draft(None, (max(int(width / factor), 1), max(int(height / factor), 1)))
        image.load()
    except MemoryError as exc:
        raise Problem("busy") from exc
    except Exception as exc:  # as above
        raise Problem("photo_damaged", "photo") from exc


def _is_whole(kind: str, data: bytes) -> bool:
    """Whether the file's own end is there; decoders are content when the last pixels are."""
    if kind == "JPEG":
        return _jpeg_is_whole(data)
    if kind == "PNG":
        return b"IEND\xaeB`\x82" in data
    if kind == "WEBP":
        return int.from_bytes(data[4:8], "little") + 8 <= len(data)
    return _boxes_are_whole(data)


def _boxes_are_whole(data: bytes) -> bool:
    """Whether a HEIC's last box ends where the file does: libheif leaves tiles that are missing black."""
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if length == 0:  # to the end of the file, wherever that is
            return True
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        if length < 8 or at + length > len(data):
            return False
        at += length
    return True


def _jpeg_is_whole(data: bytes) -> bool:
    """Walk the segments to the end marker. Bytes behind it (motion photos, depth maps) do not matter."""
    scans, at = 0, 2
    while found := JPEG_MARKER.search(data, at):
        marker = data[found.start() + 1]
        if marker == 0xD9:
            return scans > 0
        if marker == 0xDA:
            scans += 1
            if scans > JPEG_MAX_SCANS:
                return False
        at = found.end()
        if marker != 0x01:
            length = int.from_bytes(data[at : at + 2], "big")
            if length < 2:
                return False
            at += length
    return False
