"""One process of the traffic test: a supervisor or a dispatcher, in a time that passes faster.

`python -m tests.traffic ROLE SEED WALL BEGIN END SPEED`: at WALL (seconds since the epoch) it is BEGIN, and from then
on time passes SPEED times as fast as on the wall's clock, up to END (both ISO 8601). Any error but a refusal ends it.
The dispatcher works for everybody: desk, units, leader and clerk, each as their own person.
"""

import itertools
import os
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grid_backend.settings")
django.setup()

from django.db.models import QuerySet  # noqa: E402

from accounts.models import User  # noqa: E402
from core.moment import moved_to, now  # noqa: E402
from core.problems import Problem  # noqa: E402
from reports.actions.asking import ask_extension, ask_return, ask_suspension, withdraw_request  # noqa: E402
from reports.actions.callback import call_back  # noqa: E402
from reports.actions.deciding import grant, refuse, resume  # noqa: E402
from reports.actions.dispatch import Target  # noqa: E402
from reports.actions.handling import Result, receive, report_in, submit_result  # noqa: E402
from reports.actions.pool import accept  # noqa: E402
from reports.actions.rounds import Attendance, Decision, escalate_whistle, record_minutes, set_meeting  # noqa: E402
from reports.actions.submit import LOCAL, AnnouncedPhoto, Position  # noqa: E402
from reports.actions.supervision import accept_reply, reply_to_order  # noqa: E402
from reports.actions.whistles import Called, draft_whistle, withdraw_whistle  # noqa: E402
from reports.models import Assignment, ChangeRequest, Report, SupervisionOrder, Whistle  # noqa: E402
from reports.models.vocabulary import WHISTLE_CALLING  # noqa: E402
from reports.supervise import supervise_once  # noqa: E402

HERE = Position(122.432957, 37.150893, "wgs84", 5.0)
ON_SITE = AnnouncedPhoto("ab" * 32, 1000, "reference")
AFTER = AnnouncedPhoto("cd" * 32, 1000, "after")
CALLED = [Called("SWJT", "lead"), Called("RQGS", "assist")]
STAFF = {"SWJT": "water", "RQGS": "gas", "ZJJ": "housing", "YTJD-CG": "urban"}
DECIDER = {"return": "wang", "extension": "wang", "suspension": "li"}


def person(name: str) -> User:
    return User.objects.get(username=name)


def one_of(rows: QuerySet[Any], dice: random.Random) -> Any:
    """A row at random as it is now; `not_found` where there is none."""
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    if not keys:
        raise Problem("not_found")
    return rows.model._base_manager.get(pk=dice.choice(keys))


def duty(dice: random.Random, *statuses: str, **also: Any) -> tuple[User, Assignment]:
    """A duty in one of these states, and who acts for its unit."""
    found = one_of(Assignment.objects.filter(active=True, status__in=statuses, **also), dice)
    return person(STAFF[found.department.code]), found


# -- the desk --------------------------------------------------------------------------------------------------------


def take_up(dice: random.Random) -> None:
    accept(person("wang"), one_of(Report.objects.filter(status="submitted"), dice).pk)


def call_units(dice: random.Random) -> None:
    report = one_of(Report.objects.filter(status="accepted"), dice)
    draft_whistle(person("wang"), report.pk, "emergency", "爆管", CALLED)


def call_again(dice: random.Random) -> None:
    whistle = one_of(Whistle.objects.filter(status__in=("handling", "submitted"), round=1), dice)
    escalate_whistle(person("wang"), whistle.pk, "仍在漏水")


def call_off(dice: random.Random) -> None:
    whistle = one_of(Whistle.objects.filter(status__in=("blown", "gathering")), dice)
    withdraw_whistle(person("wang"), whistle.pk, "误判")


def move_meeting(dice: random.Random) -> None:
    whistle = one_of(Whistle.objects.filter(kind="joint", status__in=WHISTLE_CALLING), dice)
    set_meeting(person("wang"), whistle.pk, now() + timedelta(minutes=dice.uniform(0.5, 3)))


def meet(dice: random.Random) -> None:
    whistle = one_of(Whistle.objects.filter(kind="joint", status__in=WHISTLE_CALLING), dice)
    duties = Assignment.objects.filter(whistle=whistle, active=True).values_list("pk", flat=True)
    came = [Attendance(pk, dice.random() < 0.8) for pk in duties]
    decided = dice.choice([[], [Decision("ZJJ", "assist", "配合")], [Decision("ZJJ", "lead", "牵头")]])
    record_minutes(person("wang"), whistle.pk, "会议纪要", came, decided)


def rest(dice: random.Random) -> None:
    report = one_of(Report.objects.filter(status="in_progress"), dice)
    tomorrow = now().astimezone(LOCAL).date() + timedelta(days=1)
    ask_suspension(person("wang"), report.pk, "待停水", tomorrow)


def wake(dice: random.Random) -> None:
    resume(person("li"), one_of(Report.objects.filter(status="suspended"), dice).pk)


def reply(dice: random.Random) -> None:
    reply_to_order(person("wang"), one_of(SupervisionOrder.objects.filter(status="open"), dice).pk, "已安排")


def accept_a_reply(dice: random.Random) -> None:
    accept_reply(person("supervisor"), one_of(SupervisionOrder.objects.filter(status="replied"), dice).pk)


def telephone(dice: random.Random) -> None:
    said: dict[str, Any] = {"reached": False}
    if dice.random() < 0.3:
        said = {"reached": True, "solved": True, "satisfaction": "satisfied"}
    call_back(person("clerk"), one_of(Report.objects.filter(status="callback"), dice).pk, **said)


def decide(dice: random.Random) -> None:
    # First the kind, so that the rare ones have their turn.
    kind = dice.choice(list(DECIDER))
    change = one_of(ChangeRequest.objects.filter(status="pending", kind=kind), dice)
    by = person(DECIDER[change.kind])
    if change.kind == "suspension":
        grant(by, change.pk)
    elif dice.random() < 0.3:
        refuse(by, change.pk, "可以办理")
    elif change.kind == "return":
        grant(by, change.pk, **dice.choice([{}, {"target": Target("", "ZJJ")}, {"to_dispatch": True}]))
    else:
        grant(by, change.pk)


# -- the units -------------------------------------------------------------------------------------------------------


def sign_for(dice: random.Random) -> None:
    by, found = duty(dice, "issued")
    receive(by, found.pk)


def come(dice: random.Random) -> None:
    by, found = duty(dice, "issued", "received", "no_show", whistle__isnull=False)
    report_in(by, found.pk, HERE, [ON_SITE])


def finish(dice: random.Random) -> None:
    by, found = duty(dice, "reported_in")
    submit_result(by, found.pk, Result("已修复", now(), "物业经理", now(), [AFTER]))


def give_back(dice: random.Random) -> None:
    by, found = duty(dice, "issued", "received")
    ask_return(by, found.pk, "不属于本单位职责")


def ask_time(dice: random.Random) -> None:
    by, found = duty(dice, "issued", "received", "reported_in", role="lead")
    ask_extension(by, found.pk, "配件未到")


def take_request_back(dice: random.Random) -> None:
    change = one_of(ChangeRequest.objects.filter(status="pending", assignment__isnull=False), dice)
    withdraw_request(person(STAFF[change.assignment.department.code]), change.pk)


Work = Callable[[random.Random], None]
OFTEN: list[Work] = [take_up, call_units, sign_for, come, decide, decide, reply, telephone, give_back, ask_time]
SELDOM: list[Work] = [
    *(call_again, call_off, move_meeting, meet, rest, wake),
    *(accept_a_reply, finish, take_request_back),
]


def supervise(dice: random.Random) -> None:
    supervise_once(limit=3)


def dispatch(dice: random.Random) -> None:
    dice.choice([*OFTEN, *OFTEN, *SELDOM])(dice)


# What one does, the mean pause after it in seconds, and how often at least: a slow machine gets as much traffic as a
# fast one, its last steps at END.
WORK: dict[str, tuple[Work, float, int]] = {
    "supervisor": (supervise, 0.02, 0),
    "dispatcher": (dispatch, 0.03, 250),
}


def main(role: str, seed: str, wall: str, begin: str, end: str, speed: str) -> None:
    dice = random.Random(int(seed))
    work, pause, at_least = WORK[role]
    last = datetime.fromisoformat(end)
    for done in itertools.count():
        passed = timedelta(seconds=max(time.time() - float(wall), 0) * float(speed))
        moment = datetime.fromisoformat(begin) + passed
        if moment > last and done >= at_least:
            return
        with moved_to(min(moment, last)), suppress(Problem):
            work(dice)
        time.sleep(dice.uniform(0, 2 * pause))


if __name__ == "__main__":
    main(*sys.argv[1:])
