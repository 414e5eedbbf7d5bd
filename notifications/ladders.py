"""What is tried, in which order and how long after the notice was made: data, per urgency.

`settings.GRIDWHISTLE["LADDERS"]` replaces whole ladders, e.g. `{"normal": [["socket", 0], ["sms", 600]]}` (seconds).
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from notifications.models import Urgency

# Steps that tell somebody else; every other step names a transport.
DUTY, ABOVE = "duty", "above"


@dataclass(frozen=True)
class Step:
    code: str
    after: timedelta


def _ladder(*steps: tuple[str, float]) -> tuple[Step, ...]:
    return tuple(Step(code, timedelta(seconds=seconds)) for code, seconds in steps)


LADDERS: dict[str, tuple[Step, ...]] = {
    Urgency.NORMAL: _ladder(("socket", 0), ("push", 30), ("socket", 120), ("socket", 300)),
    Urgency.URGENT: _ladder(("socket", 0), ("push", 30), ("sms", 120), (DUTY, 300), (ABOVE, 600)),
    Urgency.EMERGENCY: _ladder(("socket", 0), ("push", 30), ("sms", 120), (DUTY, 300), (ABOVE, 600)),
}


def ladder(urgency: str) -> tuple[Step, ...]:
    """The steps for an urgency. Raises ImproperlyConfigured for a ladder whose delays go backwards."""
    own = settings.GRIDWHISTLE.get("LADDERS", {}).get(urgency)
    if own is None:
        return LADDERS[urgency]
    steps = _ladder(*((str(code), float(seconds)) for code, seconds in own))
    if any(later.after < earlier.after for earlier, later in pairwise(steps)):
        raise ImproperlyConfigured(f"LADDERS[{urgency!r}]: delays go backwards")
    return steps


RANKS = tuple(LADDERS)


def more_urgent(one: str, other: str) -> str:
    """The greater of two urgencies."""
    return max(one, other, key=RANKS.index)


def urgency_reaching(path: str, at_least: str) -> str:
    """The least urgency, from `at_least` up, whose ladder takes this path; `at_least` where none does."""
    for urgency in RANKS[RANKS.index(at_least) :]:
        if any(step.code == path for step in ladder(urgency)):
            return urgency
    return at_least


def paths() -> list[str]:
    """The transports that the ladders take, in the order in which they come."""
    steps = [step.code for urgency in RANKS for step in ladder(urgency)]
    return [code for code in dict.fromkeys(steps) if code not in (DUTY, ABOVE)]
