"""Households as a workbook: masked unless permitted, and every export on record exactly once."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import AccessLog
from accounts.roles import Role
from grids.actions.appointments import appoint
from households.actions.imports import BATCH
from households.models import Household
from tests import household_scenes as homely
from tests.admin_scenes import enter, page
from tests.household_books import apply, book, faults, imported, read_book, row, told, upload
from tests.household_scenes import BUILDING_HEAD, CARD, GRID, HEAD_NAME, NEIGHBOUR, OTHER_PHONE, PHONE, SPOUSE_NAME
from tests.world import World

pytestmark = pytest.mark.django_db

PERSONAL = (HEAD_NAME, SPOUSE_NAME, BUILDING_HEAD, PHONE, OTHER_PHONE, CARD, "1990-01-01")


def export(world: World, name: str, expect: int = 200, **said: Any) -> Any:
    answer = world.api(name).post(reverse("household-exports"), {"reason": "入户核对", **said}, format="json")
    assert answer.status_code == expect, answer.content
    if expect != 200:
        return answer.json()
    assert answer["Cache-Control"] == "no-store"
    return read_book(b"".join(answer.streaming_content))


def test_an_export_is_masked_and_on_record_once(world: World) -> None:
    homely.everything(world)
    rows = export(world, "wang", grid=GRID)
    assert [one["姓名"] for one in rows if one["姓名"]] == ["司***", "欧***", "钟***"]
    family = next(one for one in rows if one["姓名"] == "欧***")
    assert (family["证件号码"], family["电话"], family["出生日期"], family["出生年份"]) == (
        "3710************" + CARD[-2:],
        "138****5678",
        None,
        1990,
    )
    text = str(rows)
    assert not [secret for secret in (*PERSONAL, "502", "台上村18号") if secret in text]
    # Nobody learns from an export who is in a special group.
    assert "社区矫正" not in text
    log = AccessLog.objects.get()
    assert (log.actor, log.kind, log.subject, log.count, log.reason, log.fields) == (
        world["wang"],
        "export",
        "households",
        len(rows),
        "入户核对",
        [],
    )
    assert log.asked == {"masked": True, "conditions": {"grid": GRID}}
    assert log.area_path == world.grid.path


def test_who_keeps_a_household_sees_its_door_in_the_export_too(world: World) -> None:
    homely.homes(world)
    rows = export(world, "sun")
    doors = [(one["单元"], one["室"], one["地址"]) for one in rows]
    house = (None, None, "台上村18号")
    # The house without a building stands first or last, as the database orders NULL.
    assert [door for door in doors if door != house] == [("2", room, None) for room in ("10", "502", "502", "601")]
    assert house in (doors[0], doors[-1])
    assert not [secret for secret in PERSONAL if secret in str(rows)]


def test_in_full_only_for_those_who_may_and_the_log_says_so(world: World) -> None:
    homely.homes(world)
    refused = export(world, "sun", 403, full=True)
    assert (refused["code"], AccessLog.objects.count()) == ("forbidden", 0)
    rows = export(world, "li", full=True)
    head = next(one for one in rows if one["姓名"] == HEAD_NAME)
    assert (head["证件号码"], head["电话"], head["室"], head["出生日期"]) == (CARD, PHONE, "502", "1990-01-01")
    log = AccessLog.objects.get()
    assert log.fields == ["birth_date", "document", "door", "name", "phone"]
    assert log.asked == {"masked": False, "conditions": {}}
    assert log.area_path == world.street.path


def test_no_export_without_a_reason_and_none_without_the_right(world: World) -> None:
    homely.homes(world)
    for said in ({"reason": ""}, {"reason": "  "}):
        assert export(world, "sun", 400, **said)["code"] == "invalid"
    for name in ("zhang", "command", "water", "auditor", "sysadmin", "nobody"):
        assert export(world, name, 403)["code"] == "forbidden"
    assert not AccessLog.objects.exists()


def test_an_export_holds_what_the_person_reaches_and_the_conditions_leave(world: World) -> None:
    homely.homes(world)
    assert export(world, "outsider") == []
    assert AccessLog.objects.get().count == 0
    assert {one["居住情况"] for one in export(world, "sun", occupancy=["tenant", "vacant"])} == {"出租", "空置"}
    assert len(export(world, "sun", tag="disabled")) == 2
    assert export(world, "sun", grid=NEIGHBOUR) == []
    assert AccessLog.objects.latest("pk").asked == {"masked": True, "conditions": {"grid": NEIGHBOUR}}
    assert export(world, "sun", 400, occupancy=["castle"])["code"] == "invalid"
    assert AccessLog.objects.count() == 4


def test_what_is_exported_in_full_is_imported_and_changes_nothing(world: World) -> None:
    homely.homes(world)
    appoint(world["li"], Role.COMMUNITY_ADMIN, world.area("371082007032"))
    answer = world.api("li").post(reverse("household-exports"), {"reason": "备份", "full": True}, format="json")
    run = upload(world, b"".join(answer.streaming_content), "li")
    assert faults(world, run, "li") == []
    assert told(apply(world, run, "li")) == (0, 0, 4, 0, 0, 3)


def test_a_masked_export_is_never_imported_over_what_is_known(world: World) -> None:
    homely.homes(world)
    answer = world.api("sun").post(reverse("household-exports"), {"reason": "核对"}, format="json")
    run = upload(world, b"".join(answer.streaming_content))
    found = faults(world, run)
    assert [(column, code) for _row, column, code in found] == [("姓名", "masked_value")] * 3
    assert told(run)[4] == 0


def test_no_more_than_may_be_and_not_too_often(world: World, settings: Any) -> None:
    homely.homes(world)
    settings.GRIDWHISTLE = {**settings.GRIDWHISTLE, "EXPORT_MAX_HOUSEHOLDS": 3, "EXPORTS_PER_HOUR": 1}
    assert export(world, "sun", 400)["code"] == "export_too_large"
    assert not AccessLog.objects.exists()
    export(world, "sun", occupancy=["vacant"])
    assert export(world, "sun", 429, occupancy=["vacant"])["code"] == "throttled"
    assert AccessLog.objects.count() == 1


def test_texts_that_begin_like_formulas_stay_texts(world: World) -> None:
    imported(world, row(党员身份="党员中心户"))
    home = Household.objects.get()
    home.residents.update(party_role="=1+1")
    assert export(world, "sun")[0]["党员身份"] == "=1+1"


def test_the_command_exports_however_many_and_logs_the_same(world: World, tmp_path: Path, settings: Any) -> None:
    settings.GRIDWHISTLE = {**settings.GRIDWHISTLE, "EXPORT_MAX_HOUSEHOLDS": 1}
    homely.homes(world)
    file, out = tmp_path / "households.xlsx", io.StringIO()
    with pytest.raises(CommandError):
        call_command("export_households", str(file), "--as", "sun", "--reason", "备份", "--full")
    assert list(tmp_path.iterdir()) == []
    call_command("export_households", str(file), "--as", "li", "--reason", "备份", "--full", "--grid", GRID, stdout=out)
    rows = read_book(file.read_bytes())
    assert out.getvalue() == f"{len(rows)} rows\n"
    assert HEAD_NAME in str(rows)
    log = AccessLog.objects.get()
    assert (log.actor, log.count, log.asked) == (
        world["li"],
        len(rows),
        {"masked": False, "conditions": {"grid": GRID}},
    )
    assert file.stat().st_mode & 0o077 == 0


def test_an_export_in_batches_leaves_nothing_out(world: World) -> None:
    doors = [(unit, room) for unit in range(1, 11) for room in range(101, 141)]
    run = upload(world, book(*(row(单元=unit, 室=room, 姓名=f"户{unit}的{room}") for unit, room in doors)))
    assert len(doors) > BATCH
    apply(world, run)
    rows = export(world, "sun")
    assert [(int(one["单元"]), int(one["室"])) for one in rows] == doors


def test_a_desk_exports_from_the_list_with_a_reason(world: World) -> None:
    homely.homes(world)
    client, url = enter(world, "wang"), page("households_household_export_page")
    assert client.get(url).status_code == 200
    assert list(client.post(url, {"area": GRID}).context["form"].errors) == ["reason"]
    unknown = client.post(url, {"area": "no-such", "reason": "核对"})
    assert list(unknown.context["form"].errors) == ["area"]
    refused = client.post(url, {"reason": "核对", "full": "on"})
    assert list(refused.context["form"].errors) == ["full"]
    assert not AccessLog.objects.exists()
    answer = client.post(url, {"area": GRID, "occupancy": ["tenant"], "reason": "核对"})
    rows = read_book(b"".join(answer.streaming_content))
    assert [one["姓名"] for one in rows] == ["司***"]
    log = AccessLog.objects.get()
    assert log.asked == {"masked": True, "conditions": {"grid": GRID, "occupancy": ["tenant"]}}
    assert enter(world, "sysadmin").get(url).status_code == 403
