"""Households from a workbook: checked whole, every bad row named, written in pieces, the same again changes nothing."""

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.urls import reverse
from openpyxl import load_workbook

from bench.household_book import PLANTED, write_book
from core.encryption import lookup_hash
from core.moment import moved_to, now
from grids.actions.appointments import withdraw
from grids.models import Appointment
from households.actions import imports
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
from tests.household_import_scenes import FOREIGN, SPOUSE, VACANT, everybody_at, the_register
from tests.household_scenes import CARD, GRID, HEAD_NAME, NEIGHBOUR, PHONE
from tests.world import World

pytestmark = pytest.mark.django_db


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
