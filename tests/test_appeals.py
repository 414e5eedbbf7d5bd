"""Appeal 申诉: what was overdue is exempted, once, and history keeps it."""

import pytest

from core.moment import now
from reports.models import ChangeRequest, Clock, Photo
from tests import scenes
from tests.request_scenes import asked, told
from tests.test_main_job import result
from tests.world import World, post

pytestmark = pytest.mark.django_db


def test_a_granted_appeal_exempts_what_was_overdue_and_history_keeps_it(world: World) -> None:
    at = scenes.closed_late(world)
    change = asked(world, "urban", f"assignments/{at.lead}/ask_appeal")
    assert told("request_asked") == {"supervisor"}
    for name in ("wang", "li", "urban"):
        post(world, name, f"requests/{change}/grant", 403)
    detail = post(world, "supervisor", f"requests/{change}/grant", note="连日暴雨属实")
    late = [clock for clock in detail["clocks"] if clock["outcome"] == "overdue"]
    assert {(clock["kind"], clock["exempt"]) for clock in late if clock["assignment"] == at.lead} == {
        ("sign_for", True),
        ("handle", True),
    }
    assert not any(clock["exempt"] for clock in late if clock["assignment"] != at.lead)
    again = post(world, "urban", f"assignments/{at.lead}/ask_appeal", 409, reason="再次")
    assert again["code"] == "appealed_before"


def test_an_appeal_is_made_once_after_closing_by_the_unit_that_was_late(world: World) -> None:
    at = scenes.whistled(world)
    post(world, "wang", f"assignments/{at.assist}/waive", reason="无需燃气")
    early = post(world, "gas", f"assignments/{at.assist}/ask_appeal", 409, reason="x")
    assert early["code"] == "report_not_closed"
    late = scenes.closed_late(world)
    post(world, "committee", f"assignments/{late.lead}/ask_appeal", 403, reason="x")
    change = asked(world, "urban", f"assignments/{late.lead}/ask_appeal")
    assert post(world, "urban", f"assignments/{late.lead}/ask_appeal", 409, reason="x")["code"] == "request_pending"
    post(world, "supervisor", f"requests/{change}/refuse", note="理由不足")
    refused = post(world, "urban", f"assignments/{late.lead}/ask_appeal", 409, reason="x")
    assert refused["code"] == "appealed_before"
    assert not Clock.objects.filter(exempt=True).exists()


def test_who_was_in_time_has_nothing_to_appeal_against(world: World) -> None:
    at = scenes.assigned(world)
    post(world, "urban", f"assignments/{at.lead}/receive")
    post(world, "urban", f"assignments/{at.lead}/submit", **result())
    Photo.objects.update(received_at=now())
    post(world, "wang", f"assignments/{at.assist}/waive", reason="已完成")
    post(world, "wang", f"reports/{at.report}/approve")
    post(world, "wang", f"reports/{at.report}/close")
    assert post(world, "urban", f"assignments/{at.lead}/ask_appeal", 409, reason="x")["code"] == "not_overdue"


def test_an_appeal_lapses_when_the_matter_is_opened_again_and_may_be_made_anew(world: World) -> None:
    at = scenes.closed_late(world)
    change = asked(world, "urban", f"assignments/{at.lead}/ask_appeal")
    post(world, "li", f"reports/{at.report}/reopen", reason="又有了")
    assert ChangeRequest.objects.get(pk=change).status == "withdrawn"
    post(world, "urban", f"assignments/{at.lead}/submit", **result())
    Photo.objects.update(received_at=now())
    post(world, "wang", f"reports/{at.report}/approve")
    post(world, "wang", f"reports/{at.report}/close")
    post(world, "urban", f"assignments/{at.lead}/ask_appeal", reason="再次申诉")
