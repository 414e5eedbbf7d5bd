"""Whatever a bad line makes a phone repeat, in whatever order: it is done once, and the answer is the same.

Hypothesis plays the line: each request of a plan arrives one or more times, interleaved with the others.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.response import Response

from core.moment import moved_to, now
from notifications.models import Notification
from reports.models import Assignment, Clock, Event, Photo, Report, Requester, Whistle
from tests import scenes
from tests.test_main_job import AFTER, HERE, NEAR, ON_SITE, announced, result
from tests.world import World, body, post, submit

pytestmark = pytest.mark.django_db

PLAYED = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
PICTURES = (NEAR, ON_SITE, AFTER)
Request = Callable[[], Response]


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def logged_in(world: World) -> None:
    """Make the tokens outside what is rolled back."""
    for name in world.people:
        world.token(name)


def state() -> dict[str, Any]:
    """All that a report is, without times and keys."""
    return {
        "reports": list(Report.objects.values_list("status", "photos_received", "version", "whistle_count")),
        "complete": Report.objects.filter(complete_at__isnull=False).count(),
        "events": sorted(Event.objects.values_list("kind", "note")),
        "duties": sorted(Assignment.objects.values_list("role", "status")),
        "whistles": list(Whistle.objects.values_list("status", flat=True)),
        "clocks": sorted(Clock.objects.values_list("kind", "running")),
        "photos": sorted((photo.sha256, photo.kind, photo.received_at is None) for photo in Photo.objects.all()),
        "told": sorted(Notification.objects.values_list("kind", "recipient__username")),
        "requesters": Requester.objects.count(),
    }


def put_report(world: World, report_id: UUID) -> Response:
    said = body(photos=[announced(data, "near") for data in PICTURES])
    return world.api("zhang").put(reverse("report", args=[report_id]), said, format="json")


def put_photo(world: World, report_id: UUID, which: int) -> Response:
    data = PICTURES[which]
    path = reverse("report-photo", args=[report_id, announced(data, "near")["sha256"]])
    return world.api("zhang").put(path, data, content_type="image/jpeg")


@PLAYED
@given(line=st.lists(st.integers(min_value=-1, max_value=2), max_size=8))
def test_any_interleaving_of_repeats_ends_in_the_same_report(world: World, line: list[int]) -> None:
    """-1 is the report itself, 0 to 2 its photos; what did not get through is sent again at the end."""
    logged_in(world)
    report_id = UUID("3f0c0000-0000-4000-8000-000000000003")
    with rolled_back():
        here: set[int] = set()
        receipts = set()
        for sent in [*line, -1, 0, 1, 2]:
            answer = put_report(world, report_id) if sent == -1 else put_photo(world, report_id, sent)
            if sent != -1 and -1 not in here:
                assert answer.status_code == 404
                continue
            assert answer.status_code == (200 if sent in here else 201)
            here.add(sent)
            if sent == -1:
                told = answer.json()
                receipts.add((told["id"], told["number"], told["received_at"], told["grid"]["code"]))
                assert sum(photo["received"] for photo in told["photos"]) == len(here - {-1})
        assert len(receipts) == 1
        assert state() == {
            "reports": [("submitted", 3, 1, 0)],
            "complete": 1,
            "events": [("complete", ""), ("submit", "")],
            "duties": [],
            "whistles": [],
            "clocks": [("accept", True)],
            "photos": sorted((announced(data, "near")["sha256"], "near", False) for data in PICTURES),
            "told": [("report_submitted", "wang")],
            "requesters": 0,
        }


def plan(world: World) -> list[tuple[str, str, str, dict[str, Any]]]:
    """(key, who, address, body) from accepting to the result of the lead; addresses are filled in as they arise."""
    ids = [str(uuid4()) for _ in range(6)]
    photo = [announced(ON_SITE, "reference")]
    whistle = {"kind": "emergency", "reason": "水管爆裂", "departments": scenes.CALLS}
    return [
        ("accept", "wang", "reports/{report}/accept", {"request_id": ids[0]}),
        ("whistle", "wang", "reports/{report}/whistles", {**whistle, "request_id": ids[1]}),
        ("note", "wang", "reports/{report}/note", {"text": "已联系", "request_id": ids[2]}),
        ("receive", "water", "assignments/{lead}/receive", {"request_id": ids[3]}),
        (
            "report_in",
            "water",
            "assignments/{lead}/report_in",
            {"position": HERE, "photos": photo, "request_id": ids[4]},
        ),
        ("submit", "water", "assignments/{lead}/submit", {**result(), "request_id": ids[5]}),
    ]


def play(world: World, repeats: list[int]) -> dict[str, Any]:
    """Run the plan; before each step, any earlier ones named by `repeats` arrive once more."""
    report_id = submit(world)
    steps = plan(world)
    for at, (_, who, address, said) in enumerate(steps):
        for late in (repeat for repeat in repeats[at::6] if repeat < at):
            _, again, place, same = steps[late]
            where = scenes.scene(report_id)
            before = state()
            post(world, again, place.format(report=report_id, lead=where.lead), **same)
            assert state() == before
        where = scenes.scene(report_id)
        post(world, who, address.format(report=report_id, lead=where.lead), **said)
    return state()


@settings(PLAYED, max_examples=5)
@given(repeats=st.lists(st.integers(min_value=0, max_value=4), max_size=18))
def test_steps_repeated_late_and_in_any_order_change_nothing(world: World, repeats: list[int]) -> None:
    logged_in(world)
    with rolled_back():
        expected = play(world, [])
    with rolled_back():
        assert play(world, repeats) == expected


def steps_on(at: scenes.Scene) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"reports/{at.report}/note", {"text": "另一条"}),
        (f"reports/{at.report}/void", {"reason": "误报"}),
        (f"assignments/{at.assist}/waive", {"reason": "无需"}),
        (f"reports/{at.report}/whistles", {"kind": "tough", "reason": "再哨", "departments": scenes.CALLS}),
    ]


@pytest.mark.parametrize("step", range(4))
def test_a_request_id_is_not_used_for_another_step(world: World, step: int) -> None:
    at, request_id = scenes.whistled(world), str(uuid4())
    path, said = steps_on(at)[step]
    for other, (elsewhere, differently) in enumerate(steps_on(at)):
        with rolled_back():
            post(world, "wang", elsewhere, expect=200 if other != 1 else 409, request_id=request_id, **differently)
            if other in (step, 1):
                continue
            before = state()
            refused = post(world, "wang", path, expect=409, request_id=request_id, **said)
            assert refused["code"] == "request_id_taken"
            assert state() == before


def test_a_request_id_of_one_duty_is_not_used_for_another(world: World) -> None:
    at, request_id = scenes.whistled(world), str(uuid4())
    post(world, "root", f"assignments/{at.lead}/receive", request_id=request_id)
    post(world, "root", f"assignments/{at.lead}/receive", request_id=request_id)
    refused = post(world, "root", f"assignments/{at.assist}/receive", expect=409, request_id=request_id)
    assert refused["code"] == "request_id_taken"
    assert Assignment.objects.get(pk=at.assist).status == "issued"


def test_a_request_id_of_one_whistle_or_order_is_not_used_for_another(world: World) -> None:
    at = scenes.accepted(world)
    draft = {"kind": "routine", "reason": "协调", "departments": scenes.CALLS, "only_draft": True}
    for _ in range(2):
        post(world, "wang", f"reports/{at.report}/whistles", **draft)
        post(world, "supervisor", f"reports/{at.report}/supervise", kind="leader", reason="批示")
    one, two = Whistle.objects.order_by("pk").values_list("pk", flat=True)
    asked, replied = str(uuid4()), str(uuid4())
    post(world, "wang", f"whistles/{one}/request", request_id=asked)
    post(world, "wang", f"whistles/{one}/request", request_id=asked)
    post(world, "wang", f"whistles/{two}/request", expect=409, request_id=asked)
    orders = [row["id"] for row in world.api("wang").get(reverse("orders-list")).json()["results"]]
    post(world, "wang", f"supervision_orders/{orders[0]}/reply", text="已办", request_id=replied)
    post(world, "wang", f"supervision_orders/{orders[0]}/reply", text="已办", request_id=replied)
    post(world, "wang", f"supervision_orders/{orders[1]}/reply", expect=409, text="已办", request_id=replied)


def test_a_request_id_of_another_person_or_report_is_taken(world: World) -> None:
    one, two, request_id = submit(world), submit(world), str(uuid4())
    post(world, "wang", f"reports/{one}/note", text="甲", request_id=request_id)
    for name, report_id in (("sun", one), ("wang", two)):
        refused = post(world, name, f"reports/{report_id}/note", expect=409, text="甲", request_id=request_id)
        assert refused["code"] == "request_id_taken"
    assert Event.objects.filter(kind="note").count() == 1


def test_a_repeat_is_answered_though_the_version_has_moved_on(world: World) -> None:
    report_id, request_id = submit(world), str(uuid4())
    post(world, "wang", f"reports/{report_id}/accept", version=1, request_id=request_id)
    post(world, "wang", f"reports/{report_id}/void", reason="误报")
    assert post(world, "wang", f"reports/{report_id}/accept", version=1, request_id=request_id)["status"] == "void"


@PLAYED
@given(
    change=st.sampled_from(
        [
            {"description": "别的"},
            {"item": "02-01-001"},
            {"urgency": "urgent"},
            {"address": "青山路"},
            {"photos": [announced(NEAR, "near")]},
            {"position": {**HERE, "accuracy": 7.0}},
            {"answers": {"q1": True}},
        ]
    ),
    minutes=st.integers(min_value=0, max_value=10_000),
)
def test_the_same_id_with_another_body_is_refused_at_any_time(
    world: World, change: dict[str, Any], minutes: int
) -> None:
    logged_in(world)
    with rolled_back():
        report_id = submit(world)
        before = state()
        with moved_to(now() + timedelta(minutes=minutes)):
            path = reverse("report", args=[report_id])
            answer = world.api("zhang").put(path, body(**change), format="json")
            assert (answer.status_code, answer.json()["code"]) == (409, "report_differs")
            assert world.api("zhang").put(path, body(), format="json").status_code == 200
            assert world.api("zhao").put(path, body(), format="json").status_code == 409
        assert state() == before


def test_the_order_of_the_members_of_a_body_does_not_make_it_another(world: World) -> None:
    report_id = submit(world)
    said = dict(reversed(list(body().items())))
    said["position"] = dict(reversed(list(said["position"].items())))
    answer = world.api("zhang").put(reverse("report", args=[report_id]), said, format="json")
    assert answer.status_code == 200
