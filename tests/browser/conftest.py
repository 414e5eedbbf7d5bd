"""A server, a link to it, phones and desks, for each test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.browser import chromium
from tests.browser.link import Link
from tests.browser.server import ROOT, Server, prepare
from tests.world import LAT, LNG, PASSWORD

WAIT_MILLISECONDS = 60_000
Desks = Callable[..., Page]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prepared world, made once."""
    assert (ROOT / "frontend/dist/field/index.html").exists(), "script/build-frontend has not been run"
    folder = tmp_path_factory.mktemp("world")
    prepare(folder)
    return folder


@pytest.fixture
def server(template: Path, tmp_path: Path) -> Iterator[Server]:
    running = Server(template, tmp_path / "server")
    yield running
    running.close()


@pytest.fixture
def link(server: Server) -> Iterator[Link]:
    between = Link(server.port)
    yield between
    between.close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


class Phone:
    """A Chromium with a profile that outlives it, as a phone's does; `page` is the app's page."""

    def __init__(self, playwright: Playwright, url: str, folder: Path, width: int = 390, height: int = 844) -> None:
        self._playwright, self.url, self.folder = playwright, url, folder
        self._size = (width, height)
        self.context: BrowserContext
        self.page: Page
        self.open()

    def open(self) -> None:
        width, height = self._size
        self.context = self._playwright.chromium.launch_persistent_context(
            str(self.folder),
            executable_path=chromium.obtain(),
            args=chromium.ARGUMENTS,
            viewport={"width": width, "height": height},
            has_touch=True,
            is_mobile=True,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            geolocation={"longitude": LNG, "latitude": LAT, "accuracy": 8},
            permissions=["geolocation"],
        )
        self.context.set_default_timeout(WAIT_MILLISECONDS)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()

    def close(self) -> None:
        self.context.close()

    def reopen(self) -> None:
        self.close()
        self.open()

    def go(self, where: str = "") -> None:
        """Show a page of the app by its address behind the #."""
        self.page.goto(f"{self.url}/field/#/{where}")

    def log_in(self, name: str = "zhang") -> None:
        self.go()
        self.page.get_by_label("用户名").fill(name)
        self._enter()
        self.page.get_by_role("tab", name="首页").wait_for()

    def log_in_again(self) -> None:
        """After the token has ended; the line on top leads there and the name is known."""
        self.page.get_by_text("请重新登录").first.click()
        self._enter()

    def _enter(self) -> None:
        self.page.get_by_label("密码", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="登录", exact=True).click()

    def settle(self) -> None:
        """Until the app is kept for use without signal and the first sync has come."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.page.get_by_text("台上社区第二网格").first.wait_for()

    def fill_up(self, full: bool) -> None:
        """Leave the app no storage at all, or give it back."""
        session = self.context.new_cdp_session(self.page)
        # Nought would mean as much as before.
        session.send("Storage.overrideQuotaForOrigin", {"origin": self.url, **({"quotaSize": 1} if full else {})})


@pytest.fixture
def phones(playwright: Playwright, link: Link, tmp_path: Path) -> Iterator[Callable[..., Phone]]:
    """Makes phones; each has a folder of its own."""
    made: list[Phone] = []

    def make(**how: int) -> Phone:
        made.append(Phone(playwright, link.url, tmp_path / f"phone{len(made)}", **how))
        return made[-1]

    yield make
    for each in made:
        each.close()
        shutil.rmtree(each.folder, ignore_errors=True)


@pytest.fixture
def phone(phones: Callable[..., Phone]) -> Phone:
    """A grid worker's phone, logged in as Zhang and ready to go without signal."""
    made = phones()
    made.log_in()
    made.settle()
    return made


@pytest.fixture
def browser(playwright: Playwright) -> Iterator[Browser]:
    running = playwright.chromium.launch(executable_path=chromium.obtain(), args=chromium.ARGUMENTS)
    yield running
    running.close()


@pytest.fixture
def desks(browser: Browser, server: Server) -> Desks:
    """Opens desks: each a browser of its own, logged in, with the page behind the #, live, and never loaded again."""
    assert (ROOT / "frontend/dist/console/index.html").exists(), "script/build-frontend has not been run"

    def open_desk(name: str, where: str, url: str = server.url) -> Page:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        context.set_default_timeout(WAIT_MILLISECONDS)
        page = context.new_page()
        page.goto(f"{url}/console/")
        page.get_by_label("用户名").fill(name)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.get_by_role("navigation", name="页面").wait_for()
        page.goto(f"{url}/console/#{where}")
        page.get_by_text("实时", exact=True).wait_for()
        page.evaluate("window.sameLoad = true")
        return page

    return open_desk
