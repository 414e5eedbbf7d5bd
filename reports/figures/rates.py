"""The rates 指标: which figure is divided by which, and what is reckoned otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Rate:
    """A share: the figure `over` divided by the figure `under`. A mean or median has no `over`: it is of the rows of
    `under`."""

    name: str
    words: str | Promise
    under: str
    over: str = ""
    unit: str = "share"


RATES: tuple[Rate, ...] = (
    Rate("handle_rate", _("handle rate"), "dispatched", "handled"),
    Rate("ontime_handle_rate", _("on-time handle rate"), "dispatched", "handled_in_time"),
    Rate("overdue_open_rate", _("overdue open rate"), "dispatched", "overdue_open"),
    Rate("extension_rate", _("extension rate"), "dispatched", "extended"),
    Rate("avg_handle_hours", _("mean handling time, working hours"), "finished", unit="hours"),
    Rate("close_rate", _("close rate"), "should_close", "closed"),
    Rate("ontime_close_rate", _("on-time close rate"), "should_close", "closed_in_time"),
    Rate("rework_rate", _("rework rate"), "should_close", "reworked"),
    Rate("self_handle_share", _("self-handled share"), "closed", "self_handled"),
    Rate("return_rate", _("return rate"), "duties", "returned"),
    Rate("whistle_rate", _("whistle rate"), "accepted", "whistles"),
    Rate("report_in_rate", _("report-in rate"), "called", "reported_in_time"),
    Rate("report_in_minutes", _("median minutes to reporting in"), "reported_in", unit="minutes"),
    Rate("street_rating", _("rating by the street, 1 to 5"), "rated", unit="score"),
    Rate("response", _("response rate"), "sign_for_due", "signed_in_time"),
    Rate("resolution", _("resolution rate"), "answers", "solved"),
    Rate("satisfaction", _("satisfaction rate"), "answers", "satisfied"),
)
COMBINED = Rate("combined", _("combined rate"), "")
# In a row of the ranking.
RANKED_BY = (
    *("handle_rate", "ontime_handle_rate", "overdue_open_rate", "extension_rate"),
    *("close_rate", "ontime_close_rate", "rework_rate", "self_handle_share"),
)
OF_ROWS = tuple(rate for rate in RATES if rate.name in RANKED_BY)
DIGITS = 4


def share(rate: Rate, counts: Mapping[str, int]) -> float | None:
    """None where there is nothing to divide by."""
    under = counts.get(rate.under, 0)
    return round(counts.get(rate.over, 0) / under, DIGITS) if under else None


def combined(values: Mapping[str, float | None]) -> float | None:
    """The three rates by their weights; None unless each of them is known."""
    weights: dict[str, float] = settings.GRIDWHISTLE["COMBINED_WEIGHTS"]
    known = [(weight, values[name]) for name, weight in weights.items()]
    if any(value is None for _weight, value in known):
        return None
    whole = sum(weight * value for weight, value in known if value is not None)
    return round(whole / sum(weights.values()), DIGITS)


def rating(score: float | None, rated: int) -> float | None:
    """The street's mean rating, said of no fewer units than `RATINGS_FEWEST`."""
    return round(score, 2) if score is not None and rated >= settings.GRIDWHISTLE["RATINGS_FEWEST"] else None
