"""The work board at a desk: new reports are there without a reload and move nothing, and keys do the work."""

import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WAIT_MILLISECONDS, Desks
from tests.browser.doing import until
from tests.browser.server import Server
from tests.world import LAT, LNG

ROWS = 30


def report(server: Server, text: str) -> str:
    """A report of Zhang's; its number."""
    position = {"lng": LNG, "lat": LAT, "coord_type": "wgs84"}
    body = {"item": "01-01-001", "description": text, "position": position}
    return str(server.call("zhang", "PUT", f"reports/{uuid4()}", body)["number"])


def status_of(server: Server, number: str) -> Any:
    (row,) = server.all("wang", f"reports?q={number}")
    return row["status"]


@pytest.fixture
def page(desks: Desks, server: Server) -> Page:
    """The board at Wang's desk, with more reports than fit on a screen."""
    for number in range(ROWS):
        report(server, f"第 {number} 处")
    page = desks("wang", "/board")
    page.locator("tbody tr").nth(ROWS - 1).wait_for()
    return page


def test_a_new_report_is_announced_and_moves_nothing_until_it_is_asked_for(page: Page, server: Server) -> None:
    page.locator(".list").evaluate("list => list.scrollTo(0, 400)")
    rows = page.locator("tbody tr")
    before, place = rows.all_inner_texts(), rows.nth(12).bounding_box()
    number = report(server, "刚刚发现")
    fresh = page.get_by_role("button", name=re.compile("有 1 条新工单"))
    fresh.wait_for()
    assert rows.all_inner_texts() == before
    assert rows.nth(12).bounding_box() == place
    page.keyboard.press("n")
    expect(rows.first).to_contain_text(number, timeout=WAIT_MILLISECONDS)
    expect(fresh).to_have_count(0)
    assert page.evaluate("window.sameLoad === true")


def test_a_report_is_found_accepted_and_opened_by_keys_alone(page: Page, server: Server) -> None:
    page.keyboard.press("j")
    page.keyboard.press("j")
    current = page.locator("tbody tr[aria-current]")
    number = current.locator(".number").inner_text()
    page.keyboard.press("a")
    expect(page.get_by_text(f"已受理 {number}")).to_be_visible(timeout=WAIT_MILLISECONDS)
    assert status_of(server, number) == "accepted"
    expect(current).to_contain_text("待派单", timeout=WAIT_MILLISECONDS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="工单详情")).to_contain_text(number, timeout=WAIT_MILLISECONDS)
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name="工单详情")).to_have_count(0)
    expect(current.locator(".number")).to_have_text(number)
    page.keyboard.press("/")
    page.keyboard.type(number)
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1, timeout=WAIT_MILLISECONDS)


def test_several_chosen_by_keys_are_accepted_together_and_each_outcome_is_shown(page: Page, server: Server) -> None:
    numbers = []
    for _ in range(3):
        page.keyboard.press("j")
        page.keyboard.press("x")
        numbers.append(page.locator("tbody tr[aria-current] .number").inner_text())
    # Another desk was quicker with one of them.
    (row,) = server.all("wang", f"reports?q={numbers[0]}")
    server.call("wang", "POST", f"reports/{row['id']}/accept", {})
    page.get_by_role("toolbar").get_by_role("button", name="受理").click()
    dialog = page.get_by_role("dialog", name="批量受理")
    dialog.get_by_role("button", name="受理").click()
    expect(dialog.get_by_text("成功 2 件，未办成 1 件")).to_be_visible(timeout=WAIT_MILLISECONDS)
    until(lambda: all(status_of(server, number) == "accepted" for number in numbers))
