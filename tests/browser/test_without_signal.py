"""The promise on a phone: whatever fails on the way, what was sent is still there and arrives once."""

import json
import re
from datetime import datetime
from typing import Any

import pytest

from tests.browser.conftest import Phone
from tests.browser.doing import PHOTOS, TAKEN, choose_item, photos_of, report, reports_of, until, visit, waiting
from tests.browser.link import PORTAL, Link, page
from tests.browser.server import Server

WRITES = re.compile(r"^(PUT|POST) /api/v1/(reports|visits)")
FIRST = """() => new Promise((resolve, reject) => {
  const open = indexedDB.open('gridwhistle:zhang')
  open.onerror = () => reject(open.error)
  open.onsuccess = () => {
    const all = open.result.transaction('queue').objectStore('queue').getAll()
    all.onsuccess = () => { open.result.close(); resolve(all.result[0]) }
  }
})"""
PHOTO = re.compile(r"^PUT /api/v1/reports/[^/]+/photos/")


def arrived_once(server: Server, count: int = 1) -> list[Any]:
    """The reports, once all have come with all their photos."""
    until(lambda: len([row for row in reports_of(server) if row["complete_at"]]) >= count)
    rows = reports_of(server)
    assert len(rows) == count
    return rows


def try_again(phone: Phone) -> None:
    """As a person would who does not want to wait."""
    phone.go("queue")
    button = phone.page.get_by_role("button", name="全部立即发送")
    if waiting(phone) and button.is_visible():
        button.click()


def test_a_report_and_a_visit_made_without_signal_survive_the_end_of_the_browser(
    phone: Phone, link: Link, server: Server
) -> None:
    link.down()
    phone.reopen()
    report(phone, text="塑料瓶成堆")
    visit(phone)
    phone.reopen()
    phone.go("queue")
    assert waiting(phone) == 2
    link.up()
    try_again(phone)
    (made,) = arrived_once(server)
    assert made["description"] == "塑料瓶成堆"
    photos = photos_of(server, made["id"])
    assert {photo["taken_at"] for photo in photos} == TAKEN
    (walked,) = until(lambda: server.all("zhang", "visits"))
    assert walked["result"] == "met"
    until(lambda: waiting(phone) == 0)
    puts = [line.split()[1] for line in link.requests if line.startswith("PUT /api/v1/")]
    assert [path.split("/")[3] for path in puts] == ["reports"] * 4 + ["visits"]


def test_the_server_dies_during_the_second_photo(phone: Phone, link: Link, server: Server) -> None:
    photos: list[str] = []

    def die_at_the_second(line: str) -> None:
        if PHOTO.match(line):
            photos.append(line)
            if len(photos) == 2:
                server.kill()

    link.on_request = die_at_the_second
    report(phone)
    until(lambda: server.process is None)
    assert waiting(phone) == 1
    link.on_request = lambda line: None
    server.start()
    try_again(phone)
    (made,) = arrived_once(server)
    assert len(photos_of(server, made["id"])) == len(PHOTOS)
    until(lambda: waiting(phone) == 0)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (page("502 Bad Gateway", b"<html>bad gateway</html>"), "服务器暂时不可用"),
        (page("200 OK", PORTAL), "Wi-Fi"),
        (page("200 OK", b'{"ok": true}', "application/json"), "Wi-Fi"),
    ],
    ids=["502", "captive portal", "JSON of somebody else"],
)
def test_an_answer_that_is_not_the_servers_counts_for_nothing(
    phone: Phone, link: Link, server: Server, answer: bytes, words: str
) -> None:
    link.answer = lambda line: answer if WRITES.match(line) else None
    report(phone)
    phone.go("queue")
    phone.page.get_by_text(words).first.wait_for()
    assert waiting(phone) == 1
    assert reports_of(server) == []
    link.answer = lambda line: None
    try_again(phone)
    arrived_once(server)
    until(lambda: waiting(phone) == 0)


def test_answers_that_are_lost_on_the_way_back_make_no_second_report(phone: Phone, link: Link, server: Server) -> None:
    link.lose_answers = WRITES
    report(phone)
    until(lambda: reports_of(server))
    assert waiting(phone) == 1
    link.lose_answers = None
    try_again(phone)
    arrived_once(server)
    until(lambda: waiting(phone) == 0)


def test_a_revoked_token_costs_no_work(phone: Phone, server: Server) -> None:
    devices = server.call("zhang", "GET", "auth/tokens")
    for device in devices:
        if not device["current"]:
            server.call("zhang", "DELETE", f"auth/tokens/{device['id']}")
    report(phone)
    phone.page.get_by_text("请重新登录").first.wait_for()
    assert waiting(phone) == 1
    assert reports_of(server) == []
    phone.log_in_again()
    arrived_once(server)
    until(lambda: waiting(phone) == 0)


def test_a_full_phone_says_so_and_loses_nothing_that_was_typed(phone: Phone, server: Server) -> None:
    phone.reopen()
    # Before the app has opened its database: Chromium goes by what was free when it last looked.
    phone.fill_up(True)
    phone.go("report/new")
    text, full = phone.page.get_by_label("情况说明"), phone.page.get_by_text(re.compile("手机存储已满")).first
    text.fill("写了很久的情况")
    phone.page.locator("input[type=file]").last.set_input_files(PHOTOS)
    full.wait_for()
    choose_item(phone.page)
    phone.page.get_by_role("button", name="发送").click()
    full.wait_for()
    assert text.input_value() == "写了很久的情况"
    assert reports_of(server) == []
    phone.fill_up(False)

    saved = phone.page.get_by_role("button", name="完成")

    def sent() -> bool:
        if not saved.is_visible():
            phone.page.get_by_role("button", name="发送").click()
        return saved.is_visible()

    until(sent)
    (made,) = until(lambda: reports_of(server))
    assert made["description"] == "写了很久的情况"


def test_two_people_on_one_phone_never_mix(phone: Phone, link: Link, server: Server) -> None:
    link.down()
    report(phone, text="张网格的上报")
    phone.go("mine")
    phone.page.get_by_role("button", name="退出登录").click()
    phone.page.get_by_text(re.compile("还有 1 件没有发送")).wait_for()
    phone.page.get_by_role("button", name="退出登录").last.click()
    phone.page.get_by_label("用户名").wait_for()
    link.up()
    phone.log_in("zhao")
    phone.go("queue")
    phone.page.get_by_text("没有待发送的内容").wait_for()
    assert reports_of(server) == []
    phone.go("mine")
    phone.page.get_by_role("button", name="退出登录").click()
    phone.page.get_by_role("button", name="退出登录").last.click()
    phone.page.get_by_text("1 件未发送").wait_for()
    phone.log_in("zhang")
    (made,) = arrived_once(server)
    assert made["reporter"]["username"] == "zhang"


def test_a_report_the_server_refuses_is_changed_and_sent_again(phone: Phone, link: Link, server: Server) -> None:
    problem = {"type": "about:blank", "title": "事项已停用", "status": 400, "code": "item_ended"}
    refusal = page("400 Bad Request", json.dumps(problem).encode(), "application/problem+json")
    link.answer = lambda line: refusal if WRITES.match(line) else None
    report(phone, text="塑料瓶成堆")
    phone.go("queue")
    phone.page.get_by_text("事项已停用").wait_for()
    link.answer = lambda line: None
    sent = phone.page.evaluate(FIRST)["body"]
    phone.page.get_by_role("button", name="修改").click()
    text = phone.page.get_by_label("情况说明")
    assert text.input_value() == "塑料瓶成堆"
    assert waiting(phone) == 0
    text.fill("纸箱成堆")
    phone.page.get_by_role("button", name="发送").click()
    phone.page.get_by_role("button", name="完成").click()
    (made,) = arrived_once(server)
    assert made["description"] == "纸箱成堆"
    whole = server.call("wang", "GET", f"reports/{made['id']}")
    assert datetime.fromisoformat(whole["captured_at"]) == datetime.fromisoformat(sent["captured_at"])
    assert {photo["taken_at"] for photo in whole["photos"]} == TAKEN
    until(lambda: waiting(phone) == 0)
