"""What /api/docs shows a newcomer: a body to begin with for every step, and a word for what was misspelt."""

from typing import Any
from uuid import uuid4

import pytest
from drf_spectacular.generators import SchemaGenerator

from reports.transitions import TABLES
from tests import scenes
from tests.world import World

pytestmark = pytest.mark.django_db

# In the place of a key or an id in an address: nothing there, so that no example does anything.
NOTHING_THERE = {"integer": "4000000000", "string": "0b7c1c6e-9d0f-4a55-9a70-0d7f3c0e6a99"}


def bodies() -> list[tuple[str, str, str, list[Any]]]:
    """Method, address, operation and examples of everything that takes JSON."""
    found = []
    for path, methods in SchemaGenerator().get_schema(request=None, public=True)["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body is None:
                continue
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    path = path.replace(f"{{{parameter['name']}}}", NOTHING_THERE[parameter["schema"]["type"]])
            examples = [example["value"] for example in body.get("examples", {}).values()]
            found.append((method, path, operation["operationId"], examples))
    return found


def test_every_body_has_an_example_and_every_example_is_a_body(world: World) -> None:
    client = world.api("root")
    without, refused = [], {}
    for method, path, operation, examples in bodies():
        if not examples:
            without.append(operation)
        for example in examples:
            answer = getattr(client, method)(path, example, format="json")
            # The codes are the demonstration's; what they name need not be here. What they look like has to fit.
            if answer.status_code == 400 and answer.json()["code"] == "invalid":
                refused[operation] = answer.json()["errors"]
    assert (without, refused) == ([], {})


@pytest.mark.parametrize("path", ["reports", "assignments", "requests", "volunteers/people", "duty/shifts", "staff"])
def test_a_filter_that_a_list_does_not_have_is_refused_by_name(world: World, path: str) -> None:
    answer = world.api("wang").get(f"/api/v1/{path}", {"ligth": "red", "page_size": 5}, HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert [(row["field"], row["code"]) for row in answer.json()["errors"]] == [("ligth", "filter_unknown_name")]
    assert answer.json()["errors"][0]["message"] == "列表没有该筛选项。"


@pytest.mark.parametrize(
    ("path", "make"),
    [
        ("assignments", scenes.whistled),
        ("whistles", scenes.whistled),
        ("requests", scenes.asked_back),
        ("field_checks", scenes.asked_to_check),
        ("supervision_orders", scenes.ordered),
    ],
)
def test_what_hangs_on_a_report_is_listed_by_it(world: World, path: str, make: Any) -> None:
    at, other = make(world), make(world)
    client = world.api("command")
    found = client.get(f"/api/v1/{path}", {"report": str(at.report)}).json()["results"]
    everything = client.get(f"/api/v1/{path}").json()["results"]
    assert {row["id"] for row in found} < {row["id"] for row in everything}
    assert client.get(f"/api/v1/{path}", {"report": str(uuid4())}).json()["results"] == []
    assert client.get(f"/api/v1/{path}", {"report": "x"}).status_code == 400
    others = client.get(f"/api/v1/{path}", {"report": str(other.report)}).json()["results"]
    assert found
    assert {row["id"] for row in found}.isdisjoint({row["id"] for row in others})


def test_a_member_that_a_body_does_not_have_is_named_in_the_readers_language(world: World) -> None:
    said = {"username": "wang", "to": "li", "whom": "zhang"}
    answer = world.api("wang").post(
        "/api/v1/assignments/hand_over", said, format="json", HTTP_ACCEPT_LANGUAGE="zh-hans"
    )
    told = {row["field"]: row["message"] for row in answer.json()["errors"] if row["code"] == "unknown_field"}
    assert told == {"username": "没有这个字段。", "whom": "没有这个字段。"}


def test_what_is_allowed_now_names_only_what_somebody_can_do() -> None:
    for table in TABLES:
        for state in table.states:
            assert all(table.transitions[name].can is not None for name in table.allowed(state)), (table.subject, state)
