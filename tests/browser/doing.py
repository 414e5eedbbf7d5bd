"""What a grid worker does on the phone, by what is seen on screen."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import Phone
from tests.browser.server import Server

PHOTOS = [
    str(Path(__file__).resolve().parent.parent / "photos" / name)
    for name in ("16_weihai_taishang_o6.jpg", "17_weihai_taishang_o8.jpg", "18_weihai_taishang_o3.jpg")
]
# By the cameras of these photos.
TAKEN = {"2026-06-20T10:00:00+08:00", "2026-06-20T10:05:30+08:00", "2026-06-21T07:02:55+08:00"}
SECONDS = 120


def until(holds: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """What `holds` answers once it is true; the answers of another process come when they come."""
    end = time.monotonic() + seconds
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError("it did not come about")
        time.sleep(0.2)


def choose_photos(page: Page, photos: list[str]) -> None:
    page.locator("input[type=file]").last.set_input_files(photos)
    page.get_by_text(re.compile(f"^{len(photos)} 张")).wait_for()


def choose_item(page: Page, letters: str = "bllj", name: str = "暴露垃圾") -> None:
    page.get_by_role("button", name="搜索或按类别找").click()
    page.get_by_placeholder("汉字或拼音").fill(letters)
    page.get_by_role("button", name=name).first.click()


def report(phone: Phone, photos: list[str] = PHOTOS, text: str = "") -> None:
    """Fill in a report and send it: into the queue, whatever the signal."""
    phone.go("report/new")
    page = phone.page
    if photos:
        choose_photos(page, photos)
    choose_item(page)
    if text:
        page.get_by_label("情况说明").fill(text)
    page.get_by_role("button", name="发送").click()
    page.get_by_role("button", name="完成").wait_for()
    page.get_by_role("button", name="完成").click()


def visit(phone: Phone, door: str = "2单元502室") -> None:
    """Record a visit at which somebody was met, with the service note its colour asks for."""
    phone.go("visits")
    page = phone.page
    page.get_by_text(door).first.click()
    page.get_by_role("button", name="记录走访").click()
    page.get_by_role("radio", name="见到人了").or_(page.get_by_role("button", name="见到人了")).click()
    page.get_by_label(re.compile("^服务记录")).fill("询问取暖和用药情况")
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("走访已保存").wait_for()


def waiting(phone: Phone) -> int:
    """How many entries are still in the phone's queue."""
    return int(
        phone.page.evaluate(
            """() => new Promise((resolve, reject) => {
                 const open = indexedDB.open('gridwhistle:zhang')
                 open.onerror = () => reject(open.error)
                 open.onsuccess = () => {
                   const count = open.result.transaction('queue').objectStore('queue').count()
                   count.onsuccess = () => { open.result.close(); resolve(count.result) }
                 }
               })"""
        )
    )


def reports_of(server: Server) -> list[Any]:
    """What arrived, in the order of its arrival."""
    return sorted(server.all("wang", "reports"), key=lambda row: row["received_at"])


def photos_of(server: Server, report_id: str) -> list[Any]:
    return list(server.call("wang", "GET", f"reports/{report_id}")["photos"])
