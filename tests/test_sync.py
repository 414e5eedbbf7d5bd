"""What a phone keeps to work without a signal, and how it hears of what changed. Households: test_sync_households."""

import gzip
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Role
from core.moment import moved_to, now
from field import token as tokens
from grids.actions.appointments import appoint
from grids.actions.areas import change_area
from grids.actions.duty import Turn, put_shift
from grids.models import Appointment
from households.models import Building, Household
from reports.actions.catalogue import StandardContent, VersionContent, change_item, rename_class, retire_item
from reports.actions.knowledge import Content, create_entry
from reports.limits import Limit, Unit
from reports.models import CatalogueItem, Clock, Photo, Report
from tests import household_scenes as homely
from tests import scenes
from tests.phones import Phone, tomorrow_at
from tests.test_main_job import NEAR, announced, result, upload
from tests.test_query_counts import multiply, reader
from tests.test_query_counts import warm as warm  # an autouse fixture
from tests.world import World, post, submit

pytestmark = pytest.mark.django_db

STRANGERS = ["outsider", "nobody", "housing", "auditor"]


def asked(world: World, name: str) -> Phone:
    phone = Phone(world, name)
    phone.ask()
    return phone


# The whole.


def test_it_begins_with_everything_and_goes_on_with_nothing(world: World):
    scenes.whistled(world)
    for name in ("zhang", "water", "wang", "root"):
        phone = Phone(world, name)
        assert set(phone.ask()) == set(phone.whole())
        assert phone.ask() == {}


def test_it_says_who_asks_and_what_the_server_holds_a_phone_to(world: World, settings: Any):
    settings.GRIDWHISTLE = {**settings.GRIDWHISTLE, "TIANDITU_KEY": "k"}
    answer = Phone(world, "zhang").answer()
    assert answer["me"] == world.api("zhang").get("/api/v1/me").json()
    assert answer["map"] == {"tianditu_key": "k"}
    assert answer["limits"] == {
        "photo_max_bytes": 10 * 1024 * 1024,
        "photos": 20,
        "far_from_report_metres": 500.0,
        "nearby_metres": 50.0,
        "nearby_hours": 24.0,
        "last_position_hours": 12.0,
        "chosen_grid_metres": 1000.0,
    }


def test_it_is_compressed_for_who_takes_that_and_kept_by_no_cache(world: World):
    client = world.api("zhang")
    answer = client.get("/api/v1/sync", headers={"accept-encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert b'"token"' in gzip.decompress(answer.content)
    assert "no-store" in answer["Cache-Control"]
    assert "Content-Encoding" not in client.get("/api/v1/sync")


def test_who_is_not_logged_in_is_given_nothing(client: Any):
    assert client.get("/api/v1/sync").status_code == 401


@pytest.mark.parametrize("name", STRANGERS)
def test_strangers_are_given_nothing_of_the_street(world: World, name: str):
    at = scenes.whistled(world)
    scenes.asked_to_check(world)
    homely.homes(world)
    phone = asked(world, name)
    for section in ("buildings", "households", "tasks", "field_checks", "reports", "frequent"):
        assert phone.kept[section] == {}, section
    told = str(phone.kept)
    assert str(at.report) not in told
    assert "水管爆裂" not in told
    assert "张网格" not in told


# The token.


def every_section_comes(world: World, token: str, name: str = "zhang") -> bool:
    return all(section is not None for section in Phone(world, name).answer(token)["sections"].values())


@pytest.mark.parametrize("token", ["x", "a.b.c", "%00", "W10:1:x", "令牌"])
def test_a_token_that_cannot_be_read_is_as_none(world: World, token: str):
    assert every_section_comes(world, token)


def test_a_token_of_another_person_is_as_none(world: World):
    assert every_section_comes(world, asked(world, "zhao").token)


def test_a_token_of_another_version_is_as_none(world: World, monkeypatch: pytest.MonkeyPatch):
    token = asked(world, "zhang").token
    monkeypatch.setattr(tokens, "VERSION", tokens.VERSION + 1)
    assert every_section_comes(world, token)


@pytest.mark.parametrize(("hours", "all_comes"), [(23.9, False), (24.1, True), (-0.1, True)])
def test_a_token_lasts_a_day_and_begins_with_its_time(world: World, hours: float, all_comes: bool):
    token, start = asked(world, "zhang").token, now()
    with moved_to(start + timedelta(hours=hours)):
        assert every_section_comes(world, token) is all_comes


def test_a_lost_answer_is_given_again_for_the_token_before_it(world: World):
    phone = asked(world, "zhang")
    before = phone.token
    submit(world)
    lost = phone.answer(before)["sections"]["reports"]
    assert phone.answer(before)["sections"]["reports"] == lost


# Grids and catalogue.


def test_a_grid_comes_with_its_boundary_and_what_lies_above(world: World):
    row = asked(world, "zhang").kept["grids"]["371082007032002"]
    assert row["full_name"] == "荣成市崖头街道台上社区第二网格"
    assert row["street"] == {"code": "371082007", "name": "崖头街道"}
    assert row["geometry"] == world.grid.geometry
    assert row["in_charge"] is False


def test_a_changed_boundary_comes_anew(world: World):
    phone = asked(world, "zhang")
    corners = [[122.43, 37.15], [122.44, 37.15], [122.44, 37.16], [122.43, 37.15]]
    change_area(world.grid, geometry={"type": "Polygon", "coordinates": [corners]})
    assert phone.ask()["grids"]["rows"][0]["geometry"] == world.grid.geometry


@pytest.mark.parametrize("name", ["sun", "wang", "water", "command", "root", "nobody"])
def test_who_works_no_grid_has_none(world: World, name: str):
    assert asked(world, name).kept["grids"] == {}


def test_an_item_says_what_is_needed_to_report_it(world: World):
    row = asked(world, "zhang").kept["items"]["02-01-001"]
    assert (row["name"], row["urgency"], row["limit"]) == ("自来水爆管", "emergency", "4工作时")
    assert row["spelling"][0] == ["zi"]
    assert "standards" not in row


CONTENT = VersionContent("垃圾暴露", [StandardContent("grid", Limit(Decimal(2), Unit.WORK_HOUR))])


@pytest.mark.parametrize("how", ["changed", "corrected", "retired", "class renamed", "next day"])
def test_the_catalogue_comes_whole_when_anything_of_it_changed(world: World, how: str):
    item = CatalogueItem.objects.get(code="01-01-001")
    if how == "corrected":
        change_item(item, CONTENT)
    phone, start = asked(world, "zhang"), now()
    assert "items" not in phone.ask()
    with moved_to(start + timedelta(hours=23.5 if how == "next day" else 0.1)):
        if how in ("changed", "corrected"):
            change_item(item, replace(CONTENT, may_self_handle=True))
        elif how == "retired":
            retire_item(item)
        elif how == "class renamed":
            rename_class(item, "市容")
        section = phone.ask()["items"]
    assert len(section["rows"]) == (1 if how == "retired" else 2)


def test_what_is_reported_most_comes_first(world: World):
    with moved_to(now() - timedelta(days=91)):
        submit(world)
    for item in ("02-01-001", "01-01-001", "02-01-001"):
        submit(world, item=item)
    submit(world, "zhao", item="01-01-001")
    assert list(asked(world, "zhang").kept["frequent"].values()) == ["02-01-001", "01-01-001"]


# What is to be done.


def test_a_duty_comes_with_report_whistle_clocks_and_requests(world: World):
    at = scenes.asked_more_time(world)
    (task,) = asked(world, "water").kept["tasks"].values()
    assert task["id"] == at.lead
    assert task["report"]["id"] == str(at.report)
    assert (task["report"]["item"], task["report"]["street"]["name"]) == ("01-01-001", "崖头街道")
    assert task["whistle"]["id"] == at.whistle
    assert {clock["kind"] for clock in task["clocks"]} >= {"sign_for", "report_in", "handle"}
    assert all(clock["stopped_at"] is None for clock in task["clocks"])
    assert [change["kind"] for change in task["requests"]] == ["extension"]
    assert "requester" not in str(task)


def test_each_unit_has_its_own_duty_and_the_street_none(world: World):
    at = scenes.whistled(world)
    for name, duties in (("water", {at.lead}), ("water_boss", {at.lead}), ("gas", {at.assist}), ("wang", set())):
        assert set(asked(world, name).kept["tasks"]) == duties


def test_what_is_in_one_persons_hands_is_no_task_of_the_others(world: World):
    at = scenes.handed_on(world)
    assert set(asked(world, "water_boss").kept["tasks"]) == {at.lead}
    assert asked(world, "water").kept["tasks"] == {}


def test_a_step_sends_the_tasks_anew_and_a_duty_done_is_gone(world: World):
    at = scenes.assigned(world)
    phone = asked(world, "committee")
    post(world, "committee", f"assignments/{at.assist}/receive")
    assert phone.ask()["tasks"]["rows"][0]["status"] == "received"
    post(world, "wang", f"assignments/{at.assist}/waive", reason="不需要")
    phone.ask()
    assert phone.kept["tasks"] == {}


def test_a_duty_for_information_is_there_as_long_as_its_report_is_open(world: World):
    at = scenes.accepted(world)
    targets = [{"role": "lead", "department": "YTJD-CG"}, {"role": "notify", "department": "TSSQ"}]
    post(world, "wang", f"reports/{at.report}/assign", assignments=targets)
    phone = asked(world, "committee")
    assert [task["role"] for task in phone.kept["tasks"].values()] == ["notify"]
    lead = scenes.scene(at.report).lead
    post(world, "urban", f"assignments/{lead}/receive")
    post(world, "urban", f"assignments/{lead}/submit", **result())
    Photo.objects.filter(report_id=at.report).update(received_at=now())
    for step in ("approve", "close"):
        post(world, "wang", f"reports/{at.report}/{step}")
    phone.ask()
    assert phone.kept["tasks"] == {}


def test_the_most_urgent_comes_first(world: World):
    late, soon, later = (scenes.assigned(world) for _ in range(3))
    for at, hours in ((late, -1), (soon, 1), (later, 2)):
        Report.objects.filter(pk=at.report).update(due_at=now() + timedelta(hours=hours))
    rows = Phone(world, "urban").answer()["sections"]["tasks"]["rows"]
    assert [row["id"] for row in rows] == [late.lead, soon.lead, later.lead]


def test_a_light_that_turns_sends_the_task_and_the_report_anew(world: World):
    at, start, due = scenes.assigned(world), tomorrow_at(8), tomorrow_at(9)
    Report.objects.filter(pk=at.report).update(due_at=due, yellow_at=due)
    Clock.objects.all().update(due_at=due, yellow_at=due)
    with moved_to(start):
        unit, worker = asked(world, "urban"), asked(world, "zhang")
    with moved_to(start + timedelta(minutes=59)):
        assert (unit.ask(), worker.ask()) == ({}, {})
    with moved_to(due):
        task, report = unit.ask()["tasks"]["rows"][0], worker.ask()["reports"]["rows"][0]
    assert task["report"]["light"] == report["light"] == "red"
    assert {clock["light"] for clock in task["clocks"]} == {"red"}


def test_who_is_asked_to_look_has_the_check_until_it_is_answered(world: World):
    at = scenes.asked_to_check(world)
    phone = asked(world, "zhao")
    assert phone.kept["field_checks"][at.check]["report_lng"] == pytest.approx(122.432957)
    assert asked(world, "zhang").kept["field_checks"] == {}
    post(world, "wang", f"field_checks/{at.check}/cancel", note="已核实")
    phone.ask()
    assert phone.kept["field_checks"] == {}


def test_what_is_done_is_reported_back(world: World):
    """A unit's whole work as its phone sees it."""
    at = scenes.whistled(world)
    phone = asked(world, "water")
    post(world, "water", f"assignments/{at.lead}/receive")
    post(world, "water", f"assignments/{at.lead}/report_in", position=scenes.HERE, photos=[announced(NEAR, "near")])
    post(world, "water", f"assignments/{at.lead}/submit", **result())
    phone.ask()
    assert phone.kept == phone.whole()
    assert phone.kept["tasks"][at.lead]["status"] == "submitted"


# Reports.


def test_a_worker_has_the_own_reports_and_the_open_ones_of_the_grid(world: World):
    own, others = submit(world), submit(world, "sun")
    rows = asked(world, "zhang").kept["reports"]
    assert {UUID(pk): row["mine"] for pk, row in rows.items()} == {own: True, others: False}


def test_final_reports_of_others_and_own_ones_over_30_days_old_are_left_out(world: World):
    with moved_to(now() - timedelta(days=31)):
        old = scenes.closed(world)
    recent = scenes.closed(world)
    others = submit(world, "sun")
    post(world, "wang", f"reports/{others}/reject", reason="不属实")
    rows = asked(world, "zhang").kept["reports"]
    assert str(recent.report) in rows
    assert not {str(old.report), str(others)} & set(rows)


def test_a_photo_that_arrives_sends_the_report_anew(world: World):
    report = submit(world, photos=[announced(NEAR, "near")])
    phone = asked(world, "zhang")
    upload(world, "zhang", report, NEAR)
    assert phone.ask()["reports"]["rows"][0]["photos_received"] == 1


# People and knowledge.


def contacts(phone: Phone) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in phone.kept["contacts"].values()}


def test_a_worker_has_who_works_at_community_and_street_and_in_their_offices(world: World):
    User.objects.filter(username="sun").update(phone="13900000001", duty_phone="0631-7560001")
    User.objects.filter(username="wang").update(phone="13900000002")
    found = contacts(asked(world, "zhang"))
    assert set(found) == {"孙社区", "王调度", "李主任", "回访员", "居委会老吴"}
    assert found["孙社区"]["phone"] == "0631-7560001"
    assert found["王调度"]["phone"] == "13900000002"
    assert (found["王调度"]["role"], found["王调度"]["at_name"]) == ("street_dispatcher", "崖头街道")


def test_a_unit_has_its_own_people(world: World):
    assert set(contacts(asked(world, "water"))) == {"水务陈经理"}


def test_who_is_on_duty_is_marked_while_the_turn_runs(world: World):
    turn = Turn(world.street, world["li"], tomorrow_at(9), tomorrow_at(17), phone="0631-1")
    put_shift(world["wang"], uuid4(), turn)
    with moved_to(tomorrow_at(8)):
        phone = asked(world, "zhang")
        assert contacts(phone)["李主任"]["on_duty"] is False
    with moved_to(tomorrow_at(10)):
        assert set(phone.ask()) == {"contacts"}
    assert (contacts(phone)["李主任"]["on_duty"], contacts(phone)["李主任"]["phone"]) == (True, "0631-1")


def test_authorities_come_with_the_phone_of_their_duty_officer_or_of_the_turn(world: World):
    User.objects.filter(username__in=["water", "gas"]).update(duty_phone="0631-110")
    Appointment.objects.filter(user__username__in=["water", "gas"]).update(on_duty=True)
    node, until = world.departments["gas"], now() + timedelta(hours=8)
    with moved_to(now() - timedelta(minutes=1)):
        put_shift(world["root"], uuid4(), Turn(node, world["gas"], now(), until, phone="0631-119"))
    found = {row["name"]: row for row in contacts(asked(world, "zhang")).values() if row["of"] == "unit"}
    assert {name: (row["phone"], row["on_duty"]) for name, row in found.items()} == {
        "水务集团": ("0631-110", False),
        "燃气公司": ("0631-119", True),
    }


def test_a_role_is_said_in_the_language_of_the_phone(world: World):
    phone = asked(world, "zhang")
    answer = phone.answer(phone.token, **{"accept-language": "en"})
    roles = {row["role_name"] for row in answer["sections"]["contacts"]["rows"]}
    assert "street dispatcher" in roles


def test_knowledge_is_that_of_the_place_and_of_the_whole_city(world: World):
    wang, outsider = world["wang"], world["outsider"]
    create_entry(world["root"], Content("全市", "**文**"))
    here = create_entry(wang, Content("本街道", "文", area=world.street))
    create_entry(outsider, Content("外街道", "文", area=world.area("371082900")))
    phone = asked(world, "zhang")
    titles = {row["title"]: row["html"] for row in phone.kept["knowledge"].values()}
    assert titles == {"全市": "<p><strong>文</strong></p>\n", "本街道": "<p>文</p>\n"}
    assert {row["title"] for row in asked(world, "water").kept["knowledge"].values()} == {"全市"}
    assert "text" not in phone.kept["knowledge"][here.pk]


# What it costs.

UNCHANGED, WHOLE = 22, 33


def many(world: World, rows: int) -> None:
    """Rows of every section until each list holds so many."""
    multiply(world, rows)
    at = homely.homes(world)
    building, household = Building.objects.get(pk=at.building), Household.objects.get(pk=at.family)
    for number in range(1, rows):
        building.pk, building.number = uuid4(), f"{number}号"
        building.save(force_insert=True)
        household.pk, household.code, household.door_hash = uuid4(), f"H{number}", f"hash{number}"
        household.save(force_insert=True)
        person = User.objects.create(username=f"person-{number}", full_name=f"人{number}")
        Appointment.objects.create(user=person, role=Role.GRID_WORKER, area=world.grid, started_at=now())
    for number in range(rows):
        create_entry(world["wang"], Content(f"知识{number}", "文", area=world.street))
    scenes.asked_to_check(world, "water")


@pytest.mark.parametrize("rows", [1, 10, 100])
def test_it_takes_as_many_queries_however_many_rows_there_are(world: World, rows: int):
    appoint(world["water"], Role.GRID_WORKER, world.grid)
    many(world, rows)
    client = reader(world, "water")
    with CaptureQueriesContext(connection) as whole:
        answer = client.get("/api/v1/sync").json()
    with CaptureQueriesContext(connection) as unchanged:
        again = client.get("/api/v1/sync", {"token": answer["token"]}).json()
    assert len(answer["sections"]["tasks"]["rows"]) >= rows
    assert len(answer["sections"]["households"]["rows"]) >= rows
    assert len(answer["sections"]["reports"]["rows"]) >= rows
    assert all(section is None for section in again["sections"].values())
    assert (len(unchanged), len(whole)) == (UNCHANGED, WHOLE)
