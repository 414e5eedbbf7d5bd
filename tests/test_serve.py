"""`manage.py serve` as a real process, and its parts: the bridge to WSGI, the sockets' origin, the health pages."""

import asyncio
import io
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
import uvicorn.main
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from accounts.models import SecondFactor, User
from core.moment import now
from grid_backend import asgi, health
from grid_backend.bridge import WsgiBridge
from grid_backend.management.commands import serve
from grid_backend.sockets import own_origin
from tests.services import PrivateRedis

ROOT = Path(__file__).resolve().parent.parent
SOCKET_PATH = "/ws/notifications/"


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory):
    """The environment of a server of its own: a migrated SQLite database in a folder that is thrown away."""
    folder = tmp_path_factory.mktemp("serve")
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "GRIDWHISTLE_VAR": str(folder),
        "REDIS_URL": "",
        "DJANGO_SETTINGS_MODULE": "grid_backend.settings",
    }
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=ROOT, env=environment, check=True, timeout=120)
    return environment


@contextmanager
def serving(environment):
    """A server on a free port: its process and its address."""
    command = [sys.executable, "manage.py", "serve", "--port", "0", "--threads", "2"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        lines = iter(process.stdout.readline, "")
        found = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in lines)
        yield process, next(match[0] for match in found if match)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def address(surroundings):
    with serving(surroundings) as (_, address):
        yield address


def test_the_served_process_lives_and_is_ready(address):
    assert requests.get(f"{address}/healthz", timeout=10).json() == {"status": "ok"}
    ready = requests.get(f"{address}/readyz", timeout=10)
    assert ready.status_code == 200
    assert ready.json() == {"status": "ok", "database": "ok", "redis": "not used", "keys": "ok"}
    assert "网格哨" in requests.get(f"{address}/", timeout=10).text


def test_a_body_beyond_the_limit_is_refused_with_a_code(address):
    answer = requests.put(f"{address}/api/v1/x", headers={"Content-Length": str(10**9)}, timeout=10)
    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"


def test_a_socket_from_another_sites_page_is_refused(address):
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws{address[4:]}{SOCKET_PATH}", origin="http://elsewhere.example")
    assert refused.value.response.status_code == 403


def test_a_socket_at_an_unknown_address_is_refused(address):
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws{address[4:]}/ws/nothing/")
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_finishes_the_request_under_way_and_ends_well(surroundings, number):
    with serving(surroundings) as (process, address):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as phone:
            body = b"username=someone&password=wrong"
            head = f"POST /admin/login/ HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n"
            phone.sendall(head.encode() + b"Expect: 100-continue\r\n\r\n")
            assert phone.recv(1000).startswith(b"HTTP/1.1 100")
            phone.sendall(body[:5])
            process.send_signal(number)
            # Once it refuses new connections it is stopping, and only then the request goes on.
            stopped_listening((host, int(port)))
            phone.sendall(body[5:])
            assert phone.recv(1000).startswith(b"HTTP/1.1 403")
        assert process.wait(20) == 0


def stopped_listening(target):
    """Return when `target` takes no more connections."""
    while True:
        try:
            socket.create_connection(target, timeout=5).close()
        except ConnectionError:
            return


def test_a_stop_closes_sockets_with_a_code_that_asks_to_reconnect(surroundings):
    with serving(surroundings) as (process, address):
        with connect(f"ws{address[4:]}{SOCKET_PATH}") as client:
            process.send_signal(signal.SIGTERM)
            with suppress(ConnectionClosed):
                while client.recv(20):
                    pass
            # Whoever has not logged in may have been sent away first.
            assert client.close_code in (1001, 1012, 4401)
        assert process.wait(20) == 0


def test_a_port_in_use_is_an_error_and_not_a_silence(surroundings, address):
    port = address.rsplit(":", 1)[1]
    command = [sys.executable, "manage.py", "serve", "--port", port]
    ended = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=60)
    assert ended.returncode != 0
    assert "address already in use" in ended.stderr


# -- the bridge -----------------------------------------------------------------------------------------------------


def scope(method="POST", headers=()):
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": "/网格",
        "query_string": b"a=1",
        "headers": list(headers),
        "server": ("127.0.0.1", 80),
        "client": ("10.0.0.9", 1234),
    }


def bridged(app, messages, headers=(), max_body=1000, threads=1, times=1):
    """What an ASGI server gets from `app` for one request that arrives as `messages`, `times` over."""
    sent = []

    async def send(message):
        sent.append(message)

    async def run():
        bridge = WsgiBridge(app, threads, max_body)
        for _ in range(times):
            arriving = asyncio.Queue()
            for message in messages:
                arriving.put_nowait(message)
            await bridge(scope(headers=headers), arriving.get, send)
        bridge.close()

    asyncio.run(run())
    return sent


def part(body, more=False):
    return {"type": "http.request", "body": body, "more_body": more}


class App:
    """A WSGI application that notes what it was asked and answers `chunks`."""

    def __init__(self, chunks=(b"ok",)):
        self.chunks = chunks
        self.asked = []
        self.closed_in = []

    def __call__(self, environ, start_response):
        self.asked.append(environ | {"body": environ["wsgi.input"].read(), "thread": threading.current_thread()})
        start_response("201 Created", [("X-One", "1")])
        return self

    def __iter__(self):
        return iter(self.chunks)

    def close(self):
        self.closed_in.append(threading.current_thread())


def test_a_body_in_parts_reaches_django_whole():
    app = App()
    sent = bridged(app, [part(b"abc", more=True), part(b"def")])
    assert app.asked[0]["body"] == b"abcdef"
    assert app.asked[0]["CONTENT_LENGTH"] == "6"
    assert app.asked[0]["PATH_INFO"] == "/网格".encode().decode("latin-1")
    assert app.asked[0]["REMOTE_ADDR"] == "10.0.0.9"
    assert sent[0] == {"type": "http.response.start", "status": 201, "headers": [(b"x-one", b"1")]}
    assert b"".join(message.get("body", b"") for message in sent) == b"ok"
    assert sent[-1]["more_body"] is False


def test_a_body_broken_off_never_reaches_django():
    app = App()
    assert bridged(app, [part(b"abc", more=True), {"type": "http.disconnect"}]) == []
    assert app.asked == []


def test_a_body_that_grows_past_the_limit_is_cut_off():
    app = App()
    sent = bridged(app, [part(b"x" * 600, more=True), part(b"x" * 600, more=True)])
    assert sent[0]["status"] == 413
    assert app.asked == []


def test_a_header_with_an_underscore_cannot_pose_as_the_proxys():
    app = App()
    bridged(app, [part(b"")], headers=[(b"x_forwarded_for", b"6.6.6.6"), (b"x-forwarded-proto", b"https")])
    assert "HTTP_X_FORWARDED_FOR" not in app.asked[0]
    assert app.asked[0]["HTTP_X_FORWARDED_PROTO"] == "https"


def test_a_long_answer_streams_and_ends_in_the_thread_that_made_it():
    app = App(chunks=[b"x" * 700_000] * 4)
    sent = bridged(app, [part(b"")])
    assert sum(len(message.get("body", b"")) for message in sent) == 2_800_000
    assert app.closed_in == [app.asked[0]["thread"]]


def test_one_request_finds_the_connections_the_last_one_left(db):
    seen = []

    def app(environ, start_response):
        connection.ensure_connection()
        seen.append(connection.connection)
        start_response("200 OK", [])
        connection.inc_thread_sharing()
        return []

    bridged(app, [part(b"")], times=2)
    assert seen[0] is seen[1]


def test_an_application_that_fails_fails_for_the_server_too():
    def app(environ, start_response):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        bridged(app, [part(b"")])


# -- sockets --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hosts", "host", "origin", "admitted"),
    [
        (["*"], b"grid.example", None, True),
        (["*"], b"grid.example:8000", b"http://grid.example:8000", True),
        (["*"], b"grid.example:8000", b"http://evil.example", False),
        (["*"], b"grid.example:8000", b"null", False),
        (["grid.example"], b"inner:8001", b"https://grid.example", True),
        (["grid.example"], b"evil.example", b"https://evil.example", False),
        ([".grid.example"], b"a.grid.example", b"https://a.grid.example", True),
    ],
)
def test_only_our_own_pages_and_native_clients_open_sockets(settings, hosts, host, origin, admitted):
    settings.ALLOWED_HOSTS = hosts
    headers = [(b"host", host)] + ([(b"origin", origin)] if origin else [])
    assert own_origin({"headers": headers}) is admitted


def test_the_socket_server_of_production_refuses_http():
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(asgi.application(scope("GET"), None, send))
    assert sent[0]["status"] == 404


# -- health ---------------------------------------------------------------------------------------------------------


def test_health_answers_for_any_host_name_without_the_database(client, settings):
    settings.ALLOWED_HOSTS = ["grid.example"]
    answer = client.get("/healthz", HTTP_HOST="10.1.2.3")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


@pytest.mark.django_db
def test_without_redis_it_is_degraded_and_still_ready(client, settings):
    with PrivateRedis() as server:
        settings.REDIS_URL = server.url
        assert client.get("/readyz").json()["redis"] == "ok"
        server.stop()
        answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "degraded", "database": "ok", "redis": "unreachable", "keys": "ok"}


@pytest.mark.django_db
def test_with_migrations_pending_it_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(health._Migrated, "seen", False)
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "migrations pending"


@pytest.mark.django_db
def test_with_a_key_lost_it_is_not_ready_and_does_not_start(client, settings):
    user = User.objects.create_user("holder")
    SecondFactor.objects.create(user=user, key="JBSWY3DPEHPK3PXP", made_at=now())
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
    assert client.get("/readyz").json()["keys"] == "ok"
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"], answer.json()["keys"]) == (503, "unavailable", "lost")
    with pytest.raises(CommandError, match="FIELD_KEYS"):
        call_command("serve", "--port", "0")


def test_without_the_database_it_is_not_ready(client, monkeypatch):
    def away():
        raise health.Error("away")

    monkeypatch.setattr(health.connection, "cursor", away)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "unreachable"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "10.0.0.9"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.0.0.9"}, 403),
        ({"REMOTE_ADDR": "10.0.0.9", "HTTP_AUTHORIZATION": "Bearer right"}, 200),
        ({"REMOTE_ADDR": "10.0.0.9", "HTTP_AUTHORIZATION": "Bearer wrong"}, 403),
        ({"REMOTE_ADDR": "10.0.0.9", "HTTP_AUTHORIZATION": "Bearer "}, 403),
    ],
)
def test_figures_are_for_this_machine_or_the_bearer_of_the_token(client, settings, headers, status):
    settings.METRICS_TOKEN = "right"
    assert client.get("/metrics", **headers).status_code == status


def test_an_empty_token_opens_nothing(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9", HTTP_AUTHORIZATION="Bearer ").status_code == 403


# -- the start page -------------------------------------------------------------------------------------------------


def test_the_start_page_switches_language_and_loads_nothing_from_elsewhere():
    visitor = Client()
    page = visitor.get("/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert '<html lang="en">' in page
    assert not re.search(r"(src|href)=[\"'](https?:)?//", page)
    visitor.post("/i18n/setlang/", {"language": "zh-hans", "next": "/"})
    assert '<html lang="zh-hans">' in visitor.get("/", HTTP_ACCEPT_LANGUAGE="en").content.decode()


def test_the_problem_document_of_a_large_body_is_json():
    sent = bridged(App(), [], headers=[(b"content-length", b"5000")])
    assert json.loads(sent[1]["body"])["status"] == 413


def test_the_unit_of_the_sockets_names_options_that_uvicorn_knows() -> None:
    unit = (ROOT / "deploy" / "systemd" / "gridwhistle-sockets.service").read_text()
    start = unit.split("ExecStart=")[1].replace("\\\n", " ").split("\n")[0]
    context = uvicorn.main.make_context("uvicorn", shlex.split(start)[1:])
    assert (context.params["ws"], context.params["ws_per_message_deflate"]) == ("websockets-sansio", False)


def test_where_to_begin_is_said_the_phone_first():
    out = io.StringIO()
    serve.Command(stdout=out)._ready("http://127.0.0.1:8000/")
    said = out.getvalue()
    assert [said.index(f"8000/{path}") for path in ("field/", "admin/", "api/docs")] == sorted(
        said.index(f"8000/{path}") for path in ("field/", "admin/", "api/docs")
    )
    assert "console" not in said or reverse("console")
