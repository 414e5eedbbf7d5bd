"""What a dispatcher is suggested: by the rules with why, and by what the departments have solved."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Department
from core.moment import moved_to, now
from reports import questions
from reports.actions.catalogue import change_item, content_of
from reports.actions.dispatch import Target
from reports.calendar import working_calendar
from reports.models import CatalogueItem, Report
from reports.recommending import recommended
from tests.routing_scenes import LOCAL, OUTSIDE, accept, close, rule
from tests.world import World, post, submit

# -- what is suggested ---------------------------------------------------------------------------------------------


def routing(world: World, report_id: UUID, name: str = "wang", language: str = "zh-hans") -> dict[str, Any]:
    path = reverse("report-routing", args=[report_id])
    return world.api(name).get(path, headers={"accept-language": language}).json()


@pytest.mark.django_db
def test_the_matching_rule_is_shown_with_why(world: World) -> None:
    conditions = {
        "items": ["01-01-001"],
        "classes": ["01-01"],
        "kinds": ["event"],
        "areas": [world.area("371082007032").pk],
        "sources": ["grid"],
        "urgencies": ["normal"],
        "weekdays": [5],
        "hours": ["15:00", "17:00"],
        "working": True,
    }
    rule(world, mode="suggest", conditions=conditions, name="归城管", instruction="当日清完")
    with moved_to(datetime(2026, 5, 8, 16, 0, tzinfo=LOCAL)):
        report = accept(world)
    shown = routing(world, report.pk, language="en")["match"]
    assert (shown["name"], shown["mode"], shown["by"], shown["instruction"]) == (
        "归城管",
        "suggest",
        "assign",
        "当日清完",
    )
    assert shown["targets"] == [
        {"role": "lead", "department": {"code": "YTJD-CG", "name": "崖头街道城管办"}, "assignee": None}
    ]
    assert [one["condition"] for one in shown["why"]] == list(conditions)
    assert [one["text"] for one in shown["why"]] == [
        "Item: 暴露垃圾",
        "Class: 市容环境",
        "Kind: event",
        "Area: 台上社区",
        "Source: grid worker",
        "Urgency: normal",
        "Weekday: Friday",
        "Time of day: 16:00",
        "Working hours: working hours of working days",
    ]
    assert "星期五" in [one["text"][-3:] for one in routing(world, report.pk)["match"]["why"]]


@pytest.mark.django_db
def test_a_department_outside_is_suggested_as_a_whistle_that_can_be_drafted_as_it_stands(world: World) -> None:
    rule(world, mode="suggest", targets=[OUTSIDE, Target("assist", department="YTJD-CG")])
    report = accept(world)
    shown = routing(world, report.pk)["match"]
    assert shown["by"] == "whistle"
    called = [{"department": one["department"]["code"], "role": one["role"]} for one in shown["targets"]]
    post(world, "wang", f"reports/{report.pk}/whistles", kind="routine", reason="超出街道能力", departments=called)


@pytest.mark.django_db
def test_asking_changes_nothing_and_says_the_same_again(world: World) -> None:
    made = rule(world, mode="suggest", conditions={"working": True})
    with moved_to(datetime(2026, 5, 8, 16, 0, tzinfo=LOCAL)):
        report = accept(world)
    with moved_to(datetime(2026, 5, 9, 23, 0, tzinfo=LOCAL)):
        first = routing(world, report.pk)
    assert first == routing(world, report.pk)
    assert first["match"]["rule"] == made.pk
    Department.objects.filter(pk=world.departments["urban"].pk).update(is_active=False)
    assert routing(world, report.pk)["match"] is None
    made.refresh_from_db()
    assert made.is_active  # reading writes nothing; the next acceptance switches it off


@pytest.mark.django_db
def test_why_names_the_question_and_its_answer(world: World) -> None:
    item = CatalogueItem.objects.get(code="01-01-001")
    last = content_of(item.versions.get())
    change_item(item, type(last)(last.name, last.standards, questions=questions.read("类[多选:厨余/建筑]\n急[是/否]")))
    conditions = {"items": ["01-01-001"], "answers": {"q1": ["厨余"], "q2": [True]}}
    rule(world, mode="suggest", conditions=conditions)
    fitting = accept(world, answers={"q1": ["厨余", "建筑"], "q2": True})
    assert routing(world, fitting.pk)["match"]["why"][1]["text"].endswith("类 厨余；急 是")
    assert routing(world, accept(world, answers={"q1": ["建筑"], "q2": True}).pk)["match"] is None


# -- recommended departments ---------------------------------------------------------------------------------------


def closed_by(world: World, department: str, count: int, *, hours: float = 5, **changes: Any) -> None:
    """Closed reports like one of Zhang's, solved by a department in so many working hours."""
    pattern = Report.objects.get(pk=submit(world))
    dispatched = datetime(2026, 5, 11, 8, 0, tzinfo=LOCAL)
    rows = []
    for _number in range(count):
        row = Report.objects.get(pk=pattern.pk)
        row.pk, row.number, row.status = uuid4(), uuid4().hex[:20], "closed"
        row.lead_department_id = world.departments[department].pk
        row.dispatched_at = dispatched
        row.finished_at = working_calendar().add(dispatched, hours * 3600)
        row.closed_at = now() - timedelta(days=3)
        for name, value in changes.items():
            setattr(row, name, value)
        rows.append(row)
    Report.objects.bulk_create(rows)


@pytest.mark.django_db
def test_departments_are_recommended_from_closed_reports_of_the_item_in_the_street(world: World) -> None:
    closed_by(world, "urban", 12)
    closed_by(world, "water", 3, hours=9)
    closed_by(world, "gas", 50, street=world.area("371082900"), community=None, grid=None)
    closed_by(world, "gas", 9, closed_at=now() - timedelta(days=400))
    closed_by(world, "gas", 9, item=CatalogueItem.objects.get(code="02-01-001"))
    closed_by(world, "gas", 9, status="in_progress", closed_at=None)
    shown = routing(world, submit(world), language="en")["recommended"]
    assert [(one["department"]["code"], one["score"], one["closed"], one["of"]) for one in shown] == [
        ("YTJD-CG", 0.8, 12, 15),
        ("SWJT", 0.2, 3, 15),
    ]
    assert shown[0]["median_hours"] == 5.0
    assert shown[0]["reasons"] == [
        "12 of 15 closed reports of this item in this street; median 5 working hours",
        "12 of them in this community",
    ]


@pytest.mark.django_db
def test_a_matter_solved_nearby_counts_double(world: World) -> None:
    closed_by(world, "urban", 5)
    closed_by(world, "water", 5, community=None)
    report = Report.objects.get(pk=submit(world))
    assert [(one.department.code, one.score, one.nearby) for one in recommended(report)] == [
        ("YTJD-CG", 0.67, 5),
        ("SWJT", 0.33, 0),
    ]


@pytest.mark.django_db
def test_where_the_street_has_too_few_the_whole_city_is_asked(world: World) -> None:
    closed_by(world, "water", 4)
    closed_by(world, "gas", 6, street=world.area("371082900"), community=None, grid=None)
    shown = routing(world, submit(world), language="en")["recommended"]
    assert [(one["department"]["code"], one["closed"], one["of"]) for one in shown] == [
        ("SWJT", 4, 10),
        ("RQGS", 6, 10),
    ]
    assert "in the whole city" in shown[0]["reasons"][0]


@pytest.mark.django_db
def test_the_units_of_another_place_are_not_recommended_for_they_cannot_come(world: World) -> None:
    other_street = world.area("371082900")
    closed_by(world, "water", 1)
    closed_by(world, "urban", 3)
    closed_by(world, "committee", 2)
    elsewhere = submit(world)
    Report.objects.filter(pk=elsewhere).update(street=other_street, community=None, grid=None)
    told = recommended(Report.objects.get(pk=elsewhere))
    assert [(one.department.code, one.closed, one.of) for one in told] == [("SWJT", 1, 6)]
    neighbours = submit(world)
    Report.objects.filter(pk=neighbours).update(community=world.area("371082007002"), grid=None)
    told = recommended(Report.objects.get(pk=neighbours))
    assert {one.department.code for one in told} == {"SWJT", "YTJD-CG"}


@pytest.mark.django_db
def test_a_closed_department_is_not_recommended_and_the_catalogues_always_is(world: World) -> None:
    closed_by(world, "urban", 6)
    item = CatalogueItem.objects.get(code="01-01-001")
    last = content_of(item.versions.get())
    change_item(item, type(last)(last.name, last.standards, lead_department=world.departments["housing"]))
    close(world, "urban")
    shown = routing(world, submit(world), language="en")["recommended"]
    assert [(one["department"]["code"], one["score"], one["reasons"]) for one in shown] == [
        ("ZJJ", 0.0, ["named by the catalogue"])
    ]


@pytest.mark.django_db
def test_the_sample_is_bounded_and_read_from_an_index(world: World, settings: Any) -> None:
    settings.GRIDWHISTLE = {**settings.GRIDWHISTLE, "ROUTING_SAMPLE": 7}
    closed_by(world, "urban", 20)
    report = Report.objects.get(pk=submit(world))
    assert recommended(report)[0].of == 7
    with CaptureQueriesContext(connection) as seen, connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        recommended(report)
        sql = next(query["sql"] for query in seen if '"closed_at" DESC' in query["sql"])
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql)
        plan = str(cursor.fetchall())
    assert "report_alike" in plan, plan
