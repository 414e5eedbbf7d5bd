"""Workbooks imported by several at once: real threads, really committed, on PostgreSQL (see test_races)."""

from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse

from accounts.roles import Role
from grids.actions.appointments import appoint
from households.actions import imports
from households.models import Building, Household, HouseholdEvent, ImportRun, Resident
from tests.household_books import apply, book, row, told, upload
from tests.household_scenes import GRID, card
from tests.test_races import at_once, posting
from tests.test_volunteer_races import statuses
from tests.world import World

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a database with more than one writer"),
]

ROWS = [row(室=str(100 + number), 姓名=f"户主{number}", 证件号码=card(order=number + 1)) for number in range(60)]


def test_the_same_workbook_imported_by_many_at_once_is_there_once(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = committed_world
    # Several batches, so that they get into each other's way.
    monkeypatch.setattr(imports, "BATCH", 10)
    names = ("sun", "zhao", "zhang", "root")
    for name in ("zhao", "zhang"):
        appoint(world[name], Role.COMMUNITY_ADMIN, world.area("371082007032"))
    runs = {name: upload(world, book(*ROWS), name)["id"] for name in names}
    answers = at_once([posting(world, name, f"households/imports/{pk}/apply") for name, pk in runs.items()])
    assert statuses(answers) == {200: 4}
    assert [(one.json()["state"], one.json()["fault_count"]) for one in answers] == [("done", 0)] * 4
    assert (Household.objects.count(), Resident.objects.count()) == (60, 60)
    assert HouseholdEvent.objects.count() == 120
    assert sum(one.json()["households_new"] for one in answers) == 60
    assert sum(one.json()["households_same"] for one in answers) == 180
    assert Building.objects.count() == 1


def test_an_import_applied_by_many_requests_at_once_is_written_once(committed_world: World) -> None:
    world = committed_world
    pk = upload(world, book(*ROWS))["id"]
    answers = at_once([posting(world, "sun", f"households/imports/{pk}/apply") for _number in range(5)])
    assert statuses(answers) == {200: 5}
    assert told(apply(world, {"id": pk})) == (60, 0, 0, 60, 0, 0)
    assert HouseholdEvent.objects.count() == 120


def test_a_workbook_sent_many_times_at_once_is_one_import(committed_world: World) -> None:
    world = committed_world
    pk, data = uuid4(), book(*ROWS)
    world.token("sun")
    path = reverse("household-import", args=[pk])

    def send():
        return world.api("sun").put(path, data, content_type="application/octet-stream")

    assert statuses(at_once([send] * 5)) == {201: 1, 200: 4}
    assert ImportRun.objects.get().pieces.count() == 1


def test_an_import_and_a_hand_at_the_same_door_end_as_one_household(committed_world: World) -> None:
    world = committed_world
    pk = upload(world, book(row(**{"小区": "", "楼栋": "", "单元": "", "室": "", "地址": "台上村66号"})))["id"]
    world.token("zhang")

    def by_hand():
        said = {"grid": GRID, "address": "台上村66号"}
        return world.api("zhang").put(f"/api/v1/households/{uuid4()}", said, format="json")

    hand, imported = at_once([by_hand, posting(world, "sun", f"households/imports/{pk}/apply")])
    assert (hand.status_code, imported.status_code) in ((201, 200), (409, 200))
    assert Household.objects.count() == 1
    assert Resident.objects.count() == 1
