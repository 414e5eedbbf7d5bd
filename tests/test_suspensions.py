"""Suspension 挂账: while a report rests no clock runs, and on its day it goes on."""

from datetime import datetime, timedelta

import pytest

from core.moment import moved_to
from reports.models import Clock, Event, Report
from reports.supervise import supervise_once
from tests.request_scenes import HOUR, MONDAY, after, asked, assigned, handle_clock, told
from tests.world import World, post

pytestmark = pytest.mark.django_db


def test_while_a_report_rests_no_clock_runs_and_on_its_day_it_goes_on_by_itself(world: World) -> None:
    at = assigned(world)
    with after(1):
        change = asked(world, "urban", f"reports/{at.report}/ask_suspension", until="2026-09-21")
        assert told("request_asked") == {"li"}
        post(world, "wang", f"requests/{change}/grant", 403)
        detail = post(world, "li", f"requests/{change}/grant")
    assert (detail["status"], detail["due_at"], detail["light"]) == ("suspended", None, "")
    assert not Clock.objects.filter(report_id=at.report, running=True).exists()
    with moved_to(datetime.fromisoformat("2026-09-20T23:59:59+08:00")):
        assert supervise_once() == 0
    with moved_to(datetime.fromisoformat("2026-09-21T00:00:00+08:00")):
        supervise_once()
        assert supervise_once() == 0
    assert Report.objects.get(pk=at.report).status == "in_progress"
    assert handle_clock(at).due_at == datetime.fromisoformat("2026-09-21T11:00:00+08:00")
    resumed = Event.objects.get(report_id=at.report, kind="resume")
    assert (resumed.actor, resumed.from_status, resumed.to_status) == (None, "suspended", "in_progress")
    assert told("report_resumed") == {"urban", "committee"}


def test_a_suspension_is_ended_by_hand_and_granted_once_only(world: World) -> None:
    at = assigned(world)
    with after(1):
        change = asked(world, "wang", f"reports/{at.report}/ask_suspension", until="2026-09-21")
        post(world, "li", f"requests/{change}/grant")
        post(world, "wang", f"reports/{at.report}/resume", 403)
    with after(2):
        assert post(world, "li", f"reports/{at.report}/resume", note="材料已齐")["status"] == "in_progress"
        assert handle_clock(at).due_at == MONDAY + 7 * HOUR
        refused = post(world, "wang", f"reports/{at.report}/ask_suspension", 409, reason="x", until="2026-09-21")
        assert refused["code"] == "suspended_before"
    with moved_to(MONDAY + timedelta(days=8)):
        supervise_once()
    assert Event.objects.filter(report_id=at.report, kind="resume").count() == 1


@pytest.mark.parametrize(
    ("until", "status"), [("2026-09-14", 400), ("2026-09-15", 200), ("2027-09-14", 200), ("2027-09-15", 400)]
)
def test_a_suspension_ends_after_today_and_within_a_year(world: World, until: str, status: int) -> None:
    at = assigned(world)
    with after(1):
        answer = post(world, "wang", f"reports/{at.report}/ask_suspension", status, reason="x", until=until)
    assert status == 200 or (answer["code"], answer["errors"][0]["field"]) == ("suspension_date", "until")


def test_a_suspension_granted_after_its_day_is_refused(world: World) -> None:
    at = assigned(world)
    with after(1):
        change = asked(world, "wang", f"reports/{at.report}/ask_suspension", until="2026-09-15")
    with after(24):
        assert post(world, "li", f"requests/{change}/grant", 400)["code"] == "suspension_date"


def test_a_return_stays_to_be_decided_through_a_suspension(world: World) -> None:
    at = assigned(world)
    with after(1):
        given_back = asked(world, "urban", f"assignments/{at.lead}/ask_return")
        change = asked(world, "wang", f"reports/{at.report}/ask_suspension", until="2026-09-21")
        post(world, "li", f"requests/{change}/grant")
        refused = post(world, "wang", f"requests/{given_back}/grant", 409, department="YTJD")
        assert (refused["subject"], refused["current"]) == ("report", "suspended")
        late = post(world, "committee", f"assignments/{at.assist}/ask_return", 409, reason="x")
        assert late["subject"] == "report"
    with after(1.5):
        post(world, "wang", f"requests/{given_back}/refuse", note="属于本单位职责")
        assert not Clock.objects.filter(report_id=at.report, running=True).exists()
    with after(2):
        post(world, "li", f"reports/{at.report}/resume")
    assert handle_clock(at).due_at == MONDAY + 7 * HOUR


def test_one_late_before_the_pause_is_late_after_it(world: World) -> None:
    at = assigned(world)
    with after(3):
        change = asked(world, "committee", f"assignments/{at.assist}/ask_return")
    with after(3.5):
        # Given back an hour after the time to sign for it had passed.
        post(world, "wang", f"requests/{change}/refuse", note="请办理")
        post(world, "committee", f"assignments/{at.assist}/receive")
    assert Clock.objects.get(assignment_id=at.assist, kind="sign_for").outcome == "overdue"
