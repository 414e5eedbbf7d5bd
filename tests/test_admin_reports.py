"""Reports and messages in the administration: looked at where one may see them, and never changed."""

import pytest

from reports.models import Report
from tests import scenes
from tests.admin_scenes import a_handled_report, enter, page
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_report_is_shown_with_all_that_happened(world: World) -> None:
    report = a_handled_report(world)
    answer = enter(world, "wang").get(page("reports_report_change", report.pk))
    assert answer.status_code == 200
    text = answer.content.decode()
    assert report.number in text
    assert "张网格" in text
    assert [row["event"].kind for row in answer.context["steps"]][:1] == ["submit"]
    assert answer.context["clocks"]
    assert 'name="_save"' not in text


@pytest.mark.parametrize("name", ["wang", "sun", "root"])
def test_reports_are_never_changed_here(world: World, name: str) -> None:
    report = a_handled_report(world)
    client = enter(world, name)
    before = Report.objects.filter(pk=report.pk).values().get()
    for path in ("reports_report_change", "reports_report_delete"):
        assert client.post(page(path, report.pk), {"description": "x", "post": "yes"}).status_code == 403
    assert client.get(page("reports_report_add")).status_code == 403
    delete = {"action": "delete_selected", "_selected_action": str(report.pk), "post": "yes"}
    assert client.post(page("reports_report_changelist"), delete).status_code in (200, 302, 403)
    assert Report.objects.filter(pk=report.pk).values().get() == before


@pytest.mark.parametrize("name", ["outsider", "sysadmin"])
def test_reports_of_elsewhere_are_not_there(world: World, name: str) -> None:
    report = a_handled_report(world)
    answer = enter(world, name).get(page("reports_report_change", report.pk))
    assert answer.status_code in (403, 404)
    answer = enter(world, name).get(page("reports_report_changelist"))
    assert answer.status_code == 403 if name == "sysadmin" else list(answer.context["cl"].result_list) == []


def test_reports_are_filtered_and_found_by_number(world: World) -> None:
    report = a_handled_report(world)
    client = enter(world, "command")
    for query, found in (
        (f"?q={report.number}", 1),
        (f"?q={report.number[:4]}", 1),
        ("?q=nothing", 0),
        ("?status__exact=accepted", 1),
        ("?status__exact=closed", 0),
        ("?light=green", 1),
        ("?light=red", 0),
        (f"?street={report.street_id}", 1),
        (f"?street={world.area('371082900').pk}", 0),
        ("?source__exact=grid", 1),
        ("?source__exact=hotline", 0),
    ):
        answer = client.get(page("reports_report_changelist") + query)
        assert answer.status_code == 200, query
        assert len(answer.context["cl"].result_list) == found, query


def test_messages_are_looked_at_with_the_number_masked_and_never_changed(world: World) -> None:
    at = scenes.written_to(world)
    for path in ("reports_requestermessage_changelist", "reports_requestermessage_change"):
        url = page(path, *([at.message] if path.endswith("change") else []))
        shown = enter(world, "wang").get(url).content.decode()
        assert "138****5678" in shown
        assert "13812345678" not in shown
    assert enter(world, "wang").post(url, {}).status_code == 403
    elsewhere = enter(world, "outsider")
    assert "138****" not in elsewhere.get(page("reports_requestermessage_changelist")).content.decode()
    assert elsewhere.get(page("reports_requestermessage_change", at.message)).status_code == 404


def test_an_unreadable_address_is_not_found(world: World) -> None:
    client = enter(world, "wang")
    for path in ("/admin/reports/report/abc/change/", "/admin/grids/area/abc/change/"):
        assert client.get(path).status_code == 404
