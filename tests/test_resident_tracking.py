"""A resident follows a report by its code."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from reports.models import Event, Photo, Report
from reports.tracking import new_code
from tests import scenes
from tests.resident_scenes import (
    UNHAPPY,
    code_in,
    limited,
    sent,
    tracked,
)
from tests.resident_scenes import own_choices as own_choices  # an autouse fixture
from tests.world import World, post

pytestmark = pytest.mark.django_db


def test_with_a_phone_the_last_digits_are_asked_for(world: World) -> None:
    code = code_in(sent())
    other = Client()
    assert "垃圾三天" not in other.get(f"/t/{code}").content.decode()
    wrong = other.post(f"/t/{code}", {"digits": "0000"})
    assert wrong.status_code == 400
    assert "垃圾三天" not in wrong.content.decode()
    right = other.post(f"/t/{code}", {"digits": "5678"})
    assert (right.status_code, right["Location"]) == (302, f"/t/{code}")
    assert "垃圾三天" in other.get(f"/t/{code}").content.decode()


def test_the_key_opens_this_page_only_and_for_an_hour(world: World) -> None:
    client = Client()
    code, other = code_in(sent(client)), code_in(sent())
    cookie = client.cookies["tracking"]
    assert (cookie["path"], bool(cookie["httponly"]), cookie["samesite"]) == (f"/t/{code}", True, "Lax")
    assert "垃圾三天" in client.get(f"/t/{code}").content.decode()
    assert "垃圾三天" not in client.get(f"/t/{other}").content.decode()
    client.cookies["tracking"] = "1:forged"
    assert "垃圾三天" not in client.get(f"/t/{code}").content.decode()


def test_without_a_phone_the_code_is_enough(world: World) -> None:
    code = code_in(sent(anonymous="on"))
    assert "垃圾三天" in Client().get(f"/t/{code}").content.decode()
    spaced = f"{code[:4].lower()}-{code[4:8]} {code[8:]}"
    assert Client().get(f"/t/{spaced}")["Location"] == f"/t/{code}"
    found = Client().post("/t/", {"code": spaced})
    assert (found.status_code, found["Location"]) == (302, f"/t/{code}")
    assert Client().post("/t/", {"code": "短"}).status_code == 400


def test_a_wrong_code_and_wrong_digits_are_answered_alike(world: World) -> None:
    code = code_in(sent())

    def without_what_differs(answer: Any, code: str) -> tuple[int, str, dict[str, str]]:
        page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode()).replace(code, "")
        kept = {name: value for name, value in answer.headers.items() if name not in ("X-Request-ID", "Content-Length")}
        return answer.status_code, page, kept

    unknown = new_code()
    for ask in (lambda at: Client().get(f"/t/{at}"), lambda at: Client().post(f"/t/{at}", {"digits": "0000"})):
        assert without_what_differs(ask(code), code) == without_what_differs(ask(unknown), unknown)


@pytest.mark.parametrize("known", [True, False])
def test_guesses_are_counted_by_address_and_by_code(world: World, settings: Any, known: bool) -> None:
    limited(settings, TRACKING_GUESSES_PER_HOUR=3)
    code = code_in(sent())
    asked = code if known else new_code()
    answers = [
        Client(REMOTE_ADDR=f"10.4.0.{at}").post(f"/t/{asked}", {"digits": f"{at:04}"}).status_code for at in range(5)
    ]
    assert answers == [400, 400, 400, 429, 429]
    # The right ones too, or one could go on guessing.
    assert Client(REMOTE_ADDR="10.4.0.9").post(f"/t/{asked}", {"digits": "5678"}).status_code == 429
    cache.clear()
    codes = [new_code() for _time in range(4)]
    one = [Client(REMOTE_ADDR="10.5.0.1").post(f"/t/{at}", {"digits": "1111"}).status_code for at in codes]
    assert one == [400, 400, 400, 429]
    assert Client(REMOTE_ADDR="10.5.0.2").post(f"/t/{code}", {"digits": "5678"}).status_code == 302


def test_it_says_nothing_of_staff_notes_or_others(world: World) -> None:
    at = scenes.done_for(world)
    post(world, "wang", f"reports/{at.report}/note", text="内部:屡次投诉人")
    client, page = tracked(world, at)
    said = client.get(page).content.decode()
    for secret in ("内部", "王调度", "城管办", "小周", "张三丰", "13812345678", "138*"):
        assert secret not in said, secret
    assert "photos/" not in said
    for photo in Photo.objects.filter(report=at.report):
        assert client.get(f"{page}/photos/{photo.pk}").status_code == 404


@pytest.mark.parametrize(
    ("make", "words"),
    [
        ("asked_for", "正在处理"),
        ("done_for", "正在核实"),
        ("to_be_called_back", "请告诉我们"),
        ("written_to", "已办结"),
    ],
)
def test_the_state_is_told_in_plain_words(world: World, make: str, words: str) -> None:
    client, page = tracked(world, getattr(scenes, make)(world))
    assert words in client.get(page).content.decode()


def test_a_refusal_is_told_with_its_reason(world: World) -> None:
    client = Client()
    code = code_in(sent(client))
    post(world, "wang", f"reports/{Report.objects.get().pk}/reject", reason="不属于受理范围,请拨打12328")
    page = client.get(f"/t/{code}").content.decode()
    assert "未予受理" in page
    assert "请拨打12328" in page
    assert "/said" not in page


def test_who_was_merged_follows_the_main_report(world: World) -> None:
    client = Client()
    code = code_in(sent(client, description="同一堆垃圾"))
    merged = Report.objects.get()
    main = scenes.done_for(world, {"anonymous": True})
    Report.objects.filter(pk=main.report).update(description="别人的话", address="别人家")
    post(world, "wang", f"reports/{merged.pk}/merge", into=str(main.report))
    page = client.get(f"/t/{code}").content.decode()
    assert "正在核实" in page
    assert "同一堆垃圾" in page
    assert "别人" not in page
    post(world, "wang", f"reports/{main.report}/close", answer="垃圾已清运")
    page = client.get(f"/t/{code}").content.decode()
    assert "垃圾已清运" in page
    assert client.post(f"/t/{code}/said", UNHAPPY).status_code == 302
    event = Event.objects.get(kind="rate_closing")
    assert (event.report_id, event.data["of"], event.data["number"]) == (main.report, str(merged.pk), merged.number)
    assert client.post(f"/t/{code}/reopening", {"reason": "还在"}).status_code == 302
    assert Event.objects.get(kind="ask_reopening").report_id == main.report
