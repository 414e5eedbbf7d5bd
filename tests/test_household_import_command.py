"""The command that imports households: faults named, written, gone on with."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.urls import reverse

from bench.household_book import write_book
from core.moment import moved_to, now
from households.actions import imports
from households.models import Household, ImportRun
from tests.household_books import book, row, upload
from tests.household_import_scenes import FOREIGN
from tests.household_scenes import CARD, GRID
from tests.world import World

pytestmark = pytest.mark.django_db


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
