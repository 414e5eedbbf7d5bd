"""What the desk is told of deadlines before it gives work out is what then starts."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from hypothesis import given

from core.moment import moved_to
from reports.models import Clock, ClockRule
from tests import scenes
from tests.test_calendar import CALENDAR, at, moments
from tests.world import World, post

pytestmark = pytest.mark.django_db

# Friday afternoon before a weekend of two days off.
FRIDAY = datetime(2026, 6, 12, 17, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SATURDAY = datetime(2026, 6, 13, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def ahead(world: World, report: Any) -> dict[tuple[str, str], dict[str, Any]]:
    told = world.api("wang").get(reverse("report-ahead", args=[report])).json()
    assert told["periods"] == ["08:00-12:00", "14:00-18:00"]
    return {(one["clock"], one["whistle"]): one for one in told["deadlines"]}


def same(said: str, moment: datetime | None) -> bool:
    return parse_datetime(said) == moment


def test_dispatching_starts_what_was_said(world: World) -> None:
    with moved_to(FRIDAY):
        report = scenes.accepted(world, urgency="normal").report
        said = ahead(world, report)
        post(
            world,
            "wang",
            f"reports/{report}/assign",
            assignments=[{"role": "lead", "assignee": "zhao"}],
        )
        for clock in Clock.objects.filter(report=report, kind__in=["sign_for", "handle"]):
            assert same(said[clock.kind, ""]["due_at"], clock.due_at)


def test_a_whistle_starts_what_was_said(world: World) -> None:
    with moved_to(FRIDAY):
        report = scenes.accepted(world, urgency="normal").report
        said = ahead(world, report)
        body = {"kind": "emergency", "reason": "水管爆裂", "departments": scenes.CALLS}
        post(world, "wang", f"reports/{report}/whistles", **body)
        running = {clock.kind: clock.due_at for clock in Clock.objects.filter(report=report, running=True)}
    assert same(said["report_in", "emergency"]["due_at"], running["report_in"])
    assert same(said["emergency_review", "emergency"]["due_at"], running["emergency_review"])
    assert same(said["handle", ""]["due_at"], running["handle"])


def test_the_weekend_on_the_way_is_named(world: World) -> None:
    with moved_to(FRIDAY):
        report = scenes.accepted(world, urgency="normal").report
        review = ahead(world, report)["emergency_review", "emergency"]
    assert review["days_off"] == [date(2026, 6, 13).isoformat(), date(2026, 6, 14).isoformat()]
    assert review["days_off_more"] == 0
    assert same(review["begins_at"], FRIDAY)
    assert same(review["due_at"], datetime(2026, 6, 15, 17, 0, tzinfo=ZoneInfo("Asia/Shanghai")))


def test_working_time_begins_on_the_next_working_day_and_urgent_time_at_once(world: World) -> None:
    with moved_to(SATURDAY):
        report = scenes.accepted(world, urgency="normal").report
        said = ahead(world, report)
    assert same(said["sign_for", ""]["begins_at"], datetime(2026, 6, 15, 8, 0, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert same(said["report_in", "routine"]["begins_at"], SATURDAY)
    assert said["report_in", "routine"]["days_off"] == []


def test_the_limits_are_the_city_s_own(world: World) -> None:
    ClockRule.objects.create(key="report_in.routine", amount="6", unit="urgent_hour")
    said = ahead(world, scenes.accepted(world).report)["report_in", "routine"]
    assert (said["amount"], said["unit"]) == ("6.00", "urgent_hour")


def test_a_report_not_accepted_has_no_limit_yet(world: World) -> None:
    said = ahead(world, scenes.submitted(world).report)
    assert ("handle", "") not in said
    assert ("sign_for", "") in said


@given(moments)
def test_the_next_open_moment_is_the_first_at_which_work_goes_on(moment: datetime) -> None:
    opens = CALENDAR.next_open(moment)
    assert CALENDAR.is_open(opens)
    assert opens >= moment
    assert CALENDAR.between(moment, opens) == 0


def test_the_next_open_moment_after_the_morning_is_the_afternoon() -> None:
    assert CALENDAR.next_open(at("2026-05-08T12:00")) == at("2026-05-08T14:00")
    assert CALENDAR.next_open(at("2026-05-08T18:00")) == at("2026-05-09T08:00")
