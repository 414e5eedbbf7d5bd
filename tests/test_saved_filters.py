"""Saved filters: kept once, changed by their owner only, shared with a desk or unit, never one the list refuses."""

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.actions import saved_filters
from reports.models import SavedFilter
from tests.test_query_counts import LIST, counted, reader
from tests.world import World

pytestmark = pytest.mark.django_db

RED = {"of": "reports", "name": "红灯件", "query": {"light": ["red"], "status": ["in_progress", "in_review"]}}
DESK = {"shared_with": {"area": "371082007"}}


def put(world: World, who: str, pk: Any, **changes: Any) -> Any:
    return world.api(who).put(reverse("saved-filter", args=[pk]), {**RED, **changes}, format="json")


def kept(world: World, who: str = "wang", **changes: Any) -> Any:
    pk = uuid4()
    answer = put(world, who, pk, **changes)
    assert answer.status_code == 201, answer.content
    return pk


def listed(world: World, name: str, **asked: Any) -> list[str]:
    return [one["id"] for one in world.api(name).get(reverse("saved-filters-list"), asked).json()["results"]]


def test_a_filter_sent_twice_is_one(world: World) -> None:
    pk = uuid4()
    first, again = put(world, "wang", pk), put(world, "wang", pk)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["query_string"] == "light=red&status=in_progress&status=in_review"


def test_a_change_names_the_version_it_saw(world: World) -> None:
    pk = kept(world)
    assert put(world, "wang", pk, name="别名").json()["code"] == "filter_differs"
    assert put(world, "wang", pk, name="别名", version=2).json()["code"] == "stale_version"
    assert put(world, "wang", pk, name="别名", version=1).json()["version"] == 2


def test_a_deleted_filter_stays_deleted_and_deleting_again_is_no_fault(world: World) -> None:
    pk, client = kept(world), world.api("wang")
    url = reverse("saved-filter", args=[pk])
    assert client.delete(f"{url}?version=9").json()["code"] == "stale_version"
    assert client.delete(f"{url}?version=x").json()["code"] == "invalid"
    assert [client.delete(f"{url}?version=1").status_code, client.delete(url).status_code] == [204, 204]
    assert client.get(url).status_code == 404
    assert put(world, "wang", pk).json()["code"] == "filter_deleted"
    row = SavedFilter.objects.get(pk=pk)
    assert (row.name, row.query) == ("", {})


def test_a_filter_of_another_is_not_there(world: World) -> None:
    pk = kept(world)
    url = reverse("saved-filter", args=[pk])
    for name in ("li", "outsider", "root"):
        client = world.api(name)
        assert client.get(url).status_code == 404
        assert client.delete(url).status_code == 404
        assert put(world, name, pk).status_code == 404
        assert listed(world, name) == []
    world.api("wang").delete(url)
    assert world.api("li").delete(url).status_code == 404


def test_one_shared_with_a_desk_is_used_by_its_people_and_changed_by_its_owner(world: World) -> None:
    pk = kept(world, **DESK)
    users = {name for name in world.people if listed(world, name)}
    assert users == {"wang", "li", "clerk"}
    assert put(world, "li", pk, name="改", version=1).status_code == 403
    assert world.api("li").delete(reverse("saved-filter", args=[pk])).status_code == 403
    assert listed(world, "li", mine="true") == []
    assert listed(world, "li", mine="false") == [str(pk)]


def test_one_shared_with_a_unit_is_used_by_the_units_below_it_too(world: World) -> None:
    pk = kept(world, "water_boss", shared_with={"department": "SWJT"})
    assert listed(world, "water") == [str(pk)]
    assert listed(world, "gas") == []


@pytest.mark.parametrize(
    "shared",
    [
        {"area": "371082007032"},
        {"area": "999"},
        {},
        {"area": "371082007", "department": "YTJD"},
        {"department": "SWJT"},
    ],
)
def test_nobody_shares_with_a_desk_that_is_not_theirs(world: World, shared: dict[str, str]) -> None:
    assert put(world, "wang", uuid4(), shared_with=shared).json()["code"] == "filter_not_shared_here"


@pytest.mark.parametrize(
    ("of", "query", "field"),
    [
        ("reports", {"status": ["no_such"]}, "query.status"),
        ("reports", {"light": ["purple"]}, "query.light"),
        ("reports", {"colour": ["red"]}, "query.colour"),
        ("reports", {"cursor": ["x"]}, "query.cursor"),
        ("reports", {"received_after": ["gestern"]}, "query.received_after"),
        ("reports", {"received_after": ["9999-12-31T23:59:59-15:00"]}, "query.received_after"),
        ("whistles", {"light": ["red"]}, "query.light"),
        ("assignments", {"status": ["closed"]}, "query.status"),
    ],
)
def test_what_the_list_would_refuse_is_not_kept(world: World, of: str, query: dict[str, Any], field: str) -> None:
    answer = put(world, "wang", uuid4(), of=of, query=query)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not SavedFilter.objects.exists()


def test_a_filter_too_long_for_an_address_is_not_kept(world: World) -> None:
    assert put(world, "wang", uuid4(), query={"q": ["垃" * 200] * 3}).json()["code"] == "filter_too_long"


def test_a_person_keeps_a_hundred(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_filters, "MAX_PER_PERSON", 2)
    pks = [kept(world), kept(world)]
    assert put(world, "wang", uuid4()).json()["code"] == "too_many_filters"
    world.api("wang").delete(reverse("saved-filter", args=[pks[0]]))
    kept(world)


VALUES = st.one_of(
    st.sampled_from(
        [
            "red",
            "green",
            "in_progress",
            "grid",
            "true",
            "false",
            "normal",
            "371082007",
            "2026-01-01T00:00:00Z",
            "unknown",
        ]
    ),
    st.text(min_size=1, max_size=12),
)
NAMES = ["status", "source", "urgency", "light", "overdue", "area", "item", "department", "mine", "q", "received_after"]
LISTS = {"reports": "reports-list", "assignments": "assignments-list", "whistles": "whistles-list"}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    of=st.sampled_from(sorted(LISTS)),
    query=st.dictionaries(st.sampled_from(NAMES), st.lists(VALUES, min_size=1, max_size=3), max_size=4),
)
def test_whatever_is_kept_the_list_takes(world: World, of: str, query: dict[str, list[str]]) -> None:
    client, pk = world.api("wang"), uuid4()
    answer = client.put(reverse("saved-filter", args=[pk]), {"of": of, "name": "x", "query": query}, format="json")
    assert answer.status_code in (201, 400), answer.content
    if answer.status_code == 201:
        string = answer.json()["query_string"]
        assert client.get(f"{reverse(LISTS[of])}?{string}").status_code == 200
        client.delete(reverse("saved-filter", args=[pk]))


@pytest.mark.parametrize("rows", [1, 10, 100])
def test_the_list_takes_four(world: World, rows: int) -> None:
    for number in range(rows):
        kept(world, name=f"筛选{number}", **DESK)
    for name in ("wang", "li"):
        client = reader(world, name)
        answer = counted(LIST, lambda client=client: client.get(reverse("saved-filters-list"), {"page_size": 100}))
        assert len(answer.json()["results"]) == rows
