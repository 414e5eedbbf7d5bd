"""Log-in at a desk: a session, its CSRF token, its refusals, its end."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessLog
from django.test import Client

from core.moment import moved_to, now
from tests.world import PASSWORD, World, body

pytestmark = pytest.mark.django_db
SESSION = "/api/v1/auth/session"
ME = "/api/v1/me"


def desk() -> Client:
    return Client(enforce_csrf_checks=True)


def open_session(client: Client, name: str = "wang", password: str = PASSWORD, **more: Any) -> Any:
    said = {"username": name, "password": password}
    return client.post(SESSION, said, content_type="application/json", **more)


def test_a_session_opens_the_api_and_writes_need_its_token(world: World) -> None:
    client = desk()
    assert client.get(SESSION).json()["username"] == ""
    opened = open_session(client)
    assert opened.status_code == 201
    assert opened.json()["username"] == "wang"
    assert client.get(ME).json()["username"] == "wang"
    said = body()
    report = "/api/v1/reports/7c0a1b1e-6d53-4f67-9a3c-2b8a7a5d1e11"
    assert client.put(report, said, content_type="application/json").status_code == 403
    headers = {"HTTP_X_CSRFTOKEN": opened.json()["csrf_token"]}
    assert client.put(report, said, content_type="application/json", **headers).status_code == 201


def test_the_log_in_changes_the_session_key_and_is_on_record(world: World) -> None:
    client = desk()
    client.get("/admin/login/")
    before = client.session.session_key
    open_session(client)
    assert client.session.session_key != before
    assert AccessLog.objects.filter(username="wang").count() == 1


def test_a_wrong_password_is_refused_and_locks_after_five(world: World) -> None:
    for _ in range(4):
        answer = open_session(desk(), password="wrong")
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_credentials")
    assert open_session(desk(), password="wrong").json()["code"] == "locked_out"
    assert open_session(desk()).json()["code"] == "locked_out"


def test_another_sites_form_cannot_log_anybody_in(world: World) -> None:
    said = {"username": "wang", "password": PASSWORD}
    assert desk().post(SESSION, said).status_code == 415


def test_logging_out_ends_it_and_twice_is_harmless(world: World) -> None:
    client = desk()
    token = open_session(client).json()["csrf_token"]
    for _ in range(2):
        assert client.delete(SESSION, HTTP_X_CSRFTOKEN=token).status_code == 204
    assert client.get(ME).status_code == 401


def test_a_desk_that_was_left_is_logged_out(world: World, settings: Any) -> None:
    client = desk()
    open_session(client)
    assert client.get(ME).status_code == 200
    with moved_to(now() + timedelta(seconds=settings.SESSION_IDLE_SECONDS + 1)):
        assert client.get(ME).status_code == 401
