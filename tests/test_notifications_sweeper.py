"""The ladder: what is tried when nobody answers, each step once, until somebody does."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import User
from core.moment import moved_to, now
from notifications import sweeper, transports
from notifications.actions import acknowledge, mark_seen, notify, receipt
from notifications.ladders import ladder
from notifications.models import Delivery, Notification
from notifications.sweeper import run_loop, sweep_once
from notifications.transports import ConsoleTransport, Outcome
from tests import delivery_kinds

NINE = datetime(2026, 5, 8, 1, 0, tzinfo=UTC)
PARAMS = {"number": "12", "place": "文化东路"}


class Recording:
    """A transport that remembers, waits or breaks as the test asks."""

    sent: list[tuple[str, int, str]] = []
    breaks = 0
    lock = threading.Lock()

    def send(self, user: User, text: Any, notification: Notification) -> Outcome:
        assert not connection.in_atomic_block or not Recording.watch_transactions
        with Recording.lock:
            if Recording.breaks:
                Recording.breaks -= 1
                raise ConnectionError("gateway away")
            Recording.sent.append((self.code, notification.pk, text.title))
        return Outcome(Delivery.Outcome.SENT, "recorded")

    watch_transactions = False
    code = ""


class Socket(Recording):
    code = "socket"


class Push(Recording):
    code = "push"


class Sms(Recording):
    code = "sms"


@pytest.fixture(autouse=True)
def recording(settings: Any) -> Iterator[None]:
    own = {code: f"{__name__}.{name}" for code, name in (("socket", "Socket"), ("push", "Push"), ("sms", "Sms"))}
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"TRANSPORTS": own, "LADDERS": {}}
    Recording.sent, Recording.breaks, Recording.watch_transactions = [], 0, False
    transports._load.cache_clear()
    delivery_kinds.DUTY[:] = delivery_kinds.ABOVE[:] = []
    yield
    delivery_kinds.DUTY[:] = delivery_kinds.ABOVE[:] = []
    transports._load.cache_clear()


def person(name: str) -> User:
    return User.objects.create_user(name, full_name=name, phone="13812345678")


def call(user: User, urgency: str = "emergency", kind: str = "test_call") -> Notification:
    return notify([user], kind, PARAMS, subject="whistle", subject_id=12, group_key="whistle:12", urgency=urgency)[0]


def sweep_all() -> int:
    made = 0
    while count := sweep_once():
        made += count
        assert made < 1_000
    return made


def sweep_at(*seconds: float) -> None:
    for after in seconds:
        with moved_to(NINE + timedelta(seconds=after)):
            sweep_all()


def tried(notice: Notification) -> list[str]:
    return list(notice.deliveries.order_by("id").values_list("transport", flat=True))


@pytest.mark.django_db
def test_an_unanswered_emergency_climbs_the_whole_ladder_on_time() -> None:
    silent, officer, chief = person("silent"), person("officer"), person("chief")
    delivery_kinds.DUTY.append(officer)
    delivery_kinds.ABOVE.append(chief)
    with moved_to(NINE):
        notice = call(silent)
    steps = ["socket", "push", "sms", "duty", "above"]
    for index, after in enumerate((0, 30, 120, 300, 600)):
        sweep_at(after - 1)
        assert tried(notice) == steps[:index]
        sweep_at(after)
        assert tried(notice) == steps[: index + 1]
    sweep_at(7200)
    notice.refresh_from_db()
    assert notice.next_at is None
    assert tried(notice) == steps
    told = {row.recipient: row for row in Notification.objects.filter(kind="unanswered")}
    assert set(told) == {officer, chief}
    assert told[officer].created_at == NINE + timedelta(seconds=300)
    assert told[chief].created_at == NINE + timedelta(seconds=600)
    assert all(row.escalated_from == notice for row in told.values())
    assert told[chief].group_key == "whistle:12"


@pytest.mark.django_db
def test_a_normal_notice_is_only_rung_again_and_troubles_nobody_else() -> None:
    delivery_kinds.DUTY.append(person("officer"))
    with moved_to(NINE):
        notice = call(person("silent"), "normal")
    sweep_at(0, 30, 120, 300, 600, 7200)
    assert tried(notice) == ["socket", "push", "socket", "socket"]
    assert Notification.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("answer", ["ack", "seen", "receipt"])
@pytest.mark.parametrize("after", [0, 30, 120, 300])
def test_the_ladder_stops_as_soon_as_the_recipient_is_reached(answer: str, after: float) -> None:
    user = person("silent")
    delivery_kinds.DUTY.append(person("officer"))
    with moved_to(NINE):
        notice = call(user)
    sweep_at(*(step for step in (0, 30, 120, 300) if step <= after))
    before = tried(notice)
    with moved_to(NINE + timedelta(seconds=after + 1)):
        answer_with(answer, user, notice)
    sweep_at(30, 120, 300, 600, 7200)
    assert tried(notice) == before


def answer_with(answer: str, user: User, notice: Notification) -> None:
    if answer == "ack":
        acknowledge(user, [notice.pk], "phone")
    elif answer == "seen":
        mark_seen(user, [notice.pk])
    else:
        receipt(user, notice.pk)


@pytest.mark.django_db
def test_a_step_without_a_transport_is_skipped_and_recorded(settings: Any) -> None:
    del settings.GRIDWHISTLE["TRANSPORTS"]["push"]
    with moved_to(NINE):
        notice = call(person("silent"))
    sweep_at(0, 30)
    last = notice.deliveries.get(transport="push")
    assert (last.outcome, last.detail) == ("skipped", "no transport")


@pytest.mark.django_db
def test_the_console_stands_in_for_sms_and_logs_no_full_phone_number(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.GRIDWHISTLE["TRANSPORTS"]["sms"] = "notifications.transports.ConsoleTransport"
    caplog.set_level("INFO", "notifications.transports")
    with moved_to(NINE):
        notice = call(person("silent"))
    sweep_at(0, 30, 120)
    tried = notice.deliveries.get(transport="sms")
    assert (tried.outcome, tried.detail, tried.notification.rung_at) == ("skipped", "no gateway", notice.rung_at)
    assert "138****5678" in caplog.text
    assert "13812345678" not in caplog.text
    nobody = User.objects.create_user("nophone")
    assert ConsoleTransport().send(nobody, None, notice).code == "skipped"


@pytest.mark.django_db
def test_what_a_transport_carried_counts_as_rung() -> None:
    with moved_to(NINE):
        notice = call(person("silent"))
    sweep_at(0)
    notice.refresh_from_db()
    assert notice.rung_at == NINE


@pytest.mark.django_db
def test_a_notice_that_raises_is_pushed_ahead_and_stops_nobody_elses() -> None:
    with moved_to(NINE):
        broken, fine = call(person("one"), kind="test_broken"), call(person("two"))
    sweep_at(0, 30, 120, 300)
    assert tried(fine) == ["socket", "push", "sms", "duty"]
    failed = broken.deliveries.order_by("id").last()
    assert (failed.transport, failed.outcome, failed.detail) == ("duty", "failed", "RuntimeError: no roster")
    broken.refresh_from_db()
    assert broken.next_at == NINE + timedelta(seconds=320)
    assert broken.lease_until is None


@pytest.mark.django_db
def test_a_gateway_that_is_away_is_tried_again_but_never_holds_up_the_next_step() -> None:
    with moved_to(NINE):
        notice = call(person("silent"))
    sweep_at(0, 30)
    Recording.breaks = 2
    sweep_at(120, 139, 140)
    assert [row.outcome for row in notice.deliveries.filter(transport="sms")] == ["failed", "failed"]
    sweep_at(180)
    assert [row.outcome for row in notice.deliveries.filter(transport="sms")] == ["failed", "failed", "sent"]
    Recording.breaks = 100
    with moved_to(NINE):
        other = call(person("other"))
    sweep_at(*range(0, 301, 5))
    assert "duty" in tried(other)


@pytest.mark.django_db
def test_a_step_that_always_fails_is_given_up_after_a_number_of_tries() -> None:
    with moved_to(NINE):
        notice = call(person("silent"), "normal")
    sweep_at(0, 30, 120)
    Recording.breaks = 1_000
    sweep_at(*(300 * n for n in range(1, 40)))
    notice.refresh_from_db()
    assert notice.next_at is None
    assert notice.deliveries.filter(outcome="failed").count() == sweeper.TRIES


@pytest.mark.django_db
def test_a_sweeper_that_dies_in_a_step_repeats_it_and_skips_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with moved_to(NINE):
        notice = call(person("silent"))

    class Killed(BaseException):
        pass

    def die(*args: Any) -> None:
        raise Killed

    # Dies after the message went out and before that was written down.
    with monkeypatch.context() as dying, moved_to(NINE):
        dying.setattr(sweeper, "_record", die)
        with pytest.raises(Killed):
            sweep_once()
    assert [code for code, *_ in Recording.sent] == ["socket"]
    sweep_at(59)
    assert tried(notice) == []
    sweep_at(61)
    assert tried(notice) == ["socket"]
    assert [code for code, *_ in Recording.sent] == ["socket", "socket"]


@pytest.mark.django_db
def test_after_a_stand_still_the_person_gets_a_breath_between_the_steps() -> None:
    with moved_to(NINE):
        notice = call(person("silent"))
    sweep_at(3600)
    assert tried(notice) == ["socket"]
    sweep_at(3600 + 14)
    assert tried(notice) == ["socket"]
    sweep_at(3600 + 15)
    assert tried(notice) == ["socket", "push"]


@pytest.mark.django_db
def test_an_acknowledgement_during_the_step_before_the_officer_is_told_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    user, officer = person("silent"), person("officer")
    with moved_to(NINE):
        notice = call(user)
    sweep_at(0, 30, 120)

    def acked_meanwhile(unanswered: Notification) -> list[User]:
        acknowledge(user, [notice.pk], "phone")
        return [officer]

    monkeypatch.setattr(delivery_kinds, "DUTY", _Calling(acked_meanwhile, notice))
    sweep_at(300)
    assert not Notification.objects.filter(recipient=officer).exists()
    notice.refresh_from_db()
    assert notice.next_at is None


class _Calling(list):
    def __init__(self, resolve: Any, notice: Notification) -> None:
        self.resolve, self.notice = resolve, notice

    def __iter__(self) -> Any:
        return iter(self.resolve(self.notice))


@pytest.mark.django_db
def test_ladders_are_data_that_settings_replace(settings: Any) -> None:
    settings.GRIDWHISTLE["LADDERS"] = {"normal": [["sms", 0], ["socket", 5]]}
    with moved_to(NINE):
        notice = call(person("silent"), "normal")
    sweep_at(0, 4)
    assert tried(notice) == ["sms"]
    sweep_at(5)
    assert tried(notice) == ["sms", "socket"]
    settings.GRIDWHISTLE["LADDERS"] = {"normal": [["sms", 9], ["socket", 5]]}
    with pytest.raises(Exception, match="backwards"):
        ladder("normal")


@pytest.mark.django_db(transaction=True)
def test_outgoing_calls_are_made_outside_any_transaction() -> None:
    Recording.watch_transactions = True
    with moved_to(NINE):
        notice = call(person("silent"))
    sweep_at(0, 30, 120)
    assert [row.outcome for row in notice.deliveries.all()] == ["sent"] * 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_two_sweepers_make_each_step_once() -> None:
    officer = person("officer")
    delivery_kinds.DUTY.append(officer)
    people = [person(f"w{n}") for n in range(60)]
    past = now() - timedelta(hours=1)
    with moved_to(past):
        for user in people:
            call(user)
    for stage in range(5):
        barrier = threading.Barrier(2)
        failed: list[BaseException] = []

        def sweep(barrier: threading.Barrier = barrier, failed: list[BaseException] = failed) -> None:
            try:
                barrier.wait()
                while sweep_once(limit=7):
                    pass
            except BaseException as exc:
                failed.append(exc)
            finally:
                connections.close_all()

        Notification.objects.exclude(kind="unanswered").update(next_at=past)
        Notification.objects.filter(kind="unanswered").update(next_at=None)
        threads = [threading.Thread(target=sweep) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failed == []
        steps = Delivery.objects.exclude(notification__kind="unanswered").values_list("notification_id", "transport")
        assert len(steps) == len(set(steps)) == 60 * (stage + 1)
    assert len(Recording.sent) == len(set(Recording.sent))
    assert Notification.objects.filter(recipient=officer).count() == 60


@pytest.mark.django_db(transaction=True)
def test_the_loop_outlives_a_database_error_and_stops_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    notice = call(person("silent"))
    stop, real, rounds = threading.Event(), sweeper.sweep_once, []

    def flaky() -> int:
        rounds.append(1)
        if len(rounds) == 1:
            raise OSError("away")
        made = real()
        stop.set()
        return made

    monkeypatch.setattr(sweeper, "sweep_once", flaky)
    monkeypatch.setattr(sweeper, "BROKEN_SECONDS", 0.0)
    monkeypatch.setattr(connection, "close", lambda: None)
    run_loop(stop)
    assert tried(notice) == ["socket"]


@pytest.mark.django_db
def test_the_command_sweeps_once(capsys: pytest.CaptureFixture[str]) -> None:
    notice = call(person("silent"))
    call_command("sweep", "--once")
    assert tried(notice) == ["socket"]
    assert capsys.readouterr().out.strip() == "1 steps, 0 messages"


FACTS = {"ack": "delivered_at", "seen": "seen_at", "receipt": "receipted_at"}


@pytest.mark.django_db
@hypothesis_settings(max_examples=40)
@given(
    events=st.lists(
        st.tuples(st.sampled_from(["ack", "seen", "receipt", "sweep", "sweep"]), st.integers(0, 200)), max_size=12
    )
)
def test_any_interleaving_of_answers_and_sweeps_ends_the_same(events: list[tuple[str, int]]) -> None:
    user = User.objects.get_or_create(username="anybody")[0]
    Recording.sent = []
    with moved_to(NINE):
        notice = call(user)
    clock, first, swept_after_answer = 0, {}, []
    for event, pause in events:
        clock += pause
        with moved_to(NINE + timedelta(seconds=clock)):
            if event == "sweep":
                steps = len(tried(notice))
                sweep_once()
                if first:
                    swept_after_answer.append(len(tried(notice)) - steps)
            else:
                answer_with(event, user, notice)
                first.setdefault(FACTS[event], NINE + timedelta(seconds=clock))
    if not first:
        sweep_at(*(clock + 700 + 20 * n for n in range(8)))
    notice.refresh_from_db()
    assert {name: getattr(notice, name) for name in FACTS.values() if getattr(notice, name)} == first
    assert not any(swept_after_answer)
    assert notice.next_at is None
    whole = [step.code for step in ladder("emergency")]
    assert tried(notice) == whole[: len(tried(notice))]
    if not first:
        assert tried(notice) == whole
    Notification.objects.all().delete()
