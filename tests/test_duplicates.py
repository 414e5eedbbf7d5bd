"""What may be the same matter: offered before a report is sent, and to the dispatcher with the reasons."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.urls import reverse

from core.moment import moved_to
from reports.duplicates import ROWS, similarity
from reports.models import Report
from tests.test_query_counts import counted
from tests.world import LAT, LNG, World, body, item, post, submit

pytestmark = pytest.mark.django_db

NOON = datetime.fromisoformat("2026-09-14T12:00:00+08:00")
METRE = 1 / 111_195


def sent(world: World, metres: float = 0, hours: float = 0, name: str = "zhang", **said: Any) -> UUID:
    """A report so far north of the place and so long before noon."""
    with moved_to(NOON - timedelta(hours=hours)):
        position = {**body()["position"], "lat": LAT + metres * METRE}
        return submit(world, name, position=position, **said)


def alike(world: World, report: UUID, name: str = "wang") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    answer = world.api(name).get(reverse("report-duplicates", args=[report]))
    assert answer.status_code == 200, answer.content
    return answer.json()["duplicates"], answer.json()["earlier"]


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


def nearby(world: World, **asked: Any) -> list[dict[str, Any]]:
    where = {"lng": LNG, "lat": LAT, "coord_type": "wgs84", "item": "01-01-001", **asked}
    with moved_to(NOON):
        rows: list[dict[str, Any]] = world.api("zhang").get(reverse("reports-nearby"), where).json()
    return rows


def test_a_worker_is_offered_what_came_in_here_most_alike_first(world: World) -> None:
    farther, nearer = sent(world, 40, 1), sent(world, 5, 1)
    sent(world, 60, 1)
    sent(world, 5, 25)
    sent(world, 5, 1, item="02-01-001")
    rows = nearby(world)
    assert ids(rows) == [str(nearer), str(farther)]
    assert [row["distance_m"] for row in rows] == [pytest.approx(5, abs=0.1), pytest.approx(40, abs=0.1)]
    assert {(row["hours"], row["same_item"], row["similarity"]) for row in rows} == {(1.0, True, None)}


def test_a_dispatcher_sees_the_reasons(world: World) -> None:
    other = sent(world, 20, 2, description="小区门口垃圾成堆,没有人清运")
    report = sent(world, description="垃圾没人清运,小区门口堆满了")
    (row,), earlier = alike(world, report)
    assert (row["id"], row["number"]) == (str(other), Report.objects.get(pk=other).number)
    assert row["distance_m"] == pytest.approx(20, abs=0.1)
    assert (row["hours"], row["same_item"]) == (2.0, True)
    assert 0.4 < row["similarity"] < 1
    assert ids(earlier) == [str(other)]


def test_the_text_the_distance_the_time_and_the_item_each_move_a_report_up(world: World) -> None:
    item("01-01-002", "积存垃圾")
    texts = {"description": "小区门口垃圾成堆"}
    same_class = sent(world, 10, 1, item="01-01-002", **texts)
    late = sent(world, 10, 20, **texts)
    far = sent(world, 45, 1, **texts)
    other_words = sent(world, 10, 1, description="井盖旁有一堆砖")
    best = sent(world, 10, 1, **texts)
    report = sent(world, **texts)
    rows, _ = alike(world, report)
    assert ids(rows) == [str(one) for one in (best, late, far, other_words, same_class)]
    assert rows[-1]["same_item"] is False
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)


def test_the_weights_are_a_setting(world: World, settings: Any) -> None:
    near = sent(world, 1, 1, description="别的事情")
    worded = sent(world, 45, 1, description="垃圾未清运")
    report = sent(world)
    assert ids(alike(world, report)[0]) == [str(worded), str(near)]
    settings.GRIDWHISTLE = {**settings.GRIDWHISTLE, "DUPLICATE_WEIGHTS": {"distance": 1.0}}
    assert ids(alike(world, report)[0]) == [str(near), str(worded)]
    settings.GRIDWHISTLE = {**settings.GRIDWHISTLE, "DUPLICATE_WEIGHTS": {}}
    assert {row["score"] for row in alike(world, report)[0]} == {0.0}


def test_what_came_in_a_little_later_may_be_the_main_one_too(world: World) -> None:
    report, later, next_day = sent(world, 0, 30), sent(world, 0, 10), sent(world, 0, 0)
    rows, earlier = alike(world, report)
    assert (ids(rows), earlier) == ([str(later)], [])
    assert ids(alike(world, next_day)[0]) == [str(later)]


def test_only_open_reports_can_be_merged_with(world: World) -> None:
    rejected, void, main, merged = (sent(world, 5, 1) for _ in range(4))
    post(world, "wang", f"reports/{rejected}/reject", reason="不属实")
    post(world, "wang", f"reports/{void}/void", reason="误报")
    post(world, "wang", f"reports/{merged}/merge", into=str(main))
    report = sent(world)
    rows, earlier = alike(world, report)
    assert ids(rows) == [str(main)]
    assert {row["id"] for row in earlier} == {str(main), str(merged)}
    assert ids(nearby(world))[1:] == [str(main)]


def test_a_place_that_comes_back_shows_what_was_there_before_open_and_closed(world: World) -> None:
    days = 24
    month, closed, other_item = sent(world, 10, 29 * days), sent(world, 10, 3 * days), None
    other_item = sent(world, 10, 3 * days, item="02-01-001")
    Report.objects.filter(pk=closed).update(status="closed")
    sent(world, 10, 31 * days)
    sent(world, 70, 3 * days)
    report = sent(world)
    rows, earlier = alike(world, report)
    assert rows == []
    assert ids(earlier) == [str(closed), str(month)]
    assert [(row["status"], row["hours"]) for row in earlier] == [("closed", 72.0), ("submitted", 696.0)]
    assert str(other_item) not in ids(earlier)


def test_metres_hours_and_days_are_settings(world: World, settings: Any) -> None:
    far, late = sent(world, 90, 1), sent(world, 0, 40)
    report = sent(world)
    assert alike(world, report)[0] == []
    settings.GRIDWHISTLE = {**settings.GRIDWHISTLE, "NEARBY_METRES": 100.0, "NEARBY_HOURS": 48.0, "REPEAT_DAYS": 1.0}
    rows, earlier = alike(world, report)
    assert {row["id"] for row in rows} == {str(far), str(late)}
    assert ids(earlier) == [str(far)]


def test_nobody_learns_here_of_reports_that_are_not_theirs_to_see(world: World) -> None:
    report = sent(world)
    other = sent(world)
    grid = world.area("371082007032001")
    Report.objects.filter(pk=other).update(grid=grid)
    assert ids(alike(world, report, "wang")[0]) == [str(other)]
    assert alike(world, report, "zhang") == ([], [])


def test_there_is_an_end_to_what_is_read_at_a_busy_place(world: World) -> None:
    pattern = Report.objects.get(pk=sent(world))
    rows = []
    for number in range(ROWS + 50):
        row = Report.objects.get(pk=pattern.pk)
        row.pk, row.number = UUID(int=number + 1), f"X{number}"
        row.received_at -= timedelta(minutes=number + 1)
        rows.append(row)
    Report.objects.bulk_create(rows)
    found, earlier = alike(world, pattern.pk)
    assert len(found) == len(earlier) == 10
    assert [row["number"] for row in earlier] == [f"X{number}" for number in range(10)]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="reads PostgreSQL's plan")
def test_the_place_is_found_by_its_index(world: World) -> None:
    """A hundred thousand reports of one item over the city: what is read hangs on the spot."""
    pattern = sent(world)
    names = [field.column for field in Report._meta.concrete_fields]
    changed = {
        "id": "gen_random_uuid()",
        "number": "'X' || n",
        "lat": "36.9 + random() * 0.5",
        "lng": "121.9 + random() * 0.8",
        "received_at": "received_at - n * interval '30 seconds'",
    }
    chosen = ", ".join(changed.get(name, name) for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO reports_report ({', '.join(names)}) "
            f"SELECT {chosen} FROM reports_report, generate_series(1, 100000) AS n WHERE id = %s",
            [pattern],
        )
        cursor.execute("ANALYZE reports_report")
    client = world.api("wang")
    client.get(reverse("me"))
    with connection.execute_wrapper(_no_walk):
        counted(5, lambda: client.get(reverse("report-duplicates", args=[pattern])))
        where = {"lng": LNG, "lat": LAT, "coord_type": "wgs84", "item": "01-01-001"}
        counted(4, lambda: client.get(reverse("reports-nearby"), where))


def _no_walk(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """Refuse a query on positions that reads more than a few hundred rows of the table."""
    if '"lat" BETWEEN' in sql:
        with context["connection"].connection.cursor() as plan:
            plan.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
            found = plan.fetchone()[0][0]["Plan"]
        read = _read(found)
        assert read < 500, found
    return execute(sql, params, many, context)


def _read(node: dict[str, Any]) -> int:
    own = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    return max([own, *(_read(child) for child in node.get("Plans", []))])


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ("垃圾未清运", "垃圾未清运!", 1, 1),
        ("垃圾未清运", "路灯不亮", 0, 0.1),
        ("垃圾未清运", "", 0, 0),
        ("路口垃圾成堆没人清运", "垃圾没人清运,路口堆满了", 0.5, 0.9),
    ],
)
def test_texts_are_compared_letter_by_letter_in_any_order(one: str, other: str, low: float, high: float) -> None:
    assert low <= similarity(one, other) <= high
    assert similarity(one, other) == pytest.approx(similarity(other, one))
