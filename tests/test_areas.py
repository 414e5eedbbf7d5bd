"""The actions on the area tree: what they refuse, what they tell, and that writers take turns."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from core.problems import Problem
from grids.actions.areas import change_area, create_area, move_area, retire_area
from grids.models import Area, BoundaryVersion
from grids.signals import area_moved
from tests.world import World

pytestmark = pytest.mark.django_db
COMMUNITY = "371082007032"
NO_PROBLEMS: tuple[list[Any], ...] = ([], [], [], [], [])


def square(lng: float = 124.0, lat: float = 36.0, side: float = 0.01) -> dict[str, Any]:
    corners = [[lng, lat], [lng + side, lat], [lng + side, lat + side], [lng, lat + side], [lng, lat]]
    return {"type": "Polygon", "coordinates": [corners]}


def version() -> int:
    return BoundaryVersion.objects.get().number


def refusal(action: Any, *args: Any, **said: Any) -> Problem:
    with pytest.raises(Problem) as refused:
        action(*args, **said)
    return refused.value


@pytest.mark.parametrize("level", ["city", "district", "street", "community", "grid", "village", ""])
@pytest.mark.parametrize("below", [None, "city", "district", "street", "community", "grid"])
def test_an_area_lies_exactly_one_level_below_its_parent(world: World, level: str, below: str | None):
    parent = Area.objects.filter(level=below).first() if below else None
    right = (below, level) in [
        (None, "city"),
        ("city", "district"),
        ("district", "street"),
        ("street", "community"),
        ("community", "grid"),
    ]
    said = {"level": level, "code": "77", "name": "新", "kind": "basic" if level == "grid" else ""}
    if right:
        made = create_area(parent, **said)
        assert made.path[: -Area.steplen] == (parent.path if parent else "")
        assert Area.objects.find_problems() == NO_PROBLEMS
    else:
        problem = refusal(create_area, parent, **said)
        assert (problem.code, problem.field) == ("wrong_level", "level")


def test_only_grids_have_a_kind_and_every_grid_has_one(world: World):
    community = world.area(COMMUNITY)
    assert refusal(create_area, community, level="grid", code="77", name="新").code == "kind_for_grids"
    problem = refusal(create_area, world.street, level="community", code="77", name="新", kind="sea")
    assert (problem.code, problem.field) == ("kind_for_grids", "kind")
    assert refusal(change_area, world.grid, kind="").code == "kind_for_grids"
    assert refusal(change_area, community, kind="basic").code == "kind_for_grids"


@pytest.mark.parametrize("code", ["", " ", "3710 1", "三七一", "1" * 21, "a/b", "a\x00", None, 7])
def test_a_code_is_plain_for_it_stands_in_addresses(world: World, code: Any):
    problem = refusal(create_area, world.area(COMMUNITY), level="grid", code=code, name="新", kind="basic")
    assert (problem.code, problem.field) == ("bad_code", "code")


def test_a_code_is_given_once(world: World):
    said = {"level": "grid", "code": world.grid.code, "name": "新", "kind": "basic"}
    problem = refusal(create_area, world.area(COMMUNITY), **said)
    assert (problem.code, problem.status, problem.field) == ("code_taken", 409, "code")
    assert Area.objects.find_problems() == NO_PROBLEMS


RING = square()["coordinates"][0]


@pytest.mark.parametrize(
    ("geometry", "why"),
    [
        ("x", "no Polygon"),
        ({}, "no Polygon"),
        ({"type": "Point", "coordinates": [124, 36]}, "no Polygon"),
        ({"type": "Polygon"}, "cannot be read"),
        ({"type": "Polygon", "coordinates": []}, "no points"),
        ({"type": "Polygon", "coordinates": [RING[:-1]]}, "cannot be read"),  # not closed
        ({"type": "Polygon", "coordinates": RING}, "cannot be read"),
        ({"type": "Polygon", "coordinates": [[[[124, 36]]]]}, "cannot be read"),
        ({"type": "Polygon", "coordinates": [[["124", "36"], *RING[1:-1], ["124", "36"]]]}, "cannot be read"),
        ({"type": "Polygon", "coordinates": [[[124.0, True], *RING[1:-1], [124.0, True]]]}, ""),
        ({"type": "Polygon", "coordinates": [[[float("nan"), 36.0], *RING[1:-1], [float("nan"), 36.0]]]}, ""),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, "Self-intersection"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2], [0, 0]]]}, ""),  # no area
        (square(lng=179.995), "globe"),
        (square(lat=89.995), "globe"),
    ],
)
def test_a_boundary_that_is_none_is_refused_with_the_reason(world: World, geometry: Any, why: str):
    before = version()
    problem = refusal(change_area, world.grid, geometry=geometry)
    assert (problem.code, problem.status, problem.field) == ("bad_boundary", 400, "geometry")
    assert why in problem.params["why"]
    assert version() == before


def test_deep_nesting_is_refused_and_breaks_nothing(world: World):
    deep: Any = 1.0
    for _each in range(100_000):
        deep = [deep]
    assert refusal(change_area, world.grid, geometry={"type": "Polygon", "coordinates": deep}).code == "bad_boundary"


def test_a_boundary_is_kept_as_it_came_either_winding_without_other_members(world: World):
    backwards = {"type": "Polygon", "coordinates": [RING[::-1]], "bbox": [1, 2, 3, 4], "crs": {"type": "name"}}
    changed = change_area(world.grid, geometry=backwards)
    changed.refresh_from_db()
    assert changed.geometry == {"type": "Polygon", "coordinates": [RING[::-1]]}
    assert change_area(world.grid, geometry=None).geometry is None


def test_every_write_raises_the_boundary_version(world: World):
    numbers = [version()]
    community = world.area(COMMUNITY)
    made = create_area(community, level="grid", code="77", name="新", kind="basic", geometry=square())
    numbers.append(version())
    change_area(made, name="更新")
    numbers.append(version())
    move_area(made, Area.objects.filter(level="community").exclude(code=COMMUNITY).first())
    numbers.append(version())
    retire_area(made)
    numbers.append(version())
    assert numbers == sorted(set(numbers))
    assert Area.objects.find_problems() == NO_PROBLEMS


def test_a_moved_area_takes_all_below_it_along_and_tells_where_it_was(world: World):
    told: list[dict[str, Any]] = []

    def hear(**said: Any) -> None:
        told.append(said)

    community, elsewhere = world.area(COMMUNITY), Area.objects.get(code="371082900")
    grids = set(Area.objects.get_descendants(community).values_list("code", flat=True))
    area_moved.connect(hear)
    try:
        moved = move_area(community, elsewhere)
    finally:
        area_moved.disconnect(hear)
    assert [(said["area"], said["old_path"]) for said in told] == [(moved, community.path)]
    assert moved.path.startswith(elsewhere.path)
    assert set(Area.objects.get_descendants(moved).values_list("code", flat=True)) == grids
    assert Area.objects.find_problems() == NO_PROBLEMS


def test_a_grid_is_not_moved_to_a_street(world: World):
    assert refusal(move_area, world.grid, world.street).code == "wrong_level"


def test_what_is_in_use_is_retired_from_below_and_taken_up_again_from_above(world: World):
    community = Area.objects.get(code="371082900001")
    grid = Area.objects.get(code="371082900001001")
    assert refusal(retire_area, community).code == "area_in_use"
    assert refusal(change_area, community, is_active=False).code == "area_in_use"
    retire_area(grid)
    retire_area(community)
    assert refusal(change_area, grid, is_active=True).code == "parent_retired"
    new = {"level": "grid", "code": "77", "name": "新", "kind": "basic"}
    assert refusal(create_area, Area.objects.get(pk=community.pk), **new).code == "parent_retired"
    assert refusal(move_area, world.grid, community).code == "parent_retired"
    change_area(community, is_active=True)
    assert change_area(grid, is_active=True).is_active


@pytest.mark.django_db(transaction=True)
def test_areas_added_at_once_each_get_their_own_place(committed_world: World):
    if connection.vendor != "postgresql":
        pytest.skip("writers of SQLite take turns anyway")
    community = committed_world.area(COMMUNITY)
    before = community.numchild
    start = threading.Barrier(8)
    made: list[str] = []

    def add(number: int) -> None:
        try:
            start.wait(30)
            said = {"level": "grid", "code": f"77{number}", "name": "新", "kind": "basic"}
            made.append(create_area(Area.objects.get(pk=community.pk), **said).path)
        finally:
            connection.close()

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(made)) == 8, "each has its own"
    assert committed_world.area(COMMUNITY).numchild == before + 8
    assert Area.objects.find_problems() == NO_PROBLEMS


@pytest.mark.django_db(transaction=True)
def test_a_writer_waits_for_the_one_before(committed_world: World):
    if connection.vendor != "postgresql":
        pytest.skip("writers of SQLite take turns anyway")
    done = threading.Event()

    def add_city() -> None:
        try:
            create_area(None, level="city", code="77", name="新")
            done.set()
        finally:
            connection.close()

    other = threading.Thread(target=add_city)
    with transaction.atomic():
        change_area(committed_world.grid, name="先")
        other.start()
        assert not done.wait(0.5)
    other.join(60)
    assert done.is_set()
