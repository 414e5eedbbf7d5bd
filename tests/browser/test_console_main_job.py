"""The main job at the desks, from the pool to closed with a whistle in between, by mouse and again by keys alone.

Nobody is told an address: everyone logs in, goes where the page shows them to go and does what it offers. No page is
loaded again. How many keys it takes is printed, not asserted; that no step is far away is.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import WAIT_MILLISECONDS
from tests.browser.doing import PHOTOS
from tests.browser.server import Server
from tests.browser.test_console_whistle import never_loaded_again, report_in
from tests.world import LAT, LNG, PASSWORD

# As far as a person goes from one thing to the next before they take it to be out of reach.
MOST_TABS = 25
REQUESTER = {"name": "张三丰", "phone": "13812345678"}

# What has the focus is on screen, nothing lies over it, and it can be told from what has not.
SHOWN = """one => {
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one)
  const { x, y, width, height } = one.getBoundingClientRect()
  const on = document.elementFromPoint(x + width / 2, y + height / 2)
  const marked = (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none'
  return marked && on !== null && one.contains(on)
}"""
# Whoever sees that a thing stands before where they are goes back to it.
BEFORE = "one => (one.compareDocumentPosition(document.activeElement) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0"


class Mouse:
    """Points at things; types where there is something to type."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, what: Locator) -> None:
        what.click()

    def choose(self, group: Locator, name: str | re.Pattern[str]) -> None:
        group.get_by_role("radio", name=name).check()

    def write(self, field: Locator, text: str) -> None:
        field.click()
        self.page.keyboard.insert_text(text)

    def look_up(self, field: Locator, text: str) -> None:
        self.write(field, text)
        self.page.get_by_role("option").filter(has_text=text).click()

    def take_from_pool(self, number: str) -> None:
        self.page.get_by_role("button", name=re.compile("新工单")).click()
        self.page.get_by_role("row").filter(has_text=number).get_by_role("button").click()
        report = self.page.get_by_role("complementary", name="工单详情")
        report.get_by_role("button", name="受理", exact=True).click()
        self.page.get_by_role("dialog", name="受理").get_by_role("button", name="受理", exact=True).click()
        report.get_by_role("button", name="吹哨", exact=True).click()


class Keys:
    """Never points at anything: goes from one thing to the next until it is the one that is wanted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0
        self.furthest = 0

    def press(self, what: Locator) -> None:
        self._go_to(what)
        self.key("Enter")

    def choose(self, group: Locator, name: str | re.Pattern[str]) -> None:
        wanted = group.get_by_role("radio", name=name)
        self._go_to(group.get_by_role("radio"))
        for _ in range(group.get_by_role("radio").count()):
            if self._at(wanted):
                break
            self.key("ArrowDown")
        self.key("Space")
        expect(wanted).to_be_checked()

    def write(self, field: Locator, text: str) -> None:
        self._go_to(field)
        self.type(text)

    def look_up(self, field: Locator, text: str) -> None:
        # As fast as one types: what Enter takes is what was asked for, not what stood there before.
        self.write(field, text)
        self.key("Enter")

    def take_from_pool(self, number: str) -> None:
        """By the keys of the board, which it lists under `?`."""
        self.key("n")
        self.key("/")
        self.type(number)
        self.key("Enter")
        expect(self.page.locator("tbody tr")).to_have_count(1)
        self.key("Escape")
        self.key("j")
        self.key("Enter")
        self.page.get_by_role("complementary", name="工单详情").get_by_text(number).wait_for()
        self.key("a")
        self.page.get_by_text(f"已受理 {number}").wait_for()
        self.key("w")

    def key(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.pressed += 1

    def type(self, text: str) -> None:
        self.page.keyboard.insert_text(text)
        self.pressed += len(text)

    def _at(self, what: Locator) -> bool:
        return what.and_(self.page.locator(":focus")).count() > 0

    def _go_to(self, what: Locator) -> None:
        what.first.wait_for()
        expect(self.page.locator(":focus"), f"the focus was lost before {what}").to_have_count(1)
        tab = "Shift+Tab" if what.first.evaluate(BEFORE) else "Tab"
        passed = []
        for tabs in range(MOST_TABS + 1):
            if self._at(what):
                self.furthest = max(self.furthest, tabs)
                assert self.page.locator(":focus").evaluate(SHOWN), f"one cannot see that one is at {what}"
                return
            passed.append(self.page.evaluate("document.activeElement.outerHTML.slice(0, 90)"))
            self.key(tab)
        raise AssertionError(f"not within {MOST_TABS} tabs: {what}; passed {passed}")


Hand = Mouse | Keys


def submit(server: Server, text: str) -> dict[str, Any]:
    """A report of Zhang's for somebody who left a number."""
    position = {"lng": LNG, "lat": LAT, "coord_type": "wgs84"}
    body = {"item": "01-01-001", "description": text, "position": position, "requester": REQUESTER}
    made: dict[str, Any] = server.call("zhang", "PUT", f"reports/{uuid4()}", body)
    return made


def log_in(server: Server, hand: Hand, name: str) -> None:
    page = hand.page
    page.goto(f"{server.url}/console/")
    page.evaluate("window.sameLoad = true")
    hand.write(page.get_by_label("用户名"), name)
    hand.write(page.get_by_label("密码"), PASSWORD)
    hand.press(page.get_by_role("button", name="登录", exact=True))
    page.get_by_text("实时", exact=True).wait_for()


def button(where: Page | Locator, name: str) -> Locator:
    return where.get_by_role("button", name=name, exact=True)


def turn_to(hand: Hand, name: str) -> None:
    hand.press(hand.page.get_by_role("navigation", name="页面").get_by_role("link", name=name, exact=True))


def approve(li: Hand) -> None:
    """The leader agrees to a routine whistle, before it sounds."""
    turn_to(li, "吹哨")
    li.press(button(li.page, "批准"))
    li.press(button(li.page.get_by_role("dialog", name="批准"), "批准"))
    gone(li.page)


def review(li: Hand) -> None:
    """The leader looks at an emergency's whistle, which has sounded already."""
    turn_to(li, "吹哨")
    li.press(button(li.page.get_by_role("group", name="筛选"), "待事后审核"))
    li.press(button(li.page, "事后审核"))
    asked = li.page.get_by_role("dialog", name="事后审核")
    li.choose(asked.get_by_role("group", name="这次应急哨是否属实"), re.compile("^属于"))
    li.press(button(asked, "提交"))
    gone(li.page)


def gone(page: Page) -> None:
    page.get_by_text("这里现在没有哨").or_(page.get_by_text("已不在此列表")).wait_for()


# How each kind of whistle is blown, and what the leader has to do with it.
KINDS: dict[str, tuple[str, Callable[[Hand], None]]] = {
    "日常哨": ("提交审批", approve),
    "应急哨": ("立即吹哨", review),
}


def main_job(
    server: Server, open_desk: Callable[[], Page], hand_at: Callable[[Page], Hand], kind: str = "日常哨"
) -> list[Hand]:
    blow, decide = KINDS[kind]
    hands: list[Hand] = []

    def desk_of(name: str) -> tuple[Hand, Page]:
        hand = hand_at(open_desk())
        log_in(server, hand, name)
        hands.append(hand)
        return hand, hand.page

    for text in ("楼道堆物", "车棚漏雨"):
        submit(server, text)
    wang, street = desk_of("wang")
    street.get_by_role("row").filter(has_text="车棚漏雨").wait_for()
    report = submit(server, "污水从井口冒出")
    number = report["number"]
    # It comes while the board is open, takes its place in the pool, and the street calls the water company for it.
    street.get_by_role("button", name=re.compile("有 1 条新工单")).wait_for()
    wang.take_from_pool(number)
    whistle = street.get_by_role("dialog", name="吹哨")
    wang.choose(whistle.get_by_role("group", name="哨的种类"), kind)
    wang.write(whistle.get_by_label("吹哨原因"), "污水管网归水务集团，街道无法疏通")
    wang.look_up(whistle.get_by_role("combobox", name="呼叫哪些部门"), "水务集团")
    whistle.get_by_role("row").filter(has_text="水务集团").wait_for()
    wang.press(button(whistle, blow))
    expect(whistle).to_have_count(0)

    li, _ = desk_of("li")
    decide(li)

    # The department signs for it, is on the spot with a phone, and says what it did.
    water, department = desk_of("water")
    water.press(department.get_by_role("button", name=re.compile("暴露垃圾")))
    water.press(button(department, "签收"))
    status = department.locator("[data-test=duty-status]")
    status.get_by_text("已签收").wait_for()
    (duty,) = server.call("water", "GET", f"reports/{report['id']}")["assignments"]
    report_in(server, duty["id"])
    water.press(button(department, "反馈结果"))
    result = department.get_by_role("dialog", name="反馈结果")
    water.write(result.get_by_label("与谁沟通"), "物业李经理")
    water.write(result.get_by_label("解决措施"), "疏通管道并冲洗路面")
    with department.expect_file_chooser() as chooser:
        water.press(result.get_by_label("处置后照片"))
    chooser.value.set_files(PHOTOS[1])
    result.get_by_role("img", name=Path(PHOTOS[1]).name).wait_for()
    water.press(button(result, "反馈结果"))
    status.get_by_text("已反馈").wait_for()

    # The street rates the department, ends the whistle, checks the result and answers.
    wang.press(street.get_by_role("link", name="哨况跟踪"))
    wang.press(button(street, "评价"))
    rating = street.get_by_role("dialog", name="街道评部门")
    for grade, points in (("响应", "5"), ("到场", "4"), ("结果", "5")):
        wang.choose(rating.get_by_role("radiogroup", name=grade), points)
    wang.press(button(rating, "提交评价"))
    street.get_by_text("评价 5 · 4 · 5").wait_for()
    wang.press(button(street, "哨结"))
    wang.press(button(street.get_by_role("dialog", name="哨结"), "哨结"))
    street.locator("[data-test=status]").get_by_text("已哨结").wait_for()
    wang.press(street.get_by_role("link", name=number))
    wang.press(button(street, "核验通过"))
    wang.press(button(street.get_by_role("dialog", name="核验通过"), "核验通过"))
    expect(button(street, "核验通过")).to_have_count(0)
    wang.press(button(street, "结案"))
    closing = street.get_by_role("dialog", name="结案")
    wang.write(closing.get_by_label("答复内容", exact=True), "管道已疏通，路面已冲洗，感谢反映")
    wang.press(button(closing, "结案"))
    standing = street.locator("header .status")
    standing.get_by_text("待回访").wait_for()

    # Whoever reported it is called, and is content.
    clerk, calls = desk_of("clerk")
    turn_to(clerk, "回访")
    clerk.press(calls.get_by_role("button", name=re.compile(number)))
    record = calls.get_by_role("region", name="回访记录")
    clerk.choose(record.get_by_role("group", name="本次回访"), "已接通")
    clerk.choose(record.get_by_role("group", name="问题是否解决"), "已解决")
    clerk.choose(record.get_by_role("group", name="是否满意"), re.compile("^满意"))
    clerk.press(button(record, "保存并转到下一件"))

    standing.get_by_text("已结案").wait_for()
    for hand in hands:
        assert never_loaded_again(hand.page)
    assert server.call("wang", "GET", f"reports/{report['id']}")["status"] == "closed"
    return hands


@pytest.fixture
def open_desk(browser: Browser) -> Callable[[], Page]:
    def make() -> Page:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        context.set_default_timeout(WAIT_MILLISECONDS)
        return context.new_page()

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_from_the_pool_to_closed_by_mouse(server: Server, open_desk: Callable[[], Page], kind: str) -> None:
    main_job(server, open_desk, Mouse, kind)


def test_from_the_pool_to_closed_by_keys_alone(server: Server, open_desk: Callable[[], Page]) -> None:
    hands = main_job(server, open_desk, Keys)
    for who, hand in zip(("street", "leader", "department", "clerk"), hands, strict=True):
        assert isinstance(hand, Keys)
        print(f"{who}: {hand.pressed} keys, at most {hand.furthest} to the next thing")


def test_a_session_that_ends_over_a_form_is_taken_up_again_by_keys(
    server: Server, open_desk: Callable[[], Page]
) -> None:
    number = submit(server, "污水从井口冒出")["number"]
    page = open_desk()
    wang = Keys(page)
    log_in(server, wang, "wang")
    page.get_by_role("row").filter(has_text=number).wait_for()
    wang.key("j")
    wang.key("a")
    page.get_by_text(f"已受理 {number}").wait_for()
    wang.key("w")
    whistle = page.get_by_role("dialog", name="吹哨")
    wang.write(whistle.get_by_label("吹哨原因"), "街道无法疏通")
    wang.look_up(whistle.get_by_role("combobox", name="呼叫哪些部门"), "水务集团")
    whistle.get_by_role("row").filter(has_text="水务集团").wait_for()
    page.context.clear_cookies()
    # The desk hears of it and asks.
    submit(server, "楼道堆物")
    again = page.get_by_role("form", name="登录")
    again.get_by_text("登录已超时").wait_for()
    # Nothing behind it can be worked, and it does not go away.
    wang.key("Escape")
    wang.write(again.get_by_label("密码"), PASSWORD)
    wang.key("Enter")
    expect(again).to_have_count(0)
    expect(page.get_by_text("请先登录")).to_have_count(0)
    expect(whistle.get_by_label("吹哨原因")).to_have_value("街道无法疏通")
    wang.press(button(whistle, "存为草稿"))
    page.get_by_text(f"已存为草稿 {number}").wait_for()
    assert never_loaded_again(page)
