"""The file of an import: kept encrypted until it is let go, its maker's own, and refused when it is of another kind."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.roles import Role
from core.moment import moved_to, now
from grids.actions.appointments import appoint
from households.actions.imports import discard_old
from households.models import ImportPiece, ImportRun
from tests.household_books import TITLES, apply, book, row, upload
from tests.world import World

pytestmark = pytest.mark.django_db


def test_the_file_is_kept_encrypted_until_it_is_applied_or_discarded(world: World) -> None:
    run = upload(world, book(row()))
    assert ImportPiece.objects.filter(run=run["id"]).count() == 1
    apply(world, run)
    assert not ImportPiece.objects.exists()
    other = upload(world, book(row(), row(室="601", 姓名="赵六")))
    path = reverse("household-import-discard", args=[other["id"]])
    for _twice in range(2):
        answer = world.api("sun").post(path)
        assert (answer.status_code, answer.json()["state"]) == (200, "discarded")
    assert not ImportPiece.objects.exists()
    assert apply(world, other, expect=409)["code"] == "import_over"
    assert world.api("sun").post(reverse("household-import-discard", args=[run["id"]])).json()["code"] == "import_over"


def test_what_nobody_applies_is_let_go_after_a_day(world: World) -> None:
    run = upload(world, book(row()))
    assert discard_old() == 0
    with moved_to(now() + timedelta(hours=25)):
        assert discard_old() == 1
    assert ImportRun.objects.get(pk=run["id"]).state == "discarded"
    assert not ImportPiece.objects.exists()


def test_sending_it_twice_is_one_import_and_another_file_another(world: World) -> None:
    pk = uuid4()
    data = book(row())
    first = upload(world, data, pk=pk)
    assert upload(world, data, expect=200, pk=pk) == first
    assert upload(world, book(row(室="601")), expect=409, pk=pk)["code"] == "import_differs"
    assert ImportRun.objects.count() == 1


def test_an_import_is_its_makers_own(world: World) -> None:
    data = book(row())
    run = upload(world, data)
    appoint(world["zhao"], Role.COMMUNITY_ADMIN, world.area("371082007032"))
    assert upload(world, data, "zhao", expect=409, pk=run["id"])["code"] == "import_differs"
    for name in ("zhao", "wang", "root", "outsider"):
        assert world.api(name).get(reverse("household-import", args=[run["id"]])).status_code == 404
        assert world.api(name).get(reverse("household-import-faults", args=[run["id"]])).status_code == 404
        assert not world.api(name).get(reverse("household-imports-list")).json()["results"]
    listed = world.api("sun").get(reverse("household-imports-list")).json()["results"]
    assert [one["id"] for one in listed] == [run["id"]]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable_workbook"),
        (b"PK\x03\x04 not really", "unreadable_workbook"),
        (book(titles=["网格", "姓名"]), "sheet_columns"),
        (book(titles=[*TITLES, "网格"]), "sheet_columns"),
        (book(titles=[*TITLES, "职业"]), "sheet_unknown_columns"),
    ],
    ids=["nothing", "no workbook", "too few", "twice", "unknown"],
)
def test_a_file_of_another_kind_is_refused_at_once(world: World, data: bytes, code: str) -> None:
    assert upload(world, data, expect=400)["code"] == code
    assert not ImportRun.objects.exists()


def test_a_file_beyond_the_bound_is_refused(world: World, settings: Any) -> None:
    settings.GRIDWHISTLE = {**settings.GRIDWHISTLE, "IMPORT_MAX_BYTES": 1000}
    assert upload(world, book(row()), expect=413)["code"] == "body_too_large"
