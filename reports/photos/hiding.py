"""Faces and number plates painted over: boxes on a picture, as parts of its width and height once turned."""

import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from math import ceil, floor

import orjson
from PIL import Image, ImageDraw

DIGITS = 4
# A blurred plate can be read back; a painted one cannot.
PAINT = (75, 85, 99)


@dataclass(frozen=True)
class Box:
    """The left upper corner and the size, each from 0 to 1."""

    x: float
    y: float
    width: float
    height: float

    def as_row(self) -> list[float]:
        return [round(side, DIGITS) for side in astuple(self)]


def boxes_of(rows: Sequence[Sequence[float]]) -> list[Box]:
    """The boxes as a photo's row keeps them."""
    return [Box(*row) for row in rows]


def edition(boxes: Sequence[Box]) -> str:
    """A name for the pictures with just these boxes hidden; empty where there are none.

    Named by what they show, pictures made twice or at once never overwrite others.
    """
    if not boxes:
        return ""
    return hashlib.sha256(orjson.dumps([box.as_row() for box in boxes])).hexdigest()[:12]


def paint_over(picture: Image.Image, boxes: Sequence[Box]) -> None:
    """Paint each box on the RGB `picture`, in place; a pixel it only touches is painted too."""
    width, height = picture.size
    draw = ImageDraw.Draw(picture)
    for box in boxes:
        left, top = floor(box.x * width), floor(box.y * height)
        right, bottom = ceil((box.x + box.width) * width) - 1, ceil((box.y + box.height) * height) - 1
        draw.rectangle((left, top, max(right, left), max(bottom, top)), fill=PAINT)
