"""The table of who may do what (`tests.matrix`), held against the API."""

import hashlib
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from rest_framework.test import APIClient

from accounts.roles import Role
from grids.models import Appointment
from tests import colour_scenes as bright
from tests import scenes
from tests import volunteer_scenes as band
from tests.matrix import MATRIX
from tests.matrix.rows import ALL, AREA, CALLED, CONFIRM, DISPATCH, HOMES
from tests.matrix_cases import (
    deputy_of_li,
)
from tests.test_main_job import NEAR
from tests.world import World, post

pytestmark = pytest.mark.django_db


def endpoints() -> set[str]:
    """ "METHOD name" of every address below /api/."""

    def walk(patterns: Any, prefix: str) -> Iterator[str]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            elif isinstance(pattern, URLPattern) and route.startswith("api/"):
                assert pattern.name, f"{route} has no name"
                methods = getattr(getattr(pattern.callback, "view_class", None), "http_method_names", ["get"])
                view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
                for method in methods:
                    if method not in ("head", "options") and hasattr(view, method):
                        yield f"{method.upper()} {pattern.name}"

    return set(walk(get_resolver().url_patterns, ""))


def test_every_endpoint_has_a_row_and_every_row_an_endpoint() -> None:
    assert {" ".join(row.split()[:2]) for row in MATRIX} == endpoints()


def test_every_role_is_held_by_somebody(everybody: World) -> None:
    assert set(Appointment.objects.values_list("role", flat=True)) == set(Role.values)


def ask(client: APIClient, method: str, url: str, query: dict[str, Any], said: Any) -> int:
    if isinstance(said, bytes):
        return client.put(url, said, content_type="application/octet-stream").status_code
    if method == "GET":
        return client.get(url, query).status_code
    return getattr(client, method.lower())(url, said, format="json").status_code


@pytest.mark.parametrize("name", MATRIX)
def test_who_may_and_who_may_not(everybody: World, name: str) -> None:
    row = MATRIX[name]
    method, endpoint, *_ = name.split()
    asked = everybody.people if row.ask == ALL else row.ask.split()
    clients = {person: everybody.api(person) for person in asked}
    may = set(clients) if row.may == ALL else set(row.may.split())
    refused = set(row.refused.split())
    assert not may & refused
    assert may | refused <= set(clients)
    kwargs, said = row.build(everybody)
    url = reverse(endpoint, kwargs=kwargs)
    expected = {
        person: row.answer if person in may else 403 if person in refused else row.strangers for person in clients
    } | {"anonymous": row.anonymous}
    got = {}
    for person, client in (clients | {"anonymous": APIClient()}).items():
        with transaction.atomic():
            got[person] = ask(client, method, url, row.query, said)
            transaction.set_rollback(True)
    assert got == expected


@pytest.mark.parametrize(
    ("endpoint", "sees"),
    [
        ("reports-list", f"{AREA} {CALLED}"),
        ("assignments-list", f"{AREA} {CALLED}"),
        ("whistles-list", f"{AREA} {CALLED}"),
        ("orders-list", f"{AREA} water water_boss"),
        ("volunteers-list", f"{DISPATCH} nobody housing"),
        ("registrations-list", f"{DISPATCH} nobody housing"),
        ("teams-list", f"{DISPATCH} nobody housing"),
        ("team-calls-list", f"{AREA} {CALLED}"),
        ("own-calls-list", "nobody housing"),
        ("records-list", f"{DISPATCH} nobody"),
        ("credits-list", f"{DISPATCH} nobody housing"),
        ("cards-list", f"{AREA} water water_boss"),
        ("deputies-list", "wang li command supervisor clerk root"),
        ("households-list", HOMES),
        ("buildings-list", HOMES),
        ("colour-changes-list", HOMES),
        ("visits-list", HOMES),
        ("visits-due", HOMES),
        ("visits-daily", HOMES),
        ("suggestions-list", HOMES),
        ("patrols-list", f"zhang {CONFIRM}"),
    ],
)
def test_a_list_shows_what_the_single_thing_would_and_nothing_else(everybody: World, endpoint: str, sees: str) -> None:
    at = scenes.ordered(everybody)
    band.with_everything(everybody, at.report)
    post(everybody, "supervisor", f"reports/{at.report}/cards", department="SWJT", colour="yellow", reason="推诿")
    deputy_of_li(everybody)
    bright.everything(everybody)
    shown = {}
    for person in everybody.people:
        shown[person] = bool(everybody.api(person).get(reverse(endpoint)).json()["results"])
    assert {person for person, some in shown.items() if some} == set(sees.split())


def test_field_checks_are_listed_to_the_person_asked_and_above_the_place(everybody: World) -> None:
    scenes.asked_to_check(everybody)
    for endpoint in ("field-checks-list", "reports-list"):
        shown = {
            person for person in everybody.people if everybody.api(person).get(reverse(endpoint)).json()["results"]
        }
        assert shown == {*AREA.split(), "zhao"}, endpoint


def test_a_notice_is_listed_to_its_recipient_only(everybody: World) -> None:
    scenes.submitted(everybody)
    shown = {
        person
        for person in everybody.people
        if everybody.api(person).get(reverse("notifications-list")).json()["results"]
    }
    assert shown == {"wang"}


def test_a_department_that_was_not_called_learns_nothing(world: World) -> None:
    at = scenes.with_a_photo(world)
    sha256 = hashlib.sha256(NEAR).hexdigest()
    for name in ("housing", "outsider", "nobody"):
        client = world.api(name)
        for path in (
            reverse("report", args=[at.report]),
            reverse("report-events", args=[at.report]),
            reverse("report-photo", args=[at.report, sha256]),
            reverse("whistle-delivery", args=[at.whistle]),
        ):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        # Not even whether it exists: the answer is the same as for an id that was never used.
        never = client.get(reverse("report", args=[uuid4()])).json()
        assert client.get(reverse("report", args=[at.report])).json() == never
