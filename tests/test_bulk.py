"""One action on many reports: each is done wholly or refused by itself."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from reports.actions import pool
from reports.models import Assignment, Event, Report
from tests import scenes
from tests.world import World, post, submit

pytestmark = pytest.mark.django_db

ZHAO = [{"role": "lead", "assignee": "zhao"}]


def bulk(world: World, action: str, reports: list[Any], name: str = "wang", **said: Any) -> list[dict[str, Any]]:
    rows = [one if isinstance(one, dict) else {"id": str(one)} for one in reports]
    answer = post(world, name, f"reports/bulk/{action}", reports=rows, **said)
    results: list[dict[str, Any]] = answer["results"]
    assert [row["id"] for row in results] == [row["id"] for row in rows]
    return results


def codes(results: list[dict[str, Any]]) -> list[str]:
    return ["ok" if row["ok"] else row["problem"]["code"] for row in results]


def test_what_can_be_accepted_is_and_the_others_say_why_not(world: World) -> None:
    first, done, second = submit(world), scenes.closed(world).report, submit(world)
    results = bulk(world, "accept", [first, done, second, uuid4()])
    assert codes(results) == ["ok", "transition_refused", "ok", "not_found"]
    assert (results[0]["status"], results[0]["version"]) == ("accepted", 2)
    problem = results[1]["problem"]
    assert (problem["status"], problem["current"], problem["allowed"]) == (409, "closed", ["reopen"])
    assert problem["title"]
    assert set(Report.objects.filter(pk__in=(first, second)).values_list("status", flat=True)) == {"accepted"}


def test_the_sentence_is_in_the_readers_language(world: World) -> None:
    said = {"reports": [{"id": str(scenes.closed(world).report)}]}
    titles = {
        language: world.api("wang")
        .post("/api/v1/reports/bulk/accept", said, format="json", HTTP_ACCEPT_LANGUAGE=language)
        .json()["results"][0]["problem"]["title"]
        for language in ("en", "zh-hans")
    }
    assert titles["en"] == "This cannot be done in the present state."
    assert titles["zh-hans"] != titles["en"]


def test_the_same_duties_are_given_on_several_reports(world: World) -> None:
    first, second, early = scenes.accepted(world).report, scenes.accepted(world).report, submit(world)
    results = bulk(world, "assign", [first, second, early], assignments=ZHAO, instruction="今日清完")
    assert codes(results) == ["ok", "ok", "transition_refused"]
    duties = Assignment.objects.values_list("report_id", "assignee__username", "instruction")
    assert set(duties) == {(first, "zhao", "今日清完"), (second, "zhao", "今日清完")}


def test_several_are_merged_into_one_with_those_in_the_way_named(world: World) -> None:
    main, first, second, accepted = submit(world), submit(world), submit(world), scenes.accepted(world).report
    results = bulk(world, "merge", [first, main, accepted, second], into=str(main), note="同一处")
    assert codes(results) == ["ok", "merge_with_itself", "transition_refused", "ok"]
    detail = world.api("wang").get(f"/api/v1/reports/{main}").json()
    assert {one["id"] for one in detail["merged"]} == {str(first), str(second)}


def test_several_are_urged_and_those_urged_enough_say_when_again(world: World, settings: Any) -> None:
    settings.GRIDWHISTLE = {**settings.GRIDWHISTLE, "URGES_PER_PERSON": 1}
    first, second, closed = scenes.whistled(world).report, submit(world), scenes.closed(world).report
    assert codes(bulk(world, "urge", [first, closed, second], note="请抓紧")) == ["ok", "transition_refused", "ok"]
    again = bulk(world, "urge", [first, second], "supervisor", note="请抓紧")
    assert codes(again) == ["ok", "ok"]
    assert codes(bulk(world, "urge", [first, second])) == ["urged_enough"] * 2
    assert Event.objects.filter(kind="urge", note="请抓紧").count() == 4


def test_who_is_upstream_of_nothing_may_not_urge_in_bulk(world: World) -> None:
    said = {"reports": [{"id": str(submit(world))}]}
    for name in ("zhang", "water", "nobody"):
        assert post(world, name, "reports/bulk/urge", expect=403, **said)["code"] == "forbidden"


def test_a_repeat_is_told_apart_row_by_row(world: World) -> None:
    rows = [{"id": str(submit(world)), "request_id": str(uuid4())} for _ in range(2)]
    first = bulk(world, "accept", rows)
    third = {"id": str(submit(world)), "request_id": str(uuid4())}
    again = bulk(world, "accept", [*rows, third])
    assert again[:2] == first
    assert codes(again) == ["ok"] * 3
    assert Event.objects.filter(kind="accept").count() == 3
    # The same id for another step is another matter.
    assert codes(bulk(world, "assign", rows, assignments=ZHAO)) == ["request_id_taken"] * 2
    shared = str(uuid4())
    twice = [{"id": str(submit(world)), "request_id": shared} for _ in range(2)]
    assert codes(bulk(world, "accept", twice)) == ["ok", "request_id_taken"]


def test_a_row_says_which_version_it_saw(world: World) -> None:
    rows = [{"id": str(submit(world)), "version": version} for version in (1, 7)]
    results = bulk(world, "accept", rows)
    assert codes(results) == ["ok", "stale_version"]
    assert (results[1]["problem"]["current"], results[1]["problem"]["version"]) == ("submitted", 1)


def test_what_is_not_ones_own_is_refused_row_by_row(world: World) -> None:
    report = submit(world)
    assert codes(bulk(world, "accept", [report], "outsider")) == ["not_found"]
    assert Report.objects.get().status == "submitted"


@pytest.mark.parametrize("action", ["accept", "assign", "merge"])
@pytest.mark.parametrize("name", ["zhang", "li", "supervisor", "clerk", "water", "nobody"])
def test_who_dispatches_nowhere_may_not_ask(world: World, action: str, name: str) -> None:
    said = {"reports": [{"id": str(submit(world))}], "assignments": ZHAO, "into": str(uuid4())}
    assert post(world, name, f"reports/bulk/{action}", expect=403, **said)["code"] == "forbidden"


@pytest.mark.parametrize(
    "reports",
    [
        [],
        [{"id": str(UUID(int=number))} for number in range(101)],
        [{"id": str(UUID(int=1))}] * 2,
        [{"id": "x"}],
        [{}],
        "all",
    ],
)
def test_one_to_a_hundred_different_reports(world: World, reports: Any) -> None:
    refused = post(world, "wang", "reports/bulk/accept", expect=400, reports=reports)
    assert (refused["code"], refused["errors"][0]["field"].split(".")[0]) == ("invalid", "reports")


def test_a_hundred_at_once(world: World) -> None:
    pattern = Report.objects.get(pk=submit(world))
    rows = []
    for number in range(100):
        row = Report.objects.get(pk=pattern.pk)
        row.pk, row.number = uuid4(), f"X{number}"
        rows.append(row)
    Report.objects.bulk_create(rows)
    assert codes(bulk(world, "accept", [row.pk for row in rows])) == ["ok"] * 100


def test_what_nobody_foresaw_spoils_one_row_and_leaves_no_half(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = (submit(world) for _ in range(3))
    real = pool.freeze_standard

    def fails(report: Report, standard: Any) -> None:
        real(report, standard)
        if report.pk == second:
            report.save()
            raise RuntimeError("a secret of ours")

    monkeypatch.setattr(pool, "freeze_standard", fails)
    results = bulk(world, "accept", [first, second, third])
    assert codes(results) == ["ok", "internal", "ok"]
    assert "secret" not in str(results)
    assert Report.objects.get(pk=second).status == "submitted"
    assert Report.objects.get(pk=second).limit_amount is None
