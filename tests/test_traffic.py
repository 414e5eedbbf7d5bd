"""Two supervisors and two dispatchers side by side, one of them killed: each step happens once and nothing is stuck."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from core.moment import moved_to
from reports.models import CallbackTry, ChangeRequest, Clock, Event, Report, SupervisionOrder
from reports.supervise import LEASE, supervise_once
from tests import scenes
from tests.promises import PROMISES, standing
from tests.world import World, post, submit

# Midnight lies in it, when suspensions end; the clocks of an emergency run at any hour.
BEGIN = datetime.fromisoformat("2026-09-14T23:55:00+08:00")
END = BEGIN + timedelta(minutes=10)
SPEED = 40.0
REPORTS = 40
SCENES = 6
BURST = "02-01-001"
AT_MOST = 120.0
# What happens once to one thing.
ONCE = (
    *("accept", "draft_whistle", "blow", "no_show", "escalate", "next_round"),
    *("resume", "order_reply", "order_accepted", "close"),
)
# What happens once to a clock for each deadline it had, and what moves a deadline.
ONCE_A_DEADLINE = ("red", "yellow", "overdue_level")
MOVED = ("grant_extension", "set_meeting")
SEEN = (
    *("accept", "blow", "receive", "report_in", "red", "no_show", "next_round", "minutes", "resume"),
    *("ask_return", "grant_return", "grant_extension", "grant_suspension", "call_back", "order_reply"),
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a database with more than one writer"),
]


def process(role: str, seed: int, wall: float) -> "subprocess.Popen[bytes]":
    kept = connection.settings_dict
    url = f"postgres://{kept['USER']}:{kept['PASSWORD']}@{kept['HOST']}:{kept['PORT']}/{kept['NAME']}"
    said = [role, str(seed), str(wall), BEGIN.isoformat(), END.isoformat(), str(SPEED)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.traffic", *said],
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "DATABASE_URL": url},
    )


def before(world: World) -> None:
    """What has been going on when the traffic begins: all of its deadlines fall into the ten minutes."""
    for number in range(REPORTS):
        # Between half a minute and sixteen before the traffic, so that every threshold falls into it.
        with moved_to(BEGIN - timedelta(seconds=30 + number * 24)):
            submit(world, item=BURST)
    for number in range(SCENES):
        # Nobody has come yet: the next rounds follow.
        with moved_to(BEGIN - timedelta(minutes=29) + timedelta(minutes=number)):
            scenes.whistled(world, item=BURST)
        meeting = BEGIN + timedelta(minutes=1 + number)
        with moved_to(BEGIN - timedelta(hours=1)):
            at = scenes.accepted(world, item=BURST)
            said = {"kind": "joint", "reason": "爆管", "departments": scenes.CALLS, "meeting_at": meeting.isoformat()}
            post(world, "wang", f"reports/{at.report}/whistles", **said)
            post(world, "li", f"whistles/{scenes.scene(at.report).whistle}/approve")
            scenes.to_be_called_back(world)
            at = scenes.whistled(world, item=BURST)
            # The day begins in the middle of the traffic.
            until = END.date().isoformat()
            post(world, "wang", f"reports/{at.report}/ask_suspension", reason="待停水", until=until)
            post(world, "li", f"requests/{scenes.scene(at.report).request}/grant")
        with moved_to(BEGIN - timedelta(seconds=number)):
            scenes.asked_more_time(world, item=BURST)


def steps_of(kinds: tuple[str, ...]) -> "Counter[tuple[Any, ...]]":
    return Counter(
        (event.report_id, event.assignment_id, event.whistle_id, event.change_id, event.kind, str(event.data))
        for event in Event.objects.filter(kind__in=kinds)
    )


def test_ten_minutes_of_traffic_with_one_killed(committed_world: World) -> None:
    dice = random.Random(7)
    before(committed_world)
    wall = time.time()
    roles = ["supervisor", "supervisor", "dispatcher", "dispatcher"]
    at_work = [process(role, seed, wall) for seed, role in enumerate(roles)]
    try:
        killed = dice.choice(at_work)
        for one in at_work:
            if one is killed:
                time.sleep(dice.uniform(4, 8))
                one.kill()
        ended = [one.wait(AT_MOST) for one in at_work if one is not killed]
    finally:
        for one in at_work:
            one.kill()
            one.wait()
    assert ended == [0, 0, 0]
    # What the killed one had claimed is free again when its lease has run out.
    with moved_to(END + LEASE + timedelta(seconds=1)):
        while supervise_once():
            pass
        assert not Clock.objects.filter(next_at__lte=END).exists()
        assert not ChangeRequest.objects.filter(next_at__lte=END).exists()
    assert Clock.objects.filter(lease_until__gt=END + LEASE).count() == 0
    everything = standing(list(Report.objects.order_by("received_at", "pk").values_list("pk", flat=True)))
    for promise in PROMISES:
        promise(everything)

    assert [step for step, times in steps_of(ONCE).items() if times > 1] == []
    moved = Counter(Event.objects.filter(kind__in=MOVED).values_list("report_id", flat=True))
    assert [step for step, times in steps_of(ONCE_A_DEADLINE).items() if times > 1 + moved[step[0]]] == []
    # Each clock has one order, each request one end, and each requester three tries at most.
    orders = Counter(SupervisionOrder.objects.exclude(clock=None).values_list("clock_id", flat=True))
    assert set(orders.values()) == {1}
    decided = Counter(Event.objects.filter(change__isnull=False).values_list("change_id", "kind"))
    ends = Counter(change for change, kind in decided.elements() if not kind.startswith("ask_"))
    over = ChangeRequest.objects.exclude(status="pending").values_list("pk", flat=True)
    assert ends == Counter(over)
    tries = Counter(CallbackTry.objects.values_list("report_id", flat=True))
    assert max(tries.values()) <= 3
    kinds = Counter(Event.objects.values_list("kind", flat=True))
    assert {kind: kinds[kind] for kind in SEEN if not kinds[kind]} == {}
