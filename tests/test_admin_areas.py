"""Areas in the administration: each sees and changes the own and what lies below."""

from typing import Any

import pytest
from auditlog.models import LogEntry

from grids.models import Area, BoundaryVersion
from tests.admin_scenes import enter, errors, page
from tests.world import World

pytestmark = pytest.mark.django_db
RING = "[122.43,37.15],[122.44,37.15],[122.44,37.16],[122.43,37.16],[122.43,37.15]"
SQUARE = f'{{"type":"Polygon","coordinates":[[{RING}]]}}'


def test_a_community_admin_sees_the_own_community_and_what_lies_below(world: World) -> None:
    answer = enter(world, "sun").get(page("grids_area_changelist"))
    community = world.area("371082007032")
    seen = {area.pk for area in answer.context["cl"].queryset}
    assert seen == {community.pk, *Area.objects.get_children(community).values_list("pk", flat=True)}


def test_a_community_admin_renames_and_redraws_a_grid(world: World) -> None:
    before = BoundaryVersion.objects.get(pk=1).number
    grid = world.grid
    answer = enter(world, "sun").post(
        page("grids_area_change", grid.pk), {"name": "新名", "kind": "basic", "setting": "urban", "geometry": SQUARE}
    )
    assert answer.status_code == 302, errors(answer)
    grid.refresh_from_db()
    assert grid.name == "新名"
    assert grid.geometry["coordinates"][0][0] in ([122.43, 37.15], [122.43, 37.16], [122.44, 37.15], [122.44, 37.16])
    assert BoundaryVersion.objects.get(pk=1).number > before
    entry = LogEntry.objects.get_for_object(grid).get(action=LogEntry.Action.UPDATE)
    assert entry.actor == world["sun"]
    assert set(entry.changes) >= {"name", "geometry"}
    assert "122.4" not in str(entry.changes["geometry"])


@pytest.mark.parametrize(
    "geometry",
    ["{", '{"type":"Point","coordinates":[1,2]}', '{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}'],
)
def test_a_boundary_that_is_none_is_an_error_at_its_field(world: World, geometry: str) -> None:
    grid = world.grid
    answer = enter(world, "sun").post(
        page("grids_area_change", grid.pk), {"name": grid.name, "kind": "basic", "setting": "", "geometry": geometry}
    )
    assert answer.status_code == 200
    assert list(errors(answer)) == ["geometry"]
    assert Area.objects.get(pk=grid.pk).geometry == grid.geometry


def test_the_boundary_is_drawn_among_its_neighbours(world: World) -> None:
    answer = enter(world, "sun").get(page("grids_area_change", world.grid.pk))
    assert answer.status_code == 200
    assert b"<svg" in answer.content


def test_a_community_admin_adds_a_grid_below_the_own_community(world: World) -> None:
    community = world.area("371082007032")
    data = {"parent": community.pk, "code": "371082007032099", "name": "新网格", "kind": "dedicated", "geometry": ""}
    answer = enter(world, "sun").post(page("grids_area_add"), data)
    assert answer.status_code == 302, errors(answer)
    made = Area.objects.get(code="371082007032099")
    assert made.path.startswith(community.path)
    assert made.level == "grid"
    assert LogEntry.objects.get_for_object(made).get().actor == world["sun"]


def test_nobody_adds_an_area_outside_the_own_node(world: World) -> None:
    count = Area.objects.count()
    for parent in (world.street, world.area("371082900001"), world.grid):
        data = {"parent": parent.pk, "code": "371082900001098", "name": "外", "kind": "basic", "geometry": ""}
        answer = enter(world, "sun").post(page("grids_area_add"), data)
        assert answer.status_code == 200
        assert "parent" in errors(answer)
    assert Area.objects.count() == count


def test_the_own_node_is_changed_from_above_only(world: World) -> None:
    community = world.area("371082007032")
    data = {"name": "改名", "setting": "urban", "geometry": ""}
    assert enter(world, "sun").post(page("grids_area_change", community.pk), data).status_code == 403
    assert Area.objects.get(pk=community.pk).name == community.name
    assert enter(world, "sysadmin").post(page("grids_area_change", community.pk), data).status_code == 302
    assert Area.objects.get(pk=community.pk).name == "改名"


def test_a_grid_is_retired_and_never_deleted(world: World) -> None:
    client, grid = enter(world, "sun"), world.grid
    assert client.get(page("grids_area_delete", grid.pk)).status_code == 403
    assert client.get(page("grids_area_retire_page", grid.pk)).status_code == 200
    assert Area.objects.get(pk=grid.pk).is_active
    assert client.post(page("grids_area_retire_page", grid.pk)).status_code == 302
    assert not Area.objects.get(pk=grid.pk).is_active
    assert LogEntry.objects.get_for_object(grid).latest("id").actor == world["sun"]


def test_a_community_with_grids_in_use_is_not_retired(world: World) -> None:
    community = world.area("371082007032")
    answer = enter(world, "sysadmin").post(page("grids_area_retire_page", community.pk))
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()
    assert Area.objects.get(pk=community.pk).is_active


OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("grids_area_change", {"name": "x", "kind": "basic", "geometry": ""}),
    ("grids_area_retire_page", {}),
    ("grids_area_history", {}),
    ("grids_area_delete", {"post": "yes"}),
]


@pytest.mark.parametrize(("name", "data"), OTHERS)
def test_another_communitys_area_is_not_there(world: World, name: str, data: dict[str, Any]) -> None:
    client = enter(world, "sun")
    for code in ("371082900001001", world.street.code, "371082007002"):
        other = world.area(code)
        before = Area.objects.filter(pk=other.pk).values().get()
        for answer in (client.get(page(name, other.pk)), client.post(page(name, other.pk), data)):
            assert answer.status_code in (403, 404)
        assert Area.objects.filter(pk=other.pk).values().get() == before
