"""The second factor: set up, asked for at every door, lost, demanded by posts; and desks that were left."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Device, RecoveryCode, SecondFactor
from accounts.roles import Role
from core.moment import moved_to, now
from grid_backend import checks
from tests.admin_scenes import enter
from tests.test_household_privacy import every_stored_text
from tests.test_log_in import knock
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db
PATH = "/api/v1/auth/second_factor"
PAGE = "/second-factor/"
LOGIN = "/admin/login/"


def code(key: str, ahead: int = 0) -> str:
    """What the app shows; `ahead` in steps of thirty seconds."""
    return pyotp.TOTP(key).at(now() + timedelta(seconds=30 * ahead))


def set_up(world: World, name: str) -> tuple[str, list[str]]:
    """The key and the recovery codes of one who has switched it on, a minute ago."""
    client = world.api(name)
    begun = client.post(PATH, {"password": PASSWORD}, format="json")
    assert begun.status_code == 201, begun.content
    key = begun.json()["key"]
    with moved_to(now() - timedelta(minutes=2)):
        told = client.post(f"{PATH}/confirm", {"code": code(key)}, format="json")
    assert told.status_code == 200, told.content
    return key, told.json()["recovery_codes"]


def refused(name: str = "zhang", **said: Any) -> tuple[int, str]:
    answer = knock(name, **said)
    return answer.status_code, answer.json()["code"]


# -- set up -------------------------------------------------------------------------------------------------------


def test_it_is_in_force_once_a_code_was_given_and_not_before(world: World) -> None:
    client = world.api("zhang")
    assert client.get(PATH).json() == {"on": False, "demanded": False, "recovery_codes_left": 0}
    begun = client.post(PATH, {"password": PASSWORD}, format="json").json()
    assert begun["uri"].startswith("otpauth://totp/")
    assert begun["key"] in begun["uri"]
    assert knock().status_code == 201
    wrong = client.post(f"{PATH}/confirm", {"code": "000000"}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_code")
    told = client.post(f"{PATH}/confirm", {"code": code(begun["key"])}, format="json").json()
    assert len(set(told["recovery_codes"])) == 10
    assert client.get(PATH).json() == {"on": True, "demanded": False, "recovery_codes_left": 10}
    assert client.post(PATH, {"password": PASSWORD}, format="json").json()["code"] == "second_factor_on"


def test_setting_it_up_takes_the_password_and_nobody_elses(world: World) -> None:
    client = world.api("zhang")
    assert client.post(PATH, {"password": "wrong"}, format="json").json()["code"] == "bad_credentials"
    assert client.post(PATH, {}, format="json").json()["code"] == "bad_credentials"
    assert APIClient().post(PATH, {"password": PASSWORD}, format="json").status_code == 401
    assert not SecondFactor.objects.exists()
    assert client.post(f"{PATH}/confirm", {"code": "000000"}, format="json").json()["code"] == "second_factor_off"


def test_neither_the_key_nor_a_code_stands_plain_in_the_database(world: World) -> None:
    key, codes = set_up(world, "zhang")
    stored = every_stored_text()
    assert key not in stored
    for one in codes:
        assert one not in stored
        assert one.replace("-", "") not in stored


# -- logging in on a phone ----------------------------------------------------------------------------------------


def test_the_log_in_asks_for_it(world: World) -> None:
    key, _codes = set_up(world, "zhang")
    assert refused() == (401, "code_needed")
    assert refused(code="123456") == (401, "wrong_code")
    assert knock(code=code(key)).status_code == 201
    assert knock("wang").status_code == 201
    # A wrong password is told first, and never whether there is a second factor.
    assert refused(password="wrong", code=code(key, 1)) == (401, "bad_credentials")


def test_a_code_is_good_once_and_for_a_clock_that_is_a_little_off(world: World) -> None:
    key, _codes = set_up(world, "zhang")
    with moved_to(now()):
        assert knock(code=code(key, -1)).status_code == 201
        assert refused(code=code(key, -1)) == (401, "wrong_code")
        assert knock(code=f" {code(key)[:3]} {code(key)[3:]} ").status_code == 201
        # An earlier one than the last that was taken is used up with it.
        assert refused(code=code(key, -1)) == (401, "wrong_code")
        assert knock(code=code(key, 1)).status_code == 201
        assert refused(code=code(key, 2)) == (401, "wrong_code")


def test_a_recovery_code_lets_in_once(world: World) -> None:
    _key, codes = set_up(world, "zhang")
    assert knock(code=codes[0].lower()).status_code == 201
    assert refused(code=codes[0]) == (401, "wrong_code")
    assert knock(code=codes[1].replace("-", "")).status_code == 201
    assert RecoveryCode.objects.count() == 8


def test_new_recovery_codes_end_the_old_ones(world: World) -> None:
    key, codes = set_up(world, "zhang")
    client = world.api("zhang")
    assert client.post(f"{PATH}/recovery_codes", {"code": "000000"}, format="json").status_code == 401
    fresh = client.post(f"{PATH}/recovery_codes", {"code": code(key)}, format="json").json()["recovery_codes"]
    assert refused(code=codes[0]) == (401, "wrong_code")
    assert knock(code=fresh[0]).status_code == 201


def test_wrong_codes_count_as_failed_log_ins(world: World) -> None:
    key, _codes = set_up(world, "zhang")
    answers = [refused(code="000000")[1] for _time in range(5)]
    assert answers == ["wrong_code"] * 4 + ["locked_out"]
    assert refused(code=code(key)) == (429, "locked_out")
    # From elsewhere too: with the password in hand one might try from many addresses.
    assert refused(code=code(key), address="10.0.0.2") == (429, "code_locked")
    with moved_to(now() + timedelta(minutes=16)):
        assert knock(code=code(key), address="10.0.0.2").status_code == 201
    assert not AccessAttempt.objects.filter(username="zhang", post_data__contains="000000").exists()


def test_codes_tried_from_many_addresses_lock_the_factor(world: World) -> None:
    key, _codes = set_up(world, "zhang")
    for number in range(5):
        assert refused(code="000000", address=f"10.0.1.{number}") == (401, "wrong_code")
    assert refused(code=code(key), address="10.0.1.99") == (429, "code_locked")


def test_the_right_code_forgives_the_failures_before_it(world: World) -> None:
    key, _codes = set_up(world, "zhang")
    for number in range(4):
        refused(code="000000", address=f"10.0.1.{number}")
    assert knock(code=code(key), address="10.0.1.9").status_code == 201
    for number in range(4):
        refused(code="000000", address=f"10.0.2.{number}")
    assert knock(code=code(key, 1), address="10.0.2.9").status_code == 201


def test_it_can_be_given_up_with_a_code(world: World) -> None:
    key, _codes = set_up(world, "zhang")
    client = world.api("zhang")
    assert client.delete(PATH, {"code": "000000"}, format="json").json()["code"] == "wrong_code"
    assert client.delete(PATH, {"code": code(key)}, format="json").status_code == 204
    assert knock().status_code == 201
    assert client.delete(PATH, {"code": "000000"}, format="json").json()["code"] == "second_factor_off"


# -- demanded -----------------------------------------------------------------------------------------------------


def test_a_post_that_demands_it_lets_nobody_in_without(world: World, settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = frozenset({Role.GRID_WORKER})
    answer = knock().json()
    assert answer["code"] == "second_factor_missing"
    client = APIClient()
    begun = client.post(PATH, {"ticket": answer["ticket"]}, format="json").json()
    said = {"ticket": answer["ticket"], "code": code(begun["key"], -1)}
    assert client.post(f"{PATH}/confirm", said, format="json").status_code == 200
    assert knock(code=code(begun["key"])).status_code == 201
    # The ticket opens no more now.
    assert client.post(PATH, {"ticket": answer["ticket"]}, format="json").json()["code"] == "second_factor_on"
    again = world.api("zhang")
    assert again.get(PATH).json()["demanded"] is True
    assert again.delete(PATH, {"code": code(begun["key"], 1)}, format="json").json()["code"] == "second_factor_demanded"
    assert knock("wang").status_code == 201


def test_a_ticket_is_good_for_ten_minutes_for_the_one_and_with_the_same_password(world: World, settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = frozenset({Role.GRID_WORKER})
    ticket = knock().json()["ticket"]
    world["zhang"].set_password("another-long-password")
    person = world["zhang"]
    person.set_password("another-long-password")
    person.save()
    client = APIClient()
    for bad in (ticket, "x", ticket[:-2], ""):
        answer = client.post(PATH, {"ticket": bad}, format="json")
        assert answer.status_code in (400, 401), bad
    assert not SecondFactor.objects.exists()


def test_a_superuser_counts_as_a_system_admin(world: World, settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = frozenset({Role.SYSTEM_ADMIN})
    assert refused("root") == (403, "second_factor_missing")
    assert refused("sysadmin") == (403, "second_factor_missing")
    assert knock("security").status_code == 201


def test_a_misspelt_role_is_found_at_the_start(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = frozenset({"auditor", "sysadmin"})
    faults = checks.demanding_roles_exist()
    assert [(error.id, "sysadmin" in str(error.msg)) for error in faults] == [("gridwhistle.E008", True)]


# -- the administration -------------------------------------------------------------------------------------------


def at_the_door(name: str, **said: str) -> tuple[Client, Any]:
    client = Client()
    return client, client.post(LOGIN, {"username": name, "password": PASSWORD, **said})


def test_the_administration_asks_for_it_in_the_same_form(world: World) -> None:
    key, _codes = set_up(world, "sun")
    client, answer = at_the_door("sun")
    assert answer.status_code == 200
    assert "请输入验证器应用中的验证码" in answer.content.decode()
    assert client.get("/admin/").status_code == 302
    _client, answer = at_the_door("sun", code="000000")
    assert answer.status_code == 200
    client, answer = at_the_door("sun", code=code(key))
    assert answer.status_code == 302
    assert client.get("/admin/").status_code == 200
    assert at_the_door("wang")[1].status_code == 302


def test_wrong_codes_lock_the_administration_too(world: World) -> None:
    key, _codes = set_up(world, "sun")
    answers = [at_the_door("sun", code="000000")[1].status_code for _time in range(5)]
    assert answers[-1] == 429
    assert at_the_door("sun", code=code(key))[1].status_code == 429


def test_whoever_has_to_have_one_is_shown_the_way_and_is_not_in(world: World, settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = frozenset({Role.AUDITOR})
    client, answer = at_the_door("auditor")
    assert answer.status_code == 200
    assert f'href="{PAGE}"' in answer.content.decode()
    assert client.get("/admin/").status_code == 302
    assert client.get("/api/v1/me").status_code == 401
    shown = client.post(PAGE, {"step": "begin"}).content.decode()
    assert "<svg" in shown
    key = SecondFactor.objects.get().key
    assert " ".join(key[at : at + 4] for at in range(0, len(key), 4)) in shown
    wrong = client.post(PAGE, {"step": "confirm", "code": "000000"})
    assert (wrong.status_code, "<svg" in wrong.content.decode()) == (400, True)
    done = client.post(PAGE, {"step": "confirm", "code": code(key, -1)}).content.decode()
    assert len(re.findall(r"<li>\w{4}-\w{4}-\w{4}-\w{4}</li>", done)) == 10
    assert client.get(PAGE).status_code == 302
    assert client.post(LOGIN, {"username": "auditor", "password": PASSWORD, "code": code(key)}).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_the_page_is_for_whoever_is_logged_in(world: World) -> None:
    assert Client().get(PAGE)["Location"].startswith(LOGIN)
    client = enter(world, "sun")
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, {"step": "begin", "password": "wrong"}).status_code == 400
    client.post(PAGE, {"step": "begin", "password": PASSWORD})
    key = SecondFactor.objects.get(user=world["sun"]).key
    client.post(PAGE, {"step": "confirm", "code": code(key, -1)})
    assert client.post(PAGE, {"step": "give_up", "code": "000000"}).status_code == 400
    assert client.post(PAGE, {"step": "codes", "code": code(key)}).content.decode().count("<li>") == 10
    assert client.post(PAGE, {"step": "give_up", "code": code(key, 1)}).status_code == 200
    assert not SecondFactor.objects.exists()
    assert client.post(PAGE, {"step": "x"}).status_code == 200


def test_the_system_admin_resets_it_for_one_who_lost_the_phone(world: World) -> None:
    set_up(world, "zhang")
    page = reverse("admin:accounts_user_second_factor_page", args=[world["zhang"].pk])
    for name in ("security", "wang"):
        assert enter(world, name).post(page).status_code in (403, 404)
    assert SecondFactor.objects.exists()
    assert enter(world, "sysadmin").post(page).status_code == 302
    assert not SecondFactor.objects.exists()
    assert not Device.objects.filter(user=world["zhang"]).exists()
    assert knock().status_code == 201


# -- desks that were left -----------------------------------------------------------------------------------------


def test_a_desk_that_was_left_is_logged_out_and_a_busy_one_is_not(world: World, settings: Any) -> None:
    settings.SESSION_IDLE_SECONDS = 600
    client, start = enter(world, "sun"), now()
    for minutes in (0, 9, 18, 27):
        with moved_to(start + timedelta(minutes=minutes)):
            assert client.get("/admin/").status_code == 200, minutes
    with moved_to(start + timedelta(minutes=38)):
        assert client.get("/admin/").status_code == 302
    with moved_to(start + timedelta(minutes=38)):
        assert client.get("/api/v1/me").status_code == 401


def test_phones_are_not_logged_out_by_the_desks_time(world: World, settings: Any) -> None:
    settings.SESSION_IDLE_SECONDS = 1
    client = world.api("zhang")
    for days in (0, 30):
        with moved_to(now() + timedelta(days=days)):
            assert client.get("/api/v1/me").status_code == 200
