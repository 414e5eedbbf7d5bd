"""How often residents may report, and that nobody is turned away for another's reports."""

from typing import Any

import pytest
from django.test import Client

from core.caches import FailSoftRedisCache
from public.form_id import new_form_id
from reports.models import Report
from tests.resident_scenes import GRID, PAGE, code_in, filled, limited, sent
from tests.resident_scenes import own_choices as own_choices  # an autouse fixture
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_thousand_reports_from_one_address_are_throttled_without_hurting_others(world: World, settings: Any) -> None:
    limited(settings, RESIDENT_REPORTS_PER_HOUR=3, RESIDENT_REPORTS_PER_GRID=6, PUBLIC_PAGES_PER_MINUTE=10**6)
    flood = Client(REMOTE_ADDR="10.1.1.1")
    answers = [flood.post(PAGE, filled()).status_code for _time in range(1000)]
    assert answers[:3] == [302] * 3
    assert set(answers[3:]) == {429}
    sent(Client(REMOTE_ADDR="10.1.1.2"))
    assert Report.objects.count() == 4


def test_a_flood_from_many_addresses_is_held_by_the_grid(world: World, settings: Any) -> None:
    limited(settings, RESIDENT_REPORTS_PER_GRID=5)
    answers = [Client(REMOTE_ADDR=f"10.2.0.{at}").post(PAGE, filled()).status_code for at in range(8)]
    assert answers == [302] * 5 + [429] * 3
    other = filled(new_form_id("371082007032001"))
    assert Client(REMOTE_ADDR="10.2.0.99").post("/g/371082007032001/report", other).status_code == 302


def test_the_refusal_says_so_and_whom_to_call(world: World, settings: Any) -> None:
    limited(settings, RESIDENT_REPORTS_PER_HOUR=0)
    answer = sent(expect=429)
    assert answer["Retry-After"] == "3600"
    assert 'href="tel:12345"' in answer.content.decode()
    by_script = Client().post(PAGE, filled(), headers={"X-Requested-With": "XMLHttpRequest"})
    assert (by_script.status_code, set(by_script.json())) == (429, {"message"})


def test_a_repeat_is_answered_also_when_the_hours_share_is_used_up(world: World, settings: Any) -> None:
    limited(settings, RESIDENT_REPORTS_PER_HOUR=1)
    form_id = new_form_id(GRID)
    first = sent(form_id=form_id)
    assert code_in(sent(form_id=form_id)) == code_in(first)
    sent(expect=429)


def test_forms_that_are_refused_are_counted_too(world: World, settings: Any) -> None:
    limited(settings, RESIDENT_REPORTS_PER_HOUR=1)
    answers = [Client().post(PAGE, filled(description="")).status_code for _time in range(6)]
    assert answers == [400] * 4 + [429] * 2


def test_with_the_cache_away_nobody_is_turned_away() -> None:
    away = FailSoftRedisCache("redis://127.0.0.1:1/0", {})
    assert (away.add("asked:x", 1, 60), away.incr("asked:x"), away.get("asked:x")) == (True, 1, None)


def test_an_address_cannot_be_invented(world: World, settings: Any) -> None:
    limited(settings, RESIDENT_REPORTS_PER_HOUR=1)
    answers = [
        Client().post(PAGE, filled(), headers={"X-Forwarded-For": f"10.3.0.{at}"}).status_code for at in range(3)
    ]
    assert answers == [302, 429, 429]
