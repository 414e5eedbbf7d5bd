"""Every page for residents: its headers, both languages, nothing personal in addresses and logs, and its queries."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.resident_scenes import (
    GRID,
    PAGE,
    anonymous_and_closed,
    code_in,
    filled,
    picture,
    sent,
)
from tests.resident_scenes import own_choices as own_choices  # an autouse fixture
from tests.world import World

pytestmark = pytest.mark.django_db


def test_headers_keep_the_pages_to_themselves(world: World) -> None:
    code = code_in(sent())
    for path in (f"/g/{GRID}", PAGE, "/t/", f"/t/{code}"):
        answer = Client().get(path)
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Cache-Control"] == "no-store"
        page = answer.content.decode()
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page), path


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_has_both_languages(world: World, language: str) -> None:
    client = Client()
    code = code_in(sent(anonymous="on"))
    for path in (f"/g/{GRID}", PAGE, "/t/", f"/t/{code}"):
        answer = client.get(path, {"lang": language})
        assert (answer.status_code, answer["Location"]) == (302, path)
        page = client.get(path).content.decode()
        assert f'<html lang="{language}">' in page
        assert ("Tracking code" in page or "Report a matter" in page) == (language == "en")


def test_nothing_personal_stands_in_addresses_and_logs(world: World, caplog: Any) -> None:
    caplog.set_level("INFO")
    client = Client()
    answer = sent(client)
    code = code_in(answer)
    client.post(f"/t/{code}", {"digits": "5678"})
    for secret in ("13812345678", "138 1234", "张三丰", "5678"):
        assert secret not in answer["Location"]
        assert secret not in caplog.text
    assert code not in caplog.text


def test_the_pages_take_a_fixed_number_of_queries(world: World) -> None:
    def queries(client: Client, path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as made:
            assert client.get(path).status_code == 200
        return len(made)

    client = Client()
    code = code_in(sent(client, anonymous="on", photos=[picture("red"), picture("blue")]))
    few = queries(client, f"/t/{code}")
    for number in range(10):
        sent(photos=[picture()], description=f"第{number}件", extra={"REMOTE_ADDR": f"10.6.0.{number}"})
    assert queries(client, f"/t/{code}") == few <= 2
    assert queries(client, PAGE) <= 5
    assert queries(client, f"/g/{GRID}") <= 4
    _client, page, _report = anonymous_and_closed(world)
    assert queries(Client(), page) <= 3


def test_a_report_costs_a_fixed_number_of_queries(world: World) -> None:
    def cost(**changes: Any) -> int:
        said = filled(**changes)
        with CaptureQueriesContext(connection) as made:
            assert Client().post(PAGE, said).status_code == 302
        return len(made)

    cost()
    assert cost() <= 22
    one, three = cost(photos=[picture("red")]), cost(photos=[picture(colour) for colour in ("red", "blue", "green")])
    assert three - one <= 20
