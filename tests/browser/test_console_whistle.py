"""A whistle on two desks: there at once, every step followed without a reload, nothing lost or doubled by a cut.

How long each takes is printed, not asserted.
"""

import time
from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Desks
from tests.browser.link import Link
from tests.browser.server import Server
from tests.world import LAT, LNG

CUT_SECONDS = 60
BACK_MILLISECONDS = 120_000


def blow(server: Server, reason: str) -> dict[str, Any]:
    """An emergency whistle of the street at the water company; the report as it is then."""
    own = uuid4()
    position = {"lng": LNG, "lat": LAT, "coord_type": "wgs84"}
    server.call("zhang", "PUT", f"reports/{own}", {"item": "02-01-001", "description": reason, "position": position})
    server.call("wang", "POST", f"reports/{own}/accept", {})
    called = {"kind": "emergency", "reason": reason, "departments": [{"department": "SWJT", "role": "lead"}]}
    blown: dict[str, Any] = server.call("wang", "POST", f"reports/{own}/whistles", called)
    return blown


def report_in(server: Server, duty: int) -> None:
    body = {
        "position": {"lng": LNG + 0.001, "lat": LAT, "coord_type": "wgs84", "accuracy": 10},
        "photos": [{"sha256": "a" * 64, "size": 1000, "kind": "near"}],
    }
    server.call("water", "POST", f"assignments/{duty}/report_in", body)


def never_loaded_again(page: Page) -> bool:
    return bool(page.evaluate("window.sameLoad === true"))


def timed(what: str, begun: float, shown: Locator) -> None:
    shown.wait_for()
    print(f"{what} {time.monotonic() - begun:.2f} s after the answer")


def listed(page: Page) -> list[int]:
    return [int(row.get_attribute("data-whistle") or 0) for row in page.locator("tr[data-whistle]").all()]


def test_a_whistle_blown_at_one_desk_is_on_the_desk_of_the_department_at_once(desks: Desks, server: Server) -> None:
    duties, whistles = desks("water", "/duties"), desks("wang", "/whistles")
    duties.get_by_text("没有待办的任务").wait_for()
    whistles.get_by_text("这里现在没有哨").wait_for()
    blown = blow(server, "主管道爆裂")
    begun = time.monotonic()
    duty, whistle = blown["assignments"][0]["id"], blown["whistles"][0]["id"]
    timed("among the department's duties", begun, duties.locator(f"button[data-duty='{duty}']"))
    timed("among the street's whistles", begun, whistles.locator(f"tr[data-whistle='{whistle}']"))
    assert never_loaded_again(duties)
    assert never_loaded_again(whistles)


def test_the_watch_follows_every_step_without_a_reload(desks: Desks, server: Server) -> None:
    blown = blow(server, "主管道爆裂")
    duty, whistle = blown["assignments"][0]["id"], blown["whistles"][0]["id"]
    watch = desks("wang", f"/whistles/{whistle}")
    unit = watch.locator(f"tbody[data-duty='{duty}']")
    unit.get_by_text("待签收").wait_for()
    person = unit.get_by_role("row", name="水务小刘")
    expect(person.locator("td").nth(1).locator("time")).to_have_count(0)

    # Opening the desk is what puts the notice on a device; no step of the report tells of it.
    department = desks("water", f"/duties?duty={duty}")
    person.locator("td").nth(1).locator("time").wait_for()

    department.get_by_role("button", name="签收", exact=True).click()
    begun = time.monotonic()
    timed("signed for", begun, unit.get_by_text("已签收"))
    report_in(server, duty)
    begun = time.monotonic()
    timed("reported in", begun, unit.get_by_text("已报到"))
    unit.get_by_text("距现场").wait_for()
    watch.locator("[data-test=status]").get_by_text("处置中").wait_for()
    department.locator("[data-test=duty-status]").get_by_text("已报到").wait_for()
    result = {
        "measures": "更换破损管段",
        "discussed_with": "物业李经理",
        "taken_up_at": blown["received_at"],
        "solved_by": blown["received_at"],
        "photos": [{"sha256": "b" * 64, "size": 1000, "kind": "after"}],
    }
    server.call("water", "POST", f"assignments/{duty}/submit", result)
    unit.get_by_text("更换破损管段").wait_for()
    assert never_loaded_again(watch)
    assert never_loaded_again(department)


def test_the_street_rates_each_department_and_closes_the_whistle(desks: Desks, server: Server) -> None:
    blown = blow(server, "主管道爆裂")
    duty, whistle = blown["assignments"][0]["id"], blown["whistles"][0]["id"]
    report_in(server, duty)
    result = {
        "measures": "更换破损管段",
        "discussed_with": "物业李经理",
        "taken_up_at": blown["received_at"],
        "solved_by": blown["received_at"],
        "photos": [{"sha256": "b" * 64, "size": 1000, "kind": "after"}],
    }
    server.call("water", "POST", f"assignments/{duty}/submit", result)
    page = desks("wang", f"/whistles/{whistle}")
    page.get_by_role("button", name="评价", exact=True).click()
    form = page.get_by_role("dialog", name="街道评部门")
    form.get_by_role("button", name="提交评价").click()
    expect(form.get_by_text("请填写此项")).to_have_count(3)
    for grade, points in (("响应", "5"), ("到场", "4"), ("结果", "5")):
        form.get_by_role("radiogroup", name=grade).get_by_role("radio", name=points).check()
    form.get_by_role("button", name="提交评价").click()
    page.locator("[data-test=status]").get_by_text("已评价").wait_for()
    page.get_by_text("评价 5 · 4 · 5").wait_for()
    page.get_by_role("button", name="哨结", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="哨结", exact=True).click()
    page.locator("[data-test=status]").get_by_text("已哨结").wait_for()


def test_a_cut_socket_catches_up_with_nothing_missing_or_doubled(desks: Desks, server: Server, link: Link) -> None:
    first = blow(server, "第一处爆管")
    page = desks("wang", "/whistles", url=link.url)
    page.locator(f"tr[data-whistle='{first['whistles'][0]['id']}']").wait_for()
    link.down()
    page.get_by_text("连接中断，正在重连").wait_for()
    blown = [blow(server, f"第{number}处爆管") for number in "二三四"]
    report_in(server, first["assignments"][0]["id"])
    time.sleep(CUT_SECONDS)
    link.up()
    waiting = page.get_by_role("button", name="有 3 条新内容")
    waiting.wait_for(timeout=BACK_MILLISECONDS)
    # What was read stays where it was, with what became of it.
    assert listed(page) == [first["whistles"][0]["id"]]
    page.locator(f"tr[data-whistle='{first['whistles'][0]['id']}']").get_by_text("处置中").wait_for()
    waiting.click()
    expect(page.locator("tr[data-whistle]")).to_have_count(4)
    assert listed(page) == [one["whistles"][0]["id"] for one in [*reversed(blown), first]]
    assert listed(page) == [row["id"] for row in server.all("wang", "whistles")]
    assert never_loaded_again(page)
