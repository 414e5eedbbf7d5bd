"""Every page of the console: readable for those who see badly, and what a role may not see is in no answer to it."""

from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Request, Response, WebSocket, expect

from tests.browser.conftest import Desks
from tests.browser.server import Server
from tests.browser.test_accessibility import serious, settled, sideways
from tests.household_scenes import CARD, HEAD_NAME, OTHER_PHONE, PHONE, SPOUSE_NAME
from tests.world import LAT, LNG

REQUESTER, CONTACT = "上官问渠", "13655556666"
SAID = "半夜楼下漏水"
# Names and numbers nobody is told before asking for them with a reason.
IN_FULL = (REQUESTER, CONTACT, HEAD_NAME, SPOUSE_NAME, CARD, PHONE, OTHER_PHONE)
ESTATE, DOOR = "台上小区", "2单元502室"
PAGES = (
    "board",
    "duties",
    "whistles",
    "requests",
    "supervision",
    "callback",
    "overview",
    "households",
    "visits",
    "roster",
    "announcements",
    "volunteers",
)


@dataclass(frozen=True)
class Matter:
    """A report of a resident's, with a whistle to the water company on it."""

    report: str
    number: str
    whistle: int
    duty: int


@pytest.fixture
def matter(server: Server) -> Matter:
    own = uuid4()
    body = {
        "item": "02-01-001",
        "description": SAID,
        "position": {"lng": LNG, "lat": LAT, "coord_type": "wgs84"},
        "source": "hotline",
        "requester": {"name": REQUESTER, "phone": CONTACT},
    }
    server.call("wang", "PUT", f"reports/{own}", body)
    server.call("wang", "POST", f"reports/{own}/accept", {})
    called = {"kind": "emergency", "reason": SAID, "departments": [{"department": "SWJT", "role": "lead"}]}
    blown = server.call("wang", "POST", f"reports/{own}/whistles", called)
    return Matter(str(own), blown["number"], blown["whistles"][0]["id"], blown["assignments"][0]["id"])


def of_one(matter: Matter) -> tuple[str, ...]:
    return (
        f"board/{matter.report}",
        f"reports/{matter.report}",
        f"whistles/{matter.whistle}?report={matter.report}",
        f"duties?duty={matter.duty}",
    )


@dataclass
class Line:
    """A page and all that the server says to it: answers of the API, frames of the sockets."""

    page: Page
    answers: list[Response] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)
    _open: set[Request] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("request", self._asked)
        self.page.on("requestfinished", self._told)
        self.page.on("requestfailed", self._told)
        self.page.on("response", lambda answer: self.answers.append(answer) if "/api/" in answer.url else None)
        self.page.on("websocket", self._socket)

    def _asked(self, request: Request) -> None:
        self._open.add(request)

    def _told(self, request: Request) -> None:
        self._open.discard(request)

    def _socket(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.frames.append(str(frame)))

    def show(self, where: str) -> None:
        """Go to a page within the app and wait until it has asked for all it shows."""
        self.page.evaluate("where => { location.hash = where }", f"#/{where}")
        still = 0
        while still < 4:
            # Events are taken in while the page is waited for.
            self.page.wait_for_timeout(50)
            still = 0 if self._open else still + 1
        settled(self.page)

    def said(self) -> str:
        return "\n".join([*(answer.text() for answer in self.answers), *self.frames])


# -- for those who see badly ---------------------------------------------------------------------------------------

OWN_PAGES = {
    "wang": PAGES,
    "li": ("whistles", "requests"),
    "water": ("duties", "whistles", "requests"),
    "clerk": ("callback",),
    "sun": ("households", "visits", "requests"),
    "command": ("board", "overview"),
}


@pytest.mark.parametrize("name", OWN_PAGES)
def test_no_page_has_a_serious_fault_or_scrolls_sideways(
    desks: Desks, server: Server, matter: Matter, name: str
) -> None:
    line = Line(desks(name, "/"))
    line.page.emulate_media(reduced_motion="reduce")
    faults: list[str] = []
    for where in (*OWN_PAGES[name], *of_one(matter)):
        line.show(where)
        faults += [f"{where}: {fault}" for fault in serious(line.page)]
        if sideways(line.page) > 0:
            faults.append(f"{where}: {sideways(line.page)} px sideways")
    assert faults == []


@pytest.mark.parametrize("button", ["派单", "吹哨", "退回待受理", "督办"])
def test_no_dialog_of_a_step_has_a_serious_fault(desks: Desks, server: Server, button: str) -> None:
    own = uuid4()
    position = {"lng": LNG, "lat": LAT, "coord_type": "wgs84"}
    server.call("zhang", "PUT", f"reports/{own}", {"item": "01-01-001", "description": SAID, "position": position})
    server.call("wang", "POST", f"reports/{own}/accept", {})
    page = desks("command", f"/reports/{own}")
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("button", name=button, exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.first.wait_for()
    page.wait_for_load_state("networkidle")
    settled(page)
    assert serious(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


# -- what a role may not see ---------------------------------------------------------------------------------------


def overheard(page: Page, matter: Matter) -> str:
    """All a person's browser is told on every page there is, those not in their menu too."""
    line = Line(page)
    for where in (*PAGES, *of_one(matter)):
        line.show(where)
    return line.said()


@pytest.mark.parametrize(
    ("name", "sees_report", "sees_homes"),
    [
        ("wang", True, [ESTATE]),
        ("li", True, [ESTATE]),
        ("sun", True, [ESTATE, DOOR]),
        ("command", True, []),
        ("supervisor", True, []),
        ("clerk", True, []),
        ("water", True, []),
        ("gas", False, []),
        ("outsider", False, []),
        ("auditor", False, []),
    ],
)
def test_what_a_role_may_not_see_is_in_no_answer(
    desks: Desks, matter: Matter, name: str, sees_report: bool, sees_homes: list[str]
) -> None:
    told = overheard(desks(name, "/"), matter)
    assert [secret for secret in IN_FULL if secret in told] == []
    # The report by its number and words; that they are there for others shows that the pages were really read.
    assert [secret in told for secret in (SAID, matter.number)] == [sees_report] * 2
    assert [secret for secret in (ESTATE, DOOR) if secret in told] == sees_homes
