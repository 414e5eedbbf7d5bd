"""What the desk makes of a report that a resident sent."""

import pytest
from django.test import Client

from reports.models import Report
from tests import scenes
from tests.resident_scenes import HAPPY, code_in, sent
from tests.resident_scenes import own_choices as own_choices  # an autouse fixture
from tests.world import World, post, submit

pytestmark = pytest.mark.django_db


def test_the_dispatcher_puts_the_item_right_on_acceptance(world: World) -> None:
    sent()
    report = Report.objects.get()
    refused = post(world, "wang", f"reports/{report.pk}/accept", 400, item="77-77-777")
    assert refused["code"] == "unknown_item"
    detail = post(world, "wang", f"reports/{report.pk}/accept", item="02-01-001")
    report.refresh_from_db()
    assert (report.item.code, report.item_name, report.urgency) == ("02-01-001", "自来水爆管", "emergency")
    event = detail["events"][-1]
    assert (event["kind"], event["data"]["from_item"], event["data"]["item"]) == ("accept", "暴露垃圾", "自来水爆管")
    sent()
    same = Report.objects.exclude(pk=report.pk).get()
    detail = post(world, "wang", f"reports/{same.pk}/accept", item="01-01-001")
    assert "from_item" not in detail["events"][-1]["data"]


def test_an_urgency_set_apart_stays_when_the_item_is_put_right(world: World) -> None:
    report = submit(world, urgency="urgent")
    post(world, "wang", f"reports/{report}/accept", item="02-01-001")
    assert Report.objects.get().urgency == "urgent"


def test_the_whole_way_from_a_residents_form_to_the_closing(world: World) -> None:
    client = Client()
    code = code_in(sent(client))
    report = Report.objects.get()
    post(world, "wang", f"reports/{report.pk}/accept")
    post(world, "wang", f"reports/{report.pk}/assign", assignments=[{"role": "lead", "department": "YTJD-CG"}])
    at = scenes.scene(report.pk)
    post(world, "urban", f"assignments/{at.lead}/receive")
    scenes.again_done(world, at)
    post(world, "wang", f"reports/{report.pk}/close", answer="已清运")
    assert client.post(f"/t/{code}/said", HAPPY).status_code == 302
    assert Report.objects.get().status == "closed"


def test_outsiders_see_no_more_of_it_than_of_any_report(world: World) -> None:
    sent()
    report = Report.objects.get()
    for name in ("outsider", "nobody", "water", "zhao"):
        assert world.api(name).get(f"/api/v1/reports/{report.pk}").status_code == 404, name
    seen = world.api("zhang").get(f"/api/v1/reports/{report.pk}").json()
    assert "13812345678" not in str(seen)
