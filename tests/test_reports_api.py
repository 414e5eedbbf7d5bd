"""Lists of reports: each filter with what it finds and what it leaves out, and pages that lose and double nothing."""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from core.moment import moved_to, now
from grids.models import Area
from reports.models import CatalogueItem, Report
from tests import scenes
from tests.world import LAT, LNG, World, body, post, submit

pytestmark = pytest.mark.django_db

LIST = reverse("reports-list")
MONDAY = datetime.fromisoformat("2026-09-14T09:00:00+08:00")


@contextmanager
def rolled_back() -> Iterator[None]:
    """Hypothesis runs many examples in one test: each leaves the database as it found it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def found(world: World, name: str, **query: Any) -> set[UUID]:
    answer = world.api(name).get(LIST, query)
    assert answer.status_code == 200, answer.content
    return {UUID(row["id"]) for row in answer.json()["results"]}


def stored(world: World, count: int, received: Callable[[int], datetime]) -> list[UUID]:
    """Reports written straight to the table: what the lists do with them is the subject, not how they came."""
    pattern = Report.objects.get(pk=submit(world))
    rows = []
    for number in range(count):
        pattern.pk, pattern.number, pattern.received_at = uuid4(), f"{number}", received(number)
        rows.append(Report(**{field.attname: getattr(pattern, field.attname) for field in Report._meta.fields}))
    Report.objects.filter(deleted_at=None).update(deleted_at=now())
    Report.objects.bulk_create(rows)
    return [row.pk for row in sorted(rows, key=lambda row: (row.received_at, row.pk.hex), reverse=True)]


def walk(client: APIClient, page_size: int, between: Callable[[], None] = lambda: None) -> list[UUID]:
    """All pages from the first to the last."""
    seen: list[UUID] = []
    url: str | None = f"{LIST}?page_size={page_size}"
    while url:
        answer = client.get(url)
        assert answer.status_code == 200
        page = answer.json()
        assert len(page["results"]) <= page_size
        seen += [UUID(row["id"]) for row in page["results"]]
        url = page["next"]
        between()
    return seen


# -- filters -----------------------------------------------------------------------------------------------------


def test_status_finds_any_of_those_named(world: World) -> None:
    first, second, third = submit(world), scenes.accepted(world).report, scenes.whistled(world).report
    assert found(world, "wang", status="submitted") == {first}
    assert found(world, "wang", status=["accepted", "in_progress"]) == {second, third}
    assert found(world, "wang", status="closed") == set()


def test_source_urgency_and_item(world: World) -> None:
    grid = submit(world)
    hotline = submit(world, "wang", source="hotline", external_no="1", item="02-01-001")
    assert found(world, "wang", source="hotline") == {hotline}
    assert found(world, "wang", source=["grid", "hotline"]) == {grid, hotline}
    assert found(world, "wang", urgency="emergency") == {hotline}
    assert found(world, "wang", urgency="normal") == {grid}
    assert found(world, "wang", item="02-01-001") == {hotline}
    assert found(world, "wang", item="99-99-999") == set()


@pytest.mark.parametrize("level", Area.Level.values)
def test_an_area_of_any_level_finds_what_lies_below_and_nothing_beside(world: World, level: str) -> None:
    inside = submit(world)
    at_sea = submit(world, "outsider", position={"lng": 123.005, "lat": 36.505, "coord_type": "wgs84"})
    area = Area.objects.get(path=world.grid.path[: Area.steplen * (Area.Level.values.index(level) + 1)])
    assert area.level == level
    both = level in ("city", "district")
    assert found(world, "command", area=area.code) == ({inside, at_sea} if both else {inside})
    assert found(world, "command", area="371082900001001") == {at_sea}
    assert found(world, "command", area="371082007032001") == set()
    assert found(world, "command", area="nothing") == set()


def test_a_filter_never_reaches_beyond_what_one_may_see(world: World) -> None:
    submit(world)
    at_sea = submit(world, "outsider", position={"lng": 123.005, "lat": 36.505, "coord_type": "wgs84"})
    for query in ({"area": "371082900001001"}, {"q": "垃圾"}, {"mine": "false"}, {"status": "submitted"}):
        assert at_sea not in found(world, "wang", **query)
    assert found(world, "outsider") == {at_sea}


def test_mine_is_what_i_sent(world: World) -> None:
    its, other = submit(world), submit(world, "wang")
    assert found(world, "zhang", mine="true") == {its}
    assert found(world, "zhang", mine="false") == {other}


def test_what_i_sent_stays_mine_though_it_lies_in_the_grid_of_another(world: World) -> None:
    there = world.area("371082007032001").geometry
    ring = there["coordinates"][0] if there["type"] == "Polygon" else there["coordinates"][0][0]
    edge = {"lng": ring[0][0], "lat": ring[0][1], "coord_type": "wgs84", "accuracy": 500}
    sent = submit(world, grid="371082007032001", position=edge)
    assert found(world, "zhang") == {sent}
    assert found(world, "zhao") == {sent}


def test_department_finds_where_it_has_a_duty(world: World) -> None:
    called, other = scenes.whistled(world).report, submit(world)
    assert found(world, "wang", department="RQGS") == {called}
    assert found(world, "wang", department="ZJJ") == set()
    assert found(world, "water") == {called}
    assert other not in found(world, "water")


def test_text_is_looked_for_in_number_description_and_address(world: World) -> None:
    one = submit(world, description="路口井盖缺失", address="文化东路 12 号")
    two = submit(world, description="垃圾成堆", address="青山路 3 号")
    number = Report.objects.get(pk=one).number
    assert found(world, "wang", q="井盖") == {one}
    assert found(world, "wang", q="青山路") == {two}
    assert found(world, "wang", q=number[:12].lower()) == {one}
    assert found(world, "wang", q="路") == {one, two}
    assert found(world, "wang", q="  井盖 ") == {one}
    for literal in ("%", "_", "没有的字", "\\"):
        assert found(world, "wang", q=literal) == set()


def test_received_between_two_moments(world: World) -> None:
    with moved_to(MONDAY):
        early = submit(world)
    with moved_to(MONDAY + timedelta(hours=2)):
        late = submit(world)
    noon = (MONDAY + timedelta(hours=1)).isoformat()
    assert found(world, "wang", received_after=noon) == {late}
    assert found(world, "wang", received_before=noon) == {early}
    # From is with, until is without: one day follows another without a gap or an overlap.
    assert found(world, "wang", received_after=MONDAY.isoformat()) == {early, late}
    assert found(world, "wang", received_before=MONDAY.isoformat()) == set()


def test_conditions_of_different_kinds_narrow_each_other(world: World) -> None:
    submit(world)
    whistled = scenes.whistled(world).report
    assert found(world, "wang", status="in_progress", department="SWJT", item="01-01-001") == {whistled}
    assert found(world, "wang", status="submitted", department="SWJT") == set()


@pytest.mark.parametrize(
    "query",
    [
        {"status": "nothing"},
        {"light": "blue"},
        {"received_after": "yesterday"},
        {"received_after": "0118-04-24T03:03:10-17:15"},
        {"received_before": "2026-09-14T09:00:00+23:59"},
        {"received_before": "9999-12-31T23:59:59-08:00"},
        {"urgency": "very"},
        {"source": "grid,hotline"},
    ],
)
def test_a_condition_that_means_nothing_is_refused_and_named(world: World, query: dict[str, str]) -> None:
    answer = world.api("wang").get(LIST, query)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert {error["field"] for error in answer.json()["errors"]} == set(query)


@pytest.mark.parametrize("minutes", [0, 8, 11.99, 12, 13, 14.99, 15, 16, 600])
def test_the_light_asked_for_is_the_light_shown_at_any_moment(world: World, minutes: float) -> None:
    with moved_to(MONDAY):
        running = submit(world)
        rejected = submit(world)
        post(world, "wang", f"reports/{rejected}/reject", reason="不属实")
    with moved_to(MONDAY + timedelta(minutes=minutes)):
        rows = world.api("wang").get(LIST).json()["results"]
        shown = {UUID(row["id"]): row["light"] for row in rows}
        assert shown[rejected] == ""
        for light in ("green", "yellow", "red"):
            assert found(world, "wang", light=light) == {pk for pk, shines in shown.items() if shines == light}
        assert found(world, "wang", overdue="true") == ({running} if shown[running] == "red" else set())
        assert found(world, "wang", overdue="false") == ({rejected} if shown[running] == "red" else {running, rejected})
        detail = world.api("wang").get(reverse("report", args=[running])).json()
        assert detail["light"] == shown[running]
        assert detail["clocks"][0]["light"] == shown[running]
    assert shown[running] == ("green" if minutes < 12 else "yellow" if minutes < 15 else "red")


# -- pages -------------------------------------------------------------------------------------------------------


def test_pages_are_newest_first_and_the_last_has_no_next(world: World) -> None:
    expected = stored(world, 5, lambda number: MONDAY + timedelta(minutes=number))
    assert walk(world.api("wang"), 2) == expected
    answer = world.api("wang").get(LIST, {"page_size": 5}).json()
    assert answer["next"] is None


def test_new_reports_coming_in_shift_no_page(world: World) -> None:
    expected = stored(world, 7, lambda number: MONDAY + timedelta(minutes=number))
    assert walk(world.api("wang"), 2, between=lambda: submit(world) and None) == expected


def test_what_was_received_at_the_same_moment_is_neither_lost_nor_doubled(world: World) -> None:
    expected = stored(world, 9, lambda number: MONDAY + timedelta(minutes=number // 4))
    for page_size in (1, 2, 3, 4, 5):
        assert walk(world.api("wang"), page_size) == expected


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    minutes=st.lists(st.integers(min_value=0, max_value=4), max_size=14),
    page_size=st.integers(min_value=1, max_value=6),
)
def test_pages_of_any_set_put_together_are_the_set(world: World, minutes: list[int], page_size: int) -> None:
    client = world.api("wang")
    world.token("zhang")
    with rolled_back():
        expected = stored(world, len(minutes), lambda number: MONDAY + timedelta(minutes=minutes[number]))
        assert walk(client, page_size) == expected


@pytest.mark.parametrize("name", ["zhang", "wang", "water", "command"])
def test_a_page_keeps_its_filters_and_its_reader(world: World, name: str) -> None:
    one, two, three = (scenes.whistled(world).report for _ in range(3))
    submit(world)
    client = world.api(name)
    first = client.get(LIST, {"page_size": 2, "status": "in_progress"}).json()
    assert parse_qs(urlsplit(first["next"]).query)["status"] == ["in_progress"]
    rest = client.get(first["next"]).json()
    assert [UUID(row["id"]) for row in first["results"] + rest["results"]] == [three, two, one]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "=",
        "nonsense!",
        "AAAA",
        "WyIyMDI2Il0",  # ["2026"]: one value of two
        "W251bGwsbnVsbF0",  # [null,null]
        "WyIyMDI2LTA5LTE0IiwgMV0",  # ["2026-09-14", 1]: no zone
        "eyJhIjogMX0",  # {"a": 1}
        base64.urlsafe_b64encode(b'["0001-01-01T00:00:00+08:00", "3f0c0000-0000-4000-8000-000000000009"]').decode(),
        "WzFlMzA4LCAxXQ",  # [1e308, 1]
        "é",
        "[" * 50,
    ],
)
def test_a_cursor_that_was_not_given_out_is_refused(world: World, cursor: str) -> None:
    answer = world.api("wang").get(LIST, {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


@pytest.mark.parametrize("endpoint", ["catalogue-list", "areas-list", "assignments-list", "notifications-list"])
@pytest.mark.parametrize(
    "cursor", ["WyJhXHUwMDAwIl0", "WzFlOTld", "WzEwMDAwMDAwMDAwMDAwMDAwMDAwMDAwXQ", "W1tdXQ", "WyIiXQ"]
)
def test_no_cursor_makes_any_list_fail(world: World, endpoint: str, cursor: str) -> None:
    answer = world.api("wang").get(reverse(endpoint), {"cursor": cursor})
    assert answer.status_code in (200, 400)


@pytest.mark.parametrize("size", ["0", "-1", "101", "1000000", "x", "", "1.5", "１", "9" * 5000])
def test_a_page_size_outside_its_limits_is_refused(world: World, size: str) -> None:
    answer = world.api("wang").get(LIST, {"page_size": size})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "page_size")


def test_a_page_may_hold_a_hundred(world: World) -> None:
    expected = stored(world, 101, lambda number: MONDAY + timedelta(minutes=number))
    answer = world.api("wang").get(LIST, {"page_size": 100}).json()
    assert [UUID(row["id"]) for row in answer["results"]] == expected[:100]
    assert walk(world.api("wang"), 100) == expected


@pytest.mark.parametrize("endpoint", ["assignments-list", "whistles-list"])
def test_rows_of_duties_and_whistles_name_their_report(world: World, endpoint: str) -> None:
    at = scenes.whistled(world)
    report = Report.objects.get(pk=at.report)
    for name in ("water", "wang"):
        for row in world.api(name).get(reverse(endpoint)).json()["results"]:
            matter = row["matter"]
            assert (matter["id"], matter["number"]) == (str(report.pk), report.number)
            assert (matter["item_name"], matter["address"]) == (report.item_name, report.address)
            assert matter["light"] == "green"
    world.api("root").post(reverse("report-delete", args=[at.report]), {"reason": "误传"}, format="json")
    for row in world.api("wang").get(reverse(endpoint)).json()["results"]:
        assert row["matter"] is None


# -- what else reads ---------------------------------------------------------------------------------------------


def test_nearby_offers_the_same_item_within_metres_and_hours(world: World) -> None:
    here, far = submit(world), submit(world, position={"lng": LNG + 0.002, "lat": LAT, "coord_type": "wgs84"})
    submit(world, item="02-01-001")
    void = submit(world)
    post(world, "wang", f"reports/{void}/void", reason="误报")
    query = {"lng": LNG + 0.0003, "lat": LAT, "coord_type": "wgs84", "item": "01-01-001"}
    near = world.api("zhang").get(reverse("reports-nearby"), query).json()
    assert [UUID(one["id"]) for one in near] == [here]
    assert 20 < near[0]["distance_m"] < 35
    assert far not in {UUID(one["id"]) for one in near}
    with moved_to(now() + timedelta(hours=25)):
        assert world.api("zhang").get(reverse("reports-nearby"), query).json() == []


def test_a_retired_item_is_no_longer_reported_and_a_repeat_of_before_is_still_answered(world: World) -> None:
    report_id = submit(world)
    CatalogueItem.objects.filter(code="01-01-001").update(retired_at="2020-01-01")
    submit(world, report_id=report_id)
    with pytest.raises(AssertionError, match="unknown_item"):
        submit(world)


@pytest.mark.parametrize("name", ["occurred_at", "captured_at"])
@pytest.mark.parametrize("said", ["0001-01-01T00:00:00+08:00", "1969-12-31T00:00:00Z", "9999-12-31T23:59:59-12:00"])
def test_a_time_nobody_can_mean_is_refused_and_named(world: World, name: str, said: str) -> None:
    answer = world.api("zhang").put(reverse("report", args=[uuid4()]), body(**{name: said}), format="json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, name)


def test_the_outsider_finds_nothing(world: World) -> None:
    scenes.whistled(world)
    for name in ("outsider", "nobody", "housing", "zhao", "auditor"):
        assert found(world, name) == set()
