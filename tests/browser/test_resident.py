"""A resident with an old phone: from the board to the page that follows the report, with and without script."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.browser import chromium
from tests.browser.conftest import WAIT_MILLISECONDS
from tests.browser.doing import PHOTOS, until
from tests.browser.server import Server
from tests.browser.test_accessibility import serious, sideways
from tests.resident_scenes import GRID
from tests.world import LAT, LNG

TRACKING = re.compile(r"/t/[0-9A-Z]+/?(\?.*)?$")

# Makes the page of a small phone, with a position or without, with script or without.
Visits = Callable[..., Page]


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    started = playwright.chromium.launch(executable_path=chromium.obtain(), args=chromium.ARGUMENTS)
    yield started
    started.close()


@pytest.fixture
def visits(browser: Browser) -> Iterator[Visits]:
    made = []

    def make(*, script: bool = True, position: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": 360, "height": 640},
            is_mobile=True,
            has_touch=True,
            java_script_enabled=script,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            geolocation={"longitude": LNG, "latitude": LAT, "accuracy": 15},
            permissions=["geolocation"] if position else [],
        )
        context.set_default_timeout(WAIT_MILLISECONDS)
        made.append(context)
        return context.new_page()

    yield make
    for context in made:
        context.close()


def legend(page: Page) -> str:
    return page.locator("fieldset.step:not([hidden]) > legend").inner_text()


def go_on(page: Page) -> None:
    page.get_by_role("button", name="下一步").click()


def say(page: Page, words: str) -> None:
    page.locator("input[name=choice]").first.check()
    page.get_by_label("请说明问题").fill(words)
    page.locator("#phone").fill("13812345678")
    page.locator("#consent").check()


def faults(page: Page, where: str) -> list[str]:
    found = [f"{where}: {fault}" for fault in serious(page)]
    return found + ([f"{where}: {sideways(page)} px sideways"] if sideways(page) > 0 else [])


def test_a_resident_reports_with_photo_and_place_in_three_steps_and_sees_the_report(
    visits: Visits, server: Server
) -> None:
    page = visits()
    page.goto(f"{server.url}/g/{GRID}")
    found = faults(page, "board")
    page.get_by_role("link", name="我要反映问题").click()
    seen = [legend(page)]
    page.locator("#photos").set_input_files(PHOTOS[0])
    page.locator("#chosen img").wait_for()
    found += faults(page, "photos")
    go_on(page)
    seen.append(legend(page))
    page.locator("#locate").click()
    until(lambda: page.evaluate("document.getElementById('report').elements.lng.value !== ''"), 20)
    page.locator("#address").fill("3号楼东侧")
    found += faults(page, "place")
    go_on(page)
    seen.append(legend(page))
    say(page, "垃圾三天没有清运")
    found += faults(page, "matter")
    page.locator("#send").click()
    page.wait_for_url(TRACKING)
    found += faults(page, "tracking")
    assert len(set(seen)) == 3
    assert "垃圾三天没有清运" in page.locator("main").inner_text()
    assert found == []

    (row,) = until(lambda: server.all("wang", "reports?source=resident"))
    made = server.call("wang", "GET", f"reports/{row['id']}")
    assert made["address"] == "3号楼东侧"
    assert (round(made["lng"], 4), round(made["lat"], 4)) == (round(LNG, 4), round(LAT, 4))


def test_what_is_missing_is_said_where_it_is_missing(visits: Visits, server: Server) -> None:
    page = visits(position=False)
    page.goto(f"{server.url}/g/{GRID}/report")
    go_on(page)
    where = legend(page)
    go_on(page)
    assert legend(page) == where
    assert page.locator("#error-address").inner_text() != ""
    assert faults(page, "refused") == []


def test_without_script_the_form_works_as_it_stands(visits: Visits, server: Server) -> None:
    page = visits(script=False)
    page.goto(f"{server.url}/g/{GRID}/report")
    assert page.locator("fieldset.step:visible").count() == 3
    page.locator("#photos").set_input_files(PHOTOS[0])
    page.locator("#address").fill("3号楼东侧")
    page.locator("input[name=choice]").first.check()
    page.locator("#description").fill("路灯不亮")
    page.locator("#phone").fill("13812345678")
    page.locator("#consent").check()
    page.locator("#send").click()
    page.wait_for_url(TRACKING)
    assert "路灯不亮" in page.locator("main").inner_text()
    (row,) = until(lambda: server.all("wang", "reports?source=resident"))
    assert server.call("wang", "GET", f"reports/{row['id']}")["address"] == "3号楼东侧"
