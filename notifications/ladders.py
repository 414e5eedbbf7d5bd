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
