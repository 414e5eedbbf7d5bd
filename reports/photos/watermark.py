"""The line under a photo: when, where and for which report it was taken."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

FONT = Path(__file__).resolve().parent.parent / "data" / "fonts" / "NotoSansCJKsc-GB2312.otf"
MAX_CHARACTERS = 120
# Below this many pixels no line can be read.
MIN_SIDE = 120


@dataclass(frozen=True)
class Caption:
    """`taken_at` (aware) is shown unless the photo tells its own time; `place` and `number` as they are to be read."""

    taken_at: datetime
    place: str = ""
    number: str = ""


@lru_cache(maxsize=64)
def font_of(size: int) -> ImageFont.FreeTypeFont:
    """The watermark font at `size` pixels. Basic layout: Chinese and Latin need no shaping, and it is faster."""
    return ImageFont.truetype(str(FONT), size, layout_engine=ImageFont.Layout.BASIC)


def mark(image: Image.Image, caption: Caption, taken_at: datetime | None) -> None:
    """Darken the lower edge of the RGB `image` and write the caption there, in place."""
    width, height = image.size
    if min(width, height) < MIN_SIDE:
        return
    size = max(min(width, height) // 36, 12)
    font = font_of(size)
    margin, step = size // 2, round(size * 1.35)
    moment = timezone.localtime(taken_at or caption.taken_at)
    first = "  ".join(part for part in (f"{moment:%Y-%m-%d %H:%M:%S}", _plain(caption.number)) if part)
    lines = [_fitted(line, font, width - 2 * margin) for line in (first, _plain(caption.place)) if line]
    top = height - step * len(lines) - margin
    band = image.crop((0, top, width, height)).point(lambda value: value * 0.45)
    draw = ImageDraw.Draw(band)
    for index, line in enumerate(lines):
        draw.text((margin, margin // 2 + index * step), line, font=font, fill="white")
    image.paste(band, (0, top))


def _plain(text: str) -> str:
    """One line of printable characters; control and direction marks could hide or reverse the rest."""
    words = " ".join(text[: MAX_CHARACTERS * 2].split())
    return "".join(character for character in words if character.isprintable())[:MAX_CHARACTERS]


def _fitted(line: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(line + "…") > width:
        line = line[:-1]
    return line + "…"
