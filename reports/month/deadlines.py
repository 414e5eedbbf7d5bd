"""Every clock reckoned again from its limit and its segments, by walking, and every segment explained by events.

Compared are what the rows keep (due time, outcome, light, level, the report's own due time), what the events said when
a clock was stopped (seconds used, overdue or not), and when by the events a clock had to stand still.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from reports.models import Clock, Event, Meeting, Report
from reports.models.vocabulary import OF_THE_MATTER, ClockKind, ClockOutcome, Light
from reports.month.walker import SECOND, Walker, instant, moment_of

HIGHEST_LEVEL = 5
# Which clocks a step may have stopped, where it is only one kind.
STOPS = {
    "accept": ClockKind.ACCEPT,
    "receive": ClockKind.SIGN_FOR,
    "submit_result": ClockKind.HANDLE,
    "approve": ClockKind.REVIEW,
    "approve_whistle": ClockKind.APPROVE,
    "decline_whistle": ClockKind.APPROVE,
    "field_check_answered": ClockKind.FIELD_CHECK,
    "order_reply": ClockKind.REPLY,
    "redo": ClockKind.CALLBACK,
    "review_whistle": ClockKind.EMERGENCY_REVIEW,
}
ENDS_A_RETURN = ("grant_return", "refuse_return", "withdraw_return", "request_lapsed")


@dataclass
class _Clock:
    """A clock with its segments as instants; an open one has no end."""

    row: Clock
    segments: list[tuple[int, int | None]]

    def used(self, walker: Walker, until: int) -> int:
        always = self.row.always
        return sum(
            walker.used(start, until if end is None else min(end, until), always=always) for start, end in self.segments
        )

    def due(self, walker: Walker) -> int:
        """When the limit ends if the last segment goes on; one reached before was due when that one began."""
        *before, (last, _) = self.segments
        used = sum(walker.used(start, end or start, always=self.row.always) for start, end in before)
        return walker.reaches(last, self.row.limit_seconds * SECOND - used, always=self.row.always)


def check_deadlines(moment: datetime) -> list[str]:
    """What is wrong with the clocks as they stand at `moment`; empty if nothing is."""
    walker, end = Walker(), instant(moment)
    numbers: dict[UUID, str] = dict(Report.objects.values_list("pk", "number"))
    told = _Told()
    faults = []
    of_report: defaultdict[UUID, list[_Clock]] = defaultdict(list)
    for row in Clock.objects.order_by("pk").iterator(chunk_size=2000):
        clock = _Clock(row, [(_instant(start), _instant(stop) if stop else None) for start, stop in row.segments])
        of_report[row.report_id].append(clock)
        for fault in (*_rows(clock, walker, end), *told.explain(clock)):
            faults.append(f"{numbers[row.report_id]}, {row.kind} clock {row.pk}: {fault}")
    for report_id, clocks in of_report.items():
        for fault in told.said(report_id, clocks, walker):
            faults.append(f"{numbers[report_id]}: {fault}")
    for report_id, due_at in Report.objects.values_list("pk", "due_at"):
        running = [one for one in of_report[report_id] if one.row.running and one.row.kind in OF_THE_MATTER]
        earliest = min((one.due(walker) for one in running), default=None)
        if earliest != _kept(due_at):
            faults.append(f"{numbers[report_id]}: due {_shown(_kept(due_at))}, not {_shown(earliest)}")
    return faults


def _instant(text: str) -> int:
    return instant(datetime.fromisoformat(text))


def _kept(moment: datetime | None) -> int | None:
    return None if moment is None else instant(moment)


def _shown(micros: int | None) -> str:
    return "never" if micros is None else f"{moment_of(micros):%Y-%m-%d %H:%M:%S.%f} UTC"


def _rows(clock: _Clock, walker: Walker, end: int) -> Iterator[str]:
    """The row against its own limit and segments."""
    row, due = clock.row, clock.due(walker)
    order = [edge for segment in clock.segments for edge in segment if edge is not None]
    if order != sorted(order) or any(stop is None for _, stop in clock.segments[:-1]):
        yield "its segments do not follow one another"
        return
    if _kept(row.due_at) != due:
        yield f"due {_shown(_kept(row.due_at))}, not {_shown(due)}"
    last_end = clock.segments[-1][1]
    if row.running != (last_end is None):
        yield "it runs without an open segment" if row.running else "it stands still with an open segment"
        return
    if last_end is None:
        yield from _light(clock, walker, due, end)
    elif row.stopped_at is not None and row.outcome != ClockOutcome.CANCELLED:
        overdue = last_end > due or round(clock.used(walker, last_end) / SECOND) > row.limit_seconds
        outcome = ClockOutcome.OVERDUE if overdue else ClockOutcome.MET
        if row.outcome != outcome:
            yield f"its outcome is {row.outcome or 'missing'}, not {outcome}"


def _light(clock: _Clock, walker: Walker, due: int, end: int) -> Iterator[str]:
    """Every deadline that has passed was acted on."""
    row = clock.row
    if row.next_at is not None and instant(row.next_at) <= end:
        yield f"nothing was done when {row.next_at:%Y-%m-%d %H:%M} had come"
    if (row.light == Light.RED) != (due <= end):
        yield f"its light is {row.light}, its due time {_shown(due)}"
    level = min(clock.used(walker, end) // (row.limit_seconds * SECOND), HIGHEST_LEVEL)
    if row.light == Light.RED and row.overdue_level != max(level, 1):
        yield f"it is at level {row.overdue_level}, not {level}"


class _Told:
    """What the events say of the clocks of each report: when something happened, what was used, what stood still."""

    def __init__(self) -> None:
        self._happened: defaultdict[UUID, set[int]] = defaultdict(set)
        self._said: defaultdict[UUID, list[tuple[int, str, int, bool | None]]] = defaultdict(list)
        self._rested: defaultdict[UUID, list[list[int | None]]] = defaultdict(list)
        self._returned: defaultdict[int, list[list[int | None]]] = defaultdict(list)
        self._extended: defaultdict[UUID, list[int]] = defaultdict(list)
        fields = ("report_id", "at", "kind", "assignment_id", "working_seconds", "overdue", "data")
        for report_id, at, kind, duty, seconds, overdue, data in Event.objects.order_by("id").values_list(*fields):
            moment = instant(at)
            self._happened[report_id].add(moment)
            if seconds is not None:
                self._said[report_id].append((moment, kind, seconds, overdue))
            if kind == "grant_suspension":
                self._rested[report_id].append([moment, None])
            elif kind == "resume":
                self._rested[report_id][-1][1] = moment
            elif kind == "ask_return" and duty is not None:
                self._returned[duty].append([moment, None])
            elif kind == "grant_extension":
                self._extended[report_id].append(moment)
            elif kind in ENDS_A_RETURN and duty in self._returned and data.get("kind", "return") == "return":
                self._returned[duty][-1][1] = moment
        # What a meeting put on record happened when it was held.
        for report_id, held_at in Meeting.objects.values_list("whistle__report_id", "held_at"):
            self._happened[report_id].add(instant(held_at))

    def explain(self, clock: _Clock) -> Iterator[str]:
        """Each edge of a segment is a moment at which something happened; none lies where it had to stand still."""
        happened = self._happened[clock.row.report_id]
        for edge in (edge for segment in clock.segments for edge in segment if edge is not None):
            if edge not in happened:
                yield f"no event explains what it did at {_shown(edge)}"
        if clock.row.kind not in OF_THE_MATTER:
            return
        for why, stretches in (
            ("the matter rested", self._rested.get(clock.row.report_id, [])),
            ("its return was being decided", self._returned.get(clock.row.assignment_id or 0, [])),
        ):
            if any(_overlap(segment, stretch) for segment in clock.segments for stretch in stretches):
                yield f"it ran while {why}"

    def said(self, report_id: UUID, clocks: list[_Clock], walker: Walker) -> Iterator[str]:
        """What an event says of the clock it stopped is true of one that it may have stopped."""
        for at, kind, seconds, overdue in self._said[report_id]:
            wanted = STOPS.get(kind)
            fitting = [one for one in clocks if one.segments[0][0] <= at and wanted in (None, one.row.kind)]
            used = [round(one.used(walker, at) / SECOND) for one in fitting]
            same = [one for one, amount in zip(fitting, used, strict=True) if amount == seconds]
            if not same:
                yield f"the event {kind} says {seconds} s were used, the segments {sorted(set(used))}"
            elif overdue is not None and not any(self._was(one, at, overdue, walker) for one in same):
                yield f"the event {kind} says it was {'overdue' if overdue else 'in time'}, the segments do not"

    def _was(self, clock: _Clock, at: int, overdue: bool, walker: Walker) -> bool:
        """Whether the clock was overdue at that moment, or not; more time granted later leaves it open."""
        if clock.row.kind == ClockKind.HANDLE and any(then > at for then in self._extended[clock.row.report_id]):
            return True
        first, *others = clock.segments
        then = _Clock(clock.row, [first, *(segment for segment in others if segment[0] < at)])
        last_end = then.segments[-1][1]
        end = at if last_end is None else min(last_end, at)
        late = end > then.due(walker) or round(then.used(walker, end) / SECOND) > clock.row.limit_seconds
        return late == overdue


def _overlap(segment: tuple[int, int | None], stretch: list[int | None]) -> bool:
    start, end = segment
    begin, until = stretch
    assert begin is not None  # stretches begin
    latest = max(start, begin)
    return (end is None or end > latest) and (until is None or until > latest)
