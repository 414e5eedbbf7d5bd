"""The door 门牌 of a household: how it is tidied, written, hidden and found again.

Whoever goes there (holds `edit_households`) reads doors in lists; everyone else sees 2单元5**.
"""

import re
import unicodedata
from dataclasses import dataclass
from uuid import UUID

from core.encryption import lookup_hash, lookup_hashes


@dataclass(frozen=True)
class Door:
    """Unit and room in a building, or the address of a house without one in its grid."""

    building: UUID | None
    grid: int
    unit: str = ""
    room: str = ""
    address: str = ""

    @property
    def known(self) -> bool:
        return bool(self.room if self.building else self.address)

    @property
    def key(self) -> str:
        """What is hashed; empty for a door that is not known."""
        if not self.known:
            return ""
        where = f"{self.building}:{self.unit}:{self.room}" if self.building else f"{self.grid}::{self.address}"
        # The building is part of it: equal rooms of two buildings must not look equal.
        return "door:" + where.upper()

    def hash(self) -> str:
        """What is stored; empty for a door that is not known."""
        return lookup_hash(self.key)

    def hashes(self) -> list[str]:
        """What to look for, under every key."""
        return lookup_hashes(self.key) if self.known else []

    @property
    def text(self) -> str:
        return door_text(self.unit, self.room) if self.building else self.address


def tidy_unit(text: str) -> str:
    """2单元 → 2."""
    return re.sub(r"(?<=.)单元$", "", _plain(text))


def tidy_room(text: str) -> str:
    """502室 → 502."""
    return re.sub(r"(?<=.)[室号房]$", "", _plain(text))


def tidy_address(text: str) -> str:
    return _plain(text)


def door_text(unit: str, room: str) -> str:
    """2, 502 → 2单元502室."""
    return (f"{unit}单元" if unit else "") + (f"{room}室" if room else "")


def mask_door(unit: str, room: str) -> str:
    """2, 502 → 2单元5**."""
    return (f"{unit}单元" if unit else "") + (room[:1] + "**" if room else "")


def mask_address(address: str) -> str:
    """台上村18号 → 台上村**号; without any digit all but the first two characters are hidden."""
    hidden = re.sub(r"\d|[一二三四五六七八九十百]", "*", address)
    return hidden if hidden != address else address[:2] + "*" * max(len(address) - 2, 0)


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def door_order(unit: str, room: str) -> list[tuple[int, str]]:
    """By unit and room as people count: 2 before 10."""
    parts = [*re.split(r"(\d+)", unit), "", *re.split(r"(\d+)", room)]
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
