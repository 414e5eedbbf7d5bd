"""Households: the rules shipped with them, registered, edited and linked to reports, each with its history."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from core.moment import now
from households.defaults import ship_defaults
from households.models import CareMark, HouseholdEvent, RiskLevel
from tests import household_scenes as homely
from tests.household_calls import get, history, last, put
from tests.household_scenes import homes
from tests.world import World

pytestmark = pytest.mark.django_db


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
