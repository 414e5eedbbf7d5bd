"""Notices over HTTP: the person's own, and nobody else's."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Device, User
from notifications.actions import notify
from notifications.models import Notification
from tests.delivery_kinds import SIGNED

pytestmark = pytest.mark.django_db
PARAMS = {"number": "12", "place": "文化东路"}
LIST, ACK, SEEN = (reverse(f"notifications-{name}") for name in ("list", "ack", "seen"))


def receipt_of(notice: Notification) -> str:
    return reverse("notifications-receipt", args=[notice.pk])


def client_of(username: str) -> tuple[User, APIClient]:
    user = User.objects.create_user(username, full_name="李四")
    _, token = Device.objects.create(user=user, name="phone")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return user, client


@pytest.fixture
def worker() -> tuple[User, APIClient]:
    return client_of("addressee")


@pytest.fixture
def outsider() -> APIClient:
    return client_of("stranger")[1]


def call(user: User, kind: str = "test_call", count: int = 1, **given: Any) -> list[Notification]:
    options = {"subject": "whistle", "subject_id": 12, "group_key": "whistle:12", "urgency": "emergency"} | given
    return [notify([user], kind, PARAMS, **options)[0] for _ in range(count)]


@pytest.mark.parametrize("count", [1, 10, 100])
def test_a_list_takes_at_most_three_queries_at_any_length(worker: tuple[User, APIClient], count: int) -> None:
    user, client = worker
    call(user, count=count)
    client.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        body = client.get(LIST, {"page_size": 100}).json()
    assert len(body["results"]) == count
    assert len(queries) <= 3


def test_the_list_is_newest_first_and_pages_by_key(worker: tuple[User, APIClient]) -> None:
    user, client = worker
    notices = call(user, count=5)
    seen, url = [], f"{LIST}?page_size=2"
    while url:
        body = client.get(url).json()
        seen += [row["id"] for row in body["results"]]
        url = body["next"]
    assert seen == [notice.pk for notice in reversed(notices)]


def test_a_row_shows_text_and_facts(worker: tuple[User, APIClient]) -> None:
    user, client = worker
    [notice] = call(user)
    [row] = client.get(LIST).json()["results"]
    assert row["id"] == notice.pk
    assert (row["title"], row["body"]) == ("Call 12", "Come to 文化东路.")
    assert (row["subject"], row["subject_id"], row["needs_receipt"]) == ("whistle", "12", True)
    assert row["delivered_at"] is row["seen_at"] is row["receipted_at"] is None


def test_filters_find_what_is_unacknowledged_and_what_is_to_be_signed(worker: tuple[User, APIClient]) -> None:
    user, client = worker
    acked, signed, open_ = call(user, count=3)
    [note] = call(user, "test_note", subject="report")
    client.post(ACK, {"ids": [acked.pk]}, format="json")
    client.post(receipt_of(signed))

    def ids(**query: str) -> set[int]:
        return {row["id"] for row in client.get(LIST, query).json()["results"]}

    assert ids(unacknowledged="1") == {signed.pk, open_.pk, note.pk}
    assert ids(unacknowledged="true", kind="test_call") == {signed.pk, open_.pk}
    assert ids(unreceipted="1") == {acked.pk, open_.pk}
    assert ids(subject="report") == {note.pk}
    assert ids(subject="whistle", subject_id="12") == {acked.pk, signed.pk, open_.pk}


def test_ack_names_the_device_and_repeats_with_the_same_answer(worker: tuple[User, APIClient]) -> None:
    user, client = worker
    one, two = call(user, count=2)
    for _ in range(2):
        answer = client.post(ACK, {"ids": [two.pk, one.pk, 10**12]}, format="json")
        assert (answer.status_code, answer.json()) == (200, {"ids": [one.pk, two.pk]})
    one.refresh_from_db()
    assert one.device == "phone"
    assert one.seen_at is one.receipted_at is None


def test_seen_and_receipt_over_http(worker: tuple[User, APIClient]) -> None:
    user, client = worker
    [notice] = call(user)
    SIGNED.clear()
    assert client.post(SEEN, {"ids": [notice.pk]}, format="json").json() == {"ids": [notice.pk]}
    first = client.post(receipt_of(notice)).json()
    assert first["receipted_at"]
    assert first["delivered_at"] is None
    assert client.post(receipt_of(notice)).json() == first
    assert [notice.pk] == SIGNED


@pytest.mark.parametrize(
    "body", [{}, {"ids": "1"}, {"ids": [0]}, {"ids": [2**63]}, {"ids": ["x"]}, {"ids": list(range(1, 1002))}, [1]]
)
def test_a_body_that_is_no_list_of_ids_is_refused(worker: tuple[User, APIClient], body: Any) -> None:
    for address in (ACK, SEEN):
        answer = worker[1].post(address, body, format="json")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_the_outsider_sees_and_confirms_nothing(worker: tuple[User, APIClient], outsider: APIClient) -> None:
    [notice] = call(worker[0])
    assert outsider.get(LIST).json()["results"] == []
    for address in (ACK, SEEN):
        assert outsider.post(address, {"ids": [notice.pk]}, format="json").json() == {"ids": []}
    assert outsider.post(receipt_of(notice)).status_code == 404
    assert outsider.post(f"{LIST}/{2**70}/receipt").status_code == 404
    stored = Notification.objects.get(pk=notice.pk)
    assert stored.delivered_at is stored.seen_at is stored.receipted_at is None


def test_without_a_log_in_there_is_nothing(worker: tuple[User, APIClient]) -> None:
    [notice] = call(worker[0])
    client = APIClient()
    assert client.get(LIST).status_code == 401
    for address in (ACK, SEEN, receipt_of(notice)):
        assert client.post(address, {"ids": [notice.pk]}, format="json").status_code == 401


def test_the_admin_shows_notices_to_superusers_and_changes_nothing(client: Any) -> None:
    root = User.objects.create_superuser("overseer", password="x" * 12)
    clerk = User.objects.create_user("desk-clerk", is_staff=True)
    [notice] = call(root)
    address = reverse("admin:notifications_notification_changelist")
    page = reverse("admin:notifications_notification_change", args=[notice.pk])
    client.force_login(clerk)
    assert client.get(address).status_code in (302, 403)
    client.force_login(root)
    assert client.get(address).status_code == client.get(page).status_code == 200
    assert client.post(page, {"kind": "other"}).status_code == 403
    assert client.get(reverse("admin:notifications_notification_add")).status_code == 403
