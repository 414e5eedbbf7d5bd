"""What of a household is kept encrypted, shown masked, and seen in full only on record."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.db import DatabaseError, connection, transaction

from accounts.models import AccessLog
from core.encryption import KeyLost
from core.moment import moved_to, now
from households.actions.residents import put_resident
from households.models import Household, HouseholdEvent, Resident
from tests import household_scenes as homely
from tests.household_calls import get, put
from tests.household_scenes import BUILDING_HEAD, CARD, GRID, HEAD_NAME, PHONE, SPOUSE_NAME, homes, person
from tests.world import World, post

pytestmark = pytest.mark.django_db

NOTE, ROOM = "搬到女儿家去住", "丁五零二"
PLANTED = (
    *(HEAD_NAME, SPOUSE_NAME, BUILDING_HEAD, "司马迁居", NOTE),
    *(PHONE, homely.OTHER_PHONE, "13900002222"),
    *(CARD, "1990-01-01", "19900101"),
    *("台上村18号", ROOM),
)


def planted(world: World) -> homely.Homes:
    """Names, numbers, doors and notes went through every kind of step."""
    at = homely.everything(world)
    zhang = "zhang"
    put(world, zhang, f"households/{at.family}", 200, room=ROOM, version=3)
    put(world, zhang, f"households/{at.family}/residents/{at.head}", 200, phone=homely.OTHER_PHONE, version=1)
    put(world, zhang, f"households/{at.family}/residents/{at.head}", 200, phone=PHONE, version=2)
    post(
        world,
        zhang,
        f"households/{at.family}/residents/{at.spouse}/move_out",
        moved_out="2025-01-01",
        note=NOTE,
    )
    post(world, zhang, f"households/{at.couple}/merge", into=str(at.family), note=NOTE)
    post(world, zhang, f"households/{at.house}/move_out", moved_out="2025-01-01", note=NOTE, vacant=str(uuid4()))
    post(world, zhang, "households/lookup", phone=PHONE)
    post(world, zhang, f"households/{at.family}/residents/{at.head}/reveal", what=["name", "phone"], reason="走访")
    return at


def every_stored_text() -> str:
    """Every value of every column of every table, as the database has it."""
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                parts.extend(str(value) for value in row if value is not None)
    return "\n".join(parts)


def test_the_database_contains_no_plain_phone_number_name_or_door(world: World) -> None:
    planted(world)
    stored = every_stored_text()
    # It is really all of it: what is public can be found.
    assert "台上小区" in stored
    for secret in PLANTED:
        assert secret not in stored, secret


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("sqlite" not in django_settings.DATABASES["default"]["ENGINE"], reason="reads the database's file")
def test_the_database_file_contains_none_either(committed_world: World, tmp_path: Any) -> None:
    planted(committed_world)
    copy = tmp_path / "copy.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(copy)])
    data = copy.read_bytes()
    assert "台上小区".encode() in data
    for secret in PLANTED:
        assert secret.encode() not in data, secret


def test_no_answer_of_the_api_contains_one_but_a_reveal(world: World) -> None:
    at = planted(world)
    for name in ("zhang", "sun", "wang", "li", "root"):
        told = [
            get(world, name, path)
            for path in (
                "households",
                "buildings",
                f"buildings/{at.building}",
                f"buildings/{at.building}/households",
                f"households/{at.family}",
                f"households/{at.couple}",
                f"households/{at.family}/events",
            )
        ]
        told.append(get(world, name, "households", ended="true"))
        told.append(post(world, name, "households/lookup", phone=PHONE))
        text = json.dumps(told, ensure_ascii=False)
        # Doors are for those who keep them; the note of a step is for all who see the household.
        for secret in PLANTED[:4] + PLANTED[5:11]:
            assert secret not in text, (name, secret)
        assert (ROOM in text) == (name in ("zhang", "sun", "root"))
        # 1990 alone is the birth year.
        assert "张" not in text.replace("张网格", "")


def test_masks_are_those_of_the_rule_book(world: World) -> None:
    at = homes(world)
    head = get(world, "zhang", f"households/{at.family}")["residents"][0]
    assert (head["name"], head["phone"], head["doc_number"]) == ("欧***", "138****5678", f"3710************{CARD[-2:]}")
    building = get(world, "zhang", f"buildings/{at.building}")
    assert (building["head_name"], building["head_phone"]) == ("慕***", "139****2222")


# -- in full ------------------------------------------------------------------------------------------------------


def test_a_reveal_gives_what_was_asked_and_leaves_one_row(world: World) -> None:
    at = homes(world)
    path = f"households/{at.family}/residents/{at.head}/reveal"
    moment = now()
    with moved_to(moment):
        said = {"what": ["phone", "document"], "reason": "电话回访"}
        answer = world.api("zhang").post(f"/api/v1/{path}", said, format="json")
    assert answer["Cache-Control"] == "no-store"
    assert answer.json() == {"phone": PHONE, "document": CARD}
    row = AccessLog.objects.get()
    assert (row.actor.username, row.kind, row.subject, row.subject_id) == ("zhang", "reveal", "resident", str(at.head))
    assert (row.fields, row.reason, row.at, row.count) == (["document", "phone"], "电话回访", moment, 1)
    assert row.area_path == world.grid.path
    assert post(world, "zhang", path, what=["name", "birth_date"], reason="x") == {
        "name": HEAD_NAME,
        "birth_date": "1990-01-01",
    }
    assert AccessLog.objects.count() == 2


def test_a_reveal_sent_twice_is_one_look(world: World) -> None:
    at = homes(world)
    path = f"households/{at.family}/residents/{at.head}/reveal"
    said = {"what": ["phone"], "reason": "走访", "request_id": str(uuid4())}
    assert post(world, "zhang", path, **said) == post(world, "zhang", path, **said) == {"phone": PHONE}
    assert AccessLog.objects.count() == 1
    refused = post(world, "zhang", path, 409, **said | {"what": ["name"]})
    assert refused["code"] == "access_id_taken"
    assert post(world, "sun", path, 409, **said)["code"] == "access_id_taken"


def test_a_refused_reveal_leaves_no_row_and_no_reveal_goes_without_a_reason(world: World) -> None:
    at = homes(world)
    path = f"households/{at.family}/residents/{at.head}/reveal"
    for said in ({"what": ["phone"]}, {"what": ["phone"], "reason": " "}, {"what": [], "reason": "x"}):
        assert post(world, "zhang", path, 400, **said)["code"] == "invalid"
    assert post(world, "wang", path, 403, what=["phone"], reason="x")["code"] == "forbidden"
    assert post(world, "zhao", path, 404, what=["phone"], reason="x")["code"] == "not_found"
    assert not AccessLog.objects.exists()


def test_doors_and_building_heads_are_revealed_on_record_too(world: World) -> None:
    at = homes(world)
    assert post(world, "li", f"households/{at.family}/reveal", reason="督办") == {"door": "2单元502室"}
    assert post(world, "li", f"households/{at.house}/reveal", reason="督办") == {"door": "台上村18号"}
    told = post(world, "li", f"buildings/{at.building}/reveal", what=["head_name", "head_phone"], reason="联系")
    assert told == {"head_name": BUILDING_HEAD, "head_phone": "13900002222"}
    assert list(AccessLog.objects.order_by("pk").values_list("subject", flat=True)) == [
        "household",
        "household",
        "building",
    ]


def test_reveals_are_limited_by_the_hour(world: World, settings: Any) -> None:
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"REVEALS_PER_HOUR": 2}
    at = homes(world)
    path = f"households/{at.family}/residents/{at.head}/reveal"
    with moved_to(now()):
        for _time in range(2):
            post(world, "zhang", path, what=["phone"], reason="x")
        refused = world.api("zhang").post(f"/api/v1/{path}", {"what": ["phone"], "reason": "x"}, format="json")
    assert (refused.status_code, refused.json()["code"], refused["Retry-After"]) == (429, "throttled", "3600")
    assert AccessLog.objects.count() == 2
    with moved_to(now() + timedelta(hours=1, seconds=1)):
        post(world, "zhang", path, what=["phone"], reason="x")
    post(world, "sun", path, what=["phone"], reason="x")


# -- by number ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [{"phone": "+86 138-1234-5678"}, {"phone": PHONE}, {"document": CARD}, {"document": f" {CARD[:6]} {CARD[6:]} "}],
)
def test_a_household_is_found_by_a_number_however_it_is_written(world: World, said: dict[str, str]) -> None:
    at = homes(world)
    for name in ("zhang", "sun", "wang"):
        assert [one["id"] for one in post(world, name, "households/lookup", **said)] == [str(at.family)]
    row = AccessLog.objects.first()
    assert row is not None
    assert (row.kind, row.fields) == ("lookup", [row.subject])
    assert row.subject_id in ("138****5678", f"3710************{CARD[-2:]}")
    assert row.area_path == world.grid.path


def test_a_look_up_finds_only_who_lives_there_now_and_may_be_seen(world: World) -> None:
    at = homes(world)
    assert post(world, "zhao", "households/lookup", phone=PHONE) == []
    assert post(world, "outsider", "households/lookup", phone=PHONE) == []
    # Also the look that found nobody is on record.
    assert AccessLog.objects.count() == 2
    post(world, "zhang", f"households/{at.family}/residents/{at.head}/move_out", moved_out="2025-01-01")
    assert post(world, "zhang", "households/lookup", phone=PHONE) == []


def test_a_look_up_is_for_one_number(world: World) -> None:
    for said in ({}, {"phone": PHONE, "document": CARD}):
        assert post(world, "zhang", "households/lookup", 400, **said)["code"] == "one_number"
    assert not AccessLog.objects.exists()


def test_look_ups_are_limited_by_the_hour(world: World, settings: Any) -> None:
    settings.GRIDWHISTLE = settings.GRIDWHISTLE | {"LOOKUPS_PER_HOUR": 3}
    homes(world)
    for _time in range(3):
        post(world, "zhang", "households/lookup", phone=PHONE)
    assert post(world, "zhang", "households/lookup", 429, phone=PHONE)["code"] == "throttled"
    post(world, "wang", "households/lookup", phone=PHONE)


# -- the log ------------------------------------------------------------------------------------------------------


def test_the_access_log_is_never_changed(world: World) -> None:
    at = homes(world)
    post(world, "zhang", f"households/{at.family}/residents/{at.head}/reveal", what=["phone"], reason="x")
    row = AccessLog.objects.get()
    row.reason = "改"
    for attempt in (
        row.save,
        row.delete,
        lambda: AccessLog.objects.update(reason=""),
        AccessLog.objects.all().delete,
    ):
        with pytest.raises(TypeError):
            attempt()
    for column in ({"reason": ""}, {"actor": world["sun"]}, {"fields": []}):
        with pytest.raises(DatabaseError), transaction.atomic():
            AccessLog._base_manager.filter(pk=row.pk).update(**column)


# -- keys ---------------------------------------------------------------------------------------------------------


def test_a_lost_key_is_a_clear_error_and_not_garbage(world: World, settings: Any) -> None:
    at = homes(world)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(KeyLost, match=r"no key in FIELD_KEYS reads Resident\.name"):
        Resident.objects.get(pk=at.head)
    told = world.api("zhang").get(f"/api/v1/households/{at.family}")
    assert (told.status_code, told.json()["code"]) == (500, "key_lost")
    assert told["Content-Type"] == "application/problem+json"
    # Found by a hash, they would seem not to be there.
    for said in ({"phone": PHONE}, {"document": CARD}):
        looked = world.api("zhang").post("/api/v1/households/lookup", said, format="json")
        assert (looked.status_code, looked.json()["code"]) == (500, "key_lost")


def test_after_a_new_key_everything_is_read_found_and_kept_apart_as_before(world: World, settings: Any) -> None:
    at = homes(world)
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
    assert get(world, "zhang", f"households/{at.family}")["residents"][0]["phone"] == "138****5678"
    for said in ({"phone": PHONE}, {"document": CARD}):
        assert [one["id"] for one in post(world, "zhang", "households/lookup", **said)] == [str(at.family)]
    door = {"building": str(at.building), "unit": "2", "room": "502"}
    assert put(world, "zhang", f"households/{uuid4()}", 409, **door)["code"] == "door_taken"
    twice = person(name="同一人", relation="sibling", doc_type="id_card", doc_number=CARD)
    path = f"households/{at.family}/residents/{uuid4()}"
    assert put(world, "zhang", path, 409, **twice)["code"] == "resident_twice"
    # Sent again, nothing is changed, though it would be hashed otherwise now.
    again = put(world, "zhang", f"households/{at.family}/residents/{at.head}", 200, phone=PHONE, doc_number=CARD)
    assert again["version"] == 1
    # A new one is found as well.
    put_resident(world["zhang"], at.house, uuid4(), person(phone="13600003333"))
    assert len(post(world, "zhang", "households/lookup", phone="13600003333")) == 1


def test_the_note_of_a_step_can_be_encrypted_anew_and_nothing_else_of_it(world: World, settings: Any) -> None:
    at = homes(world)
    post(world, "zhang", f"households/{at.house}/move_out", moved_out="2025-01-01", note=NOTE)
    old = settings.FIELD_KEYS
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *old]
    row = HouseholdEvent.objects.get(household=at.house, kind="move_out")
    HouseholdEvent._base_manager.filter(pk=row.pk).update(note=row.note)
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert HouseholdEvent.objects.get(pk=row.pk).note == NOTE


def test_nothing_plain_orders_the_doors_of_a_building(world: World) -> None:
    at = homes(world)
    columns = {
        field.column
        for field in Household._meta.concrete_fields
        if field.get_internal_type() in ("IntegerField", "PositiveIntegerField", "PositiveSmallIntegerField")
    }
    assert columns == {"version"}
    # And a code says nothing of the door: it is made from the id.
    assert Household.objects.get(pk=at.family).code not in (GRID, "502")
