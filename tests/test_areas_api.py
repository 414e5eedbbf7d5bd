"""Areas, positions and the caller over HTTP."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.roles import Role
from grids.actions.appointments import appoint, withdraw
from grids.actions.areas import retire_area
from grids.models import Appointment, Area
from tests.world import LAT, LNG, World

pytestmark = pytest.mark.django_db
AREAS = "/api/v1/areas"
LOCATE = "/api/v1/grids/locate"
ME = "/api/v1/me"
GRID = "371082007032002"
HERE = {"lng": LNG, "lat": LAT, "coord_type": "wgs84"}


def asked(world: World, path: str, expect: int = 200, name: str = "zhang", **query: Any) -> Any:
    answer = world.api(name).get(path, query)
    assert answer.status_code == expect, answer.content.decode()
    return answer.json()


def codes(world: World, **query: Any) -> list[str]:
    return [each["code"] for each in asked(world, AREAS, page_size=100, **query)["results"]]


def queries(world: World, path: str, name: str = "zhang", **query: Any) -> int:
    api = world.api(name)
    api.get(path, query)  # notes the use of the device
    with CaptureQueriesContext(
        connection,
    ) as made:
        assert api.get(path, query).status_code == 200
    return len(made)


def test_a_list_of_areas_costs_the_same_for_1_10_and_100(world: World):
    counts = {queries(world, AREAS, page_size=size) for size in (1, 10, 100)}
    assert len(counts) == 1
    assert counts.pop() <= 4


def test_a_filtered_list_costs_one_query_more(world: World):
    counts = {queries(world, AREAS, page_size=size, within="371082007", level="grid") for size in (1, 10, 100)}
    assert len(counts) == 1
    assert counts.pop() <= 4


def test_boundaries_are_not_read_for_a_list(world: World):
    with CaptureQueriesContext(connection) as made:
        asked(world, AREAS)
    assert not any('"geometry"' in each["sql"] for each in made)


def test_one_area_and_the_caller_cost_few_queries(world: World):
    assert queries(world, f"{AREAS}/{GRID}") <= 4
    assert queries(world, f"{AREAS}/3710") <= 4


def test_the_caller_costs_the_same_for_1_10_and_100_appointments(world: World):
    counts = {queries(world, ME)}
    grids = iter(Area.objects.filter(level="grid", code__startswith="371082007").exclude(code=GRID))
    for more in (9, 90):
        for _number in range(more):
            appoint(world["zhang"], Role.GRID_WORKER, next(grids))
        counts.add(queries(world, ME))
    assert len(counts) == 1
    assert counts.pop() <= 4


def test_locating_costs_no_query_of_its_own(world: World):
    # The token, and at most one look at the version of the boundaries.
    assert queries(world, LOCATE, **HERE) <= 2


def test_pages_follow_the_codes_and_miss_nothing(world: World):
    seen: list[str] = []
    api, url = world.api("zhang"), f"{AREAS}?page_size=50"
    while url:
        page = api.get(url).json()
        seen += [each["code"] for each in page["results"]]
        url = page["next"]
    assert seen == sorted(Area.objects.values_list("code", flat=True))


def test_a_row_names_its_parent(world: World):
    row = asked(world, AREAS, within=GRID)["results"]
    assert row == [
        {
            "id": world.grid.pk,
            "level": "grid",
            "code": GRID,
            "name": "台上社区第二网格",
            "kind": "basic",
            "setting": "urban",
            "is_active": True,
            "parent_code": "371082007032",
        }
    ]
    assert asked(world, AREAS, level="city")["results"][0]["parent_code"] is None


def test_filters(world: World):
    assert codes(world, level="street") == ["371082007", "371082900"]
    community = codes(world, within="371082007032")
    assert community[0] == "371082007032"
    assert len(community) > 2
    assert all(code.startswith("371082007032") for code in community)
    assert codes(world, within="371082007032", level="grid") == community[1:]
    assert codes(world, q="崖头街") == ["371082007"]
    assert codes(world, q="%") == codes(world, q="_") == []
    assert codes(world, within="nowhere") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"level": "village"}, "level"),
        ({"page_size": "0"}, "page_size"),
        ({"page_size": "101"}, "page_size"),
        ({"page_size": "x"}, "page_size"),
        ({"cursor": "§"}, "cursor"),
    ],
)
def test_what_cannot_be_asked_is_refused_naming_the_field(world: World, query: dict[str, str], field: str):
    said = asked(world, AREAS, 400, **query)
    assert [error["field"] for error in said["errors"]] == [field]


@pytest.mark.parametrize("path", [f"{AREAS}?q=a%00b", f"{AREAS}?within=a%00b", f"{AREAS}/a%00b"])
def test_a_character_no_database_keeps_is_refused(world: World, path: str):
    assert world.api("zhang").get(path).status_code == 400


def test_one_area_with_all_above_it_its_office_and_its_boundary(world: World):
    told = asked(world, f"{AREAS}/371082007032")
    assert [each["code"] for each in told["ancestors"]] == ["3710", "371082", "371082007"]
    assert told["office"] == {"code": "TSSQ", "name": "台上社区居委会"}
    assert told["geometry"] == Area.objects.get(code="371082007032").geometry
    assert asked(world, f"{AREAS}/3710")["ancestors"] == []
    assert asked(world, f"{AREAS}/{GRID}")["office"] is None


@pytest.mark.parametrize("code", ["1", "371082007032999", "x" * 300])
def test_an_unknown_area_is_404(world: World, code: str):
    assert asked(world, f"{AREAS}/{code}", 404)["code"] == "not_found"


def test_a_retired_area_is_shown_as_such(world: World):
    retire_area(world.grid)
    assert asked(world, f"{AREAS}/{GRID}")["is_active"] is False


def test_a_position_is_told_its_grid(world: World):
    told = asked(world, LOCATE, **HERE)
    assert told["code"] == GRID
    assert told["full_name"] == "荣成市崖头街道台上社区第二网格"
    assert told["ids"]["grid"] == world.grid.pk
    assert set(told["ids"]) == {"city", "district", "street", "community", "grid"}


def test_outside_all_grids_is_404_with_the_nearest(world: World):
    told = asked(world, LOCATE, 404, lng=122.99, lat=36.505, coord_type="wgs84")
    assert told["code"] == "outside_all_grids"
    assert told["nearest"] == {"code": "371082900001001", "name": "外网格", "distance_m": pytest.approx(894, abs=5)}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lng": "x"}, "lng"),
        ({"lng": ""}, "lng"),
        ({"lat": "nan"}, "lat"),
        ({"lng": "inf"}, "lng"),
        ({"lng": "181"}, "lng"),
        ({"lat": "-91"}, "lat"),
        ({"lat": "1e400"}, "lat"),
        ({"coord_type": "gps"}, "coord_type"),
        ({"coord_type": ""}, "coord_type"),
    ],
)
def test_what_is_no_position_is_400_with_the_field(world: World, changes: dict[str, str], field: str):
    told = asked(world, LOCATE, 400, **(HERE | changes))
    assert told["code"] == "bad_position"
    assert [error["field"] for error in told["errors"]] == [field]


@pytest.mark.parametrize("missing", ["lng", "lat", "coord_type"])
def test_every_part_of_a_position_is_needed(world: World, missing: str):
    query = {name: value for name, value in HERE.items() if name != missing}
    assert asked(world, LOCATE, 400, **query)["errors"][0]["field"] == missing


def test_the_caller_is_told_who_where_and_what(world: World):
    told = asked(world, ME)
    assert (told["username"], told["full_name"], told["is_superuser"]) == ("zhang", "张网格", False)
    assert [(each["role"], each["at"], each["level"]) for each in told["appointments"]] == [
        ("grid_worker", GRID, "grid")
    ]
    assert set(told["can"]) == {
        *("view_reports", "submit_report"),
        *("view_households", "edit_households", "reveal_person"),
    }
    at_department = asked(world, ME, name="water")
    assert [(each["at"], each["at_name"], each["level"]) for each in at_department["appointments"]] == [
        ("SWJT", "水务集团", "")
    ]
    assert at_department["can"] == ["handle_assignment"]


def test_an_ended_appointment_is_not_told(world: World):
    withdraw(Appointment.objects.get(user=world["zhang"]))
    told = asked(world, ME)
    assert (told["appointments"], told["can"]) == ([], [])


def test_someone_without_a_role_is_told_so_and_may_look_at_areas(world: World):
    told = asked(world, ME, name="nobody")
    assert (told["appointments"], told["can"]) == ([], [])
    assert asked(world, AREAS, name="nobody")["results"]


def test_nothing_secret_is_told_of_the_caller(world: World):
    assert set(asked(world, ME)) == {
        "username",
        "full_name",
        "phone",
        "language",
        "is_superuser",
        "appointments",
        "can",
    }


@pytest.mark.parametrize("path", [AREAS, f"{AREAS}/{GRID}", f"{AREAS}/1", LOCATE, ME])
def test_a_stranger_learns_nothing(world: World, path: str):
    answer = APIClient().get(path, HERE)
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", [AREAS, f"{AREAS}/{GRID}", LOCATE, ME])
def test_nothing_is_written_here(world: World, path: str):
    for method in ("post", "put", "patch", "delete"):
        assert getattr(world.api("root"), method)(path, {}, format="json").status_code == 405
