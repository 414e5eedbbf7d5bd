"""Drawn pictures of simulated phones, made off the event loop."""

import asyncio
import hashlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime

from reports.photos.sample import sample_photo

SIZE = (800, 600)


@dataclass(frozen=True)
class Picture:
    kind: str
    data: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    def announced(self) -> dict[str, object]:
        return {"sha256": self.sha256, "size": len(self.data), "kind": self.kind}


async def take(dice: random.Random, kind: str, lng: float, lat: float) -> Picture:
    """A picture no other is like, taken now at this place (degrees WGS-84)."""
    seed = dice.getrandbits(48)
    taken_at = datetime.now(UTC)
    data = await asyncio.to_thread(sample_photo, seed, kind=kind, taken_at=taken_at, lng=lng, lat=lat, size=SIZE)
    return Picture(kind, data)
