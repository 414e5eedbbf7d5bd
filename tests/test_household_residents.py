"""Residents of a household: what their card says, what is refused, and when they move out."""

from typing import Any
from uuid import uuid4

import pytest

from households.models import Resident
from tests import household_scenes as homely
from tests.household_calls import get, history, last, put
from tests.household_scenes import CARD, homes
from tests.world import World, post

pytestmark = pytest.mark.django_db


def test_a_card_fills_in_birth_and_sex_and_nothing_may_say_otherwise(world: World) -> None:
    at = homes(world)
    head = Resident.objects.get(pk=at.head)
    assert (head.birth_date, head.birth_year, head.sex) == ("1990-01-01", 1990, "male")
    path = f"households/{at.family}/residents/{uuid4()}"
    number = homely.card("20010203", 222)
    for wrong, field in (({"sex": "male"}, "sex"), ({"birth_date": "2001-02-04"}, "birth_date")):
        refused = put(
            world,
            "zhang",
            path,
            400,
            name="小明",
            relation="child",
            doc_type="id_card",
            doc_number=number,
            **wrong,
        )
        assert (refused["code"], refused["errors"][0]["field"]) == ("told_otherwise", field)


def test_an_edit_says_nothing_else_than_the_card_that_stands(world: World) -> None:
    at = homes(world)
    path = f"households/{at.family}/residents/{at.head}"
    for wrong in ({"sex": "female"}, {"birth_year": 1991}, {"birth_date": "1990-01-02"}):
        assert put(world, "zhang", path, 400, version=1, **wrong)["code"] == "told_otherwise"
    assert put(world, "zhang", path, 200, sex="male", birth_date="1990-01-01")["version"] == 1
    # Without the card it may be said by hand.
    changed = put(world, "zhang", path, 200, doc_number="", sex="female", birth_year=1991, birth_date=None, version=1)
    assert (changed["sex"], changed["birth_year"], changed["doc_type"]) == ("female", 1991, "")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"doc_number": CARD[:-1] + "0", "doc_type": "id_card"}, "id_check"),
        ({"doc_number": "E12345678"}, "document_type_missing"),
        ({"name": "欧**"}, "masked_value"),
        ({"phone": "138****5678"}, "masked_value"),
        ({"doc_type": "id_card", "doc_number": "3710**********12"}, "masked_value"),
        ({"moved_in": "2199-01-01"}, "future_date"),
        ({"birth_date": "2199-01-01"}, "future_date"),
        ({"birth_date": "1990-01-01", "birth_year": 1991}, "told_otherwise"),
        ({"tags": ["no_such"]}, "unknown_tag"),
    ],
)
def test_what_is_wrong_with_a_resident_is_refused_by_field(world: World, said: dict[str, Any], code: str) -> None:
    at = homes(world)
    count = Resident.objects.count()
    path = f"households/{at.family}/residents/{uuid4()}"
    assert put(world, "zhang", path, 400, **{"name": "小明", "relation": "child", **said})["code"] == code
    assert Resident.objects.count() == count


def test_a_new_resident_needs_a_name_and_a_relation(world: World) -> None:
    at = homes(world)
    for said in ({"relation": "child"}, {"name": "小明"}):
        refused = put(world, "zhang", f"households/{at.family}/residents/{uuid4()}", 400, **said)
        assert refused["code"] == "invalid"


def test_a_household_has_one_head_and_a_document_once(world: World) -> None:
    at = homes(world)
    path = f"households/{at.family}/residents/{uuid4()}"
    assert put(world, "zhang", path, 409, name="小明", relation="head")["code"] == "head_taken"
    twice = put(world, "zhang", path, 409, name="小明", relation="child", doc_type="id_card", doc_number=CARD)
    assert twice["code"] == "resident_twice"


def test_sending_a_resident_again_changes_nothing_and_an_edit_names_its_version(world: World) -> None:
    at = homes(world)
    path = f"households/{at.family}/residents/{at.head}"
    steps = len(history(at.family))
    again = put(world, "zhang", path, 200, phone=homely.PHONE, doc_number=CARD)
    assert again["version"] == 1
    assert len(history(at.family)) == steps
    assert put(world, "zhang", path, 409, phone="13800000000")["code"] == "resident_differs"
    changed = put(world, "zhang", path, 200, phone="+86 139-0000 1111", party_member=True, version=1)
    assert (changed["phone"], changed["version"]) == ("139****1111", 2)
    assert last(at.family).data == {"fields": ["party_member", "phone"], "changes": {"party_member": [False, True]}}
    stale = put(world, "zhang", path, 409, phone="13800000000", version=1)
    assert (stale["code"], stale["current"]["phone"]) == ("stale_version", "139****1111")


def test_a_resident_of_another_household_is_not_edited_through_this_one(world: World) -> None:
    at = homes(world)
    refused = put(world, "zhang", f"households/{at.couple}/residents/{at.head}", 409, name="别人", version=1)
    assert refused["code"] == "resident_differs"


def test_a_resident_moves_out_once_and_not_before_moving_in(world: World) -> None:
    at = homes(world)
    path = f"households/{at.family}/residents/{at.head}/move_out"
    assert post(world, "zhang", path, 400, moved_out="2024-04-30")["code"] == "out_before_in"
    assert post(world, "zhang", path, 400, moved_out="2199-01-01")["code"] == "future_date"
    request = str(uuid4())
    for _time in range(2):
        assert post(world, "zhang", path, moved_out="2025-01-01", request_id=request)["moved_out"] == "2025-01-01"
    assert history(at.family).count("resident_out") == 1
    assert post(world, "zhang", path, 409, moved_out="2025-01-01")["code"] == "resident_gone"
    file = get(world, "zhang", f"households/{at.family}")
    assert [one["name"] for one in file["former"]] == ["欧***"]
    assert (file["head"], [one["relation"] for one in file["residents"]]) == ("", ["spouse"])
    # Who has left makes room for another head.
    put(world, "zhang", f"households/{at.family}/residents/{uuid4()}", 201, name="新户主", relation="head")
