"""Where photos lie: originals sealed under their own hash, pictures made from them under the photo's key.

Every file comes into being whole (temporary file in the same folder, fsync, rename, fsync of the folder), so writing
the same photo twice, at once or after a crash, ends in one good file.
"""

import errno
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import BinaryIO, Literal
from uuid import UUID

from django.conf import settings

from core.problems import Problem

Variant = Literal["display", "thumbnail"]
VARIANTS: tuple[Variant, ...] = ("display", "thumbnail")
SHA256 = re.compile(r"[0-9a-f]{64}")
# Nobody writes a file again; the proxy, in the server's group, reads those it hands out.
SEALED_MODE, FOLDER_MODE = 0o440, 0o750
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def original_path(sha256: str) -> Path:
    """Where the original with this hash lies; ValueError unless it is 64 lowercase hex digits."""
    if not SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256 in lowercase hex")
    return Path(settings.MEDIA_ROOT) / "original" / sha256[:2] / sha256[2:4] / sha256


def rendered_path(key: UUID | int, variant: str, edition: str = "") -> Path:
    """Where the display or thumbnail JPEG of the photo with this key lies; ValueError for any other key or variant.

    `edition` tells apart the pictures with other parts hidden (`reports.photos.hiding.edition`).
    """
    if variant not in VARIANTS:
        raise ValueError("not a variant of a photo")
    if isinstance(key, bool) or not isinstance(key, UUID | int) or (isinstance(key, int) and key < 0):
        raise ValueError("not a photo key")
    # Keys made in time order would fill one folder after the other; their hash spreads them.
    spread = hashlib.sha256(str(key).encode()).hexdigest()
    name = f"{key}-{edition}" if edition else str(key)
    return Path(settings.MEDIA_ROOT) / variant / spread[:2] / spread[2:4] / f"{name}.jpg"


def store_original(sha256: str, data: bytes) -> Path:
    """Keep `data`, whose hash the caller has checked; nothing is written twice. Problem `storage_full`."""
    return _write_once(original_path(sha256), data)


def store_rendered(key: UUID | int, variant: str, data: bytes, edition: str = "") -> Path:
    """Keep a picture made for the photo `key`; a later one replaces it. Problem `storage_full`."""
    return _write(rendered_path(key, variant, edition), data)


def open_original(sha256: str) -> BinaryIO:
    """The original, to read; Problem `not_found`."""
    return _open(original_path(sha256))


def open_rendered(key: UUID | int, variant: str) -> BinaryIO:
    """A picture, to read; Problem `not_found`."""
    return _open(rendered_path(key, variant))


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as exc:
        raise Problem("not_found") from exc


def _write_once(path: Path, data: bytes) -> Path:
    try:
        if path.stat().st_size == len(data):
            return path
    except FileNotFoundError:
        pass
    return _write(path, data)


def _write(path: Path, data: bytes) -> Path:
    try:
        _make_folder(path.parent)
        handle, name = tempfile.mkstemp(prefix=".part-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), SEALED_MODE)
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as exc:
        if exc.errno in FULL:
            raise Problem("storage_full") from exc
        raise
    return path


def _make_folder(folder: Path) -> None:
    """Make the folder and those above it, and have each name in its parent survive a power cut."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
