"""The figures: name, what it counts in words, and the condition by which it is counted and listed.

A figure has one part per ground, and the parts share no row: the count is their sum, the list their union. A ground is
the rows that a question of time leaves; grounds that are read together stand in one row of `SCANS`, so the number of
queries does not follow the number of figures.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.figures.asked import Place, Span
from reports.models import Assignment, CallbackTry, ChangeRequest, Clock, Report, Whistle
from reports.models.vocabulary import (
    FINAL,
    WHISTLE_CALLING,
    AssignmentRole,
    AssignmentStatus,
    ClockKind,
    ClockOutcome,
    Light,
    ReportStatus,
    RequestKind,
    RequestStatus,
    Satisfaction,
    Source,
    WhistleKind,
    WhistleStatus,
)

Condition = Callable[[Span], Q]

OPEN_STATUSES = tuple(status for status in ReportStatus if status not in FINAL)
LIGHTS = (Light.GREEN, Light.YELLOW, Light.RED)
# What became of a report that was none of ours to handle.
OUT = (ReportStatus.REJECTED, ReportStatus.VOID, ReportStatus.MERGED)
NOT_HANDLED = (ReportStatus.ACCEPTED, ReportStatus.IN_PROGRESS, ReportStatus.SUSPENDED)
HANDLED = (ReportStatus.IN_REVIEW, ReportStatus.CALLBACK, ReportStatus.CLOSED)
TO_DO = (AssignmentRole.LEAD, AssignmentRole.ASSIST)
NOT_COME = (AssignmentStatus.ISSUED, AssignmentStatus.RECEIVED, AssignmentStatus.NO_SHOW)


@dataclass(frozen=True)
class Ground:
    """Rows of a model; `report` is the way from one to its report."""

    model: type[Model]
    holds: Condition
    report: str = ""


@dataclass(frozen=True)
class Figure:
    name: str
    words: str | Promise
    parts: tuple[tuple[Ground, Condition], ...]

    @property
    def model(self) -> type[Model]:
        return self.parts[0][0].model

    def behind(self, place: Place, span: Span) -> QuerySet[Any]:
        """The rows it counts."""
        ground = self.parts[0][0]
        either = Q()
        for part, condition in self.parts:
            either |= part.holds(span) & condition(span)
        manager: Any = ground.model._default_manager
        return manager.filter(place.holds(ground.report), either)


OPEN = Ground(Report, lambda span: Q(status__in=OPEN_STATUSES))
RECEIVED = Ground(Report, lambda span: span.holds("received_at"))
ACCEPTED = Ground(Report, lambda span: span.holds("accepted_at") & ~Q(status__in=(ReportStatus.SUBMITTED, *OUT)))
DISPATCHED = Ground(Report, lambda span: span.holds("dispatched_at") & ~Q(status__in=OUT))
CLOSED = Ground(Report, lambda span: span.holds("closed_at") & Q(status=ReportStatus.CLOSED))
WHISTLES = Ground(Whistle, lambda span: Q(status__in=(WhistleStatus.PENDING, *WHISTLE_CALLING)), "report__")
BLOWN = Ground(Whistle, lambda span: span.holds("blown_at") & Q(previous__isnull=True), "report__")
EXPECTED = Ground(Assignment, lambda span: Q(whistle__status__in=WHISTLE_CALLING, active=True), "report__")
CALLED = Ground(
    Assignment,
    lambda span: (
        span.holds("issued_at")
        & Q(whistle__isnull=False, role__in=TO_DO)
        & _alive(span)
        & _clock_of_duty(~Q(outcome=ClockOutcome.CANCELLED), ClockKind.REPORT_IN)
    ),
    "report__",
)
GIVEN = Ground(
    Assignment,
    lambda span: (
        span.holds("report__dispatched_at") & Q(role__in=TO_DO, report__self_handled=False) & ~Q(report__status__in=OUT)
    ),
    "report__",
)
HEARD = Ground(CallbackTry, lambda span: span.holds("at") & Q(reached=True) & _alive(span), "report__")

SCANS: tuple[tuple[Ground, ...], ...] = (
    (RECEIVED, ACCEPTED, DISPATCHED, CLOSED),
    (OPEN,),
    (WHISTLES, BLOWN),
    (EXPECTED,),
    (CALLED,),
    (GIVEN,),
    (HEARD,),
)

LATE = Q(outcome=ClockOutcome.OVERDUE, exempt=False)
IN_TIME = Q(outcome=ClockOutcome.MET) | Q(outcome=ClockOutcome.OVERDUE, exempt=True)


def _alive(span: Span) -> Q:
    """Of what hangs on a report: that it is open or was closed since the period began, as it must be if this happened
    in it. Said so that the database may begin with the few reports of a street."""
    closed_since = Q(report__status=ReportStatus.CLOSED, report__closed_at__gte=span.start)
    return Q(report__status__in=OPEN_STATUSES) | closed_since


def _clock(condition: Q) -> Q:
    """Of reports: those with a handling clock like this."""
    return Q(Exists(Clock.objects.filter(condition, report=OuterRef("pk"), kind=ClockKind.HANDLE)))


def _clock_of_duty(condition: Q, kind: str) -> Q:
    """Of duties: those with such a clock. By the report too, for that is the index."""
    clocks = Clock.objects.filter(condition, kind=kind, report=OuterRef("report_id"), assignment=OuterRef("pk"))
    return Q(Exists(clocks))


def _late(span: Span) -> Q:
    # Every clock starts after its report came in. Said so that the database looks for each report's own, instead of
    # reading all that were ever late.
    return _clock(LATE & Q(started_at__gte=OuterRef("received_at")))


def _overdue(span: Span) -> Q:
    """Not handled, and the deadline has passed; a clock that stands still keeps the light it had."""
    past = Q(running=True, due_at__lte=span.moment) | Q(running=False, light=Light.RED)
    return Q(status__in=NOT_HANDLED) & _clock(past & Q(stopped_at__isnull=True, exempt=False))


def _not_closed(span: Span) -> Q:
    """Not closed although the deadline fell in the period and has passed, before the result or after it."""
    fell = Q(due_at__gte=span.start, due_at__lt=span.end, due_at__lte=span.moment)
    running = _clock(fell & Q(running=True, stopped_at__isnull=True))
    stopped = _clock(fell & Q(outcome__in=(ClockOutcome.MET, ClockOutcome.OVERDUE)))
    at_work = Q(status=ReportStatus.IN_PROGRESS)
    to_close = Q(status__in=(ReportStatus.IN_REVIEW, ReportStatus.CALLBACK))
    return (at_work & running) | (to_close & stopped)


def _due_to_sign(span: Span) -> Q:
    past = Q(outcome=ClockOutcome.OVERDUE) | Q(running=True, due_at__lte=span.moment)
    return Q(received_at__isnull=False) | _clock_of_duty(past, ClockKind.SIGN_FOR)


def _signed_in_time(span: Span) -> Q:
    return Q(received_at__isnull=False) & ~_clock_of_duty(LATE, ClockKind.SIGN_FOR)


def _granted(kind: str, of: str) -> Q:
    changes = ChangeRequest.objects.filter(kind=kind, status=RequestStatus.GRANTED, **{of: OuterRef("pk")})
    return Q(Exists(changes))


def _satisfied(span: Span) -> Q:
    also = (Satisfaction.BASICALLY,) if settings.GRIDWHISTLE["BASICALLY_SATISFIED"] else ()
    return Q(satisfaction__in=(Satisfaction.SATISFIED, *also))


def _where(**said: Any) -> Condition:
    return lambda span: Q(**said)


ALL = _where()


def _figure(name: str, words: str | Promise, ground: Ground, condition: Condition = ALL) -> Figure:
    return Figure(name, words, ((ground, condition),))


def _figures() -> Iterable[Figure]:
    # Now.
    yield _figure("open", _("open"), OPEN)
    for status in OPEN_STATUSES:
        yield _figure(f"open_{status}", status.label, OPEN, _where(status=status))
    yield _figure("light_red", _("a deadline has passed"), OPEN, lambda span: Q(due_at__lte=span.moment))
    yield _figure(
        "light_yellow",
        _("a deadline is near"),
        OPEN,
        lambda span: Q(due_at__gt=span.moment, yellow_at__lte=span.moment),
    )
    yield _figure(
        "light_green",
        _("deadlines are far"),
        OPEN,
        lambda span: Q(due_at__gt=span.moment) & (Q(yellow_at__isnull=True) | Q(yellow_at__gt=span.moment)),
    )
    yield _figure("overdue", _("not handled, deadline passed"), OPEN, _overdue)
    yield _figure(
        "whistles_pending", _("whistles waiting for approval"), WHISTLES, _where(status=WhistleStatus.PENDING)
    )
    yield _figure("whistles_running", _("whistles running"), WHISTLES, _where(status__in=WHISTLE_CALLING))
    for kind in WhistleKind:
        running = _where(status__in=WHISTLE_CALLING, kind=kind)
        yield _figure(f"whistles_running_{kind}", kind.label, WHISTLES, running)
    yield _figure(
        "not_reported_in",
        _("units called that have not reported in"),
        EXPECTED,
        _where(role__in=TO_DO, status__in=NOT_COME, reported_in_at__isnull=True),
    )
    # In the period.
    yield _figure("received", _("received in the period"), RECEIVED)
    for source in Source:
        yield _figure(f"received_{source}", source.label, RECEIVED, _where(source=source))
    yield _figure("accepted", _("accepted in the period"), ACCEPTED)
    yield _figure("dispatched", _("dispatched in the period"), DISPATCHED)
    yield _figure("handled", _("dispatched in the period and handled"), DISPATCHED, _where(status__in=HANDLED))
    yield _figure(
        "handled_in_time",
        _("dispatched in the period and handled in time"),
        DISPATCHED,
        lambda span: Q(status__in=HANDLED) & ~_late(span),
    )
    yield _figure("overdue_open", _("dispatched in the period, not handled, deadline passed"), DISPATCHED, _overdue)
    yield _figure(
        "extended",
        _("dispatched in the period and extended"),
        DISPATCHED,
        lambda span: _granted(RequestKind.EXTENSION, "report"),
    )
    yield _figure(
        "finished",
        _("dispatched in the period, with a result"),
        DISPATCHED,
        _where(status__in=HANDLED, finished_at__isnull=False, finished_at__gte=F("dispatched_at")),
    )
    yield Figure(
        "should_close",
        _("closed in the period, or still open although due in it"),
        ((CLOSED, ALL), (OPEN, _not_closed)),
    )
    yield _figure("closed", _("closed in the period"), CLOSED)
    yield _figure("closed_in_time", _("closed in the period, handled in time"), CLOSED, lambda span: ~_late(span))
    yield Figure(
        "reworked",
        _("sent back at least once, of what should be closed"),
        (
            (CLOSED, _where(rework_count__gt=0)),
            (OPEN, lambda span: Q(rework_count__gt=0) & _not_closed(span)),
        ),
    )
    yield _figure("self_handled", _("self-handled and closed in the period"), CLOSED, _where(self_handled=True))
    yield _figure("whistles", _("whistles blown in the period"), BLOWN)
    # Duties and answers.
    yield _figure("called", _("units called in the period"), CALLED)
    yield _figure(
        "reported_in_time",
        _("units called in the period that reported in in time"),
        CALLED,
        lambda span: Q(reported_in_at__isnull=False) & _clock_of_duty(IN_TIME, ClockKind.REPORT_IN),
    )
    yield _figure(
        "reported_in", _("units called in the period that reported in"), CALLED, _where(reported_in_at__isnull=False)
    )
    yield _figure("rated", _("units called in the period and rated"), CALLED, _where(rated_at__isnull=False))
    yield _figure("duties", _("duties of what was dispatched in the period"), GIVEN)
    yield _figure(
        "returned",
        _("duties given back with consent"),
        GIVEN,
        lambda span: _granted(RequestKind.RETURN, "assignment"),
    )
    yield _figure("sign_for_due", _("duties to be signed for by now"), GIVEN, _due_to_sign)
    yield _figure("signed_in_time", _("duties signed for in time"), GIVEN, _signed_in_time)
    yield _figure("answers", _("requesters who answered in the period"), HEARD)
    yield _figure("solved", _("requesters who say it is solved"), HEARD, _where(solved=True))
    yield _figure("satisfied", _("requesters who are satisfied"), HEARD, _satisfied)


FIGURES: dict[str, Figure] = {figure.name: figure for figure in _figures()}
