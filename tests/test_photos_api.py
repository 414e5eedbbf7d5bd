"""Photos over HTTP, end to end: announced, sent, refused, and shown to those who may see them."""

import hashlib
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.signing import Signer
from django.urls import reverse
from PIL import Image
from rest_framework.response import Response
from rest_framework.test import APIClient

from core.moment import moved_to, now
from grids.actions.appointments import withdraw
from grids.models import Appointment
from reports.models import Event, Photo, Report
from reports.photos.signing import sign
from tests import scenes
from tests.test_main_job import HERE, announced, upload
from tests.world import World, post, submit

pytestmark = pytest.mark.django_db

PHOTOS = Path(__file__).parent / "photos"
FILES = {path.name: path.read_bytes() for path in sorted(PHOTOS.glob("[0-9]*"))}
JPEG = FILES["16_weihai_taishang_o6.jpg"]
SMALL = FILES["10_no_exif.jpg"]
MB = 1024 * 1024


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, settings: Any) -> None:
    """Files of one test are not found by another."""
    settings.MEDIA_ROOT = tmp_path


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def address(report_id: object, sha256: str) -> str:
    return reverse("report-photo", args=[report_id, sha256])


def send(world: World, name: str, report_id: object, data: bytes, sha256: str = "", **headers: Any) -> Response:
    path = address(report_id, sha256 or sha(data))
    return world.api(name).put(path, data, **{"content_type": "image/jpeg", **headers})


def fetch(client: APIClient, url: str, **query: str) -> bytes:
    answer = client.get(url, query)
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def photos_of(world: World, name: str, report_id: object) -> list[dict[str, Any]]:
    return world.api(name).get(reverse("report", args=[report_id])).json()["photos"]


@pytest.mark.parametrize("name", FILES)
def test_a_picture_of_any_kind_is_served_without_a_trace_of_who_where_and_when(world: World, name: str) -> None:
    data = FILES[name]
    report_id = submit(world, photos=[announced(data, "near")])
    answer = send(world, "zhang", report_id, data)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["sha256"], told["size"], told["kind"]) == (sha(data), len(data), "near")
    for variant, side in (("display", 1600), ("thumbnail", 400)):
        served = fetch(world.api("wang"), address(report_id, sha(data)), variant=variant)
        picture = Image.open(io.BytesIO(served))
        assert picture.format == "JPEG"
        assert max(picture.size) <= side
        assert not picture.getexif()
        assert not {"exif", "xmp", "comment", "photoshop", "icc_profile"} & set(picture.info)
        assert b"Exif" not in served
        assert b"GPS" not in served
    assert (told["width"] > told["height"]) == (picture.size[0] > picture.size[1])


def test_the_order_of_arrival_does_not_matter_and_a_repeat_changes_nothing(world: World) -> None:
    pictures = [JPEG, SMALL, FILES["15_casio_street_piexif.jpg"]]
    report_id = submit(world, photos=[announced(data, "near") for data in pictures])
    for number, data in enumerate(reversed(pictures), 1):
        assert send(world, "zhang", report_id, data).status_code == 201
        assert send(world, "zhang", report_id, data).status_code == 200
        report = Report.objects.get()
        assert (report.photos_received, report.complete_at is not None) == (number, number == 3)
    assert Event.objects.filter(kind="complete").count() == 1
    assert [photo["sha256"] for photo in photos_of(world, "wang", report_id)] == [sha(data) for data in pictures]
    again = world.api("zhang").put(
        reverse("report", args=[report_id]),
        {**_said(), "photos": [announced(data, "near") for data in pictures]},
        format="json",
    )
    assert again.status_code == 200
    assert again.json()["complete"] is True
    assert all(photo["received"] for photo in again.json()["photos"])


def _said() -> dict[str, Any]:
    return {
        "item": "01-01-001",
        "description": "垃圾未清运",
        "position": {**HERE, "accuracy": 6.0},
    }


def test_a_photo_never_holds_up_the_text(world: World) -> None:
    report_id = submit(world, photos=[announced(JPEG, "near")])
    post(world, "wang", f"reports/{report_id}/accept")
    assert photos_of(world, "wang", report_id)[0]["display_url"] is None
    assert world.api("wang").get(address(report_id, sha(JPEG))).status_code == 404
    upload(world, "zhang", report_id, JPEG)
    assert photos_of(world, "wang", report_id)[0]["display_url"] is not None


def refused(answer: Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert "%(" not in answer.json()["title"]
    assert Photo.objects.filter(received_at__isnull=False).count() == 0
    assert Report.objects.get().complete_at is None


def test_other_bytes_than_announced_are_refused(world: World) -> None:
    report_id = submit(world, photos=[announced(JPEG, "near")])
    refused(send(world, "zhang", report_id, SMALL, sha(JPEG)), 422, "photo_size_mismatch")
    turned = bytes([*JPEG[:-9], JPEG[-9] ^ 1, *JPEG[-8:]])
    refused(send(world, "zhang", report_id, turned, sha(JPEG)), 422, "photo_hash_mismatch")
    refused(send(world, "zhang", report_id, JPEG[:1000], sha(JPEG)), 422, "photo_size_mismatch")
    refused(send(world, "zhang", report_id, b"", sha(JPEG)), 422, "photo_size_mismatch")


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (JPEG[: len(JPEG) // 2], 422, "photo_damaged"),
        (b"<!doctype html><script>alert(1)</script>" * 20, 415, "photo_type"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 415, "photo_type"),
        (b"GIF89a" + bytes(500), 415, "photo_type"),
    ],
    ids=["truncated", "html", "svg", "gif"],
)
def test_what_is_no_sound_photo_is_refused_though_hash_and_header_fit(
    world: World, data: bytes, status: int, code: str
) -> None:
    report_id = submit(world, photos=[announced(data, "near")])
    refused(send(world, "zhang", report_id, data), status, code)


def test_a_photo_that_was_not_announced_is_unknown(world: World) -> None:
    report_id = submit(world, photos=[announced(JPEG, "near")])
    refused(send(world, "zhang", report_id, SMALL), 404, "photo_unknown")
    for name in ("z" * 64, "A" * 64, "..%2F..%2Fetc%2Fpasswd", "0"):
        answer = world.api("zhang").put(f"/api/v1/reports/{report_id}/photos/{name}", b"x", content_type="image/png")
        assert answer.status_code == 404


def test_only_who_announced_a_photo_sends_it(world: World) -> None:
    report_id = submit(world, photos=[announced(JPEG, "near")])
    refused(send(world, "wang", report_id, JPEG), 404, "photo_unknown")
    refused(send(world, "housing", report_id, JPEG), 404, "not_found")
    answer = APIClient().put(address(report_id, sha(JPEG)), JPEG, content_type="image/jpeg")
    refused(answer, 401, "not_authenticated")


@pytest.mark.parametrize("length", ["right", "none", "too small"])
def test_a_photo_beyond_the_limit_is_refused_whatever_length_its_header_claims(world: World, length: str) -> None:
    big = JPEG + bytes(10 * MB)
    report_id = submit(world, photos=[announced(JPEG, "near")])
    claimed = {"right": str(len(big)), "none": "", "too small": str(len(JPEG))}[length]
    answer = send(world, "zhang", report_id, big, sha(JPEG), CONTENT_LENGTH=claimed)
    if length == "right":
        refused(answer, 413, "photo_too_large")
        assert "10" in answer.json()["title"]
    elif length == "too small":
        # The server reads what the header says and not a byte more: that much is the photo itself.
        assert answer.status_code == 201
    else:
        refused(answer, 422, "photo_size_mismatch")


def test_one_beyond_the_limit_cannot_even_be_announced(world: World) -> None:
    said = {**_said(), "photos": [{"sha256": "a" * 64, "size": 10 * MB + 1, "kind": "near"}]}
    path = "/api/v1/reports/3f0c0000-0000-4000-8000-000000000009"
    answer = world.api("zhang").put(path, said, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "photos.0.size")


def test_the_sealed_original_is_for_those_who_dispatch(world: World) -> None:
    at = scenes.with_a_photo(world)
    path = address(at.report, sha(JPEG))
    assert fetch(world.api("wang"), path, variant="original") == JPEG
    for name in ("zhang", "water", "li"):
        assert world.api(name).get(path, {"variant": "original"}).status_code == 403
    assert world.api("housing").get(path, {"variant": "original"}).status_code == 404
    assert world.api("wang").get(path, {"variant": "raw"}).status_code == 400


def test_a_picture_is_sent_so_that_a_browser_runs_nothing_of_it(world: World) -> None:
    at = scenes.with_a_photo(world)
    answer = world.api("wang").get(address(at.report, sha(JPEG)))
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer["Cache-Control"]
    assert "sandbox" in answer["Content-Security-Policy"]


def test_behind_a_proxy_only_the_address_of_the_file_is_answered(world: World, settings: Any) -> None:
    at = scenes.with_a_photo(world)
    settings.PHOTO_ACCEL_PREFIX = "/sealed/"
    answer = world.api("wang").get(address(at.report, sha(JPEG)))
    assert answer["X-Accel-Redirect"].startswith("/sealed/display/")
    assert answer.content == b""
    assert "X-Accel-Redirect" not in world.api("housing").get(address(at.report, sha(JPEG)))


def test_a_signed_address_opens_without_a_token_and_runs_out(world: World) -> None:
    at = scenes.with_a_photo(world)
    moment = now()
    with moved_to(moment):
        photo = photos_of(world, "water", at.report)[0]
    for name in ("display_url", "thumbnail_url"):
        with moved_to(moment + timedelta(seconds=299)):
            assert Image.open(io.BytesIO(fetch(APIClient(), photo[name]))).format == "JPEG"
        with moved_to(moment + timedelta(seconds=300)):
            answer = APIClient().get(photo[name])
            assert (answer.status_code, answer.json()["code"]) == (403, "photo_link_expired")


def test_a_signed_address_ends_with_the_right_it_was_made_for(world: World) -> None:
    at = scenes.with_a_photo(world)
    url = photos_of(world, "wang", at.report)[0]["display_url"]
    assert APIClient().get(url).status_code == 200
    withdraw(Appointment.objects.get(user=world["wang"]))
    assert APIClient().get(url).status_code == 404
    url = photos_of(world, "li", at.report)[0]["display_url"]
    post(world, "root", f"reports/{at.report}/delete", expect=204, reason="含隐私")
    assert APIClient().get(url).status_code == 404


def test_a_forged_address_opens_nothing(world: World) -> None:
    scenes.with_a_photo(world)
    photo = Photo.objects.get()
    token = sign(photo.pk, "display", world["wang"].pk)
    forged = [token[:-1] + ("A" if token[-1] != "A" else "B"), token.replace(":", ""), "x", token + "=", "é" * 20]
    for one in forged:
        assert APIClient().get(f"/api/v1/photos/{one}").status_code in (403, 404)
    # Nor does the signature of another purpose under the same key.
    other = Signer(salt="another purpose").sign_object([str(photo.pk), "display", world["wang"].pk, 2**33])
    assert APIClient().get(reverse("photo-signed", args=[other])).status_code == 403


def test_nothing_of_the_media_folder_is_served_as_a_file(world: World) -> None:
    at = scenes.with_a_photo(world)
    stored = [path for path in Path(django_settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert len(stored) == 3
    for path in stored:
        inside = path.relative_to(django_settings.MEDIA_ROOT)
        for prefix in ("/media/", "/static/", "/"):
            assert world.api("root").get(f"{prefix}{inside}").status_code == 404
    assert at.report


def test_a_result_names_photos_of_its_own_which_do_not_count_for_the_report(world: World) -> None:
    at = scenes.reported_in(world)
    complete = Report.objects.get().complete_at
    casio = FILES["15_casio_street_piexif.jpg"]
    upload(world, "water", at.report, casio)
    assert Report.objects.get().complete_at == complete
    assert Event.objects.filter(kind="complete").count() == 0
    # Both units reported in with the same picture: each has one of its own, and one upload fills both.
    photos = photos_of(world, "wang", at.report)
    assert {photo["assignment"] for photo in photos} == {at.lead, at.assist}
    assert all(photo["received_at"] for photo in photos)
