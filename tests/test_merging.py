"""Merging and un-merging: one report goes on for the others, and every requester gets its answer."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core.moment import moved_to
from core.problems import Problem
from notifications.models import Notification
from reports.actions import callback, merging, pool, review
from reports.models import Assignment, Clock, Event, Report, Requester, SupervisionOrder
from reports.models.vocabulary import FINAL, OF_THE_MATTER
from reports.supervise import supervise_once
from tests import scenes
from tests.admin_scenes import enter
from tests.world import World, post, submit

pytestmark = pytest.mark.django_db

MONDAY = datetime.fromisoformat("2026-09-14T09:00:00+08:00")
CONTENT = {"reached": True, "solved": True, "satisfaction": "satisfied"}
IN_VAIN = {"reached": False}
COMPLAINS = {"reached": True, "solved": False, "satisfaction": "not", "note": "又堆满了"}


def call(world: World, number: int, **said: Any) -> UUID:
    """A resident's call to the hotline."""
    requester = {"name": f"居民{number}", "phone": f"1380000{number:04d}"}
    return submit(world, "wang", source="hotline", external_no=f"12345-{number}", requester=requester, **said)


def merge(world: World, report: Any, into: Any, expect: int = 200, **said: Any) -> dict[str, Any]:
    return post(world, "wang", f"reports/{report}/merge", expect=expect, into=str(into), **said)


def unmerge(world: World, report: Any, expect: int = 200, **said: Any) -> dict[str, Any]:
    return post(world, "wang", f"reports/{report}/unmerge", expect=expect, **said)


def told(report: Any) -> tuple[str, bool]:
    requester = Requester.objects.get(report_id=report)
    return requester.answer, requester.answered_at is not None


def kinds(detail: dict[str, Any]) -> list[str]:
    return [event["kind"] for event in detail["events"]]


def close(world: World, report: Any, expect: int = 200, **said: Any) -> dict[str, Any]:
    """Have the grid's worker solve it, and close it."""
    post(world, "wang", f"reports/{report}/accept")
    post(world, "wang", f"reports/{report}/assign", assignments=[{"role": "lead", "assignee": "zhang"}])
    Report.objects.filter(pk=report).update(status="in_review")
    Assignment.objects.filter(report_id=report).update(status="approved")
    return post(world, "wang", f"reports/{report}/close", expect=expect, **said)


def answered(world: World, report: Any) -> None:
    """Have its own requester called, who is content: that closes it."""
    post(world, "wang", f"reports/{report}/call_back", **CONTENT)


def test_a_merged_report_points_at_its_main_report_and_both_timelines_say_it(world: World) -> None:
    main, report = submit(world), submit(world)
    detail = merge(world, report, main, note="同一处垃圾")
    assert (detail["status"], detail["allowed"]) == ("merged", ["unmerge"])
    assert detail["merged_into"]["id"] == str(main)
    seen = world.api("zhang").get(f"/api/v1/reports/{main}").json()
    assert [one["id"] for one in seen["merged"]] == [str(report)]
    assert (seen["status"], seen["version"]) == ("submitted", 2)
    assert detail["events"][-1]["note"] == seen["events"][-1]["note"] == "同一处垃圾"
    assert detail["events"][-1]["data"]["number"] == seen["number"]
    assert seen["events"][-1]["data"]["number"] == detail["number"]
    assert (kinds(detail)[-1], kinds(seen)[-1]) == ("merge", "merge_in")
    notice = Notification.objects.get(kind="report_merged")
    assert (notice.recipient, notice.params["main"]) == (world["zhang"], seen["number"])


def test_its_clock_stops_and_goes_on_with_what_it_had_left(world: World) -> None:
    with moved_to(MONDAY):
        main, report = submit(world), submit(world)
    with moved_to(MONDAY + timedelta(minutes=5)):
        detail = merge(world, report, main)
        assert (detail["clocks"][0]["outcome"], detail["due_at"]) == ("cancelled", None)
    with moved_to(MONDAY + timedelta(hours=1)):
        Clock.objects.filter(report_id=main).update(next_at=None)
        assert supervise_once() == 0
        detail = unmerge(world, report, note="不是同一处")
    assert (detail["status"], detail["merged_into"]) == ("submitted", None)
    assert detail["due_at"] == "2026-09-14T10:10:00+08:00"
    assert len(detail["clocks"]) == 1
    assert kinds(detail)[-1] == "unmerge"
    seen = world.api("wang").get(f"/api/v1/reports/{main}").json()
    assert (seen["merged"], kinds(seen)[-1]) == ([], "unmerge_from")
    assert Notification.objects.get(kind="report_unmerged").recipient == world["zhang"]


def test_the_pauses_add_up_however_often_it_is_merged(world: World) -> None:
    with moved_to(MONDAY):
        main, report = submit(world), submit(world)
    for hour in (0, 1):
        with moved_to(MONDAY + timedelta(hours=hour, minutes=4)):
            merge(world, report, main)
        with moved_to(MONDAY + timedelta(hours=hour + 1)):
            unmerge(world, report)
    assert Clock.objects.get(report_id=report).due_at == MONDAY + timedelta(hours=2, minutes=15 - 4 - 4)


def test_a_reply_given_while_it_was_merged_is_not_waited_for_again(world: World) -> None:
    main, report = submit(world), submit(world)
    post(world, "supervisor", f"reports/{report}/supervise", kind="leader", reason="领导批示")
    merge(world, report, main)
    order = SupervisionOrder.objects.get()
    post(world, "wang", f"supervision_orders/{order.pk}/reply", text="并入另一件办理")
    unmerge(world, report)
    running = Clock.objects.filter(report=report, stopped_at__isnull=True)
    assert list(running.values_list("kind", flat=True)) == ["accept"]


def test_every_requester_is_answered_with_the_main_report(world: World) -> None:
    main, first, second = call(world, 1), call(world, 2), call(world, 3)
    of_worker = submit(world)
    for report in (first, second, of_worker):
        merge(world, report, main)
    refused = close(world, main, expect=400)
    assert refused["code"] == "answer_needed"
    post(world, "wang", f"reports/{main}/close", answer="已清运")
    # Until the main report's requester has been called, nobody counts as answered.
    assert not Requester.objects.filter(answered_at__isnull=False).exists()
    answered(world, main)
    assert {told(report) for report in (main, first, second)} == {("已清运", True)}
    for report in (first, second, of_worker):
        detail = world.api("wang").get(f"/api/v1/reports/{report}").json()
        assert (detail["status"], kinds(detail)[-1]) == ("merged", "main_close")
    # One notice to each who sent, naming all of theirs.
    notices = {one.recipient.username: one for one in Notification.objects.filter(kind="main_closed")}
    assert set(notices) == {"wang", "zhang"}
    numbers = Report.objects.filter(pk__in=(first, second)).values_list("number", flat=True)
    assert set(notices["wang"].params["number"].split("、")) == set(numbers)


def test_an_answer_is_needed_for_them_also_where_the_main_report_has_no_requester(world: World) -> None:
    main, other = submit(world), call(world, 1)
    merge(world, other, main)
    assert close(world, main, expect=400)["code"] == "answer_needed"
    post(world, "wang", f"reports/{main}/close", answer="已清运")
    assert told(other) == ("已清运", True)


def test_what_the_main_reports_requester_was_told_before_serves_the_others(world: World) -> None:
    main, other = call(world, 1), call(world, 2)
    merge(world, other, main)
    Requester.objects.filter(report_id=main).update(answer="电话已答复")
    close(world, main)
    answered(world, main)
    assert told(other) == ("电话已答复", True)


def test_the_others_are_answered_though_the_main_reports_requester_was_called_in_vain(world: World) -> None:
    main, other = call(world, 1), call(world, 2)
    merge(world, other, main)
    close(world, main, answer="已清运")
    for _ in range(3):
        assert told(other) == ("", False)
        post(world, "wang", f"reports/{main}/call_back", **IN_VAIN)
    assert (told(main), told(other)) == (("已清运", False), ("已清运", True))


@pytest.mark.parametrize("step", ["reject", "void"])
def test_a_refusal_of_the_main_report_is_their_answer_too(world: World, step: str) -> None:
    main, other = call(world, 1), call(world, 2)
    merge(world, other, main)
    post(world, "wang", f"reports/{main}/{step}", reason="不属本街道")
    assert told(other) == ("不属本街道", True)
    # The main report ended without being solved: the other may still be taken up by itself, and needs its own answer.
    detail = unmerge(world, other)
    assert (detail["status"], f"main_{step}" in kinds(detail)) == ("submitted", True)
    assert told(other) == ("", False)


def test_after_the_main_report_is_closed_a_merge_stays(world: World) -> None:
    main, other = submit(world), submit(world)
    merge(world, other, main)
    close(world, main)
    refused = unmerge(world, other, expect=409)
    assert (refused["code"], refused["main"], refused["current"]) == ("main_closed", str(main), "merged")
    post(world, "li", f"reports/{main}/reopen", reason="又有了")
    assert unmerge(world, other)["status"] == "submitted"


def test_there_are_no_chains(world: World) -> None:
    main, report, third = submit(world), submit(world), submit(world)
    merge(world, report, main)
    refused = merge(world, third, report, expect=409)
    assert (refused["code"], refused["main"]) == ("main_merged", str(main))
    assert merge(world, main, third, expect=409)["code"] == "has_merged"
    merge(world, third, main)
    assert merge(world, report, main, expect=409)["code"] == "transition_refused"


def test_only_into_another_report_that_is_open_and_ones_own(world: World) -> None:
    report = submit(world)
    assert merge(world, report, report, expect=400)["code"] == "merge_with_itself"
    assert merge(world, report, uuid4(), expect=400)["code"] == "unknown_main"
    ended = submit(world)
    post(world, "wang", f"reports/{ended}/void", reason="误报")
    assert merge(world, report, ended, expect=409)["main_status"] == "void"
    other_street = submit(
        world, "outsider", position={"lng": 123.005, "lat": 36.505, "coord_type": "wgs84"}, description="海边垃圾"
    )
    assert merge(world, report, other_street, expect=400)["code"] == "unknown_main"
    assert Report.objects.get(pk=report).status == "submitted"


@pytest.mark.parametrize("make", [scenes.accepted, scenes.whistled, scenes.self_handled, scenes.closed])
def test_only_what_waits_to_be_accepted_is_merged(world: World, make: Callable[[World], scenes.Scene]) -> None:
    main, at = submit(world), make(world)
    assert merge(world, at.report, main, expect=409)["code"] == "transition_refused"


@pytest.mark.parametrize("make", [scenes.accepted, scenes.whistled, scenes.self_handled])
def test_the_main_report_may_be_at_any_open_stage(world: World, make: Callable[[World], scenes.Scene]) -> None:
    main, report = make(world).report, submit(world)
    merge(world, report, main)
    assert unmerge(world, report)["status"] == "submitted"


def test_a_merge_ends_the_field_check_of_the_merged_report(world: World) -> None:
    at, main = scenes.asked_to_check(world), submit(world)
    detail = merge(world, at.report, main)
    assert detail["field_checks"][0]["status"] == "cancelled"
    assert [clock["kind"] for clock in unmerge(world, at.report)["clocks"] if clock["running"]] == ["accept"]


def test_a_repeat_changes_nothing_and_a_stale_version_is_refused(world: World) -> None:
    main, report = submit(world), submit(world)
    request_id = str(uuid4())
    first = merge(world, report, main, request_id=request_id, version=1)
    assert merge(world, report, main, request_id=request_id, version=1) == first
    assert Report.objects.get(pk=main).version == 2
    assert unmerge(world, report, expect=409, version=1)["code"] == "stale_version"


def test_the_database_itself_holds_that_merged_means_a_main_report(world: World) -> None:
    main, report = submit(world), submit(world)
    rows = Report.objects.filter(pk=report)
    for wrong in ({"status": "merged"}, {"merged_into_id": main}, {"status": "merged", "merged_into_id": report}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


def test_the_page_of_the_administration_links_them(world: World) -> None:
    main, report = submit(world), submit(world)
    merge(world, report, main)
    client = enter(world, "wang")
    for one, other in ((main, report), (report, main)):
        page = client.get(reverse("admin:reports_report_change", args=[one])).content.decode()
        assert Report.objects.get(pk=other).number in page


# By the state of a report the clocks of the matter that run here.
RUNNING = {"submitted": ["accept"], "callback": ["callback"]}


class Merging(RuleBasedStateMachine):
    """Five residents' calls, merged and taken out again, rejected, closed, called back and opened again at random."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.undo = ExitStack()
        self.undo.enter_context(transaction.atomic())
        self.minutes = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.close()

    @initialize()
    def begin(self) -> None:
        with moved_to(MONDAY):
            self.reports = [call(self.world, number) for number in range(5)]
        self.wang, self.li = self.world["wang"], self.world["li"]

    def attempt(self, action: Callable[..., None], *said: Any, **named: Any) -> None:
        self.minutes += 1
        with moved_to(MONDAY + timedelta(minutes=self.minutes)):
            try:
                with transaction.atomic():
                    action(*said, **named)
            except Problem:
                pass

    @rule(report=st.integers(0, 4), into=st.integers(0, 4))
    def merges(self, report: int, into: int) -> None:
        self.attempt(merging.merge, self.wang, self.reports[report], self.reports[into])

    @rule(report=st.integers(0, 4))
    def unmerges(self, report: int) -> None:
        self.attempt(merging.unmerge, self.wang, self.reports[report])

    @rule(report=st.integers(0, 4))
    def rejects(self, report: int) -> None:
        self.attempt(pool.reject, self.wang, self.reports[report], "不属实")

    @rule(report=st.integers(0, 4), answer=st.sampled_from(["", "已清运", "已修复"]))
    def closes(self, report: int, answer: str) -> None:
        rows = Report.objects.filter(pk=self.reports[report])
        if rows.filter(status__in=("submitted", "in_progress")).update(status="in_review"):
            Clock.objects.filter(report__in=rows).update(running=False, stopped_at=MONDAY, outcome="met", next_at=None)
            rows.update(due_at=None)
        self.attempt(review.close, self.wang, self.reports[report], answer=answer)

    @rule(report=st.integers(0, 4), said=st.sampled_from([CONTENT, IN_VAIN, COMPLAINS]))
    def calls_back(self, report: int, said: dict[str, Any]) -> None:
        self.attempt(callback.call_back, self.wang, self.reports[report], **said)

    @rule(report=st.integers(0, 4))
    def reopens(self, report: int) -> None:
        self.attempt(review.reopen, self.li, self.reports[report], "又有了")

    @invariant()
    def every_requester_of_a_closed_report_is_answered(self) -> None:
        of_closed = models.Q(report__status="closed") | models.Q(report__merged_into__status="closed")
        closed = Requester.objects.filter(of_closed)
        assert not closed.filter(answer="").exists()
        # Only who was called in vain, for their own report, was not reached with it.
        in_vain = models.Q(report__status="closed", report__callback_outcome="unreached")
        assert not closed.filter(answered_at__isnull=True).exclude(in_vain).exists()

    @invariant()
    def those_who_wait_were_not_answered_for_another(self) -> None:
        waiting = Requester.objects.filter(report__status="submitted")
        assert not waiting.exclude(answer="").exists()

    @invariant()
    def states_agree(self) -> None:
        assert not Report.objects.filter(status="merged", merged_into__isnull=True).exists()
        assert not Report.objects.filter(merged_into__isnull=False).exclude(status="merged").exists()
        assert not Report.objects.filter(merged_into__merged_into__isnull=False).exists()
        for report in Report.objects.all():
            running = Clock.objects.filter(report=report, running=True, kind__in=OF_THE_MATTER)
            assert list(running.values_list("kind", flat=True)) == RUNNING.get(report.status, []), report.status
            assert (report.due_at is None) == (report.status not in RUNNING)
            assert report.status not in FINAL or report.due_at is None

    @invariant()
    def nothing_is_lost(self) -> None:
        assert Report.objects.count() == Requester.objects.count() == 5
        for report in Report.objects.all():
            done = list(report.events.order_by("pk").values_list("kind", flat=True))
            ins, outs = done.count("merge"), done.count("unmerge")
            assert ins - outs == (report.status == "merged")
            came, went = done.count("merge_in"), done.count("unmerge_from")
            assert came - went == Report.objects.filter(merged_into=report).count()
        assert Event.objects.filter(kind="merge").count() == Event.objects.filter(kind="merge_in").count()


def test_whatever_is_merged_and_taken_out_everybody_is_answered_and_nothing_lost(world: World) -> None:
    world.token("wang")
    run_state_machine_as_test(
        type("MergingInTheWorld", (Merging,), {"world": world}),
        settings=settings(max_examples=40, stateful_step_count=30, suppress_health_check=list(HealthCheck)),
    )
