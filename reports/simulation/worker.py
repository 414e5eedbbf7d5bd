"""A worker in the field: finds matters, keeps each in a queue, and sends until an answer names it."""

import asyncio
import contextlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from reports.demo.plans import answers_for
from reports.demo.words import fictional_phone, person_name
from reports.simulation.actor import Actor
from reports.simulation.cast import Matter, WorkerPart
from reports.simulation.client import FIRST_PAUSE, LONGEST_PAUSE, Answer, Broken
from reports.simulation.ledger import Ledger, Sent
from reports.simulation.pictures import Picture, take

# Also on a good line a person loses patience, or the phone sends again what had arrived.
BREAKS_OFF, SENDS_AGAIN = 0.1, 0.1
# Of what workers find this share was pointed out by a resident, who will be called back.
ASKED_FOR = 0.3
PHOTO_KINDS = ("near", "reference")


@dataclass
class Entry:
    """A report in the phone's queue, with its pictures that are still to be sent."""

    id: str
    body: dict[str, Any]
    pictures: list[Picture]


class Worker(Actor):
    """Sends about `per_minute` reports until `stop`; then empties its queue."""

    def __init__(
        self, part: WorkerPart, matters: list[Matter], host: str, port: int, ledger: Ledger, dice: random.Random
    ) -> None:
        super().__init__(part.person, host, port, ledger, dice)
        self.part, self.matters = part, matters
        self.queue: asyncio.Queue[Entry] = asyncio.Queue()

    async def walk(self, per_minute: float, stop: asyncio.Event) -> None:
        """Find matters at random moments until `stop`."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self.dice.expovariate(per_minute / 60))
            if not stop.is_set():
                self.queue.put_nowait(await self._find())

    async def send(self) -> None:
        """Send what is in the queue, one after the other, until cancelled."""
        while True:
            entry = await self.queue.get()
            await self._send_report(entry)
            if not self.ledger.reports[entry.id].refused:
                await self._send_pictures(entry)

    async def _find(self) -> Entry:
        lng, lat, grid = self.dice.choice(self.part.places)
        matter = self.dice.choice(self.matters)
        kinds = PHOTO_KINDS[: self.dice.choice((0, 1, 1, 2, 2))]
        pictures = [await take(self.dice, kind, lng, lat) for kind in kinds]
        entry = Entry(
            # Not from the seed: a morning lived twice sends different reports.
            str(uuid4()),
            {
                "item": matter.code,
                "description": f"模拟上报:{grid}有{matter.name}问题。",
                "position": {"lng": lng, "lat": lat, "coord_type": "wgs84", "accuracy": 8.0, "provider": "gps"},
                "captured_at": datetime.now(UTC).isoformat(),
                "answers": answers_for(self.dice, matter.questions),
                "photos": [picture.announced() for picture in pictures],
            },
            pictures,
        )
        if self.dice.random() < ASKED_FOR:
            phone = fictional_phone(self.dice.randrange(50_000_000, 99_999_999))
            entry.body["requester"] = {"name": person_name(self.dice), "phone": phone}
        self.ledger.reports[entry.id] = Sent(self.person.username, [picture.sha256 for picture in pictures])
        return entry

    async def _send_report(self, entry: Entry) -> None:
        answer = await self.client.insist("PUT", f"reports/{entry.id}", entry.body)
        if not answer.ok or answer.data["id"] != entry.id:
            self._refused(entry, answer)
            return
        if self.dice.random() < SENDS_AGAIN:
            again = await self.client.insist("PUT", f"reports/{entry.id}", entry.body)
            if again.status != 200 or again.data["id"] != entry.id:
                self.ledger.faults.append(f"PUT report again: {again.status} {again.data}")
        self.ledger.reports[entry.id].accepted = True

    async def _send_pictures(self, entry: Entry) -> None:
        """In random order, each until it is there; one that fails gives way to the next and comes again."""
        left = list(entry.pictures)
        pause = FIRST_PAUSE
        while left:
            self.dice.shuffle(left)
            picture = left[0]
            broken_off = len(picture.data) // 2 if self.dice.random() < BREAKS_OFF else None
            path = f"reports/{entry.id}/photos/{picture.sha256}"
            try:
                answer = await self.client.request("PUT", path, picture.data, kind="image/jpeg", break_off=broken_off)
            except Broken:
                await asyncio.sleep(pause * self.dice.uniform(0.5, 1.5))
                pause = min(pause * 1.6, LONGEST_PAUSE)
                continue
            if answer.ok and answer.data["sha256"] == picture.sha256:
                left.remove(picture)
                self.ledger.reports[entry.id].photos_accepted += 1
            elif answer.status < 500:
                self._refused(entry, answer)
                return

    def _refused(self, entry: Entry, answer: Answer) -> None:
        """The server will not have it: sending it again would not help."""
        self.ledger.reports[entry.id].refused = True
        self.ledger.faults.append(f"report {entry.id}: {answer.status} {answer.data}")
