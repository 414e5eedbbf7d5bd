"""The pages on which a desk writes its routing rules, tries them and switches them on."""

from typing import Any

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reports import questions
from reports.actions.catalogue import change_item, content_of
from reports.models import CatalogueItem, RoutingRule
from tests.admin_scenes import enter, errors, page
from tests.routing_scenes import LEAD, OUTSIDE, rule
from tests.world import World, submit

pytestmark = pytest.mark.django_db

CHANGELIST, ADD = "reports_routingrule_changelist", "reports_routingrule_add"


def said(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "area": world.street.pk,
        "name": "垃圾归城管",
        "position": "",
        "mode": "automatic",
        "instruction": "当日清完",
        "items": ["01-01-001"],
        "classes": [],
        "kinds": ["event"],
        "areas": [world.area("371082007032").pk, world.grid.pk],
        "sources": ["grid", "resident"],
        "urgencies": ["normal"],
        "weekdays": ["1", "5"],
        "working": "no",
        "hours_from": "18:00",
        "hours_to": "08:00",
        "answers": "",
        "lead_department": "YTJD-CG",
        "lead_person": "",
        "assist_departments": [],
        "assist_people": "zhao zhang",
        "notify_departments": ["TSSQ"],
        **changes,
    }


def save(world: World, who: str = "wang", pk: int | None = None, **changes: Any) -> Any:
    url = page(ADD) if pk is None else page("reports_routingrule_change", pk)
    return enter(world, who).post(url, said(world, **changes))


def test_a_rule_is_written_by_form_and_read_back_by_it(world: World) -> None:
    answer = save(world)
    assert answer.status_code == 302, errors(answer)
    made = RoutingRule.objects.get()
    assert (made.area, made.position, made.mode, made.is_active) == (world.street, 10, "automatic", False)
    assert made.conditions == {
        "items": ["01-01-001"],
        "kinds": ["event"],
        "areas": sorted([world.area("371082007032").pk, world.grid.pk]),
        "sources": ["grid", "resident"],
        "urgencies": ["normal"],
        "weekdays": [1, 5],
        "hours": ["18:00", "08:00"],
        "working": False,
    }
    assert [target["role"] for target in made.targets] == ["lead", "notify", "assist", "assist"]
    client, url = enter(world, "wang"), page("reports_routingrule_change", made.pk)
    form = client.get(url).context["adminform"].form
    same = {**said(world), **{name: form[name].value() for name in form.fields}}
    same = {name: "" if value is None else value for name, value in same.items()}
    assert client.post(url, same).status_code == 302
    again = RoutingRule.objects.get()
    assert (again.version, again.conditions, again.targets) == (1, made.conditions, made.targets)
    assert save(world, pk=made.pk, name="改名", position=10).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.version) == ("改名", 2)
    assert LogEntry.objects.get_for_object(made).filter(action=LogEntry.Action.UPDATE).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lead_department": ""}, "lead_department"),
        ({"lead_department": "SWJT", "assist_people": "", "notify_departments": []}, "mode"),
        ({"assist_people": "ghost"}, "lead_department"),
        ({"hours_to": ""}, "hours_to"),
        ({"hours_to": "18:00"}, "hours_to"),
        ({"answers": "q1"}, "answers"),
        ({"answers": "q1=是"}, "answers"),
        ({"area": ""}, "area"),
        ({"position": "0"}, "position"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(world: World, changes: dict[str, Any], field: str) -> None:
    answer = save(world, **changes)
    assert answer.status_code == 200
    assert field in errors(answer)
    assert not RoutingRule.objects.exists()


def test_answers_are_written_in_the_words_of_the_question(world: World) -> None:
    item = CatalogueItem.objects.get(code="01-01-001")
    last = content_of(item.versions.get())
    asked = questions.read("急[是/否]\n类[多选:厨余/建筑]\n几袋[数字]")
    change_item(item, type(last)(last.name, last.standards, questions=asked))
    answer = save(world, answers="q1=是\nq2=厨余/建筑\nq3=3")
    assert answer.status_code == 302, errors(answer)
    made = RoutingRule.objects.get()
    assert made.conditions["answers"] == {"q1": [True], "q2": ["厨余", "建筑"], "q3": [3]}
    form = enter(world, "wang").get(page("reports_routingrule_change", made.pk)).context["adminform"].form
    assert form["answers"].value() == "q1=是\nq2=厨余/建筑\nq3=3"


def test_a_rule_is_tried_and_switched_on_from_what_the_trial_shows(world: World) -> None:
    rule(world, mode="suggest", name="现行规则")
    made = rule(world, on=False, position=5, name="候选规则")
    submit(world)
    client, url = enter(world, "wang"), page("reports_routingrule_try_page", made.pk)
    shown = client.get(url)
    text = shown.content.decode()
    assert (shown.context["taken"], shown.context["changed"]) == (1, 1)
    assert 'class="differs"' in text
    assert "现行规则" in text
    assert client.post(url, {"version": 99}).status_code == 200
    assert not RoutingRule.objects.get(pk=made.pk).is_active
    assert client.post(url, {"version": made.version}).status_code == 302
    assert RoutingRule.objects.get(pk=made.pk).is_active
    off = page("reports_routingrule_switch_off_page", made.pk)
    assert client.post(off).status_code == 302
    assert not RoutingRule.objects.get(pk=made.pk).is_active
    assert LogEntry.objects.get_for_object(made).filter(changes__has_key="is_active").count() >= 2


def test_a_trial_costs_the_same_for_one_report_and_thirty(world: World) -> None:
    made = rule(world, on=False)
    client, url = enter(world, "wang"), page("reports_routingrule_try_page", made.pk)
    submit(world)
    client.get(url)
    costs = []
    for more in (0, 29):
        for _number in range(more):
            submit(world)
        with CaptureQueriesContext(connection) as seen:
            client.get(url)
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 14, costs


@pytest.mark.parametrize("who", ["sun", "sysadmin"])
def test_who_keeps_no_rules_does_not_find_them(world: World, who: str) -> None:
    made = rule(world)
    client = enter(world, who)
    assert client.get(page(CHANGELIST)).status_code == 403
    assert client.get(page("reports_routingrule_change", made.pk)).status_code in (302, 403, 404)
    assert client.get(page("reports_routingrule_try_page", made.pk)).status_code in (403, 404)


def test_a_street_reads_the_citys_rules_and_does_not_change_them(world: World) -> None:
    from grids.models import Area

    made = rule(world, "command", at=Area.objects.get(level="city"), targets=[OUTSIDE], name="全市规则")
    client = enter(world, "wang")
    assert "全市规则" in client.get(page(CHANGELIST)).content.decode()
    shown = client.get(page("reports_routingrule_change", made.pk))
    assert shown.status_code == 200
    assert "水务集团" in shown.content.decode()
    assert client.post(page("reports_routingrule_change", made.pk), said(world)).status_code == 403
    for name in ("try_page", "switch_off_page"):
        assert client.post(page(f"reports_routingrule_{name}", made.pk)).status_code == 403
    assert RoutingRule.objects.get().name == "全市规则"


def test_another_street_finds_nothing(world: World) -> None:
    made = rule(world, targets=[LEAD])
    client = enter(world, "outsider")
    assert "规则" not in client.get(page(CHANGELIST)).context["cl"].result_list
    assert client.get(page("reports_routingrule_change", made.pk)).status_code == 404
    assert client.get(page("reports_routingrule_try_page", made.pk)).status_code in (403, 404)
    assert client.post(page(ADD), said(world)).status_code == 200
    assert RoutingRule.objects.count() == 1


@pytest.mark.parametrize("who", ["wang", "command", "root"])
def test_the_form_opens_for_every_desk(world: World, who: str) -> None:
    rule(world, conditions={"areas": [world.grid.pk]})
    client = enter(world, who)
    assert client.get(page(ADD)).status_code == 200
    assert client.get(page("reports_routingrule_change", RoutingRule.objects.get().pk)).status_code == 200
