"""Households: registered, edited, moved, split and merged, each with its history."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, transaction

from accounts.roles import Role
from core.moment import now
from grids.actions.appointments import appoint
from grids.actions.areas import move_area
from grids.models import Area
from households.defaults import ship_defaults
from households.doors import door_text, mask_address, mask_door, tidy_room, tidy_unit
from households.models import Building, CareMark, Household, HouseholdEvent, Resident, RiskLevel
from reports.calendar import local_date
from tests import household_scenes as homely
from tests.colour_scenes import coloured
from tests.household_scenes import CARD, GRID, NEIGHBOUR, homes, person
from tests.world import World, post

pytestmark = pytest.mark.django_db


def put(world: World, name: str, path: str, expect: int = 200, /, **said: Any) -> dict[str, Any]:
    answer = world.api(name).put(f"/api/v1/{path}", said, format="json")
    assert answer.status_code == expect, (answer.status_code, answer.content.decode())
    return answer.json() if answer.content else {}


def get(world: World, name: str, path: str, /, **query: Any) -> Any:
    answer = world.api(name).get(f"/api/v1/{path}", query)
    assert answer.status_code == 200, (answer.status_code, answer.content.decode())
    return answer.json()


def history(household: UUID) -> list[str]:
    return list(HouseholdEvent.objects.filter(household=household).order_by("pk").values_list("kind", flat=True))


def last(household: UUID) -> HouseholdEvent:
    return HouseholdEvent.objects.filter(household=household).latest("pk")


# -- the colours --------------------------------------------------------------------------------------------------


def test_the_default_colours_are_those_of_the_rule_book() -> None:
    shipped = [
        (one.code, one.name, one.visit_days, one.min_visitors, one.proposes, one.confirms)
        for one in RiskLevel.objects.order_by("rank")
    ]
    assert shipped == [
        ("green", "放心户", 180, 1, "worker", ""),
        ("blue", "一般关注", 90, 1, "worker", "grid_leader"),
        ("yellow", "关爱帮扶", 30, 1, "worker", "community"),
        ("orange", "重点关注", 15, 2, "community", "street"),
        ("red", "重点管控", 7, 2, "community", "street"),
    ]
    red = RiskLevel.objects.get(code="red")
    assert red.leader_required
    assert red.on_daily_list
    assert RiskLevel.objects.get(code="orange").measure_required
    assert RiskLevel.objects.get(code="yellow").note_required


def test_what_a_city_changed_is_not_shipped_again() -> None:
    RiskLevel.objects.exclude(code="red").delete()
    RiskLevel.objects.update(visit_days=5)
    ship_defaults()
    assert [one.visit_days for one in RiskLevel.objects.all()] == [5]


# -- doors --------------------------------------------------------------------------------------------------------


def test_a_door_is_tidied_written_and_hidden() -> None:
    assert (tidy_unit(" 2单元"), tidy_room("502 室"), tidy_unit("单元")) == ("2", "502", "单元")
    assert (door_text("2", "502"), door_text("", "502"), mask_door("2", "502")) == ("2单元502室", "502室", "2单元5**")
    assert (mask_address("台上村18号"), mask_address("老槐树下"), mask_address("台上村十八号")) == (
        "台上村**号",
        "老槐**",
        "台上村**号",
    )


def test_one_household_is_behind_a_door_however_it_is_written(world: World) -> None:
    at = homes(world)
    said = {"building": str(at.building), "unit": "2单元", "room": "502室", "occupancy": "owner"}
    refused = put(world, "zhang", f"households/{uuid4()}", 409, **said)
    assert (refused["code"], refused["household"]) == ("door_taken", str(at.family))
    assert put(world, "zhang", f"households/{uuid4()}", 201, **said | {"unit": "3"})


def test_equal_rooms_of_two_buildings_do_not_look_equal(world: World) -> None:
    at = homes(world)
    other = uuid4()
    put(world, "zhang", f"buildings/{other}", 201, grid=GRID, estate="台上小区", number="4号楼")
    twin = uuid4()
    put(world, "zhang", f"households/{twin}", 201, building=str(other), unit="2", room="502")
    hashes = set(Household.objects.filter(pk__in=[at.family, twin]).values_list("door_hash", flat=True))
    assert len(hashes) == 2
    assert all(len(one) == 64 for one in hashes)


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"room": "1"}, "grid_missing", "grid"),
        ({"grid": GRID}, "door_missing", "address"),
        ({"grid": "000", "address": "x"}, "unknown_grid", "grid"),
        ({"building": str(uuid4()), "room": "1"}, "unknown_building", "building"),
        ({"grid": GRID, "address": "x", "tags": ["no_such"]}, "unknown_tag", "tags"),
        ({"grid": GRID, "address": "x", "position": {"lng": 0, "lat": 95, "coord_type": "wgs84"}}, "invalid", None),
        ({"grid": GRID, "address": "x", "colour": "red"}, "invalid", None),
    ],
)
def test_a_household_that_is_nowhere_is_refused_by_field(
    world: World, said: dict[str, Any], code: str, field: str
) -> None:
    refused = put(world, "zhang", f"households/{uuid4()}", 400, **said)
    assert refused["code"] == code
    if field:
        assert refused["errors"][0]["field"] == field
    assert not Household.objects.exists()


def test_nobody_registers_a_household_in_a_grid_of_another(world: World) -> None:
    for name in ("zhao", "wang", "li", "command", "water", "outsider", "nobody"):
        refused = put(world, name, f"households/{uuid4()}", 403, grid=GRID, address="台上村1号")
        assert refused["code"] == "forbidden"


# -- registering and editing --------------------------------------------------------------------------------------


def test_sending_a_household_again_changes_nothing(world: World) -> None:
    at = homes(world)
    pk = uuid4()
    said = {"building": str(at.building), "unit": "1", "room": "101", "occupancy": "tenant", "tags": ["floating"]}
    first = put(world, "zhang", f"households/{pk}", 201, **said)
    again = put(world, "zhang", f"households/{pk}", 200, **said)
    assert first == again
    assert history(pk) == ["create"]
    assert (first["door"], first["occupancy"], first["tags"]) == ("1单元101室", "tenant", ["floating"])
    assert first["code"].startswith("H")


def test_a_change_names_the_version_it_saw_and_a_stale_one_hears_the_present_state(world: World) -> None:
    at = homes(world)
    path = f"households/{at.family}"
    assert put(world, "zhang", path, 409, occupancy="tenant")["code"] == "household_differs"
    before = get(world, "zhang", path)["version"]
    changed = put(world, "zhang", path, 200, occupancy="tenant", version=before)
    assert (changed["occupancy"], changed["version"]) == ("tenant", before + 1)
    assert (last(at.family).kind, last(at.family).data) == (
        "edit",
        {"fields": ["occupancy"], "changes": {"occupancy": ["owner", "tenant"]}},
    )
    stale = put(world, "zhang", path, 409, kind="shared", version=before)
    assert (stale["code"], stale["current"]["occupancy"]) == ("stale_version", "tenant")
    assert stale["current"]["residents"][0]["name"] == "欧***"


def test_a_household_moves_to_another_door_and_the_history_names_no_door(world: World) -> None:
    at = homes(world)
    changed = put(world, "zhang", f"households/{at.family}", 200, room="503", version=3)
    assert changed["door"] == "2单元503室"
    assert (last(at.family).kind, last(at.family).data) == ("relocate", {"fields": ["room"]})
    # The door it left is free.
    put(world, "zhang", f"households/{uuid4()}", 201, building=str(at.building), unit="2", room="502")


def test_a_house_gets_into_a_building_and_back(world: World) -> None:
    at = homes(world)
    path = f"households/{at.house}"
    inside = put(world, "zhang", path, 200, building=str(at.building), unit="4", room="401", version=1)
    assert (inside["building"]["number"], inside["door"]) == ("3号楼", "4单元401室")
    outside = put(world, "zhang", path, 200, building=None, address="台上村19号", version=2)
    assert (outside["building"], outside["door"]) == (None, "台上村19号")


def test_tags_are_set_as_a_whole_and_one_no_longer_in_use_may_stay(world: World) -> None:
    at = homes(world)
    CareMark._meta.get_field("tag").related_model.objects.filter(code="low_income").update(is_active=False)
    path = f"households/{at.family}"
    assert put(world, "zhang", path, 200, tags=["low_income", "veteran"], version=3)["own_tags"] == [
        "low_income",
        "veteran",
    ]
    assert last(at.family).data["tags_added"] == ["veteran"]
    assert put(world, "zhang", path, 200, tags=["veteran"], version=4)["own_tags"] == ["veteran"]
    assert put(world, "zhang", path, 400, tags=["low_income"], version=5)["code"] == "unknown_tag"


def test_a_dwelling_somebody_lives_in_does_not_become_vacant_by_an_edit(world: World) -> None:
    at = homes(world)
    refused = put(world, "zhang", f"households/{at.family}", 409, occupancy="vacant", version=3)
    assert refused["code"] == "not_vacant"


# -- residents ----------------------------------------------------------------------------------------------------


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


# -- buildings ----------------------------------------------------------------------------------------------------


def test_a_building_is_put_once_and_edited_by_version(world: World) -> None:
    at = homes(world)
    path = f"buildings/{at.building}"
    assert put(world, "zhang", path, 200, estate="台上小区", number="3号楼")["version"] == 1
    assert put(world, "zhang", path, 409, floors=6)["code"] == "building_differs"
    changed = put(world, "zhang", path, 200, floors=6, version=1)
    assert (changed["floors"], changed["version"], changed["households"]) == (6, 2, 3)
    assert put(world, "zhang", path, 409, floors=7, version=1)["current"]["floors"] == 6
    assert put(world, "zhang", path, 409, is_active=False, version=2)["code"] == "building_in_use"
    assert put(world, "zhang", path, 400, head_phone="139****2222", version=2)["code"] == "masked_value"
    taken = put(world, "zhang", f"buildings/{uuid4()}", 409, grid=GRID, estate="台上小区", number="3号楼")
    assert taken["code"] == "building_taken"
    assert put(world, "zhang", f"buildings/{uuid4()}", 400, estate="x", number="1")["code"] == "grid_missing"


def test_the_doors_of_a_building_come_as_people_count_them(world: World) -> None:
    at = homes(world)
    put(world, "zhang", f"households/{uuid4()}", 201, building=str(at.building), unit="10", room="1")
    doors = [one["door"] for one in get(world, "zhang", f"buildings/{at.building}/households")]
    assert doors == ["2单元10室", "2单元502室", "2单元601室", "10单元1室"]


def test_a_building_moved_to_another_grid_takes_its_households(world: World) -> None:
    at = homes(world)
    assert put(world, "zhang", f"buildings/{at.building}", 403, grid=NEIGHBOUR, version=1)["code"] == "forbidden"
    moved = put(world, "sun", f"buildings/{at.building}", 200, grid=NEIGHBOUR, version=1)
    assert moved["grid"]["code"] == NEIGHBOUR
    family = Household.objects.select_related("grid").get(pk=at.family)
    assert family.grid.code == NEIGHBOUR
    assert last(at.family).data["fields"] == ["grid_id"]
    assert world.api("zhang").get(f"/api/v1/households/{at.family}").status_code == 404
    assert world.api("zhao").get(f"/api/v1/households/{at.family}").status_code == 200


def test_households_follow_an_area_that_is_moved(world: World) -> None:
    at = homes(world)
    community = world.area("371082007032")
    other = Area.objects.get(code="371082900")
    move_area(community, other)
    row, building = Household.objects.get(pk=at.family), Building.objects.get(pk=at.building)
    assert row.street_id == building.street_id == other.pk
    assert world.api("wang").get(f"/api/v1/households/{at.family}").status_code == 404
    assert world.api("outsider").get(f"/api/v1/households/{at.family}").status_code == 200


# -- who sees what ------------------------------------------------------------------------------------------------


def test_a_worker_with_two_grids_sees_both_and_no_third(world: World) -> None:
    at = homes(world)
    appoint(world["zhao"], Role.GRID_WORKER, world.grid)
    pk = uuid4()
    put(world, "zhao", f"households/{pk}", 201, grid=NEIGHBOUR, address="台上村30号")
    seen = {one["id"] for one in get(world, "zhao", "households")["results"]}
    assert seen == {str(pk), str(at.family), str(at.couple), str(at.house), str(at.vacant)}
    assert str(pk) not in {one["id"] for one in get(world, "zhang", "households")["results"]}


def test_a_household_of_others_is_as_one_that_never_was(world: World) -> None:
    at = homes(world)
    for name in ("zhao", "water", "housing", "outsider", "command", "auditor", "nobody"):
        client = world.api(name)
        told = client.get(f"/api/v1/households/{at.family}")
        never = client.get(f"/api/v1/households/{uuid4()}")
        assert (told.status_code, told.json()) == (404, never.json())
        assert get(world, name, "households")["results"] == []
        assert get(world, name, "buildings")["results"] == []


def test_a_street_reads_masked_doors_and_who_keeps_them_reads_them_in_full(world: World) -> None:
    at = homes(world)
    for name, door, address in (("sun", "2单元502室", "台上村18号"), ("wang", "2单元5**", "台上村**号")):
        doors = {one["id"]: one["door"] for one in get(world, name, "households")["results"]}
        assert (doors[str(at.family)], doors[str(at.house)]) == (door, address)


def test_special_groups_are_seen_by_few_and_leave_no_trace_for_others(world: World) -> None:
    at = homely.in_a_group(world)
    path = f"households/{at.family}"
    assert get(world, "sun", path)["residents"][0]["special_groups"][0]["group"]["code"] == "correction"
    for name in ("zhang", "wang"):
        assert get(world, name, path)["residents"][0]["special_groups"] is None
        kinds = [one["kind"] for one in get(world, name, f"{path}/events")["results"]]
        assert "enter_group" not in kinds
        refused = world.api(name).get("/api/v1/households", {"special_group": "correction"})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert get(world, "sun", f"{path}/events")["results"][0]["kind"] == "enter_group"
    found = get(world, "sun", "households", special_group="correction")["results"]
    assert [one["id"] for one in found] == [str(at.family)]
    leave = f"{path}/special_groups/{at.entry}/leave"
    assert post(world, "sun", leave)["ended_at"]
    assert post(world, "sun", leave, 409)["code"] == "group_left"
    assert get(world, "sun", "households", special_group="correction")["results"] == []
    assert post(world, "sun", f"{path}/residents/{at.head}/special_groups", 400, group="no")["code"] == "unknown_group"


def test_a_filter_by_group_reaches_only_where_one_may_know_of_groups(world: World) -> None:
    homely.in_a_group(world)
    # Zhang sees the household as its worker, and groups in the neighbouring grid as its leader.
    appoint(world["zhang"], Role.GRID_LEADER, world.area(NEIGHBOUR))
    assert get(world, "zhang", "households", special_group="correction")["results"] == []


FILTERS: list[tuple[dict[str, str], set[str]]] = [
    ({"grid": GRID}, {"family", "couple", "house", "vacant"}),
    ({"grid": NEIGHBOUR}, set()),
    ({"community": "371082007032", "occupancy": "tenant"}, {"couple"}),
    ({"street": "371082007", "occupancy": "vacant"}, {"vacant"}),
    ({"tag": "low_income"}, {"family"}),
    ({"tag": "disabled"}, {"family"}),
    ({"colour": "red,yellow"}, {"family", "couple"}),
    ({"colour": "green"}, set()),
    ({"unconfirmed": "true"}, {"couple"}),
    ({"due_by": "2026-01-10"}, {"family"}),
    ({"kind": "family"}, {"family", "couple", "house", "vacant"}),
]


@pytest.mark.parametrize(("asked", "found"), FILTERS, ids=lambda one: "-".join(one) if isinstance(one, dict) else "")
def test_what_a_filter_finds(world: World, asked: dict[str, str], found: set[str]) -> None:
    at = homes(world)
    for household, code, day, waits in (
        (at.family, "red", "2026-01-10", False),
        (at.couple, "yellow", "2026-01-11", True),
    ):
        Household.objects.filter(pk=household).update(
            risk_level=RiskLevel.objects.get(code=code), next_visit_due=day, risk_unconfirmed=waits
        )
    ids = {one["id"] for one in get(world, "sun", "households", **asked)["results"]}
    assert ids == {str(getattr(at, name)) for name in found}


def test_a_list_filtered_by_building_shows_its_households(world: World) -> None:
    at = homes(world)
    found = get(world, "sun", "households", building=str(at.building))["results"]
    assert {one["id"] for one in found} == {str(at.family), str(at.couple), str(at.vacant)}


# -- reports ------------------------------------------------------------------------------------------------------


def test_a_report_is_linked_once_and_shown_to_those_who_see_both(world: World) -> None:
    at = homely.linked(world)
    path = f"households/{at.family}/reports"
    put(world, "zhang", f"{path}/{at.report}", 204)
    assert history(at.family).count("link_report") == 1
    for name in ("zhang", "sun", "wang"):
        assert [one["id"] for one in get(world, name, path)["results"]] == [str(at.report)]
    put(world, "zhang", f"{path}/{uuid4()}", 404)
    assert world.api("zhang").delete(f"/api/v1/{path}/{at.report}").status_code == 204
    assert get(world, "zhang", path)["results"] == []
    assert history(at.family)[-1] == "unlink_report"


# -- the history --------------------------------------------------------------------------------------------------


def test_the_history_is_never_changed(world: World) -> None:
    at = homes(world)
    event = last(at.family)
    event.note = "改"
    for attempt in (
        event.save,
        event.delete,
        lambda: HouseholdEvent.objects.update(kind="edit"),
        HouseholdEvent.objects.all().delete,
    ):
        with pytest.raises(TypeError):
            attempt()
    for column in ({"kind": "edit"}, {"actor": world["sun"]}, {"data": {}}, {"at": now()}):
        with pytest.raises(DatabaseError), transaction.atomic():
            HouseholdEvent._base_manager.filter(pk=event.pk).update(**column)


def test_every_step_says_who_did_it_in_which_role(world: World) -> None:
    at = homes(world)
    told = get(world, "sun", f"households/{at.family}/events")["results"]
    assert [one["kind"] for one in told] == ["add_resident", "add_resident", "create"]
    assert {one["actor"]["username"] for one in told} == {"zhang"}
    assert {one["actor_role"] for one in told} == {"grid_worker"}
