"""What the app costs before it is there, and that it is an app: manifest, icons, and a start without signal."""

import gzip
from collections.abc import Callable

from tests.browser.conftest import Phone
from tests.browser.link import Link
from tests.browser.server import ROOT

SCRIPT_BYTES = 200_000
DIST = ROOT / "frontend" / "dist" / "field"


def test_the_first_load_costs_at_most_200_kb_of_script(phones: Callable[..., Phone]) -> None:
    phone = phones()
    loaded: list[str] = []
    phone.page.on("response", lambda answer: loaded.append(answer.url))
    phone.log_in()
    scripts = {url.split("/field/", 1)[1].split("?")[0] for url in loaded if url.split("?")[0].endswith(".js")}
    # What the worker fetches for later is no part of the first load: it comes after the page stands.
    entry = (DIST / "index.html").read_text()
    first = {name for name in scripts if name.startswith("assets/") and name in entry}
    assert first
    size = sum(len(gzip.compress((DIST / name).read_bytes(), 9)) for name in first)
    print(f"{size / 1000:.0f} kB of script gz in {len(first)} files")
    assert size <= SCRIPT_BYTES


def test_the_second_start_needs_no_signal(phone: Phone, link: Link) -> None:
    link.down()
    phone.reopen()
    phone.go()
    phone.page.get_by_text("台上社区第二网格").first.wait_for()
    took = phone.page.evaluate(
        "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? performance.now()"
    )
    print(f"first paint without signal after {took:.0f} ms")
    assert phone.page.get_by_role("tab", name="首页").is_visible()


def test_it_is_installable(phone: Phone) -> None:
    session = phone.context.new_cdp_session(phone.page)
    assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert '"网格哨"' in manifest["data"]
