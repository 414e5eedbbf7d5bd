"""What the lists of the administration cost: the same number of queries for one row, ten and a hundred."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Department, User
from core.moment import now
from grids.actions.appointments import appoint
from grids.models import Appointment, DutyShift
from notifications.models import OutgoingMessage
from reports.models import (
    Announcement,
    CatalogueItem,
    ChangeRequest,
    ItemVersion,
    KnowledgeEntry,
    MessageTemplate,
    Report,
    RequesterMessage,
    RoutingRule,
    SavedFilter,
    SupervisionOrder,
)
from tests.admin_scenes import enter
from tests.world import World, item, submit

pytestmark = pytest.mark.django_db


def copies(world: World, count: int) -> None:
    """Reports like one that was really submitted, with an order each."""
    pattern = Report.objects.get(pk=submit(world))
    rows = []
    for number in range(count):
        row = Report.objects.get(pk=pattern.pk)
        row.pk, row.number = uuid4(), f"X{number:06d}"
        row.lead_department_id = world.departments["water"].pk
        rows.append(row)
    Report.objects.bulk_create(rows)
    SupervisionOrder.objects.bulk_create(
        SupervisionOrder(report=row, kind="timeout", department=world.departments["water"], opened_at=now())
        for row in rows
    )
    ChangeRequest.objects.bulk_create(
        ChangeRequest(report=row, kind="suspension", reason="x", asked_by=world["wang"], asked_at=now()) for row in rows
    )


def people(world: World, count: int) -> None:
    for number in range(count):
        person = User.objects.create(username=f"p{number}", full_name=f"网格员{number}")
        appoint(person, "grid_worker", world.grid)


def departments(world: World, count: int) -> None:
    above = Department.objects.get(pk=world.departments["committee"].pk)
    for number in range(count):
        above = above if number % 3 else Department.objects.get(code="TSSQ")
        Department.objects.add_child(above, {"code": f"U{number}", "name": f"组{number}", "kind": "unit"})


def items(world: World, count: int) -> None:
    for number in range(count):
        item(f"02-05-{number:03d}", f"事项{number}")
    ItemVersion.objects.update(lead_department=world.departments["water"])


def templates(world: World, count: int) -> None:
    item = CatalogueItem.objects.get(code="01-01-001")
    MessageTemplate.objects.bulk_create(
        MessageTemplate(event="closed", item=item, text="X", valid_from="2026-01-01") for _ in range(count)
    )


def messages(world: World, count: int) -> None:
    report = Report.objects.get(pk=submit(world))
    for _ in range(count):
        outgoing = OutgoingMessage.objects.create(to="13812345678", text="X", created_at=now())
        RequesterMessage.objects.create(report=report, event="by_hand", outgoing=outgoing, sent_by=world["wang"])


def routing_rules(world: World, count: int) -> None:
    RoutingRule.objects.all().delete()
    RoutingRule.objects.bulk_create(
        RoutingRule(
            area=world.street,
            position=number + 1,
            name=f"规则{number}",
            conditions={"items": ["01-01-001"], "areas": [world.grid.pk], "working": True},
            targets=[{"role": "lead", "assignee": world["zhao"].pk}]
            if number % 2
            else [
                {"role": "lead", "department": world.departments["urban"].pk},
                {"role": "assist", "assignee": world["zhao"].pk},
            ],
            changed_at=now(),
        )
        for number in range(count)
    )


def shifts(world: World, count: int) -> None:
    DutyShift.objects.bulk_create(
        DutyShift(
            pk=uuid4(),
            area=world.street,
            person=world["li"],
            starts_at=now() + timedelta(days=number),
            ends_at=now() + timedelta(days=number, hours=1),
            made_at=now(),
        )
        for number in range(count)
    )


def announcements(world: World, count: int) -> None:
    Announcement.objects.bulk_create(
        Announcement(
            title="X",
            body="x",
            issuer="x",
            author=world["wang"],
            area=world.street,
            valid_from=now(),
            created_at=now(),
        )
        for _ in range(count)
    )


def entries(world: World, count: int) -> None:
    for number in range(count):
        entry = KnowledgeEntry.objects.create(
            title=f"X{number}", text="x", area=world.street, author=world["wang"], updated_at=now()
        )
        entry.items.set(CatalogueItem.objects.all())


def saved_filters(world: World, count: int) -> None:
    SavedFilter.objects.bulk_create(
        SavedFilter(
            pk=uuid4(),
            owner=world["li"],
            of="reports",
            name="X",
            shared_area=world.street,
            created_at=now(),
            updated_at=now(),
        )
        for _ in range(count)
    )


LISTS: list[tuple[str, str, Any]] = [
    ("reports_report", "command", copies),
    ("reports_supervisionorder", "command", copies),
    ("reports_changerequest", "command", copies),
    ("accounts_user", "sysadmin", people),
    ("grids_appointment", "sun", people),
    ("grids_area", "sun", people),
    ("accounts_department", "sysadmin", departments),
    ("reports_catalogueitem", "sysadmin", items),
    ("reports_messagetemplate", "sysadmin", templates),
    ("reports_requestermessage", "command", messages),
    ("reports_routingrule", "wang", routing_rules),
    ("grids_dutyshift", "wang", shifts),
    ("reports_announcement", "wang", announcements),
    ("reports_knowledgeentry", "wang", entries),
    ("reports_savedfilter", "wang", saved_filters),
]


@pytest.mark.parametrize(("name", "who", "fill"), LISTS)
def test_a_list_costs_the_same_for_one_row_and_a_hundred(world: World, name: str, who: str, fill: Any) -> None:
    client, url = enter(world, who), reverse(f"admin:{name}_changelist")
    fill(world, 1)
    client.get(url)
    costs = []
    for more in (0, 9, 90):
        if more:
            _clear(name)
            fill(world, more + 1 if more == 9 else 100)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        costs.append(len(seen))
    assert len(set(costs)) == 1, costs
    assert costs[0] <= 13, [query["sql"][:200] for query in seen]


def _clear(name: str) -> None:
    MessageTemplate.objects.filter(text="X").delete()
    RequesterMessage.objects.all().delete()
    for model in (DutyShift, Announcement, KnowledgeEntry, SavedFilter):
        model._default_manager.all().delete()
    SupervisionOrder.objects.all().delete()
    ChangeRequest.objects.all().delete()
    Report.objects.filter(number__startswith="X").delete()
    Appointment.objects.filter(user__username__startswith="p", user__full_name__startswith="网格员").delete()
    User.objects.filter(full_name__startswith="网格员").delete()
    Department.objects.filter(code__startswith="U").delete()
    ItemVersion.objects.filter(item__code__startswith="02-05-").delete()
    CatalogueItem.objects.filter(code__startswith="02-05-").delete()


def test_a_list_of_reports_counts_nothing_and_a_list_of_areas_loads_no_boundary(world: World) -> None:
    copies(world, 3)
    client = enter(world, "command")
    with CaptureQueriesContext(connection) as seen:
        client.get(reverse("admin:reports_report_changelist"))
    assert not [query["sql"] for query in seen if "COUNT(" in query["sql"] and "reports_report" in query["sql"]]
    for path in ("grids_area_changelist", "reports_report_changelist", "grids_appointment_changelist"):
        with CaptureQueriesContext(connection) as seen:
            assert enter(world, "sun").get(reverse(f"admin:{path}")).status_code == 200
        assert not [query["sql"] for query in seen if '"geometry"' in query["sql"]], path


def test_a_report_page_costs_the_same_however_much_happened(world: World) -> None:
    report = Report.objects.get(pk=submit(world))
    client, url = enter(world, "wang"), reverse("admin:reports_report_change", args=(report.pk,))
    client.get(url)
    with CaptureQueriesContext(connection) as before:
        client.get(url)
    for number in range(10):
        answer = world.api("wang").post(f"/api/v1/reports/{report.pk}/note", {"text": f"第{number}条"}, format="json")
        assert answer.status_code in (200, 201), answer.content
    with CaptureQueriesContext(connection) as after:
        client.get(url)
    assert len(after) == len(before)
    assert len(after) <= 13, [query["sql"][:200] for query in after]
