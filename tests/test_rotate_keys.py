"""`manage.py rotate_keys`: afterwards the old key can be thrown away, and nobody's work was lost meanwhile."""

from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import AccessLog
from core import rotation
from core.encryption import KeyLost, lookup_hash
from core.rotation import encrypted_fields, encrypted_models
from households.models import Building, Household, HouseholdEvent, Resident
from reports.actions.callers import reports_of_caller
from reports.models import Report, Requester
from tests.household_calls import put
from tests.household_scenes import CARD, HEAD_NAME, PHONE, everything
from tests.test_household_privacy import NOTE, PLANTED, every_stored_text, planted
from tests.world import World, post, submit

pytestmark = pytest.mark.django_db
CALLER = "13700008888"


def rotate(**options: Any) -> str:
    told = StringIO()
    call_command("rotate_keys", stdout=told, stderr=StringIO(), **options)
    return told.getvalue()


def new_key(settings: Any) -> str:
    """A new key stands first from now on; returns it."""
    key = Fernet.generate_key().decode()
    settings.FIELD_KEYS = [key, *settings.FIELD_KEYS]
    return key


def caller(world: World) -> Any:
    return submit(world, "sun", source="hotline", external_no="X-1", requester={"name": "来电人", "phone": CALLER})


def test_after_rotation_the_old_key_can_go_and_everything_is_read_and_found(world: World, settings: Any) -> None:
    at = planted(world)
    report = caller(world)
    new_key(settings)
    rotate()
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert Resident.objects.get(pk=at.head).name == HEAD_NAME
    assert Building.objects.get(pk=at.building).head_phone == "13900002222"
    assert NOTE in HouseholdEvent.objects.filter(household=at.house).values_list("note", flat=True)
    for said in ({"phone": PHONE}, {"document": CARD}):
        assert [one["id"] for one in post(world, "zhang", "households/lookup", **said)] == [str(at.family)]
    family = Household.objects.get(pk=at.family)
    door = {"building": str(at.building), "unit": family.unit, "room": family.room}
    assert put(world, "zhang", f"households/{uuid4()}", 409, **door)["code"] == "door_taken"
    assert list(reports_of_caller(world["wang"], CALLER)) == [Report.objects.get(pk=report)]
    for model in encrypted_models():
        list(model._base_manager.all())


def test_after_the_whole_flow_and_a_rotation_the_database_holds_nothing_plain(world: World, settings: Any) -> None:
    planted(world)
    report = caller(world)
    post(world, "wang", f"reports/{report}/reveal_requester", reason="回访")
    post(world, "wang", f"reports/{report}/messages", 201, text="您反映的问题已受理")
    reports_of_caller(world["wang"], CALLER)
    secrets = (*PLANTED, CALLER, "来电人")
    stored = every_stored_text()
    assert [secret for secret in secrets if secret in stored] == []
    new_key(settings)
    rotate()
    stored = every_stored_text()
    assert [secret for secret in secrets if secret in stored] == []
    # Each look of the flow is one row.
    looks = AccessLog.objects.values_list("kind", "subject")
    assert sorted(looks) == [
        ("lookup", "caller"),
        ("lookup", "phone"),
        ("reveal", "requester"),
        ("reveal", "resident"),
    ]


def test_every_keyed_hash_is_declared_by_its_model() -> None:
    for model in encrypted_models():
        names = {field.name for field in model._meta.local_concrete_fields}
        # The digest of a whole request is no keyed hash of a value.
        hashes = {name for name in names - {"body_hash"} if name.endswith("_hash")}
        declared = model().lookup_texts() if hasattr(model, "lookup_texts") else {}
        assert set(declared) == hashes, model


def test_all_models_with_encrypted_columns_are_found() -> None:
    found = {model._meta.label: encrypted_fields(model) for model in encrypted_models()}
    assert found["households.Resident"] == ["name", "doc_number", "phone", "birth_date"]
    assert {"households.HouseholdEvent", "notifications.OutgoingMessage", "reports.Requester"} <= set(found)


def test_a_dry_run_counts_and_writes_nothing(world: World, settings: Any) -> None:
    everything(world)
    assert "\n0 rows to do\n" in rotate(dry_run=True)
    new_key(settings)
    before = every_stored_text()
    told = rotate(dry_run=True)
    residents = Resident.objects.count()
    assert f"households.Resident: {residents} rows, {residents} to do" in told
    assert every_stored_text() == before
    rotate()
    assert "\n0 rows to do\n" in rotate(dry_run=True)


def test_a_run_broken_off_goes_on_where_it_was(world: World, settings: Any, monkeypatch: Any) -> None:
    everything(world)
    new_key(settings)
    monkeypatch.setattr(rotation, "BATCH", 2)
    seen: list[int] = []

    def stop_after_two(_model: Any, done: int, _total: int) -> None:
        seen.append(done)
        if done >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(Resident, progress=stop_after_two)
    assert seen == [2]
    left = rotation.rotate(Resident, dry_run=True)
    assert (left.rows, left.done) == (Resident.objects.count(), Resident.objects.count() - 2)
    assert rotation.rotate(Resident).done == left.done
    assert rotation.rotate(Resident).done == 0


def test_an_edit_beside_it_is_not_overwritten(world: World, settings: Any, monkeypatch: Any) -> None:
    at = everything(world)
    new_key(settings)
    whole = rotation._put
    edited: list[Any] = []

    def put_after_an_edit(row: Any, columns: Any, outcome: Any) -> bool:
        if row.pk == at.head and not edited:
            path = f"households/{at.family}/residents/{at.head}"
            edited.append(put(world, "zhang", path, 200, name="欧阳新名", version=1))
        return whole(row, columns, outcome)

    monkeypatch.setattr(rotation, "_put", put_after_an_edit)
    outcome = rotation.rotate(Resident)
    assert edited
    assert outcome.complete
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    row = Resident.objects.get(pk=at.head)
    assert (row.name, row.phone) == ("欧阳新名", PHONE)
    assert row.phone_hash == lookup_hash(PHONE)


def test_a_row_edited_all_the_time_is_left_and_said(world: World, settings: Any, monkeypatch: Any) -> None:
    everything(world)
    new_key(settings)
    monkeypatch.setattr(rotation, "_put", lambda *_row: False)
    with pytest.raises(CommandError, match=r"rows of households\.Resident were edited all the time; run it again"):
        rotate()


def test_a_lost_key_is_named_with_model_and_field_and_the_rest_is_moved(world: World, settings: Any) -> None:
    at = everything(world)
    kept = settings.FIELD_KEYS
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    Requester.objects.create(report_id=submit(world), name="丢了钥匙", phone="")
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *kept]
    pk = Requester.objects.only("pk").get().pk
    for dry_run in (True, False):
        with pytest.raises(CommandError) as refused:
            rotate(dry_run=dry_run)
        assert f"no key in FIELD_KEYS reads reports.Requester.name in 1 rows, the first is {pk}" in str(refused.value)
    with pytest.raises(KeyLost):
        Requester.objects.get()
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert Resident.objects.get(pk=at.head).name == HEAD_NAME


def test_a_hash_that_no_longer_fits_its_value_is_made_again(world: World) -> None:
    at = everything(world)
    Resident.objects.filter(pk=at.head).update(phone_hash="0" * 64)
    assert rotation.rotate(Resident).done == 1
    assert Resident.objects.get(pk=at.head).phone_hash == lookup_hash(PHONE)


def test_only_what_has_to_be_written_is(world: World, settings: Any) -> None:
    at = everything(world)
    before = Resident.objects.count()
    new_key(settings)
    said = {"name": "新来的", "relation": "sibling", "phone": "13600003333"}
    put(world, "zhang", f"households/{at.family}/residents/{uuid4()}", 201, **said)
    assert rotation.rotate(Resident).done == before


def test_the_newest_key_alone_reads_what_the_database_holds(world: World, settings: Any) -> None:
    planted(world)
    new_key(settings)
    rotate()
    newest = Fernet(settings.FIELD_KEYS[0])
    with connection.cursor() as cursor:
        quoted = connection.ops.quote_name
        for model in encrypted_models():
            for name in encrypted_fields(model):
                cursor.execute(f"SELECT {quoted(name)} FROM {quoted(model._meta.db_table)}")
                for (token,) in cursor.fetchall():
                    assert not token or newest.decrypt(token.encode())
