"""Requests in tests: a duty assigned on a Monday at eight, what is asked about it, and the clock it has."""

from datetime import datetime, timedelta
from typing import Any

from core.moment import moved_to
from notifications.models import Notification
from reports.models import Clock
from tests import scenes
from tests.scenes import Scene
from tests.world import World, post

MONDAY = datetime.fromisoformat("2026-09-14T08:00:00+08:00")
HOUR = timedelta(hours=1)


def after(hours: float) -> Any:
    return moved_to(MONDAY + hours * HOUR)


def assigned(world: World) -> Scene:
    """On Monday at eight the urban office got the lead and the committee helps; four hours to handle, due at noon."""
    with moved_to(MONDAY):
        return scenes.assigned(world)


def asked(world: World, name: str, path: str, **said: Any) -> int:
    """Ask, and return the request's key."""
    detail = post(world, name, path, reason="理由", **said)
    return int(detail["requests"][-1]["id"])


def handle_clock(at: Scene) -> Clock:
    return Clock.objects.filter(report_id=at.report, kind="handle", stopped_at__isnull=True).get()


def told(kind: str) -> set[str]:
    return set(Notification.objects.filter(kind=kind).values_list("recipient__username", flat=True))


def waiting(world: World, name: str) -> list[int]:
    rows = world.api(name).get("/api/v1/requests", {"to_decide": "true"}).json()["results"]
    return [row["id"] for row in rows]
