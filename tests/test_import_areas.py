"""`manage.py import_areas`: all of a file or nothing, every fault named, and nothing changed twice."""

import copy
import gzip
import json
import random
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from grids import locating
from grids.actions.areas import create_area, retire_area
from grids.actions.importing import import_areas, read_features
from grids.locating import locate
from grids.models import Area, BoundaryVersion
from tests.world import LAT, LNG, YATOU, World

pytestmark = pytest.mark.django_db
GRID = "371082007032002"


def square(lng: float, lat: float, side: float = 0.01) -> dict[str, Any]:
    corners = [[lng, lat], [lng + side, lat], [lng + side, lat + side], [lng, lat + side], [lng, lat]]
    return {"type": "Polygon", "coordinates": [corners]}


def feature(level: str, code: str, parent: str | None, kind: str = "", geometry: Any = None) -> dict[str, Any]:
    said = {"level": level, "code": code, "name": f"名{code}", "parent_code": parent, "kind": kind}
    return {"type": "Feature", "properties": said, "geometry": geometry or square(124.0, 36.0)}


def small_city() -> list[dict[str, Any]]:
    """A city beside the one of the world, down to two grids."""
    return [
        feature("city", "99", None, "city"),
        feature("district", "9901", "99", "district"),
        feature("street", "9901001", "9901", "town"),
        feature("community", "9901001001", "9901001", "rural"),
        feature("grid", "9901001001001", "9901001001", "rural", square(124.0, 36.0)),
        feature("grid", "9901001001901", "9901001001", "sea", square(124.01, 36.0)),
    ]


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def to_file(features: list[Any], packed: bool = False) -> Path:
        path = tmp_path / ("areas.geojson.gz" if packed else "areas.geojson")
        text = json.dumps({"type": "FeatureCollection", "features": features}).encode()
        path.write_bytes(gzip.compress(text) if packed else text)
        return path

    return to_file


def run(path: Path | str, *options: str) -> str:
    said = StringIO()
    call_command("import_areas", str(path), *options, stdout=said, stderr=said)
    return said.getvalue()


def refused(path: Path) -> str:
    """What an import that must fail says on stderr and in its error."""
    said = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("import_areas", str(path), stdout=StringIO(), stderr=said)
    return f"{said.getvalue()}{error.value}"


def rows() -> list[tuple[Any, ...]]:
    return sorted(
        Area.objects.values_list("code", "path", "depth", "numchild", "name", "kind", "setting", "updated_at")
    )


def version() -> int:
    return BoundaryVersion.objects.get().number


def test_the_street_of_the_tests_came_in_whole(world: World):
    below = Area.objects.filter(path__startswith=world.street.path)
    assert below.filter(level="community").count() == 30
    assert below.filter(level="grid").count() == 151
    assert below.filter(level="grid", setting="urban").count() == 140
    assert below.filter(level="grid", setting="rural").count() == 10
    assert list(below.filter(kind="sea").values_list("setting", flat=True)) == [""]
    assert below.filter(level="community", kind="").count() == 30
    assert Area.objects.find_problems() == ([], [], [], [], [])


def test_every_area_lies_below_the_one_the_file_names(world: World):
    by_path = {area.path: area.code for area in Area.objects.all()}
    paths = {code: path for path, code in by_path.items()}
    for each in read_features(Path(YATOU)):
        said = each["properties"]
        above = paths[said["code"]][: -Area.steplen]
        assert by_path.get(above) == said["parent_code"]


def test_a_dry_run_writes_nothing_and_says_what_it_would(world: World, write: Any):
    before, number = rows(), version()
    said = run(write(small_city()), "--dry-run")
    assert "6 areas would be created" in said
    assert "0 would be changed" in said
    assert (rows(), version()) == (before, number)


def test_the_same_file_again_changes_nothing_and_rebuilds_no_index(world: World):
    before, number = rows(), version()
    said = run(YATOU)
    assert "0 areas created, 0 changed, 184 as they were" in said
    assert (rows(), version()) == (before, number)


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_may_be_packed(world: World, write: Any, packed: bool):
    assert "6 areas created" in run(write(small_city(), packed))


@pytest.mark.parametrize("seed", range(4))
def test_features_may_come_in_any_order(world: World, write: Any, seed: int):
    shuffled = small_city()
    random.Random(seed).shuffle(shuffled)
    run(write(shuffled))
    grid = Area.objects.get(code="9901001001901")
    codes = [area.code for area in Area.objects.get_ancestors(grid)]
    assert codes == ["99", "9901", "9901001", "9901001001"]
    assert (grid.kind, grid.setting) == ("sea", "")
    assert Area.objects.get(code="9901001001001").setting == "rural"
    assert Area.objects.find_problems() == ([], [], [], [], [])


def test_an_area_added_by_hand_after_an_import_gets_its_right_place(world: World, write: Any):
    run(write(small_city()))
    community = Area.objects.get(code="9901001001")
    added = create_area(community, level="grid", code="9901001001002", name="新", kind="basic")
    assert added.path == Area.objects.get(code="9901001001901").path[: -Area.steplen] + "0003"
    assert Area.objects.get(code="9901001001").numchild == 3
    assert Area.objects.find_problems() == ([], [], [], [], [])
    # And an import after it.
    more = [*small_city(), feature("grid", "9901001001003", "9901001001", "rural")]
    assert "1 areas created" in run(write(more))
    assert Area.objects.get(code="9901001001003").path.endswith("0004")
    assert Area.objects.find_problems() == ([], [], [], [], [])


def test_a_later_file_changes_a_name_and_a_boundary_and_adds_a_grid(world: World, write: Any):
    run(write(small_city()))
    number = version()
    later = small_city()
    later[4]["properties"]["name"] = "改名网格"
    later[5]["geometry"] = square(124.02, 36.0)
    later.append(feature("grid", "9901001001002", "9901001001", "urban", square(124.0, 36.01)))
    assert "1 areas created, 2 changed, 4 as they were" in run(write(later))
    assert version() > number
    assert Area.objects.get(code="9901001001001").name == "改名网格"
    assert Area.objects.get(code="9901001001901").geometry == square(124.02, 36.0)
    assert Area.objects.get(code="9901001001002").setting == "urban"
    # What the file does not name stays.
    assert Area.objects.filter(code=GRID).exists()


def test_an_imported_grid_is_found_by_position(world: World, write: Any):
    assert locate(124.005, 36.005) is None
    run(write(small_city()))
    locating.look_soon()
    assert locate(124.005, 36.005).code == "9901001001001"


def test_an_area_retired_by_hand_stays_retired(world: World):
    retire_area(world.grid)
    run(YATOU)
    assert not Area.objects.get(code=GRID).is_active


def test_a_change_of_an_area_keeps_its_office(world: World, write: Any):
    features = copy.deepcopy(read_features(Path(YATOU)))
    street = next(each for each in features if each["properties"]["level"] == "street")
    street["properties"]["name"] = "崖头新街道"
    run(write(features))
    changed = Area.objects.get(code=street["properties"]["code"])
    assert changed.name == "崖头新街道"
    assert changed.office.code == "YTJD"


def test_every_fault_is_named_by_feature_and_code_and_nothing_is_written(world: World, write: Any):
    bow_tie = {"type": "Polygon", "coordinates": [[[124, 36], [124.1, 36.1], [124.1, 36], [124, 36.1], [124, 36]]]}
    faults: list[tuple[str, dict[str, Any]]] = [
        ("8001", feature("district", "8001", "80")),  # the parent does not exist
        ("9901001001777", feature("grid", "9901001001777", "9901001", "rural")),  # a grid right below a street
        ("9902", feature("village", "9902", "99")),  # no such level
        ("9903", feature("district", "9903", "99", "", bow_tie)),
        ("9904", feature("district", "9904", "99", "", {"type": "Point", "coordinates": [124, 36]})),
        ("9901", feature("district", "9901", "99")),  # twice in the file
        ("9905", feature("district", "9905", "99", "", square(179.999, 36.0))),  # beyond 180°
        ("9906", feature("district", "9906", None)),  # only a city has no parent
        ("98", feature("city", "98", "99")),  # and it has none
        ("", feature("district", "", "99")),
        ("c" * 21, feature("district", "c" * 21, "99")),
        (GRID, feature("grid", GRID, "9901001001", "rural")),  # stands elsewhere in the tree
    ]
    nameless = feature("district", "9907", "99")
    nameless["properties"]["name"] = ""
    faults.append(("9907", nameless))
    before, number = rows(), version()
    good = small_city()
    said = refused(write([*good, *(each for _code, each in faults)]))
    for index, (code, _each) in enumerate(faults, start=len(good)):
        assert f"feature {index} ({code or 'no code'}): " in said, code
    for index in range(len(good)):
        assert f"feature {index} (" not in said
    assert f"{len(faults)} features at fault" in said
    assert (rows(), version()) == (before, number)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), None, True, "124.0", [1]])
def test_a_corner_that_is_no_position_is_refused(world: World, bad: Any):
    broken = square(124.0, 36.0)
    broken["coordinates"][0][1][0] = bad
    features = small_city()
    features[4]["geometry"] = broken
    before = rows()
    outcome = import_areas(features)
    assert [(fault.index, fault.code) for fault in outcome.faults] == [(4, "9901001001001")]
    assert rows() == before


@pytest.mark.parametrize("geometry", [None, {}, [], "x", {"type": "Polygon"}, {"type": "Polygon", "coordinates": []}])
def test_a_feature_without_a_polygon_is_refused(world: World, geometry: Any):
    features = small_city()
    features[4]["geometry"] = geometry
    assert [fault.index for fault in import_areas(features).faults] == [4]


def test_a_hole_and_several_parts_are_kept(world: World, write: Any):
    hole = [[124.002, 36.002], [124.002, 36.008], [124.008, 36.008], [124.008, 36.002], [124.002, 36.002]]
    features = small_city()
    features[4]["geometry"] = {
        "type": "MultiPolygon",
        "coordinates": [[*square(124.0, 36.0)["coordinates"], hole], square(124.5, 36.0)["coordinates"]],
    }
    run(write(features))
    locating.look_soon()
    assert locate(124.005, 36.005) is None, "in the hole"
    assert locate(124.001, 36.001).code == locate(124.505, 36.005).code == "9901001001001"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"type": "Feature"}', b'{"type": "FeatureCollection"}', b"\x1f\x8bnot gzip", b"\xff"],
)
def test_a_file_that_is_no_collection_is_refused_in_one_sentence(world: World, tmp_path: Path, content: bytes):
    path = tmp_path / "areas.geojson"
    path.write_bytes(content)
    assert "areas.geojson" in refused(path)


def test_a_file_that_is_not_there_is_refused(world: World, tmp_path: Path):
    assert "nowhere.geojson" in refused(tmp_path / "nowhere.geojson")


@pytest.mark.parametrize("odd", [None, 1, "x", [], {}, {"properties": 1}])
def test_what_is_no_feature_is_named_by_its_place(world: World, odd: Any):
    assert [fault.index for fault in import_areas([*small_city(), odd]).faults] == [6]


def test_the_import_asks_few_questions(world: World, django_assert_max_num_queries: Any):
    run(YATOU, "--verbosity", "0")
    with django_assert_max_num_queries(30):
        import_areas(small_city())
    grids = [feature("grid", f"99010010010{n:02d}", "9901001001", "rural") for n in range(2, 99)]
    with django_assert_max_num_queries(30):
        assert not import_areas([*small_city(), *grids]).faults
    assert Area.objects.get(code="9901001001").numchild == 98 + 1
    assert locate(LNG, LAT).code == GRID
