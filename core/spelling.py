"""How Chinese text is spelt in pinyin, to find it by letters; a device is given spellings and needs no dictionary."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from pypinyin import lazy_pinyin, pinyin
from pypinyin.constants import Style

Spelling = tuple[tuple[str, ...], ...]


@lru_cache(maxsize=8192)
def spelling(text: str) -> Spelling:
    """For each character its readings without tones in lower case, the one it has in this text first; what is no
    Chinese character stands for itself. 堵塞 → (("du",), ("se", "sai")).

    All readings, because people type the one they say.
    """
    here = lazy_pinyin(text, errors=cast(Any, list))
    assert len(here) == len(text)
    return tuple(
        tuple(dict.fromkeys([first.lower(), *(one.lower() for one in pinyin(character, Style.NORMAL, True)[0])]))
        for character, first in zip(text, here, strict=True)
    )


def is_spelt(letters: str, spelt: Spelling) -> bool:
    """Whether the letters, from some character on, are readings, their initials, or both mixed: bllj, baolu, baollj."""
    return any(_goes_on(letters.lower(), spelt[start:]) for start in range(len(spelt)))


def _goes_on(letters: str, spelt: Sequence[tuple[str, ...]]) -> bool:
    if not letters:
        return True
    return bool(spelt) and any(
        reading.startswith(letters)
        or (letters.startswith(reading) and _goes_on(letters[len(reading) :], spelt[1:]))
        or (letters[0] == reading[0] and _goes_on(letters[1:], spelt[1:]))
        for reading in spelt[0]
    )
