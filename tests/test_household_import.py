"""Households from a workbook: checked whole, every bad row named, written in pieces, the same again changes nothing."""

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.urls import reverse
from openpyxl import load_workbook

from accounts.roles import Role
from bench.household_book import PLANTED, write_book
from core.encryption import lookup_hash
from core.moment import moved_to, now
from grids.actions.appointments import appoint, withdraw
from grids.models import Appointment
from households.actions import imports
from households.actions.imports import discard_old
from households.import_worker import work_once
from households.models import (
    Building,
    CareMark,
    Household,
    HouseholdEvent,
    ImportFault,
    ImportPiece,
    ImportRun,
    Resident,
)
from households.sheet import COLUMNS, KINDS, NOTES, OCCUPANCIES, RELATIONS, SEXES, SHEET
from tests.household_books import TITLES, apply, book, faults, imported, row, told, upload
from tests.household_scenes import CARD, GRID, HEAD_NAME, NEIGHBOUR, PHONE, card, homes
from tests.test_admin import enter, page
from tests.world import World

pytestmark = pytest.mark.django_db

FOREIGN = "371082900001001"
OTHER_CARD = card("19920202", 124)
SPOUSE = row(姓名="钟离春华", 与户主关系="配偶")
VACANT = row(居住情况="空置", 姓名="", 与户主关系="")


def everybody_at(door: str = "502") -> list[tuple[Any, ...]]:
    rows = Resident.objects.filter(household__ended_at__isnull=True, moved_out__isnull=True)
    return sorted((one.name, one.relation, one.doc_number, one.phone) for one in rows if one.household.room == door)


def the_register() -> dict[tuple[str, ...], tuple[Any, ...]]:
    """All that the import writes, by door."""
    found: dict[tuple[str, ...], tuple[Any, ...]] = {}
    for one in Household.objects.select_related("grid", "building"):
        marks = {mark.resident_id: mark.tag.name for mark in one.marks.select_related("tag").order_by("tag__name")}
        people = [
            (
                who.name,
                who.relation,
                who.doc_number,
                who.phone,
                who.sex,
                who.party_member,
                who.moved_in,
                marks.get(who.pk),
            )
            for who in one.residents.all()
        ]
        door = (one.grid.code, str(one.building), one.unit, one.room)
        found[door] = (one.occupancy, one.kind, sorted(people, key=str))
    return found


@pytest.fixture
def large(settings: Any) -> None:
    """Every workbook is too large to be worked on within the request."""
    settings.GRIDWHISTLE = {**settings.GRIDWHISTLE, "IMPORT_AT_ONCE_BYTES": 0}


# -- the template -------------------------------------------------------------------------------------------------


def test_the_template_has_the_columns_and_explains_each(world: World) -> None:
    answer = world.api("sun").get(reverse("household-import-template"))
    filled = load_workbook(io.BytesIO(answer.content))
    assert filled.sheetnames == [SHEET, NOTES]
    heads = [str(cell.value).rstrip("*") for cell in filled[SHEET][1]]
    assert heads == TITLES
    notes = {cells[0]: cells for cells in filled[NOTES].iter_rows(values_only=True) if cells[0]}
    for column in COLUMNS:
        if column.read is not None:
            assert column.title in notes
    assert "儿媳或女婿" in notes["与户主关系"][3]
    assert "独居老人" in notes["个人标签"][3]
    # A card number entered here stays one.
    assert filled[SHEET].column_dimensions["N"].number_format == "@"


def test_the_empty_template_imports_nothing_and_its_examples_import_clean(world: World) -> None:
    data = world.api("sun").get(reverse("household-import-template")).content
    empty = upload(world, data)
    assert (empty["rows"], empty["fault_count"], empty["state"]) == (0, 0, "checked")
    notes = load_workbook(io.BytesIO(data))[NOTES]
    rows = list(notes.iter_rows(values_only=True))
    head = next(number for number, cells in enumerate(rows) if list(cells[: len(TITLES)]) == TITLES)
    examples = [dict(zip(TITLES, cells, strict=False)) for cells in rows[head + 1 :]]
    assert len(examples) == 4
    assert told(imported(world, *examples)) == (3, 0, 0, 3, 0, 0)


# -- checked, then written ----------------------------------------------------------------------------------------


def test_a_workbook_is_checked_first_and_written_when_the_person_says_so(world: World) -> None:
    rows = [
        row(证件号码=CARD, 电话=PHONE, 个人标签="残疾人", 户标签="低保或困难家庭"),
        row(姓名="钟离春华", 与户主关系="妻子"),
    ]
    run = upload(world, book(*rows))
    assert (run["state"], run["rows"], run["buildings_new"]) == ("checked", 2, 1)
    assert told(run) == (1, 0, 0, 2, 0, 0)
    assert not Household.objects.exists()
    assert not Building.objects.exists()
    done = apply(world, run)
    assert (done["state"], done["finished_at"] is not None) == ("done", True)
    assert told(done) == (1, 0, 0, 2, 0, 0)
    assert everybody_at() == [("欧阳修远", "head", CARD, PHONE), ("钟离春华", "spouse", "", "")]
    # Applying it once more writes nothing.
    assert apply(world, run) == done
    assert Household.objects.count() == 1


def test_what_is_written_obeys_the_rules_of_the_register(world: World) -> None:
    imported(world, row(证件号码=CARD, 电话=f"+86 {PHONE}", 个人标签="残疾人"), SPOUSE)
    home = Household.objects.select_related("building").get()
    assert (home.version, home.created_by, home.community, home.kind) == (
        1,
        world["sun"],
        world.area("371082007032"),
        "family",
    )
    assert home.code.startswith("H")
    head = Resident.objects.get(relation="head")
    assert (head.sex, head.birth_year, head.birth_date) == ("male", 1990, "1990-01-01")
    assert head.phone_hash == lookup_hash(PHONE)
    assert CareMark.objects.get().resident == head
    events = list(HouseholdEvent.objects.order_by("pk"))
    assert [one.kind for one in events] == ["create", "add_resident", "add_resident"]
    assert {(one.actor, one.actor_role) for one in events} == {(world["sun"], "community_admin")}
    assert events[1].data == {"relation": "head", "tags_added": ["disabled"], "tags_removed": []}
    found = world.api("sun").post(reverse("households-lookup"), {"phone": PHONE}, format="json").json()
    assert [one["door"] for one in found] == ["2单元502室"]
    # A building made by an import is in the audit trail like any other.
    assert str(home.building) == "台上小区3号楼"


def test_nothing_personal_is_plain_in_the_tables(world: World) -> None:
    # A number of three digits could be part of any hash.
    room = "天字壹"
    run = upload(world, book(row(室=room, 证件号码=CARD, 电话=PHONE), {**SPOUSE, "室": room, "证件号码": "3710821990"}))
    apply(world, run, take_good_rows=True)
    held = upload(world, book(row(室=room, 证件号码=CARD, 电话=PHONE)))
    assert ImportPiece.objects.filter(run=held["id"]).exists()
    for model in (Household, Resident, HouseholdEvent, ImportRun, ImportPiece, ImportFault):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            text = str(cursor.fetchall())
        assert not [secret for secret in (CARD, PHONE, HEAD_NAME, "钟离春华", room, "3710821990") if secret in text]


def test_the_same_file_again_changes_nothing_and_says_so(world: World) -> None:
    rows = [
        row(证件号码=CARD, 个人标签="残疾人"),
        SPOUSE,
        {**VACANT, "室": "601"},
    ]
    imported(world, *rows)
    before, steps = the_register(), HouseholdEvent.objects.count()
    run = upload(world, book(*rows))
    assert (told(run), run["buildings_new"]) == ((0, 0, 2, 0, 0, 2), 0)
    assert told(apply(world, run)) == (0, 0, 2, 0, 0, 2)
    assert (the_register(), HouseholdEvent.objects.count()) == (before, steps)
    assert set(Household.objects.values_list("version", flat=True)) == {1}


def test_with_one_bad_row_nothing_is_written_unless_the_good_ones_are_taken(world: World) -> None:
    run = upload(world, book(row(证件号码=CARD), {**SPOUSE, "证件号码": "123"}))
    assert faults(world, run) == [(3, "证件号码", "id_length")]
    refused = apply(world, run, expect=409)
    assert refused["code"] == "import_has_faults"
    assert not Household.objects.exists()
    done = apply(world, run, take_good_rows=True)
    assert (done["state"], done["fault_count"], told(done)) == ("done", 1, (1, 0, 0, 1, 0, 0))
    assert [one[0] for one in everybody_at()] == ["欧阳修远"]


@pytest.mark.parametrize("name", PLANTED)
def test_every_kind_of_fault_is_planted_and_found(world: World, tmp_path: Path, name: str) -> None:
    kinds = list(PLANTED)
    file = tmp_path / "faults.xlsx"
    made = write_book(file, grids=[GRID], foreign=FOREIGN, households=60, faults=len(kinds), seed=kinds.index(name))
    run = upload(world, file.read_bytes())
    assert faults(world, run) == made.faults
    assert {code for _row, _column, code in made.faults} >= {PLANTED[name][2]}


def test_of_two_thousand_rows_all_faults_are_named_and_the_rest_is_right_twice(
    world: World, tmp_path: Path, large: None
) -> None:
    spoiled = tmp_path / "spoiled.xlsx"
    made = write_book(spoiled, grids=[GRID, NEIGHBOUR], foreign=FOREIGN, households=800, faults=60)
    run = upload(world, spoiled.read_bytes())
    assert run["state"] == "waiting"
    assert work_once()
    run = world.api("sun").get(reverse("household-import", args=[run["id"]])).json()
    assert (run["state"], run["rows"], run["position"]) == ("checked", made.rows, made.rows)
    assert faults(world, run) == made.faults
    assert told(run) == (800, 0, 0, made.residents, 0, 0)
    assert apply(world, run, take_good_rows=True)["state"] == "applying"
    assert work_once()
    assert not work_once()
    assert Household.objects.count() == 800
    assert Resident.objects.count() == made.residents
    assert Building.objects.count() == made.buildings
    assert HouseholdEvent.objects.count() == 800 + made.residents
    assert the_register() == said_by_sheet(spoiled, {row for row, _column, _code in made.faults})
    again = upload(world, spoiled.read_bytes())
    work_once()
    again = world.api("sun").get(reverse("household-import", args=[again["id"]])).json()
    assert told(again) == (0, 0, 800, 0, 0, made.residents)
    assert faults(world, again) == made.faults


def said_by_sheet(file: Path, bad: set[int]) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """What the good rows of a generated sheet say, in the shape of `the_register`, read by another library."""
    heads, *rows = load_workbook(file).worksheets[0].iter_rows(values_only=True)
    found: dict[tuple[str, ...], tuple[Any, ...]] = {}
    for number, cells in enumerate(rows, 2):
        if number in bad:
            continue
        one = dict(zip(heads, cells, strict=True))
        door = (one["网格"], one["小区"] + one["楼栋"], one["单元"].removesuffix("单元"), one["室"].removesuffix("室"))
        home = found.setdefault(door, (OCCUPANCIES[one["居住情况"]], KINDS[one["户类型"]], []))
        if one["姓名"]:
            tags = (one["个人标签"] or "").split("、")
            home[2].append(
                (
                    *(one["姓名"], RELATIONS[one["与户主关系"]], one["证件号码"], one["电话"], SEXES[one["性别"]]),
                    *(one["党员"] == "是", date.fromisoformat(one["迁入日期"]), sorted(tags)[-1] or None),
                )
            )
    return {door: (occupancy, kind, sorted(people, key=str)) for door, (occupancy, kind, people) in found.items()}


# -- what an import changes ---------------------------------------------------------------------------------------


def test_a_changed_phone_is_one_change_with_a_history_that_tells_no_number(world: World) -> None:
    imported(world, row(证件号码=CARD, 电话=PHONE), SPOUSE)
    done = imported(world, row(证件号码=CARD, 电话="13700001111"), SPOUSE)
    assert told(done) == (0, 0, 1, 0, 1, 1)
    event = HouseholdEvent.objects.latest("pk")
    assert (event.kind, event.data) == ("edit_resident", {"fields": ["phone"]})
    head = Resident.objects.get(relation="head")
    assert (head.phone, head.phone_hash, head.version) == ("13700001111", lookup_hash("13700001111"), 2)


def test_empty_cells_and_missing_columns_leave_what_is_stored(world: World) -> None:
    imported(
        world,
        row(证件号码=CARD, 电话=PHONE, 党员="是", 个人标签="残疾人", 户类型="合租户"),
        SPOUSE,
    )
    before = the_register()
    few = ["网格", "小区", "楼栋", "单元", "室", "居住情况", "姓名", "与户主关系"]
    run = upload(world, book(row(居住情况="", 与户主关系=""), titles=few))
    assert told(apply(world, run)) == (0, 0, 1, 0, 0, 1)
    # Who is not in the file still lives there.
    assert the_register() == before


def test_a_number_is_filled_in_for_one_known_by_name(world: World) -> None:
    imported(world, row())
    assert told(imported(world, row(证件号码=CARD))) == (0, 0, 1, 0, 1, 0)
    # Another number is another person.
    second = row(证件号码=OTHER_CARD, 与户主关系="其他亲属")
    assert told(imported(world, second)) == (0, 0, 1, 1, 0, 0)
    assert Household.objects.get().version == 2


def test_namesakes_without_a_number_are_not_told_apart(world: World) -> None:
    run = upload(world, book(row(), row(与户主关系="子女"), row(与户主关系="子女", 证件号码=CARD)))
    assert faults(world, run) == [(3, "姓名", "resident_twice"), (4, "姓名", "resident_twice")]
    imported(world, row(证件号码=CARD))
    imported(world, row(证件号码=OTHER_CARD, 与户主关系="子女"))
    run = upload(world, book(row(与户主关系="", 电话=PHONE)))
    assert faults(world, run) == [(2, "姓名", "resident_unclear")]


def test_a_household_has_one_head_whoever_is_in_the_file(world: World) -> None:
    imported(world, row(证件号码=CARD), SPOUSE)
    run = upload(world, book(row(姓名="钟离春华")))
    assert faults(world, run) == [(2, "与户主关系", "head_taken")]
    # The head hands over when the file says both.
    done = imported(world, row(证件号码=CARD, 与户主关系="配偶"), row(姓名="钟离春华", 与户主关系="户主"))
    assert told(done) == (0, 0, 1, 0, 2, 0)
    assert Resident.objects.get(relation="head").name == "钟离春华"


def test_somebody_comes_to_live_in_a_vacant_dwelling_and_nobody_is_left_in_one(world: World) -> None:
    imported(world, VACANT)
    assert faults(world, upload(world, book(row(居住情况="空置")))) == [(2, "居住情况", "vacant_dwelling")]
    assert faults(world, upload(world, book(row(居住情况="")))) == [(2, "居住情况", "vacant_dwelling")]
    assert told(imported(world, row(居住情况="出租"))) == (0, 1, 0, 1, 0, 0)
    home = Household.objects.get()
    assert (home.occupancy, home.version) == ("tenant", 2)
    assert faults(world, upload(world, book(VACANT))) == [(2, "居住情况", "not_vacant")]


def test_houses_without_a_building_are_found_by_their_address(world: World) -> None:
    door = {"小区": "台上村", "楼栋": "", "单元": "", "室": "", "地址": "18号"}
    imported(world, row(**door))
    assert Household.objects.get().address == "台上村18号"
    assert told(imported(world, row(**{**door, "小区": "", "地址": "台上村 18 号"}))) == (0, 0, 1, 0, 0, 1)


def test_doors_are_written_in_many_ways_and_are_one(world: World) -> None:
    imported(world, row())
    for said in ({"楼栋": "3"}, {"楼栋": "3#"}, {"单元": 2, "室": 502}, {"室": "502室", "单元": "2单元"}):
        assert told(imported(world, row(**said))) == (0, 0, 1, 0, 0, 1), said
    assert Building.objects.count() == 1


def test_a_grid_is_named_by_code_or_name_and_a_foreign_one_is_a_bad_row(world: World) -> None:
    name = world.area(GRID).name
    run = upload(world, book(row(网格=name), row(室="601", 网格=FOREIGN), row(室="602", 网格="不存在")))
    assert faults(world, run) == [(3, "网格", "foreign_grid"), (4, "网格", "unknown_grid")]
    assert apply(world, run, take_good_rows=True)["households_new"] == 1
    # Wang sees the whole street and imports nowhere.
    assert upload(world, book(row()), "wang", expect=403)["code"] == "forbidden"


def test_a_number_of_a_household_is_taken_once(world: World) -> None:
    imported(world, row(户编号="TS-1"))
    run = upload(
        world,
        book(
            row(户编号="TS-2"), row(室="601", 户编号="TS-1"), row(室="602", 户编号="TS-9"), row(室="603", 户编号="TS-9")
        ),
    )
    assert faults(world, run) == [
        (2, "户编号", "code_differs"),
        (3, "户编号", "code_in_use"),
        (5, "户编号", "code_in_use"),
    ]


def test_tags_that_are_said_are_the_tags(world: World) -> None:
    imported(world, row(个人标签="残疾人、独居老人", 户标签="低保或困难家庭"))
    assert told(imported(world, row(个人标签="独居老人", 户标签="失独家庭"))) == (0, 1, 0, 0, 1, 0)
    assert sorted(CareMark.objects.values_list("tag__code", flat=True)) == ["bereaved", "living_alone"]
    assert HouseholdEvent.objects.filter(kind="edit").get().data["tags_removed"] == ["low_income"]


def test_what_was_registered_since_the_check_is_met_and_not_doubled(world: World) -> None:
    run = upload(world, book(row(证件号码=CARD), SPOUSE))
    homes(world)
    assert Household.objects.filter(ended_at__isnull=True).count() == 4
    done = apply(world, run)
    # The family of the scene lives there: its spouse is known by name.
    assert told(done)[0] == 0
    assert Household.objects.filter(ended_at__isnull=True).count() == 4


def test_a_row_that_went_bad_since_the_check_is_left_out_and_named(world: World) -> None:
    run = upload(world, book(row(姓名="新户主"), SPOUSE))
    assert run["fault_count"] == 0
    homes(world)
    done = apply(world, run)
    assert (done["state"], done["fault_count"]) == ("done", 1)
    assert faults(world, run) == [(2, "与户主关系", "head_taken")]


# -- breaking off, going on ---------------------------------------------------------------------------------------


def test_an_import_that_breaks_off_goes_on_behind_what_stands(
    world: World, tmp_path: Path, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "book.xlsx"
    made = write_book(file, grids=[GRID], foreign=FOREIGN, households=400, faults=5)
    run = upload(world, file.read_bytes())
    work_once()
    apply(world, run, take_good_rows=True)
    save, calls = imports.save_plan, []

    def away(plan: Any) -> None:
        calls.append(plan)
        if len(calls) == 3:
            raise OperationalError("the database is away")
        save(plan)

    monkeypatch.setattr(imports, "save_plan", away)
    with pytest.raises(OperationalError):
        work_once()
    half = ImportRun.objects.get(pk=run["id"])
    there = Household.objects.count()
    assert 0 < there < 400
    assert (half.state, half.households_new) == ("applying", there)
    assert 0 < half.position < made.rows
    # Somebody may still be at it, until the lease is over.
    assert not work_once()
    with moved_to(now() + imports.LEASE + timedelta(seconds=1)):
        assert work_once()
    done = ImportRun.objects.get(pk=run["id"])
    assert (done.state, done.households_new, done.residents_new) == ("done", 400, made.residents)
    assert Household.objects.count() == 400
    assert Resident.objects.count() == made.residents
    # What stood was not looked at again.
    assert len(calls) < 2 * len(range(0, made.rows, imports.BATCH)) + 1


def test_an_unforeseen_error_ends_the_import_as_failed(
    world: World, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = upload(world, book(row()))
    monkeypatch.setattr(imports.Planner, "plan", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        work_once()
    failed = ImportRun.objects.get(pk=run["id"])
    assert (failed.state, failed.failure, failed.pieces.count()) == ("failed", "internal", 0)
    assert not work_once()


def test_one_who_lost_the_right_since_the_check_writes_nothing(world: World, large: None) -> None:
    run = upload(world, book(row()))
    work_once()
    apply(world, run)
    withdraw(Appointment.objects.get(user=world["sun"]))
    assert work_once()
    done = ImportRun.objects.get(pk=run["id"])
    assert (done.state, done.fault_count) == ("done", 1)
    assert not Household.objects.exists()


def test_too_many_faults_are_the_wrong_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST_FAULTS", 3)
    run = upload(world, book(*(row(电话="无", 室=str(number)) for number in range(5))))
    assert (run["cut"], run["state"]) == (True, "checked")
    assert apply(world, run, expect=409, take_good_rows=True)["code"] == "import_cut"


# -- the file and who may -----------------------------------------------------------------------------------------


def test_the_file_is_kept_encrypted_until_it_is_applied_or_discarded(world: World) -> None:
    run = upload(world, book(row()))
    assert ImportPiece.objects.filter(run=run["id"]).count() == 1
    apply(world, run)
    assert not ImportPiece.objects.exists()
    other = upload(world, book(row(), row(室="601", 姓名="赵六")))
    path = reverse("household-import-discard", args=[other["id"]])
    for _twice in range(2):
        answer = world.api("sun").post(path)
        assert (answer.status_code, answer.json()["state"]) == (200, "discarded")
    assert not ImportPiece.objects.exists()
    assert apply(world, other, expect=409)["code"] == "import_over"
    assert world.api("sun").post(reverse("household-import-discard", args=[run["id"]])).json()["code"] == "import_over"


def test_what_nobody_applies_is_let_go_after_a_day(world: World) -> None:
    run = upload(world, book(row()))
    assert discard_old() == 0
    with moved_to(now() + timedelta(hours=25)):
        assert discard_old() == 1
    assert ImportRun.objects.get(pk=run["id"]).state == "discarded"
    assert not ImportPiece.objects.exists()


def test_sending_it_twice_is_one_import_and_another_file_another(world: World) -> None:
    pk = uuid4()
    first = upload(world, book(row()), pk=pk)
    assert upload(world, book(row()), expect=200, pk=pk) == first
    assert upload(world, book(row(室="601")), expect=409, pk=pk)["code"] == "import_differs"
    assert ImportRun.objects.count() == 1


def test_an_import_is_its_makers_own(world: World) -> None:
    run = upload(world, book(row()))
    appoint(world["zhao"], Role.COMMUNITY_ADMIN, world.area("371082007032"))
    assert upload(world, book(row()), "zhao", expect=409, pk=run["id"])["code"] == "import_differs"
    for name in ("zhao", "wang", "root", "outsider"):
        assert world.api(name).get(reverse("household-import", args=[run["id"]])).status_code == 404
        assert world.api(name).get(reverse("household-import-faults", args=[run["id"]])).status_code == 404
        assert not world.api(name).get(reverse("household-imports-list")).json()["results"]
    listed = world.api("sun").get(reverse("household-imports-list")).json()["results"]
    assert [one["id"] for one in listed] == [run["id"]]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable_workbook"),
        (b"PK\x03\x04 not really", "unreadable_workbook"),
        (book(titles=["网格", "姓名"]), "sheet_columns"),
        (book(titles=[*TITLES, "网格"]), "sheet_columns"),
        (book(titles=[*TITLES, "职业"]), "sheet_unknown_columns"),
    ],
    ids=["nothing", "no workbook", "too few", "twice", "unknown"],
)
def test_a_file_of_another_kind_is_refused_at_once(world: World, data: bytes, code: str) -> None:
    assert upload(world, data, expect=400)["code"] == code
    assert not ImportRun.objects.exists()


def test_a_file_beyond_the_bound_is_refused(world: World, settings: Any) -> None:
    settings.GRIDWHISTLE = {**settings.GRIDWHISTLE, "IMPORT_MAX_BYTES": 1000}
    assert upload(world, book(row()), expect=413)["code"] == "body_too_large"


# -- the command --------------------------------------------------------------------------------------------------


def run_command(file: Path, *arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("import_households", str(file), "--as", "sun", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_names_faults_writes_and_repeats(world: World, tmp_path: Path) -> None:
    file = tmp_path / "book.xlsx"
    file.write_bytes(book(row(证件号码=CARD), row(姓名="钟离春华", 与户主关系="邻居")))
    out, err = run_command(file, "--dry-run")
    assert "1 would be created" in out
    assert err.startswith("3 与户主关系 cell_word ")
    with pytest.raises(CommandError, match="nothing was written"):
        run_command(file)
    assert not Household.objects.exists()
    out, _err = run_command(file, "--take-good-rows")
    assert "households: 1 created, 0 changed, 0 as they were" in out
    out, _err = run_command(file, "--take-good-rows")
    assert "households: 0 created, 0 changed, 1 as they were" in out
    assert not ImportRun.objects.filter(claim__gt="").exists()


def test_the_command_goes_on_with_a_file_that_was_broken_off(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "book.xlsx"
    write_book(file, grids=[GRID], foreign=FOREIGN, households=400)
    save, calls = imports.save_plan, []

    def away(plan: Any) -> None:
        calls.append(plan)
        if len(calls) == 2:
            raise OperationalError("the database is away")
        save(plan)

    monkeypatch.setattr(imports, "save_plan", away)
    with pytest.raises(OperationalError):
        run_command(file)
    with pytest.raises(CommandError, match="another process"):
        run_command(file)
    with moved_to(now() + imports.LEASE + timedelta(seconds=1)):
        out, _err = run_command(file)
    assert "400 created" in out
    assert Household.objects.count() == 400
    assert ImportRun.objects.count() == 1


def test_the_command_wants_one_who_may(world: World, tmp_path: Path) -> None:
    file = tmp_path / "book.xlsx"
    file.write_bytes(book(row()))
    for name in ("wang", "no-such"):
        with pytest.raises(CommandError):
            call_command("import_households", str(file), "--as", name)
    with pytest.raises(CommandError):
        call_command("import_households", str(tmp_path / "none.xlsx"), "--as", "sun")


def test_a_dry_run_of_a_door_apart_names_where_it_began(world: World) -> None:
    run = upload(world, book(row(), row(室="601", 姓名="赵六"), row(姓名="钱七", 与户主关系="子女")))
    answer = world.api("sun").get(reverse("household-import-faults", args=[run["id"]])).json()["results"]
    assert [(one["row"], one["column"], one["code"]) for one in answer] == [(4, "室", "door_apart")]
    assert "2" in answer[0]["message"]


# -- the administration -------------------------------------------------------------------------------------------


def test_a_desk_sends_a_workbook_reads_its_faults_and_takes_the_good_rows(world: World) -> None:
    client = enter(world, "sun")
    assert client.get(page("households_importrun_template_page")).status_code == 200
    url = page("households_importrun_upload_page")
    assert client.get(url).status_code == 200
    refused = client.post(url, {"file": io.BytesIO(b"no workbook")})
    assert list(refused.context["form"].errors) == ["file"]
    file = io.BytesIO(book(row(证件号码=CARD), {**SPOUSE, "证件号码": "123"}))
    file.name = "台上社区.xlsx"
    sent = client.post(url, {"file": file})
    run = ImportRun.objects.get()
    assert sent.status_code == 302
    assert sent["Location"] == page("households_importrun_change", run.pk)
    text = client.get(sent["Location"]).content.decode()
    assert "该证件号码应为" in text or "17" in text
    assert "证件号码" in text
    # With faults there is no plain writing, only the choice to leave them out.
    assert client.post(page("households_importrun_apply_page", run.pk)).status_code == 403
    assert client.post(page("households_importrun_good_rows_page", run.pk)).status_code == 302
    assert [one[0] for one in everybody_at()] == ["欧阳修远"]
    listed = client.get(page("households_importrun_changelist")).content.decode()
    assert "台上社区.xlsx" in listed
    assert client.post(page("households_importrun_discard_page", run.pk)).status_code == 403


def test_a_desk_discards_and_writes(world: World) -> None:
    client = enter(world, "sun")
    first, second = upload(world, book(row())), upload(world, book(row(室="601")))
    assert client.post(page("households_importrun_discard_page", first["id"])).status_code == 302
    assert client.get(page("households_importrun_apply_page", second["id"])).status_code == 200
    assert client.post(page("households_importrun_apply_page", second["id"])).status_code == 302
    assert [one.room for one in Household.objects.all()] == ["601"]


@pytest.mark.parametrize("name", ["wang", "outsider", "sysadmin"])
def test_who_may_not_import_finds_no_page_for_it(world: World, name: str) -> None:
    run = upload(world, book(row()))
    client = enter(world, name)
    for url in (
        page("households_importrun_changelist"),
        page("households_importrun_upload_page"),
        page("households_importrun_template_page"),
        page("households_importrun_change", run["id"]),
        page("households_importrun_apply_page", run["id"]),
    ):
        assert client.get(url).status_code in (403, 404), url
    assert client.post(page("households_importrun_upload_page"), {}).status_code == 403
