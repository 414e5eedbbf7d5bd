"""Rules in the administration: catalogue, days, limits and messages, changed by few and with a trail."""

from typing import Any

import pytest
from auditlog.models import LogEntry

from grids.actions.appointments import appoint
from reports.models import CatalogueItem, ClockRule, MessageTemplate, WorkingDay
from tests.admin_scenes import enter, errors, page
from tests.world import World

pytestmark = pytest.mark.django_db
VERSIONS = {"versions-TOTAL_FORMS": "1", "versions-INITIAL_FORMS": "1", "versions-0-id": ""}


def item_data(**changes: Any) -> dict[str, Any]:
    return {
        "class_name": "市容环境",
        "name": "暴露垃圾",
        "valid_from": "2026-12-01",
        "urgency": "normal",
        "questions": "",
        "limit_hotline": "1个工作日",
        "limit_digital_city": "2工作时",
        "closing_digital_city": "清理干净",
        **VERSIONS,
        **changes,
    }


def test_the_system_admin_changes_an_item_by_a_new_version(world: World) -> None:
    item = CatalogueItem.objects.get(code="01-01-001")
    answer = enter(world, "sysadmin").post(
        page("reports_catalogueitem_change", item.pk), item_data(**{"versions-0-id": item.versions.get().pk})
    )
    assert answer.status_code == 302, errors(answer)
    old, new = item.versions.order_by("valid_from")
    assert (old.valid_to, new.effective_limit.text()) == (new.valid_from, "2工作时")
    assert new.created_by == world["sysadmin"]
    assert LogEntry.objects.get_for_object(new).get().actor == world["sysadmin"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"limit_hotline": "2小时"}, "limit_hotline"),
        ({"limit_hotline": "", "limit_digital_city": "", "closing_digital_city": ""}, "limit_hotline"),
        ({"valid_from": "2019-01-01"}, "valid_from"),
        ({"questions": "[[["}, "questions"),
    ],
)
def test_what_the_catalogue_refuses_stands_at_its_field(world: World, changes: dict[str, Any], field: str) -> None:
    item = CatalogueItem.objects.get(code="01-01-001")
    data = item_data(**{"versions-0-id": item.versions.get().pk, **changes})
    answer = enter(world, "sysadmin").post(page("reports_catalogueitem_change", item.pk), data)
    assert answer.status_code == 200
    assert list(errors(answer)) == [field]
    assert item.versions.count() == 1


def test_a_new_item_and_its_retirement(world: World) -> None:
    client = enter(world, "sysadmin")
    none = {"versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}
    answer = client.post(page("reports_catalogueitem_add"), item_data(code="02-09-001", **none))
    assert answer.status_code == 302, errors(answer)
    item = CatalogueItem.objects.get(code="02-09-001")
    answer = client.post(page("reports_catalogueitem_retire_page", item.pk), {"on": "2027-01-01"})
    assert answer.status_code == 302
    item.refresh_from_db()
    assert str(item.retired_at) == "2027-01-01"
    assert LogEntry.objects.get_for_object(item).latest("id").actor == world["sysadmin"]


@pytest.mark.parametrize("name", ["sun", "wang", "command"])
def test_the_rules_are_read_by_all_and_changed_by_few(world: World, name: str) -> None:
    client = enter(world, name)
    item = CatalogueItem.objects.get(code="01-01-001")
    day = WorkingDay.objects.first()
    assert day is not None
    for path, pk in (("reports_catalogueitem", item.pk), ("reports_workingday", day.pk)):
        assert client.get(page(f"{path}_changelist")).status_code == 200
        assert client.get(page(f"{path}_change", pk)).status_code == 200
        assert client.get(page(f"{path}_add")).status_code == 403
        assert client.post(page(f"{path}_change", pk), item_data(working="on")).status_code == 403
    assert client.get(page("reports_clockrule_changelist")).status_code == 200
    rule = {"key": "review", "amount": "1", "unit": "work_day"}
    assert client.post(page("reports_clockrule_add"), rule).status_code == 403
    assert client.post(page("reports_catalogueitem_retire_page", item.pk), {"on": "2027-01-01"}).status_code == 403
    assert item.versions.count() == 1
    assert not ClockRule.objects.exists()


def test_the_catalogue_of_the_city_is_not_for_a_streets_system_admin(world: World) -> None:
    appoint(world["nobody"], "system_admin", world.street)
    item = CatalogueItem.objects.get(code="01-01-001")
    client = enter(world, "nobody")
    assert client.post(page("reports_catalogueitem_change", item.pk), item_data()).status_code == 403


def test_a_day_is_set_and_a_limit_replaced_with_a_trail(world: World) -> None:
    client = enter(world, "sysadmin")
    day = WorkingDay.objects.get(date="2026-10-10")
    assert client.post(page("reports_workingday_change", day.pk), {"note": "停电"}).status_code == 302
    day.refresh_from_db()
    assert (day.working, day.note) == (False, "停电")
    assert LogEntry.objects.get_for_object(day).latest("id").actor == world["sysadmin"]
    answer = client.post(page("reports_clockrule_add"), {"key": "review", "amount": "2", "unit": "work_day"})
    assert answer.status_code == 302, errors(answer)
    rule = ClockRule.objects.get(key="review")
    assert LogEntry.objects.get_for_object(rule).get().actor == world["sysadmin"]
    answer = client.post(page("reports_clockrule_add"), {"key": "nonsense", "amount": "2", "unit": "work_day"})
    assert "key" in errors(answer)


def test_working_periods_that_overlap_are_refused(world: World) -> None:
    answer = enter(world, "sysadmin").post(page("reports_workingperiod_add"), {"start": "11:00", "end": "15:00"})
    assert answer.status_code == 200
    assert "end" in errors(answer)


def test_a_message_template_is_changed_with_a_trail_and_refused_with_an_unknown_place(world: World) -> None:
    client = enter(world, "sysadmin")
    row = MessageTemplate.objects.get(event="accepted")
    said = {"event": "accepted", "item": "", "text": "%(number)s 已受理", "active": "on", "valid_from": "2026-01-01"}
    answer = client.post(page("reports_messagetemplate_change", row.pk), {**said, "text": "%(phone)s"})
    assert "%(phone)s" in errors(answer)["text"][0]
    assert client.post(page("reports_messagetemplate_change", row.pk), said).status_code == 302
    row.refresh_from_db()
    assert (row.text, row.active) == ("%(number)s 已受理", True)
    assert LogEntry.objects.get_for_object(row).latest("id").actor == world["sysadmin"]
    assert client.post(page("reports_messagetemplate_delete", row.pk), {"post": "yes"}).status_code == 403
    assert enter(world, "wang").post(page("reports_messagetemplate_change", row.pk), said).status_code == 403
