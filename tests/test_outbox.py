"""Messages that go out: to a gateway on a real socket that takes, refuses, fails, is silent and repeats."""

import hashlib
import hmac
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.models import User
from core.moment import moved_to, now
from notifications import gateways, outbox
from notifications.actions import notify, queue_message
from notifications.gateways import ConsoleGateway, HttpSmsGateway
from notifications.models import Delivery, OutgoingMessage
from notifications.outbox import LEASE, TRIES, send_due
from notifications.sweeper import sweep_once

NINE = datetime(2026, 5, 8, 1, 0, tzinfo=UTC)
SECRET = "a-secret-of-the-gateway"


class Receiver(BaseHTTPRequestHandler):
    """A gateway that answers what the test says, and keeps one message per key as a good one does."""

    protocol_version = "HTTP/1.1"
    seen: list[dict[str, Any]] = []
    kept: dict[str, str] = {}
    # What to answer next; the last one stays.
    answers: list[Any] = [200]
    inside: list[bool] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Receiver.seen.append(body | {"token": self.headers["Authorization"], "header": self.headers["Idempotency-Key"]})
        answer = Receiver.answers.pop(0) if len(Receiver.answers) > 1 else Receiver.answers[0]
        if answer == "drop":
            self.connection.close()
            return
        if answer in (200, "silent", "trickle"):
            Receiver.kept[body["key"]] = body["text"]
        if answer == "silent":
            time.sleep(1.5)
            return
        if answer == "trickle":
            for _ in range(30):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX: "[:1])
                self.wfile.flush()
                time.sleep(0.1)
            return
        said = b"not json" if answer == "rubbish" else json.dumps({"id": f"sms-{len(Receiver.kept)}"}).encode()
        self.send_response(200 if answer == "rubbish" else answer)
        if answer == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def gateway(settings: Any) -> Iterator[type[Receiver]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    Receiver.seen, Receiver.kept, Receiver.answers = [], {}, [200]
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {
        "GATEWAYS": {"sms": "notifications.gateways.HttpSmsGateway"},
        "SMS_GATEWAY_URL": f"http://127.0.0.1:{server.server_port}/send?line=2",
        "SMS_GATEWAY_TOKEN": "token-7",
        "SMS_SIGN": "威海网格",
        "SMS_TIMEOUT_SECONDS": 0.4,
        "SMS_RECEIPT_SECRET": SECRET,
    }
    gateways._load.cache_clear()
    yield Receiver
    server.shutdown()
    server.server_close()
    gateways._load.cache_clear()


def message(text: str = "您好") -> OutgoingMessage:
    with moved_to(NINE):
        return queue_message("13812345678", text)


def at(seconds: float) -> int:
    with moved_to(NINE + timedelta(seconds=seconds)):
        return send_due()


@pytest.mark.django_db
def test_a_message_is_sent_once_with_its_key_and_the_gateways_id_is_kept(gateway: type[Receiver]) -> None:
    one = message()
    assert (at(0), at(1)) == (1, 0)
    one.refresh_from_db()
    assert (one.state, one.tries, one.provider_id, one.next_at) == ("sent", 1, "sms-1", None)
    assert one.sent_at == NINE
    assert gateway.seen == [
        {
            "to": "13812345678",
            "text": "您好",
            "sign": "威海网格",
            "key": str(one.key),
            "token": "Bearer token-7",
            "header": str(one.key),
        }
    ]


@pytest.mark.django_db
def test_the_number_is_not_readable_in_the_database(gateway: type[Receiver]) -> None:
    message()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM notifications_outgoingmessage")
        assert "13812345678" not in str(cursor.fetchall())


@pytest.mark.django_db
@pytest.mark.parametrize("fault", [500, 503, 429, 401, 302, "drop", "silent", "trickle"])
def test_a_gateway_that_fails_is_tried_again_under_the_same_key_later_and_later(
    gateway: type[Receiver], fault: Any
) -> None:
    gateway.answers = [fault, fault, 200]
    one = message()
    began = time.monotonic()
    assert at(0) == 1
    assert time.monotonic() - began < 2
    one.refresh_from_db()
    assert (one.state, one.next_at, one.tries) == ("queued", NINE + timedelta(seconds=20), 1)
    assert one.error
    assert at(19) == 0
    assert at(20) == 1
    one.refresh_from_db()
    assert one.next_at == NINE + timedelta(seconds=60)
    assert at(60) == 1
    one.refresh_from_db()
    assert (one.state, one.tries, one.error) == ("sent", 3, "")
    assert len({body["key"] for body in gateway.seen}) == 1
    assert len(gateway.seen) == 3
    assert gateway.kept == {str(one.key): "您好"}, "a good gateway has it once, however often it came"


@pytest.mark.django_db
def test_a_gateway_that_is_not_there_is_tried_again(gateway: type[Receiver], settings: Any) -> None:
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"SMS_GATEWAY_URL": "http://127.0.0.1:1/"}
    one = message()
    at(0)
    one.refresh_from_db()
    assert (one.state, one.error) == ("queued", "ConnectionRefusedError")


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", [400, 413, 422])
def test_what_the_gateway_will_never_take_fails_at_once(gateway: type[Receiver], refusal: int) -> None:
    gateway.answers = [refusal]
    one = message()
    assert (at(0), at(9999)) == (1, 0)
    one.refresh_from_db()
    assert (one.state, one.error, one.tries) == ("failed", str(refusal), 1)


@pytest.mark.django_db
@pytest.mark.parametrize("answer", [409, "rubbish", 204])
def test_taken_before_and_taken_without_a_word_are_taken(gateway: type[Receiver], answer: Any) -> None:
    gateway.answers = [answer]
    one = message()
    at(0)
    one.refresh_from_db()
    assert one.state == "sent"


@pytest.mark.django_db
def test_after_eight_tries_it_has_failed_and_others_were_not_held_up(gateway: type[Receiver]) -> None:
    gateway.answers = [500]
    one = message()
    for hour in range(TRIES):
        assert at(hour * 3700) == 1
    one.refresh_from_db()
    assert (one.state, one.tries, one.next_at) == ("failed", TRIES, None)
    assert at(99 * 3700) == 0
    gateway.answers = [500, 200]
    first, second = message("一"), message("二")
    assert at(0) == 2
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("queued", "sent")


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_of_what_was_rolled_back_and_nothing_inside_a_transaction(
    gateway: type[Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = HttpSmsGateway.send

    def watched(self: Any, *args: Any) -> Any:
        assert not connection.in_atomic_block
        return real(self, *args)

    monkeypatch.setattr(HttpSmsGateway, "send", watched)
    with transaction.atomic():
        message("nie")
        transaction.set_rollback(True)
    message("immer")
    assert send_due() == 1
    assert [body["text"] for body in gateway.seen] == ["immer"]


@pytest.mark.django_db
def test_a_sender_that_dies_leaves_the_message_to_the_next_after_the_lease(
    gateway: type[Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = message()
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "_write_down", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            at(0)
    assert at(LEASE.total_seconds() - 1) == 0
    assert at(LEASE.total_seconds()) == 1
    one.refresh_from_db()
    assert (one.state, one.tries) == ("sent", 2)
    assert Counter(body["key"] for body in gateway.seen) == {str(one.key): 2}


@pytest.mark.django_db
def test_a_sender_whose_lease_ran_out_does_not_write_over_the_next_one(gateway: type[Receiver]) -> None:
    one = message()
    with moved_to(NINE):
        late = outbox._claim()
    assert late is not None
    at(LEASE.total_seconds())
    with moved_to(NINE + 2 * LEASE):
        outbox._write_down(late, gateways.Outcome(Delivery.Outcome.FAILED, "too late"))
    one.refresh_from_db()
    assert (one.state, one.error) == ("sent", "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a database with more than one writer")
def test_two_senders_send_each_message_once(gateway: type[Receiver]) -> None:
    for number in range(30):
        message(str(number))

    def run(_: int) -> int:
        try:
            return send_due()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 30
    assert sorted(int(body["text"]) for body in gateway.seen) == list(range(30))
    assert not OutgoingMessage.objects.exclude(state="sent").exists()


@pytest.mark.django_db
@hypothesis_settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=st.lists(st.sampled_from([200, 500, 422, "drop", 409]), max_size=TRIES + 2))
def test_whatever_the_gateway_says_a_message_ends_and_is_never_kept_twice(
    gateway: type[Receiver], answers: list[Any]
) -> None:
    gateway.seen, gateway.kept, gateway.answers = [], {}, [*answers, 500]
    one = message()
    tried = sum(at(hour * 3700) for hour in range(TRIES + 3))
    one.refresh_from_db()
    assert one.state in ("sent", "failed")
    assert one.next_at is None
    assert one.tries == tried == len(gateway.seen) <= TRIES
    assert len(gateway.kept) <= 1


@pytest.mark.django_db
def test_without_a_gateway_the_console_says_that_and_not_what(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert isinstance(gateways.gateway_for("sms"), ConsoleGateway)
    one = message("查询码 ABCD")
    with caplog.at_level("INFO"):
        at(0)
    one.refresh_from_db()
    assert (one.state, one.sent_at, one.next_at) == ("logged", None, None)
    assert "138****5678" in caplog.text
    assert "ABCD" not in caplog.text
    assert "13812345678" not in caplog.text


@pytest.mark.django_db
def test_the_sweep_command_sends_too(gateway: type[Receiver], capsys: pytest.CaptureFixture[str]) -> None:
    message()
    call_command("sweep", "--once")
    assert "1 messages" in capsys.readouterr().out
    assert len(gateway.seen) == 1


@pytest.mark.django_db
def test_the_loop_sends_and_stops(gateway: type[Receiver], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "close", lambda: None)
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
    message()
    stop = threading.Event()
    monkeypatch.setattr(stop, "wait", lambda _: stop.set() if gateway.seen else None)
    outbox.run_loop(stop)
    assert len(gateway.seen) == 1


# -- what the gateway says afterwards ----------------------------------------------------------------------------


def receipt(body: dict[str, Any], secret: str = SECRET) -> Any:
    data = json.dumps(body).encode()
    signed = hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()
    return APIClient().post("/api/v1/messages/receipts", data, content_type="application/json", HTTP_X_SIGNATURE=signed)


@pytest.mark.django_db
def test_a_signed_receipt_says_delivered_and_that_is_the_last_word(gateway: type[Receiver]) -> None:
    one = message()
    at(0)
    said = {"key": str(one.key), "delivered": True}
    assert receipt(said).json() == {"key": str(one.key), "state": "delivered"}
    one.refresh_from_db()
    first = one.delivered_at
    receipt(said)
    receipt({**said, "delivered": False, "detail": "expired"})
    one.refresh_from_db()
    assert (one.state, one.delivered_at) == ("delivered", first)


@pytest.mark.django_db
def test_a_receipt_ends_the_tries_of_a_message_whose_answer_was_lost(gateway: type[Receiver]) -> None:
    gateway.answers = ["drop"]
    one = message()
    at(0)
    receipt({"key": str(one.key), "delivered": True})
    assert at(9999) == 0
    two = message()
    receipt({"key": str(two.key), "delivered": False, "detail": "no such number"})
    two.refresh_from_db()
    assert (two.state, two.error) == ("failed", "no such number")


@pytest.mark.django_db
def test_a_receipt_that_comes_before_the_answer_is_not_written_over(gateway: type[Receiver]) -> None:
    one = message()
    with moved_to(NINE):
        claimed = outbox._claim()
    assert claimed is not None
    receipt({"key": str(one.key), "delivered": True})
    outbox._write_down(claimed, gateways.Outcome(Delivery.Outcome.SENT, "200", "sms-1"))
    one.refresh_from_db()
    assert one.state == "delivered"


@pytest.mark.django_db
def test_an_unsigned_receipt_is_not_taken(gateway: type[Receiver], settings: Any) -> None:
    one = message()
    said = {"key": str(one.key), "delivered": True}
    assert receipt(said, "another-secret").status_code == 401
    assert APIClient().post("/api/v1/messages/receipts", said, format="json").status_code == 401
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"SMS_RECEIPT_SECRET": ""}
    assert receipt(said, "").status_code == 401
    one.refresh_from_db()
    assert one.state == "queued"


@pytest.mark.django_db
def test_a_receipt_of_nothing_we_know_is_not_found(gateway: type[Receiver]) -> None:
    assert receipt({"key": "3f0c0000-0000-4000-8000-000000000001", "delivered": True}).status_code == 404
    assert receipt({"key": "x", "delivered": True}).status_code == 400


# -- notices by the same gateway ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_notice_that_nobody_answers_goes_by_the_same_gateway(gateway: type[Receiver], settings: Any) -> None:
    own = {"sms": "notifications.transports.SmsTransport"}
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"TRANSPORTS": own, "LADDERS": {"urgent": [["sms", 0]]}}
    person = User.objects.create_user("liu", full_name="水务小刘", phone="13900001111")
    params = {"number": "260914-X", "item": "爆管", "address": "文化东路", "report": "0"}
    (notice,) = notify([person], "report_submitted", params, subject="report", subject_id=0, urgency="urgent")
    gateway.answers = [500, 200]
    sweep_once()
    with moved_to(now() + timedelta(seconds=30)):
        sweep_once()
    assert [body["to"] for body in gateway.seen] == ["13900001111"] * 2
    assert {body["key"] for body in gateway.seen} == {f"notice-{notice.pk}-0"}
    assert "260914-X" in gateway.seen[0]["text"]
    outcomes = Delivery.objects.filter(notification=notice).order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["failed", "sent"]
