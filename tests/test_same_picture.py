"""One picture may serve several steps on a report: each has a photo of its own, and an upload is for all of them."""

from typing import Any

import pytest
from django.urls import reverse
from rest_framework.response import Response

from accounts.models import User
from accounts.roles import Role
from grids.actions.appointments import appoint
from reports.models import Photo, Report
from tests import scenes
from tests.test_main_job import AFTER, HERE, NEAR, announced, result
from tests.world import World, post, submit

pytestmark = pytest.mark.django_db


def send(world: World, name: str, report: Any, data: bytes = NEAR) -> Response:
    path = reverse("report-photo", args=[report, announced(data, "near")["sha256"]])
    return world.api(name).put(path, data, content_type="image/jpeg")


def photos(world: World, report: Any) -> list[tuple[str, int | None, int | None, bool]]:
    """Kind, duty, check, and whether it has come."""
    seen = world.api("wang").get(reverse("report", args=[report])).json()["photos"]
    return [(one["kind"], one["assignment"], one["field_check"], one["display_url"] is not None) for one in seen]


def report_in(world: World, at: scenes.Scene, name: str, duty: int, data: bytes = NEAR) -> None:
    said = {"position": HERE, "photos": [announced(data, "reference")]}
    post(world, name, f"assignments/{duty}/report_in", **said)


def test_a_report_in_with_the_picture_of_the_report_has_a_photo_of_its_own(world: World) -> None:
    at = scenes.with_a_photo(world)
    report_in(world, at, "water", at.lead)
    assert photos(world, at.report) == [("near", None, None, True), ("reference", at.lead, None, False)]
    told = send(world, "water", at.report)
    assert (told.status_code, told.json()["kind"], told.json()["assignment"]) == (201, "reference", at.lead)
    assert send(world, "water", at.report).status_code == 200
    assert send(world, "zhang", at.report).status_code == 200
    assert photos(world, at.report) == [("near", None, None, True), ("reference", at.lead, None, True)]
    assert Report.objects.get().photos_received == 1


def test_a_result_with_the_picture_of_the_report_in_has_a_picture_of_the_result(world: World) -> None:
    at = scenes.whistled(world)
    report_in(world, at, "water", at.lead)
    assert send(world, "water", at.report).status_code == 201
    said = result(photos=[announced(NEAR, "after")], request_id="3f0c0000-0000-4000-8000-0000000000a1")
    post(world, "water", f"assignments/{at.lead}/submit", **said)
    post(world, "wang", f"reports/{at.report}/approve", expect=409)
    assert send(world, "water", at.report).status_code == 201
    assert photos(world, at.report) == [("reference", at.lead, None, True), ("after", at.lead, None, True)]
    # The step sent again names nothing anew.
    post(world, "water", f"assignments/{at.lead}/submit", **said)
    assert Photo.objects.count() == 2
    post(world, "wang", f"reports/{at.report}/approve")


def test_one_upload_is_for_every_step_that_named_the_picture(world: World) -> None:
    at = scenes.whistled(world, photos=[announced(NEAR, "near")])
    report_in(world, at, "water", at.lead)
    report_in(world, at, "gas", at.assist)
    assert send(world, "gas", at.report).status_code == 201
    assert all(here for *_, here in photos(world, at.report))
    assert len(photos(world, at.report)) == 3
    for name in ("water", "zhang", "gas"):
        assert send(world, name, at.report).status_code == 200
    report = Report.objects.get()
    assert (report.photos_received, report.complete_at is not None) == (1, True)
    assert send(world, "wang", at.report).status_code == 404


def test_a_check_is_answered_with_the_same_picture(world: World) -> None:
    at = scenes.asked_to_check(world, photos=[announced(NEAR, "near")])
    said = {"confirmed": True, "position": HERE, "photos": [announced(NEAR, "near")]}
    post(world, "zhao", f"field_checks/{at.check}/answer", **said)
    assert send(world, "zhao", at.report).status_code == 201
    assert photos(world, at.report) == [("near", None, None, True), ("near", None, at.check, True)]


def test_a_colleague_who_names_the_picture_again_may_send_it(world: World) -> None:
    colleague = world.people["colleague"] = User.objects.create_user("colleague", full_name="城管办小吴")
    appoint(colleague, Role.DEPARTMENT_STAFF, world.departments["urban"])
    at = scenes.assigned(world)
    post(world, "urban", f"assignments/{at.lead}/receive")
    post(world, "urban", f"assignments/{at.lead}/submit", **result(photos=[announced(NEAR, "after")]))
    post(world, "wang", f"reports/{at.report}/rework", reason="看不清")
    post(world, "colleague", f"assignments/{at.lead}/submit", **result(photos=[announced(NEAR, "after")]))
    assert send(world, "colleague", at.report).status_code == 201
    assert send(world, "urban", at.report).status_code == 200
    post(world, "wang", f"reports/{at.report}/approve")


def test_a_picture_that_never_comes_holds_up_no_later_result(world: World) -> None:
    at = scenes.whistled(world)
    report_in(world, at, "water", at.lead)
    post(world, "water", f"assignments/{at.lead}/submit", **result())
    post(world, "wang", f"reports/{at.report}/approve", expect=409)
    post(world, "wang", f"reports/{at.report}/rework", reason="没有照片")
    # A result of words alone goes on with the first one's picture, which is not here.
    post(world, "water", f"assignments/{at.lead}/submit", **result(photos=[]))
    assert post(world, "wang", f"reports/{at.report}/approve", expect=409)["code"] == "photo_not_here_yet"
    post(world, "wang", f"reports/{at.report}/rework", reason="没有照片")
    post(world, "water", f"assignments/{at.lead}/submit", **result(photos=[announced(NEAR, "after")]))
    assert post(world, "wang", f"reports/{at.report}/approve", expect=409)["code"] == "photo_not_here_yet"
    assert send(world, "water", at.report).status_code == 201
    post(world, "wang", f"reports/{at.report}/approve")


def test_a_false_size_named_before_holds_up_nobody(world: World) -> None:
    at = scenes.whistled(world, photos=[{**announced(NEAR, "near"), "size": 7}])
    report_in(world, at, "water", at.lead)
    assert send(world, "zhang", at.report).status_code == 422
    assert send(world, "water", at.report).status_code == 201
    assert photos(world, at.report) == [("near", None, None, False), ("reference", at.lead, None, True)]


def test_a_part_takes_a_picture_named_twice_as_the_report_named_it(world: World) -> None:
    report = submit(world, photos=[announced(NEAR, "near"), announced(AFTER, "reference")])
    post(world, "wang", f"reports/{report}/field_check", assignee="zhao")
    check = scenes.scene(report)
    said = {"confirmed": True, "position": HERE, "photos": [announced(NEAR, "after")]}
    post(world, "zhao", f"field_checks/{check.check}/answer", **said)
    part = {"item": "02-01-001", "description": "水管也漏", "photos": [announced(NEAR, "near")["sha256"]]}
    made = post(world, "wang", f"reports/{report}/split", parts=[part])["split_into"][0]["id"]
    assert [kind for kind, *_ in photos(world, made)] == ["near"]
    assert send(world, "zhao", report).status_code == 201
    assert [here for *_, here in photos(world, made)] == [True]
