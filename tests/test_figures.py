"""The overview: its formulas, on a world made by hand."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.moment import now
from reports.calendar import working_calendar
from reports.figures.asked import Place, Span
from reports.figures.hours import mean_handling_hours
from reports.models import Assignment, CallbackTry, ChangeRequest, Clock, Report, Whistle
from tests import scenes
from tests.figure_scenes import DAY, NOON, ZONE, clock, duty, handled, made, numbers, on_the_day, overview, share
from tests.figure_scenes import at_noon as at_noon  # a fixture
from tests.world import World, post

pytestmark = pytest.mark.django_db


def test_handling_and_closing_figures_of_a_day_made_by_hand(world: World, at_noon: None) -> None:
    handled(world)
    handled(world, late=True)
    handled(world, late=True, exempt=True, rework_count=2)
    in_review = handled(world, status="in_review", closed_at=None)
    suspended = made(world, status="suspended", accepted_at=8.5, dispatched_at=9)
    overdue = made(world, status="in_progress", accepted_at=8.5, dispatched_at=9, due_at=10)
    clock(overdue)
    # Due later on this day.
    coming = made(world, status="in_progress", accepted_at=8.5, dispatched_at=9)
    clock(coming, due_at=on_the_day(15))
    ChangeRequest.objects.create(
        report=overdue,
        assignment=duty(overdue, department=world.departments["urban"]),
        kind="extension",
        status="granted",
        reason="x",
        asked_by=world["urban"],
        asked_at=NOON,
    )
    # None of these is counted as dispatched.
    for status in ("rejected", "void", "merged"):
        made(world, status=status, accepted_at=8.5, dispatched_at=9)
    made(world)
    answer = overview(world)
    assert share(answer, "handle_rate") == (0.5714, 4, 7)
    assert share(answer, "ontime_handle_rate") == (0.4286, 3, 7)
    assert share(answer, "overdue_open_rate") == (0.1429, 1, 7)
    assert share(answer, "extension_rate") == (0.1429, 1, 7)
    # Three are closed; of the open ones the deadlines of two fell on this day.
    assert share(answer, "close_rate") == (0.6, 3, 5)
    assert share(answer, "ontime_close_rate") == (0.4, 2, 5)
    assert share(answer, "rework_rate") == (0.2, 1, 5)
    # From nine to eleven, four times.
    assert share(answer, "avg_handle_hours") == (2.0, None, 4)
    period = answer["period"]
    # The merged one brought its main report along.
    assert (period["received"]["count"], period["accepted"]["count"], period["dispatched"]["count"]) == (12, 7, 7)
    assert {name: one["count"] for name, one in answer["now"]["status"].items()} == {
        **dict.fromkeys(("accepted", "callback"), 0),
        **{"submitted": 2, "in_progress": 2, "suspended": 1, "in_review": 1},
    }
    assert answer["now"]["open"]["count"] == 6
    assert answer["now"]["overdue"]["count"] == 1
    listed = world.api("wang").get(answer["rates"]["close_rate"]["denominator"]["list"]).json()["results"]
    assert {str(in_review.pk), str(overdue.pk)} < {row["id"] for row in listed}
    assert str(suspended.pk) not in {row["id"] for row in listed}


def test_a_report_counts_in_the_period_of_its_dispatch_and_of_its_closing(world: World, at_noon: None) -> None:
    yesterday = DAY - timedelta(days=1)
    handled(world, received_at=on_the_day(8, yesterday), dispatched_at=on_the_day(23.99, yesterday))
    today = overview(world)
    assert (today["period"]["received"]["count"], today["period"]["dispatched"]["count"]) == (0, 0)
    assert today["period"]["closed"]["count"] == 1
    before = overview(world, first=yesterday, last=yesterday)
    assert (before["period"]["dispatched"]["count"], before["period"]["closed"]["count"]) == (1, 0)
    made(world, received_at=on_the_day(0))
    made(world, received_at=on_the_day(24))
    assert overview(world)["period"]["received"]["count"] == 1
    assert overview(world, first=yesterday, last=yesterday)["period"]["received"]["count"] == 1
    both = overview(world, first=yesterday, last=DAY)
    assert (both["period"]["dispatched"]["count"], both["period"]["closed"]["count"]) == (1, 1)


def test_lights_are_those_of_the_lists_and_a_clock_that_stands_still_keeps_its_own(world: World, at_noon: None) -> None:
    made(world, due_at=13, yellow_at=12.5)
    made(world, due_at=13, yellow_at=11)
    made(world, due_at=11.99, yellow_at=11)
    made(world)
    resting = made(world, status="suspended", dispatched_at=9, accepted_at=8.5)
    clock(resting, running=False, light="red")
    lights = overview(world)["now"]["lights"]
    assert {name: one["count"] for name, one in lights.items()} == {"green": 1, "yellow": 1, "red": 1}
    for name in lights:
        listed = world.api("wang").get(reverse("reports-list"), {"light": name}).json()["results"]
        assert len(listed) == 1
    # Overdue is about handling: a deadline to accept is not.
    assert overview(world)["now"]["overdue"]["count"] == 1


def test_whistles_and_reporting_in_of_a_day_made_by_hand(world: World, at_noon: None) -> None:
    water, gas, housing = (world.departments[name] for name in ("water", "gas", "housing"))
    report = made(world, status="in_progress", accepted_at=8.5, dispatched_at=9, whistle_count=1)
    for _ in range(3):
        made(world, status="accepted", accepted_at=8.5)
    row = {"report": report, "level": "street", "calling_area": world.street, "reason": "x", "drafted_at": NOON}
    running = Whistle.objects.create(kind="emergency", status="handling", blown_at=on_the_day(9), **row)
    Whistle.objects.create(kind="routine", status="pending", **row)
    # A next round is the same call.
    Whistle.objects.create(kind="joint", status="gathering", blown_at=on_the_day(11), round=2, previous=running, **row)
    came = duty(report, whistle=running, department=water, status="reported_in", reported_in_at=on_the_day(9.25))
    clock(report, "report_in", came, outcome="met")
    late = duty(report, "assist", running, department=gas, status="reported_in", reported_in_at=on_the_day(10))
    clock(report, "report_in", late, outcome="overdue")
    missing = duty(report, "assist", running, department=housing, status="no_show")
    clock(report, "report_in", missing, outcome="overdue", exempt=True)
    waived = duty(report, "assist", running, department=world.departments["office"], status="waived")
    clock(report, "report_in", waived, outcome="cancelled")
    answer = overview(world)
    # Exempted is in time where they came at all.
    assert share(answer, "report_in_rate") == (0.3333, 1, 3)
    assert share(answer, "report_in_minutes") == (37.5, None, 2)
    assert share(answer, "whistle_rate") == (0.25, 1, 4)
    current = answer["now"]
    assert (current["whistles_running"]["count"], current["whistles_pending"]["count"]) == (2, 1)
    running_by_kind = {name: one["count"] for name, one in current["whistles"].items()}
    assert running_by_kind == {"emergency": 1, "joint": 1, "routine": 0, "tough": 0}
    assert current["not_reported_in"]["count"] == 1
    listed = world.api("wang").get(current["not_reported_in"]["list"]).json()["results"]
    assert [(row["id"], row["number"], row["department"]["code"]) for row in listed] == [
        (missing.pk, report.number, "ZJJ")
    ]


def test_duties_signed_for_given_back_and_rated(world: World, at_noon: None) -> None:
    report = made(world, status="in_progress", accepted_at=8.5, dispatched_at=9)
    unit = {"department": world.departments["urban"]}
    scored = {"rating_response": 5, "rating_attendance": 4, "rating_result": 3, "rated_at": NOON}
    whistle = Whistle.objects.create(
        **{"report": report, "level": "street", "calling_area": world.street, "reason": "x", "drafted_at": NOON},
        **{"kind": "routine", "status": "submitted", "blown_at": on_the_day(9)},
    )
    in_time = duty(report, received_at=NOON, **unit)
    clock(report, "sign_for", in_time, outcome="met")
    exempted = duty(report, "assist", received_at=NOON, **unit)
    clock(report, "sign_for", exempted, outcome="overdue", exempt=True)
    clock(report, "sign_for", duty(report, "assist", received_at=NOON, **unit), outcome="overdue")
    clock(report, "sign_for", duty(report, "assist", **unit), running=True, due_at=on_the_day(11))
    clock(report, "sign_for", duty(report, "assist", **unit), running=True, due_at=on_the_day(13))
    duty(report, "notify", **unit)
    asked = {"report": report, "kind": "return", "reason": "x", "asked_by": world["urban"], "asked_at": NOON}
    ChangeRequest.objects.create(assignment=in_time, status="granted", **asked)
    ChangeRequest.objects.create(assignment=exempted, status="refused", **asked)
    departments = [world.departments[name] for name in ("water", "gas", "housing", "office", "committee")]
    for number, department in enumerate(departments):
        one = duty(report, "lead" if not number else "assist", whistle, department=department, **scored)
        clock(report, "report_in", one, outcome="overdue")
    answer = overview(world)
    assert share(answer, "response") == (0.5, 2, 4)
    assert share(answer, "return_rate") == (0.1, 1, 10)
    assert share(answer, "street_rating") == (4.0, None, 5)
    Assignment.objects.filter(pk=one.pk).update(rated_at=None)
    assert share(overview(world), "street_rating") == (None, None, 4)


def test_what_requesters_say_and_the_three_rates_combined(world: World, at_noon: None, settings: Any) -> None:
    report = made(world, status="closed", closed_at=11, accepted_at=8.5, dispatched_at=9)
    clock(report, "sign_for", duty(report, department=world.departments["urban"], received_at=NOON), outcome="met")
    for solved, said in ((True, "satisfied"), (True, "basically"), (True, "not"), (False, "not")):
        CallbackTry.objects.create(report=report, at=NOON, reached=True, solved=solved, satisfaction=said)
    CallbackTry.objects.create(report=report, at=NOON, reached=False)
    answer = overview(world)
    assert share(answer, "resolution") == (0.75, 3, 4)
    assert share(answer, "satisfaction") == (0.5, 2, 4)
    assert answer["rates"]["combined"]["value"] == pytest.approx((30 * 1 + 35 * 0.75 + 35 * 0.5) / 100)
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"BASICALLY_SATISFIED": False}
    assert share(overview(world), "satisfaction") == (0.25, 1, 4)


def test_nothing_to_divide_by_is_null(world: World, at_noon: None) -> None:
    answer = overview(world)
    assert {rate: said["value"] for rate, said in answer["rates"].items()} == dict.fromkeys(answer["rates"])
    assert (answer["hot_items"], answer["ranking"], answer["grids"]) == ([], [], [])
    assert {one["count"] for _at, one in numbers(answer)} == {0}


def test_an_appeal_granted_makes_a_closing_in_time_and_history_stays(world: World) -> None:
    at = scenes.appealed(world)
    first = Report.objects.get(pk=at.report).dispatched_at.date() - timedelta(days=1)  # type: ignore[union-attr]
    assert share(overview(world, first=first), "ontime_handle_rate") == (0.0, 0, 1)
    post(world, "supervisor", f"requests/{at.request}/grant")
    answer = overview(world, first=first)
    assert share(answer, "ontime_handle_rate") == share(answer, "ontime_close_rate") == (1.0, 1, 1)
    assert Clock.objects.filter(report=at.report, kind="handle").values_list("outcome", flat=True).get() == "overdue"


@hypothesis_settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stretches=st.lists(st.tuples(st.integers(0, 40 * 86400), st.integers(0, 20 * 86400)), min_size=1, max_size=8))
def test_mean_hours_are_the_mean_of_the_calendars(world: World, stretches: list[tuple[int, int]]) -> None:
    Report.objects.all().delete()
    # Over the National Day holidays and their make-up days.
    start = datetime(2026, 9, 10, tzinfo=ZONE)
    times = [(begin := start + timedelta(seconds=after), begin + timedelta(seconds=took)) for after, took in stretches]
    for begin, end in times:
        made(world, status="closed", dispatched_at=begin, finished_at=end, closed_at=end)
    calendar, street = working_calendar(), world.street
    span = Span(date(2026, 9, 1), date(2026, 11, 30), now())
    mean = mean_handling_hours(Place(street.pk, street.level, street.code, street.name, street.pk), span)
    expected = sum(calendar.between(*one) for one in times) / len(times) / 3600
    assert mean == pytest.approx(expected, abs=1e-6)
