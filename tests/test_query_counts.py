"""How many queries a request takes, at 1, 10 and 100 rows; savepoints count as queries."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.response import Response
from rest_framework.test import APIClient

from core.moment import moved_to, now
from grids.locating import locate
from notifications.actions import notify
from notifications.models import OutgoingMessage
from reports import rules
from reports.actions.deputies import name_deputy
from reports.actions.dispatch import Target
from reports.actions.routing import RuleContent, create_rule
from reports.calendar import working_calendar
from reports.models import (
    Assignment,
    CallbackTry,
    Card,
    ChangeRequest,
    Clock,
    Event,
    FieldCheck,
    MessageTemplate,
    Photo,
    Report,
    Requester,
    RequesterMessage,
    RoutingRule,
    SupervisionOrder,
    Whistle,
)
from tests import scenes
from tests.test_main_job import NEAR, ON_SITE, announced
from tests.world import LAT, LNG, World, body

pytestmark = pytest.mark.django_db

LIST, DETAIL, CREATE = 4, 8, 12
ROWS = (1, 10, 100)


def counted(most: int, call: Callable[[], Response]) -> Response:
    """The answer of `call`, which may take `most` queries; if it takes more, the failure shows them all."""
    with CaptureQueriesContext(connection) as queries:
        answer = call()
    listed = "\n".join(f"{number}. {query['sql'][:300]}" for number, query in enumerate(queries, 1))
    assert len(queries) <= most, f"{len(queries)} queries:\n{listed}"
    return answer


def multiply(world: World, rows: int) -> scenes.Scene:
    """A scene with a whistle, and copies of its rows until every list holds `rows`."""
    at = scenes.ordered(world)
    report, whistle = Report.objects.get(), Whistle.objects.get()
    duties, order = list(Assignment.objects.order_by("pk")), SupervisionOrder.objects.get()
    for number in range(1, rows):
        report.pk, report.number = uuid4(), f"copy-{number}"
        report.received_at -= timedelta(seconds=1)
        report.save(force_insert=True)
        whistle.pk, whistle.report = None, report
        whistle.save(force_insert=True)
        for duty in duties:
            duty.pk, duty.report, duty.whistle = None, report, whistle
            duty.save(force_insert=True)
        order.pk, order.report, order.clock = None, report, None
        order.save(force_insert=True)
        order.linked.add(at.report)
        Card.objects.create(
            department=world.departments["water"], colour="yellow", report=report, order=order, given_at=now()
        )
        moment = now() + timedelta(seconds=number)
        name_deputy(world["li"], "wang", world.street.code, moment, moment + timedelta(days=1))
    lead = Assignment.objects.filter(role="lead").select_related("report")
    ChangeRequest.objects.bulk_create(
        ChangeRequest(
            report=duty.report, assignment=duty, kind="extension", reason="x", asked_by=world["water"], asked_at=now()
        )
        for duty in lead
    )
    notify(
        [world[name] for name in ("zhang", "wang", "water", "command")],
        "report_submitted",
        {"number": "1", "item": "x", "address": "x"},
        subject="report",
        subject_id=str(at.report),
    )
    return at


@pytest.fixture(params=ROWS)
def rows(request: pytest.FixtureRequest, world: World) -> int:
    multiply(world, request.param)
    return request.param


@pytest.fixture(autouse=True)
def warm(world: World) -> None:
    """What a process reads once and keeps is not a cost of the request."""
    working_calendar().add(now(), 60)
    rules.limit_for("accept")
    locate(LNG, LAT)


def reader(world: World, name: str) -> APIClient:
    """A client whose device has been used within the hour, which is noted at most once in that time."""
    client = world.api(name)
    client.get(reverse("me"))
    return client


READERS = ["zhang", "sun", "wang", "water", "urban", "command", "root", "nobody"]


@pytest.mark.parametrize("name", READERS)
def test_a_list_of_reports_takes_four(world: World, rows: int, name: str) -> None:
    client = reader(world, name)
    answer = counted(LIST, lambda: client.get(reverse("reports-list"), {"page_size": 100}))
    assert len(answer.json()["results"]) == (0 if name in ("urban", "nobody") else rows)


FILTERS: list[dict[str, Any]] = [
    {"status": ["in_progress", "accepted"]},
    {"source": "grid"},
    {"urgency": "normal"},
    {"light": "green"},
    {"light": "yellow"},
    {"light": "red"},
    {"overdue": "true"},
    {"overdue": "false"},
    {"area": "371082007032"},
    {"item": "01-01-001"},
    {"department": "SWJT"},
    {"mine": "true"},
    {"q": "垃圾"},
    {"received_after": "2020-01-01T00:00:00Z", "received_before": "2100-01-01T00:00:00Z"},
]


@pytest.mark.parametrize("asked", FILTERS, ids=lambda asked: "-".join(asked))
def test_no_filter_takes_a_list_beyond_four(world: World, asked: dict[str, Any]) -> None:
    multiply(world, 10)
    for name in ("zhang", "wang", "water", "command"):
        client = reader(world, name)
        answer = counted(LIST, lambda client=client: client.get(reverse("reports-list"), asked))
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "endpoint",
    [
        "assignments-list",
        "whistles-list",
        "orders-list",
        "cards-list",
        "deputies-list",
        "requests-list",
        "notifications-list",
    ],
)
@pytest.mark.parametrize("name", ["zhang", "wang", "water", "command", "root"])
def test_every_other_list_takes_four(world: World, rows: int, endpoint: str, name: str) -> None:
    client = reader(world, name)
    answer = counted(LIST, lambda: client.get(reverse(endpoint), {"page_size": 100}))
    if endpoint in ("whistles-list", "orders-list", "requests-list"):
        assert len(answer.json()["results"]) == rows


@pytest.mark.parametrize("name", ["wang", "water", "command", "root"])
def test_what_waits_for_a_decision_takes_four(world: World, rows: int, name: str) -> None:
    client = reader(world, name)
    asked = {"to_decide": "true", "kind": "extension", "status": "pending", "page_size": 100}
    answer = counted(LIST, lambda: client.get(reverse("requests-list"), asked))
    assert len(answer.json()["results"]) == (0 if name == "water" else rows)


@pytest.mark.parametrize("endpoint", ["catalogue-list", "areas-list", "departments-list", "staff-list"])
def test_lists_of_what_all_share_take_four(world: World, endpoint: str) -> None:
    # Whom one may give work to is listed for those who do.
    client = reader(world, "wang" if endpoint == "staff-list" else "zhang")
    answer = counted(LIST, lambda: client.get(reverse(endpoint), {"page_size": 100}))
    assert answer.json()["results"]


@pytest.mark.parametrize("events", ROWS)
@pytest.mark.parametrize("name", ["zhang", "wang", "water", "command", "root"])
def test_a_detail_with_its_timeline_takes_eight(world: World, name: str, events: int) -> None:
    at = scenes.with_a_photo(world)
    report = Report.objects.get()
    Event.objects.bulk_create(
        Event(report=report, at=now(), kind="note", actor=world["wang"], note=str(number)) for number in range(events)
    )
    Photo.objects.bulk_create(
        Photo(report=report, sha256=f"{number:064d}", size=1, kind="near", announced_at=now(), received_at=now())
        for number in range(events)
    )
    duties = [Assignment(report=report, role="notify", assignee=world["zhao"], issued_at=now()) for _ in range(events)]
    Assignment.objects.bulk_create(duties)
    asked = [
        ChangeRequest(report=report, assignment=duty, kind="return", reason="x", asked_by=world["zhao"], asked_at=now())
        for duty in Assignment.objects.filter(role="notify")
    ]
    ChangeRequest.objects.bulk_create(asked)
    changes = ChangeRequest.objects.all()
    Event.objects.bulk_create(Event(report=report, at=now(), kind="ask_return", change=change) for change in changes)
    client = reader(world, name)
    answer = counted(DETAIL, lambda: client.get(reverse("report", args=[at.report])))
    assert len(answer.json()["events"]) > events
    assert len(answer.json()["requests"]) == events
    counted(DETAIL, lambda: client.get(reverse("report-events", args=[at.report])))


@pytest.mark.parametrize("photos", [0, 1, 20])
def test_taking_a_report_in_takes_twelve(world: World, photos: int) -> None:
    client = reader(world, "zhang")
    said = body(photos=[{"sha256": f"{number:064x}", "size": 100, "kind": "near"} for number in range(photos)])
    answer = counted(CREATE, lambda: client.put(reverse("report", args=[uuid4()]), said, format="json"))
    assert answer.status_code == 201


def test_a_repeat_takes_no_more_than_the_first(world: World) -> None:
    client, path = reader(world, "zhang"), reverse("report", args=[uuid4()])
    said = body(photos=[announced(NEAR, "near"), announced(ON_SITE, "reference")])
    client.put(path, said, format="json")
    assert counted(CREATE, lambda: client.put(path, said, format="json")).status_code == 200


def test_looking_for_reports_nearby_takes_four(world: World) -> None:
    multiply(world, 100)
    client = reader(world, "zhang")
    where = {"lng": LNG, "lat": LAT, "coord_type": "wgs84", "item": "01-01-001"}
    assert counted(LIST, lambda: client.get(reverse("reports-nearby"), where)).json()


@pytest.mark.parametrize("count", ROWS)
def test_what_a_requester_was_told_takes_four_and_a_look_that_is_on_record_seven(world: World, count: int) -> None:
    at = scenes.to_be_called_back(world)
    report, requester = Report.objects.get(), Requester.objects.get()
    for number in range(count):
        outgoing = OutgoingMessage.objects.create(to=requester.phone, text=str(number), created_at=now())
        RequesterMessage.objects.create(report=report, event="by_hand", outgoing=outgoing, sent_by=world["wang"])
        CallbackTry.objects.create(report=report, at=now(), by=world["clerk"], reached=False)
        MessageTemplate.objects.create(event="by_hand", text="x", item=report.item, valid_from="2026-01-01")
    for number in range(count - 1):
        report.pk, report.number, report.external_no = uuid4(), f"copy-{number}", f"copy-{number}"
        report.save(force_insert=True)
        requester.pk, requester.report, requester.tracking_code = None, report, f"code-{number}"
        requester.save(force_insert=True)
    client = reader(world, "wang")
    for endpoint in ("report-messages", "report-callbacks"):
        path = reverse(endpoint, args=[at.report])
        answer = counted(5, lambda path=path: client.get(path, {"page_size": 100}))
        assert len(answer.json()["results"]) == count
    counted(LIST, lambda: client.get(reverse("message-templates-list"), {"page_size": 100}))
    said = {"phone": requester.phone}
    answer = counted(7, lambda: client.post(reverse("reports-of-caller"), said, format="json"))
    assert len(answer.json()) == min(count, 50)


@pytest.mark.parametrize("name", ["zhang", "zhao", "wang", "command", "root"])
@pytest.mark.parametrize("checks", ROWS)
def test_a_list_of_field_checks_takes_four(world: World, checks: int, name: str) -> None:
    at = scenes.asked_to_check(world)
    first, clock = FieldCheck.objects.get(), Clock.objects.get(kind="field_check")
    report = Report.objects.get(pk=at.report)
    for number in range(1, checks):
        report.pk, report.number = uuid4(), f"copy-{number}"
        report.save(force_insert=True)
        first.pk, first.report = None, report
        first.save(force_insert=True)
        clock.pk, clock.report, clock.field_check = None, report, first
        clock.save(force_insert=True)
    client = reader(world, name)
    answer = counted(LIST, lambda: client.get(reverse("field-checks-list"), {"page_size": 100}))
    assert len(answer.json()["results"]) == checks


@pytest.mark.parametrize("rows", ROWS)
def test_looking_for_duplicates_takes_five(world: World, rows: int) -> None:
    at = multiply(world, rows)
    client = reader(world, "wang")
    answer = counted(5, lambda: client.get(reverse("report-duplicates", args=[at.report]))).json()
    assert len(answer["duplicates"]) == len(answer["earlier"]) == min(rows - 1, 10)


@pytest.mark.parametrize("linked", ROWS)
@pytest.mark.parametrize("name", ["zhang", "zhao", "wang", "command", "root"])
def test_a_detail_with_all_that_is_linked_to_it_takes_eight(world: World, name: str, linked: int) -> None:
    at = scenes.asked_to_check(world)
    report, main = Report.objects.get(), Report.objects.get()
    check, clock = FieldCheck.objects.get(), Clock.objects.get(kind="field_check")
    for number in range(linked):
        report.pk, report.number, report.status = uuid4(), f"merged-{number}", "merged"
        report.merged_into, report.split_from = main, None
        report.save(force_insert=True)
        report.pk, report.number, report.status = uuid4(), f"part-{number}", "submitted"
        report.merged_into, report.split_from = None, main
        report.save(force_insert=True)
        check.pk, check.status = None, "cancelled"
        check.save(force_insert=True)
        clock.pk, clock.field_check, clock.stopped_at, clock.running = None, check, now(), False
        clock.save(force_insert=True)
    client = reader(world, name)
    seen = counted(DETAIL, lambda: client.get(reverse("report", args=[at.report]))).json()
    assert [len(seen[names]) for names in ("merged", "split_into", "field_checks")] == [linked, linked, linked + 1]


@pytest.mark.parametrize("merged", ROWS)
def test_closing_costs_the_same_however_many_reports_are_answered_with_it(world: World, merged: int) -> None:
    at = scenes.approved(world)
    main = Report.objects.get(pk=at.report)
    other = Report.objects.get(pk=at.report)
    for number in range(merged):
        other.pk, other.number, other.status, other.merged_into = uuid4(), f"merged-{number}", "merged", main
        other.save(force_insert=True)
        Requester.objects.create(report=other, name="张三")
    client = reader(world, "wang")
    path = reverse("report-close", args=[at.report])
    answer = counted(32, lambda: client.post(path, {"answer": "已清理"}, format="json"))
    assert answer.status_code == 200
    assert Requester.objects.exclude(answer="已清理").count() == 0


def rules_of(world: World, count: int) -> list[RoutingRule]:
    """Active rules of the street of which only the last fits; with targets of each kind."""
    targets = [Target("lead", department="SWJT"), Target("assist", department="YTJD-CG")]
    conditions = {"areas": [world.area("371082007032001").pk], "items": ["01-01-001"]}
    pattern = create_rule(world["wang"], world.street, RuleContent("规则", conditions, targets))
    rows = [
        RoutingRule(
            area=pattern.area,
            position=number + 1000,
            name=f"规则{number}",
            conditions={} if number == count - 1 else conditions,
            targets=[{"role": "lead", "assignee": world["zhao"].pk}] if number % 2 else pattern.targets,
            is_active=True,
            changed_at=now(),
        )
        for number in range(count)
    ]
    pattern.delete()
    return RoutingRule.objects.bulk_create(rows)


@pytest.mark.parametrize("count", ROWS)
def test_rules_are_listed_asked_and_tried_in_a_fixed_number(world: World, rows: int, count: int) -> None:
    rules, client = rules_of(world, count), reader(world, "wang")
    at = scenes.submitted(world)
    answer = counted(LIST, lambda: client.get(reverse("routing-rules-list"), {"page_size": 100}))
    assert len(answer.json()["results"]) == count
    asked = counted(15, lambda: client.get(reverse("report-routing", args=[at.report])))
    assert asked.json()["match"]["rule"] == rules[-1].pk
    tried = counted(DETAIL, lambda: client.get(reverse("routing-rule-trial", args=[rules[-1].pk])))
    assert len(tried.json()["reports"]) == min(rows + 1, 200)


@pytest.mark.parametrize("count", ROWS)
def test_accepting_asks_all_rules_at_once(world: World, count: int) -> None:
    rules_of(world, count)
    at, client = scenes.submitted(world), reader(world, "wang")
    accept = reverse("report-accept", args=[at.report])
    answer = counted(32, lambda: client.post(accept, {}, format="json"))
    assert answer.status_code == 200


def test_the_whistle_watch_takes_eight(world: World) -> None:
    at = scenes.whistled(world)
    client = reader(world, "wang")
    assert counted(DETAIL, lambda: client.get(reverse("whistle-delivery", args=[at.whistle]))).json()["recipients"]


def test_the_count_does_not_depend_on_the_time_of_day(world: World) -> None:
    multiply(world, 10)
    client = reader(world, "wang")
    with moved_to(now() + timedelta(days=1)):
        counted(LIST, lambda: client.get(reverse("reports-list")))
