"""The auditors' list: who saw whom, who came in, whose rights changed; and that nobody can touch it."""

from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from axes.models import AccessFailureLog
from axes.models import AccessLog as LogIn
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.access import record_access
from accounts.models import AccessLog, User
from accounts.roles import Role
from core.moment import moved_to, now
from grids.actions.appointments import appoint
from grids.models import Area
from households.actions.moving import move_out
from privacy.actions.erasing import erase
from privacy.audit import Asked, page
from reports.calendar import local_date
from tests.admin_scenes import enter
from tests.household_scenes import GRID, homes
from tests.test_log_in import knock
from tests.world import PASSWORD, World, post, submit

pytestmark = pytest.mark.django_db
PAGE = "admin:accounts_accesslog_changelist"


def audit(world: World, name: str = "auditor", expect: int = 200, **query: Any) -> Any:
    answer = world.api(name).get("/api/v1/audit", query)
    assert answer.status_code == expect, answer.content
    return answer.json()["results"] if expect == 200 else answer.json()


def kinds(rows: list[dict[str, Any]]) -> list[str]:
    return [row["kind"] for row in rows]


def a_busy_morning(world: World) -> Any:
    """One of each kind, in this order."""
    at = homes(world)
    post(world, "zhang", f"households/{at.family}/residents/{at.head}/reveal", what=["phone"], reason="走访")
    post(world, "zhang", "households/lookup", phone="13812345678")
    record_access(
        world["sun"], "export", "household", "list", fields=["door"], count=3, area_path=world.area("371082007032").path
    )
    knock("zhang")
    knock("zhang", password="wrong")
    data = {"user": world["nobody"].pk, "role": "grid_worker", "area": world.grid.pk}
    assert enter(world, "security").post(reverse("admin:grids_appointment_add"), data).status_code == 302
    return at


def test_looks_log_ins_and_changes_of_rights_are_one_list_newest_first(world: World) -> None:
    at = a_busy_morning(world)
    rows = audit(world)
    # The security admin came in to appoint.
    assert kinds(rows)[:7] == ["appointed", "log_in", "log_in_failed", "log_in", "export", "lookup", "reveal"]
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
    made, _entered, failed, came, _out, _found, seen = rows[:7]
    assert (seen["actor"], seen["subject"], seen["subject_id"]) == (
        {"username": "zhang", "name": "张网格"},
        "resident",
        str(at.head),
    )
    assert (seen["what"], seen["reason"], seen["count"]) == (["phone"], "走访", 1)
    assert (came["actor"]["username"], came["address"], failed["actor"]["username"]) == ("zhang", "10.0.0.1", "zhang")
    assert (made["actor"]["username"], made["subject"]) == ("security", "appointment")
    assert "无岗人员" in made["text"]


def test_it_is_narrowed_by_who_whom_kind_and_time(world: World) -> None:
    before = now()
    at = a_busy_morning(world)
    assert kinds(audit(world, who="zhang")) == ["log_in_failed", "log_in", "lookup", "reveal"]
    assert kinds(audit(world, subject="resident", whom=str(at.head))) == ["reveal"]
    assert kinds(audit(world, whom="nobody"))[0] == "appointed"
    assert kinds(audit(world, whom="zhang", kind=["appointed", "log_in"])) == ["appointed"]
    assert kinds(audit(world, kind=["export", "reveal"])) == ["export", "reveal"]
    assert kinds(audit(world, kind="log_in")) == ["log_in", "log_in"]
    assert audit(world, until=before.isoformat(), kind=["reveal", "log_in"]) == []
    assert kinds(audit(world, since=before.isoformat(), kind=["reveal"])) == ["reveal"]
    for query in ({"kind": "gossip"}, {"since": "yesterday"}, {"page_size": 0}, {"since": "0001-01-01T00:00:00Z"}):
        assert audit(world, expect=400, **query)["code"] == "invalid"
    for cursor in ("x", "WyIyMDI2LTAxLTAxIiwwLDFd", "W10", "bnVsbA"):
        assert audit(world, expect=400, cursor=cursor)["code"] == "bad_cursor"


def test_who_saw_this_person_is_one_filter(world: World) -> None:
    at = homes(world)
    for name in ("zhang", "sun", "li"):
        post(world, name, f"households/{at.family}/residents/{at.head}/reveal", what=["name"], reason="x")
    post(world, "zhang", f"households/{at.family}/residents/{at.spouse}/reveal", what=["name"], reason="x")
    rows = audit(world, subject="resident", whom=str(at.head))
    assert [row["actor"]["username"] for row in rows] == ["li", "sun", "zhang"]


@pytest.mark.parametrize("same_time", [False, True])
def test_pages_give_every_row_once_and_in_order(world: World, same_time: bool) -> None:
    moment = now()
    with moved_to(moment):
        a_busy_morning(world)
        post(world, "zhang", "households/lookup", phone="13812345678")
    if same_time:
        LogIn.objects.update(attempt_time=moment)
        AccessFailureLog.objects.update(attempt_time=moment)
        LogEntry.objects.update(timestamp=moment)
    whole, end = page(world["auditor"], Asked(), "", 100)
    assert end == ""
    assert len(whole) >= 8
    for size in range(1, 9):
        found: list[Any] = []
        at = ""
        while True:
            entries, at = page(world["auditor"], Asked(), at, size)
            found += entries
            if not at:
                break
        assert found == whole


def test_an_auditor_of_a_part_reads_what_concerns_it(world: World) -> None:
    a_busy_morning(world)
    record_access(world["outsider"], "reveal", "resident", uuid4(), fields=["name"], area_path="00010001")
    part = User.objects.create_user("part", full_name="街道审计")
    appoint(part, Role.AUDITOR, world.street)
    world.people["part"] = part
    other = User.objects.create_user("other_part", full_name="外街审计")
    appoint(other, Role.AUDITOR, Area.objects.get(code="371082900"))
    world.people["other_part"] = other
    try:
        mine = audit(world, "part", kind=["reveal", "lookup", "export", "log_in", "log_in_failed"])
        assert kinds(mine) == ["log_in_failed", "log_in", "export", "lookup", "reveal"]
        mine = audit(world, "other_part", kind=["reveal", "lookup", "export", "log_in", "log_in_failed"])
        assert [row["actor"]["username"] for row in mine] == ["outsider"]
    finally:
        world.people.pop("part")
        world.people.pop("other_part")


def test_requesters_volunteers_and_callers_are_in_it(world: World) -> None:
    report = submit(world, "sun", source="hotline", external_no="1", requester={"name": "来电", "phone": "13700001111"})
    told = post(world, "wang", f"reports/{report}/reveal_requester", reason="回访")
    assert told["phone"] == "13700001111"
    world.api("wang").post("/api/v1/reports/of_caller", {"phone": "13700001111"}, format="json")
    rows = audit(world, who="wang")
    assert [(row["kind"], row["subject"]) for row in rows] == [("lookup", "caller"), ("reveal", "requester")]
    assert AccessLog.objects.get(kind="reveal").area_path == world.grid.path


def test_no_value_of_anybodys_data_is_in_it(world: World) -> None:
    a_busy_morning(world)
    text = world.api("auditor").get("/api/v1/audit").content.decode()
    for secret in ("13812345678", "欧阳", PASSWORD):
        assert secret not in text


@pytest.mark.parametrize("rows", [1, 10, 100])
def test_a_page_takes_the_same_queries_however_long_the_list(world: World, rows: int) -> None:
    for _row in range(rows):
        record_access(world["zhang"], "reveal", "resident", uuid4(), fields=["name"], area_path=world.grid.path)
    client = world.api("auditor")
    client.get("/api/v1/audit")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get("/api/v1/audit", {"page_size": 100}).status_code == 200
    # The token, the scope, and one of each of the five sources.
    assert len(queries) <= 8


# -- the page -----------------------------------------------------------------------------------------------------


def test_the_page_shows_the_list_to_auditors_and_to_nobody_else(world: World) -> None:
    at = a_busy_morning(world)
    shown = enter(world, "auditor").get(reverse(PAGE)).content.decode()
    assert str(at.head) in shown
    assert "走访" in shown
    later = enter(world, "auditor").get(reverse(PAGE), {"since": "2199-01-01T08:00"}).content.decode()
    assert "走访" not in later
    narrowed = enter(world, "auditor").get(reverse(PAGE), {"kind": "log_in"}).content.decode()
    assert "走访" not in narrowed
    for name in ("sun", "wang", "sysadmin", "security", "command"):
        assert enter(world, name).get(reverse(PAGE)).status_code == 403


def test_an_export_is_told_with_its_conditions_and_an_erasure_in_words(world: World) -> None:
    at = homes(world)
    move_out(world["zhang"], at.family, local_date(now()))
    said = {"grid": GRID, "reason": "季度核对"}
    assert world.api("sun").post("/api/v1/households/exports", said, format="json").status_code == 200
    erase("household", str(at.family), "本人申请", world["sysadmin"])
    export = audit(world, kind="export")[0]
    assert export["asked"] == {"masked": True, "conditions": {"grid": GRID}}
    text = enter(world, "auditor").get(reverse(PAGE)).content.decode()
    assert f"已脱敏 · 网格 {GRID}" in text
    assert "住户导出" in text
    for words in ("室、单元", "姓名"):
        assert words in text
    for code in ("door_hash", "phone_hash", "doc_number", "HouseholdEvent"):
        assert code not in text


def test_the_page_survives_a_foolish_address(world: World) -> None:
    client = enter(world, "auditor")
    for query in ({"cursor": "x"}, {"since": "9999-12-31T23:59"}, {"until": "x"}, {"kind": "gossip"}):
        assert client.get(reverse(PAGE), query).status_code == 200


def test_the_page_turns_by_fifty(world: World) -> None:
    for number in range(60):
        record_access(world["zhang"], "reveal", "resident", number, fields=["name"], area_path=world.grid.path)
    client = enter(world, "auditor")
    first = client.get(reverse(PAGE), {"kind": "reveal"})
    second = client.get(reverse(PAGE) + first.context["next"])
    assert (len(first.context["rows"]), len(second.context["rows"]), second.context["next"]) == (50, 10, "")


def test_an_auditor_changes_nothing_and_reveals_nobody(world: World) -> None:
    at = homes(world)
    for path in ("households", f"households/{at.family}"):
        assert world.api("auditor").get(f"/api/v1/{path}").status_code in (200, 404)
    assert world.api("auditor").get("/api/v1/households").json()["results"] == []
    path = f"households/{at.family}/residents/{at.head}/reveal"
    assert post(world, "auditor", path, 404, what=["name"], reason="x")["code"] == "not_found"
    client = enter(world, "auditor")
    for name in ("accounts_user", "grids_appointment", "grids_area", "households_household", "reports_report"):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 403, name


# -- the log is nobody's to change --------------------------------------------------------------------------------


def one_look(world: World) -> AccessLog:
    at = homes(world)
    post(world, "zhang", f"households/{at.family}/residents/{at.head}/reveal", what=["phone"], reason="x")
    return AccessLog.objects.get()


def guard_as_in_production() -> None:
    """The tests' SQLite goes without the guard against deleting, see conftest."""
    if connection.vendor == "sqlite":
        migration: Any = import_module("accounts.migrations.0005_the_access_log_is_kept")
        with connection.cursor() as cursor:
            cursor.execute(migration.SQLITE)


@pytest.mark.parametrize("name", ["auditor", "root", "sysadmin", "security"])
def test_no_page_of_the_administration_changes_or_deletes_a_look(world: World, name: str) -> None:
    row = one_look(world)
    client: Client = enter(world, name)
    for part, args in (("change", [row.pk]), ("delete", [row.pk]), ("add", []), ("changelist", [])):
        url = reverse(f"admin:accounts_accesslog_{part}", args=args)
        said = {"reason": "改", "action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        assert client.post(url, said).status_code == 403, part
    assert AccessLog.objects.get().reason == "x"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_no_method_of_the_api_does_either(world: World, method: str) -> None:
    row = one_look(world)
    for name in ("auditor", "root"):
        client = world.api(name)
        assert getattr(client, method)("/api/v1/audit", {"id": row.pk}, format="json").status_code == 405
        assert getattr(client, method)(f"/api/v1/audit/{row.pk}", {}, format="json").status_code == 404
    assert AccessLog.objects.get().reason == "x"


def test_nor_does_the_orm_or_plain_sql(world: World) -> None:
    row = one_look(world)
    guard_as_in_production()
    for attempt in (row.save, row.delete, lambda: AccessLog.objects.update(reason=""), AccessLog.objects.all().delete):
        with pytest.raises(TypeError):
            attempt()
    for statement in (
        "UPDATE accounts_accesslog SET reason = 'y'",
        "UPDATE accounts_accesslog SET actor_id = NULL",
        "DELETE FROM accounts_accesslog",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(DatabaseError), transaction.atomic():
        AccessLog._base_manager.all().delete()
    assert AccessLog.objects.get().reason == "x"


def test_only_after_half_a_year_plain_sql_may_delete(world: World) -> None:
    guard_as_in_production()
    for days in (179, 181):
        with moved_to(timezone.now() - timedelta(days=days)):
            record_access(world["zhang"], "reveal", "resident", days, fields=["name"])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_accesslog WHERE subject_id = '181'")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_accesslog WHERE subject_id = '179'")
