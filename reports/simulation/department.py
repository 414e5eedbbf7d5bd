"""A person of a department or unit: signs for a duty, reports in on the spot, submits the result."""

from datetime import UTC, datetime
from typing import Any

from reports.simulation.actor import Actor
from reports.simulation.pictures import take

DUTY_NOTICES = frozenset({"assignment_issued", "whistle_blown"})
AGAIN = frozenset({"rework", "redo"})
PHOTO_ON_REPORT_IN = frozenset({"emergency", "joint"})


class Member(Actor):
    """Acts for one body."""

    async def act_on(self, notice: dict[str, Any]) -> None:
        if notice["kind"] in AGAIN:
            await self._once_more(notice["params"]["report"], int(notice["subject_id"]))
        if notice["kind"] not in DUTY_NOTICES:
            return
        duty_id = int(notice["subject_id"])
        await self.pause()
        answer = await self.step(f"assignments/{duty_id}/receive")
        if not answer.ok:
            self.ledger.faults.append(f"{self.person.username} receive {duty_id}: {answer.status} {answer.data}")
            return
        report = answer.data
        lng, lat = report["lng"], report["lat"]
        duty = next(one for one in report["assignments"] if one["id"] == duty_id)
        whistle = next((one for one in report["whistles"] if one["id"] == duty["whistle"]), None)
        if whistle is not None:
            await self.pause()
            await self._report_in(report["id"], duty_id, whistle["kind"], lng + 0.0002, lat)
        await self.pause()
        await self._submit(report["id"], duty_id, duty["role"] == "lead", lng, lat)

    async def _once_more(self, report_id: str, duty_id: int) -> None:
        """The result again, as the notice asks."""
        answer = await self.client.insist("GET", f"reports/{report_id}")
        if answer.ok:
            await self.pause()
            await self._submit(report_id, duty_id, True, answer.data["lng"], answer.data["lat"])

    async def _report_in(self, report_id: str, duty_id: int, kind: str, lng: float, lat: float) -> None:
        photos = [await take(self.dice, "reference", lng, lat)] if kind in PHOTO_ON_REPORT_IN else []
        await self.step(
            f"assignments/{duty_id}/report_in",
            position={"lng": lng, "lat": lat, "coord_type": "wgs84", "accuracy": 12.0},
            photos=[photo.announced() for photo in photos],
            note="模拟报到。",
        )
        for photo in photos:
            await self._upload(report_id, photo.sha256, photo.data)

    async def _submit(self, report_id: str, duty_id: int, lead: bool, lng: float, lat: float) -> None:
        now = datetime.now(UTC).isoformat()
        photo = await take(self.dice, "after", lng, lat)
        elements = {"taken_up_at": now, "discussed_with": "社区负责人", "solved_by": now} if lead else {}
        await self.step(
            f"assignments/{duty_id}/submit", measures="模拟处置完毕。", photos=[photo.announced()], **elements
        )
        await self._upload(report_id, photo.sha256, photo.data)

    async def _upload(self, report_id: str, sha256: str, data: bytes) -> None:
        answer = await self.client.insist("PUT", f"reports/{report_id}/photos/{sha256}", data, kind="image/jpeg")
        if answer.ok:
            self.ledger.result_photos.append((report_id, sha256))
        else:
            self.ledger.faults.append(f"{self.person.username} PUT photo: {answer.status} {answer.data}")
