"""公示牌 and 联系卡 on paper, and the public page of a grid they lead to."""

import re
import zlib
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from core.paper import qr
from grids.actions.appointments import appoint
from grids.actions.areas import create_area
from grids.boards import Board, boards_of
from grids.models import Area
from tests.admin_scenes import enter
from tests.household_scenes import homes
from tests.world import World

pytestmark = pytest.mark.django_db
GRID = "371082007032002"
COMMUNITY = "371082007032"


def pages(data: bytes) -> int:
    """How many pages a PDF has; their objects may stand in compressed streams."""
    assert data.startswith(b"%PDF-")
    text = data
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", data, re.S):
        try:
            text += zlib.decompress(stream)
        except zlib.error:
            continue
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", text))


def printed(world: World, name: str, what: str, code: str = GRID, expect: int = 200, **query: Any) -> Any:
    answer = world.api(name).get(f"/api/v1/areas/{code}/{what}", query)
    assert answer.status_code == expect, answer.content[:300]
    if expect != 200:
        return answer.json()
    assert answer["Content-Type"] == "application/pdf"
    return answer.content


def give_phone(world: World, name: str, phone: str) -> None:
    User.objects.filter(pk=world[name].pk).update(duty_phone=phone)


# -- on paper -----------------------------------------------------------------------------------------------------


def test_a_community_gets_a_board_for_each_grid_in_one_document(world: World) -> None:
    grids = Area.objects.filter(path__startswith=world.area(COMMUNITY).path, level="grid", is_active=True).count()
    assert grids > 1
    assert pages(printed(world, "sun", "boards", COMMUNITY)) == grids
    assert pages(printed(world, "sun", "cards", COMMUNITY)) == grids
    assert pages(printed(world, "zhang", "cards", sheets=3)) == 3
    assert pages(printed(world, "zhang", "boards")) == 1


def test_a_board_says_who_works_there_and_only_their_duty_phone(world: World) -> None:
    User.objects.filter(pk=world["zhang"].pk).update(phone="13811112222")
    leader = User.objects.create_user("leader", full_name="郑网格长", duty_phone="0631-7560001")
    appoint(leader, Role.GRID_LEADER, world.grid)
    board = boards_of(world.grid)[0]
    assert (board.code, board.name) == (GRID, world.grid.name)
    assert board.place.endswith(world.area(COMMUNITY).name)
    assert [(one.name, one.phone) for one in board.leaders] == [("郑网格长", "0631-7560001")]
    assert [(one.name, one.phone) for one in board.workers] == [("张网格", "")]
    give_phone(world, "zhang", "18863100001")
    assert boards_of(world.grid)[0].workers[0].phone == "18863100001"


def test_who_left_or_was_switched_off_is_on_no_board(world: World) -> None:
    User.objects.filter(pk=world["zhang"].pk).update(is_active=False)
    assert boards_of(world.grid)[0].workers == []
    printed(world, "sun", "boards")


@pytest.mark.parametrize("name", ["zhao", "water", "li", "supervisor", "auditor", "nobody", "outsider"])
def test_others_print_nothing(world: World, name: str) -> None:
    for what in ("boards", "cards"):
        assert printed(world, name, what, expect=403)["code"] == "forbidden"


def test_what_cannot_be_printed_is_said(world: World, monkeypatch: Any) -> None:
    assert printed(world, "sun", "boards", "999", expect=404)["code"] == "not_found"
    for sheets in (0, 21, "x"):
        assert printed(world, "sun", "cards", expect=400, sheets=sheets)["code"] == "invalid"
    monkeypatch.setattr("grids.boards.MOST_SHEETS_AT_ONCE", 2)
    assert printed(world, "sun", "cards", expect=409, sheets=3)["code"] == "too_many_sheets"
    monkeypatch.setattr("grids.boards.MOST_GRIDS", 1)
    assert printed(world, "sun", "boards", COMMUNITY, expect=409)["code"] == "too_many_grids"
    Area.objects.filter(path__startswith=world.area(COMMUNITY).path).filter(level="grid").update(is_active=False)
    assert printed(world, "sun", "boards", COMMUNITY, expect=409)["code"] == "no_grids"


def test_a_name_is_never_taken_for_markup_and_rare_characters_are_set(world: World) -> None:
    User.objects.filter(pk=world["zhang"].pk).update(full_name='李#龑 $x$ "@<𬭎> *粗* #panic()')
    assert pages(printed(world, "zhang", "boards")) == 1
    assert pages(printed(world, "zhang", "cards")) == 1


def test_a_full_board_stays_on_one_sheet(world: World) -> None:
    for number in range(20):
        person = User.objects.create_user(
            f"w{number}", full_name=f"网格员{number}", duty_phone=f"188631000{number:02d}"
        )
        appoint(person, Role.GRID_WORKER, world.grid)
    assert pages(printed(world, "zhang", "boards")) == 1
    assert pages(printed(world, "zhang", "cards")) == 1


def test_the_font_is_embedded_and_no_other_is_looked_for(world: World) -> None:
    made = printed(world, "zhang", "boards")
    names = {name.decode().split("+")[-1] for name in re.findall(rb"/BaseFont\s*/([\w+-]+)", made)}
    assert names
    assert all("NotoSansCJK" in name for name in names), names


def test_the_code_opens_the_public_page(world: World, settings: Any) -> None:
    asked: list[str] = []
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"PUBLIC_URL": "https://grid.example.org/"}
    from grids import boards

    whole = boards.qr
    boards.qr = lambda text: asked.append(text) or whole(text)  # type: ignore[assignment,func-returns-value]
    try:
        printed(world, "zhang", "boards")
        settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"PUBLIC_URL": ""}
        printed(world, "zhang", "boards")
    finally:
        boards.qr = whole
    assert asked == [f"https://grid.example.org/g/{GRID}", f"http://testserver/g/{GRID}"]
    assert qr("x").startswith("<svg")


@pytest.mark.parametrize("grids", [1, 10, 100])
def test_a_document_takes_the_same_queries_however_many_grids(world: World, grids: int) -> None:
    street = world.street
    community = create_area(street, level="community", code="371082007099", name="新社区")
    for number in range(grids):
        code = f"3710820070990{number:02d}"
        create_area(community, level="grid", code=code, name=f"网格{number}", kind="basic")
    with CaptureQueriesContext(connection) as queries:
        assert len(boards_of(community)) == grids
    assert len(queries) == 3


def test_boards_are_made_in_the_administration_too(world: World) -> None:
    for name in ("sun", "wang", "sysadmin"):
        for what in ("boards", "cards"):
            answer = enter(world, name).get(reverse(f"admin:grids_area_{what}_page", args=[world.grid.pk]))
            assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf"), name
    refused = enter(world, "security").get(reverse("admin:grids_area_boards_page", args=[world.grid.pk]))
    assert refused.status_code == 403
    Area.objects.filter(pk=world.grid.pk).update(is_active=False)
    answer = enter(world, "wang").get(reverse("admin:grids_area_boards_page", args=[world.grid.pk]))
    assert answer.status_code == 302


# -- the public page ----------------------------------------------------------------------------------------------


def public(code: str = GRID, **extra: Any) -> Any:
    return Client().get(f"/g/{code}", **extra)


def test_residents_see_who_their_grid_worker_is(world: World) -> None:
    give_phone(world, "zhang", "18863100001")
    answer = public()
    page = answer.content.decode()
    assert answer.status_code == 200
    assert '<html lang="zh-hans">' in page
    for said in (world.grid.name, GRID, "张网格", 'href="tel:18863100001"', "12345"):
        assert said in page, said
    assert not answer.cookies


def test_it_says_nothing_of_households_colours_or_private_phones(world: World) -> None:
    homes(world)
    User.objects.filter(pk=world["zhang"].pk).update(phone="13811112222")
    page = public().content.decode()
    for secret in ("13811112222", "欧阳", "台上小区", "放心户", "#e53935", "zhang", "户"):
        assert secret not in page, secret


@pytest.mark.parametrize("code", [COMMUNITY, "999", "x", "%00"])
def test_what_is_no_grid_in_use_is_not_found(world: World, code: str) -> None:
    assert public(code).status_code in (400, 404)
    Area.objects.filter(code=GRID).update(is_active=False)
    assert public().status_code == 404


def test_one_address_may_not_ask_on_and_on(world: World, settings: Any) -> None:
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"PUBLIC_PAGES_PER_MINUTE": 3}
    answers = [public(REMOTE_ADDR="10.1.1.1").status_code for _time in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    assert public(REMOTE_ADDR="10.1.1.2").status_code == 200


def test_the_page_is_read_only_and_takes_no_more_queries_with_more_people(world: World) -> None:
    assert Client().post(f"/g/{GRID}").status_code == 405
    public()
    with CaptureQueriesContext(connection) as few:
        public()
    for number in range(10):
        appoint(User.objects.create_user(f"w{number}", full_name=f"员{number}"), Role.GRID_WORKER, world.grid)
    with CaptureQueriesContext(connection) as many:
        public()
    assert len(many) == len(few) <= 4


def test_a_board_knows_nothing_but_what_it_prints() -> None:
    assert set(Board.__dataclass_fields__) == {"code", "name", "place", "leaders", "workers"}
