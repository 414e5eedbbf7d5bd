"""Two supervisors and two dispatchers side by side, one of them killed: each step happens once and nothing is stuck."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from core.moment import moved_to
from reports.models import Clock, Event, SupervisionOrder, Whistle
from reports.supervise import LEASE, supervise_once
from tests.world import World, submit

BEGIN = datetime.fromisoformat("2026-09-14T09:00:00+08:00")
END = BEGIN + timedelta(minutes=10)
SPEED = 40.0
REPORTS = 40
AT_MOST = 120.0

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


def test_ten_minutes_of_traffic_with_one_killed(committed_world: World) -> None:
    dice = random.Random(7)
    for number in range(REPORTS):
        # Between half a minute and sixteen before the traffic, so that every threshold falls into it.
        with moved_to(BEGIN - timedelta(seconds=30 + number * 24)):
            submit(committed_world)
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

    steps = Counter(
        (event.report_id, event.assignment_id, event.whistle_id, event.kind, str(event.data))
        for event in Event.objects.filter(
            kind__in=("accept", "draft_whistle", "blow", "red", "yellow", "overdue_level")
        )
    )
    assert [step for step, times in steps.items() if times > 1] == []
    orders = Counter(SupervisionOrder.objects.values_list("clock_id", flat=True))
    assert set(orders.values()) == {1}
    assert Clock.objects.filter(lease_until__gt=END + LEASE).count() == 0
    kinds = Counter(Event.objects.values_list("kind", flat=True))
    assert min(kinds["accept"], kinds["blow"], kinds["receive"], kinds["report_in"], kinds["red"]) > 0, kinds
    assert max(Whistle.objects.values_list("round", flat=True)) <= 3
