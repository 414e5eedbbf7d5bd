"""Retention and erasure: the person goes, the history stays, and a tombstone says why."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from axes.models import AccessLog as LogIn
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.actions.access import record_access
from accounts.models import AccessLog
from core.moment import moved_to, now
from core.problems import Problem
from grid_backend import checks
from households.models import CareMark, Household, HouseholdEvent, Resident, SpecialGroupEntry
from notifications.models import OutgoingMessage
from privacy.actions.erasing import erase
from privacy.models import Tombstone
from reports.models import Report, Requester
from tests import household_scenes as homely
from tests.household_calls import get
from tests.household_scenes import CARD, HEAD_NAME, PHONE, SPOUSE_NAME
from tests.test_household_privacy import NOTE, every_stored_text, planted
from tests.test_messages import asked
from tests.world import World, post

pytestmark = pytest.mark.django_db
CALLER = "13700008888"


def purge(**options: Any) -> str:
    told = StringIO()
    call_command("purge_personal_data", stdout=told, stderr=StringIO(), **options)
    return told.getvalue()


def erase_by_hand(**options: Any) -> str:
    told = StringIO()
    call_command("erase_person", reason="本人申请", by="sysadmin", stdout=told, **options)
    return told.getvalue()


def held(model: Any, pk: Any, *columns: str) -> list[Any]:
    return list(model.objects.filter(pk=pk).values_list(*columns).get())


# -- by hand ------------------------------------------------------------------------------------------------------


def test_a_resident_is_erased_and_the_household_and_its_history_stay(world: World) -> None:
    at = homely.everything(world)
    events = HouseholdEvent.objects.filter(household=at.family).count()
    said = erase_by_hand(resident=str(at.head))
    assert "name" in said
    row = Resident.objects.get(pk=at.head)
    assert {row.name, row.phone, row.phone_hash, row.doc_number, row.doc_hash, row.birth_date, row.sex} == {""}
    assert (row.birth_year, row.moved_out) == (None, now().astimezone(timezone.get_current_timezone()).date())
    assert not CareMark.objects.filter(resident=row).exists()
    assert not SpecialGroupEntry.objects.filter(resident=row).exists()
    assert Resident.objects.get(pk=at.spouse).name == SPOUSE_NAME
    assert HouseholdEvent.objects.filter(household=at.family).count() == events + 1
    stone = Tombstone.objects.get()
    assert (stone.subject, stone.subject_id, stone.reason, stone.by) == (
        "resident",
        str(at.head),
        "本人申请",
        world["sysadmin"],
    )
    assert {"name", "phone", "doc_number"} <= set(stone.fields)
    assert post(world, "zhang", "households/lookup", phone=PHONE) == []
    get(world, "zhang", f"households/{at.family}")


def test_a_household_is_erased_with_everybody_in_it_once_it_has_ended(world: World) -> None:
    at = planted(world)
    with pytest.raises(CommandError, match="still_lived_in"):
        erase_by_hand(household=str(at.family))
    erase_by_hand(household=str(at.house))
    house = Household.objects.get(pk=at.house)
    assert (house.address, house.door_hash, house.lng) == ("", "", None)
    assert set(HouseholdEvent.objects.filter(household=house).values_list("note", flat=True)) == {""}
    post(world, "zhang", f"households/{at.family}/move_out", moved_out="2025-01-01", note=NOTE)
    erase_by_hand(household=str(at.family))
    people = Resident.objects.filter(household=at.family)
    assert set(people.values_list("name", "phone_hash", "doc_hash")) == {("", "", "")}
    assert set(Tombstone.objects.filter(subject="resident").values_list("subject_id", flat=True)) == {
        str(pk) for pk in people.values_list("pk", flat=True)
    }
    assert get(world, "zhang", f"households/{at.house}")["id"] == str(at.house)
    told = get(world, "zhang", f"households/{at.house}/events")
    assert told["results"][0]["kind"] == "erase" or told["results"][-1]["kind"] == "erase"


def test_a_requester_is_erased_with_what_was_written_to_them_once_the_matter_is_closed(world: World) -> None:
    report = asked(world, {"name": "来电人", "phone": CALLER}, "1")
    requester = Requester.objects.get(report=report)
    with pytest.raises(CommandError, match="report_open"):
        erase_by_hand(requester=str(requester.pk))
    post(world, "wang", f"reports/{report}/reject", reason="不属本级")
    post(world, "wang", f"reports/{report}/messages", 201, text="已转办")
    erase_by_hand(requester=str(requester.pk))
    assert held(Requester, requester.pk, "name", "phone", "phone_hash", "tracking_code") == ["", "", "", None]
    message = OutgoingMessage.objects.get()
    assert (message.to, message.text, message.next_at, message.state) == ("", "", None, "failed")
    assert Report.objects.get(pk=report).status == "rejected"
    assert Requester.objects.get(pk=requester.pk).answer == "不属本级"
    world.api("wang").get(f"/api/v1/reports/{report}").json()


def test_nothing_of_the_erased_is_left_in_the_database(world: World) -> None:
    at = planted(world)
    erase_by_hand(resident=str(at.head))
    erase_by_hand(household=str(at.house))
    erase_by_hand(household=str(at.couple))
    read = "\n".join(
        str(value)
        for model in (Resident, HouseholdEvent, Household)
        for row in model._base_manager.all().values_list()
        for value in row
    )
    for secret in (HEAD_NAME, PHONE, CARD):
        assert secret not in read, secret
        assert secret not in every_stored_text()
    house_notes = HouseholdEvent.objects.filter(household__in=[at.house, at.couple]).values_list("note", flat=True)
    assert NOTE not in house_notes


def test_a_dry_run_by_hand_says_what_and_erases_nobody(world: World) -> None:
    at = homely.everything(world)
    assert "would be erased" in erase_by_hand(resident=str(at.head), dry_run=True)
    assert Resident.objects.get(pk=at.head).name == HEAD_NAME
    assert not Tombstone.objects.exists()
    assert not HouseholdEvent.objects.filter(kind="erase").exists()


def test_an_erasure_tells_the_time_of_here(world: World) -> None:
    at = homely.everything(world)
    with moved_to(datetime.fromisoformat("2026-11-25T23:30:00+08:00")):
        erase_by_hand(resident=str(at.head))
    assert "2026-11-25 23:30" in erase_by_hand(resident=str(at.head))


def test_erasing_twice_changes_nothing(world: World) -> None:
    at = homely.everything(world)
    erase_by_hand(resident=str(at.head))
    version = Resident.objects.get(pk=at.head).version
    assert "was erased on" in erase_by_hand(resident=str(at.head).upper())
    assert Resident.objects.get(pk=at.head).version == version
    assert Tombstone.objects.count() == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"resident": str(uuid4())}, "not_found"),
        ({"household": "x"}, "not_found"),
        ({"requester": "0"}, "not_found"),
        ({"requester": str(uuid4())}, "not_found"),
        ({"resident": str(uuid4()), "reason": " "}, "erasing_reason"),
        ({"resident": str(uuid4()), "by": "who"}, "no active person"),
    ],
)
def test_what_cannot_be_erased_is_said(world: World, options: dict[str, str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("erase_person", **{"reason": "x", "by": "sysadmin"} | options)
    assert not Tombstone.objects.exists()


def test_tombstones_are_never_changed_and_auditors_read_them(world: World) -> None:
    at = homely.everything(world)
    stone, _new = erase("resident", str(at.head), "本人申请", world["sysadmin"])
    rows = Tombstone.objects.all()
    for attempt in (stone.save, stone.delete, lambda: rows.update(reason=""), rows.delete):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(DatabaseError), transaction.atomic():
        Tombstone._base_manager.update(reason="")
    told = world.api("auditor").get("/api/v1/audit", {"whom": str(at.head)}).json()["results"]
    assert [(row["kind"], row["actor"]["username"], row["reason"]) for row in told] == [
        ("erased", "sysadmin", "本人申请")
    ]


# -- retention ----------------------------------------------------------------------------------------------------


def test_a_dry_run_counts_and_changes_nothing(world: World) -> None:
    at = planted(world)
    before = every_stored_text()
    with moved_to(now() + timedelta(days=4000)):
        told = purge()
    ended = Household.objects.filter(ended_at__isnull=False).count()
    assert f"households: {ended} before" in told
    assert ended >= 2
    assert every_stored_text() == before
    assert Household.objects.get(pk=at.house).address


def test_requesters_go_so_many_days_after_the_matter_was_closed(world: World, settings: Any) -> None:
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"REQUESTER_RETENTION_DAYS": 30}
    closed, still_open = asked(world, {"phone": CALLER}, "1"), asked(world, {"phone": CALLER}, "2")
    post(world, "wang", f"reports/{closed}/reject", reason="x")
    for days, left in ((29, {closed, still_open}), (31, {still_open})):
        with moved_to(now() + timedelta(days=days)):
            purge(apply=True)
        assert set(Requester.objects.exclude(phone="").values_list("report_id", flat=True)) == left
    stone = Tombstone.objects.get()
    assert (stone.by, stone.subject) == (None, "requester")
    assert stone.reason.startswith("end of retention")


def test_those_merged_into_another_matter_wait_for_its_end(world: World, settings: Any) -> None:
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"REQUESTER_RETENTION_DAYS": 30}
    main, merged = asked(world, {"phone": CALLER}, "1"), asked(world, {"phone": CALLER}, "2")
    post(world, "wang", f"reports/{merged}/merge", into=str(main))
    with moved_to(now() + timedelta(days=4000)):
        purge(apply=True)
    assert Requester.objects.exclude(phone="").count() == 2
    with pytest.raises(Problem, match="report_open"):
        erase("requester", str(Requester.objects.get(report=merged).pk), "x", None)
    post(world, "wang", f"reports/{main}/reject", reason="x")
    with moved_to(now() + timedelta(days=4000)):
        purge(apply=True)
    assert not Requester.objects.exclude(phone="").exists()


@pytest.fixture
def logs_stay(settings: Any) -> None:
    """The database judges the age of its log by its own clock, which no test moves."""
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"LOG_RETENTION_DAYS": 10_000}


def test_those_who_moved_out_go_and_those_who_live_there_stay(world: World, logs_stay: None) -> None:
    at = planted(world)
    with moved_to(now() + timedelta(days=1826)):
        told = purge(apply=True)
    assert "households: 2 ended" in told
    assert Household.objects.get(pk=at.house).address == ""
    family = Household.objects.get(pk=at.family)
    assert family.room
    # Of the family only who had moved out.
    assert Resident.objects.get(pk=at.spouse).name == ""
    assert Resident.objects.get(pk=at.head).name == HEAD_NAME
    with moved_to(now() + timedelta(days=1826)):
        assert "households: 0 ended" in purge(apply=True)


def test_logs_go_at_their_end_and_never_before_half_a_year(world: World, settings: Any) -> None:
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"LOG_RETENTION_DAYS": 1}
    assert [error.id for error in checks.logs_are_kept_long_enough()] == ["gridwhistle.E007"]
    for days in (10, 179, 181, 400):
        moment = timezone.now() - timedelta(days=days)
        with moved_to(moment):
            record_access(world["zhang"], "reveal", "resident", days, fields=["name"])
        LogIn.objects.filter(pk=LogIn.objects.create(username=f"x{days}").pk).update(attempt_time=moment)
    LogEntry.objects.update(timestamp=timezone.now() - timedelta(days=181))
    told = purge(apply=True)
    assert "accounts.AccessLog: 2 ended" in told
    assert set(AccessLog.objects.values_list("subject_id", flat=True)) == {"10", "179"}
    assert set(LogIn.objects.filter(username__startswith="x").values_list("username", flat=True)) == {"x10", "x179"}
    assert not LogEntry.objects.exists()


def test_one_who_cannot_be_erased_stops_nobody_else(world: World, monkeypatch: Any, logs_stay: None) -> None:
    at = planted(world)
    from privacy.actions import retention

    whole = retention.erase

    def one_fails(subject: str, subject_id: str, reason: str, by: Any) -> Any:
        if subject_id == str(at.house):
            raise Problem("still_lived_in")
        return whole(subject, subject_id, reason, by)

    monkeypatch.setattr(retention, "erase", one_fails)
    with moved_to(now() + timedelta(days=1826)), pytest.raises(CommandError, match="1 could not be erased"):
        purge(apply=True)
    assert Household.objects.get(pk=at.couple).room == ""
