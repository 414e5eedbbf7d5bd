"""What happens when things happen at once: real threads, really committed, on PostgreSQL.

SQLite has one writer at a time and its test database lives in memory, where threads cannot meet as they do on disk.
"""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from rest_framework.response import Response

from core.moment import moved_to, now
from notifications.models import Notification, OutgoingMessage
from reports.models import Assignment, CallbackTry, Clock, Event, Photo, Report, SupervisionOrder, Whistle
from reports.supervise import supervise_once
from reports.transitions import ASSIGNMENT, REPORT
from tests import scenes
from tests.test_main_job import AFTER, HERE, NEAR, ON_SITE, announced
from tests.world import World, body, post, submit

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a database with more than one writer"),
]

Call = Callable[[], Any]


def at_once(calls: Sequence[Call]) -> list[Any]:
    """Run all calls in threads of their own, started together; their answers in order."""
    together = threading.Barrier(len(calls))

    def run(call: Call) -> Any:
        try:
            together.wait(60)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def posting(world: World, name: str, path: str, **said: Any) -> Call:
    client = world.api(name)
    return lambda: client.post(f"/api/v1/{path}", said, format="json")


def sending(world: World, name: str, report_id: Any, data: bytes) -> Call:
    client = world.api(name)
    path = f"/api/v1/reports/{report_id}/photos/{announced(data, 'near')['sha256']}"
    return lambda: client.put(path, data, content_type="image/jpeg")


def statuses(answers: Sequence[Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def told_apart(answers: Sequence[Response], winners: int = 1) -> None:
    """So many won; all others were refused with what is allowed now, and none was an error."""
    assert statuses(answers) == {200: winners, 409: len(answers) - winners}
    for answer in answers:
        if answer.status_code == 409:
            refused = answer.json()
            assert refused["code"] in ("transition_refused", "stale_version")
            assert refused["allowed"] == REPORT.allowed(refused["current"])


def test_a_report_sent_fifty_times_at_once_is_one_report(committed_world: World) -> None:
    report_id = uuid4()
    said = body(photos=[announced(NEAR, "near")])
    clients = [committed_world.api("zhang") for _ in range(50)]
    answers = at_once(
        [lambda client=client: client.put(f"/api/v1/reports/{report_id}", said, format="json") for client in clients]
    )
    assert statuses(answers) == {201: 1, 200: 49}
    assert len({answer.content for answer in answers}) == 1
    assert Report.objects.count() == 1
    assert Photo.objects.count() == 1
    assert Clock.objects.count() == 1
    assert list(Event.objects.values_list("kind", flat=True)) == ["submit"]
    assert Notification.objects.filter(kind="report_submitted").count() == 1


def test_of_two_reports_under_one_id_one_is_refused_and_a_deleted_one_stays_deleted(committed_world: World) -> None:
    world, report_id = committed_world, uuid4()
    clients = [world.api("zhang") for _ in range(8)]

    def put(client: Any, which: int) -> Any:
        said = body(description=f"垃圾 {which % 2}")
        return client.put(f"/api/v1/reports/{report_id}", said, format="json")

    answers = at_once([lambda client=client, at=at: put(client, at) for at, client in enumerate(clients)])
    assert statuses(answers) == {201: 1, 200: 3, 409: 4}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"report_differs"}
    post(world, "root", f"reports/{report_id}/delete", expect=204, reason="含隐私")
    answers = at_once([lambda client=client, at=at: put(client, at) for at, client in enumerate(clients)])
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(409, "report_deleted")}


def test_photos_in_any_order_twice_at_once_and_broken_off_complete_a_report_once(committed_world: World) -> None:
    world = committed_world
    photos = [announced(NEAR, "near"), announced(ON_SITE, "reference"), announced(AFTER, "after")]
    report_id = submit(world, photos=photos)
    # The line broke half-way: refused, and nothing is kept of it.
    near = photos[0]["sha256"]
    broken = world.api("zhang").put(
        f"/api/v1/reports/{report_id}/photos/{near}", NEAR[:5000], content_type="image/jpeg"
    )
    assert broken.status_code == 422
    assert Report.objects.get().photos_received == 0
    answers = at_once(
        [sending(world, "zhang", report_id, data) for data in (AFTER, NEAR, ON_SITE, NEAR, AFTER, ON_SITE)]
    )
    assert statuses(answers) == {201: 3, 200: 3}
    report = Report.objects.get()
    assert (report.photos_received, report.complete_at is not None) == (3, True)
    assert Event.objects.filter(kind="complete").count() == 1
    assert sending(world, "zhang", report_id, NEAR)().status_code == 200
    assert Event.objects.filter(kind="complete").count() == 1
    assert Report.objects.get().complete_at == report.complete_at


def test_twelve_accept_at_once_and_one_does(committed_world: World) -> None:
    report_id = submit(committed_world)
    names = ["wang", "sun", "command"] * 4
    answers = at_once([posting(committed_world, name, f"reports/{report_id}/accept") for name in names])
    told_apart(answers)
    assert Event.objects.filter(kind="accept").count() == 1
    assert Clock.objects.filter(kind="dispatch").count() == 1
    assert Report.objects.get().version == 2


def test_of_twelve_different_steps_on_one_version_one_is_taken(committed_world: World) -> None:
    report_id = submit(committed_world)
    steps = [("accept", {}), ("reject", {"reason": "不属实"}), ("void", {"reason": "误报"})] * 4
    answers = at_once(
        [posting(committed_world, "wang", f"reports/{report_id}/{name}", version=1, **said) for name, said in steps]
    )
    told_apart(answers)
    assert Event.objects.filter(kind__in=("accept", "reject", "void")).count() == 1


def test_assigning_and_whistling_at_once_leave_one_lead_of_each(committed_world: World) -> None:
    world = committed_world
    at = scenes.accepted(world)
    version = Report.objects.get().version
    assign = {"assignments": [{"role": "lead", "assignee": "zhao"}]}
    whistle = {"kind": "emergency", "reason": "水管爆裂", "departments": scenes.CALLS}
    answers = at_once(
        [posting(world, "wang", f"reports/{at.report}/assign", version=version, **assign) for _ in range(6)]
        + [posting(world, "wang", f"reports/{at.report}/whistles", version=version, **whistle) for _ in range(6)]
    )
    told_apart(answers)
    assert Whistle.objects.count() + Assignment.objects.filter(whistle=None, role="lead").count() == 1
    # Without a version each may come after the other, and still nothing is given twice or fails.
    answers = at_once([posting(world, "wang", f"reports/{at.report}/assign", **assign) for _ in range(12)])
    assert set(statuses(answers)) <= {200, 400, 409}
    assert Assignment.objects.filter(whistle=None, role="lead", active=True).count() <= 1


def test_two_of_a_department_sign_for_and_report_in_at_once(committed_world: World) -> None:
    world = committed_world
    at = scenes.whistled(world)
    names = ["water", "water_boss"] * 2
    answers = at_once([posting(world, name, f"assignments/{at.lead}/receive") for name in names])
    assert statuses(answers) == {200: 1, 409: 3}
    there = {"position": HERE, "photos": [announced(ON_SITE, "reference")]}
    answers = at_once(
        [posting(world, name, f"assignments/{at.lead}/report_in", **there) for name in names]
        + [posting(world, "gas", f"assignments/{at.assist}/report_in", **there)]
    )
    assert statuses(answers) == {200: 2, 409: 3}
    assert [answer.json()["allowed"] for answer in answers if answer.status_code == 409] == [
        ASSIGNMENT.allowed("reported_in")
    ] * 3
    assert Event.objects.filter(kind="report_in").count() == 2
    assert Event.objects.filter(kind="whistle_handling").count() == 1
    assert Whistle.objects.get().status == "handling"


def test_one_request_repeated_at_once_is_one_step(committed_world: World) -> None:
    world = committed_world
    first, second = submit(world), submit(world)
    request_id = str(uuid4())
    answers = at_once(
        [posting(world, "wang", f"reports/{first}/note", text="已联系", request_id=request_id) for _ in range(6)]
        + [posting(world, "wang", f"reports/{second}/note", text="已联系", request_id=request_id) for _ in range(6)]
    )
    assert statuses(answers) == {200: 6, 409: 6}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"request_id_taken"}
    assert Event.objects.filter(kind="note").count() == 1


def test_two_supervisors_at_once_take_each_step_once(committed_world: World) -> None:
    world = committed_world
    start = now().replace(hour=1, minute=0) - timedelta(days=400)
    with moved_to(start):
        for _ in range(6):
            submit(world, item="02-01-001")

    def supervise() -> int:
        with moved_to(start + timedelta(minutes=15)):
            return supervise_once()

    assert sum(at_once([supervise, supervise, supervise])) == 18
    assert Counter(Event.objects.exclude(kind="submit").values_list("kind", flat=True)) == {"yellow": 6, "red": 6}
    assert SupervisionOrder.objects.count() == 6
    notices = Counter(Notification.objects.filter(recipient=world["wang"]).values_list("kind", flat=True))
    assert notices == {"report_submitted": 6, "clock_reminded": 6, "clock_yellow": 6, "clock_red": 6}


def test_numbers_of_the_same_outside_system_are_taken_once(committed_world: World) -> None:
    world = committed_world
    clients = [world.api("wang") for _ in range(6)]
    said = body(source="hotline", external_no="12345-9")
    answers = at_once(
        [lambda client=client: client.put(f"/api/v1/reports/{uuid4()}", said, format="json") for client in clients]
    )
    assert statuses(answers) == {201: 1, 409: 5}
    assert Report.objects.count() == 1


def test_six_calls_in_vain_at_once_are_three_tries_and_one_closing(committed_world: World) -> None:
    world = committed_world
    at = scenes.to_be_called_back(world)
    calls = [posting(world, "clerk", f"reports/{at.report}/call_back", reached=False) for _ in range(6)]
    told_apart(at_once(calls), winners=3)
    report = Report.objects.get()
    assert (report.status, report.callback_outcome, report.callback_tries) == ("closed", "unreached", 3)
    assert CallbackTry.objects.count() == 3
    assert Event.objects.filter(kind="close").count() == 1
    assert OutgoingMessage.objects.count() == 1


def test_reports_merged_into_each_other_at_once_make_no_circle_and_no_chain(committed_world: World) -> None:
    world = committed_world
    for _ in range(4):
        ring = [submit(world) for _ in range(4)]
        pairs = [(one, ring[(at + 1) % 4]) for at, one in enumerate(ring)] + [(ring[0], ring[2]), (ring[2], ring[0])]
        answers = at_once([posting(world, "wang", f"reports/{one}/merge", into=str(other)) for one, other in pairs])
        assert set(statuses(answers)) <= {200, 409}
        merged = Report.objects.filter(pk__in=ring, merged_into__isnull=False)
        assert merged.count() == statuses(answers)[200] > 0
        assert not merged.filter(merged_into__merged_into__isnull=False).exists()


def test_a_report_taken_out_while_its_main_is_closed_is_answered_or_waits_for_its_own(committed_world: World) -> None:
    world = committed_world
    requester = {"name": "张三丰", "phone": "13812345678"}
    for number in range(6):
        main = scenes.approved(world).report
        other = submit(world, "wang", source="hotline", external_no=f"12345-{number}", requester=requester)
        post(world, "wang", f"reports/{other}/merge", into=str(main))
        answers = at_once(
            [
                posting(world, "wang", f"reports/{main}/close", answer="已清运"),
                posting(world, "wang", f"reports/{other}/unmerge"),
            ]
        )
        assert answers[0].status_code == 200
        row = Report.objects.select_related("requester").get(pk=other)
        ended = (row.status, row.requester.answer)
        assert ended == (("submitted", "") if answers[1].status_code == 200 else ("merged", "已清运"))


def test_two_dispatchers_who_send_somebody_at_once_send_one(committed_world: World) -> None:
    world = committed_world
    report_id = submit(world)
    people = ["wang", "sun", "command"]
    answers = at_once([posting(world, name, f"reports/{report_id}/field_check", assignee="zhao") for name in people])
    assert statuses(answers) == {200: 1, 409: 2}
    assert Clock.objects.filter(kind="field_check").count() == 1
    assert Notification.objects.filter(kind="field_check_asked").count() == 1


def test_an_answer_and_an_acceptance_at_once_leave_one_end_of_the_check(committed_world: World) -> None:
    world = committed_world
    for _ in range(4):
        at = scenes.asked_to_check(world)
        said = {"confirmed": True, "position": HERE, "photos": [announced(ON_SITE, "reference")]}
        answers = at_once(
            [
                posting(world, "zhao", f"field_checks/{at.check}/answer", **said),
                posting(world, "wang", f"reports/{at.report}/accept"),
            ]
        )
        assert answers[1].status_code == 200
        ends = Event.objects.filter(report_id=at.report, kind__in=("field_check_answered", "field_check_cancelled"))
        ended = "field_check_answered" if answers[0].status_code == 200 else "field_check_cancelled"
        assert list(ends.values_list("kind", flat=True)) == [ended]
        assert Clock.objects.get(report_id=at.report, kind="field_check").stopped_at is not None
