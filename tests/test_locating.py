"""Position to grid: inside, on a border, at sea, outside, and after an edit made elsewhere."""

import math
import os
import random
import subprocess
import sys
import threading
from itertools import pairwise, permutations
from types import SimpleNamespace
from typing import Any

import pytest
import shapely
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from grid_backend.settings import GRIDWHISTLE
from grids import locating
from grids.actions.areas import change_area, create_area, retire_area
from grids.coordinates import wgs84_to_bd09, wgs84_to_gcj02
from grids.locating import distance_to_grid, grid_by_code, locate, nearest
from grids.models import Area
from tests.world import LAT, LNG, World

pytestmark = pytest.mark.django_db
GRID = "371082007032002"
ON_LAND_NOWHERE = (116.39, 39.9)
# The world does not change while examples are tried.
examples = hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def shapes() -> dict[str, Any]:
    """The boundaries of the active grids by code, read on their own."""
    rows = Area.objects.filter(level="grid", is_active=True, geometry__isnull=False)
    return {area.code: shapely.geometry.shape(area.geometry) for area in rows.order_by("code")}


def lowest_at(grids: dict[str, Any], lng: float, lat: float) -> str:
    """The slow way: measure the distance to every grid."""
    point = shapely.Point(lng, lat)
    return min(code for code, polygon in grids.items() if polygon.distance(point) < 1e-9)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The clock by which the index looks at the version; `clock.at` is its seconds."""
    moved = SimpleNamespace(at=1000.0)
    monkeypatch.setattr(locating, "time", SimpleNamespace(monotonic=lambda: moved.at))
    return moved


def square(lng: float, lat: float, side: float = 0.01) -> dict[str, Any]:
    corners = [[lng, lat], [lng + side, lat], [lng + side, lat + side], [lng, lat + side], [lng, lat]]
    return {"type": "Polygon", "coordinates": [corners]}


def test_a_point_is_told_its_grid_and_all_above_it(world: World):
    found = locate(LNG, LAT)
    assert found is not None
    assert found.code == GRID
    assert found.full_name == "荣成市崖头街道台上社区第二网格"
    assert list(found.ids) == ["city", "district", "street", "community", "grid"]
    assert found.ids["street"] == world.street.pk
    assert found.area("community").code == "371082007032"
    with pytest.raises(KeyError):
        found.area("province")


def test_a_point_inside_a_grid_is_found_in_it(world: World):
    grids = shapes()
    codes = sorted(grids)

    @examples
    @given(st.sampled_from(codes), st.randoms(use_true_random=False))
    def inside(code: str, chance: random.Random) -> None:
        core = grids[code].buffer(-5e-6)
        west, south, east, north = core.bounds
        for _attempt in range(50):
            point = shapely.Point(chance.uniform(west, east), chance.uniform(south, north))
            if core.contains(point):
                break
        else:
            point = core.representative_point()
        found = locate(point.x, point.y)
        assert found is not None
        assert found.code == code

    inside()


def test_a_border_point_always_falls_in_the_same_grid_the_one_with_the_lowest_code(world: World):
    grids = shapes()
    vertices = [point for polygon in grids.values() for point in shapely.get_coordinates(polygon).tolist()]
    chance = random.Random(7)
    several = 0
    for lng, lat in chance.sample(vertices, 400):
        expected = lowest_at(grids, lng, lat)
        several += sum(polygon.distance(shapely.Point(lng, lat)) < 1e-9 for polygon in grids.values()) > 1
        assert locate(lng, lat).code == expected
    assert several > 100, "most vertices are shared by neighbours"


def test_the_middle_of_a_shared_edge_falls_in_the_lower_of_the_two(world: World):
    grids = shapes()
    tree_codes = list(grids)
    polygons = list(grids.values())
    tree = shapely.STRtree(polygons)
    chance = random.Random(8)
    tried = 0
    for code in chance.sample(tree_codes, 60):
        for other in tree.query(grids[code], predicate="touches"):
            edge = shapely.line_merge(grids[code].intersection(polygons[other]))
            for line in (part for part in getattr(edge, "geoms", [edge]) if part.geom_type == "LineString"):
                ends = line.coords[:2]
                middle = ((ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2)
                assert locate(*middle).code == min(code, tree_codes[other])
                tried += 1
    assert tried > 50


def test_a_border_point_stays_where_it_is_after_the_index_is_built_again(world: World):
    vertices = [point for polygon in shapes().values() for point in shapely.get_coordinates(polygon).tolist()]
    some = random.Random(9).sample(vertices, 200)
    before = [locate(*point).code for point in some]
    locating.reset()
    assert [locate(*point).code for point in some] == before


@pytest.mark.parametrize("order", list(permutations(["A", "B", "C"])))
def test_the_order_in_which_areas_were_made_does_not_matter(world: World, order: tuple[str, ...]):
    community = Area.objects.get(code="371082900001")
    # Three squares that meet at (124.01, 36.01).
    at = {"A": (124.01, 36.01), "B": (124.0, 36.0), "C": (124.01, 36.0)}
    for name in order:
        community.refresh_from_db()
        create_area(community, level="grid", code=f"9{name}", name=name, kind="basic", geometry=square(*at[name]))
    locating.reset()
    assert locate(124.01, 36.01).code == "9A"
    assert locate(124.01, 36.005).code == "9B"
    assert locate(124.005, 36.005).code == "9B"
    assert locate(124.015, 36.005).code == "9C"


def test_codes_are_compared_letter_by_letter_on_every_database(world: World):
    community = Area.objects.get(code="371082900001")
    for code in ("9b", "9A", "9a", "9B"):
        community.refresh_from_db()
        create_area(community, level="grid", code=code, name=code, kind="basic", geometry=square(124.0, 36.0))
    locating.reset()
    assert locate(124.005, 36.005).code == "9A"


def test_a_hair_off_the_border_is_no_crack(world: World):
    """Borders are kept to six decimals; a point computed between two vertices may lie in neither polygon."""
    grids = shapes()
    for code in random.Random(10).sample(list(grids), 30):
        ring = shapely.get_coordinates(grids[code])
        for start, end in pairwise(ring[:21]):
            assert locate(*((start * 2 + end) / 3)) is not None


def test_a_point_at_sea_is_found_in_the_sea_grid(world: World):
    sea = Area.objects.get(kind=Area.Kind.SEA)
    point = shapely.geometry.shape(sea.geometry).representative_point()
    assert locate(point.x, point.y).code == sea.code


def test_the_same_place_in_any_coordinate_system_is_the_same_grid(world: World):
    api = world.api("zhang")
    for coord_type, (lng, lat) in {
        "wgs84": (LNG, LAT),
        "cgcs2000": (LNG, LAT),
        "gcj02": wgs84_to_gcj02(LNG, LAT),
        "bd09": wgs84_to_bd09(LNG, LAT),
    }.items():
        told = api.get("/api/v1/grids/locate", {"lng": lng, "lat": lat, "coord_type": coord_type}).json()
        assert told["code"] == GRID, coord_type
        assert (told["lng"], told["lat"]) == pytest.approx((LNG, LAT), abs=1e-8)
    # Taken for WGS-84, the Baidu point would have been another grid.
    assert locate(*wgs84_to_bd09(LNG, LAT)).code != GRID


def test_outside_all_grids_the_answer_is_none_and_names_the_nearest(world: World):
    # Some 890 m west of the grid off the coast that starts at 123.0.
    assert locate(122.99, 36.505) is None
    grid, metres = nearest(122.99, 36.505)
    assert grid.code == "371082900001001"
    assert metres == pytest.approx(894, abs=5)
    assert locate(*ON_LAND_NOWHERE) is None
    assert nearest(*ON_LAND_NOWHERE)[1] > 400_000


def test_the_nearest_is_nearest_in_metres_not_in_degrees(world: World):
    community = Area.objects.get(code="371082900001")
    create_area(community, level="grid", code="9E", name="E", kind="basic", geometry=square(125.010, 36.0))
    community.refresh_from_db()
    create_area(community, level="grid", code="9S", name="S", kind="basic", geometry=square(124.98, 35.981))
    locating.reset()
    # 0.010° east are 899 m, 0.009° south are 1,000 m.
    assert nearest(125.0, 36.0)[0].code == "9E"


def test_with_no_grids_at_all_nothing_is_found(world: World):
    Area.objects.filter(level="grid").update(is_active=False)
    locating.reset()
    assert locate(LNG, LAT) is None
    assert nearest(LNG, LAT) is None


def test_a_grid_is_known_by_its_code_and_tells_its_distance(world: World):
    assert grid_by_code(GRID).name == "台上社区第二网格"
    assert grid_by_code("1") is None
    assert distance_to_grid(GRID, LNG, LAT) == 0
    assert distance_to_grid("371082900001001", 122.99, 36.505) == pytest.approx(894, abs=5)
    with pytest.raises(KeyError):
        distance_to_grid("1", LNG, LAT)


def test_a_retired_grid_is_not_found(world: World):
    assert locate(LNG, LAT).code == GRID
    retire_area(world.grid)
    locating.look_soon()
    found = locate(LNG, LAT)
    assert found is None or found.code != GRID
    assert grid_by_code(GRID) is None


def test_between_looks_no_query_is_made_and_a_look_is_one(
    world: World, clock: SimpleNamespace, django_assert_num_queries: Any
):
    locate(LNG, LAT)
    clock.at += settings.GRIDWHISTLE["BOUNDARY_CHECK_SECONDS"] * 0.9
    with django_assert_num_queries(0):
        for _time in range(20):
            locate(LNG, LAT)
        nearest(*ON_LAND_NOWHERE)
        distance_to_grid(GRID, LNG, LAT)
    clock.at += settings.GRIDWHISTLE["BOUNDARY_CHECK_SECONDS"] * 0.2
    with django_assert_num_queries(1):
        locate(LNG, LAT)
        locate(LNG, LAT)


def test_the_check_is_often_enough_to_follow_within_a_second():
    assert GRIDWHISTLE["BOUNDARY_CHECK_SECONDS"] <= 0.9


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_no_position_lies_nowhere(world: World, bad: float):
    assert locate(bad, LAT) is None


# Really committed: the edit is made on another connection.


def elsewhere(do: Any) -> None:
    """Do it in a thread, that is on another connection, and wait."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            do()
        except BaseException as exc:
            failed.append(exc)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


@pytest.mark.django_db(transaction=True)
def test_an_edit_made_elsewhere_is_followed_at_the_next_look(
    committed_world: World, clock: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
):
    # Another process cannot ask this one to look.
    monkeypatch.setattr(locating, "look_soon", lambda: None)
    assert locate(LNG, LAT).code == GRID
    assert locate(124.005, 36.005) is None
    elsewhere(lambda: change_area(Area.objects.get(code=GRID), geometry=square(124.0, 36.0)))
    assert locate(LNG, LAT).code == GRID, "not looked at yet"
    clock.at += settings.GRIDWHISTLE["BOUNDARY_CHECK_SECONDS"]
    assert locate(124.005, 36.005).code == GRID
    assert locate(LNG, LAT) is None


@pytest.mark.django_db(transaction=True)
def test_an_edit_of_this_process_is_followed_at_once(committed_world: World, clock: SimpleNamespace):
    assert locate(LNG, LAT).code == GRID
    change_area(Area.objects.get(code=GRID), geometry=square(124.0, 36.0))
    assert locate(124.005, 36.005).code == GRID


@pytest.mark.django_db(transaction=True)
def test_while_one_thread_builds_the_others_go_on_with_the_old_index(
    committed_world: World, clock: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
):
    assert locate(LNG, LAT).code == GRID
    building, may_finish = threading.Event(), threading.Event()
    really_build = locating._build

    def slowly(number: int) -> Any:
        building.set()
        assert may_finish.wait(20)
        return really_build(number)

    change_area(Area.objects.get(code=GRID), geometry=square(124.0, 36.0))
    monkeypatch.setattr(locating, "_build", slowly)
    clock.at += settings.GRIDWHISTLE["BOUNDARY_CHECK_SECONDS"]
    builder = threading.Thread(target=lambda: (locate(LNG, LAT), connection.close()))
    builder.start()
    assert building.wait(20)
    assert locate(LNG, LAT).code == GRID, "served by the old index, without waiting"
    may_finish.set()
    builder.join(20)
    assert locate(LNG, LAT) is None


@pytest.mark.django_db(transaction=True)
def test_an_edit_made_by_another_process_is_followed(committed_world: World, clock: SimpleNamespace):
    if connection.vendor != "postgresql":
        pytest.skip("the tests' SQLite database lives in this process")
    assert locate(LNG, LAT).code == GRID
    at = connection.settings_dict
    address = f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}".replace(":@", "@")
    edit = (
        "import django; django.setup()\n"
        "from grids.actions.areas import change_area\n"
        "from grids.models import Area\n"
        f"change_area(Area.objects.get(code='{GRID}'), geometry={square(124.0, 36.0)!r})\n"
    )
    environment = {**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "grid_backend.settings"}
    subprocess.run([sys.executable, "-c", edit], check=True, env=environment, cwd=settings.BASE_DIR, timeout=120)
    clock.at += settings.GRIDWHISTLE["BOUNDARY_CHECK_SECONDS"]
    assert locate(124.005, 36.005).code == GRID
    assert locate(LNG, LAT) is None
