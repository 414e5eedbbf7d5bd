"""`python -m tests.browser.gallery [name ...]`: draws the pictures of docs/screens that show the states of the pages.

Each picture is a function over a server of its own with the tests' world, and its docstring says what it shows.
docs/screens/README.md has them all on one page; the pictures it does not name here are of the demo.
"""

import hashlib
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grid_backend.settings")
django.setup()

from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, Page, Route, sync_playwright  # noqa: E402

from tests.browser import chromium  # noqa: E402
from tests.browser.doing import PHOTOS  # noqa: E402
from tests.browser.server import ROOT, Server, environment, prepare  # noqa: E402
from tests.world import LAT, LNG, PASSWORD  # noqa: E402

SCREENS = ROOT / "docs" / "screens"
DESK, WALL, PHONE = (1440, 900), (1920, 1080), (360, 640)
Shot = Callable[["Studio"], Page]
SHOTS: dict[str, tuple[Shot, bool]] = {}


def shot(name: str, *, long: bool = False) -> Callable[[Shot], Shot]:
    """Registers a picture; `long`: in the world of the longest names."""

    def register(draw: Shot) -> Shot:
        SHOTS[name] = (draw, long)
        return draw

    return register


class Studio:
    """A server, a browser, and what happens before a picture."""

    def __init__(self, server: Server, browser: Browser) -> None:
        self.server, self._browser = server, browser

    def page(self, size: tuple[int, int] = DESK) -> Page:
        width, height = size
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            is_mobile=width < 500,
        )
        context.set_default_timeout(60_000)
        return context.new_page()

    def desk(self, name: str, where: str, size: tuple[int, int] = DESK) -> Page:
        page = self.page(size)
        page.goto(f"{self.server.url}/console/")
        page.get_by_label("用户名").fill(name)
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        page.get_by_role("navigation", name="页面").wait_for()
        page.goto(f"{self.server.url}/console/#{where}")
        page.wait_for_load_state("networkidle")
        return page

    def report(self, text: str = "主管道爆裂，路面积水约二十平方米", item: str = "02-01-001", step: int = 0) -> str:
        own = str(uuid4())
        position = {"lng": LNG + step * 0.0006, "lat": LAT + step * 0.0004, "coord_type": "wgs84"}
        body = {"item": item, "description": text, "address": "成山大道东段 118 号门前", "position": position}
        self.server.call("zhang", "PUT", f"reports/{own}", body)
        return own

    def many(self, count: int = 24) -> None:
        items = ("01-01-001", "03-01-001", "03-01-002", "02-01-001", "03-01-004", "03-01-007")
        for number in range(count):
            own = self.report(f"巡查发现，第 {number + 1} 处", items[number % len(items)], number)
            if number % 3 == 0:
                self.server.call("wang", "POST", f"reports/{own}/accept", {})

    def accepted(self, **said: str) -> str:
        own = self.report(**said)
        self.server.call("wang", "POST", f"reports/{own}/accept", {})
        return own

    def whistled(self, kind: str = "emergency") -> tuple[str, int]:
        own = self.accepted()
        called = [{"department": "SWJT", "role": "lead"}, {"department": "RQGS", "role": "assist"}]
        body = {"kind": kind, "reason": "主管道爆裂，街道无力处置", "departments": called}
        blown = self.server.call("wang", "POST", f"reports/{own}/whistles", body)
        return own, blown["whistles"][0]["id"]


def choose_unit(page: Page, name: str) -> None:
    page.get_by_role("dialog").get_by_placeholder("输入名称查找").fill(name)
    page.get_by_role("option", name=name).first.click()


# -- states of the console -----------------------------------------------------------------------------------------


@shot("state-long-names-1440", long=True)
def long_names(studio: Studio) -> Page:
    """The longest names of items, units, grids and people, on the board and in a report."""
    own, _ = studio.whistled()
    studio.many(8)
    return studio.desk("wang", f"/board/{own}")


@shot("state-empty-1440")
def empty(studio: Studio) -> Page:
    """A board with nothing on it."""
    return studio.desk("wang", "/board")


@shot("state-loading-1440")
def loading(studio: Studio) -> Page:
    """A list that is still being asked for."""
    page = studio.desk("wang", "/announcements")
    page.route("**/api/v1/reports?**", lambda route: None)
    page.goto(f"{studio.server.url}/console/#/board")
    page.get_by_text("加载中").first.wait_for()
    return page


@shot("state-error-1440")
def error(studio: Studio) -> Page:
    """A step the server refuses: the report had moved on, and what was typed is kept."""
    own = studio.accepted()
    page = studio.desk("wang", f"/reports/{own}")
    page.get_by_role("button", name="派单").first.click()
    page.get_by_label("交办要求").fill("两小时内清理干净")
    # The screen is told later than the server knows.
    page.route("**/api/v1/reports/*/assign", _moved_on)
    choose_unit(page, "城管办")
    page.get_by_role("dialog").get_by_role("button", name="派单", exact=True).click()
    page.get_by_role("alert").first.wait_for()
    return page


def _moved_on(route: Route) -> None:
    problem = '{"type":"about:blank","title":"版本已变","status":409,"code":"stale_version","detail":"","errors":[]}'
    route.fulfill(status=409, content_type="application/problem+json", body=problem)


@shot("state-offline-1440")
def offline(studio: Studio) -> Page:
    """The line is cut: what is shown is marked as old and comes up to date by itself."""
    studio.many()
    page = studio.desk("wang", "/board")
    page.locator("tbody tr").first.wait_for()
    page.context.set_offline(True)
    studio.server.kill()
    page.get_by_text("连接中断").first.wait_for()
    return page


# -- what is done there --------------------------------------------------------------------------------------------


@shot("console-dispatch-1440")
def dispatch(studio: Studio) -> Page:
    """派单: who is recommended and why, and until when it is to be done by the working calendar."""
    page = studio.desk("wang", f"/reports/{studio.accepted(item='01-01-001', text='垃圾满溢')}")
    page.get_by_role("button", name="派单").first.click()
    page.get_by_role("region", name="时限").get_by_text("处置").wait_for()
    choose_unit(page, "城管办")
    return page


@shot("console-whistle-1440")
def whistle(studio: Studio) -> Page:
    """吹哨: the kind, whom it calls, who approves it and until when each has to act."""
    page = studio.desk("wang", f"/reports/{studio.accepted(item='03-01-003', text='占道经营屡禁不止')}")
    page.get_by_role("button", name="吹哨").first.click()
    page.get_by_label("吹哨原因").fill("多次劝离无效，需综合执法、市场监管一并处置")
    page.get_by_text("昼夜连续计时").first.wait_for()
    return page


@shot("console-redaction-1440")
def redaction(studio: Studio) -> Page:
    """打码: boxes over faces and plates; everybody else is shown the painted picture."""
    own = str(uuid4())
    data = Path(PHOTOS[0]).read_bytes()
    name = hashlib.sha256(data).hexdigest()
    body = {
        "item": "01-01-001",
        "description": "垃圾满溢",
        "position": {"lng": LNG, "lat": LAT, "coord_type": "wgs84"},
        "photos": [{"sha256": name, "size": len(data), "kind": "near"}],
    }
    studio.server.call("zhang", "PUT", f"reports/{own}", body)
    studio.server.send("zhang", f"reports/{own}/photos/{name}", data)
    page = studio.desk("wang", f"/reports/{own}")
    page.get_by_role("button", name="近景").first.click()
    page.get_by_role("button", name="打码").click()
    page.get_by_role("button", name="加一个框").click()
    for _ in range(12):
        page.keyboard.press("ArrowUp")
    return page


@shot("console-wall-1920")
def wall(studio: Studio) -> Page:
    """大屏: the overview of a street on the wall of its command room."""
    studio.many(40)
    for _ in range(2):
        studio.whistled()
    page = studio.desk("wang", "/overview", WALL)
    page.get_by_role("button", name="大屏").click()
    page.wait_for_load_state("networkidle")
    return page


@shot("console-requests-1440")
def requests_desk(studio: Studio) -> Page:
    """Requests of units, each with what granting it does."""
    own, _ = studio.whistled()
    for name, duty in zip(
        ("water", "gas"), studio.server.call("wang", "GET", f"reports/{own}")["assignments"], strict=True
    ):
        studio.server.call(name, "POST", f"assignments/{duty['id']}/ask_waiver", {"reason": "不属于本单位管线"})
    return studio.desk("wang", "/requests")


# -- residents -----------------------------------------------------------------------------------------------------


@shot("resident-grid-360")
def grid_page(studio: Studio) -> Page:
    """From the board's QR code: who my grid worker is."""
    page = studio.page(PHONE)
    page.goto(f"{studio.server.url}/g/371082007032002")
    return page


@shot("resident-report-360")
def report_page(studio: Studio) -> Page:
    """A report in three steps, without an account."""
    page = studio.page(PHONE)
    page.goto(f"{studio.server.url}/g/371082007032002/report")
    return page


@shot("resident-tracking-360")
def tracking_page(studio: Studio) -> Page:
    """How it stands, in plain words."""
    own = str(uuid4())
    body = {
        "item": "01-01-001",
        "description": "垃圾三天没有清运",
        "position": {"lng": LNG, "lat": LAT, "coord_type": "wgs84"},
        "source": "hotline",
        "requester": {"anonymous": True},
    }
    studio.server.call("wang", "PUT", f"reports/{own}", body)
    studio.server.call("wang", "POST", f"reports/{own}/accept", {})
    code = studio.server.call("wang", "GET", f"reports/{own}")["requester"]["tracking_code"]
    page = studio.page(PHONE)
    page.goto(f"{studio.server.url}/t/{code}")
    return page


# -- drawing -------------------------------------------------------------------------------------------------------


def draw(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        plain, long = Path(folder, "plain"), Path(folder, "long")
        for template in (plain, long):
            template.mkdir()
            prepare(template)
        subprocess.run([sys.executable, "-m", "tests.browser.long_names"], cwd=ROOT, env=environment(long), check=True)
        browser = playwright.chromium.launch(executable_path=chromium.obtain(), args=chromium.ARGUMENTS)
        for name in names or SHOTS:
            scene, with_long_names = SHOTS[name]
            with serving(long if with_long_names else plain, Path(folder, name)) as server:
                page = scene(Studio(server, browser))
                page.wait_for_timeout(500)
                keep(name, page.screenshot())
                page.context.close()
            print(name, flush=True)
        browser.close()


@contextmanager
def serving(template: Path, folder: Path) -> Iterator[Server]:
    server = Server(template, folder)
    try:
        yield server
    finally:
        server.close()


def keep(name: str, png: bytes) -> None:
    """In 256 colours, which screens hardly need more of and which take a third of the room."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    (SCREENS / f"{name}.png").write_bytes(out.getvalue())


if __name__ == "__main__":
    draw(sys.argv[1:])
