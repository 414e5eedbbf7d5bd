"""Field checks: who is sent to look, what the answer needs, and how a check ends."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from core.moment import moved_to
from grids.actions.appointments import appoint
from notifications.models import Notification
from reports.models import Clock, Event, FieldCheck, Photo, Report, SupervisionOrder
from reports.supervise import supervise_once
from tests import scenes
from tests.admin_scenes import enter
from tests.test_main_job import AFTER, HERE, NEAR, ON_SITE, announced, upload
from tests.world import LAT, LNG, World, body, post, submit

pytestmark = pytest.mark.django_db

MONDAY = datetime.fromisoformat("2026-09-14T09:00:00+08:00")
SUNDAY_NIGHT = datetime.fromisoformat("2026-09-13T23:00:00+08:00")


def answer(**changes: Any) -> dict[str, Any]:
    return {"confirmed": True, "position": HERE, "photos": [announced(ON_SITE, "reference")], **changes}


def colleague(world: World, name: str, *, in_charge: bool = False) -> User:
    """Another worker of Zhang's grid."""
    person = User.objects.create_user(name, full_name=name)
    appoint(person, "grid_worker", world.grid, in_charge=in_charge)
    world.people[name] = person
    return person


@pytest.fixture(autouse=True)
def only_the_usual_people(world: World) -> Any:
    kept = dict(world.people)
    yield
    world.people.clear()
    world.people.update(kept)


def kinds_told(name: str) -> list[str]:
    return list(Notification.objects.filter(recipient__username=name).order_by("pk").values_list("kind", flat=True))


def asked(world: World, report: Any, **said: Any) -> str:
    """Who is asked."""
    checks: list[dict[str, Any]] = post(world, "wang", f"reports/{report}/field_check", **said)["field_checks"]
    return str(checks[-1]["assignee"]["username"])


def test_a_worker_asked_looks_and_answers_and_the_report_keeps_its_state(world: World) -> None:
    with moved_to(MONDAY):
        at = scenes.asked_to_check(world)
        seen = world.api("zhao").get(f"/api/v1/reports/{at.report}").json()
        assert (seen["status"], seen["field_checks"][0]["status"]) == ("submitted", "asked")
        assert seen["field_checks"][0]["due_at"] == "2026-09-14T09:30:00+08:00"
    with moved_to(MONDAY + timedelta(minutes=20)):
        told = post(world, "zhao", f"field_checks/{at.check}/answer", **answer(note="属实"))
        upload(world, "zhao", at.report, ON_SITE)
    check = told["field_checks"][0]
    assert (told["status"], check["status"], check["confirmed"], check["note"]) == (
        "submitted",
        "answered",
        True,
        "属实",
    )
    assert (check["far"], check["distance_m"], check["light"], check["allowed"]) == (False, 0.0, "", [])
    clock = Clock.objects.get(kind="field_check")
    assert (clock.outcome, clock.field_check_id) == ("met", at.check)
    event = Event.objects.get(kind="field_check_answered")
    assert (event.working_seconds, event.overdue, event.actor) == (1200, False, world["zhao"])
    assert Photo.objects.get().field_check_id == at.check
    assert Report.objects.get().complete_at is not None
    assert kinds_told("zhao") == ["field_check_asked"]
    assert Notification.objects.get(kind="field_check_asked").receipted_at is not None
    assert kinds_told("wang")[-1] == "field_check_confirmed"


def test_what_is_not_as_it_was_said_is_told_so(world: World) -> None:
    at = scenes.asked_to_check(world)
    told = post(world, "zhao", f"field_checks/{at.check}/answer", **answer(confirmed=False, note="现场无垃圾"))
    assert told["field_checks"][0]["confirmed"] is False
    assert kinds_told("wang")[-1] == "field_check_refuted"


def test_from_far_away_is_flagged_and_not_refused(world: World) -> None:
    at = scenes.asked_to_check(world)
    position = {**HERE, "lat": LAT + 0.1}
    check = post(world, "zhao", f"field_checks/{at.check}/answer", **answer(position=position))["field_checks"][0]
    assert check["far"] is True
    assert check["distance_m"] == pytest.approx(11_120, rel=0.01)


def test_an_answer_needs_a_photo(world: World) -> None:
    at = scenes.asked_to_check(world, photos=[announced(NEAR, "near")])
    path = f"field_checks/{at.check}/answer"
    assert post(world, "zhao", path, expect=400, **answer(photos=[]))["code"] == "invalid"
    assert Clock.objects.get(kind="field_check").running


def test_a_result_is_checked_as_a_result(world: World) -> None:
    at = scenes.self_handled(world)
    told = post(world, "wang", f"reports/{at.report}/field_check", assignee="zhao", note="看是否清净")
    assert (told["status"], told["field_checks"][0]["stage"]) == ("in_review", "result")
    submitted = scenes.submitted(world)
    told = post(world, "wang", f"reports/{submitted.report}/field_check", assignee="zhao")
    assert told["field_checks"][0]["stage"] == "report"


@pytest.mark.parametrize("make", [scenes.accepted, scenes.whistled, scenes.closed])
def test_only_a_report_in_the_pool_or_a_result_is_checked(world: World, make: Any) -> None:
    at = make(world)
    refused = post(world, "wang", f"reports/{at.report}/field_check", expect=409)
    assert (refused["code"], refused["action"]) == ("transition_refused", "field_check")


def test_one_is_out_at_a_time(world: World) -> None:
    at = scenes.asked_to_check(world)
    refused = post(world, "wang", f"reports/{at.report}/field_check", expect=409)
    assert refused["code"] == "field_check_open"
    post(world, "wang", f"field_checks/{at.check}/cancel", note="另派他人")
    assert asked(world, at.report) == "zhang"
    assert FieldCheck.objects.count() == 2


def test_the_only_worker_of_the_grid_is_asked_even_about_the_own_report(world: World) -> None:
    assert asked(world, submit(world)) == "zhang"


def test_somebody_else_goes_before_the_one_who_reported(world: World) -> None:
    colleague(world, "he")
    assert asked(world, submit(world)) == "he"
    assert asked(world, submit(world, "he")) == "zhang"


def test_the_nearest_goes_by_where_each_was_last(world: World) -> None:
    near, far = colleague(world, "near"), colleague(world, "far", in_charge=True)
    with moved_to(MONDAY):
        submit(world, far.username, position={**body()["position"], "lat": LAT + 0.0008})
        submit(world, near.username, position={**body()["position"], "lat": LAT + 0.0004})
        of_resident = submit(world, "wang", source="hotline", external_no="1")
        assert asked(world, of_resident) == "near"
    # What a dispatcher types in says nothing of where the dispatcher is, and yesterday's place nothing of today's.
    with moved_to(MONDAY + timedelta(days=1)):
        of_resident = submit(world, "wang", source="hotline", external_no="2")
        assert asked(world, of_resident) == "far"


def test_an_answer_from_the_field_is_a_place_too(world: World) -> None:
    colleague(world, "head", in_charge=True)
    first = submit(world, "wang", source="hotline", external_no="1")
    post(world, "wang", f"reports/{first}/field_check", assignee="zhang")
    check = FieldCheck.objects.get()
    assert asked(world, submit(world, "wang", source="hotline", external_no="2")) == "head"
    post(world, "zhang", f"field_checks/{check.pk}/answer", **answer())
    assert asked(world, submit(world, "wang", source="hotline", external_no="3")) == "zhang"


def test_with_no_place_known_the_one_in_charge_goes(world: World) -> None:
    colleague(world, "first")
    colleague(world, "head", in_charge=True)
    assert asked(world, submit(world, "wang", source="hotline", external_no="1")) == "head"


def test_where_nobody_works_the_grid_somebody_has_to_be_named(world: World) -> None:
    User.objects.filter(username="zhang").update(is_active=False)
    report = submit(world, "sun")
    assert post(world, "wang", f"reports/{report}/field_check", expect=409)["code"] == "nobody_to_ask"
    assert asked(world, report, assignee="zhao") == "zhao"


def test_only_who_works_a_grid_in_the_own_area_is_named(world: World) -> None:
    report = submit(world)
    for name, code in (("nobody", "not_ours_to_assign"), ("outsider", "not_ours_to_assign"), ("x", "unknown_unit")):
        refused = post(world, "wang", f"reports/{report}/field_check", expect=400, assignee=name)
        assert (refused["code"], refused["errors"][0]["field"]) == (code, "assignee")
    assert world.api("zhao").get(f"/api/v1/reports/{report}").status_code == 404
    post(world, "root", f"reports/{report}/field_check", assignee="zhao")
    assert world.api("zhao").get(f"/api/v1/reports/{report}").status_code == 200


@pytest.mark.parametrize(
    ("urgency", "due"), [("normal", "2026-09-14T08:30:00+08:00"), ("urgent", "2026-09-13T23:30:00+08:00")]
)
def test_the_half_hour_runs_in_working_time_and_at_once_where_it_is_urgent(
    world: World, urgency: str, due: str
) -> None:
    with moved_to(SUNDAY_NIGHT):
        scenes.asked_to_check(world, urgency=urgency)
    clock = Clock.objects.get(kind="field_check")
    assert (clock.due_at, clock.always) == (datetime.fromisoformat(due), urgency == "urgent")


def test_an_overdue_check_is_told_to_the_worker_the_dispatcher_and_the_leader(world: World) -> None:
    with moved_to(MONDAY):
        at = scenes.asked_to_check(world)
        Clock.objects.exclude(kind="field_check").update(next_at=None)
    for minutes in (15, 24, 30):
        with moved_to(MONDAY + timedelta(minutes=minutes)):
            assert supervise_once() == 1
    assert kinds_told("zhao") == ["field_check_asked", "clock_reminded", "clock_yellow", "clock_red"]
    assert kinds_told("wang") == ["report_submitted", "clock_red"]
    assert kinds_told("li") == ["clock_red"]
    assert SupervisionOrder.objects.get().clock.field_check_id == at.check
    with moved_to(MONDAY + timedelta(minutes=60)):
        supervise_once()
        told = post(world, "zhao", f"field_checks/{at.check}/answer", **answer())
    assert Clock.objects.get(kind="field_check").outcome == "overdue"
    assert told["events"][-1]["overdue"] is True


@pytest.mark.parametrize(
    ("step", "said", "status"),
    [
        ("accept", {}, "accepted"),
        ("reject", {"reason": "不属实"}, "rejected"),
        ("void", {"reason": "误报"}, "void"),
    ],
)
def test_a_report_that_moves_on_needs_no_check_and_the_worker_is_told(
    world: World, step: str, said: dict[str, Any], status: str
) -> None:
    at = scenes.asked_to_check(world)
    told = post(world, "wang", f"reports/{at.report}/{step}", **said)
    assert (told["status"], told["field_checks"][0]["status"]) == (status, "cancelled")
    assert [event["kind"] for event in told["events"]][-2:] == [step, "field_check_cancelled"]
    assert Clock.objects.get(kind="field_check").outcome == "cancelled"
    assert kinds_told("zhao")[-1] == "field_check_cancelled"
    refused = post(world, "zhao", f"field_checks/{at.check}/answer", expect=409, **answer())
    assert (refused["code"], refused["current"], refused["allowed"]) == ("transition_refused", "cancelled", [])


@pytest.mark.parametrize("step", ["close", "rework"])
def test_a_result_that_is_decided_needs_no_check(world: World, step: str) -> None:
    at = scenes.approved(world)
    post(world, "wang", f"reports/{at.report}/field_check", assignee="zhao")
    told = post(world, "wang", f"reports/{at.report}/{step}", **({"reason": "未清净"} if step == "rework" else {}))
    assert told["field_checks"][0]["status"] == "cancelled"
    assert Clock.objects.get(kind="field_check").outcome == "cancelled"


def test_approving_a_result_does_not_end_its_check(world: World) -> None:
    at = scenes.self_handled(world)
    post(world, "wang", f"reports/{at.report}/field_check", assignee="zhao")
    assert post(world, "wang", f"reports/{at.report}/approve")["field_checks"][0]["status"] == "asked"


def test_a_deleted_report_is_not_checked(world: World) -> None:
    at = scenes.asked_to_check(world)
    post(world, "root", f"reports/{at.report}/delete", expect=204, reason="含隐私")
    assert FieldCheck.objects.get().status == "cancelled"
    assert not Clock.objects.filter(stopped_at__isnull=True).exists()


def test_a_cancelled_check_says_why_once(world: World) -> None:
    at = scenes.asked_to_check(world)
    request_id = "5b0cbb1c-3b68-4f8b-93e1-57a1e7d8a001"
    for _ in range(2):
        told = post(world, "wang", f"field_checks/{at.check}/cancel", note="已核实", request_id=request_id)
    assert [event["note"] for event in told["events"] if event["kind"] == "field_check_cancelled"] == ["已核实"]
    assert Notification.objects.filter(kind="field_check_cancelled").count() == 1
    assert post(world, "wang", f"field_checks/{at.check}/cancel", expect=409)["code"] == "transition_refused"


def test_an_answer_sent_twice_is_one_answer(world: World) -> None:
    at = scenes.asked_to_check(world)
    said = answer(request_id="5b0cbb1c-3b68-4f8b-93e1-57a1e7d8a002")
    first = post(world, "zhao", f"field_checks/{at.check}/answer", **said)
    assert post(world, "zhao", f"field_checks/{at.check}/answer", **said) == first
    assert Event.objects.filter(kind="field_check_answered").count() == 1


def test_the_list_shows_mine_and_the_open_ones(world: World) -> None:
    at = scenes.asked_to_check(world)
    post(world, "zhao", f"field_checks/{at.check}/answer", **answer())
    open_one = scenes.asked_to_check(world, assignee="zhang")

    def listed(name: str, **asked: Any) -> list[int]:
        answer = world.api(name).get(reverse("field-checks-list"), asked)
        assert answer.status_code == 200, answer.content
        return [row["id"] for row in answer.json()["results"]]

    assert listed("zhao") == [at.check]
    assert listed("zhang") == [open_one.check, at.check]
    assert listed("zhang", mine="true") == [open_one.check]
    assert listed("wang", status="asked") == [open_one.check]
    assert listed("wang", stage="result") == []
    row = world.api("zhang").get(reverse("field-checks-list")).json()["results"][0]
    assert (row["item_name"], row["report_lng"], row["report_lat"]) == ("暴露垃圾", LNG, LAT)


def test_the_report_page_of_the_administration_shows_its_checks(world: World) -> None:
    at = scenes.asked_to_check(world)
    post(world, "zhao", f"field_checks/{at.check}/answer", **answer(confirmed=False, note="现场无垃圾"))
    page = enter(world, "wang").get(reverse("admin:reports_report_change", args=[at.report])).content.decode()
    assert "赵网格" in page
    assert "现场无垃圾" in page


def test_bytes_of_the_photo_may_come_from_the_person_asked_only(world: World) -> None:
    at = scenes.asked_to_check(world)
    post(world, "zhao", f"field_checks/{at.check}/answer", **answer(photos=[announced(AFTER, "reference")]))
    path = reverse("report-photo", args=[at.report, announced(AFTER, "reference")["sha256"]])
    assert world.api("zhang").put(path, AFTER, content_type="image/jpeg").status_code == 404
    upload(world, "zhao", at.report, AFTER)
