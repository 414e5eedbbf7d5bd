"""Each number of the overview opens a list of its length, whatever the rows."""

import random
from datetime import datetime, timedelta

import pytest

from core.moment import now
from reports.models import Assignment, CallbackTry, CatalogueItem, ChangeRequest, Report, Whistle
from reports.models.vocabulary import (
    FINAL,
    AssignmentRole,
    AssignmentStatus,
    ClockOutcome,
    ReportStatus,
    Satisfaction,
    Source,
    WhistleKind,
    WhistleStatus,
)
from tests import scenes
from tests.figure_scenes import (
    NOON,
    clock,
    duty,
    made,
    numbers,
    on_the_day,
    overview,
    share,
)
from tests.figure_scenes import at_noon as at_noon  # a fixture
from tests.world import World

pytestmark = pytest.mark.django_db


def length(world: World, name: str, address: str, page_size: int = 100) -> int:
    """How many different rows a list has, read to its last page."""
    found: list[str] = []
    client, page = world.api(name), f"{address}&page_size={page_size}"
    while page:
        answer = client.get(page)
        assert answer.status_code == 200, answer.content
        found += [row["id"] for row in answer.json()["results"]]
        page = answer.json()["next"]
    assert len(set(found)) == len(found)
    return len(found)


GRIDS = ["371082007032002", "371082007032001", "371082007002001", "371082900001001"]
REPORTS = 6
ASKED: list[tuple[str, dict[str, str]]] = [
    ("wang", {}),
    ("wang", {"by": "department", "first": "2026-11-23", "last": "2026-11-26"}),
    ("command", {"first": "2026-11-24", "last": "2026-11-25"}),
    ("command", {"by": "item", "first": "2026-11-23"}),
    ("sun", {"area": "371082007032", "first": "2026-11-24"}),
    ("zhang", {}),
    ("outsider", {"first": "2026-11-23", "by": "community"}),
]


def random_world(world: World, dice: random.Random) -> None:
    """Rows of any state at any time, odder than steps would leave them."""
    units = [world.departments[name] for name in sorted(world.departments)]
    items = list(CatalogueItem.objects.order_by("code"))
    unfinished = [status for status in ReportStatus if status not in FINAL]

    def some_time() -> datetime:
        return on_the_day(dice.randint(-60, 36))

    def perhaps() -> datetime | None:
        return some_time() if dice.random() < 0.7 else None

    def some_clock(report: Report, kind: str, one: Assignment | None) -> None:
        outcome = dice.choice(["", *ClockOutcome])
        said = {"outcome": outcome} if outcome else {"running": dice.random() < 0.5}
        shown = {"exempt": dice.random() < 0.5, "due_at": some_time(), "light": dice.choice(["green", "red"])}
        clock(report, kind, one, **said, **shown)

    for _ in range(REPORTS):
        report = made(
            world,
            dice.choice(GRIDS),
            status=dice.choice([*unfinished, *FINAL, *["closed", "in_progress"] * 4]),
            source=dice.choice(list(Source)),
            rework_count=dice.randint(0, 1),
            self_handled=dice.random() < 0.3,
            lead_department=dice.choice([None, *units]),
            item=dice.choice(items),
            received_at=some_time(),
            **{f"{step}_at": perhaps() for step in ("accepted", "dispatched", "finished", "closed", "due", "yellow")},
        )
        some_clock(report, "handle", None)
        for blown in (False, *[True] * dice.randint(0, 2)):
            row = {"report": report, "level": "street", "calling_area": world.street, "reason": "x", "drafted_at": NOON}
            state = {"kind": dice.choice(list(WhistleKind)), "status": dice.choice(list(WhistleStatus))}
            one = duty(
                report,
                dice.choice(list(AssignmentRole)),
                Whistle.objects.create(blown_at=perhaps(), **state, **row) if blown else None,
                department=dice.choice(units),
                status=dice.choice(list(AssignmentStatus)),
                active=blown,
                issued_at=some_time(),
                received_at=perhaps(),
                reported_in_at=perhaps(),
                rated_at=perhaps(),
                **dict.fromkeys(("rating_response", "rating_attendance", "rating_result"), 4),
            )
            for kind in ("sign_for", "report_in"):
                some_clock(report, kind, one)
            asked = {"reason": "x", "asked_by": world["urban"], "asked_at": NOON, "report": report, "assignment": one}
            decided = {"kind": dice.choice(["return", "extension"]), "status": dice.choice(["granted", "refused"])}
            ChangeRequest.objects.create(**decided, **asked)
        said = {"solved": dice.random() < 0.5, "satisfaction": dice.choice(list(Satisfaction))}
        reached = dice.random() < 0.7
        CallbackTry.objects.create(report=report, at=some_time(), reached=reached, **(said if reached else {}))


@pytest.mark.parametrize("seed", range(7))
def test_every_number_is_the_length_of_its_list(world: World, at_noon: None, seed: int) -> None:
    random_world(world, random.Random(seed))
    name, asked = ASKED[seed % len(ASKED)]
    answer = overview(world, name, **asked)
    known: dict[str, int] = {}
    for at, one in numbers(answer):
        if one["list"] not in known:
            known[one["list"]] = length(world, name, one["list"], page_size=2)
        assert known[one["list"]] == one["count"], at
    for rate in answer["rates"].values():
        # Whistles are no part of what was accepted.
        if rate["numerator"] and rate["numerator"]["figure"] != "whistles":
            assert rate["numerator"]["count"] <= rate["denominator"]["count"], rate
    if answer["by"] != "department":
        shown = sum(row["counts"]["received"]["count"] for row in answer["ranking"])
        assert shown == answer["period"]["received"]["count"]
    mapped = sum(row["open"]["count"] for row in answer["grids"])
    assert mapped == answer["now"]["open"]["count"]


def test_the_numbers_of_matters_taken_through_their_steps_are_the_lengths_of_their_lists(world: World) -> None:
    for make in (
        scenes.submitted,
        scenes.merged,
        scenes.rated,
        scenes.suspended,
        scenes.closed_late,
        scenes.asked_back,
        scenes.written_to,
        scenes.joint,
        scenes.closed,
    ):
        make(world)
    first = (now() - timedelta(days=40)).date()
    answer = overview(world, first=first)
    assert answer["period"]["closed"]["count"] == 3
    assert share(answer, "satisfaction") == (1.0, 1, 1)
    assert answer["period"]["self_handled"]["count"] == 1
    for at, one in numbers(answer):
        assert length(world, "wang", one["list"]) == one["count"], at
