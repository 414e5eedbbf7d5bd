"""Households that move out, move in, are split and merged: nobody is lost and no history goes along."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from core.moment import now
from households.models import Household, Resident
from reports.calendar import local_date
from tests import household_scenes as homely
from tests.colour_scenes import coloured
from tests.household_calls import get, history, last, put
from tests.household_scenes import CARD, GRID, homes, person
from tests.world import World, post

pytestmark = pytest.mark.django_db


# -- moving in and out --------------------------------------------------------------------------------------------


def test_a_household_moves_out_and_leaves_a_vacant_door_without_its_history(world: World) -> None:
    at = homes(world)
    vacant, request = uuid4(), str(uuid4())
    said = {"moved_out": "2025-01-01", "note": "迁往外地", "vacant": str(vacant), "request_id": request}
    for _time in range(2):
        gone = post(world, "zhang", f"households/{at.family}/move_out", **said)
    assert gone["ended_at"]
    assert (len(gone["residents"]), len(gone["former"])) == (0, 2)
    assert history(at.family)[-1] == "move_out"
    left = get(world, "zhang", f"households/{vacant}")
    assert (left["door"], left["occupancy"], left["former"], left["own_tags"]) == ("2单元502室", "vacant", [], [])
    assert history(vacant) == ["create"]
    assert put(world, "zhang", f"households/{at.family}", 409, occupancy="tenant", version=99)["code"] in (
        "household_ended",
        "stale_version",
    )
    listed = [one["id"] for one in get(world, "zhang", "households")["results"]]
    assert str(at.family) not in listed
    assert str(vacant) in listed
    assert [one["id"] for one in get(world, "zhang", "households", ended="true")["results"]] == [str(at.family)]


def test_a_household_that_has_ended_is_history(world: World) -> None:
    at = homes(world)
    gone = post(world, "zhang", f"households/{at.family}/move_out", moved_out="2025-01-01")
    version = gone["version"]
    for path, said in (
        (f"households/{at.family}/move_out", {"moved_out": "2025-01-01"}),
        (f"households/{at.family}/merge", {"into": str(at.couple)}),
        (f"households/{at.couple}/merge", {"into": str(at.family)}),
    ):
        assert post(world, "zhang", path, 409, **said)["code"] == "household_ended"
    refused = put(world, "zhang", f"households/{at.family}", 409, occupancy="tenant", version=version)
    assert refused["code"] == "household_ended"
    with pytest.raises(DatabaseError), transaction.atomic():
        Household.objects.filter(pk=at.couple).update(merged_into=at.family)


def test_somebody_moves_into_a_vacant_dwelling_with_all_or_nobody(world: World) -> None:
    at = homes(world)
    path = f"households/{at.vacant}/move_in"
    resident = f"households/{at.vacant}/residents/{uuid4()}"
    assert put(world, "zhang", resident, 409, name="某某", relation="head")["code"] == "vacant_dwelling"
    people = [{"id": str(uuid4()), **person()}, {"id": str(uuid4()), **person()}]
    assert post(world, "zhang", path, 409, occupancy="tenant", residents=people)["code"] == "head_taken"
    assert not Resident.objects.filter(household=at.vacant).exists()
    people[1]["relation"] = "spouse"
    moved = post(world, "zhang", path, occupancy="tenant", residents=people, note="新租户")
    assert (moved["occupancy"], len(moved["residents"])) == ("tenant", 2)
    assert history(at.vacant) == ["create", "move_in", "add_resident", "add_resident"]
    assert post(world, "zhang", path, 409, occupancy="owner")["code"] == "not_vacant"


def test_nobody_moves_in_and_leaves_it_vacant(world: World) -> None:
    at = homes(world)
    refused = post(world, "zhang", f"households/{at.vacant}/move_in", 400, occupancy="vacant")
    assert refused["code"] == "moves_in_vacant"


# -- split and merge ----------------------------------------------------------------------------------------------


def test_a_split_takes_people_and_their_tags_along_and_keeps_the_colour(world: World) -> None:
    at = homes(world)
    coloured(world, at.family, "orange")
    new, request = uuid4(), str(uuid4())
    said = {
        "id": str(new),
        "residents": [str(at.spouse)],
        "place": {"grid": GRID, "address": "台上村20号", "occupancy": "tenant"},
        "request_id": request,
    }
    for _time in range(2):
        made = post(world, "zhang", f"households/{at.family}/split", 201, **said)
    assert (made["id"], made["risk_level"]["code"], made["split_from"]) == (str(new), "orange", str(at.family))
    assert [(one["name"], one["tags"]) for one in made["residents"]] == [("钟***", ["disabled"])]
    old = get(world, "zhang", f"households/{at.family}")
    assert (len(old["residents"]), old["tags"]) == (1, ["low_income"])
    assert (history(at.family)[-1], history(new)) == ("split", ["split"])
    assert last(new).data == {"out_of": str(at.family), "residents": [str(at.spouse)]}


def test_a_split_needs_some_residents_and_a_free_door(world: World) -> None:
    at = homes(world)
    path, place = f"households/{at.family}/split", {"grid": GRID, "address": "台上村20号"}
    everybody, stranger = [str(at.head), str(at.spouse)], [str(uuid4())]
    for residents, where, status, code in (
        (everybody, place, 400, "split_nobody"),
        (stranger, place, 400, "unknown_resident"),
        ([str(at.spouse)], {"grid": GRID, "address": "台上村18号"}, 409, "door_taken"),
    ):
        said = {"id": str(uuid4()), "residents": residents, "place": where}
        assert post(world, "zhang", path, status, **said)["code"] == code
    taken = {"id": str(at.couple), "residents": [str(at.spouse)], "place": place}
    assert post(world, "zhang", path, 409, **taken)["code"] == "household_differs"
    assert Resident.objects.filter(household=at.family).count() == 2


def test_a_merge_brings_everybody_under_one_door_with_the_graver_colour(world: World) -> None:
    at = homely.linked(world)
    coloured(world, at.family, "red")
    coloured(world, at.couple, "blue")
    version = get(world, "zhang", f"households/{at.family}")["version"]
    said = {"into": str(at.couple), "note": "两户合一", "version": version, "request_id": str(uuid4())}
    for _time in range(2):
        one = post(world, "zhang", f"households/{at.family}/merge", **said)
    assert (one["id"], len(one["residents"]), one["own_tags"]) == (str(at.couple), 3, ["low_income"])
    assert sorted(each["relation"] for each in one["residents"]) == ["head", "relative", "spouse"]
    assert (one["risk_level"]["code"], one["risk_unconfirmed"]) == ("red", True)
    assert one["next_visit_due"] == (local_date(now()) + timedelta(days=7)).isoformat()
    gone = get(world, "zhang", f"households/{at.family}")
    assert (gone["merged_into"], gone["residents"], bool(gone["ended_at"])) == (str(at.couple), [], True)
    assert (history(at.family)[-1], history(at.couple)[-1]) == ("merge", "merge")
    assert [each["id"] for each in get(world, "zhang", f"households/{at.couple}/reports")["results"]] == [
        str(at.report)
    ]


def test_a_milder_household_makes_no_other_milder(world: World) -> None:
    at = homes(world)
    coloured(world, at.family, "green")
    coloured(world, at.couple, "orange")
    one = post(world, "zhang", f"households/{at.family}/merge", into=str(at.couple))
    assert (one["risk_level"]["code"], one["risk_unconfirmed"]) == ("orange", False)


def test_a_merge_needs_two_households_one_keeps(world: World) -> None:
    at = homes(world)
    path = f"households/{at.family}/merge"
    assert post(world, "zhang", path, 400, into=str(at.family))["code"] == "merge_itself"
    assert post(world, "zhang", path, 404, into=str(uuid4()))["code"] == "not_found"
    twin = f"households/{at.couple}/residents/{uuid4()}"
    put(world, "zhang", twin, 201, name="同一人", relation="sibling", doc_type="id_card", doc_number=CARD)
    assert post(world, "zhang", path, 409, into=str(at.couple))["code"] == "resident_twice"
    assert Household.objects.get(pk=at.family).active


def test_a_request_id_is_good_for_one_step(world: World) -> None:
    at = homes(world)
    request = str(uuid4())
    post(world, "zhang", f"households/{at.family}/move_out", moved_out="2025-01-01", request_id=request)
    for path, said in (
        (f"households/{at.family}/merge", {"into": str(at.couple)}),
        (f"households/{at.couple}/move_out", {"moved_out": "2025-01-01"}),
    ):
        assert post(world, "zhang", path, 409, request_id=request, **said)["code"] == "request_id_taken"
