"""A month lived with a moved clock: numbers by rows and by events, deadlines by walking, and that all this can fail.

The month is lived once for this file, inside one transaction that is rolled back; each test changes what it likes.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings

from core.moment import moved_to
from grids import locating
from reports import calendar, rules
from reports.actions.calendar import set_day
from reports.calendar import working_calendar
from reports.demo import calls, odds
from reports.models import (
    Assignment,
    CallbackTry,
    Card,
    ChangeRequest,
    Clock,
    Event,
    FieldCheck,
    Meeting,
    Report,
    Requester,
    SupervisionOrder,
    Whistle,
)
from reports.models.vocabulary import ClockKind, RequestKind, RequestStatus
from reports.month.living import bounds
from reports.month.reckoning import Reckoning, reckon
from reports.month.tally import NAMES
from tests.world import YATOU

FIRST, LAST = date(2026, 9, 18), date(2026, 10, 12)
START, END = bounds(FIRST, LAST)
# Much more of everything out of the ordinary than any street sees, so that a small month holds all of it.
EVENTFUL = {
    "CHECKED": 0.2, "SPLIT": 0.06, "SENT_BACK": 0.1, "WHISTLE": 0.35, "HANDED_ON": 0.3, "RETURNED": 0.25,
    "MORE_TIME": 0.35, "RESTS": 0.2, "URGED": 0.2, "ORDERED": 0.15, "CARDED": 0.4, "REWORK": 0.15, "REOPEN": 0.1,
    "RESULT_CHECKED": 0.15, "APPEALED": 0.6, "CALLED_OFF": 0.35, "FAILED": 0.25, "LEAVES": 0.5, "MINUTES": 0.9,
    "TAKEN_BACK_EARLY": 0.15, "UNSOLVED": 0.3, "NO_ANSWER": 0.3, "LATE": 0.15, "SIGNED_LATE": 0.1,
}  # fmt: skip


def month(*arguments: str) -> str:
    told = StringIO()
    call_command(
        "simulate_month", "--areas", YATOU, "--first", f"{FIRST}", "--last", f"{LAST}", *arguments, stdout=told
    )
    return told.getvalue()


def forget() -> None:
    """Rows that come and go with a roll-back must not be remembered."""
    ContentType.objects.clear_cache()
    for module in (locating, calendar, rules):
        module.reset()


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The month, lived in a database emptied for it; what the command said."""
    media: Path = tmp_path_factory.mktemp("month")
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, override_settings(MEDIA_ROOT=media):
        for name, share in EVENTFUL.items():
            patch.setattr(odds, name, share)
        patch.setattr(calls, "COMES_IN_ROUND", {1: 0.6, 2: 0.2, 3: 0.2})
        with transaction.atomic():
            call_command("flush", interactive=False, verbosity=0)
            forget()
            yield month("--rate", "2.4", "--seed", "5")
            transaction.set_rollback(True)
        forget()


@pytest.fixture
def lived(told: str, db: None) -> str:
    return told


def reckoned() -> Reckoning:
    return reckon(END)


# -- the month -------------------------------------------------------------------------------------------------------


def test_a_month_reckons_without_difference(lived: str) -> None:
    assert "no difference" in lived
    assert reckoned().faults == []


def test_the_month_holds_what_happens_in_a_city(lived: str) -> None:
    rows = reckoned().rows
    for name in (
        "reports", "accepted", "dispatched", "closed", "rejected", "closed in time", "closed overdue", "reworks",
        "field checks", "results", "handed on", "returns granted", "returns refused", "returned to another unit",
        "returned to be dispatched", "extensions granted", "extensions refused", "suspensions granted", "appeals",
        "whistles", "whistles withdrawn", "second rounds", "third rounds", "meetings", "decisions", "no-shows",
        "report-ins", "left the scene", "emergencies reviewed", "units rated", "orders by timeout",
        "orders of a leader", "orders done with", "replies sent back", "yellow cards", "urges heard", "callbacks",
        "satisfied", "split off",
    ):  # fmt: skip
        assert rows.total(name) > 0, name
    assert rows.names() <= set(NAMES)


def test_the_month_crosses_the_holiday_with_its_made_up_days(lived: str) -> None:
    days = working_calendar()
    assert not days.is_working_day(date(2026, 10, 1))
    assert days.is_working_day(date(2026, 9, 20))
    crossing = Clock.objects.filter(
        always=False, kind=ClockKind.HANDLE, started_at__lt=datetime(2026, 10, 1, tzinfo=START.tzinfo)
    )
    crossing = crossing.filter(due_at__gt=datetime(2026, 10, 8, tzinfo=START.tzinfo))
    assert crossing.exists()
    # Suspensions end by themselves at midnight, work or no work.
    ended = Event.objects.filter(kind="resume", actor__isnull=True)
    assert all(at.astimezone(START.tzinfo).hour == 0 for at in ended.values_list("at", flat=True))


def test_a_calendar_without_the_holiday_would_be_found_out(lived: str) -> None:
    # The walk reads the table: with another table the very same clocks are wrong.
    set_day(date(2026, 9, 20), working=False)
    faults = reckoned().faults
    assert any(" clock " in fault and "due " in fault for fault in faults)


def test_a_database_with_reports_is_left_alone(lived: str) -> None:
    with pytest.raises(CommandError, match="reports already"):
        month()


# -- that it can fail ------------------------------------------------------------------------------------------------


def change(rows: Any, **values: Any) -> str:
    """Write another value past the actions; the number of the report it was on."""
    row = rows.order_by("pk").first()
    assert row is not None
    type(row)._base_manager.filter(pk=row.pk).update(**values)
    report = row if isinstance(row, Report) else row.whistle.report if isinstance(row, Meeting) else row.report
    return str(report.number)


def segments(rows: Any, edit: Callable[[list[list[str | None]]], None]) -> str:
    row = rows.order_by("pk").first()
    edit(row.segments)
    return change(Clock.objects.filter(pk=row.pk), segments=row.segments)


def an_event(kind: str, **data: Any) -> str:
    report = Report.objects.filter(status="closed").order_by("pk").first()
    assert report is not None
    last = Event.objects.filter(report=report).latest("pk")
    Event.objects.create(report=report, at=last.at, kind=kind, data=data)
    return report.number


def closed(**of: Any) -> Any:
    return Report.objects.filter(status="closed", **of)


def stopped(kind: str) -> Any:
    return Clock.objects.filter(kind=kind, stopped_at__isnull=False, outcome="met", always=False)


def later(seconds: int) -> Callable[[list[list[str | None]]], None]:
    def edit(found: list[list[str | None]]) -> None:
        found[-1][1] = (datetime.fromisoformat(str(found[-1][1])) + timedelta(seconds=seconds)).isoformat()

    return edit


def granted(kind: str) -> Any:
    return ChangeRequest.objects.filter(kind=kind, status=RequestStatus.GRANTED)


TAMPERED: dict[str, tuple[Callable[[], str], str]] = {
    "a state": (lambda: change(closed(), status="in_review"), "closed:"),
    "an acceptance": (lambda: change(closed(), accepted_at=None), "accepted:"),
    "a dispatch": (lambda: change(closed(), dispatched_at=None), "dispatched:"),
    "a rework": (lambda: change(closed(), rework_count=9), "reworks:"),
    "a redo": (lambda: change(closed(), redo_count=3), "redone after callback:"),
    "an outcome": (lambda: change(stopped("handle").filter(report__status="closed"), outcome="overdue"), "its outcome"),
    "a result": (lambda: change(Assignment.objects.filter(submitted_at=None), submitted_at=END), "results:"),
    "a return": (lambda: change(granted(RequestKind.RETURN), status="refused"), "returns granted:"),
    "an extension": (lambda: change(granted(RequestKind.EXTENSION), status="withdrawn"), "extensions granted:"),
    "a suspension": (lambda: change(granted(RequestKind.SUSPENSION), status="refused"), "suspensions granted:"),
    "an appeal": (lambda: change(ChangeRequest.objects.filter(kind="appeal"), kind="return"), "appeals:"),
    "a round": (lambda: change(Whistle.objects.filter(round=2), round=3), "second rounds:"),
    "a whistle": (lambda: change(Whistle.objects.filter(status="closed"), status="withdrawn"), "whistles withdrawn:"),
    "a kind of whistle": (
        lambda: change(Whistle.objects.filter(kind="emergency", round=1), kind="routine"),
        "routine whistles:",
    ),
    "minutes": (lambda: change(Meeting.objects.all(), decisions=[]), "decisions:"),
    "a no-show": (lambda: change(Clock.objects.filter(kind="report_in", light="red"), light="green"), "no-shows:"),
    "a release": (lambda: change(Assignment.objects.filter(left_at__isnull=False), left_at=None), "left the scene:"),
    "a rating": (lambda: change(Assignment.objects.filter(rated_at__isnull=False), rating_result=1), "marks given:"),
    "an order": (lambda: change(SupervisionOrder.objects.filter(status="accepted"), status="open"), "orders open:"),
    "a reply": (lambda: change(SupervisionOrder.objects.all(), sent_back=7), "replies sent back:"),
    "a card": (lambda: change(Card.objects.filter(colour="yellow"), colour="red"), "red cards:"),
    "a check": (lambda: change(FieldCheck.objects.filter(confirmed=True), confirmed=False), "field checks refuted:"),
    "a callback": (
        lambda: change(CallbackTry.objects.filter(satisfaction="satisfied"), satisfaction="not"),
        "not satisfied:",
    ),
    "an event too many": (lambda: an_event("rework"), "reworks:"),
    "a closing too many": (lambda: an_event("reopen"), "closed:"),
    "a due time": (lambda: change(stopped("handle"), due_at=END), "due 2026-10-12 16:00"),
    "a minute more": (lambda: segments(stopped("handle"), later(60)), "no event explains"),
    "time used": (lambda: segments(stopped("review"), later(-300)), "s were used, the segments"),
    "a limit": (lambda: change(stopped("handle"), limit_seconds=60), "its outcome is met, not overdue"),
    "a light": (lambda: change(Clock.objects.filter(running=True, light="green"), light="red"), "its light is red"),
    "a clock at rest": (
        lambda: change(Clock.objects.filter(running=True), running=False),
        "it stands still with an open segment",
    ),
    "the due time of a report": (lambda: change(Report.objects.filter(due_at=None), due_at=END), ": due 2026-10-12"),
    "an open duty": (
        lambda: change(
            Assignment.objects.filter(report__status="closed", status="approved", active=True), status="received"
        ),
        "closed with an open duty",
    ),
    "a waiver without a reason": (
        lambda: change(
            Assignment.objects.filter(report__status="closed", status="approved", active=True),
            status="waived",
            waived_reason="",
        ),
        "waived without a reason",
    ),
    "an answer": (
        lambda: change(
            Requester.objects.filter(report__status="closed", report__callback_outcome="answered"), answered_at=None
        ),
        "its requester was not answered",
    ),
    "a suspension too many": (lambda: an_event("grant_suspension", until="2026-10-20"), "suspensions granted:"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_tampered_with_is_named(lived: str, what: str) -> None:
    tamper, expected = TAMPERED[what]
    number = tamper()
    faults = reckoned().faults
    assert any(expected in fault and number in fault for fault in faults), faults


def test_a_suspension_that_nothing_ended_is_named(lived: str) -> None:
    # From the middle of its life on nothing of the matter may have run.
    report = closed(rework_count__gt=0).order_by("pk").first()
    clock = Clock.objects.filter(report=report, kind=ClockKind.REVIEW).latest("pk")
    earlier = datetime.fromisoformat(clock.segments[0][0]) - timedelta(seconds=1)
    Event.objects.create(report=report, at=earlier, kind="grant_suspension", data={})
    assert any("it ran while the matter rested" in fault for fault in reckoned().faults)


def test_more_time_that_was_asked_for_too_late_is_named(lived: str) -> None:
    asked = ChangeRequest.objects.filter(kind=RequestKind.EXTENSION).order_by("pk").first()
    # As if the limit had been a second.
    Clock.objects.filter(pk=asked.data["clock"]).update(limit_seconds=1)
    named = f"{asked.report.number}: more time was asked for after it was overdue"
    assert named in reckoned().faults


def test_a_third_extension_of_one_clock_is_named(lived: str) -> None:
    first = granted(RequestKind.EXTENSION).order_by("pk").first()
    for _ in range(2):
        first.pk = None
        first.save()
    assert any("extensions of one clock" in fault for fault in reckoned().faults)


def test_a_whistle_that_waits_for_nobody_is_named(lived: str) -> None:
    lead = Assignment.objects.filter(role="lead", whistle__status="closed", whistle__round=1).order_by("pk").first()
    Assignment.objects.filter(pk=lead.pk).update(status="no_show")
    Whistle.objects.filter(pk=lead.whistle_id).update(status="gathering")
    assert any("nobody is expected any more" in fault for fault in reckoned().faults)


def test_the_command_fails_where_something_differs(lived: str) -> None:
    change(closed(), rework_count=9)
    errors = StringIO()
    with moved_to(END), pytest.raises(CommandError, match="differences: 1"):
        call_command("simulate_month", "--reckon", stdout=StringIO(), stderr=errors)
    assert errors.getvalue().startswith("reworks: ")


def test_only_reckoning_changes_nothing(lived: str) -> None:
    told, before = StringIO(), Event.objects.count()
    with moved_to(END):
        call_command("simulate_month", "--reckon", stdout=told)
    assert "no difference" in told.getvalue()
    assert Event.objects.count() == before
