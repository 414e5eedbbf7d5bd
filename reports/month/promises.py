"""What the rule book promises of every report, looked for in what stands at the end."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef

from reports.actions.rounds import LAST_ROUND
from reports.models import (
    Assignment,
    CallbackTry,
    ChangeRequest,
    Clock,
    Event,
    Report,
    Requester,
    Whistle,
)
from reports.models.vocabulary import (
    DUTY_DONE,
    OF_THE_MATTER,
    WHISTLE_CALLING,
    WHISTLE_OVER,
    AssignmentRole,
    AssignmentStatus,
    ClockKind,
    ReportStatus,
    RequestKind,
    RequestStatus,
)
from reports.month.walker import SECOND, Walker, instant


def check_promises() -> list[str]:
    """Everything that breaks one; empty if nothing does."""
    numbers: dict[UUID, str] = dict(Report.objects.values_list("pk", "number"))
    faults = []
    for check in (_closed, _answered, _called, _at_rest, _extensions, _once, _in_order):
        faults += [f"{numbers[report_id]}: {fault}" for report_id, fault in check()]
    return faults


Faults = Iterator[tuple[UUID, str]]


def _all(rows: Iterable[UUID], fault: str) -> Faults:
    for report_id in rows:
        yield report_id, fault


def _closed() -> Faults:
    """Nothing is closed with an open duty, unless it was waived with a reason."""
    closed = Report.objects.filter(status=ReportStatus.CLOSED)
    duties = Assignment.objects.filter(report__in=closed, active=True).exclude(role=AssignmentRole.NOTIFY)
    yield from _all(
        duties.exclude(status__in=DUTY_DONE).values_list("report_id", flat=True), "closed with an open duty"
    )
    waived = duties.filter(status=AssignmentStatus.WAIVED, waived_reason="")
    yield from _all(waived.values_list("report_id", flat=True), "closed with a duty waived without a reason")
    open_clocks = Clock.objects.filter(report__in=closed, kind__in=OF_THE_MATTER, stopped_at__isnull=True)
    yield from _all(open_clocks.values_list("report_id", flat=True), "closed with an open clock")
    calling = Whistle.objects.filter(report__in=closed).exclude(status__in=WHISTLE_OVER)
    yield from _all(calling.values_list("report_id", flat=True), "closed with an open whistle")


def _answered() -> Faults:
    """Every requester of a closed report was answered, or called in vain as often as the rules want; those of merged
    ones with the report that went on for theirs."""
    tries: int = settings.GRIDWHISTLE["CALLBACK_TRIES"]
    in_vain = Counter(CallbackTry.objects.filter(reached=False).order_by().values_list("report_id", flat=True))
    asked = Requester.objects.filter(report__status=ReportStatus.CLOSED)
    for report_id in asked.filter(answered_at__isnull=True).values_list("report_id", flat=True):
        if in_vain[report_id] < tries:
            yield report_id, f"its requester was not answered and called {in_vain[report_id]} times"
    merged = Requester.objects.filter(
        report__status=ReportStatus.MERGED, report__merged_into__status=ReportStatus.CLOSED
    )
    unanswered = merged.filter(answered_at__isnull=True).values_list("report_id", flat=True)
    yield from _all(unanswered, "its requester was not answered with the report it was merged into")


def _called() -> Faults:
    """No whistle waits for nobody: where everybody has come or stayed away and the lead did not come, it went on to its
    next round."""
    waiting = Clock.objects.filter(
        assignment__whistle=OuterRef("whistle"), assignment__active=True, kind=ClockKind.REPORT_IN, running=True
    ).exclude(assignment__status=AssignmentStatus.NO_SHOW)
    missed = Assignment.objects.filter(active=True, role=AssignmentRole.LEAD, status=AssignmentStatus.NO_SHOW)
    early = missed.filter(whistle__round__lt=LAST_ROUND, whistle__status__in=WHISTLE_CALLING)
    held = Assignment.objects.filter(whistle=OuterRef("whistle"), active=True, status=AssignmentStatus.RETURNED)
    forgotten = early.exclude(Exists(waiting)).exclude(Exists(held)).exclude(report__status=ReportStatus.SUSPENDED)
    yield from _all(forgotten.values_list("report_id", flat=True), "its whistle waits and nobody is expected any more")


def _at_rest() -> Faults:
    """No clock of the matter runs while it is suspended or merged, none of a duty while its return is decided."""
    running = Clock.objects.filter(running=True, kind__in=OF_THE_MATTER)
    still = running.filter(report__status__in=(ReportStatus.SUSPENDED, ReportStatus.MERGED))
    yield from _all(still.values_list("report_id", flat=True), "a clock runs while it is suspended or merged")
    returned = running.filter(assignment__status=AssignmentStatus.RETURNED, assignment__active=True)
    yield from _all(returned.values_list("report_id", flat=True), "a clock runs while its duty is returned")
    pending = ChangeRequest.objects.filter(kind=RequestKind.RETURN, status=RequestStatus.PENDING)
    other = pending.exclude(assignment__status=AssignmentStatus.RETURNED)
    yield from _all(other.values_list("report_id", flat=True), "a return is pending and its duty is not returned")


def _extensions() -> Faults:
    """At most so many granted per handling clock, and none asked for after it was overdue."""
    walker, most = Walker(), settings.GRIDWHISTLE["MAX_EXTENSIONS"]
    clocks = Clock.objects.in_bulk()
    asked = list(ChangeRequest.objects.filter(kind=RequestKind.EXTENSION).order_by("pk"))
    granted = [one for one in asked if one.status == RequestStatus.GRANTED]
    for clock_id, times in Counter(one.data["clock"] for one in granted).items():
        if times > most:
            yield clocks[clock_id].report_id, f"{times} extensions of one clock"
    for one in asked:
        clock, at = clocks[one.data["clock"]], instant(one.asked_at)
        later = sum(
            other.data["granted"]["seconds"]
            for other in granted
            if other.data["clock"] == clock.pk and other.decided_at and other.decided_at > one.asked_at
        )
        used = 0
        for start, end in clock.segments:
            until = min(_instant(end), at) if end else at
            used += walker.used(_instant(start), until, always=clock.always)
        if used >= (clock.limit_seconds - later) * SECOND:
            yield one.report_id, "more time was asked for after it was overdue"


def _instant(text: str) -> int:
    return instant(datetime.fromisoformat(text))


def _once() -> Faults:
    """A matter is suspended once, a duty appealed once."""
    granted = ChangeRequest.objects.filter(status=RequestStatus.GRANTED, kind=RequestKind.SUSPENSION)
    by_events = Event.objects.filter(kind="grant_suspension").order_by().values_list("report_id", flat=True)
    for rows in (granted.values_list("report_id", flat=True), by_events):
        for report_id, times in Counter(rows).items():
            if times > 1:
                yield report_id, f"suspended {times} times"
    decided = ChangeRequest.objects.filter(
        kind=RequestKind.APPEAL, status__in=(RequestStatus.GRANTED, RequestStatus.REFUSED)
    )
    for (report_id, _), times in Counter(decided.values_list("report_id", "assignment_id")).items():
        if times > 1:
            yield report_id, f"{times} appeals of one duty"


def _in_order() -> Faults:
    """Events follow one another in time."""
    last: dict[UUID, datetime] = {}
    for report_id, at in Event.objects.order_by("id").values_list("report_id", "at"):
        before = last.get(report_id)
        if before is not None and at < before:
            yield report_id, f"an event of {at:%Y-%m-%d %H:%M:%S} stands after a later one"
        last[report_id] = at
