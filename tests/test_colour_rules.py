"""What holds after any sequence of colours, visits, moves, splits, merges and ends."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.moment import moved_to, now
from core.problems import Problem
from households.actions.buildings import put_building
from households.actions.colours import confirm_colour, propose_colour, refuse_colour, withdraw_colour
from households.actions.counting import derived, recount
from households.actions.levels import move_dues
from households.actions.moving import merge, move_out, split
from households.actions.registering import put_household
from households.actions.visits import put_visit
from households.models import ColourChange, GridColour, Household, Resident, RiskLevel, Visit
from reports.calendar import local_date
from tests import household_scenes as homely
from tests.colour_scenes import coloured, told
from tests.world import World

pytestmark = pytest.mark.django_db

START = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
PEOPLE = ("zhang", "sun", "wang", "li", "root")
CODES = ("green", "blue", "yellow", "orange", "red")
slow = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])

propose = st.tuples(st.just("propose"), st.sampled_from(PEOPLE), st.sampled_from(CODES))
decide = st.tuples(st.sampled_from(["confirm", "refuse", "withdraw"]), st.sampled_from(PEOPLE), st.just(""))
visit = st.tuples(st.just("visit"), st.integers(0, 40), st.sampled_from(["met", "nobody_home"]))
STEPS = st.lists(st.one_of(propose, decide, visit), min_size=1, max_size=14)


def rank(level: RiskLevel | None) -> int:
    return level.rank if level else 0


def try_(act: Any, *args: Any, **kwargs: Any) -> Any:
    """What a person is refused changes nothing, which the invariants show."""
    try:
        return act(*args, **kwargs)
    except Problem:
        return None


def went_along(world: World, household: UUID, at: datetime, result: str = "met") -> Any:
    """A visit that meets the demands of every colour."""
    everything = {"visitors": ("sun", "zhang"), "leader": "li", "measure": "已约谈", "result": result}
    return told(household, at, **everything)


def holds(household: UUID) -> None:
    """What must be so of every household at every moment."""
    one = Household.objects.select_related("risk_level", "confirmed_level").get(pk=household)
    assert rank(one.risk_level) >= rank(one.confirmed_level)
    assert one.risk_unconfirmed == (one.risk_level_id != one.confirmed_level_id)
    waits = ColourChange.objects.filter(household=one, status="proposed").first()
    if one.risk_unconfirmed:
        assert waits is not None
        assert waits.upwards
        assert waits.to_level_id == one.risk_level_id
    seen = Visit.objects.filter(household=one).counted().order_by("-visited_at").first()
    assert one.last_visit_at == (seen.visited_at if seen else None)
    if one.risk_level is None or one.ended_at is not None:
        assert one.next_visit_due is None
    else:
        last = local_date(one.last_visit_at or one.created_at)
        assert one.next_visit_due == last + timedelta(days=one.risk_level.visit_days)


@slow
@given(steps=STEPS)
def test_the_proposer_never_confirms_and_nothing_becomes_milder_unconfirmed(
    world: World, steps: list[tuple[str, Any, str]]
) -> None:
    with transaction.atomic():
        with moved_to(START):
            at = homely.homes(world)
        people = {name: world[name] for name in PEOPLE}
        for number, (step, who, said) in enumerate(steps):
            before = Household.objects.select_related("confirmed_level").get(pk=at.family)
            confirmed = ColourChange.objects.filter(status="confirmed").count()
            with moved_to(START + timedelta(days=number + 1)):
                if step == "visit":
                    moment = START + timedelta(days=number + 1) - timedelta(days=who)
                    put_visit(people["zhang"], uuid4(), went_along(world, at.family, moment, said))
                elif step == "propose":
                    try_(propose_colour, people[who], at.family, said, "dispute", "x")
                else:
                    change = ColourChange.objects.order_by("-pk").first()
                    act = {"confirm": confirm_colour, "refuse": refuse_colour, "withdraw": withdraw_colour}[step]
                    if change is not None:
                        try_(act, people[who], change.pk, "x")
            holds(at.family)
            after = Household.objects.select_related("confirmed_level").get(pk=at.family)
            if rank(after.confirmed_level) < rank(before.confirmed_level):
                assert step == "confirm"
                assert ColourChange.objects.filter(status="confirmed").count() == confirmed + 1
        for change in ColourChange.objects.exclude(decided_by=None):
            assert (change.decided_by_id == change.proposed_by_id) == (change.status == "withdrawn")
        assert_counted()
        transaction.set_rollback(True)


@slow
@given(
    days=st.lists(st.integers(0, 60), min_size=1, max_size=6),
    results=st.lists(st.sampled_from(["met", "checked", "nobody_home", "declined"]), min_size=6, max_size=6),
    data=st.data(),
)
def test_visits_sent_twice_late_and_out_of_order_end_in_the_same_state(
    world: World, days: list[int], results: list[str], data: st.DataObject
) -> None:
    """The colours change on days of their own meanwhile, as everybody sees them; the phones come when they come."""
    ids = [uuid4() for _day in days]
    made = {
        pk: (START + timedelta(days=day, hours=index), result)
        for index, (pk, day, result) in enumerate(zip(ids, days, results, strict=False))
    }
    in_order = sorted(ids, key=lambda pk: made[pk][0])
    repeats = data.draw(st.lists(st.sampled_from(ids), max_size=4))
    shuffled = data.draw(st.permutations([*ids, *repeats]))
    ends = []
    for order in (in_order, shuffled):
        with transaction.atomic():
            with moved_to(START - timedelta(days=1)):
                at = homely.homes(world)
                coloured(world, at.family, "blue")
            for day, code in ((10, "red"), (30, "yellow")):
                with moved_to(START + timedelta(days=day)):
                    coloured(world, at.family, code)
            sent = {pk: went_along(world, at.family, *made[pk]) for pk in ids}
            with moved_to(START + timedelta(days=90)):
                for pk in order:
                    put_visit(world["zhang"], pk, sent[pk])
            holds(at.family)
            one = Household.objects.get(pk=at.family)
            visits = Visit.objects.order_by("visited_at", "pk").values_list("pk", "level__code", "due_on", "result")
            ends.append((one.last_visit_at, one.next_visit_due, list(visits)))
            transaction.set_rollback(True)
    assert ends[0] == ends[1]


def assert_counted() -> None:
    kept = {
        (row.grid_id, row.level_id): (row.households, row.confirmed)
        for row in GridColour.objects.all()
        if row.households or row.confirmed
    }
    assert kept == derived()


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["propose", "confirm", "refuse", "split", "merge", "out", "house", "building"]),
        st.integers(0, 20),
        st.sampled_from(CODES),
    ),
    min_size=1,
    max_size=12,
)


@slow
@given(steps=MOVES)
def test_the_colours_kept_of_grids_are_those_of_their_households(
    world: World, steps: list[tuple[str, int, str]]
) -> None:
    with transaction.atomic():
        at = homely.homes(world)
        sun, li = world["sun"], world["li"]
        for code, household in zip(("orange", "yellow", "red"), (at.family, at.couple, at.house), strict=True):
            coloured(world, household, code)
        for number, (step, which, code) in enumerate(steps):
            homes = list(Household.objects.filter(ended_at__isnull=True).order_by("pk").values_list("pk", flat=True))
            home, other = homes[which % len(homes)], homes[(which + 1) % len(homes)]
            grid = (homely.GRID, homely.NEIGHBOUR)[which % 2]
            change = ColourChange.objects.filter(status="proposed").order_by("-pk").first()
            if step == "propose":
                try_(propose_colour, sun, home, code, "dispute", "x")
            elif step in ("confirm", "refuse") and change is not None:
                try_(confirm_colour if step == "confirm" else refuse_colour, li, change.pk, "x")
            elif step == "split":
                people = list(Resident.objects.filter(household=home, moved_out=None).values_list("pk", flat=True))
                try_(split, sun, home, uuid4(), people[:1], {"grid": grid, "address": f"台上村{number + 50}号"})
            elif step == "merge" and home != other:
                try_(merge, sun, home, other)
            elif step == "out" and len(homes) > 2:
                try_(move_out, sun, home, local_date(now()))
            elif step == "house":
                version = Household.objects.get(pk=at.house).version
                try_(put_household, sun, at.house, {"grid": grid, "address": "台上村18号"}, version=version)
            elif step == "building":
                row = Household.objects.get(pk=at.family).building
                assert row is not None
                try_(put_building, sun, row.pk, {"grid": grid}, version=row.version)
            assert_counted()
        transaction.set_rollback(True)


def test_a_recount_puts_right_what_was_kept_wrong(world: World) -> None:
    at = homely.homes(world)
    coloured(world, at.family, "red")
    assert recount() == 0
    GridColour.objects.update(households=7)
    coloured(world, at.couple, "green")
    GridColour.objects.filter(level__code="green").delete()
    assert recount() == 2
    assert_counted()
    assert recount() == 0


def test_a_grid_has_the_colour_of_its_worst_confirmed_household(world: World) -> None:
    at = homely.homes(world)

    def seen() -> tuple[Any, dict[str, tuple[int, int]]]:
        rows = world.api("zhang").get("/api/v1/households/grid_colours").json()["results"]
        grid = next(row for row in rows if row["code"] == homely.GRID)
        counts = {one["level"]["code"]: (one["households"], one["confirmed"]) for one in grid["counts"]}
        return grid["colour"] and grid["colour"]["code"], counts

    assert seen() == (None, {})
    coloured(world, at.family, "yellow")
    coloured(world, at.couple, "green")
    assert seen() == ("yellow", {"yellow": (1, 1), "green": (1, 1)})
    change = propose_colour(world["sun"], at.family, "red", "dispute", "x")
    assert seen() == ("yellow", {"red": (1, 0), "yellow": (0, 1), "green": (1, 1)})
    confirm_colour(world["li"], change.pk)
    assert seen() == ("red", {"red": (1, 1), "green": (1, 1)})


@given(intervals=st.lists(st.integers(1, 400), min_size=2, max_size=5))
@slow
def test_dues_move_with_the_interval_of_their_colour(world: World, intervals: list[int]) -> None:
    with transaction.atomic():
        at = homely.homes(world)
        level = RiskLevel.objects.get(code="yellow")
        for days, household in zip((0, 1, 30), (at.family, at.couple, at.house), strict=True):
            with moved_to(START + timedelta(days=days)):
                coloured(world, household, "yellow")
                put_visit(world["zhang"], uuid4(), went_along(world, household, START + timedelta(days=days)))
        for interval in intervals:
            before, level.visit_days = level.visit_days, interval
            level.save()
            move_dues(level, interval - before)
            for household in (at.family, at.couple, at.house):
                holds(household)
        transaction.set_rollback(True)


def test_the_counts_are_of_distinct_households(world: World) -> None:
    at = homely.homes(world)
    for household in (at.family, at.couple, at.house):
        coloured(world, household, "blue")
    kept = Counter({row.level.code: row.households for row in GridColour.objects.select_related("level")})
    assert kept["blue"] == 3
