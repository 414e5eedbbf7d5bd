"""Counts beside the chips of a board: as long as the lists they open, under the same rights, at a fixed cost."""

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from reports.api import counts
from reports.models import Assignment, Report
from reports.models.vocabulary import ReportStatus
from tests import scenes
from tests.test_query_counts import FILTERS, counted, multiply, reader
from tests.test_query_counts import warm as warm
from tests.world import World

pytestmark = pytest.mark.django_db

# What the list of reports costs, and the area named, which is looked up to refuse what is wrong and to count.
MOST_QUERIES = 5


def counts_of(world: World, name: str, **asked: Any) -> Any:
    answer = world.api(name).get(reverse("reports-counts"), asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def length(world: World, name: str, **asked: Any) -> int:
    return len(world.api(name).get(reverse("reports-list"), {"page_size": 100, **asked}).json()["results"])


@pytest.mark.parametrize("name", ["zhang", "wang", "water", "command", "outsider", "urban"])
def test_each_count_is_the_length_of_the_list_it_opens(world: World, name: str) -> None:
    multiply(world, 10)
    scenes.submitted(world)
    scenes.closed(world)
    for asked in ({}, {"source": "grid"}, {"light": "yellow"}, {"status": ["submitted", "closed"]}, {"area": "0"}):
        found = counts_of(world, name, **asked)
        for status in ReportStatus.values:
            assert found["status"][status] == length(world, name, **{**asked, "status": status})
        for light in ("green", "yellow", "red"):
            assert found["light"][light] == length(world, name, **{**asked, "light": light})


def test_a_department_counts_what_was_assigned_to_it_and_an_outsider_nothing(world: World) -> None:
    multiply(world, 1)
    scenes.submitted(world)
    assigned = Assignment.objects.filter(department__code="SWJT").values("report").distinct().count()
    assert sum(counts_of(world, "water")["status"].values()) == assigned == 1
    assert sum(counts_of(world, "wang")["status"].values()) == Report.objects.count() == 2
    for name in ("outsider", "urban", "nobody"):
        assert sum(counts_of(world, name)["status"].values()) == 0


@pytest.mark.parametrize("rows", [1, 10, 100])
@pytest.mark.parametrize("name", ["zhang", "wang", "water", "command", "root", "nobody"])
def test_counting_takes_five_queries_at_most(world: World, name: str, rows: int) -> None:
    multiply(world, rows)
    client = reader(world, name)
    for asked in FILTERS:
        answer = counted(MOST_QUERIES, lambda asked=asked: client.get(reverse("reports-counts"), asked))
        assert answer.status_code == 200


def test_counting_ends_beyond_the_most(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "MOST", 3)
    at = scenes.submitted(world)
    report = Report.objects.get(pk=at.report)
    for number in range(6):
        report.pk, report.number = uuid4(), f"copy-{number}"
        report.save(force_insert=True)
    assert counts_of(world, "wang")["status"]["submitted"] == 4
    assert counts_of(world, "wang")["most"] == 3


def test_words_searched_for_are_not_counted_and_a_filter_the_list_refuses_is_refused(world: World) -> None:
    scenes.submitted(world)
    assert counts_of(world, "wang", q="垃圾") == {"most": 999, "status": {}, "light": {}}
    for asked in ({"status": "nonsense"}, {"stats": "closed"}, {"light": "blue"}):
        assert world.api("wang").get(reverse("reports-counts"), asked).status_code == 400
