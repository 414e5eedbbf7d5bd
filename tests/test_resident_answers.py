"""A resident says how it went: the answer before the call, the rating after closing, asking to reopen."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from core.moment import moved_to, now
from core.problems import Problem
from notifications.models import Notification
from reports.actions.by_requester import ask_reopening, say_how_it_went
from reports.models import CallbackTry, Event, Report, Requester
from reports.models.vocabulary import ReportStatus
from reports.tracking import new_code
from reports.transitions import REPORT
from tests import scenes
from tests.resident_scenes import HAPPY, UNHAPPY, anonymous_and_closed, tracked
from tests.resident_scenes import own_choices as own_choices  # an autouse fixture
from tests.world import World, post

pytestmark = pytest.mark.django_db


def said_no(answer: Any, status: int, words: str) -> None:
    assert answer.status_code == status
    assert words in answer.content.decode()


def test_what_the_requester_says_before_the_call_is_the_callback(world: World) -> None:
    client, page = tracked(world, scenes.to_be_called_back(world))
    assert "垃圾已清运,感谢反映" in client.get(page).content.decode()
    assert client.post(f"{page}/said", HAPPY | {"note": "谢谢"}).status_code == 302
    report = Report.objects.get()
    assert (report.status, report.callback_outcome) == ("closed", "answered")
    row = CallbackTry.objects.get()
    assert (row.by, row.by_requester, row.reached, row.solved, row.satisfaction) == (
        None,
        True,
        True,
        True,
        "satisfied",
    )
    event = Event.objects.get(kind="call_back")
    assert (event.actor, event.note, event.data["by_requester"]) == (None, "谢谢", True)
    assert Requester.objects.get().answered_at is not None
    assert "谢谢您告诉我们" in client.get(page).content.decode()
    answer = client.post(f"{page}/said", HAPPY)
    said_no(answer, 409, "已经告诉过我们")
    detail = world.api("wang").get(f"/api/v1/reports/{report.pk}/callbacks").json()
    assert [(one["by"], one["by_requester"]) for one in detail["results"]] == [(None, True)]


def test_a_complaint_on_the_page_has_it_done_again(world: World) -> None:
    client, page = tracked(world, scenes.to_be_called_back(world))
    answer = client.post(f"{page}/said", UNHAPPY | {"note": ""})
    assert answer.status_code == 400
    assert set(answer.context["said_form"].errors) == {"note"}
    assert Report.objects.get().status == "callback"
    assert client.post(f"{page}/said", UNHAPPY).status_code == 302
    report = Report.objects.get()
    assert (report.status, report.redo_count) == ("in_progress", 1)
    assert Notification.objects.get(kind="redo").recipient == world["urban"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"satisfaction": "satisfied"}, "solved"),
        ({"solved": "yes"}, "satisfaction"),
        ({"solved": "perhaps", "satisfaction": "satisfied"}, "solved"),
        ({"solved": "yes", "satisfaction": "very"}, "satisfaction"),
        (HAPPY | {"note": "长" * 501}, "note"),
    ],
)
def test_an_answer_is_refused_by_field(world: World, said: dict[str, str], field: str) -> None:
    client, page = tracked(world, scenes.to_be_called_back(world))
    answer = client.post(f"{page}/said", said)
    assert (answer.status_code, set(answer.context["said_form"].errors)) == (400, {field})


def test_after_the_closing_it_is_kept_as_the_rating_once(world: World) -> None:
    client, page, report = anonymous_and_closed(world)
    assert client.post(f"{page}/said", UNHAPPY).status_code == 302
    requester = Requester.objects.get()
    assert (requester.solved, requester.satisfaction) == (False, "not")
    assert requester.rated_at is not None
    assert (Report.objects.get().status, CallbackTry.objects.exists()) == ("closed", False)
    assert Notification.objects.get(kind="requester_unsatisfied").recipient == world["wang"]
    said_no(client.post(f"{page}/said", HAPPY), 409, "已经告诉过我们")
    assert Event.objects.filter(kind="rate_closing").count() == 1
    # Taken up again and closed once more, it is another closing.
    post(world, "li", f"reports/{report}/reopen", reason="回访不满意")
    said_no(client.post(f"{page}/said", HAPPY), 409, "")
    scenes.again_done(world, scenes.scene(report))
    post(world, "wang", f"reports/{report}/close", answer="再次清运")
    assert client.post(f"{page}/said", HAPPY).status_code == 302
    assert Requester.objects.get().solved is True


def test_reopening_is_asked_for_once_per_closing_and_told_to_who_may_reopen(world: World) -> None:
    client, page, report = anonymous_and_closed(world)
    assert client.post(f"{page}/reopening", {"reason": ""}).status_code == 400
    assert client.post(f"{page}/reopening", {"reason": "又堆满了"}).status_code == 302
    event = Event.objects.get(kind="ask_reopening")
    assert (event.actor, event.note, event.report_id) == (None, "又堆满了", report)
    assert [one.recipient for one in Notification.objects.filter(kind="reopening_asked")] == [world["li"]]
    assert Report.objects.get().status == "closed"
    said_no(client.post(f"{page}/reopening", {"reason": "快点"}), 409, "已经申请过")
    post(world, "li", f"reports/{report}/reopen", reason="群众申请")
    said_no(client.post(f"{page}/reopening", {"reason": "快点"}), 409, "")
    scenes.again_done(world, scenes.scene(report))
    post(world, "wang", f"reports/{report}/close", answer="再次清运")
    assert client.post(f"{page}/reopening", {"reason": "又来了"}).status_code == 302


def test_each_state_lets_the_requester_do_what_the_table_says_and_nothing_else(world: World) -> None:
    _client, _page, report = anonymous_and_closed(world)
    requester = Requester.objects.get(report=report)

    def code(act: Callable[[], None]) -> str:
        with transaction.atomic():
            try:
                act()
            except Problem as problem:
                return problem.code
            finally:
                transaction.set_rollback(True)
        return "done"

    for state in set(ReportStatus) - {ReportStatus.MERGED}:
        Report.objects.filter(pk=report).update(status=state)
        says = state in REPORT.transitions["answer_on_page"].sources | REPORT.transitions["rate_closing"].sources
        said = code(lambda: say_how_it_went(requester.pk, True, "satisfied"))
        assert said == ("done" if says else "transition_refused"), state
        asks = state in REPORT.transitions["ask_reopening"].sources
        asked = code(lambda: ask_reopening(requester.pk, "又堆满了"))
        assert asked == ("done" if asks else "transition_refused"), state
    for name in ("answer_on_page", "rate_closing", "ask_reopening"):
        assert all(name not in REPORT.allowed(state) for state in ReportStatus)


def test_after_the_days_it_is_too_late_to_reopen(world: World) -> None:
    client, page, _report = anonymous_and_closed(world)
    with moved_to(now() + timedelta(days=31)):
        assert "/reopening" not in client.get(page).content.decode()
        said_no(client.post(f"{page}/reopening", {"reason": "又堆满了"}), 409, "30")


def test_who_has_no_key_does_nothing_and_learns_nothing(world: World) -> None:
    at = scenes.to_be_called_back(world)
    code = Requester.objects.get(report=at.report).tracking_code
    for path, data in ((f"/t/{code}/said", HAPPY), (f"/t/{code}/reopening", {"reason": "x"})):
        answer = Client().post(path, data)
        assert (answer.status_code, answer["Location"]) == (302, f"/t/{code}")
        unknown = new_code()
        assert Client().post(path.replace(code, unknown), data)["Location"] == f"/t/{unknown}"
    assert Client().get(f"/t/{code}/photos/1").status_code == 404
    assert Report.objects.get().status == "callback"
    assert not CallbackTry.objects.exists()
