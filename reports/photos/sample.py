"""Drawn photos for the demonstration and the simulation: plainly artificial, each one different."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

from django.utils import timezone
from PIL import ExifTags, Image, ImageDraw

from reports.photos.watermark import font_of

Colour = tuple[int, int, int]
Painter = Callable[[ImageDraw.ImageDraw, random.Random, int, int], None]

BRICKS: tuple[Colour, ...] = ((188, 143, 112), (201, 190, 170), (160, 172, 184), (214, 201, 152), (176, 120, 108))
LITTER: tuple[Colour, ...] = ((60, 70, 150), (230, 230, 225), (40, 40, 44), (190, 60, 50), (210, 180, 60))


def sample_photo(
    seed: int,
    *,
    kind: str = "near",
    taken_at: datetime,
    lng: float,
    lat: float,
    size: tuple[int, int] = (1600, 1200),
) -> bytes:
    """A JPEG of a street scene with EXIF time (`taken_at`, aware) and position (degrees WGS-84).

    `seed` settles the scene, `kind` how it stands: "before", "near" and "reference" show the trouble, "after" shows
    the same place put in order.
    """
    width, height = size
    dice = random.Random(seed)  # noqa: S311
    image = _sky(dice, size)
    draw = ImageDraw.Draw(image)
    _houses(draw, dice, width, height)
    trouble = dice.choice(TROUBLES)
    if kind != "after":
        trouble(draw, random.Random(f"{seed} {kind}"), width, height)  # noqa: S311
    _label(draw, f"演示 {kind} #{seed}", width, height)
    out = BytesIO()
    image.save(out, "JPEG", quality=80, exif=_exif(taken_at, lng, lat))
    return out.getvalue()


def _sky(dice: random.Random, size: tuple[int, int]) -> Image.Image:
    shade = dice.randint(-25, 20)
    column = Image.new("RGB", (1, 64))
    for y in range(64):
        column.putpixel((0, y), (120 + shade + y, 160 + shade + y, 215 + shade + y // 2))
    return column.resize(size, Image.Resampling.BILINEAR)


def _houses(draw: ImageDraw.ImageDraw, dice: random.Random, width: int, height: int) -> None:
    kerb, x = height * 6 // 10, 0
    while x < width:
        wide, tall = dice.randint(width // 10, width // 4), dice.randint(height // 6, height // 2)
        draw.rectangle((x, kerb - tall, x + wide, kerb), fill=dice.choice(BRICKS), outline=(90, 90, 90))
        step = max(width // 40, 8)
        for top in range(kerb - tall + step // 2, kerb - step, step * 2):
            for left in range(x + step // 2, x + wide - step, step * 2):
                lit = dice.random() < 0.2
                draw.rectangle((left, top, left + step, top + step), fill=(250, 230, 150) if lit else (80, 95, 110))
        x += wide
    draw.rectangle((0, kerb, width, kerb + height // 12), fill=(186, 182, 174))
    for left in range(0, width, max(width // 32, 6)):
        draw.line((left, kerb, left - width // 40, kerb + height // 12), fill=(160, 156, 148), width=2)
    draw.rectangle((0, kerb + height // 12, width, height), fill=(92, 94, 98))
    for left in range(dice.randint(0, width // 8), width, width // 6):
        draw.rectangle((left, height * 5 // 6, left + width // 12, height * 5 // 6 + height // 80), fill="white")


def _rubbish(draw: ImageDraw.ImageDraw, dice: random.Random, width: int, height: int) -> None:
    x, y = dice.randint(width // 5, width * 4 // 5), height * 7 // 10
    for _ in range(60):
        left, top, r = dice.gauss(x, width / 18), dice.gauss(y, height / 30), dice.randint(width // 90, width // 28)
        draw.ellipse((left - r, top - r, left + r, top + r * 0.8), fill=dice.choice(LITTER), outline=(30, 30, 30))


def _pothole(draw: ImageDraw.ImageDraw, dice: random.Random, width: int, height: int) -> None:
    x, y = dice.randint(width // 4, width * 3 // 4), height * 8 // 10
    for ring, shade in ((1.0, 70), (0.8, 45), (0.5, 28)):
        wide, tall = width * ring / 9, height * ring / 18
        draw.ellipse((x - wide, y - tall, x + wide, y + tall), fill=(shade, shade, shade + 4))


def _manhole(draw: ImageDraw.ImageDraw, dice: random.Random, width: int, height: int) -> None:
    x, y, r = dice.randint(width // 4, width * 3 // 4), height * 8 // 10, width // 14
    draw.ellipse((x - r, y - r * 0.45, x + r, y + r * 0.45), fill=(18, 18, 20), outline=(150, 150, 150), width=6)
    draw.ellipse((x + r * 0.7, y - r * 0.3, x + r * 2.5, y + r * 0.55), fill=(120, 118, 112), outline=(60, 60, 60))


def _flood(draw: ImageDraw.ImageDraw, dice: random.Random, width: int, height: int) -> None:
    x, y = dice.randint(width // 3, width * 2 // 3), height * 8 // 10
    for ring in range(6):
        wide, tall = width * (0.32 - ring * 0.045), height * (0.11 - ring * 0.016)
        draw.ellipse((x - wide, y - tall, x + wide, y + tall), fill=(110 + ring * 8, 130 + ring * 8, 150 + ring * 8))


def _blocked_way(draw: ImageDraw.ImageDraw, dice: random.Random, width: int, height: int) -> None:
    for _ in range(dice.randint(3, 6)):
        x, y, w = dice.randint(0, width * 4 // 5), height * 62 // 100, width // 9
        colour = dice.choice(LITTER)
        draw.rounded_rectangle((x, y, x + w, y + w // 2), radius=w // 6, fill=colour, outline=(20, 20, 20), width=3)
        for wheel in (x + w // 5, x + w * 4 // 5):
            draw.ellipse((wheel - w // 9, y + w * 2 // 5, wheel + w // 9, y + w * 3 // 5), fill=(20, 20, 20))


TROUBLES: tuple[Painter, ...] = (_rubbish, _pothole, _manhole, _flood, _blocked_way)


def _label(draw: ImageDraw.ImageDraw, text: str, width: int, height: int) -> None:
    font = font_of(max(min(width, height) // 14, 10))
    draw.text((width // 40, height // 40), text, font=font, fill="white", stroke_width=2, stroke_fill=(60, 60, 60))


def _exif(taken_at: datetime, lng: float, lat: float) -> Image.Exif:
    local = timezone.localtime(taken_at)
    offset = local.utcoffset() or timedelta(0)
    sign, minutes = ("-" if offset < timedelta(0) else "+"), int(abs(offset).total_seconds()) // 60
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Grid Whistle"
    exif[ExifTags.Base.Model] = "Demonstration"
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.DateTimeOriginal: f"{local:%Y:%m:%d %H:%M:%S}",
            ExifTags.Base.OffsetTimeOriginal: f"{sign}{minutes // 60:02d}:{minutes % 60:02d}",
        }
    )
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N" if lat >= 0 else "S",
            ExifTags.GPS.GPSLatitude: _sexagesimal(lat),
            ExifTags.GPS.GPSLongitudeRef: "E" if lng >= 0 else "W",
            ExifTags.GPS.GPSLongitude: _sexagesimal(lng),
            ExifTags.GPS.GPSMapDatum: "WGS-84",
        }
    )
    return exif


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    """Degrees, minutes and seconds to a ten-thousandth of a second (3 mm)."""
    ticks = round(abs(degrees) * 3600 * 10_000)
    return float(ticks // 36_000_000), float(ticks // 600_000 % 60), ticks % 600_000 / 10_000
