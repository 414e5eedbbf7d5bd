"""The administration's pages of the duty roster, of announcements and of the knowledge base."""

from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import localtime

from core.moment import moved_to, now
from grids.models import DutyShift
from notifications.models import Notification
from reports.models import Announcement, CatalogueItem, KnowledgeEntry
from tests.admin_scenes import enter, errors, page
from tests.test_duty_roster import MORNING, NOON, book, rows
from tests.world import World

pytestmark = pytest.mark.django_db


def tonight(world: World, **changes: Any) -> dict[str, Any]:
    start = localtime(now() + timedelta(days=1)).replace(microsecond=0)
    end = start + timedelta(hours=12)
    said: dict[str, Any] = {"area": world.street.pk, "username": "li", "role": "main", "phone": "110"}
    said |= {"starts_at_0": start.date(), "starts_at_1": start.time(), "ends_at_0": end.date(), "ends_at_1": end.time()}
    return said | changes


def test_a_dispatcher_enters_changes_and_calls_off_a_turn_with_a_trail(world: World) -> None:
    client = enter(world, "wang")
    answer = client.post(page("grids_dutyshift_add"), tonight(world))
    assert answer.status_code == 302, errors(answer)
    shift = DutyShift.objects.get()
    assert (shift.person, shift.area, shift.made_by) == (world["li"], world.street, world["wang"])
    url = page("grids_dutyshift_change", shift.pk)
    assert client.get(url).status_code == 200
    answer = client.post(url, tonight(world, phone="119"))
    assert answer.status_code == 302, errors(answer)
    assert client.post(page("grids_dutyshift_call_off_page", shift.pk)).status_code == 302
    shift.refresh_from_db()
    assert (shift.phone, shift.version, shift.cancelled_at is not None) == ("119", 3, True)
    actors = {entry.actor for entry in LogEntry.objects.get_for_object(shift)}
    assert actors == {world["wang"]}
    assert client.get(url).status_code == 200
    assert client.post(url, tonight(world)).status_code == 403


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "no_such"}, "username"),
        ({"username": "outsider"}, "username"),
        ({"area": ""}, "area"),
        ({"ends_at_0": "2020-01-01"}, "ends_at"),
    ],
)
def test_what_the_roster_refuses_stands_at_its_field(world: World, changes: dict[str, Any], field: str) -> None:
    answer = enter(world, "wang").post(page("grids_dutyshift_add"), tonight(world, **changes))
    assert answer.status_code == 200
    assert list(errors(answer)) == [field]
    assert not DutyShift.objects.exists()


def test_turns_of_elsewhere_are_not_there(world: World) -> None:
    enter(world, "wang").post(page("grids_dutyshift_add"), tonight(world))
    shift = DutyShift.objects.get()
    client = enter(world, "outsider")
    for name in ("change", "call_off_page", "history"):
        assert client.get(page(f"grids_dutyshift_{name}", shift.pk)).status_code in (403, 404)
    assert client.post(page("grids_dutyshift_call_off_page", shift.pk)).status_code in (403, 404)
    assert DutyShift.objects.get().cancelled_at is None


def upload(world: World, name: str, data: bytes, **said: Any) -> Any:
    file = SimpleUploadedFile("值班表.xlsx", data)
    with moved_to(NOON):
        return enter(world, name).post(page("grids_dutyshift_import_page"), {"file": file, **said})


def test_a_workbook_is_tried_and_then_entered(world: World) -> None:
    assert enter(world, "wang").get(page("grids_dutyshift_import_page")).status_code == 200
    tried = upload(world, "wang", book(rows("li", "wang")), dry_run="on")
    assert (tried.status_code, tried.context["result"].new) == (200, 2)
    assert not DutyShift.objects.exists()
    faulty = upload(world, "wang", book(rows("li", "no_such")))
    assert [fault.row for fault in faulty.context["result"].faults] == [3]
    assert not DutyShift.objects.exists()
    assert upload(world, "wang", book(rows("li", "wang"))).status_code == 302
    assert DutyShift.objects.count() == 2
    assert upload(world, "wang", b"nothing").context["form"].errors["file"]
    with moved_to(MORNING):
        sheet = enter(world, "wang").get(page("grids_dutyshift_export_page"))
    assert sheet["Content-Disposition"].endswith('"duty.xlsx"')


def test_a_catalogue_keeper_neither_imports_nor_sees_the_roster(world: World) -> None:
    assert upload(world, "zhang", book(rows("li"))).status_code == 302
    assert not DutyShift.objects.exists()


NEWS = {"role": "", "title": "台风防范", "body": "清查广告牌", "valid_from_0": "", "valid_from_1": ""}


def test_an_announcement_is_drafted_changed_published_and_withdrawn(world: World) -> None:
    client = enter(world, "wang")
    answer = client.post(page("reports_announcement_add"), NEWS | {"area": world.street.pk})
    assert answer.status_code == 302, errors(answer)
    row = Announcement.objects.get()
    answer = client.post(page("reports_announcement_change", row.pk), NEWS | {"area": world.street.pk, "title": "改"})
    assert answer.status_code == 302, errors(answer)
    assert not Notification.objects.exists()
    assert client.post(page("reports_announcement_publish_page", row.pk)).status_code == 302
    assert Notification.objects.filter(subject="announcement").count() == 8
    assert client.get(page("reports_announcement_change", row.pk)).status_code == 200
    late = client.post(page("reports_announcement_change", row.pk), NEWS | {"area": world.street.pk})
    assert late.status_code == 403
    assert client.post(page("reports_announcement_withdraw_page", row.pk), {"reason": ""}).status_code == 200
    assert client.post(page("reports_announcement_withdraw_page", row.pk), {"reason": "有误"}).status_code == 302
    row.refresh_from_db()
    assert (row.title, row.state, row.withdrawn_by) == ("改", "withdrawn", world["wang"])
    assert LogEntry.objects.get_for_object(row).count() == 4


def test_nobody_announces_to_another_street(world: World) -> None:
    answer = enter(world, "outsider").post(page("reports_announcement_add"), NEWS | {"area": world.street.pk})
    assert answer.status_code == 200
    assert "area" in errors(answer)
    row = Announcement.objects.create(
        title="x", body="x", issuer="x", author=world["wang"], area=world.street, valid_from=now(), created_at=now()
    )
    for name in ("change", "publish_page", "withdraw_page"):
        assert enter(world, "outsider").get(page(f"reports_announcement_{name}", row.pk)).status_code in (403, 404)


def written(world: World, **changes: Any) -> dict[str, Any]:
    pipe = CatalogueItem.objects.get(code="02-01-001")
    return {"title": "阀门", "text": "关总阀", "items": [pipe.pk], "area": world.street.pk, "active": "on", **changes}


def test_an_entry_of_the_knowledge_base_is_written_and_changed_as_a_version(world: World) -> None:
    client = enter(world, "wang")
    answer = client.post(page("reports_knowledgeentry_add"), written(world))
    assert answer.status_code == 302, errors(answer)
    entry = KnowledgeEntry.objects.get()
    assert [item.code for item in entry.items.all()] == ["02-01-001"]
    url = page("reports_knowledgeentry_change", entry.pk)
    answer = client.post(url, written(world, items=[], class_of="event.02", text="**关**总阀"))
    assert answer.status_code == 302, errors(answer)
    entry.refresh_from_db()
    assert (entry.version, entry.class_code, entry.items.count(), entry.general) == (2, "02", 0, False)
    assert b"<strong>" in client.get(url).content
    both = client.post(url, written(world, class_of="event.02"))
    assert list(errors(both)) == ["items"]


def test_who_may_not_write_an_entry_reads_it(world: World) -> None:
    enter(world, "wang").post(page("reports_knowledgeentry_add"), written(world))
    url = page("reports_knowledgeentry_change", KnowledgeEntry.objects.get().pk)
    client = enter(world, "outsider")
    assert client.get(url).status_code == 200
    assert client.post(url, written(world, title="改")).status_code == 403
    assert "area" in errors(client.post(page("reports_knowledgeentry_add"), written(world)))
    whole_city = client.post(page("reports_knowledgeentry_add"), written(world, area=""))
    assert list(errors(whole_city)) == ["area"]
    assert KnowledgeEntry.objects.get().title == "阀门"
