"""Log-in per device: tokens, their list and their end, refusals, lock-out and throttle."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.api.devices import LogInThrottle
from accounts.models import Device, User
from core.moment import now
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db
TOKENS = "/api/v1/auth/tokens"
ME = "/api/v1/me"


def knock(username: str = "zhang", password: str = PASSWORD, client: APIClient | None = None, **more: Any) -> Any:
    """Try to log in; `address` is where from."""
    extra = {"REMOTE_ADDR": more.pop("address", "10.0.0.1")}
    said = {"username": username, "password": password, **more}
    return (client or APIClient()).post(TOKENS, said, format="json", **extra)


def bearer(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


def logged_in(device: str = "", username: str = "zhang") -> tuple[APIClient, dict[str, Any]]:
    answer = knock(username, device=device)
    assert answer.status_code == 201, answer.content
    return bearer(answer.json()["token"]), answer.json()["device"]


def test_a_token_opens_the_api(world: World):
    answer = knock(device="Mate 60")
    assert answer.status_code == 201
    assert answer.json()["device"]["name"] == "Mate 60"
    assert answer.json()["device"]["current"] is True
    assert bearer(answer.json()["token"]).get(ME).json()["username"] == "zhang"


def test_a_token_is_shown_once_and_not_kept(world: World):
    token = knock().json()["token"]
    assert token not in bearer(token).get(TOKENS).content.decode()
    row = Device.objects.get(user=world["zhang"])
    assert token not in "".join(str(value) for value in vars(row).values())


def test_the_list_names_the_devices_and_the_one_in_hand(world: World):
    logged_in("old phone")
    logged_in("her phone", "wang")
    client, device = logged_in("new phone")
    told = client.get(TOKENS).json()
    assert [(each["name"], each["current"]) for each in told] == [("new phone", True), ("old phone", False)]
    assert told[0]["id"] == device["id"]
    assert told[0]["last_used_at"] is not None


def test_a_device_logged_out_is_out_and_the_others_are_not(world: World):
    lost, device = logged_in("lost")
    kept, _device = logged_in("kept")
    assert kept.delete(f"{TOKENS}/{device['id']}").status_code == 204
    answer = lost.get(ME)
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_token")
    assert kept.get(ME).status_code == 200
    assert kept.delete(f"{TOKENS}/{device['id']}").status_code == 404


def test_a_device_may_log_itself_out(world: World):
    client, device = logged_in()
    assert client.delete(f"{TOKENS}/{device['id']}").status_code == 204
    assert client.get(ME).status_code == 401


def test_another_persons_device_is_not_to_be_found(world: World):
    hers, device = logged_in(username="wang")
    his, _device = logged_in()
    assert his.delete(f"{TOKENS}/{device['id']}").status_code == 404
    assert hers.get(ME).status_code == 200


def test_logging_the_others_out_keeps_the_one_in_hand(world: World):
    others = [logged_in()[0] for _number in range(3)]
    hers, _device = logged_in(username="wang")
    kept, _device = logged_in()
    assert kept.delete(TOKENS).status_code == 204
    assert kept.get(ME).status_code == hers.get(ME).status_code == 200
    assert [client.get(ME).status_code for client in others] == [401, 401, 401]


def test_strangers_have_no_devices(world: World):
    assert APIClient().get(TOKENS).status_code == 401
    assert APIClient().delete(TOKENS).status_code == 401
    assert APIClient().delete(f"{TOKENS}/x").status_code == 401


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(world: World):
    wrong, unknown = knock(password="wrong"), knock("who")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "bad_credentials"
    assert wrong["Content-Type"] == "application/problem+json"


def test_someone_who_left_cannot_log_in_and_is_out_at_once(world: World):
    client, _device = logged_in()
    User.objects.filter(username="zhang").update(is_active=False)
    assert knock().json()["code"] == "bad_credentials"
    assert client.get(ME).status_code == 401


def test_five_failures_lock_this_name_out_from_this_address_only(world: World):
    answers = [knock(password="wrong").json()["code"] for _time in range(5)]
    assert answers[:4] == ["bad_credentials"] * 4
    locked = knock()
    assert (locked.status_code, locked.json()["code"]) == (429, "locked_out"), "even with the right password"
    assert locked["Content-Type"] == "application/problem+json"
    assert knock(address="10.0.0.2").status_code == 201
    assert knock("wang").status_code == 201


def test_a_name_nobody_has_is_locked_out_alike(world: World):
    for _time in range(5):
        knock("who", "wrong")
    assert knock("who", "wrong").json()["code"] == "locked_out"


def test_a_success_forgives_the_failures_before_it(world: World):
    for _round in range(2):
        for _time in range(4):
            assert knock(password="wrong").status_code == 401
        assert knock().status_code == 201


def test_a_locked_out_device_that_is_logged_in_goes_on_working(world: World):
    client, _device = logged_in()
    for _time in range(6):
        knock(password="wrong")
    assert client.get(ME).status_code == 200


def test_too_many_tries_from_one_address_are_throttled(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(LogInThrottle, "THROTTLE_RATES", {"login": "3/min"})
    cache.clear()
    # Whoever they claim to be, logged in or not.
    client, _device = logged_in()
    assert knock("who", "wrong").status_code == 401
    assert knock("wang").status_code == 201
    answer = knock("sun", client=client)
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert knock("sun", address="10.0.0.2").status_code == 201
    assert client.get(TOKENS, REMOTE_ADDR="10.0.0.1").status_code == 200, "only log-in is throttled"


def test_a_phone_with_an_expired_token_can_still_log_in(world: World):
    client, _device = logged_in()
    Device.objects.update(expiry=now() - timedelta(days=1))
    assert client.get(ME).status_code == 401
    assert knock(client=client).status_code == 201
    assert knock(client=bearer("nonsense")).status_code == 201


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"username": "zhang"}, "password"),
        ({"password": "x"}, "username"),
        ({"username": "", "password": "x"}, "username"),
        ({"username": "z" * 151, "password": "x"}, "username"),
        ({"username": "zhang", "password": "x" * 201}, "password"),
        ({"username": ["zhang"], "password": "x"}, "username"),
        ({"username": "zhang", "password": "x", "device": "d" * 81}, "device"),
    ],
)
def test_what_cannot_be_read_is_refused_naming_the_field(world: World, said: dict[str, Any], field: str):
    answer = APIClient().post(TOKENS, said, format="json")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("said", [{"username": "a\x00b", "password": "x"}, {"username": "zhang", "password": "a\x00b"}])
def test_a_character_no_database_keeps_is_refused(world: World, said: dict[str, str]):
    answer = APIClient().post(TOKENS, said, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("body", ["{", "[]", "null", '"x"'])
def test_a_body_that_is_no_object_is_refused(world: World, body: str):
    assert APIClient().post(TOKENS, body, content_type="application/json").status_code == 400


def test_spaces_belong_to_a_password(world: World):
    assert knock(password=f" {PASSWORD}").status_code == 401


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token \u00e9", "Bearer x", "Token " + "x" * 5000])
def test_an_odd_header_is_no_log_in(world: World, header: str):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    assert client.get(ME).status_code == 401


def test_no_password_and_no_token_is_written_to_the_log(world: World, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    token = knock().json()["token"]
    knock(password="wrong-secret-9")
    for _time in range(5):
        knock("who", "wrong-secret-9")
    logged = "".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records if "sql" not in vars(record))
    assert "wrong-secret-9" not in logged
    assert PASSWORD not in logged
    assert token not in logged


def test_what_axes_keeps_of_a_failure_holds_no_password(world: World):
    knock(password="wrong-secret-9")
    assert "wrong-secret-9" not in str(list(AccessAttempt.objects.values()))
    assert AccessAttempt.objects.get().username == "zhang"
