"""Every page for those who see badly: axe's rules, and text enlarged by half on the smallest phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Phone
from tests.browser.doing import report, until
from tests.browser.link import Link
from tests.browser.server import ROOT, Server

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = [
    "",
    "report/new",
    "reports",
    "queue",
    "tasks",
    "notices",
    "visits",
    "map",
    "patrol",
    "mine",
    "contacts",
    "knowledge",
    "settings",
    "about",
]


def serious(page: Page) -> list[str]:
    """axe's serious and critical findings, each with the place of the first."""
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(result => result.violations)")
    bad = [one for one in found if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in bad]


def sideways(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def settled(page: Page) -> None:
    """Until nothing fades in any more: axe measures colours as they are painted."""
    page.evaluate("Promise.all(document.getAnimations().map(one => one.finished.catch(() => {})))")


@pytest.mark.parametrize("scale", ["1", "1.5"])
def test_no_page_has_a_serious_fault_or_scrolls_sideways(phones: Callable[..., Phone], scale: str) -> None:
    phone = phones(width=360, height=640)
    # A button that fades in while axe looks at it has a colour nobody reads it by.
    phone.page.emulate_media(reduced_motion="reduce")
    phone.log_in()
    phone.page.evaluate(f"localStorage.setItem('gridwhistle.text', '{scale}')")
    phone.page.reload()
    phone.settle()
    faults: list[str] = []
    for where in PAGES:
        phone.go(where)
        phone.page.wait_for_load_state("networkidle")
        settled(phone.page)
        faults += [f"{where or 'home'}: {fault}" for fault in serious(phone.page)]
        if sideways(phone.page) > 0:
            faults.append(f"{where or 'home'}: {sideways(phone.page)} px sideways")
    assert faults == []


def test_pages_of_one_thing_have_no_serious_fault(phone: Phone, link: Link, server: Server) -> None:
    report(phone)
    (made,) = until(lambda: server.all("zhang", "reports?mine=true"))
    household = server.all("zhang", "visits/due")[0]["id"]
    faults: list[str] = []
    for where in (f"reports/{made['id']}", f"households/{household}", f"households/{household}/visit"):
        phone.go(where)
        phone.page.wait_for_load_state("networkidle")
        settled(phone.page)
        faults += [f"{where}: {fault}" for fault in serious(phone.page)]
    assert faults == []
    link.down()
    for where in ("", "queue", "reports"):
        phone.go(where)
        settled(phone.page)
        faults += [f"offline {where}: {fault}" for fault in serious(phone.page)]
    assert faults == []


def test_the_log_in_has_no_serious_fault(phones: Callable[..., Phone]) -> None:
    phone = phones(width=360, height=640)
    phone.go()
    phone.page.get_by_label("用户名").wait_for()
    assert serious(phone.page) == []
