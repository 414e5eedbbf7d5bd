"""Faces and plates are hidden from everybody who is shown a photo; the original stays whole for those who dispatch."""

import io
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageStat

from reports.models import Event, Photo
from reports.photos.hiding import PAINT, Box, boxes_of, edition, paint_over
from tests import scenes
from tests.resident_scenes import code_in, own_choices, sent
from tests.resident_scenes import picture as picture_of_resident
from tests.test_main_job import NEAR, announced, upload
from tests.world import World, post, submit

assert own_choices
pytestmark = pytest.mark.django_db

MIDDLE = {"x": 0.25, "y": 0.25, "width": 0.5, "height": 0.25}
NAME = announced(NEAR, "near")["sha256"]


def hide(world: World, report: Any, *boxes: dict[str, float], **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = post(world, "wang", f"reports/{report}/redact_photo", photo=NAME, boxes=boxes, **more)
    return told


def picture(world: World, name: str, url: str) -> Image.Image:
    answer = world.api(name).get(url)
    assert answer.status_code == 200, answer
    return Image.open(io.BytesIO(b"".join(answer.streaming_content)))


def is_painted(shown: Image.Image) -> bool:
    """Whether all within the middle box is the paint, as far as a JPEG can tell."""
    width, height = shown.size
    inside = shown.crop((round(width * 0.3), round(height * 0.3), round(width * 0.7), round(height * 0.45)))
    means, spread = ImageStat.Stat(inside).mean, ImageStat.Stat(inside).stddev
    return all(abs(mean - paint) < 4 for mean, paint in zip(means, PAINT, strict=True)) and max(spread) < 4


def test_every_way_to_a_picture_leads_to_the_painted_one_and_the_original_stays(world: World) -> None:
    at = scenes.with_a_photo(world)
    before = Photo.objects.get()
    (photo,) = hide(world, at.report, MIDDLE)["photos"]
    assert photo["hidden"] == [[0.25, 0.25, 0.5, 0.25]]
    direct = reverse("report-photo", args=[at.report, NAME])
    for url in (photo["display_url"], photo["thumbnail_url"], direct, f"{direct}?variant=thumbnail"):
        assert is_painted(picture(world, "zhang", url)), url
    assert b"".join(world.api("wang").get(f"{direct}?variant=original").streaming_content) == NEAR
    assert world.api("zhang").get(f"{direct}?variant=original").status_code == 403
    assert Photo.objects.get().sha256 == before.sha256


def test_a_link_made_before_shows_the_painted_picture_too(world: World) -> None:
    at = scenes.with_a_photo(world)
    (old,) = world.api("zhang").get(reverse("report", args=[at.report])).json()["photos"]
    assert not is_painted(picture(world, "zhang", old["display_url"]))
    hide(world, at.report, MIDDLE)
    assert is_painted(picture(world, "zhang", old["display_url"]))


def test_nothing_hidden_shows_it_whole_again(world: World) -> None:
    at = scenes.with_a_photo(world)
    hide(world, at.report, MIDDLE)
    (photo,) = hide(world, at.report)["photos"]
    assert photo["hidden"] == []
    assert not is_painted(picture(world, "zhang", photo["display_url"]))
    kinds = Event.objects.filter(report=at.report, kind="redact_photo").order_by("pk")
    assert [(event.actor.username, event.data["boxes"], event.internal) for event in kinds if event.actor] == [
        ("wang", 1, True),
        ("wang", 0, True),
    ]


def test_the_resident_is_shown_the_painted_picture(world: World) -> None:
    client = Client()
    code = code_in(sent(client, anonymous="on", photos=[picture_of_resident()]))
    photo = Photo.objects.get()
    body = {"photo": photo.sha256, "boxes": [MIDDLE]}
    post(world, "wang", f"reports/{photo.report_id}/redact_photo", **body)
    small = client.get(f"/t/{code}/photos/{photo.pk}")
    assert is_painted(Image.open(io.BytesIO(b"".join(small.streaming_content))))


def test_the_picture_of_a_later_step_with_the_same_bytes_comes_painted(world: World) -> None:
    at = scenes.with_a_photo(world)
    said = {"position": scenes.HERE, "photos": [announced(NEAR, "reference")]}
    post(world, "water", f"assignments/{at.lead}/report_in", **said)
    hide(world, at.report, MIDDLE)
    upload(world, "water", at.report, NEAR)
    photos = world.api("wang").get(reverse("report", args=[at.report])).json()["photos"]
    assert [is_painted(picture(world, "wang", one["display_url"])) for one in photos] == [True, True]


def test_a_step_that_names_the_same_bytes_later_and_a_part_split_off_are_painted_too(world: World) -> None:
    at = scenes.with_a_photo(world)
    hide(world, at.report, MIDDLE)
    said = {"position": scenes.HERE, "photos": [announced(NEAR, "reference")]}
    post(world, "water", f"assignments/{at.lead}/report_in", **said)
    upload(world, "water", at.report, NEAR)
    shown = world.api("wang").get(reverse("report", args=[at.report])).json()["photos"]
    assert [is_painted(picture(world, "wang", one["display_url"])) for one in shown] == [True, True]

    own = submit(world, photos=[announced(NEAR, "near")])
    upload(world, "zhang", own, NEAR)
    hide(world, own, MIDDLE)
    parts = [{"item": "01-01-001", "description": "车位被占", "photos": [NAME]}]
    (part,) = post(world, "wang", f"reports/{own}/split", parts=parts)["split_into"]
    (photo,) = world.api("wang").get(reverse("report", args=[part["id"]])).json()["photos"]
    assert is_painted(picture(world, "wang", photo["display_url"]))


def test_a_repeat_changes_nothing_and_a_stale_version_is_refused(world: World) -> None:
    at = scenes.with_a_photo(world)
    version = world.api("wang").get(reverse("report", args=[at.report])).json()["version"]
    said = {"version": version, "request_id": str(uuid4())}
    after = hide(world, at.report, MIDDLE, **said)["version"]
    assert hide(world, at.report, MIDDLE, **said)["version"] == after == version + 1
    path = f"reports/{at.report}/redact_photo"
    refused = post(world, "wang", path, expect=409, photo=NAME, boxes=[], version=version)
    assert refused["code"] == "stale_version"
    assert Photo.objects.get().hidden == [[0.25, 0.25, 0.5, 0.25]]


@pytest.mark.parametrize(
    ("box", "field"),
    [
        (MIDDLE | {"x": 1.2}, "boxes.0.x"),
        (MIDDLE | {"width": 0}, "boxes.0.width"),
        (MIDDLE | {"height": "nan"}, "boxes.0.height"),
        ({"x": 0, "y": 0, "width": 1}, "boxes.0.height"),
        (MIDDLE | {"colour": "red"}, "boxes.0.colour"),
    ],
)
def test_a_box_that_is_none_is_refused_by_field(world: World, box: dict[str, Any], field: str) -> None:
    at = scenes.with_a_photo(world)
    told = post(world, "wang", f"reports/{at.report}/redact_photo", expect=400, photo=NAME, boxes=[box])
    assert [error["field"] for error in told["errors"]] == [field]


def test_a_photo_the_report_has_not_is_refused(world: World) -> None:
    report = submit(world, photos=[announced(NEAR, "near")])
    told = post(world, "wang", f"reports/{report}/redact_photo", expect=404, photo=NAME, boxes=[MIDDLE])
    assert told["code"] == "photo_unknown"
    assert [error["field"] for error in told["errors"]] == ["photo"]


sides = st.floats(0, 1).map(lambda side: round(side, 4))
boxes = st.builds(Box, sides, sides, sides.filter(lambda side: side > 0.001), sides.filter(lambda side: side > 0.001))


@given(st.lists(boxes, max_size=5), st.integers(1, 60), st.integers(1, 60))
def test_every_pixel_a_box_touches_is_painted_and_no_other(given_boxes: list[Box], width: int, height: int) -> None:
    shown = Image.new("RGB", (width, height), "white")
    paint_over(shown, given_boxes)
    for x in range(width):
        for y in range(height):
            touched = any(
                box.x * width < x + 1
                and x < (box.x + box.width) * width
                and box.y * height < y + 1
                and y < (box.y + box.height) * height
                for box in given_boxes
            )
            painted = shown.getpixel((x, y)) == PAINT
            assert painted or not touched
            # Beside a box at most the one pixel that rounding takes along.
            assert touched or not painted or any(_near(box, x, y, width, height) for box in given_boxes)


def _near(box: Box, x: int, y: int, width: int, height: int) -> bool:
    across = box.x * width - 1 <= x + 1 and x <= (box.x + box.width) * width + 1
    return across and box.y * height - 1 <= y + 1 and y <= (box.y + box.height) * height + 1


@given(st.lists(boxes, max_size=5))
def test_the_name_of_an_edition_follows_from_what_is_kept(given_boxes: list[Box]) -> None:
    kept = boxes_of([box.as_row() for box in given_boxes])
    assert edition(kept) == edition(given_boxes)
    assert bool(edition(kept)) == bool(given_boxes)
