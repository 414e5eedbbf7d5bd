"""One process of the traffic test: a supervisor or a dispatcher, in a time that passes faster.

`python -m tests.traffic ROLE SEED WALL BEGIN END SPEED`: at WALL (seconds since the epoch) it is BEGIN, and from then
on time passes SPEED times as fast as on the wall's clock, until END (both ISO 8601). Any error but a refusal ends it.
"""

import os
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grid_backend.settings")
django.setup()

from accounts.models import User  # noqa: E402
from core.moment import moved_to  # noqa: E402
from core.problems import Problem  # noqa: E402
from reports.actions.handling import receive, report_in  # noqa: E402
from reports.actions.pool import accept  # noqa: E402
from reports.actions.submit import AnnouncedPhoto, Position  # noqa: E402
from reports.actions.whistles import Called, draft_whistle  # noqa: E402
from reports.models import Assignment, Report  # noqa: E402
from reports.supervise import supervise_once  # noqa: E402

HERE = Position(122.432957, 37.150893, "wgs84", 5.0)
PHOTO = AnnouncedPhoto("ab" * 32, 1000, "reference")
CALLED = [Called("SWJT", "lead"), Called("RQGS", "assist")]


def supervise(dice: random.Random) -> None:
    supervise_once(limit=3)


def dispatch(dice: random.Random) -> None:
    """One step on a report of the street's, by the dispatcher or one of those called."""
    report = dice.choice(list(Report.objects.all()))
    if report.status == "submitted":
        accept(User.objects.get(username="wang"), report.pk)
    elif report.status == "accepted":
        draft_whistle(User.objects.get(username="wang"), report.pk, "emergency", "爆管", CALLED)
    duty = Assignment.objects.filter(report=report, active=True).order_by("?").first()
    if duty is None or duty.department is None or dice.random() < 0.5:
        return
    person = User.objects.get(username={"SWJT": "water", "RQGS": "gas"}[duty.department.code])
    if duty.status == "issued":
        receive(person, duty.pk)
    else:
        report_in(person, duty.pk, HERE, [PHOTO])


WORK: dict[str, tuple[Callable[[random.Random], None], float]] = {
    "supervisor": (supervise, 0.02),
    "dispatcher": (dispatch, 0.15),
}


def main(role: str, seed: str, wall: str, begin: str, end: str, speed: str) -> None:
    dice = random.Random(int(seed))
    work, pause = WORK[role]
    while True:
        passed = timedelta(seconds=max(time.time() - float(wall), 0) * float(speed))
        moment = datetime.fromisoformat(begin) + passed
        if moment > datetime.fromisoformat(end):
            return
        with moved_to(moment), suppress(Problem):
            work(dice)
        time.sleep(dice.uniform(0, 2 * pause))


if __name__ == "__main__":
    main(*sys.argv[1:])
