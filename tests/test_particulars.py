"""What a report's page and its paper tell of each step: to whom, until when, how it went."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from reports.admin.particulars import PARTICULARS, particulars
from reports.models import Event, Report
from tests import scenes
from tests.world import World, post

pytestmark = pytest.mark.django_db


def words_of(page: str) -> str:
    return re.sub(r"(<[^>]+>|\s)+", " ", page)


def on_screen(world: World, name: str, report_id: Any) -> str:
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-hans")
    client.force_login(world[name], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:reports_report_change", args=[report_id])).content.decode()
    return words_of(page)


def on_paper(world: World, name: str, report_id: Any) -> str:
    answer = world.api(name).get(reverse("report-print", args=[report_id]), HTTP_ACCEPT_LANGUAGE="zh-hans")
    return words_of(answer.content.decode())


def told(report_id: Any) -> dict[str, str]:
    with translation.override("zh-hans"):
        return {event.kind: particulars(event) for event in Event.objects.filter(report_id=report_id)}


@pytest.mark.parametrize("shown", [on_screen, on_paper])
def test_the_requests_of_a_report_are_on_its_page_and_not_the_questions_asked_with_it(world: World, shown: Any) -> None:
    at = scenes.assigned(world)
    Report.objects.update(
        asked=[{"key": "q1", "text": "有无伤人", "kind": "yes_no", "choices": [], "required": False, "notices": []}]
    )
    post(world, "urban", f"assignments/{at.lead}/ask_extension", reason="配件未到")
    post(world, "wang", f"requests/{scenes.scene(at.report).request}/grant", note="同意一次")
    page = shown(world, "wang", at.report)
    assert re.search(r"申请 类型 状态 申请人 .* 延期 已同意 城管办小周 .* 王调度 配件未到 同意一次", page)
    assert "延至 20" in page


def test_a_dispatch_says_to_whom_and_a_call_how_it_went(world: World) -> None:
    at = scenes.to_be_called_back(world)
    post(
        world, "clerk", f"reports/{at.report}/call_back", reached=True, solved=False, satisfaction="not", note="又堵了"
    )
    words = told(at.report)
    assert words["assign"] == "主办 崖头街道城管办"
    assert words["call_back"] == "未解决 · 不满意"
    assert re.fullmatch(r"受理 \d{4}-.* · 沟通对象 物业经理 · 解决时限 \d{4}-.*", words["submit_result"])
    assert words["receive"] == ""


def test_a_whistle_says_whom_it_called_and_a_visit_how_far_it_was(world: World) -> None:
    at = scenes.reported_in(world)
    words = told(at.report)
    assert words["blow"] == "应急哨 · 主办 水务集团；协办 燃气公司"
    assert words["report_in"] == "0 m"


def test_a_suspension_says_until_when_and_a_duty_handed_on_to_whom(world: World) -> None:
    until = scenes.in_days(9).isoformat()
    at = scenes.assigned(world)
    post(world, "wang", f"reports/{at.report}/ask_suspension", reason="待汛期后施工", until=until)
    assert told(at.report)["ask_suspension"] == f"至 {until}"
    post(world, "urban", f"assignments/{at.lead}/hand_on", assignee="urban")
    assert told(at.report)["hand_on"] == "城管办小周"


@pytest.mark.parametrize("kind", sorted(PARTICULARS))
def test_a_step_of_another_time_that_says_less_is_no_error(kind: str) -> None:
    assert isinstance(particulars(Event(kind=kind, data={"nothing": "of what is known"})), str)
