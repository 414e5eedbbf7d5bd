"""What must hold of reports and all that hangs on them after every step, each promise a function of the rows as they
stand.

The clocks of `vocabulary.ASIDE` are not of the matter: what a leader or a unit owes about a report outlasts it, and
runs while the matter rests.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model

from reports import clocks
from reports.models import (
    Assignment,
    CallbackTry,
    ChangeRequest,
    Clock,
    Event,
    FieldCheck,
    Report,
    Requester,
    SupervisionOrder,
    Whistle,
)
from reports.models.vocabulary import ASIDE, DUTY_ANSWERED, DUTY_DONE, WHISTLE_CALLING, WHISTLE_OVER
from reports.transitions import REPORT

FINAL = ("closed", "rejected", "void", "merged")
# Columns of an event's row.
_OF, _AT, _KIND = 1, 2, 3


@dataclass
class Standing:
    """The rows of some reports at one moment, by key."""

    reports: dict[Any, Report]
    duties: dict[int, Assignment]
    whistles: dict[int, Whistle]
    clocks: dict[int, Clock]
    changes: dict[int, ChangeRequest]
    orders: dict[int, SupervisionOrder]
    checks: dict[int, FieldCheck]
    requesters: dict[int, Requester]
    tries: list[CallbackTry]
    events: dict[int, tuple[Any, ...]]

    @property
    def open_clocks(self) -> list[Clock]:
        return [clock for clock in self.clocks.values() if clock.stopped_at is None]

    def of(self, clock: Clock) -> tuple[Report, Assignment | None]:
        return self.reports[clock.report_id], self.duties.get(clock.assignment_id or 0)


def standing(report_ids: Sequence[UUID], before: "Standing | None" = None) -> Standing:
    """The rows now; of the events those `before` are taken as they were read then (`no_event_is_changed`)."""
    found = Report.all_rows.in_bulk(list(report_ids))
    reports = {pk: found[pk] for pk in report_ids}

    def rows(model: Any, *joins: str) -> dict[Any, Any]:
        there = model._base_manager.filter(report__in=report_ids).select_related(*joins).order_by("pk")
        return {one.pk: one for one in there}

    duties = rows(Assignment, "department", "handed_from", "whistle")
    for duty in duties.values():
        duty.report = reports[duty.report_id]
    known = before.events if before else {}
    return Standing(
        reports,
        duties,
        rows(Whistle),
        rows(Clock),
        rows(ChangeRequest, "assignment__department", "assignment__whistle"),
        rows(SupervisionOrder, "department"),
        rows(FieldCheck),
        rows(Requester),
        list(CallbackTry.objects.filter(report__in=report_ids)),
        known | events(report_ids, after=max(known, default=0)),
    )


def events(report_ids: Sequence[UUID], after: int = 0) -> dict[int, tuple[Any, ...]]:
    rows = Event.objects.filter(report__in=report_ids, pk__gt=after).order_by("pk").values_list()
    return {row[0]: row for row in rows}


Promise = Callable[[Standing], None]


def _pending(now: Standing) -> list[ChangeRequest]:
    return [one for one in now.changes.values() if one.status == "pending"]


def one_lead(now: Standing) -> None:
    leads = [duty for duty in now.duties.values() if duty.active and duty.role == "lead"]
    held = Counter((duty.report_id, duty.whistle_id) for duty in leads)
    assert not [key for key, times in held.items() if times > 1]


def a_whistle_at_work_has_a_lead(now: Standing) -> None:
    led = {duty.whistle_id for duty in now.duties.values() if duty.active and duty.role == "lead"}
    assert {one.pk for one in now.whistles.values() if one.status in WHISTLE_CALLING} <= led


def what_is_to_be_dispatched_has_nobody_leading_it(now: Standing) -> None:
    for duty in now.duties.values():
        assert not (duty.active and duty.role == "lead" and duty.report.status == "accepted")


def nobody_has_work_left_of_a_whistle_called_off(now: Standing) -> None:
    over = {one.pk for one in now.whistles.values() if one.status == "withdrawn"}
    called_off = {duty.pk for duty in now.duties.values() if duty.whistle_id in over}
    for pk in called_off:
        duty = now.duties[pk]
        assert not duty.active or duty.status in DUTY_ANSWERED or duty.role == "notify", duty.status
    assert not [clock for clock in now.open_clocks if clock.assignment_id in called_off]


def a_whistle_has_three_rounds_at_most(now: Standing) -> None:
    followed = {one.previous_id for one in now.whistles.values()}
    for one in now.whistles.values():
        assert one.round <= 3
        assert one.round < 3 or one.kind == "joint"
        assert one.status != "escalated" or one.pk in followed


def nothing_is_closed_with_an_open_duty(now: Standing) -> None:
    for duty in now.duties.values():
        if duty.report.status == "closed" and duty.active and duty.role != "notify":
            assert duty.status in DUTY_DONE, duty.status
            assert duty.status != "waived" or duty.waived_reason
    for whistle in now.whistles.values():
        assert now.reports[whistle.report_id].status != "closed" or whistle.status in WHISTLE_OVER


def no_clock_runs_on_what_stands_still(now: Standing) -> None:
    for clock in now.open_clocks:
        report, duty = now.of(clock)
        if clock.running and clock.kind not in ASIDE:
            assert report.status not in (*FINAL, "suspended"), f"{clock.kind} of a {report.status} report"
            assert duty is None or duty.status != "returned", f"{clock.kind} of a returned duty"


def every_other_open_clock_runs(now: Standing) -> None:
    for clock in now.open_clocks:
        report, duty = now.of(clock)
        held = report.status == "suspended" or (duty is not None and duty.status == "returned")
        assert clock.running or (held and clock.kind not in ASIDE), clock.kind


def every_deadline_follows_from_its_segments(now: Standing) -> None:
    """Up to its due time a clock uses its limit, counted over the segments in which it ran, and not a second before."""
    for clock in now.clocks.values():
        assert clock.due_at is not None
        *_, (last, end) = clock.segments
        begin = datetime.fromisoformat(last)
        assert (end is None) == clock.running
        counted = Clock(always=clock.always, segments=[*clock.segments[:-1], [last, None]])
        assert clocks.used_seconds(counted, clock.due_at) >= clock.limit_seconds - 1e-3, clock.kind
        if clock.due_at > begin:
            shortly = clock.due_at - timedelta(milliseconds=10)
            assert clocks.used_seconds(counted, shortly) < clock.limit_seconds, clock.kind


def lights_follow_from_the_limit(now: Standing) -> None:
    for clock in now.open_clocks:
        kept = (clock.half_at, clock.yellow_at, clock.due_at, clock.next_at)
        clocks.reckon(clock)
        assert (clock.half_at, clock.yellow_at, clock.due_at, clock.next_at) == kept, clock.kind


def a_list_shows_the_earliest_deadline(now: Standing) -> None:
    for report in now.reports.values():
        running = [one for one in now.open_clocks if one.report_id == report.pk and one.running]
        dues = [one.due_at for one in running if one.kind not in ASIDE and one.due_at]
        assert report.due_at == min(dues, default=None)


def an_order_waits_for_its_reply_by_a_clock(now: Standing) -> None:
    waiting = [clock.order_id for clock in now.open_clocks if clock.kind == "reply"]
    assert sorted(waiting) == [one.pk for one in now.orders.values() if one.status == "open"]


def a_clock_has_one_order(now: Standing) -> None:
    of_clocks = Counter(one.clock_id for one in now.orders.values() if one.clock_id)
    assert set(of_clocks.values()) <= {1}


def a_duty_is_returned_while_and_only_while_that_is_to_be_decided(now: Standing) -> None:
    returned = {duty.pk for duty in now.duties.values() if duty.active and duty.status == "returned"}
    assert returned == {one.assignment_id for one in _pending(now) if one.kind == "return"}


def nothing_is_asked_of_what_has_gone(now: Standing) -> None:
    for change in _pending(now):
        report, duty = now.reports[change.report_id], now.duties.get(change.assignment_id or 0)
        assert report.status not in ("void", "rejected", "merged")
        if change.kind != "appeal":
            assert report.status != "closed"
            assert duty is None or duty.active


def extensions_are_two_at_most(now: Standing) -> None:
    granted = [one for one in now.changes.values() if (one.kind, one.status) == ("extension", "granted")]
    assert max(Counter(one.data["clock"] for one in granted).values(), default=0) <= 2


def a_report_rests_once(now: Standing) -> None:
    granted = [one for one in now.changes.values() if (one.kind, one.status) == ("suspension", "granted")]
    assert max(Counter(one.report_id for one in granted).values(), default=0) <= 1
    waiting = {one.report_id for one in granted if one.next_at is not None}
    assert waiting == {one.pk for one in now.reports.values() if one.status == "suspended"}


def only_an_appeal_exempts(now: Standing) -> None:
    granted = [one for one in now.changes.values() if (one.kind, one.status) == ("appeal", "granted")]
    appealed = {pk for one in granted for pk in one.data["clocks"]}
    assert {pk for pk, clock in now.clocks.items() if clock.exempt} == appealed


def who_asked_is_answered_or_was_tried_three_times(now: Standing) -> None:
    for asked in now.requesters.values():
        report = now.reports[asked.report_id]
        if report.status == "closed" and asked.answered_at is None:
            put = [row for row in now.events.values() if (row[_OF], row[_KIND]) == (report.pk, "to_callback")]
            since = put[-1][_AT]
            tries = [one for one in now.tries if one.report_id == report.pk and one.at >= since]
            assert report.callback_outcome == "unreached"
            assert [one.reached for one in tries] == [False] * 3
            assert asked.answer
        if report.merged_into_id and now.reports[report.merged_into_id].status == "closed":
            assert asked.answered_at is not None
            assert asked.answer


def a_field_check_is_out_only_while_its_report_waits_for_it(now: Standing) -> None:
    open_to_it = REPORT.transitions["field_check"].sources
    by_check = {clock.field_check_id: clock for clock in now.clocks.values() if clock.field_check_id}
    for check in now.checks.values():
        out = check.status == "asked"
        assert not out or now.reports[check.report_id].status in open_to_it
        assert (by_check[check.pk].stopped_at is None) == out


def nothing_is_merged_into_what_is_merged(now: Standing) -> None:
    for report in now.reports.values():
        main = now.reports.get(report.merged_into_id)
        assert main is None or main.merged_into_id is None


PROMISES: list[Promise] = [
    one_lead,
    a_whistle_at_work_has_a_lead,
    what_is_to_be_dispatched_has_nobody_leading_it,
    nobody_has_work_left_of_a_whistle_called_off,
    a_whistle_has_three_rounds_at_most,
    nothing_is_closed_with_an_open_duty,
    no_clock_runs_on_what_stands_still,
    every_other_open_clock_runs,
    every_deadline_follows_from_its_segments,
    lights_follow_from_the_limit,
    a_list_shows_the_earliest_deadline,
    an_order_waits_for_its_reply_by_a_clock,
    a_clock_has_one_order,
    a_duty_is_returned_while_and_only_while_that_is_to_be_decided,
    nothing_is_asked_of_what_has_gone,
    extensions_are_two_at_most,
    a_report_rests_once,
    only_an_appeal_exempts,
    who_asked_is_answered_or_was_tried_three_times,
    a_field_check_is_out_only_while_its_report_waits_for_it,
    nothing_is_merged_into_what_is_merged,
]


def no_event_is_changed(now: Standing) -> None:
    """Every event stands as it was read when it was new. Held at the end of a walk."""
    assert events(list(now.reports)) == now.events


def an_appeal_changes_nothing_but_the_exemption(before: Standing, after: Standing) -> None:
    """Of all that figures are made of, a step about an appeal leaves everything as it was but `exempt`."""
    for name in ("reports", "duties", "whistles", "clocks", "orders", "checks", "requesters"):
        rows, now = getattr(before, name), getattr(after, name)
        assert rows.keys() == now.keys()
        for pk, row in rows.items():
            assert _fields(row) == _fields(now[pk]), name


def _fields(row: Model) -> dict[str, Any]:
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in ("exempt", "version")
    }
