"""The API against its own schema: whatever comes in, no answer is a 5xx and every answer is one that is documented.

Schemathesis makes requests that fit the schema and requests that do not, the same ones each time; every one is rolled
back. Half of them name things that exist, so that they get beyond "not found".
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests import colour_scenes as bright
from tests import household_scenes as homely
from tests import scenes
from tests import volunteer_scenes as band
from tests.matrix_cases import entry, news, shared_filter, shift
from tests.world import World

pytestmark = pytest.mark.django_db

# Per operation and person; more by hand, with other requests each time: SCHEMA_EXAMPLES=100.
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "6"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="session")
def schema() -> Any:
    loaded = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
    loaded.app = get_wsgi_application()
    return loaded


@pytest.fixture
def here(world: World, tmp_path: Any, settings: Any) -> dict[str, Any]:
    """What a path parameter can be replaced with to name something that exists."""
    settings.MEDIA_ROOT = tmp_path
    at = scenes.ordered(world)
    check = scenes.asked_to_check(world).check
    team = band.with_everything(world, at.report)
    home = homely.homes(world)
    work = bright.at_home(world, home)
    return {
        "reports": at.report,
        "assignments": at.lead,
        "whistles": at.whistle,
        "supervision_orders": at.order,
        "field_checks": check,
        "areas": world.grid.code,
        "catalogue": "01-01-001",
        "volunteers/me": team.call,
        "volunteers/calls": team.call,
        "volunteers/people": team.member,
        "volunteers/registrations": team.registration,
        "volunteers/teams": team.team,
        "volunteers/records": team.record,
        "volunteers/credits": team.entry,
        "households": home.family,
        "households/colour_changes": work.change,
        "visits": work.visit,
        "patrols": work.patrol,
        "buildings": home.building,
        "announcements": news(world)[0]["pk"],
        "knowledge": entry(world)[0]["pk"],
        "duty": shift(world)[0]["pk"],
        "saved_filters": shared_filter(world)[0]["pk"],
    }


def kind_of(path: str) -> str:
    """The collection an address belongs to."""
    parts = path.removeprefix("/api/v1/").split("/")
    return "/".join(parts[: 2 if parts[0] == "volunteers" or parts[:2] == ["households", "colour_changes"] else 1])


def pointed(case: Case, here: dict[str, Any], really: bool) -> None:
    """Let the first parameter of the path name something that is there."""
    kind = kind_of(case.operation.path)
    name = next(iter(case.path_parameters or {}), None)
    # A submission needs an id of its own to be taken.
    if really and name in ("id", "pk", "code") and kind in here and case.operation.label != "PUT /api/v1/reports/{id}":
        case.path_parameters[name] = str(here[kind])


@contextmanager
def kept_connection() -> Iterator[None]:
    """A server drops old connections around each request; the one that holds the test's transaction has to stay."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


@pytest.mark.parametrize("name", ["zhang", "wang", "water", "root", "nobody"])
def test_no_request_makes_an_answer_that_is_not_documented(
    world: World, here: dict[str, Any], schema: Any, name: str
) -> None:
    # What comes back packed is beyond the reader of answers here.
    headers = {"Authorization": f"Token {world.token(name)}", "Accept-Encoding": "identity"}
    found: list[str] = []
    for operation in schema.get_all_operations():
        operation = operation.ok()
        cases = operation.as_strategy(GenerationMode.POSITIVE) | operation.as_strategy(GenerationMode.NEGATIVE)

        @settings(
            max_examples=EXAMPLES,
            derandomize="SCHEMA_EXAMPLES" not in os.environ,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases, really=st.booleans())
        def sends(case: Case, really: bool) -> None:
            pointed(case, here, really)
            cache.clear()
            with kept_connection(), transaction.atomic():
                case.call_and_validate(headers=headers, checks=CHECKS)
                transaction.set_rollback(True)

        try:
            sends()
        except (FailureGroup, Exception) as exc:
            found.append(f"{operation.label}: {type(exc).__name__} {str(exc)[:3000]}")
    assert not found, "\n\n".join(found)


def test_the_schema_is_valid_and_says_everything_without_a_warning(tmp_path: Path) -> None:
    out = tmp_path / "schema.yml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(out))
    assert "application/problem+json" in out.read_text()


def every_write(here: dict[str, Any]) -> list[tuple[str, str]]:
    """(method, address) of everything that takes a JSON body, pointed at what exists where it can be."""
    listed = []
    for path, operations in SchemaGenerator().get_schema(request=None, public=True)["paths"].items():
        kind = kind_of(path)
        for method, operation in operations.items():
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                listed.append((method, re.sub(r"\{\w+\}", str(here.get(kind, 1)), path)))
    assert len(listed) > 25
    return listed


def deep(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


BODIES: dict[str, bytes] = {
    "not JSON": b"{",
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"x"',
    "a number": b"1e308",
    "NaN": b'{"lng": NaN, "position": {"lng": NaN}}',
    "infinity": b'{"version": 1e999, "position": {"lng": Infinity, "lat": -Infinity}}',
    "broken UTF-8": b'{"reason": "\xff\xfe", "text": "\xc3("}',
    "half a surrogate": b'{"reason": "\\ud800", "text": "\\udfff", "description": "\\ud800"}',
    "U+0000 escaped": b'{"reason": "a\\u0000b", "text": "\\u0000", "note": "\\u0000"}',
    "U+0000 raw": b'{"reason": "a\x00b"}',
    "huge integer": b'{"version": ' + b"9" * 4000 + b', "assignment": ' + b"9" * 30 + b', "ids": [' + b"9" * 30 + b"]}",
    "beyond 64 bits": b'{"version": 18446744073709551616, "ids": [9223372036854775808]}',
    "deep lists": b'{"answers": {"q1": ' + deep(900) + b"}}",
    "deeper lists": deep(100_000),
    "deep at choices": b'{"kind": ' + deep(900) + b', "urgency": ' + deep(900) + b"}",
    "deep objects": b'{"a":' * 900 + b"1" + b"}" * 900,
    "megabytes": b'{"reason": "' + b"x" * 2_000_000 + b'"}',
    "many members": b"{" + b",".join(b'"k%d": 1' % number for number in range(5000)) + b"}",
    "byte order mark": b'\xef\xbb\xbf{"reason": "x"}',
    "UTF-16": '{"reason": "x"}'.encode("utf-16"),
}


@pytest.mark.parametrize("kind", BODIES)
def test_no_body_however_broken_is_an_error_of_ours(world: World, here: dict[str, Any], kind: str) -> None:
    client = world.api("root")
    client.raise_request_exception = False
    for method, path in every_write(here):
        with transaction.atomic():
            answer = getattr(client, method)(path, BODIES[kind], content_type="application/json")
            transaction.set_rollback(True)
        assert answer.status_code < 500, f"{method} {path}: {answer.status_code}"
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json"
            assert answer.json()["code"]


STRANGE = [
    "%00",
    "%FF%FE",
    "%C3%28",
    "9" * 400,
    "-1",
    "0",
    "NaN",
    "1e400",
    "%E2%80%AE",
    "a" * 3000,
    "'\"--;",
    "%5C",
    "+",
]


@pytest.mark.parametrize("value", STRANGE)
def test_no_address_however_broken_is_an_error_of_ours(world: World, schema: Any, value: str) -> None:
    client = world.api("root")
    client.raise_request_exception = False
    for path, operations in schema.raw_schema["paths"].items():
        names = [one["name"] for one in operations.get("get", {}).get("parameters", []) if one["in"] == "query"]
        query = "&".join(f"{name}={value}" for name in [*names, "cursor", "page_size", "format"])
        asked = {
            f"{re.sub(r'{[^}]+}', value, path)}?{query}",
            *(f"{path}?{name}={value}" for name in names if "{" not in path),
        }
        for address in asked:
            with transaction.atomic():
                answer = client.get(address)
                transaction.set_rollback(True)
            assert answer.status_code < 500, address
            if answer.status_code >= 400:
                assert answer["Content-Type"] == "application/problem+json", address


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_AUTHORIZATION": "Token \xff\xfe"},
        {"HTTP_AUTHORIZATION": "Token "},
        {"HTTP_AUTHORIZATION": "Token a b c"},
        {"HTTP_AUTHORIZATION": "Token " + "x" * 10_000},
        {"HTTP_AUTHORIZATION": "Token \x00"},
        {"HTTP_AUTHORIZATION": "Bearer x"},
        {"HTTP_COOKIE": "sessionid=\xff\x00; csrftoken=x"},
    ],
)
def test_no_credential_however_broken_is_an_error_of_ours(world: World, headers: dict[str, str]) -> None:
    client = APIClient(raise_request_exception=False)
    answer = client.get("/api/v1/me", **headers)
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_ACCEPT_LANGUAGE": "\xff, \x00;q=NaN"},
        {"HTTP_ACCEPT_LANGUAGE": "x" * 5000},
        {"HTTP_ACCEPT": "text/html"},
        {"HTTP_ACCEPT": "\xff/\x00"},
        {"HTTP_X_FORWARDED_FOR": "\x00, nonsense"},
        {"HTTP_IF_MODIFIED_SINCE": "yesterday"},
        {"HTTP_RANGE": "bytes=-1--1"},
    ],
)
def test_no_header_however_broken_is_an_error_of_ours(world: World, headers: dict[str, str]) -> None:
    client = world.api("wang")
    client.raise_request_exception = False
    for path in ("/api/v1/reports", "/api/v1/reports?light=blue", "/api/v1/nothing"):
        answer = client.get(path, **headers)
        assert answer.status_code in (200, 400, 404, 406)


def test_another_media_type_or_method_is_refused_as_a_problem(world: World, here: dict[str, Any]) -> None:
    client = world.api("wang")
    path = f"/api/v1/reports/{here['reports']}"
    for answer, status, code in (
        (client.put(path, "a=b", content_type="application/x-www-form-urlencoded"), 415, "unsupported_media_type"),
        (client.put(path, "<a/>", content_type="text/xml"), 415, "unsupported_media_type"),
        (client.patch(path, {}, format="json"), 405, "method_not_allowed"),
        (client.get("/api/v1/no_such_thing"), 404, "not_found"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["title"]


def test_an_unforeseen_error_is_a_problem_too_and_tells_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: Any) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("reports.api.reports.visible_reports", fails)
    client = world.api("wang")
    client.raise_request_exception = False
    answer = client.get("/api/v1/reports")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.content.decode()


def test_the_sentence_is_in_the_language_asked_for_and_the_code_is_not(world: World) -> None:
    client = world.api("wang")
    told = [client.get("/api/v1/no_such_thing", HTTP_ACCEPT_LANGUAGE=language).json() for language in ("en", "zh-hans")]
    assert told[0]["code"] == told[1]["code"] == "not_found"
    assert told[0]["title"] == "Not found."
