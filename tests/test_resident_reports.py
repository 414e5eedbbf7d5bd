"""A resident reports a matter without an account: what is taken, and what is refused by its field."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.moment import moved_to, now
from grids.locating import locate
from grids.models import Area
from notifications.models import Notification
from public.form_id import new_form_id
from reports.models import Event, Photo, Report, Requester
from tests.resident_scenes import (
    GRID,
    PAGE,
    code_in,
    errors,
    filled,
    limited,
    picture,
    sent,
)
from tests.resident_scenes import own_choices as own_choices  # an autouse fixture
from tests.test_main_job import NEAR
from tests.world import LAT, LNG, World, submit

pytestmark = pytest.mark.django_db


def shown(client: Client | None = None, **extra: Any) -> str:
    """The id of a form as a browser gets it."""
    answer = (client or Client()).get(PAGE, **extra)
    assert answer.status_code == 200
    found = re.search(r'name="form_id" value="([^"]+)"', answer.content.decode())
    assert found is not None
    return found[1]


def test_from_the_board_to_the_tracking_page(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    grid = client.get(f"/g/{GRID}")
    assert f'href="{PAGE}"' in grid.content.decode()
    form_id = shown(client)
    token = client.cookies["csrftoken"].value
    photos = [picture("red"), picture("blue", "2.png", "PNG")]
    answer = client.post(PAGE, filled(form_id, photos=photos, csrfmiddlewaretoken=token))
    code = code_in(answer)
    report = Report.objects.get()
    assert (report.source, report.status, report.reporter, report.grid) == ("resident", "submitted", None, world.grid)
    assert (report.address, report.item.code, report.description) == ("3号楼东侧", "01-01-001", "垃圾三天没有清运")
    requester = report.requester
    assert (requester.name, requester.phone, requester.anonymous) == ("张三丰", "138 1234 5678", False)
    assert requester.consented_at is not None
    assert (requester.tracking_code, requester.callable) == (code, True)
    assert (report.photos_expected, report.photos_received) == (2, 2)
    assert report.complete_at is not None
    assert list(report.events.order_by("pk").values_list("kind", "actor")) == [("submit", None), ("complete", None)]
    assert [notice.recipient for notice in Notification.objects.filter(kind="report_submitted")] == [world["wang"]]
    page = client.get(answer["Location"]).content.decode()
    assert " ".join(code[at : at + 4] for at in (0, 4, 8)) in page
    assert "垃圾三天没有清运" in page
    small = client.get(f"/t/{code}/photos/{Photo.objects.first().pk}")  # type: ignore[union-attr]
    assert (small.status_code, small["Content-Type"], small["Cache-Control"]) == (200, "image/jpeg", "no-store")


def test_without_the_token_of_the_form_nothing_is_sent(world: World) -> None:
    assert Client(enforce_csrf_checks=True).post(PAGE, filled()).status_code == 403
    assert not Report.objects.exists()


def test_sent_again_under_the_same_id_is_one_report(world: World) -> None:
    form_id = new_form_id(GRID)
    first = sent(form_id=form_id, photos=[picture()])
    again = sent(form_id=form_id, photos=[picture()])
    assert code_in(first) == code_in(again)
    assert (Report.objects.count(), Photo.objects.count(), Event.objects.filter(kind="submit").count()) == (1, 1, 1)


def test_what_came_first_stands_and_a_changed_repeat_is_told_so(world: World) -> None:
    form_id = new_form_id(GRID)
    first = sent(form_id=form_id)
    again = sent(form_id=form_id, description="还有异味")
    assert code_in(first) == code_in(again)
    assert again["Location"].endswith("?sent=first")
    assert Report.objects.get().description == "垃圾三天没有清运"


def test_a_photo_that_did_not_come_with_the_first_comes_with_the_repeat(world: World, monkeypatch: Any) -> None:
    form_id = new_form_id(GRID)
    with monkeypatch.context() as patch:
        patch.setattr("public.reporting.receive_photo_of_resident", lambda *args: None)
        sent(form_id=form_id, photos=[picture()])
    assert Report.objects.get().complete_at is None
    sent(form_id=form_id, photos=[picture()])
    assert Report.objects.get().complete_at is not None


@pytest.mark.parametrize(
    "form_id",
    ["", "x", f'["{uuid4()}","{GRID}",0]', "other-grid", "old"],
    ids=["none", "junk", "unsigned", "grid", "old"],
)
def test_an_id_that_was_not_given_here_is_exchanged_for_a_new_one(world: World, form_id: str) -> None:
    if form_id == "other-grid":
        form_id = new_form_id("371082007032001")
    if form_id == "old":
        with moved_to(now() - timedelta(days=8)):
            form_id = new_form_id(GRID)
    answer = Client().post(PAGE, filled() | {"form_id": form_id})
    assert answer.status_code == 400
    assert "__all__" in errors(answer)
    fresh = re.search(r'name="form_id" value="([^"]+)"', answer.content.decode())
    assert fresh is not None
    assert "垃圾三天没有清运" in answer.content.decode()
    sent(form_id=fresh[1].replace("&quot;", '"'))


def test_nobody_takes_the_id_of_somebody_elses_report(world: World) -> None:
    """Ids are signed; and were one known, a resident's form never opens what was not sent by a resident."""
    from public import form_id as ids

    taken = submit(world)
    stolen = ids._SIGNER.sign_object([str(taken), GRID, int(now().timestamp())])
    answer = Client().post(PAGE, filled(stolen))
    assert answer.status_code == 409
    assert "/t/" not in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"choice": None}, "choice"),
        ({"choice": "09-09-009"}, "choice"),
        ({"description": ""}, "description"),
        ({"description": "长" * 1001}, "description"),
        ({"description": "a\x00b"}, "description"),
        ({"address": ""}, "address"),
        ({"address": "长" * 201}, "address"),
        ({"phone": ""}, "phone"),
        ({"phone": "12345"}, "phone"),
        ({"phone": "不告诉你"}, "phone"),
        ({"name": "长" * 51}, "name"),
        ({"consent": None}, "consent"),
        ({"topic": "http://spam.example"}, "topic"),
    ],
)
def test_each_refusal_stands_by_its_field_and_what_was_typed_stays(
    world: World, changes: dict[str, Any], field: str
) -> None:
    answer = sent(expect=400, **changes)
    assert set(errors(answer)) == {field}
    if field != "description":
        assert "垃圾三天没有清运" in answer.content.decode()
    by_script = Client().post(PAGE, filled(**changes), headers={"X-Requested-With": "XMLHttpRequest"})
    assert (by_script.status_code, [name for name, said in by_script.json()["errors"].items() if said]) == (
        400,
        [field],
    )
    assert not Report.objects.exists()


def test_what_was_sent_too_quickly_is_sent_once_more(world: World, settings: Any) -> None:
    limited(settings, RESIDENT_LEAST_SECONDS=3.0)
    form_id = new_form_id(GRID)
    assert set(errors(sent(expect=400, form_id=form_id))) == {"__all__"}
    with moved_to(now() + timedelta(seconds=4)):
        sent(form_id=form_id)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page.jpg", b"<html>no photo</html>"),
        ("cut.jpg", NEAR[: len(NEAR) // 2]),
        ("empty.jpg", b""),
        ("anim.gif", b"GIF89a" + bytes(100)),
        ("bomb.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ],
)
def test_photos_are_refused_by_their_bytes(world: World, name: str, data: bytes) -> None:
    photos = [picture(), SimpleUploadedFile(name, data, "image/jpeg")]
    refused = errors(sent(expect=400, photos=photos))
    assert set(refused) == {"photos"}
    assert "2" in refused["photos"][0]
    assert not Report.objects.exists()


def test_photos_too_many_and_too_large_are_refused(world: World, settings: Any) -> None:
    many = [picture(colour) for colour in ("red", "blue", "green", "black", "white")]
    assert set(errors(sent(expect=400, photos=many))) == {"photos"}
    limited(settings, PHOTO_MAX_BYTES=1000)
    assert set(errors(sent(expect=400, photos=[picture()]))) == {"photos"}
    limited(settings, PHOTO_MAX_BYTES=10**7, PHOTO_MAX_PIXELS=1000)
    assert set(errors(sent(expect=400, photos=[picture()]))) == {"photos"}


def test_the_same_photo_twice_is_one(world: World) -> None:
    sent(photos=[picture(), picture(name="again.jpg")])
    assert Report.objects.get().photos_expected == 1


def test_a_position_finds_the_grid_and_needs_no_address(world: World) -> None:
    sent(lng=str(LNG), lat=str(LAT), accuracy="12", address="")
    report = Report.objects.get()
    assert (report.lng, report.lat, report.accuracy, report.provider) == (LNG, LAT, 12.0, "browser")
    assert (report.grid, report.grid_chosen) == (world.grid, False)


def test_a_resident_in_the_next_grid_reports_there(world: World) -> None:
    other = Client().get(f"/g/{GRID}")
    assert other.status_code == 200
    answer = Client().post(
        "/g/371082007032001/report",
        filled(new_form_id("371082007032001"), lng=str(LNG), lat=str(LAT), accuracy="5"),
    )
    assert answer.status_code == 302
    assert Report.objects.get().grid == world.grid


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"lng": str(LNG), "lat": str(LAT), "accuracy": "3000"},
        {"lng": "1", "lat": "1", "accuracy": "5"},
        {"lng": "nan", "lat": str(LAT), "accuracy": "5"},
        {"lng": "999", "lat": str(LAT), "accuracy": "5"},
        {"lng": "x", "lat": "y", "accuracy": "z"},
        {"lng": str(LNG), "lat": str(LAT), "accuracy": "-1"},
    ],
    ids=["refused", "vague", "elsewhere", "nan", "off", "junk", "negative"],
)
def test_without_a_position_of_use_the_middle_of_the_grid_and_the_address_stand_for_it(
    world: World, said: dict[str, str]
) -> None:
    assert set(errors(sent(expect=400, **said, address=""))) == {"address"}
    sent(**said)
    report = Report.objects.get()
    assert (report.grid, report.provider, report.accuracy) == (world.grid, "grid", None)
    found = locate(report.lng, report.lat)
    assert found is not None
    assert found.code == GRID


def test_anonymous_keeps_neither_name_nor_phone(world: World) -> None:
    sent(anonymous="on")
    requester = Requester.objects.get()
    assert (requester.name, requester.phone, requester.phone_hash, requester.anonymous) == ("", "", "", True)
    assert not requester.callable


def test_a_grid_that_is_not_in_use_takes_nothing(world: World) -> None:
    assert Client().get("/g/999/report").status_code == 404
    Area.objects.filter(code=GRID).update(is_active=False)
    assert Client().post(PAGE, filled()).status_code == 404


def test_an_item_that_asks_questions_takes_a_residents_report_and_shows_what_is_missing(world: World) -> None:
    from reports.models import ItemVersion
    from reports.questions import normalised

    asked = normalised([{"text": "是否有人看守", "kind": "yes_no", "choices": [], "required": True}])
    ItemVersion.objects.filter(item__code="01-01-001").update(questions=asked)
    sent()
    assert Event.objects.get(kind="submit").data["unfit_answers"] == [asked[0]["key"]]


def test_where_no_choice_is_in_the_catalogue_its_own_items_are_offered(world: World, settings: Any) -> None:
    limited(settings, RESIDENT_CHOICES=[["77-77-777", "没有", "None"]])
    page = Client().get(PAGE).content.decode()
    assert "暴露垃圾" in page
    assert "自来水爆管" in page
