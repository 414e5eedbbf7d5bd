"""Workbooks of households for tests: rows by column, sent and applied over HTTP as the community's admin."""

import io
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.urls import reverse
from openpyxl import load_workbook

from core.workbooks import write_rows
from households.sheet import COLUMNS, SHEET
from tests.household_scenes import GRID
from tests.world import World

TITLES = [column.title for column in COLUMNS if column.read is not None]
DOOR = {"网格": GRID, "小区": "台上小区", "楼栋": "3号楼", "单元": "2", "室": "502", "居住情况": "自住"}


def row(**said: Any) -> dict[str, Any]:
    """The head of the household in 2单元502室, but for what is said."""
    return {**DOOR, "姓名": "欧阳修远", "与户主关系": "户主", **said}


def book(*rows: dict[str, Any], titles: Iterable[str] = TITLES) -> bytes:
    heads = list(titles)
    return write_rows(SHEET, heads, [[one.get(title) for title in heads] for one in rows])


def upload(world: World, data: bytes, name: str = "sun", expect: int = 201, pk: Any = None) -> dict[str, Any]:
    path = reverse("household-import", args=[pk or uuid4()])
    answer = world.api(name).put(path, data, content_type="application/octet-stream")
    assert answer.status_code == expect, (answer.status_code, answer.content.decode())
    return answer.json()


def apply(world: World, run: dict[str, Any], name: str = "sun", expect: int = 200, **said: Any) -> dict[str, Any]:
    answer = world.api(name).post(reverse("household-import-apply", args=[run["id"]]), said, format="json")
    assert answer.status_code == expect, (answer.status_code, answer.content.decode())
    return answer.json()


def faults(world: World, run: dict[str, Any], name: str = "sun") -> list[tuple[int, str, str]]:
    found: list[tuple[int, str, str]] = []
    path: Any = reverse("household-import-faults", args=[run["id"]]) + "?page_size=100"
    while path:
        answer = world.api(name).get(path).json()
        found += [(one["row"], one["column"], one["code"]) for one in answer["results"]]
        path = answer["next"]
    return found


def imported(world: World, *rows: dict[str, Any]) -> dict[str, Any]:
    """Sent, found clean, and applied."""
    run = upload(world, book(*rows))
    assert not run["fault_count"], faults(world, run)
    return apply(world, run)


def told(run: dict[str, Any]) -> tuple[int, ...]:
    """New, changed and unchanged households, then residents."""
    names = [f"{what}_{how}" for what in ("households", "residents") for how in ("new", "changed", "same")]
    return tuple(run[name] for name in names)


def read_book(data: bytes) -> list[dict[str, Any]]:
    sheet: Any = load_workbook(io.BytesIO(data)).worksheets[0]
    heads, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(heads, one, strict=True)) for one in rows]
