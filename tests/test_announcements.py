"""Announcements: drafted, published once to everyone in reach, read, signed for, withdrawn."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from core.moment import moved_to, now
from grids.actions.staffing import Post, appoint_many
from grids.models import Area
from grids.people import people_at
from notifications.models import Notification
from notifications.sweeper import sweep_once
from reports.models import Announcement
from tests.test_query_counts import LIST, counted, reader
from tests.world import World, post

pytestmark = pytest.mark.django_db

STREET = "371082007"
STAFF = {"zhang", "zhao", "sun", "wang", "li", "clerk", "urban", "committee"}


def draft(world: World, name: str = "wang", expect: int = 201, **changes: Any) -> dict[str, Any]:
    said = {"area": STREET, "title": "台风防范", "body": "今夜风力8级,清查广告牌。", **changes}
    return post(world, name, "announcements", expect=expect, **{k: v for k, v in said.items() if v is not None})


def published(world: World, name: str = "wang", **changes: Any) -> int:
    pk: int = draft(world, name, **changes)["id"]
    post(world, name, f"announcements/{pk}/publish")
    return pk


def told(pk: int) -> set[str]:
    rows = Notification.objects.filter(subject="announcement", subject_id=str(pk))
    return set(rows.values_list("recipient__username", flat=True))


def mine(world: World, name: str, **asked: Any) -> list[dict[str, Any]]:
    return world.api(name).get(reverse("announcements-list"), asked).json()["results"]


def unread(world: World, name: str) -> int:
    return world.api(name).get(reverse("announcements-unread")).json()["unread"]


def test_a_draft_tells_nobody(world: World) -> None:
    pk = draft(world)["id"]
    assert told(pk) == set()
    assert world.api("zhang").get(reverse("announcement", args=[pk])).status_code == 404
    assert world.api("wang").get(reverse("announcement", args=[pk])).json()["state"] == "draft"


def test_a_draft_sent_twice_is_one(world: World) -> None:
    request_id = str(uuid4())
    first, again = draft(world, request_id=request_id), draft(world, "wang", 200, request_id=request_id)
    assert first["id"] == again["id"]
    assert draft(world, expect=409, request_id=request_id, title="别的")["code"] == "request_id_taken"
    assert draft(world, "li", expect=409, request_id=request_id)["code"] == "request_id_taken"
    assert Announcement.objects.count() == 1


def test_a_street_reaches_everyone_who_works_in_it_its_offices_and_their_units(world: World) -> None:
    pk = published(world)
    assert told(pk) == STAFF
    row = Announcement.objects.get(pk=pk)
    assert (row.recipients, row.issuer) == (len(STAFF), "崖头街道")


def test_one_role_only(world: World) -> None:
    assert told(published(world, role="grid_worker")) == {"zhang", "zhao"}


def test_a_department_leader_reaches_the_unit(world: World) -> None:
    assert told(published(world, "water_boss", area=None, department="SWJT")) == {"water", "water_boss"}


def test_the_city_reaches_everyone_with_a_post(world: World) -> None:
    pk = published(world, "command", area=Area.objects.get(level="city").code)
    assert told(pk) == set(world.people) - {"nobody", "root"}


def test_publishing_twice_tells_once(world: World) -> None:
    pk = published(world)
    before = Notification.objects.count()
    assert post(world, "wang", f"announcements/{pk}/publish")["counts"] == {"recipients": len(STAFF), "read": 0}
    assert Notification.objects.count() == before


def test_what_reaches_nobody_is_not_published(world: World) -> None:
    pk = draft(world, role="supervisor")["id"]
    assert post(world, "wang", f"announcements/{pk}/publish", expect=409)["code"] == "announcement_nobody"
    assert Announcement.objects.get().published_at is None


def test_only_a_draft_is_changed_and_only_by_the_version_seen(world: World) -> None:
    pk = draft(world)["id"]
    url, client = reverse("announcement", args=[pk]), world.api("wang")
    said = {"area": STREET, "title": "改", "body": "改", "version": 1}
    assert client.put(url, said, format="json").json()["title"] == "改"
    assert client.put(url, said, format="json").json()["code"] == "stale_version"
    assert post(world, "wang", f"announcements/{pk}/publish", expect=409, version=1)["code"] == "stale_version"
    post(world, "wang", f"announcements/{pk}/publish", version=2)
    assert client.put(url, said | {"version": 3}, format="json").json()["code"] == "announcement_not_draft"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"department": "SWJT"}, "announcement_scope"),
        ({"area": None}, "announcement_scope"),
        ({"area": "999"}, "unknown_place"),
        ({"valid_until": "2020-01-01T00:00:00Z"}, "announcement_period"),
        ({"title": ""}, "invalid"),
        ({"role": "king"}, "invalid"),
    ],
)
def test_what_cannot_be_meant_is_refused(world: World, changes: dict[str, Any], code: str) -> None:
    assert draft(world, expect=400, **changes)["code"] == code


@pytest.mark.parametrize(
    ("name", "where", "status"),
    [
        ("sun", {"area": "371082007032"}, 201),
        ("sun", {}, 403),
        ("li", {}, 201),
        ("command", {"area": None, "department": "SWJT"}, 403),
        ("water", {"area": None, "department": "SWJT"}, 403),
        ("water_boss", {"area": None, "department": "RQGS"}, 403),
        ("outsider", {}, 403),
        ("zhang", {"area": "371082007032002"}, 403),
    ],
)
def test_who_announces_where(world: World, name: str, where: dict[str, Any], status: int) -> None:
    draft(world, name, expect=status, **where)


def test_reading_it_is_on_record_once(world: World) -> None:
    pk = published(world)
    assert unread(world, "zhang") == 1
    first = post(world, "zhang", f"announcements/{pk}/read")
    assert first["mine"] == {"read": True}
    assert first["counts"] is None
    moment = Notification.objects.get(subject_id=str(pk), recipient=world["zhang"]).seen_at
    post(world, "zhang", f"announcements/{pk}/read")
    assert Notification.objects.get(subject_id=str(pk), recipient=world["zhang"]).seen_at == moment
    assert unread(world, "zhang") == 0
    assert [one["read"] for one in mine(world, "zhang")] == [True]
    assert mine(world, "zhang", unread="true") == []
    shown = world.api("wang").get(reverse("announcement", args=[pk])).json()
    assert shown["counts"] == {"recipients": len(STAFF), "read": 1}


def test_opening_its_notice_is_reading_it_but_not_signing_for_it(world: World) -> None:
    plain, signed = published(world), published(world, needs_receipt=True)
    ids = list(Notification.objects.filter(recipient=world["zhang"]).values_list("id", flat=True))
    post(world, "zhang", "notifications/seen", ids=ids)
    assert {one["id"]: one["read"] for one in mine(world, "zhang")} == {plain: True, signed: False}
    post(world, "zhang", f"notifications/{ids[-1]}/receipt")
    assert unread(world, "zhang") == 0


def test_who_has_not_read_it_is_named(world: World) -> None:
    pk = published(world)
    post(world, "zhang", f"announcements/{pk}/read")
    url = reverse("announcement-readers", args=[pk])
    for asked, names in (({"read": "false"}, STAFF - {"zhang"}), ({"read": "true"}, {"zhang"}), ({}, STAFF)):
        rows = world.api("li").get(url, asked).json()["results"]
        assert {row["person"]["username"] for row in rows} == names
    assert world.api("zhang").get(url).status_code == 403
    assert world.api("outsider").get(url).status_code == 404


def test_a_withdrawal_says_why_to_everyone_and_stops_the_bell(world: World) -> None:
    pk = published(world)
    assert post(world, "zhang", f"announcements/{pk}/withdraw", expect=403, reason="x")["code"] == "forbidden"
    post(world, "li", f"announcements/{pk}/withdraw", reason="有误")
    assert unread(world, "zhang") == 0
    assert [one["state"] for one in mine(world, "zhang")] == ["withdrawn"]
    assert mine(world, "zhang", current="true") == []
    assert (
        set(Notification.objects.filter(kind="announcement_withdrawn").values_list("recipient__username", flat=True))
        == STAFF
    )
    assert not Notification.objects.on_ladder().filter(kind="announcement").exists()
    post(world, "wang", f"announcements/{pk}/withdraw", reason="再说")
    assert Announcement.objects.get().withdrawn_reason == "有误"
    assert post(world, "wang", f"announcements/{pk}/publish", expect=409)["code"] == "announcement_not_published"


def test_a_draft_cannot_be_withdrawn(world: World) -> None:
    pk = draft(world)["id"]
    assert post(world, "wang", f"announcements/{pk}/withdraw", expect=409, reason="x")["code"] == (
        "announcement_not_published"
    )


def test_what_has_expired_no_longer_counts_as_unread(world: World) -> None:
    published(world, valid_until=(now() + timedelta(hours=1)).isoformat())
    assert unread(world, "zhang") == 1
    with moved_to(now() + timedelta(hours=2)):
        assert unread(world, "zhang") == 0
        assert len(mine(world, "zhang")) == 1
        assert mine(world, "zhang", current="true") == []


def test_a_late_publication_of_an_expired_draft_is_refused(world: World) -> None:
    pk = draft(world, valid_until=(now() + timedelta(hours=1)).isoformat())["id"]
    with moved_to(now() + timedelta(hours=2)):
        answer = post(world, "wang", f"announcements/{pk}/publish", expect=400)
    assert answer["code"] == "announcement_period"


def test_the_notice_speaks_both_languages(world: World) -> None:
    published(world, needs_receipt=True)
    client = world.api("zhang")
    for language, title in (("zh-hans", "请签收：台风防范"), ("en", "Please sign: 台风防范")):
        shown = client.get(reverse("notifications-list"), HTTP_ACCEPT_LANGUAGE=language).json()["results"][0]
        assert shown["title"] == title
        assert "崖头街道" in shown["body"]


def test_an_announcement_nobody_opens_wakes_no_duty_officer(world: World) -> None:
    published(world)
    for minutes in (0, 1, 3, 6, 11):
        with moved_to(now() + timedelta(minutes=minutes)):
            while sweep_once():
                pass
    assert not Notification.objects.filter(kind="unanswered").exists()


def crowd(world: World, count: int, letter: str = "p") -> None:
    people = User.objects.bulk_create(
        User(username=f"{letter}{number}", full_name=f"员{number}") for number in range(count)
    )
    appoint_many(Post(person, Role.GRID_WORKER, world.grid) for person in people)


def test_telling_a_thousand_costs_what_telling_ten_costs(world: World) -> None:
    costs = []
    for count in (10, 1_000):
        crowd(world, count, "p" if count == 10 else "q")
        pk = draft(world)["id"]
        client = reader(world, "wang")
        with CaptureQueriesContext(connection) as seen:
            answer = client.post(reverse("announcement-publish", args=[pk]), {}, format="json")
        assert answer.json()["counts"]["recipients"] >= count
        assert sum('INSERT INTO "notifications_' in query["sql"] for query in seen) == 1
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 16, costs


@pytest.mark.parametrize("rows", [1, 10, 100])
def test_the_lists_take_four_and_the_detail_eight(world: World, rows: int) -> None:
    crowd(world, rows)
    pks = [published(world) for _ in range(rows if rows < 100 else 30)]
    for name in ("zhang", "wang"):
        client = reader(world, name)
        shown = counted(LIST, lambda client=client: client.get(reverse("announcements-list"), {"page_size": 100}))
        assert len(shown.json()["results"]) == len(pks)
        for asked in ({"unread": "true"}, {"current": "true"}, {"current": "false"}):
            counted(LIST, lambda client=client, asked=asked: client.get(reverse("announcements-list"), asked))
        counted(LIST, lambda client=client: client.get(reverse("announcements-unread")))
        counted(8, lambda client=client: client.get(reverse("announcement", args=[pks[0]])))
    counted(LIST, lambda: client.get(reverse("announcements-authored"), {"page_size": 100}))
    counted(6, lambda: client.get(reverse("announcement-readers", args=[pks[0]]), {"page_size": 100}))


def test_people_of_a_place_are_those_with_a_post_now(world: World) -> None:
    assert {one.username for one in people_at(world.street)} == STAFF
    User.objects.filter(username="zhang").update(is_active=False)
    assert "zhang" not in {one.username for one in people_at(world.street)}


def test_authors_see_what_is_said_below_them_and_nobody_elses(world: World) -> None:
    pk = published(world, "sun", area="371082007032")
    seen = {name for name in world.people if world.api(name).get(reverse("announcements-authored")).json()["results"]}
    assert seen == {"sun", "wang", "li", "command", "root"}
    for name in ("outsider", "water_boss", "nobody"):
        assert world.api(name).get(reverse("announcement", args=[pk])).status_code == 404
