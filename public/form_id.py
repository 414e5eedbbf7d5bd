"""The id a form is given when it is shown: whatever is sent under it, however often, is one report.

Signed, with the grid and the time, so that nobody chooses the id of another's report or fills in forms never shown.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.core.signing import BadSignature, Signer

from core.moment import now

VALID = timedelta(days=7)
_SIGNER = Signer(salt="public.form")


@dataclass(frozen=True)
class FormId:
    """The id of the report to be, and when its form was shown."""

    report: UUID
    shown_at: datetime


def new_form_id(grid: str) -> str:
    """The id of a form for a grid, as it stands in the page."""
    return _SIGNER.sign_object([str(uuid4()), grid, int(now().timestamp())])


def read_form_id(text: str, grid: str) -> FormId | None:
    """None for what was not made here, for another grid, or too long ago."""
    try:
        report, of, shown = _SIGNER.unsign_object(text)
        read = FormId(UUID(report), datetime.fromtimestamp(shown, tz=now().tzinfo))
    except (BadSignature, ValueError, TypeError, OverflowError):
        return None
    return read if of == grid and now() - read.shown_at <= VALID else None
