"""Splitting a report that holds several matters."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import reverse

from notifications.models import Notification
from reports.models import Clock, Photo, Report, Requester
from reports.photos.storage import original_path, rendered_path
from tests import scenes
from tests.test_main_job import NEAR, ON_SITE, announced, upload
from tests.world import World, post, submit

pytestmark = pytest.mark.django_db

PIPE = {"item": "02-01-001", "description": "水管也破了"}
SHA_NEAR, SHA_SITE = (str(announced(data, "near")["sha256"]) for data in (NEAR, ON_SITE))


def split(world: World, report: Any, *parts: dict[str, Any], expect: int = 200, **said: Any) -> dict[str, Any]:
    return post(world, "wang", f"reports/{report}/split", expect=expect, parts=list(parts), **said)


def seen(world: World, report: Any, name: str = "wang") -> dict[str, Any]:
    answer = world.api(name).get(f"/api/v1/reports/{report}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_each_matter_becomes_a_report_of_its_own_and_the_rest_goes_on(world: World) -> None:
    report = submit(world, description="垃圾未清运,水管也破了,井盖缺失", occurred_at="2026-07-01T08:00:00+08:00")
    well = {"item": "01-01-001", "description": "井盖缺失", "urgency": "urgent"}
    detail = split(world, report, PIPE, well, description="垃圾未清运", note="三件事")
    assert (detail["status"], detail["description"]) == ("submitted", "垃圾未清运")
    assert {(one["item_name"], one["status"]) for one in detail["split_into"]} == {
        ("自来水爆管", "submitted"),
        ("暴露垃圾", "submitted"),
    }
    event = detail["events"][-1]
    assert (event["kind"], event["note"], len(event["data"]["parts"])) == ("split", "三件事", 2)
    assert event["data"]["description_before"] == "垃圾未清运,水管也破了,井盖缺失"

    part = seen(world, next(one["id"] for one in detail["split_into"] if one["item_name"] == "自来水爆管"))
    assert (part["description"], part["urgency"], part["split_from"]["number"]) == (
        "水管也破了",
        "emergency",
        detail["number"],
    )
    same = ("lng", "lat", "grid", "street", "community", "address", "reporter", "source", "occurred_at")
    assert {name: part[name] for name in same} == {name: detail[name] for name in same}
    assert part["number"] != detail["number"]
    assert (part["clocks"][0]["kind"], part["clocks"][0]["always"]) == ("accept", True)
    assert [event["kind"] for event in part["events"]] == ["split_from"]
    assert part["complete_at"] is not None
    notice = Notification.objects.get(kind="report_split")
    assert (notice.recipient, part["number"] in notice.params["parts"]) == (world["zhang"], True)
    # The reporter sees the parts, and each is accepted by its own standard.
    assert seen(world, part["id"], "zhang")["id"] == part["id"]
    assert post(world, "wang", f"reports/{part['id']}/accept")["limit_amount"] is not None


def test_the_requester_asked_about_each_part_and_is_answered_on_each(world: World) -> None:
    report = submit(world, "wang", source="hotline", external_no="12345-7", requester=scenes.REQUESTER)
    part = split(world, report, PIPE)["split_into"][0]["id"]
    requester = Requester.objects.get(report_id=part)
    assert (requester.name, requester.phone, requester.answer) == ("张三丰", "13812345678", "")
    assert seen(world, part)["requester"]["name"] == "张**"
    assert Report.objects.get(pk=part).external_no == ""
    post(world, "wang", f"reports/{part}/reject", reason="已另案处理")
    assert Requester.objects.get(report_id=report).answer == ""


def test_chosen_photos_go_along_with_the_bytes_kept_once(world: World) -> None:
    report = submit(world, photos=[announced(NEAR, "near"), announced(ON_SITE, "reference")])
    upload(world, "zhang", report, NEAR)
    upload(world, "zhang", report, ON_SITE)
    part = split(world, report, {**PIPE, "photos": [SHA_SITE]})["split_into"][0]["id"]
    detail = seen(world, part)
    assert [(one["sha256"], one["kind"]) for one in detail["photos"]] == [(SHA_SITE, "reference")]
    assert (detail["photos_expected"], detail["photos_received"], detail["complete_at"] is not None) == (1, 1, True)
    assert len(seen(world, report)["photos"]) == 2
    # The original lies under its hash; the part has a picture of its own, with its own number on it.
    originals = [path for path in (Path(settings.MEDIA_ROOT) / "original").rglob("*") if path.is_file()]
    assert sorted(path.name for path in originals) == sorted([SHA_NEAR, SHA_SITE])
    whole, copy = (Photo.objects.get(report_id=one, sha256=SHA_SITE) for one in (report, part))
    pictures = [rendered_path(photo.pk, "display").read_bytes() for photo in (whole, copy)]
    assert pictures[0] != pictures[1]
    assert (copy.width, copy.distance_m, copy.announced_by) == (whole.width, whole.distance_m, world["wang"])
    answer = world.api("wang").get(reverse("report-photo", args=[part, SHA_SITE]))
    assert answer.status_code == 200


def test_a_photo_still_to_come_arrives_everywhere_at_once(world: World) -> None:
    report = submit(world, photos=[announced(NEAR, "near")])
    part = split(world, report, {**PIPE, "photos": [SHA_NEAR]})["split_into"][0]["id"]
    part_of_part = split(world, part, {**PIPE, "photos": [SHA_NEAR]})["split_into"][0]["id"]
    assert seen(world, part)["complete_at"] is None
    upload(world, "zhang", report, NEAR)
    for one in (part, part_of_part):
        assert seen(world, one)["photos_received"] == 1
        assert seen(world, one)["complete_at"] is not None


def test_a_split_that_broke_off_before_its_pictures_is_completed_by_the_repeat(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = submit(world, photos=[announced(NEAR, "near")])
    upload(world, "zhang", report, NEAR)
    said = {"request_id": str(uuid4())}
    with monkeypatch.context() as patched:
        patched.setattr("reports.actions.splitting.share_photos", lambda user, report_id: None)
        first = split(world, report, {**PIPE, "photos": [SHA_NEAR]}, **said)
    part = first["split_into"][0]["id"]
    assert seen(world, part)["complete_at"] is None
    again = split(world, report, {**PIPE, "photos": [SHA_NEAR]}, **said)
    assert [one["id"] for one in again["split_into"]] == [part]
    assert seen(world, part)["complete_at"] is not None
    assert Report.objects.count() == 2


def test_a_photo_lost_from_the_store_stays_to_come(world: World) -> None:
    report = submit(world, photos=[announced(NEAR, "near")])
    upload(world, "zhang", report, NEAR)
    original_path(SHA_NEAR).unlink()
    part = split(world, report, {**PIPE, "photos": [SHA_NEAR]})["split_into"][0]["id"]
    assert seen(world, part)["complete_at"] is None


@pytest.mark.parametrize(
    ("part", "code", "field"),
    [
        ({"item": "99-99-999"}, "unknown_item", "parts.1.item"),
        ({"photos": ["0" * 64]}, "photo_not_of_report", "parts.1.photos"),
        ({"photos": ["x"]}, "invalid", "parts.1.photos.0"),
        ({"description": ""}, "invalid", "parts.1.description"),
        ({"colour": "red"}, "invalid", "parts.1.colour"),
    ],
)
def test_one_part_at_fault_and_nothing_is_split(world: World, part: dict[str, Any], code: str, field: str) -> None:
    report = submit(world)
    refused = split(world, report, PIPE, {**PIPE, **part}, expect=400)
    assert (refused["code"], refused["errors"][0]["field"]) == (code, field)
    assert (Report.objects.count(), Clock.objects.count()) == (1, 1)
    assert Report.objects.get().version == 1


def test_at_least_one_part_and_at_most_ten(world: World) -> None:
    report = submit(world)
    for parts in ([], [PIPE] * 11):
        assert split(world, report, *parts, expect=400)["code"] == "invalid"
    assert len(split(world, report, *[PIPE] * 10)["split_into"]) == 10


def test_an_accepted_report_is_split_too_and_keeps_its_standard(world: World) -> None:
    at = scenes.accepted(world)
    detail = split(world, at.report, PIPE)
    assert (detail["status"], detail["limit_amount"] is not None) == ("accepted", True)
    assert detail["split_into"][0]["status"] == "submitted"


def test_what_is_with_the_units_is_not_split(world: World) -> None:
    assert split(world, scenes.whistled(world).report, PIPE, expect=409)["code"] == "transition_refused"
