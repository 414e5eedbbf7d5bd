"""Making notices and the three facts about each: on a device, opened, signed for."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core.moment import moved_to
from core.problems import Problem
from notifications import bell
from notifications.actions import acknowledge, mark_seen, notify, receipt, receipt_subject, tell_others
from notifications.kinds import Kind, register, render
from notifications.models import Notification
from notifications.status import delivery_status
from tests.delivery_kinds import SIGNED

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 5, 8, 1, 0, tzinfo=UTC)
PARAMS = {"number": "12", "place": "文化东路"}


def people(count: int) -> list[User]:
    return User.objects.bulk_create(User(username=f"w{n}", full_name=f"工作人员{n}") for n in range(count))


def call(recipients: list[User], **given: object) -> list[Notification]:
    options = {"subject": "whistle", "subject_id": 12, "group_key": "whistle:12", "urgency": "emergency"} | given
    kind = options.pop("kind", "test_call")
    return notify(recipients, kind, PARAMS, **options)


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch, settings: object) -> list[list[int]]:
    rung: list[list[int]] = []
    monkeypatch.setattr(bell, "_here", SimpleNamespace(ring=rung.append))
    settings.REDIS_URL = ""
    return rung


@pytest.mark.parametrize("count", [1, 10, 100])
def test_a_call_is_one_insert_however_many_it_goes_to(count: int) -> None:
    recipients = people(count)
    with CaptureQueriesContext(connection) as queries:
        made = call(recipients)
    assert len(queries) == 1
    assert {notice.recipient_id for notice in made} == {user.pk for user in recipients}
    assert Notification.objects.filter(id__in=[notice.pk for notice in made]).count() == count


def test_what_is_returned_is_what_is_stored() -> None:
    [user] = people(1)
    with moved_to(NINE):
        [made] = call([user])
    stored = Notification.objects.get(pk=made.pk)
    for field in Notification._meta.concrete_fields:
        assert getattr(stored, field.attname) == getattr(made, field.attname), field.name
    assert stored.params == PARAMS
    assert (stored.created_at, stored.next_at, stored.rung_at) == (NINE, NINE, None)
    assert stored.needs_receipt


def test_a_repeated_action_notifies_nobody_twice() -> None:
    first, second = people(2)
    made = call([first], dedupe_key="blown")
    again = call([first, second, second], dedupe_key="blown")
    assert [notice.recipient_id for notice in made] == [first.pk]
    assert [notice.recipient_id for notice in again] == [second.pk]
    assert len(call([first])) == len(call([first])) == 1
    assert Notification.objects.count() == 4


def test_nobody_inactive_and_an_empty_list_are_not_notified() -> None:
    active, gone = people(2)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert [notice.recipient_id for notice in call([active, gone])] == [active.pk]
    assert call([]) == []


def test_a_call_that_names_a_missing_value_or_kind_is_refused_when_it_is_made() -> None:
    [user] = people(1)
    with pytest.raises(KeyError):
        notify([user], "test_call", {"number": 1}, subject="whistle", subject_id=1)
    with pytest.raises(KeyError):
        call([user], kind="unheard_of")
    with pytest.raises(ValueError, match="screaming"):
        call([user], urgency="screaming")
    with pytest.raises(ValueError, match="twice"):
        register(Kind("test_call", title="", body=""))
    assert not Notification.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_after_the_commit_and_not_after_a_rollback(bells: list[list[int]]) -> None:
    first, second = people(2)
    with transaction.atomic():
        call([first, second])
        assert bells == []
    assert [sorted(rung) for rung in bells] == [[first.pk, second.pk]]
    with transaction.atomic():
        call([first])
        transaction.set_rollback(True)
    assert len(bells) == 1


@pytest.mark.django_db(transaction=True)
def test_a_bell_that_breaks_does_not_break_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(ids: list[int]) -> None:
        raise RuntimeError("loop is closed")

    monkeypatch.setattr(bell, "_here", broken)
    [user] = people(1)
    with transaction.atomic():
        call([user])
    assert Notification.objects.count() == 1


def test_the_three_facts_are_never_merged() -> None:
    [user] = people(1)
    facts = ("delivered_at", "seen_at", "receipted_at")
    for fact, record in (
        ("delivered_at", lambda notice: acknowledge(user, [notice.pk], "phone")),
        ("seen_at", lambda notice: mark_seen(user, [notice.pk])),
        ("receipted_at", lambda notice: receipt(user, notice.pk)),
    ):
        [notice] = call([user])
        record(notice)
        notice.refresh_from_db()
        assert [name for name in facts if getattr(notice, name)] == [fact]
        assert notice.next_at is None


def test_an_acknowledgement_keeps_its_first_time_and_device() -> None:
    [user] = people(1)
    [notice] = call([user])
    with moved_to(NINE), CaptureQueriesContext(connection) as queries:
        assert acknowledge(user, [notice.pk, notice.pk], "phone") == [notice.pk]
    assert len(queries) == 1
    with moved_to(NINE + timedelta(hours=1)):
        assert acknowledge(user, [notice.pk], "tablet") == [notice.pk]
    notice.refresh_from_db()
    assert (notice.delivered_at, notice.rung_at, notice.device) == (NINE, NINE, "phone")
    assert acknowledge(user, []) == []


def test_seen_and_receipt_keep_their_first_time() -> None:
    [user] = people(1)
    [notice] = call([user])
    SIGNED.clear()
    for hours in range(2):
        with moved_to(NINE + timedelta(hours=hours)):
            assert mark_seen(user, [notice.pk]) == [notice.pk]
            assert receipt(user, notice.pk).receipted_at == NINE
    notice.refresh_from_db()
    assert (notice.seen_at, notice.receipted_at) == (NINE, NINE)
    assert [notice.pk] == SIGNED


def test_signing_for_the_duty_signs_for_its_notices() -> None:
    user, other = people(2)
    [mine], [about_else], [others] = call([user]), call([user], subject_id=13), call([other])
    call([user], kind="test_note")
    assert receipt_subject(user, "whistle", 12) == 1
    assert receipt_subject(user, "whistle", 12) == 0
    for notice, signed in ((mine, True), (about_else, False), (others, False)):
        notice.refresh_from_db()
        assert bool(notice.receipted_at) == signed


def test_nobody_confirms_the_notices_of_another() -> None:
    user, outsider = people(2)
    [notice] = call([user])
    assert acknowledge(outsider, [notice.pk], "phone") == []
    assert mark_seen(outsider, [notice.pk]) == []
    with pytest.raises(Problem) as refused:
        receipt(outsider, notice.pk)
    assert refused.value.code == "not_found"
    stored = Notification.objects.get(pk=notice.pk)
    assert (stored.delivered_at, stored.seen_at, stored.receipted_at) == (None, None, None)
    assert stored.next_at is not None


def test_the_sender_sees_per_recipient_how_far_the_call_has_come() -> None:
    reached, opened, signed, silent, officer = people(5)
    notices = {notice.recipient_id: notice for notice in call([reached, opened, signed, silent])}
    with moved_to(NINE):
        acknowledge(reached, [notices[reached.pk].pk], "phone")
        mark_seen(opened, [notices[opened.pk].pk])
        receipt(signed, notices[signed.pk].pk)
    tell_others(notices[silent.pk], [officer], "duty")
    call([reached], kind="test_note", group_key="whistle:12")
    call([reached], group_key="whistle:13")
    with CaptureQueriesContext(connection) as queries:
        rows = {row.recipient: row for row in delivery_status("whistle:12")}
    assert len(queries) == 1
    assert set(rows) == {reached, opened, signed, silent, officer}
    row = rows[reached]
    assert (row.kind, row.rung_at, row.delivered_at, row.device) == ("test_call", NINE, NINE, "phone")
    assert rows[opened].seen_at == NINE
    assert rows[signed].receipted_at == NINE
    assert rows[silent].rung_at is rows[silent].delivered_at is None
    assert rows[officer].escalated
    assert not rows[silent].escalated
    assert {row.recipient for row in delivery_status("whistle:12", ["unanswered"])} == {officer}
    assert delivery_status("") == []


def test_texts_are_rendered_when_read_and_in_the_language_of_the_reader() -> None:
    assert render("test_call", PARAMS, "zh-hans") == ("Call 12", "Come to 文化东路.")
    nested = {"kind": "test_call", "params": PARAMS, "recipient": "张三"}
    assert render("unanswered", nested, "en") == (
        "Not answered: Call 12",
        "张三 has not been reached. Come to 文化东路.",
    )


def test_a_notice_that_can_no_longer_be_rendered_still_shows_its_kind() -> None:
    assert render("retired_kind", {}) == ("retired_kind", "")
    assert render("test_call", {}) == ("test_call", "")
