"""A phone that keeps what a sync gives it, as the field app does."""

from datetime import datetime, time, timedelta
from typing import Any

from reports.calendar import ZONE, today
from tests.world import World

KEYS = {
    "grids": "code",
    "items": "code",
    "risk_levels": "code",
    "colour_reasons": "code",
    "care_tags": "code",
    "buildings": "id",
    "households": "id",
    "tasks": "id",
    "field_checks": "id",
    "reports": "id",
    "knowledge": "id",
}


class Phone:
    """The phone of one person; `ask` syncs it and returns the sections that changed."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.token = ""
        self.kept: dict[str, dict[Any, Any]] = {}

    def ask(self) -> dict[str, Any]:
        answer = self.answer(self.token)
        self.token = answer["token"]
        changed = {name: section for name, section in answer["sections"].items() if section is not None}
        for name, section in changed.items():
            kept = {} if section["replace"] else self.kept[name]
            kept |= keyed(name, section["rows"])
            for key in section["gone"]:
                kept.pop(key, None)
            self.kept[name] = kept
        return changed

    def answer(self, token: str = "", **headers: Any) -> Any:
        answer = self.world.api(self.name).get("/api/v1/sync", {"token": token} if token else {}, headers=headers)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def whole(self) -> dict[str, dict[Any, Any]]:
        """What a new phone would be given."""
        sections = self.answer()["sections"]
        return {name: keyed(name, section["rows"]) for name, section in sections.items()}


def keyed(name: str, rows: list[Any]) -> dict[Any, Any]:
    """Rows by what names them; in their order where nothing does."""
    key = KEYS.get(name)
    return dict(enumerate(rows)) if key is None else {row[key]: row for row in rows}


def tomorrow_at(hour: int) -> datetime:
    """A moment of the next day, so that no midnight, with which items and dues change, lies between two of them."""
    return datetime.combine(today() + timedelta(days=1), time(hour), ZONE)
