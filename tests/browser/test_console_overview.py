"""一屏统览 in the console: every number that is shown opens a list with as many rows."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Desks
from tests.browser.doing import until
from tests.browser.server import Server
from tests.world import LAT, LNG

ROW = "tr[data-row]"
NUMBER = "a[data-figure]"
REPORTS = 7


@pytest.fixture
def desk(desks: Desks, server: Server) -> Page:
    """The overview of a street's dispatcher, with some reports behind it."""
    for number in range(REPORTS):
        position = {"lng": LNG, "lat": LAT + number * 0.0001, "coord_type": "wgs84"}
        body = {
            "item": "01-01-001" if number % 3 else "03-01-001",
            "position": position,
            "description": f"第{number}件",
        }
        server.call("zhang", "PUT", f"reports/00000000-0000-4000-8000-{number:012d}", body)
    for row in server.all("wang", "reports")[:3]:
        server.call("wang", "POST", f"reports/{row['id']}/accept", {"version": row["version"]})
    page = desks("wang", "/overview")
    page.locator(NUMBER).first.wait_for()
    return page


def shown(page: Page) -> list[tuple[str, int, str]]:
    """Figure, count and address of each number on screen, each address once."""
    told = page.locator(NUMBER).evaluate_all(
        "all => all.map(one => [one.dataset.figure, Number(one.dataset.count), one.getAttribute('href')])"
    )
    return list({address: (figure, count, address) for figure, count, address in told}.values())


def rows_behind(page: Page, figure: str, count: int, address: str) -> int:
    """How many rows stand in the list that a click on the number opens."""
    page.locator(f'{NUMBER}[href="{address}"]').first.click()
    page.locator("[data-shown]").wait_for()
    until(lambda: page.locator(ROW).count() == count or page.get_by_text("清单是空的").count(), 10)
    found = page.locator(ROW).count()
    assert page.locator("[data-shown]").inner_text() == f"共 {found} 条", figure
    page.go_back()
    page.locator(NUMBER).first.wait_for()
    return found


def test_each_number_opens_a_list_of_as_many_rows(desk: Page) -> None:
    numbers = shown(desk)
    counts = {figure: count for figure, count, _address in numbers if "community" not in figure}
    assert counts["received"]
    assert counts["open_submitted"]
    some = [one for one in numbers if one[1]]
    none = [one for one in numbers if not one[1]]
    assert len({figure for figure, _count, _address in some}) > 5
    for figure, count, address in [*some[:25], *none[:10]]:
        assert rows_behind(desk, figure, count, address) == count, figure


def test_a_number_changes_by_itself_when_a_report_comes(desk: Page, server: Server) -> None:
    received = desk.locator(f'.tiles {NUMBER}[data-figure="received"]')
    assert received.inner_text() == str(REPORTS)
    position = {"lng": LNG, "lat": LAT, "coord_type": "wgs84"}
    body = {"item": "03-01-002", "position": position, "description": "又一件"}
    server.call("zhang", "PUT", "reports/00000000-0000-4000-8000-999999999999", body)
    until(lambda: received.inner_text() == str(REPORTS + 1), 15)


def test_the_wall_hides_the_menu_and_comes_back(desk: Page, tmp_path: Path) -> None:
    desk.get_by_role("button", name="大屏").click()
    desk.locator(".wall").wait_for()
    assert desk.evaluate("document.querySelector('.wall').getBoundingClientRect().left") == 0
    desk.get_by_role("button", name="退出大屏").click()
    until(lambda: desk.locator(".wall").count() == 0, 10)
