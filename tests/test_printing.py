"""A report on paper: everything on it, in both languages, the requester masked, for those who may see it."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from core.moment import now
from reports.models import Assignment, Event, ItemVersion, Photo, Report
from tests import scenes
from tests.admin_scenes import enter
from tests.test_query_counts import counted, reader
from tests.world import World, post, submit

pytestmark = pytest.mark.django_db


def printed(world: World, name: str, report: Any, language: str = "zh-hans") -> str:
    answer = world.api(name).get(reverse("report-print", args=[report]), HTTP_ACCEPT_LANGUAGE=language)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"].startswith("text/html")
    return answer.content.decode()


def test_it_says_all_that_happened_in_the_language_asked_for(world: World) -> None:
    at = scenes.rated(world)
    chinese, english = printed(world, "wang", at.report), printed(world, "wang", at.report, "en")
    report = Report.objects.get()
    for page in (chinese, english):
        for said in (report.number, "水务集团", "燃气公司", "水管爆裂", "无泄漏", "张网格", "王调度"):
            assert said in page, said
    for word in ("应急哨", "主办", "评价", "时间线", "受理"):
        assert word in chinese, word
    for word in ("Timeline", "Clocks", "Emergency whistle", "attendance"):
        assert word.lower() in english.lower(), word
    assert '<html lang="zh-hans">' in chinese
    assert "size: A4" in chinese


def test_the_requester_is_masked(world: World) -> None:
    at = scenes.asked_for(world)
    for name in ("wang", "water", "root"):
        page = printed(world, name, at.report)
        assert "138****5678" in page
        assert "13812345678" not in page
        assert "张三丰" not in page
    assert "138****5678" not in printed(world, "li", at.report)


def test_what_residents_wrote_is_text(world: World) -> None:
    page = printed(world, "wang", submit(world, description="<script>alert(1)</script>"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_answers_stand_under_their_questions(world: World) -> None:
    question = {"key": "q1", "text": "有无伤人", "kind": "yes_no", "choices": [], "required": False}
    ItemVersion.objects.filter(item__code="01-01-001").update(questions=[question])
    at = scenes.accepted(world, answers={"q1": False})
    page = printed(world, "wang", at.report)
    assert re.search(r"<th>有无伤人</th><td[^>]*>否</td>", page)


def test_a_picture_opens_for_the_one_who_prints_and_for_no_longer_than_minutes(world: World) -> None:
    at = scenes.with_a_photo(world)
    page = printed(world, "water", at.report)
    (url,) = re.findall(r'<img src="([^"]+)"', page)
    assert Client().get(url).status_code == 200
    assert url.startswith("/api/v1/photos/")


def test_internal_notes_are_for_those_who_work_the_area(world: World) -> None:
    at = scenes.whistled(world)
    post(world, "wang", f"reports/{at.report}/note", text="家属情绪激动")
    assert "家属情绪激动" in printed(world, "li", at.report)
    assert "家属情绪激动" not in printed(world, "water", at.report)


def test_who_may_not_see_the_report_gets_a_plain_refusal(world: World) -> None:
    at = scenes.whistled(world)
    for name in ("outsider", "housing", "nobody"):
        answer = world.api(name).get(reverse("report-print", args=[at.report]), HTTP_ACCEPT="text/html")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert answer["Content-Type"] == "application/problem+json"
    assert world.api("wang").get(reverse("report-print", args=[uuid4()])).status_code == 404


def test_nothing_on_it_runs_and_nothing_comes_from_elsewhere(world: World) -> None:
    answer = world.api("wang").get(reverse("report-print", args=[submit(world)]), HTTP_ACCEPT="text/html")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-store"
    assert "<script" not in answer.content.decode()
    assert "http" not in answer.content.decode()


def test_the_report_page_of_the_administration_leads_to_it(world: World) -> None:
    report_id = submit(world)
    client = enter(world, "wang")
    url = reverse("report-print", args=[report_id])
    page = client.get(reverse("admin:reports_report_change", args=[report_id])).content.decode()
    assert f'href="{url}"' in page
    assert client.get(url, HTTP_ACCEPT="text/html,application/xhtml+xml").status_code == 200


@pytest.mark.parametrize("rows", [1, 10, 100])
def test_it_takes_nine_queries_however_much_happened(world: World, rows: int) -> None:
    at = scenes.with_a_photo(world)
    report = Report.objects.get()
    report.answers = {"q1": True}
    report.save()
    Event.objects.bulk_create(
        Event(report=report, at=now(), kind="note", actor=world["wang"], unit=world.departments["water"], note=str(n))
        for n in range(rows)
    )
    Photo.objects.bulk_create(
        Photo(report=report, sha256=f"{n:064d}", size=1, kind="near", announced_at=now(), received_at=now())
        for n in range(rows)
    )
    Assignment.objects.bulk_create(
        Assignment(report=report, role="notify", assignee=world["zhao"], issued_at=now()) for _ in range(rows)
    )
    for name in ("wang", "water", "root"):
        client = reader(world, name)
        counted(9, lambda client=client: client.get(reverse("report-print", args=[at.report])))
