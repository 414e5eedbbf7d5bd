"""Grid notice boards 公示牌 and resident contact cards 联系卡: who my grid worker is, and how to reach them.

Public by intent, and therefore nothing but the name, the post and the duty phone of those who work there; a private
phone is never printed. The QR code opens the grid's own page.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Can, Role
from core.moment import now
from core.paper import pdf, qr
from core.problems import Problem, catalogue
from grids.models import Appointment, Area
from grids.scope import below, prefixes, scope_of

catalogue(
    {
        "no_grids": (409, gettext_lazy("There is no grid in use here.")),
        "too_many_sheets": (409, gettext_lazy("More than %(most)s sheets at once: print fewer, or by community.")),
        "too_many_grids": (409, gettext_lazy("More than %(most)s grids at once: print by community.")),
    }
)

PAPER = Path(__file__).parent / "paper"
# Whoever manages, dispatches or works there.
PRINTING = (Can.MANAGE_AREA, Can.DISPATCH_REPORT, Can.SUBMIT_REPORT)
MOST_GRIDS = 150
# Of cards: for each grid, and in one document.
MOST_SHEETS = 20
MOST_SHEETS_AT_ONCE = 200
ON_BOARDS = (Role.GRID_LEADER, Role.GRID_WORKER, Role.ASSISTANT)


@dataclass
class Person:
    """Who works in a grid, as residents may know it."""

    name: str
    role: str
    phone: str
    in_charge: bool = False


@dataclass
class Board:
    """One grid with those who work there."""

    code: str
    name: str
    place: str
    leaders: list[Person] = field(default_factory=list)
    workers: list[Person] = field(default_factory=list)


def boards_of(area: Area) -> list[Board]:
    """The grids in use at or below the area, in the order of their codes; three queries however many there are.

    Raises `no_grids`, `too_many_grids`.
    """
    grids = list(
        Area.objects.filter(below(area.path), level=Area.Level.GRID, is_active=True)
        .defer("geometry")
        .order_by("code")[: MOST_GRIDS + 1]
    )
    if not grids:
        raise Problem("no_grids")
    if len(grids) > MOST_GRIDS:
        raise Problem("too_many_grids", params={"most": MOST_GRIDS})
    above = {path for grid in grids for path in prefixes(grid.path)[1:]}
    names = dict(Area.objects.filter(path__in=above).exclude(level=Area.Level.CITY).values_list("path", "name"))
    boards = {
        grid.pk: Board(
            grid.code, grid.name, " ".join(names[path] for path in reversed(prefixes(grid.path)) if path in names)
        )
        for grid in grids
    }
    held = Appointment.objects.filter(
        area__in=boards, role__in=ON_BOARDS, ended_at__isnull=True, user__is_active=True
    ).select_related("user")
    for post in held.order_by("-in_charge", "user__full_name", "id"):
        user = post.user
        person = Person(user.full_name, post.get_role_display(), user.duty_phone, post.in_charge)
        board = boards[post.area_id]
        (board.leaders if post.role == Role.GRID_LEADER else board.workers).append(person)
    return list(boards.values())


def boards_pdf(user: User, area: Area, address: Callable[[str], str]) -> bytes:
    """A sheet of A4 for each grid; `address` makes the public address of a path. Raises `forbidden` too."""
    words = {
        "title": _("Grid notice board"),
        "code": _("grid code"),
        "leader": _("grid leader"),
        "workers": _("grid workers"),
        "phone": _("duty phone"),
        "supervision": _("supervision"),
        "nobody": _("not appointed yet"),
        "scan": _("Scan to see who works here"),
        "printed": f"{now().astimezone():%Y-%m-%d}",
    }
    return _made("board.typ", user, area, address, words, 1)


def cards_pdf(user: User, area: Area, address: Callable[[str], str], sheets: int = 1) -> bytes:
    """Cards of 90 × 54 mm, ten to a sheet of A4, so many sheets for each grid.

    Raises `forbidden`, `too_many_sheets` too.
    """
    words = {
        "title": _("Contact card of the grid"),
        "worker": _("grid worker"),
        "leader": _("grid leader"),
        "supervision": _("supervision"),
        "nobody": _("not appointed yet"),
    }
    return _made("cards.typ", user, area, address, words, sheets)


def public_address(request: Any) -> Callable[[str], str]:
    """How paths become addresses for residents: below `PUBLIC_URL`, or as this request came."""
    base = settings.GRIDWHISTLE["PUBLIC_URL"].rstrip("/")
    return (lambda path: base + path) if base else request.build_absolute_uri


def _made(
    template: str, user: User, area: Area, address: Callable[[str], str], words: dict[str, str], sheets: int
) -> bytes:
    scope = scope_of(user)
    if not any(scope.may(can, area) for can in PRINTING):
        raise Problem("forbidden")
    boards = [asdict(board) | {"qr": qr(address(f"/g/{board.code}"))} for board in boards_of(area)]
    if len(boards) * sheets > MOST_SHEETS_AT_ONCE:
        raise Problem("too_many_sheets", "sheets", params={"most": MOST_SHEETS_AT_ONCE})
    phone = settings.GRIDWHISTLE["SUPERVISION_PHONE"]
    return pdf(PAPER / template, {"boards": boards, "words": words, "supervision": phone, "sheets": sheets})
