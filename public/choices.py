"""What a resident can choose a matter to be: a few plain words, each for an item of the catalogue.

Whoever is not sure takes the last; the desk puts the item right when it accepts the report.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from reports.calendar import today
from reports.models import ItemVersion

# Of the shipped catalogue; a city with another one sets RESIDENT_CHOICES.
CHOICES: tuple[tuple[str, Any], ...] = (
    ("02-01-001", _("Rubbish not cleared")),
    ("01-01-004", _("Broken road or pavement")),
    ("01-01-002", _("Manhole cover")),
    ("01-02-001", _("Street lamp out")),
    ("01-03-002", _("Water leaking")),
    ("01-03-003", _("Sewage overflowing")),
    ("02-02-005", _("Parked in the way")),
    ("02-04-005", _("Fire lane blocked")),
    ("03-04-002", _("Noise")),
    ("03-01-001", _("Property services")),
    ("03-04-001", _("Something else, or not sure")),
)
# Where none of these is in the catalogue, its first items.
MOST = 12


@dataclass(frozen=True)
class Choice:
    """A catalogue code and what it is called here."""

    item: str
    words: str


def choices() -> list[Choice]:
    """Those whose item is in force today, in their order; one query, two where none is."""
    wanted = _wanted()
    versions = ItemVersion.objects.for_new_reports(today())
    known = set(versions.filter(item__code__in=[code for code, _words in wanted]).values_list("item__code", flat=True))
    found = [Choice(code, str(words)) for code, words in wanted if code in known]
    if found:
        return found
    return [Choice(*row) for row in versions.order_by("item__code").values_list("item__code", "name")[:MOST]]


def _wanted() -> Sequence[tuple[str, Any]]:
    own = settings.GRIDWHISTLE["RESIDENT_CHOICES"]
    if not own:
        return CHOICES
    english = (get_language() or "").startswith("en")
    return [(row[0], row[2] if english and len(row) > 2 else row[1]) for row in own]
