"""Households in the administration: masked, limited to the own area, seen in full on record."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AccessLog
from core.moment import moved_to
from households.models import Building, Household, HouseholdEvent, Resident, RiskLevel
from tests import colour_scenes as bright
from tests import household_scenes as homely
from tests.admin_scenes import enter, page
from tests.household_books import book, row, upload
from tests.household_scenes import BUILDING_HEAD, CARD, HEAD_NAME, PHONE, SPOUSE_NAME, homes
from tests.test_household_lists import street_of
from tests.world import World, post

pytestmark = pytest.mark.django_db

PERSONAL = (HEAD_NAME, SPOUSE_NAME, BUILDING_HEAD, PHONE, CARD, "1990-01-01")


def pages_of(at: homely.Homes) -> list[str]:
    return [
        page("households_household_changelist"),
        page("households_household_change", at.family),
        page("households_household_history", at.family),
        page("households_household_reveal_page", at.family),
        page("households_building_changelist"),
        page("households_building_change", at.building),
        page("households_building_history", at.building),
    ]


def test_no_page_shows_a_person_in_full(world: World) -> None:
    at = homely.everything(world)
    for name in ("sun", "wang", "root"):
        client = enter(world, name)
        for url in pages_of(at):
            answer = client.get(url)
            if name == "wang" and "reveal" in url:
                assert answer.status_code == 403
                continue
            assert answer.status_code == 200, url
            text = answer.content.decode()
            assert not [secret for secret in PERSONAL if secret in text], url
        text = client.get(pages_of(at)[1]).content.decode()
        assert ("2单元502室" in text) == (name != "wang")
        assert ("社区矫正对象" in text) == (name != "wang")
        assert "欧***" in text


@pytest.mark.parametrize("name", ["outsider", "command", "sysadmin"])
def test_households_of_others_are_not_there(world: World, name: str) -> None:
    at = homes(world)
    client = enter(world, name)
    for url in pages_of(at):
        answer = client.get(url)
        if answer.status_code == 200:
            assert list(answer.context["cl"].queryset) == []
        else:
            assert answer.status_code in (403, 404), url


def test_a_desk_moves_a_household_out_by_the_same_step(world: World) -> None:
    at = homes(world)
    client, url = enter(world, "sun"), page("households_household_move_out_page", at.family)
    assert client.get(url).status_code == 200
    refused = client.post(url, {"moved_out": "2199-01-01"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (200, ["moved_out"])
    assert client.post(url, {"moved_out": "2025-01-01", "note": "迁走"}).status_code == 302
    assert not Household.objects.get(pk=at.family).active
    step = HouseholdEvent.objects.filter(household=at.family).latest("pk")
    assert (step.kind, step.actor, step.note) == ("move_out", world["sun"], "迁走")
    # Its history is its own; the trail learns nothing of it.
    assert not LogEntry.objects.get_for_object(Household.objects.get(pk=at.family)).exists()
    assert client.get(url).status_code == 403
    listed = client.get(page("households_household_changelist"), {"state": "ended"})
    assert [row.pk for row in listed.context["cl"].result_list] == [at.family]


def test_a_desk_merges_households_by_number(world: World) -> None:
    at = homes(world)
    client, url = enter(world, "sun"), page("households_household_merge_page", at.family)
    refused = client.post(url, {"code": "no-such"})
    assert list(refused.context["form"].errors) == ["code"]
    other = Household.objects.get(pk=at.couple)
    assert client.post(url, {"code": other.code}).status_code == 302
    assert Household.objects.get(pk=at.family).merged_into_id == at.couple
    assert Resident.objects.filter(household=at.couple).count() == 3


def test_who_only_looks_gets_no_step(world: World) -> None:
    at = homes(world)
    client = enter(world, "wang")
    for name in ("move_out_page", "merge_page", "reveal_page"):
        url = page(f"households_household_{name}", at.family)
        for answer in (client.get(url), client.post(url, {"moved_out": "2025-01-01", "code": "x", "reason": "x"})):
            assert answer.status_code == 403
    assert client.post(page("households_household_change", at.family), {"code": "x"}).status_code == 403
    assert not AccessLog.objects.exists()


def test_a_person_is_seen_in_full_once_and_on_record(world: World) -> None:
    at = homes(world)
    client, url = enter(world, "sun"), page("households_household_reveal_page", at.family)
    assert client.get(url).status_code == 200
    without = client.post(url, {"who": str(at.head), "what": ["phone"]})
    assert list(without.context["form"].errors) == ["reason"]
    nothing = client.post(url, {"who": str(at.head), "reason": "走访"})
    assert list(nothing.context["form"].errors) == ["what"]
    stranger = client.post(url, {"who": str(uuid4()), "what": ["phone"], "reason": "走访"})
    assert list(stranger.context["form"].errors) == ["who"]
    assert not AccessLog.objects.exists()
    shown = client.post(url, {"who": str(at.head), "what": ["phone", "name"], "reason": "走访"})
    assert PHONE in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    row = AccessLog.objects.get()
    assert (row.actor, row.subject_id, row.fields, row.reason) == (
        world["sun"],
        str(at.head),
        ["name", "phone"],
        "走访",
    )
    assert "2单元502室" in client.post(url, {"who": "door", "reason": "走访"}).content.decode()
    assert AccessLog.objects.count() == 2


def test_a_building_head_is_never_in_the_trail(world: World) -> None:
    at = homes(world)
    changed = {"head_name": "尉迟新任", "floors": 7, "version": 1}
    assert world.api("zhang").put(f"/api/v1/buildings/{at.building}", changed, format="json").status_code == 200
    entries = LogEntry.objects.get_for_object(Building.objects.get(pk=at.building))
    assert {name for entry in entries for name in entry.changes_dict} >= {"floors"}
    assert "尉迟新任" not in str([(entry.changes, entry.object_repr) for entry in entries])


def test_the_city_changes_its_colours_with_a_trail(world: World) -> None:
    red = RiskLevel.objects.get(code="red")
    url = page("households_risklevel_change", red.pk)
    said = {
        **{name: getattr(red, name) for name in ("code", "name", "meaning", "colour", "rank", "min_visitors")},
        **{name: getattr(red, name) for name in ("proposes", "confirms", "duty")},
        "visit_days": 3,
    }
    assert enter(world, "sun").post(url, said).status_code == 403
    assert enter(world, "sysadmin").post(url, said).status_code == 302
    assert RiskLevel.objects.get(code="red").visit_days == 3
    assert LogEntry.objects.get_for_object(red).latest("id").actor == world["sysadmin"]
    refused = enter(world, "sysadmin").post(url, said | {"colour": "red"})
    assert list(refused.context["adminform"].form.errors) == ["colour"]


@pytest.mark.parametrize("name", ["households_household", "households_building"])
def test_a_list_costs_the_same_for_one_row_and_a_hundred(world: World, name: str) -> None:
    url, costs = reverse(f"admin:{name}_changelist"), []
    homes(world)
    client = enter(world, "sun")
    client.get(url)
    for rows in (1, 10, 100):
        if rows > 1:
            fill(world, rows)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        costs.append(len(seen))
    assert len(set(costs)) == 1, costs
    assert costs[0] <= 13, [query["sql"][:200] for query in seen]


def fill(world: World, rows: int) -> None:
    """As many buildings and households more."""
    building = Building.objects.get(number="3号楼")
    for number in range(rows):
        other = Building.objects.create(pk=uuid4(), estate=f"小区{rows}", number=str(number), **building.place)
        home = Household.objects.get(room__gt="", building=building, occupancy="owner")
        home.pk, home.code, home.door_hash, home.building = uuid4(), f"X{rows}-{number}", "", other
        home.save(force_insert=True)


def test_a_file_costs_the_same_however_many_live_there(world: World) -> None:
    at = street_of(world, 1)
    client, url = enter(world, "sun"), page("households_household_change", at.family)
    client.get(url)
    with CaptureQueriesContext(connection) as before:
        client.get(url)
    family = Household.objects.get(pk=at.family)
    for number in range(10):
        Resident.objects.create(pk=uuid4(), household=family, name=f"子{number}", relation="child")
    post(world, "sun", f"households/{at.family}/residents/{at.spouse}/move_out", moved_out="2025-01-01")
    with CaptureQueriesContext(connection) as after:
        client.get(url)
    assert len(after) == len(before)


def said_of(world: World, at: homely.Homes) -> Any:
    return enter(world, "sun").get(page("households_household_change", at.family)).content.decode()


def test_the_file_says_who_lives_there_and_what_happened(world: World) -> None:
    at = homely.linked(world)
    text = said_of(world, at)
    for word in ("欧***", "138****5678", "1990", "低保或困难家庭"):
        assert word in text


def test_the_file_tells_times_of_here_and_the_colours_of_a_step(world: World) -> None:
    with moved_to(datetime.fromisoformat("2026-11-25T23:30:00+08:00")):
        at = homes(world)
        bright.coloured(world, at.family, "green")
        run = upload(world, book(row()))
    text = said_of(world, at)
    assert "2026-11-25 23:30 · 提出变更颜色 · – → 放心户 · " in text
    # What is not known of somebody leaves no gap.
    assert "<div>钟*** · 配偶 · disabled</div>" in text
    shown = enter(world, "sun").get(page("households_importrun_change", run["id"])).content.decode()
    assert "2026-11-25 23:30" in shown
    assert "2026-11-25 15:30" not in shown


def test_a_file_that_is_no_workbook_is_refused_in_words(world: World) -> None:
    client, url = enter(world, "sun"), page("households_importrun_upload_page")
    text = client.post(url, {"file": SimpleUploadedFile("户.xls", b"not zipped")}).content.decode()
    assert "请另存为 .xlsx 格式" in text
    assert "not_a_workbook" not in text
