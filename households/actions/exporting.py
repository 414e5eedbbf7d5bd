"""Households leave as a workbook: masked, or in full for those who may; each export leaves one row in the access log.

The workbook is finished first and logged then, in the transaction that gives it out: the log knows its rows, and
nothing leaves unlogged.
"""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actions.access import limit_looks, record_access
from accounts.models import AccessKind, User
from accounts.roles import Can
from core.problems import Problem, catalogue
from grids.models import Area
from grids.scope import prefixes, scope_of
from households.access import demand, reached, visible_households
from households.models import Household
from households.sheet_export import write_households

PERSONAL = ("name", "document", "phone", "birth_date", "door")

catalogue(
    {
        "reason_missing": (400, _("Say why.")),
        "export_too_large": (400, _("These are more than %(most)s households; choose fewer.")),
    }
)


def exportable(user: User, *, full: bool) -> QuerySet[Household]:
    """The households a person may export, masked or in `full`. Raises `forbidden` if there can be none."""
    can = Can.EXPORT_PERSONS if full else Can.EXPORT_HOUSEHOLDS
    demand(scope_of(user).anywhere(can), "full" if full else None)
    return visible_households(user).filter(reached(user, can))


def export_households(
    user: User,
    rows: QuerySet[Household],
    asked: Mapping[str, Any],
    reason: str,
    to: IO[bytes],
    *,
    full: bool,
    most: int | None = None,
) -> int:
    """Write `rows`, which are `exportable` ones that the conditions `asked` left, and log it; returns the rows written.

    Raises `reason_missing`, `throttled`, `export_too_large` (more than `most` households).
    """
    if not reason.strip():
        raise Problem("reason_missing", "reason")
    limit_looks(user, AccessKind.EXPORT, settings.GRIDWHISTLE["EXPORTS_PER_HOUR"])
    if most is not None and rows.order_by()[: most + 1].count() > most:
        raise Problem("export_too_large", params={"most": most})
    count = write_households(user, rows, to, full=full)
    record_access(
        user,
        AccessKind.EXPORT,
        "households",
        "",
        fields=PERSONAL if full else (),
        reason=reason.strip(),
        count=count,
        area_path=_place(user, asked, full),
        asked={"masked": not full, "conditions": {name: _plain(value) for name, value in asked.items()}},
    )
    return count


def _place(user: User, asked: Mapping[str, Any], full: bool) -> str:
    """The path of the place that was asked for, else of the lowest one over all that the person may export."""
    code = asked.get("grid") or asked.get("community") or asked.get("street")
    named = Area.objects.filter(code=code).values_list("path", flat=True).first() if code else None
    if named is not None:
        return named
    held = scope_of(user).areas.get(Can.EXPORT_PERSONS if full else Can.EXPORT_HOUSEHOLDS, [])
    above = prefixes(held[0].path) if held else []
    common = next((path for path in above if all(node.path.startswith(path) for node in held)), "")
    return common or Area.objects.order_by("path").values_list("path", flat=True).first() or ""


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | bool | list) else str(value)
