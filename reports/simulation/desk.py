"""The street's desk: the dispatcher who takes up, calls or assigns, rates and closes; the leader who approves; the
clerk who calls back."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from reports.simulation.actor import Actor
from reports.simulation.cast import Cast, StreetPart
from reports.simulation.ledger import Blown, Ledger

WHISTLE_SHARE = 0.35
KINDS = {"emergency": 0.5, "routine": 0.3, "joint": 0.2}
MEETING_AFTER = timedelta(minutes=30)
NO_ANSWER, UNSOLVED = 0.3, 0.2
DONE = frozenset({"submitted", "approved", "waived"})


class Dispatcher(Actor):
    """Decides by what the server says of the report, never by what was done before."""

    def __init__(self, part: StreetPart, cast: Cast, host: str, port: int, ledger: Ledger, dice: random.Random) -> None:
        super().__init__(part.dispatcher, host, port, ledger, dice)
        self.part, self.callable = part, sorted(cast.departments)
        self._locks: dict[str, asyncio.Lock] = {}

    async def act_on(self, notice: dict[str, Any]) -> None:
        report_id = notice["params"]["report"]
        async with self._locks.setdefault(report_id, asyncio.Lock()):
            answer = await self.client.insist("GET", f"reports/{report_id}")
            while answer.ok:
                await self.pause()
                following = await self._next(answer.data)
                if following is None:
                    return
                if not following:
                    answer = await self.client.insist("GET", f"reports/{report_id}")
                else:
                    answer = following["answer"]
            self.ledger.faults.append(f"{self.person.username} {report_id}: {answer.status} {answer.code}")

    async def _next(self, report: dict[str, Any]) -> dict[str, Any] | None:
        """Make the next step. None when there is nothing to do; empty when the report is to be read again."""
        steps = {"submitted": self._accept, "accepted": self._dispatch, "in_review": self._finish}
        make = steps.get(report["status"])
        answer = await make(report) if make else None
        if answer is None:
            return None
        return {"answer": answer} if answer.ok else {} if answer.status == 409 else None

    async def _accept(self, report: dict[str, Any]) -> Any:
        return await self.step(f"reports/{report['id']}/accept")

    async def _dispatch(self, report: dict[str, Any]) -> Any:
        if any(one["status"] in ("draft", "pending") for one in report["whistles"]):
            return None
        if self.dice.random() < WHISTLE_SHARE:
            return await self._whistle(report)
        return await self.step(
            f"reports/{report['id']}/assign", assignments=[{"role": "lead", "department": self.part.unit}]
        )

    async def _whistle(self, report: dict[str, Any]) -> Any:
        kind = self.dice.choices(list(KINDS), weights=list(KINDS.values()))[0]
        called = self.dice.sample(self.callable, self.dice.randint(1, 3))
        departments = [{"department": code, "role": "assist" if place else "lead"} for place, code in enumerate(called)]
        meeting = {"meeting_at": (datetime.now(UTC) + MEETING_AFTER).isoformat()} if kind == "joint" else {}
        answer = await self.step(
            f"reports/{report['id']}/whistles",
            kind=kind,
            reason="模拟吹哨,请到场。",
            departments=departments,
            **meeting,
        )
        if answer.ok:
            self.ledger.whistles.append(Blown(report["id"], kind, called))
        return answer

    async def _finish(self, report: dict[str, Any]) -> Any:
        """Once everyone has answered: rate, approve, close the whistle, close the report."""
        duties = [one for one in report["assignments"] if one["active"]]
        if any(one["status"] not in DONE for one in duties):
            return None
        whistle = report["whistles"][-1] if report["whistles"] else None
        if whistle and whistle["status"] == "submitted":
            ratings = [
                {"assignment": one["id"], "response": 5, "attendance": self.dice.randint(3, 5), "result": 4}
                for one in duties
            ]
            return await self.step(f"whistles/{whistle['id']}/rate", ratings=ratings)
        if any(one["status"] == "submitted" for one in duties):
            return await self.step(f"reports/{report['id']}/approve")
        if whistle and whistle["status"] == "rated":
            return await self.step(f"whistles/{whistle['id']}/close")
        said = {"answer": "模拟处置完毕。"} if report["requester"] else {}
        answer = await self.step(f"reports/{report['id']}/close", **said)
        self.ledger.closed += answer.ok and answer.data["status"] == "closed"
        return answer


class Clerk(Actor):
    """回访: calls whoever is to be called, again where nobody answers; some want it done again."""

    async def act_on(self, notice: dict[str, Any]) -> None:
        if notice["kind"] != "callback_due":
            return
        report_id = notice["params"]["report"]
        while True:
            await self.pause()
            answer = await self.step(f"reports/{report_id}/call_back", **self._said())
            if not answer.ok or answer.data["status"] != "callback":
                break
        if answer.ok:
            self.ledger.called_back += 1
            self.ledger.closed += answer.data["status"] == "closed"

    def _said(self) -> dict[str, Any]:
        lot = self.dice.random()
        if lot < NO_ANSWER:
            return {"reached": False, "note": "无人接听。"}
        if lot < NO_ANSWER + UNSOLVED:
            return {"reached": True, "solved": False, "satisfaction": "not", "note": "模拟:问题又出现。"}
        return {"reached": True, "solved": True, "satisfaction": "satisfied"}


class Leader(Actor):
    """批准: every whistle that is asked for."""

    async def act_on(self, notice: dict[str, Any]) -> None:
        if notice["kind"] == "whistle_pending":
            await self.pause()
            await self.step(f"whistles/{notice['subject_id']}/approve", note="同意。")
