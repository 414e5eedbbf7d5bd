"""`python -m bench.household_lists`: lists over 10,000 and 1,000,000 households, in an empty database of its own.

The grid of the worker holds as many households each time, so that only the size of the table differs.
"""

import argparse
import os
import random
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
HEADER = "| list | of 10,000, ms | of {large:,}, ms | large ÷ small | target |\n|---|---|---|---|---|"
SMALL = 10_000
OF_THE_WORKER = 150
GRID, STREET, DISTRICT = "371082007032002", "371082007", "371082"
PHONE = "13900000001"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.household_lists", description=__doc__)
    parser.add_argument("--households", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "grid_backend.settings"
    django.setup()
    from django.conf import settings
    from django.db import connection

    settings.ALLOWED_HOSTS = ["*"]
    settings.GRIDWHISTLE["LOOKUPS_PER_HOUR"] = 10**6
    prepare()
    asked = lists()
    load(SMALL - OF_THE_WORKER, others())
    small = measured(asked, options.rounds)
    started = time.perf_counter()
    load(options.households - SMALL, others())
    loading = time.perf_counter() - started
    large = measured(asked, options.rounds)
    lines = [HEADER.format(large=options.households)]
    for name in asked:
        target = "≤ 1.2" if "worker" in name else ""
        lines.append(f"| {name} | {small[name]:.1f} | {large[name]:.1f} | {large[name] / small[name]:.2f} | {target} |")
    print("\n".join(lines))
    write(connection.vendor, options.households, loading, lines)


def prepare() -> None:
    """Places, people, colours, and the households of the worker's grid."""
    call_command("flush", interactive=False, verbosity=0)
    call_command("import_areas", str(ROOT / "grids" / "data" / "weihai_areas.geojson.gz"), verbosity=0)
    from accounts.models import User
    from accounts.roles import Role
    from grids.actions.appointments import appoint
    from grids.models import Area

    for name, role, code in [
        ("bench-worker", Role.GRID_WORKER, GRID),
        ("bench-admin", Role.COMMUNITY_ADMIN, GRID[:12]),
        ("bench-leader", Role.STREET_LEADER, STREET),
    ]:
        appoint(User.objects.create_user(name, full_name=name), role, Area.objects.get(code=code))
    load(OF_THE_WORKER, [place for place in grids() if place["grid"] == Area.objects.get(code=GRID).pk])


def grids() -> list[dict[str, int]]:
    from bench.loading import grids_with_ancestors

    return grids_with_ancestors()


def others() -> list[dict[str, int]]:
    from grids.models import Area

    worker = Area.objects.get(code=GRID).pk
    return [place for place in grids() if place["grid"] != worker]


def load(count: int, places: list[dict[str, int]]) -> None:
    """Add `count` households with a head each, spread over the places, a year's visits due around today."""
    from django.db import connection

    from bench.loading import bare, insert
    from households.models import Household, RiskLevel

    # Told anew from the number there are, so that a second call makes other rows.
    dice = random.Random(Household.objects.count())
    levels = list(RiskLevel.objects.order_by("rank"))
    ids = [uuid.UUID(int=dice.getrandbits(128), version=4) for _ in range(count)]
    with bare(Household):
        insert(Household, rows_of(ids, places, levels, dice))
    heads_of(ids)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def rows_of(
    ids: list[uuid.UUID], places: list[dict[str, int]], levels: list[Any], dice: random.Random
) -> Iterator[Any]:
    from core.moment import now
    from households.doors import Door
    from households.models import Household
    from reports.calendar import today

    moment, day = now(), today()
    for index, pk in enumerate(ids):
        place = places[index % len(places)]
        # Most are green; the graver, the fewer.
        level = levels[min(int(dice.expovariate(1.5)), len(levels) - 1)]
        door = Door(None, place["grid"], address=f"{pk.hex[:12]}号")
        yield Household(
            id=pk,
            code=f"H{pk.hex[:20]}",
            address=door.address,
            door_hash=door.hash(),
            occupancy="owner",
            risk_level=level,
            confirmed_level=level,
            last_visit_at=moment - timedelta(days=level.visit_days),
            next_visit_due=day + timedelta(days=dice.randint(-5, 30)),
            created_at=moment,
            changed_at=moment,
            **{f"{name}_id": area for name, area in place.items()},
        )


def heads_of(ids: list[uuid.UUID]) -> None:
    from bench.loading import bare, insert
    from core.encryption import lookup_hash
    from households.models import Resident

    with bare(Resident):
        insert(
            Resident,
            (
                Resident(
                    id=uuid.uuid4(),
                    household_id=pk,
                    name="张建国",
                    phone="13800000000",
                    phone_hash=lookup_hash(f"1{pk.int % 10**10:010d}"),
                    relation="head",
                )
                for pk in ids
            ),
        )


def lists() -> dict[str, Callable[[], object]]:
    """What is asked, by name; the first of a kind is what the others of its kind follow."""
    worker, admin, leader = client("bench-worker"), client("bench-admin"), client("bench-leader")

    def get(of: Any, address: str, least: int) -> Callable[[], object]:
        def run() -> object:
            answer = of.get(f"/api/v1/{address}")
            assert answer.status_code == 200, answer.content
            assert len(answer.json()["results"]) >= least, answer.content
            return answer

        return run

    def deep() -> object:
        answer = worker.get("/api/v1/households?page_size=50").json()
        return worker.get(answer["next"]).json()["results"][0]

    def look_up() -> object:
        answer = admin.post("/api/v1/households/lookup", {"phone": PHONE}, format="json")
        assert answer.status_code == 200, answer.content
        return answer

    due = "visits/due?page_size=20"
    return {
        "due today, a worker's": get(worker, due, 1),
        "due within a month, a worker's": get(worker, f"{due}&due_by=2100-01-01", 20),
        "households of a worker, 50": get(worker, "households?page_size=50", 50),
        "the same and the page after": deep,
        "households of a street, 50": get(leader, "households?page_size=50", 50),
        "red ones of a street": get(leader, "households?page_size=50&colour=red", 0),
        "due in a street, 50": get(leader, "visits/due?page_size=50", 20),
        "somebody by phone": look_up,
    }


def client(name: str) -> Any:
    from rest_framework.test import APIClient

    from accounts.models import Device, User

    token = Device.objects.create(user=User.objects.get(username=name), name="bench")[1]
    made = APIClient()
    made.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return made


def measured(asked: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median milliseconds of each list, all in turn, so that a noisy machine disturbs them alike."""
    import statistics

    took: dict[str, list[float]] = {name: [] for name in asked}
    for run in asked.values():
        run()
    for _ in range(rounds):
        for name, run in asked.items():
            started = time.perf_counter()
            run()
            took[name].append((time.perf_counter() - started) * 1000)
    return {name: statistics.median(times) for name, times in took.items()}


def write(vendor: str, households: int, loading: float, lines: list[str]) -> None:
    now = datetime.now(UTC)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    head = f"# Lists over {households:,} households, {now:%Y-%m-%d}, {vendor}, commit {commit.stdout.strip()}\n\n"
    told = f"Medians over HTTP in one process. Loaded in {loading:.0f} s.\n\n"
    path = ROOT / "bench" / "results" / f"{now:%Y-%m-%d-%H%M}-household-lists-{vendor}.md"
    path.write_text(head + told + "\n".join(lines) + "\n")
    print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
