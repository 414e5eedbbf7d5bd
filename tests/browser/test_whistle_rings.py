"""A whistle on the phone of the department that is called: on screen at once, and also after a dead link.

How long each takes is printed, not asserted.
"""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from tests.browser.conftest import Phone
from tests.browser.doing import until
from tests.browser.link import Link
from tests.browser.server import Server
from tests.world import LAT, LNG

# The longest pause between two sendings of a notice, the time to notice a dead socket, and to come back.
AFTER_A_DEAD_LINK_SECONDS = 120
WAITS = 40


def blow(server: Server) -> int:
    """An emergency whistle at the water company; the id of its duty."""
    own = uuid4()
    position = {"lng": LNG, "lat": LAT, "coord_type": "wgs84"}
    server.call(
        "zhang", "PUT", f"reports/{own}", {"item": "02-01-001", "description": "主管道爆裂", "position": position}
    )
    server.call("wang", "POST", f"reports/{own}/accept", {})
    called = {"kind": "emergency", "reason": "水管爆裂", "departments": [{"department": "SWJT", "role": "lead"}]}
    blown = server.call("wang", "POST", f"reports/{own}/whistles", called)
    return int(blown["assignments"][0]["id"])


def listening(phones: Callable[..., Phone], frames: list[dict[str, Any]]) -> Phone:
    """The water company's phone, with every frame it sends written down."""
    phone = phones()

    def written(payload: str | bytes) -> None:
        frames.append(json.loads(payload))

    phone.page.on("websocket", lambda socket: socket.on("framesent", written))
    phone.log_in("water")
    # Frames are told while the page is waited for. The rest of the wait lets the first sync and the reading of what
    # waits pass, so that only the whistle is timed.
    for _ in range(WAITS):
        phone.page.wait_for_timeout(1500)
        if any(frame["type"] == "auth" for frame in frames):
            return phone
    raise AssertionError("no socket was opened")


def acks(frames: list[dict[str, Any]]) -> list[int]:
    return [each for frame in frames if frame["type"] == "ack" for each in frame["ids"]]


def test_a_whistle_is_on_screen_and_acknowledged_once(phones: Callable[..., Phone], server: Server) -> None:
    frames: list[dict[str, Any]] = []
    phone = listening(phones, frames)
    card = phone.page.get_by_role("alertdialog")
    blow(server)
    answered = time.monotonic()
    card.wait_for()
    took = time.monotonic() - answered
    print(f"on screen {took:.2f} s after the whistle's answer")
    assert "水管爆裂" in card.inner_text()

    def acknowledged() -> list[int]:
        # Frames are told while the page is waited for.
        phone.page.wait_for_timeout(200)
        return acks(frames)

    until(acknowledged)
    phone.page.wait_for_timeout(3000)
    ids = acks(frames)
    assert len(ids) == len(set(ids))
    phone.page.get_by_role("button", name="签收").click()
    until(lambda: [row for row in server.all("water", "assignments") if row["status"] == "received"])


def test_a_whistle_arrives_after_the_socket_died_unseen(
    phones: Callable[..., Phone], link: Link, server: Server
) -> None:
    frames: list[dict[str, Any]] = []
    phone = listening(phones, frames)
    link.swallow()
    blow(server)
    begun = time.monotonic()
    phone.page.get_by_role("alertdialog").wait_for(timeout=AFTER_A_DEAD_LINK_SECONDS * 1000)
    print(f"on screen {time.monotonic() - begun:.1f} s after the link had died unseen")
    ids = acks(frames)
    assert len(ids) == len(set(ids))
