"""`manage.py simulate` against a served process of its own: nothing is lost, and what is lost does not pass."""

import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection

from reports.simulation.client import Broken, Client
from reports.simulation.ledger import Ledger, Sent
from reports.simulation.link import FlappingLink
from reports.simulation.table import percentile
from tests.world import YATOU

ROOT = Path(__file__).resolve().parent.parent
# One server serves them all.
pytestmark = pytest.mark.xdist_group("simulate")
LOST = "00000000-0000-4000-8000-000000000001"


@contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """The address of an empty database of the kind the tests run on; dropped afterwards."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / 'db.sqlite3'}"
        return
    known = connection.settings_dict
    user = quote(known["USER"]) + (f":{quote(known['PASSWORD'])}" if known["PASSWORD"] else "")
    server = f"postgres://{user}@{known['HOST']}:{known['PORT'] or 5432}"
    name = f"test_{known['NAME'].removeprefix('test_')}_simulate_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        quoted = psycopg.sql.Identifier(name)
        admin.execute(psycopg.sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(quoted))
        admin.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(quoted))
        try:
            yield f"{server}/{name}"
        finally:
            admin.execute(psycopg.sql.SQL("DROP DATABASE {} WITH (FORCE)").format(quoted))


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, str], str]]:
    """The environment and the address of a server with the people of one street."""
    folder = tmp_path_factory.mktemp("simulate")
    with own_database(folder) as database:
        environment = {**os.environ, "DATABASE_URL": database, "GRIDWHISTLE_VAR": str(folder), "LOG_LEVEL": "WARNING"}
        for arguments in (["migrate", "-v0"], ["load_demo", "--no-reports", "--areas", YATOU]):
            done = manage(environment, *arguments)
            assert done.returncode == 0, done.stderr[-2000:]
        command = [sys.executable, "manage.py", "serve", "--port", "0"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            lines = iter(server.stdout.readline, "")
            found = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in lines)
            address = next(match[0] for match in found if match)
            yield environment, address
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def test_a_morning_with_bad_lines_loses_nothing_and_a_lost_report_is_noticed(
    served: tuple[dict[str, str], str], tmp_path: Path
) -> None:
    environment, address = served
    kept = tmp_path / "ledger.json"
    morning = manage(
        environment, "simulate", "--base", address, "--minutes", "0.15", "--rate", "70", "--workers", "4",
        "--flapping", "0.5", "--ledger", str(kept),
    )  # fmt: skip
    assert morning.returncode == 0, morning.stdout[-3000:] + morning.stderr[-3000:]
    assert "lost 0" in morning.stdout

    ledger = Ledger.read(kept)
    assert ledger.reports
    assert all(sent.accepted and sent.photos_accepted == len(sent.photos) for sent in ledger.reports.values())
    assert ledger.broken > 0
    assert ledger.reconnects > 0
    assert ledger.delays
    assert not ledger.server_errors

    for change, said in CHANGES:
        told = json.loads(kept.read_text(encoding="utf-8"))
        change(told)
        changed = tmp_path / "changed.json"
        changed.write_text(json.dumps(told), encoding="utf-8")
        again = manage(environment, "simulate", "--verify", str(changed))
        assert again.returncode == 1, change.__name__
        assert re.search(said, again.stderr), again.stderr


def a_report_is_lost(told: dict[str, Any]) -> None:
    told["reports"][LOST] = {"worker": "x", "photos": [], "accepted": True, "photos_accepted": 0, "refused": False}


def a_photo_a_notice_and_an_answer_are_lost(told: dict[str, Any]) -> None:
    next(iter(told["reports"].values()))["photos"].append("ab" * 32)
    shown = next(shown for shown in told["received"].values() if any(int(one) > told["first_notice"] for one in shown))
    shown.pop(max(shown, key=int))
    told["server_errors"].append("PUT reports/x: 500")


CHANGES = [
    (a_report_is_lost, f"report {LOST} was confirmed and is stored 0 times"),
    (
        a_photo_a_notice_and_an_answer_are_lost,
        r"(?s)photo abababababab.*stored 0 times.*never came to.*the server failed",
    ),
]


def test_interrupting_ends_it_early_and_still_reckons(served: tuple[dict[str, str], str]) -> None:
    environment, address = served
    command = [sys.executable, "manage.py", "simulate", "--base", address, "--minutes", "30", "--rate", "60"]
    process = subprocess.Popen(
        [*command, "--workers", "2", "--flapping", "0"],
        cwd=ROOT, env={**environment, "PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    guard = threading.Timer(150, process.kill)
    guard.start()
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert "to go" in first
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(60) == 0
        assert "lost 0" in rest
    finally:
        guard.cancel()
        process.kill()
        process.wait()


def test_a_server_that_does_not_answer_is_an_error(served: tuple[dict[str, str], str]) -> None:
    environment, _ = served
    done = manage(environment, "simulate", "--base", "http://127.0.0.1:9", "--minutes", "0.1")
    assert done.returncode == 1
    assert "does not answer" in done.stderr


# -- its parts ------------------------------------------------------------------------------------------------------


def test_a_flapping_link_cuts_what_it_carries_and_the_client_notices() -> None:
    async def scene() -> tuple[int, int]:
        async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            await reader.read()
            writer.close()

        server = await asyncio.start_server(slow, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        ledger, dice = Ledger(), random.Random(3)
        async with FlappingLink("127.0.0.1", port, dice) as link:
            client = Client("127.0.0.1", link.port, "t", ledger, dice)
            with pytest.raises(Broken):
                await client.request("PUT", "reports/x", b"y" * 100_000)
        server.close()
        return ledger.broken, link.port

    broken, port = asyncio.run(scene())
    assert broken == 1
    assert port


def test_answers_are_read_whole_whatever_their_framing() -> None:
    framings = [
        b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{\"a\": 1}",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\n{\"a\r\n5\r\n\": 1}\r\n0\r\n\r\n",
    ]  # fmt: skip
    short = b'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a": 1}'

    async def scene(framing: bytes) -> Any:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(framing)
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            return (await Client("127.0.0.1", port, "t", Ledger(), random.Random(1)).request("GET", "me")).data
        finally:
            server.close()

    for framing in framings:
        assert asyncio.run(scene(framing)) == {"a": 1}
    with pytest.raises(Broken):
        asyncio.run(scene(short))


def test_a_double_is_not_shown_and_does_not_count_as_a_delay() -> None:
    ledger = Ledger(first_notice=10)
    from_now = datetime.fromisoformat("2026-11-18T10:00:01.500000+08:00")
    assert ledger.show(1, 11, "2026-11-18T10:00:00+08:00", from_now)
    assert not ledger.show(1, 11, "2026-11-18T10:00:00+08:00", from_now)
    assert ledger.show(2, 11, "2026-11-18T10:00:00+08:00", from_now)
    assert ledger.show(1, 9, "2026-11-17T10:00:00+08:00", from_now)
    assert ledger.doubles == 1
    assert ledger.delays == [1.5, 1.5]


def test_an_entry_stays_in_the_queue_until_all_of_it_was_answered() -> None:
    sent = Sent("w", ["a", "b"])
    assert sent.in_queue
    sent.accepted = True
    sent.photos_accepted = 1
    assert sent.in_queue
    sent.photos_accepted = 2
    assert not sent.in_queue


def test_percentiles_are_of_the_values_themselves() -> None:
    assert percentile([], 0.5) is None
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([float(number) for number in range(100)], 0.99) == 99.0
