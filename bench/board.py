"""`python -m bench.board`: the console's board in a real Chromium, in an empty database of its own.

How long it takes to open with 10,000 reports behind it and with 1,200,000, and whether it stays smooth and keeps the
reader's place through a minute of 1,000 new reports. The front end must have been built.
"""

import argparse
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import django
import requests
from playwright.sync_api import Browser, Page, sync_playwright

from bench.__main__ import BODY, ROOT, SMALL, fill, prepare, write

PASSWORD = "bench-command-2026"
FIRST_ROW = "tbody tr"
# What the board asks for until somebody filters it.
OPEN = "&".join(
    f"status={name}" for name in ("submitted", "accepted", "in_progress", "suspended", "in_review", "callback")
)
HEADER = "| what | {small:,} reports | {large:,} reports | large ÷ small | target |\n|---|---|---|---|---|"
# Every frame's length and every task above 50 ms, as the page itself sees them.
WATCH = """() => {
  window.seen = { frames: [], tasks: [] }
  let last = performance.now()
  const tick = now => { seen.frames.push(now - last); last = now; requestAnimationFrame(tick) }
  requestAnimationFrame(tick)
  new PerformanceObserver(list => list.getEntries().forEach(one => seen.tasks.push(one.duration)))
    .observe({ type: 'longtask' })
}"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.board", description=__doc__)
    parser.add_argument("--reports", type=int, default=1_200_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--burst", type=int, default=1_000, help="new reports in a minute")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "grid_backend.settings"
    django.setup()
    from django.db import connection

    prepare()
    from accounts.models import Device, User

    desk, worker = (User.objects.get(username=name) for name in ("bench-command", "bench-worker"))
    desk.set_password(PASSWORD)
    desk.save()
    tokens = {user.username: str(Device.objects.create(user=user, name="bench")[1]) for user in (desk, worker)}
    fill(SMALL)
    with serving() as url, in_browser() as browser:
        page = at_desk(browser, url)
        small = measured(page, url, tokens["bench-command"], options.rounds)
        page.goto("about:blank")
        # The browser's loop holds this thread, which Django takes for an asynchronous one.
        with ThreadPoolExecutor(1) as another:
            another.submit(fill, options.reports - SMALL).result()
        large = measured(page, url, tokens["bench-command"], options.rounds)
        lines = [HEADER.format(small=SMALL, large=options.reports)]
        for name, target in TARGETS.items():
            ratio = large[name] / small[name]
            lines.append(f"| {name} | {small[name]:.0f} ms | {large[name]:.0f} ms | {ratio:.2f} | {target} |")
        lines += ["", *through_a_burst(page, url, tokens["bench-worker"], options.burst)]
    print("\n".join(lines))
    write(f"board-{connection.vendor}", options.reports, lines)


TARGETS = {
    "board opened, to its first row on screen": "< 1,000 ms",
    "of it, the first page of the list": "≤ 1.2",
    "of it, the counts of the filters": "≤ 1.2",
}


@contextmanager
def serving() -> Iterator[str]:
    """The server as it is run, on a free port."""
    from tests.browser.server import is_up
    from tests.services import reserved_port

    held = reserved_port()
    port = held.getsockname()[1]
    process = subprocess.Popen([sys.executable, "manage.py", "serve", "--port", str(port)], cwd=ROOT, env=os.environ)
    url = f"http://127.0.0.1:{port}"
    try:
        assert is_up(url, process)
        yield url
    finally:
        process.terminate()
        process.wait()
        held.close()


@contextmanager
def in_browser() -> Iterator[Browser]:
    from tests.browser import chromium

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.obtain(), args=chromium.ARGUMENTS)
        yield browser
        browser.close()


def at_desk(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
    page.goto(f"{url}/console/#/board")
    page.get_by_label("用户名").fill("bench-command")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.locator(FIRST_ROW).first.wait_for()
    return page


def measured(page: Page, url: str, token: str, rounds: int) -> dict[str, float]:
    """Medians in milliseconds under the names of `TARGETS`; the files of the page are in the browser's cache."""

    def board() -> None:
        page.goto("about:blank")
        begun.append(time.perf_counter())
        page.goto(f"{url}/console/#/board", wait_until="commit")
        page.locator(FIRST_ROW).first.wait_for()

    def asked(path: str) -> Callable[[], None]:
        def ask() -> None:
            begun.append(time.perf_counter())
            requests.get(f"{url}/api/v1/{path}", headers={"Authorization": f"Token {token}"}, timeout=60).json()

        return ask

    begun: list[float] = []
    steps = dict(
        zip(TARGETS, (board, asked(f"reports?{OPEN}&page_size=50"), asked(f"reports/counts?{OPEN}")), strict=True)
    )
    took: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            step()
            took[name].append((time.perf_counter() - begun[-1]) * 1000)
    return {name: statistics.median(times) for name, times in took.items()}


def through_a_burst(page: Page, url: str, token: str, count: int) -> Iterator[str]:
    """What a reader in the middle of the list sees of a minute of new reports."""
    page.locator(FIRST_ROW).nth(30).wait_for()
    page.locator(".list").evaluate("list => list.scrollTo(0, 400)")
    row = page.locator(FIRST_ROW).nth(15)
    before = row.locator(".number").inner_text(), row.bounding_box()
    page.evaluate(WATCH)
    sending = threading.Thread(target=send, args=(url, token, count))
    started = time.perf_counter()
    sending.start()
    while sending.is_alive():
        page.wait_for_timeout(500)
    took = time.perf_counter() - started
    page.wait_for_timeout(3000)
    seen = page.evaluate("seen")
    after = row.locator(".number").inner_text(), row.bounding_box()
    frames = sorted(seen["frames"])
    yield f"{count:,} new reports in {took:.0f} s, read in the middle of the list:"
    yield ""
    yield f"- the reader's place: {'kept, to the pixel' if before == after else f'MOVED: {before} → {after}'}"
    yield f"- said above the list: {page.get_by_role('button', name='新工单').inner_text()}"
    yield (
        f"- frames: {len(frames):,}, median {statistics.median(frames):.0f} ms, the longest {frames[-1]:.0f} ms, "
        f"above 100 ms: {sum(frame > 100 for frame in frames)}"
    )
    tasks = sorted(seen["tasks"])
    yield f"- tasks of the page above 50 ms: {len(tasks)}{f', the longest {tasks[-1]:.0f} ms' if tasks else ''}"


def send(url: str, token: str, count: int) -> None:
    """Spread evenly over a minute, a few at a time."""
    session = requests.Session()
    session.headers["Authorization"] = f"Token {token}"
    begun = time.monotonic()

    def one(number: int) -> None:
        time.sleep(max(begun + number * 60 / count - time.monotonic(), 0))
        answer = session.put(f"{url}/api/v1/reports/{uuid4()}", json=BODY, timeout=60)
        assert answer.status_code == 201, answer.text

    with ThreadPoolExecutor(4) as hands:
        list(hands.map(one, range(count)))


if __name__ == "__main__":
    main()
