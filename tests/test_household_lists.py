"""What the lists and files of households cost: the same number of queries for one row, ten and a hundred."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.moment import now
from households.models import (
    Building,
    CareMark,
    CareTag,
    Household,
    HouseholdEvent,
    HouseholdReport,
    Resident,
    RiskLevel,
    SpecialGroup,
    SpecialGroupEntry,
)
from reports.models import Report
from tests import household_scenes as homely
from tests.test_query_counts import DETAIL, LIST, ROWS, counted, reader
from tests.world import World

pytestmark = pytest.mark.django_db

PEOPLE = ["zhang", "sun", "wang", "li", "root", "command", "nobody"]


def street_of(world: World, rows: int) -> homely.Homes:
    """A family with as many residents, marks, groups, reports and events as `rows`, and as many households beside it
    in as many buildings."""
    at = homely.everything(world)
    family, head = Household.objects.get(pk=at.family), Resident.objects.get(pk=at.head)
    building, report = Building.objects.get(pk=at.building), Report.objects.get()
    red, tag = RiskLevel.objects.get(code="red"), CareTag.objects.get(code="veteran")
    group = SpecialGroup.objects.get(code="released")
    for number in range(1, rows):
        Building.objects.create(
            pk=uuid4(), estate="台上小区", number=f"{number + 10}号楼", head_name="楼长", **building.place
        )
        home = Household(pk=uuid4(), code=f"X{number}", occupancy="owner", risk_level=red, building=building)
        home.unit, home.room, home.created_at, home.changed_at = "9", str(number), now(), now()
        home.next_visit_due = now().date() + timedelta(days=number % 9)
        home.put_at({name.removesuffix("_id"): pk for name, pk in family.place.items()})
        home.save(force_insert=True)
        Resident.objects.create(pk=uuid4(), household=home, name=f"户主{number}", relation="head")
        CareMark.objects.create(household=home, tag=tag)
        more = Resident.objects.create(pk=uuid4(), household=family, name=f"子{number}", relation="child")
        CareMark.objects.create(household=family, resident=more, tag=tag)
        SpecialGroupEntry.objects.create(
            resident=more, group=group, entered_by=world["sun"], entered_at=now(), note="备注"
        )
        HouseholdEvent.objects.create(household=family, at=now(), kind="edit", actor=world["zhang"], resident=head)
        report.pk, report.number = uuid4(), f"copy-{number}"
        report.save(force_insert=True)
        HouseholdReport.objects.create(household=family, report=report, linked_by=world["zhang"], linked_at=now())
    return at


@pytest.mark.parametrize("rows", ROWS)
def test_every_list_takes_four(world: World, rows: int) -> None:
    street_of(world, rows)
    for name in PEOPLE:
        client = reader(world, name)
        for endpoint in ("households-list", "buildings-list", "risk-levels-list", "care-tags-list"):
            path = reverse(endpoint)
            answer = counted(LIST, lambda client=client, path=path: client.get(path, {"page_size": 100}))
            assert answer.status_code == 200
    full = world.api("sun").get(reverse("households-list"), {"page_size": 100}).json()["results"]
    assert len(full) == min(rows + 3, 100)


FILTERS: list[dict[str, Any]] = [
    {"grid": homely.GRID},
    {"community": "371082007032"},
    {"street": "371082007"},
    {"colour": "red,orange"},
    {"occupancy": ["owner", "tenant"]},
    {"tag": "veteran"},
    {"special_group": "correction"},
    {"due_by": "2199-01-01"},
    {"ended": "true"},
    {"unconfirmed": "false", "kind": "family"},
]


@pytest.mark.parametrize("asked", FILTERS, ids=lambda asked: "-".join(asked))
def test_no_filter_takes_a_list_beyond_four(world: World, asked: dict[str, Any]) -> None:
    street_of(world, 10)
    for name in ("sun", "li", "root"):
        client = reader(world, name)
        answer = counted(LIST, lambda client=client: client.get(reverse("households-list"), asked))
        assert answer.status_code == 200


@pytest.mark.parametrize("rows", ROWS)
def test_a_file_takes_six_and_what_hangs_on_it_five(world: World, rows: int) -> None:
    at = street_of(world, rows)
    for name in ("zhang", "sun", "wang", "root"):
        client = reader(world, name)
        # Two below what a detail may take: colours and visits are to come.
        answer = counted(DETAIL - 2, lambda client=client: client.get(reverse("household", args=[at.family])))
        assert len(answer.json()["residents"]) == rows + 1
        for endpoint in ("household-events", "household-reports"):
            path = reverse(endpoint, args=[at.family])
            answer = counted(5, lambda client=client, path=path: client.get(path, {"page_size": 100}))
            assert len(answer.json()["results"]) >= min(rows, 100)
        path = reverse("building-households", args=[at.building])
        answer = counted(5, lambda client=client, path=path: client.get(path))
        assert len(answer.json()) == rows + 2


@pytest.mark.parametrize("rows", ROWS)
def test_a_look_up_on_record_takes_eleven(world: World, rows: int) -> None:
    at = street_of(world, rows)
    hashed = Resident.objects.get(pk=at.head)
    Resident.objects.filter(relation="head").update(phone_hash=hashed.phone_hash)
    client = reader(world, "sun")
    said = {"phone": homely.PHONE}
    answer = counted(11, lambda: client.post(reverse("households-lookup"), said, format="json"))
    assert len(answer.json()) == min(rows + 1, 50)


@pytest.mark.parametrize("rows", ROWS)
def test_splitting_and_merging_cost_the_same_however_many_go_along(world: World, rows: int) -> None:
    at = street_of(world, rows)
    children = list(Resident.objects.filter(household=at.family, relation="child").values_list("pk", flat=True))
    client, new = reader(world, "zhang"), uuid4()
    said = {
        "id": str(new),
        "residents": [str(one) for one in children[:40] or [at.spouse]],
        "place": {"grid": homely.GRID, "address": "台上村66号"},
    }
    split = reverse("household-split", args=[at.family])
    assert counted(36, lambda: client.post(split, said, format="json")).status_code == 201
    merge = reverse("household-merge", args=[new])
    said = {"into": str(at.family)}
    assert counted(45, lambda: client.post(merge, said, format="json")).status_code == 200


def test_pages_follow_each_other_without_a_gap(world: World) -> None:
    street_of(world, 10)
    client, seen = world.api("sun"), []
    answer = client.get(reverse("households-list"), {"page_size": 4}).json()
    while True:
        seen += [one["id"] for one in answer["results"]]
        if answer["next"] is None:
            break
        answer = client.get(answer["next"]).json()
    assert seen == sorted(seen)
    assert len(seen) == len(set(seen)) == 13


def test_a_workers_list_starts_from_an_index_on_the_grid(world: World) -> None:
    street_of(world, 10)
    client = reader(world, "zhang")
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("households-list"))
    statement = next(one["sql"] for one in queries if "households_household" in one["sql"])
    assert '"households_household"."grid_id" = ' in statement
    assert "path" not in statement.rpartition("WHERE")[2]
