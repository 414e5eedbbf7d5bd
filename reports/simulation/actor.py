"""What every simulated person does alike: hears notices, takes each up in turn, and makes the steps it asks for."""

import asyncio
import random
from typing import Any
from uuid import uuid4

from reports.simulation.cast import Person
from reports.simulation.client import Answer, Client
from reports.simulation.ear import Ear
from reports.simulation.ledger import Ledger

# Seconds a person takes to look and decide; a morning in fast motion.
PAUSE = (0.1, 0.6)
# A step the state does not allow just now (a photo on its way, say) is tried again so often.
TRIES = 40
RETRY_SECONDS = 0.5
NOT_YET = frozenset({"photo_not_here_yet"})


class Actor:
    """One person at the desk or in the field. `act_on` is what a notice means to this person."""

    def __init__(self, person: Person, host: str, port: int, ledger: Ledger, dice: random.Random) -> None:
        self.person, self.ledger, self.dice = person, ledger, dice
        self.client = Client(host, port, person.token, ledger, dice)
        self.ear = Ear(person.id, host, port, person.token, ledger, dice)
        self.busy = 0

    async def live(self) -> None:
        """Listen and act until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.ear.listen())
            group.create_task(self._work(group))

    async def _work(self, group: asyncio.TaskGroup) -> None:
        while True:
            notice = await self.ear.heard.get()
            # Only what this simulation began; the demonstration's own matters are left as they are.
            if notice["params"].get("report") in self.ledger.reports:
                group.create_task(self._take_up(notice))

    async def _take_up(self, notice: dict[str, Any]) -> None:
        self.busy += 1
        try:
            await self.act_on(notice)
        except Exception as exc:
            self.ledger.faults.append(f"{self.person.username}: {type(exc).__name__}: {exc}")
        finally:
            self.busy -= 1

    async def act_on(self, notice: dict[str, Any]) -> None:
        """Workers only read what they are told."""

    async def pause(self) -> None:
        await asyncio.sleep(self.dice.uniform(*PAUSE))

    async def step(self, path: str, **body: Any) -> Answer:
        """One step under a request id of its own, so that repeating it on a bad line does it once."""
        body["request_id"] = str(uuid4())
        for _ in range(TRIES):
            answer = await self.client.insist("POST", path, body)
            if answer.code not in NOT_YET:
                break
            await asyncio.sleep(RETRY_SECONDS)
        # 409: somebody was quicker, or the report has moved on; whoever asked looks at it again.
        if not answer.ok and answer.status != 409:
            self.ledger.faults.append(f"{self.person.username} POST {path}: {answer.status} {answer.data}")
        return answer
