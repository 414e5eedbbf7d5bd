"""The places of a message's text: `%(number)s` and its like, filled when the message is written."""

import re
from collections.abc import Mapping

PLACES = ("number", "item", "address", "status", "answer", "code")
MAX_TEMPLATE = 500
_PLACE = re.compile(r"%\((\w*)\)s")
_BEGUN = re.compile(r"%\([^)]*\)?.?")


def unknown_places(text: str) -> list[str]:
    """What looks like a place and is none: an unknown name, or one without its `s`. A plain % is just that."""
    return [found for found in _BEGUN.findall(text) if (place := _PLACE.match(found)) is None or place[1] not in PLACES]


def fill(text: str, values: Mapping[str, str], longest: int) -> str:
    """The text with its places filled, at most `longest` characters: the answer is cut first, for it may be long.

    What is no place stays as it is written, so a filled text can always be made.
    """
    filled = _filled(text, values)
    excess = len(filled) - longest
    answer = values["answer"]
    if excess > 0 and "%(answer)s" in text and answer:
        shorter = answer[: max(len(answer) - excess - 1, 0)] + "…"
        filled = _filled(text, {**values, "answer": shorter})
    return filled[:longest]


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), text)
