"""What a camera wrote into a photo: when and where it was taken. Wrong or missing entries give None, never an error."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image

# What Pillow raises on crafted directories: broken offsets, types and rationals.
BROKEN = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, ArithmeticError, AttributeError, EOFError)
CAMERA_ZONE = ZoneInfo("Asia/Shanghai")
HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True)
class Taken:
    """Time (aware, UTC), position (degrees WGS-84) and the EXIF orientation 1-8 of a photo."""

    at: datetime | None = None
    lng: float | None = None
    lat: float | None = None
    orientation: int = 1


def read_taken(image: Image.Image) -> Taken:
    """Read time, position and orientation. A time without a zone is China's unless the GPS tells the zone."""
    try:
        exif = image.getexif()
        orientation = exif.get(ExifTags.Base.Orientation, 1)
    except (*BROKEN, RecursionError):
        return Taken()
    camera, gps = _directory(exif, ExifTags.IFD.Exif), _directory(exif, ExifTags.IFD.GPSInfo)
    lng, lat = _position(gps)
    if not isinstance(orientation, int) or not 1 <= orientation <= 8:
        orientation = 1
    return Taken(_time(camera, gps), lng, lat, orientation)


def _directory(exif: Image.Exif, ifd: int) -> dict[int, Any]:
    try:
        return dict(exif.get_ifd(ifd))
    except (*BROKEN, RecursionError):
        return {}


def _position(gps: dict[int, Any]) -> tuple[float | None, float | None]:
    lat = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "NS", 90)
    lng = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "EW", 180)
    # 0, 0 is what phones write while they have no fix.
    if lat is None or lng is None or (lat == 0 and lng == 0):
        return None, None
    return lng, lat


def _degrees(parts: Any, ref: Any, signs: str, limit: float) -> float | None:
    numbers = _numbers(parts)
    sign = _text(ref).upper()[:1]
    if numbers is None or not sign or sign not in signs:
        return None
    degrees, minutes, seconds = numbers
    value = degrees + minutes / 60 + seconds / 3600
    if min(numbers) < 0 or minutes >= 60.0001 or seconds >= 60.0001 or value > limit:
        return None
    return round(value if sign == signs[0] else -value, 7)


def _numbers(parts: Any) -> tuple[float, float, float] | None:
    try:
        first, second, third = (float(part) for part in parts)
    except BROKEN:
        return None
    if not all(math.isfinite(number) for number in (first, second, third)):
        return None
    return first, second, third


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return value.strip("\0 ") if isinstance(value, str) else ""


def _time(camera: dict[int, Any], gps: dict[int, Any]) -> datetime | None:
    satellite = _gps_time(gps)
    for time_tag, offset_tag in (
        (ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal),
        (ExifTags.Base.DateTimeDigitized, ExifTags.Base.OffsetTimeDigitized),
    ):
        local = _datetime(_text(camera.get(time_tag)), "%Y:%m:%d %H:%M:%S")
        if local is not None:
            zone = _offset(_text(camera.get(offset_tag))) or _zone_by_gps(local, satellite) or CAMERA_ZONE
            return local.replace(tzinfo=zone).astimezone(UTC)
    return satellite


def _datetime(text: str, form: str) -> datetime | None:
    try:
        moment = datetime.strptime(text, form)
    except ValueError:
        return None
    return moment if 1970 < moment.year < 9999 else None


def _offset(text: str) -> timezone | None:
    try:
        return timezone(datetime.strptime(text.replace("Z", "+00:00"), "%z").utcoffset() or timedelta(0))
    except ValueError:
        return None


def _zone_by_gps(local: datetime, satellite: datetime | None) -> timezone | None:
    """The zone that lies between camera time and GPS time.

    The GPS time itself is that of the last fix, which may be minutes old; the zone derived from it is not.
    """
    if satellite is None:
        return None
    offset = round((local.replace(tzinfo=UTC) - satellite) / HALF_HOUR) * HALF_HOUR
    return timezone(offset) if timedelta(hours=-12) <= offset <= timedelta(hours=14) else None


def _gps_time(gps: dict[int, Any]) -> datetime | None:
    numbers = _numbers(gps.get(ExifTags.GPS.GPSTimeStamp))
    day = _datetime(_text(gps.get(ExifTags.GPS.GPSDateStamp)), "%Y:%m:%d")
    if numbers is None or day is None:
        return None
    hours, minutes, seconds = numbers
    if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds < 61):
        return None
    return day.replace(tzinfo=UTC) + timedelta(hours=hours, minutes=minutes, seconds=int(seconds))
