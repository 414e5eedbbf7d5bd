"""Two hundred reports over a link that breaks again and again: all arrive, each once."""

import threading
import time
from contextlib import suppress
from uuid import uuid4

from playwright.sync_api import TimeoutError

from tests.browser.conftest import Phone
from tests.browser.doing import reports_of, until, waiting
from tests.browser.link import Link
from tests.browser.server import Server
from tests.world import LAT, LNG

REPORTS = 200
SECONDS = 240

FILL = """entries => new Promise((resolve, reject) => {
  const open = indexedDB.open('gridwhistle:zhang')
  open.onerror = () => reject(open.error)
  open.onsuccess = () => {
    const writing = open.result.transaction('queue', 'readwrite')
    for (const entry of entries) writing.objectStore('queue').add(entry)
    writing.oncomplete = () => { open.result.close(); resolve(true) }
    writing.onabort = () => reject(writing.error)
  }
})"""


def entry(number: int) -> dict[str, object]:
    """A report as the app queues it."""
    own, now = str(uuid4()), "2026-11-01T08:00:00.000Z"
    position = {"lng": LNG, "lat": LAT, "coord_type": "wgs84", "accuracy": 8, "provider": "phone"}
    body = {"item": "01-01-001", "description": f"第{number}件", "position": position}
    return {
        "id": own,
        "seq": number,
        "kind": "report",
        "title": "暴露垃圾",
        "chain": f"report:{own}",
        "method": "PUT",
        "path": f"reports/{own}",
        "body": body,
        "names": own,
        "bodySent": False,
        "pictures": [],
        "state": "waiting",
        "attempts": 0,
        "nextAt": now,
        "failure": None,
        "createdAt": now,
    }


def test_two_hundred_reports_over_a_link_that_keeps_breaking_arrive_exactly_once(
    phone: Phone, link: Link, server: Server
) -> None:
    link.down()
    entries = [entry(number) for number in range(1, REPORTS + 1)]
    assert phone.page.evaluate(FILL, entries)
    over = threading.Event()

    def keep_breaking() -> None:
        while not over.is_set():
            link.up()
            over.wait(1.5)
            link.drop()
            link.down()
            over.wait(0.5)
        link.up()

    breaking = threading.Thread(target=keep_breaking)
    breaking.start()
    try:
        phone.page.reload()
        phone.go("queue")
        begun = time.monotonic()
        while waiting(phone) and time.monotonic() - begun < SECONDS:
            # A person who watches the list and wants it gone; without, each pause is only longer.
            button = phone.page.get_by_role("button", name="全部立即发送")
            # It goes with the last of the list.
            if button.is_visible():
                with suppress(TimeoutError):
                    button.click(timeout=1000, no_wait_after=True)
            time.sleep(1)
    finally:
        over.set()
        breaking.join()
    until(lambda: waiting(phone) == 0)
    rows = reports_of(server)
    assert len(rows) == REPORTS
    assert {row["id"] for row in rows} == {each["id"] for each in entries}
    numbers = [int(row["description"].strip("第件")) for row in rows]
    assert numbers == sorted(numbers)
