"""Every endpoint of the API for everybody: who may, who may not, and who does not even learn that it exists.

Read a row as: these succeed, these see it and are refused (403), everyone else hears that there is no such thing (404),
and one who is not logged in is asked to log in (401). A new endpoint without a row fails the suite.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from rest_framework.test import APIClient

from accounts.models import Device
from accounts.roles import Role
from grids.models import Appointment
from notifications.models import Notification
from reports.models import Photo
from reports.photos.signing import sign
from tests import scenes
from tests.test_main_job import HERE, NEAR, ON_SITE, announced, result
from tests.world import LAT, LNG, World, body

pytestmark = pytest.mark.django_db

# Who see a report in Zhang's grid because of where they work, and whom the whistle of the scenes called.
AREA = "zhang leader assistant sun wang li command supervisor clerk root"
CALLED = "water water_boss gas"
DISPATCH = "sun wang command root"
APPROVE = "li command root"
SENDERS = "zhang zhao leader assistant sun wang command outsider root"
ALL = "*"

Build = Callable[[World], tuple[dict[str, Any], Any]]


@dataclass(frozen=True)
class Row:
    """Who may (`answer`), who is refused, and what strangers are told."""

    build: Build
    may: str
    refused: str = ""
    answer: int = 200
    strangers: int = 404
    anonymous: int = 401
    query: dict[str, Any] = field(default_factory=dict)
    ask: str = ALL


def on_report(make: Callable[[World], scenes.Scene], **said: Any) -> Build:
    return lambda world: ({"pk": make(world).report}, said)


def on(kind: str, make: Callable[[World], scenes.Scene], say: Callable[[scenes.Scene], dict[str, Any]]) -> Build:
    """A step on the whistle, lead, assist or order of a scene; `say` makes the body."""

    def build(world: World) -> tuple[dict[str, Any], Any]:
        at = make(world)
        return {"pk": getattr(at, kind)}, say(at)

    return build


def in_bulk(make: Callable[[World], scenes.Scene], **said: Any) -> Build:
    return lambda world: ({}, {"reports": [{"id": str(make(world).report)}], **said})


def two_reports(world: World) -> tuple[dict[str, Any], Any]:
    return {"pk": scenes.submitted(world).report}, {"into": str(scenes.submitted(world).report)}


def nothing(world: World) -> tuple[dict[str, Any], Any]:
    return {}, None


def new_report(world: World) -> tuple[dict[str, Any], Any]:
    return {"pk": uuid4()}, body()


def photo(world: World) -> tuple[dict[str, Any], Any]:
    at = scenes.with_a_photo(world)
    return {"pk": at.report, "sha256": hashlib.sha256(NEAR).hexdigest()}, None


def photo_to_come(world: World) -> tuple[dict[str, Any], Any]:
    at = scenes.whistled(world, photos=[announced(NEAR, "near")])
    return {"pk": at.report, "sha256": hashlib.sha256(NEAR).hexdigest()}, NEAR


def signed_photo(world: World) -> tuple[dict[str, Any], Any]:
    at = scenes.with_a_photo(world)
    key = Photo.objects.get(report_id=at.report).pk
    return {"token": sign(key, "display", world["wang"].pk)}, None


def notice_of_wang(world: World) -> tuple[dict[str, Any], Any]:
    scenes.submitted(world)
    return {"id": Notification.objects.filter(recipient=world["wang"]).latest("pk").pk}, None


def wrong_password(world: World) -> tuple[dict[str, Any], Any]:
    return {}, {"username": "wang", "password": "not-hers"}


def device_of_wang(world: World) -> tuple[dict[str, Any], Any]:
    return {"key": Device.objects.create(user=world["wang"], name="second")[0].token_key}, None


MATRIX: dict[str, Row] = {
    # Made afresh for each request, which takes its time: two are asked.
    "GET schema": Row(nothing, "zhang", anonymous=200, ask="zhang"),
    "GET docs": Row(nothing, ALL, anonymous=200),
    # A wrong password is its own refusal, whoever else one may be.
    "POST auth-tokens": Row(wrong_password, "", strangers=401),
    "GET auth-tokens": Row(nothing, ALL),
    "DELETE auth-tokens": Row(nothing, ALL, answer=204),
    "DELETE auth-token": Row(device_of_wang, "wang", answer=204),
    "GET me": Row(nothing, ALL),
    "GET areas-list": Row(nothing, ALL),
    "GET areas-detail": Row(lambda world: ({"code": world.grid.code}, None), ALL),
    "GET grids-locate": Row(nothing, ALL, query={"lng": LNG, "lat": LAT, "coord_type": "wgs84"}),
    "GET catalogue-list": Row(nothing, ALL),
    "GET catalogue-detail": Row(lambda world: ({"code": "01-01-001"}, None), ALL),
    "GET notifications-list": Row(nothing, ALL),
    "POST notifications-ack": Row(lambda world: ({}, {"ids": [1]}), ALL),
    "POST notifications-seen": Row(lambda world: ({}, {"ids": [1]}), ALL),
    "POST notifications-receipt": Row(notice_of_wang, "wang"),
    "GET reports-list": Row(nothing, ALL),
    "GET assignments-list": Row(nothing, ALL),
    "GET whistles-list": Row(nothing, ALL),
    "GET field-checks-list": Row(nothing, ALL),
    "GET orders-list": Row(nothing, ALL),
    "GET reports-nearby": Row(
        nothing,
        SENDERS,
        strangers=403,
        query={"lng": LNG, "lat": LAT, "coord_type": "wgs84", "item": "01-01-001"},
    ),
    "PUT report": Row(new_report, SENDERS, answer=201, strangers=403),
    "GET report": Row(on_report(scenes.whistled), f"{AREA} {CALLED}"),
    "GET report-events": Row(on_report(scenes.whistled), f"{AREA} {CALLED}"),
    "GET report-delivery": Row(on_report(scenes.whistled), AREA, CALLED),
    "POST report-reveal-requester": Row(
        on_report(scenes.asked_for, reason="回电核实"),
        f"{DISPATCH} clerk {CALLED}",
        "zhang leader assistant li supervisor",
    ),
    "GET report-photo": Row(photo, f"{AREA} {CALLED}"),
    "GET report-photo original": Row(
        photo, DISPATCH, f"zhang leader assistant li supervisor clerk {CALLED}", query={"variant": "original"}
    ),
    # Only who announced it sends it: to others it is not a photo of theirs.
    "PUT report-photo": Row(photo_to_come, "zhang root", answer=201),
    # The address itself is the permission, for five minutes.
    "GET photo-signed": Row(signed_photo, ALL, anonymous=200),
    "POST report-accept": Row(on_report(scenes.submitted), DISPATCH, "zhang leader assistant li supervisor clerk"),
    "POST report-reject": Row(
        on_report(scenes.submitted, reason="不属实"), DISPATCH, "zhang leader assistant li supervisor clerk"
    ),
    "POST report-void": Row(
        on_report(scenes.submitted, reason="误报"), DISPATCH, "zhang leader assistant li supervisor clerk"
    ),
    "POST report-return_to_pool": Row(
        on_report(scenes.accepted, reason="再核实"), DISPATCH, "zhang leader assistant li supervisor clerk"
    ),
    "POST report-field_check": Row(on_report(scenes.submitted), DISPATCH, "zhang leader assistant li supervisor clerk"),
    "POST report-merge": Row(two_reports, DISPATCH, "zhang leader assistant li supervisor clerk"),
    "POST report-unmerge": Row(on_report(scenes.merged), DISPATCH, "zhang leader assistant li supervisor clerk"),
    "POST report-split": Row(
        on_report(scenes.submitted, parts=[{"item": "02-01-001", "description": "水管也破了"}]),
        DISPATCH,
        "zhang leader assistant li supervisor clerk",
    ),
    "GET report-duplicates": Row(on_report(scenes.whistled), AREA, CALLED),
    # Whoever dispatches somewhere may ask; each report answers for itself.
    "POST reports-bulk-accept": Row(in_bulk(scenes.submitted), f"{DISPATCH} outsider", strangers=403),
    "POST reports-bulk-assign": Row(
        in_bulk(scenes.accepted, assignments=[{"role": "lead", "assignee": "zhao"}]),
        f"{DISPATCH} outsider",
        strangers=403,
    ),
    "POST reports-bulk-merge": Row(in_bulk(scenes.submitted, into=str(uuid4())), f"{DISPATCH} outsider", strangers=403),
    # Only the person asked answers, and sees the report for it.
    "POST field_check-answer": Row(
        on(
            "check",
            scenes.asked_to_check,
            lambda at: {"confirmed": True, "position": HERE, "photos": [announced(ON_SITE, "reference")]},
        ),
        "zhao",
        AREA,
    ),
    "POST field_check-cancel": Row(
        on("check", scenes.asked_to_check, lambda at: {}),
        DISPATCH,
        "zhang zhao leader assistant li supervisor clerk",
    ),
    "POST report-assign": Row(
        on_report(scenes.accepted, assignments=[{"role": "lead", "assignee": "zhao"}]),
        DISPATCH,
        "zhang leader assistant li supervisor clerk",
    ),
    # The street's own office: whom a community may call too.
    "POST report-whistles": Row(
        on_report(scenes.whistled, kind="routine", reason="协调", departments=[{"department": "YTJD", "role": "lead"}]),
        DISPATCH,
        f"zhang leader assistant li supervisor clerk {CALLED}",
    ),
    "POST report-approve": Row(on_report(scenes.self_handled), DISPATCH, "zhang leader assistant li supervisor clerk"),
    "POST report-rework": Row(
        on_report(scenes.answered, reason="未清净"),
        DISPATCH,
        f"zhang leader assistant li supervisor clerk {CALLED}",
    ),
    "POST report-close": Row(on_report(scenes.approved), DISPATCH, "zhang leader assistant li supervisor clerk"),
    "POST report-reopen": Row(
        on_report(scenes.closed, reason="又有了"), APPROVE, "zhang leader assistant sun wang supervisor clerk"
    ),
    "POST report-note": Row(on_report(scenes.whistled, text="家属情绪激动"), AREA, CALLED),
    "POST report-supervise": Row(
        on_report(scenes.whistled, kind="leader", reason="领导批示"),
        "command supervisor root",
        f"zhang leader assistant sun wang li clerk {CALLED}",
    ),
    "POST report-delete": Row(
        on_report(scenes.whistled, reason="含隐私"),
        "root",
        f"zhang leader assistant sun wang li command supervisor clerk {CALLED}",
        answer=204,
    ),
    "POST assignment-receive": Row(
        on("lead", scenes.whistled, lambda at: {}),
        "water water_boss root",
        "zhang leader assistant sun wang li command supervisor clerk gas",
    ),
    "POST assignment-report_in": Row(
        on("lead", scenes.whistled, lambda at: {"position": HERE, "photos": [announced(ON_SITE, "reference")]}),
        "water water_boss root",
        "zhang leader assistant sun wang li command supervisor clerk gas",
    ),
    "POST assignment-submit": Row(
        on("lead", scenes.reported_in, lambda at: result()),
        "water water_boss root",
        "zhang leader assistant sun wang li command supervisor clerk gas",
    ),
    "POST assignment-waive": Row(
        on("assist", scenes.whistled, lambda at: {"reason": "无需燃气"}),
        DISPATCH,
        f"zhang leader assistant li supervisor clerk {CALLED}",
    ),
    "GET whistle-delivery": Row(on("whistle", scenes.whistled, lambda at: {}), AREA, CALLED),
    "POST whistle-request": Row(
        on("whistle", lambda world: scenes.whistled(world, "routine", only_draft=True), lambda at: {}),
        DISPATCH,
        "zhang leader assistant li supervisor clerk",
    ),
    "POST whistle-approve": Row(
        on("whistle", lambda world: scenes.whistled(world, "routine"), lambda at: {"note": "同意"}),
        APPROVE,
        "zhang leader assistant sun wang supervisor clerk",
    ),
    "POST whistle-decline": Row(
        on("whistle", lambda world: scenes.whistled(world, "routine"), lambda at: {"note": "自行处置"}),
        APPROVE,
        "zhang leader assistant sun wang supervisor clerk",
    ),
    "POST whistle-withdraw": Row(
        on("whistle", lambda world: scenes.whistled(world, "routine"), lambda at: {"note": "已解决"}),
        DISPATCH,
        "zhang leader assistant li supervisor clerk",
    ),
    "POST whistle-rate": Row(
        on("whistle", scenes.answered, lambda at: {"ratings": scenes.ratings(at)}),
        DISPATCH,
        f"zhang leader assistant li supervisor clerk {CALLED}",
    ),
    "POST whistle-close": Row(
        on("whistle", scenes.rated, lambda at: {}),
        DISPATCH,
        f"zhang leader assistant li supervisor clerk {CALLED}",
    ),
    "POST order-reply": Row(
        on("order", scenes.ordered, lambda at: {"text": "已安排"}),
        f"{DISPATCH} water water_boss",
        "zhang leader assistant li supervisor clerk gas",
    ),
}


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
    ],
)
def test_a_list_shows_what_the_single_thing_would_and_nothing_else(everybody: World, endpoint: str, sees: str) -> None:
    scenes.ordered(everybody)
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
