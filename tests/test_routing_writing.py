"""Writing routing rules: who may, what is refused, tried on what really came in, and all of it over HTTP."""

from datetime import datetime
from typing import Any

import pytest
from django.urls import reverse

from core.moment import moved_to
from core.problems import Problem
from grids.models import Area
from reports import questions
from reports.actions.catalogue import change_item, content_of
from reports.actions.dispatch import Target
from reports.actions.routing import RuleContent, change_rule, switch_off, switch_on
from reports.models import CatalogueItem, Event
from reports.routing_table import trial
from tests import scenes
from tests.routing_scenes import LEAD, LOCAL, OUTSIDE, WORKER, close, rule
from tests.world import World, post, submit

# -- writing rules -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "may"), [("wang", True), ("command", True), ("root", True)] + [
    (name, False) for name in ("sun", "li", "zhang", "water", "supervisor", "sysadmin", "clerk", "outsider", "nobody")
])  # fmt: skip
def test_a_streets_rules_are_written_by_its_dispatchers_and_the_command_centre(
    world: World, who: str, may: bool
) -> None:
    if may:
        assert not rule(world, who, on=False).is_active
        return
    with pytest.raises(Problem) as refused:
        rule(world, who, on=False)
    assert refused.value.code == "forbidden"


@pytest.mark.django_db
def test_the_citys_rules_are_not_the_streets_to_change(world: World) -> None:
    city = Area.objects.get(level="city")
    made = rule(world, "command", at=city, targets=[OUTSIDE])
    for act in (switch_off, switch_on):
        with pytest.raises(Problem) as refused:
            act(world["wang"], made.pk)
        assert refused.value.code == "forbidden"
    with pytest.raises(Problem) as refused:
        rule(world, "wang", at=city)
    assert refused.value.code == "forbidden"


@pytest.mark.django_db
def test_one_who_may_not_know_of_a_rule_hears_that_there_is_none(world: World) -> None:
    made = rule(world)
    with pytest.raises(Problem) as refused:
        switch_off(world["outsider"], made.pk)
    assert refused.value.code == "not_found"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"name": " "}, "invalid", "name"),
        ({"targets": []}, "one_lead", "targets"),
        ({"targets": [LEAD, WORKER]}, "one_lead", "targets"),
        ({"targets": [LEAD, Target("assist", department="YTJD-CG")]}, "unit_twice", "targets"),
        ({"targets": [Target("lead", department="NONE")]}, "unknown_unit", "targets.0.department"),
        ({"targets": [Target("lead", assignee="NONE")]}, "unknown_unit", "targets.0.assignee"),
        ({"targets": [Target("lead")]}, "unknown_unit", "targets.0"),
        ({"targets": [Target("lead", assignee="water")]}, "not_ours_to_assign", "targets.0.assignee"),
        ({"targets": [OUTSIDE]}, "automatic_needs_own", "mode"),
        ({"targets": [LEAD, Target("assist", department="SWJT")]}, "automatic_needs_own", "mode"),
        (
            {"targets": [OUTSIDE, Target("assist", assignee="zhao")], "mode": "suggest"},
            "whistle_units_only",
            "targets.1",
        ),
        ({"conditions": {"items": ["09-09-009"]}}, "unknown_item", "conditions.items"),
        ({"conditions": {"areas": [10**9]}}, "area_outside", "conditions.areas"),
        ({"conditions": {"answers": {"q1": [True]}}}, "answers_need_items", "conditions.answers"),
        (
            {"conditions": {"items": ["01-01-001"], "answers": {"q1": [True]}}},
            "unknown_question",
            "conditions.answers.q1",
        ),
        ({"position": 10}, "position_taken", "position"),
    ],
)
def test_a_rule_that_could_not_be_carried_out_is_refused(
    world: World, said: dict[str, Any], code: str, field: str
) -> None:
    rule(world)
    with pytest.raises(Problem) as refused:
        rule(world, **said)
    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.django_db
def test_areas_of_a_rule_lie_in_its_place_and_places_have_a_desk(world: World) -> None:
    elsewhere = world.area("371082900")
    with pytest.raises(Problem) as refused:
        rule(world, conditions={"areas": [elsewhere.pk]})
    assert refused.value.code == "area_outside"
    with pytest.raises(Problem) as refused:
        rule(world, at=world.area("371082007032"))
    assert refused.value.code == "no_desk_here"


@pytest.mark.django_db
def test_a_changed_rule_is_off_until_what_it_says_now_has_been_tried(world: World) -> None:
    made = rule(world)
    assert (made.version, made.position, made.is_active) == (2, 10, True)
    content = RuleContent("另名", {"sources": ["hotline", "grid", "grid"]}, [WORKER], mode="automatic")
    with pytest.raises(Problem) as refused:
        change_rule(world["wang"], made.pk, content, version=1)
    assert refused.value.code == "stale_version"
    changed = change_rule(world["wang"], made.pk, content, version=2)
    assert (changed.version, changed.is_active, changed.position) == (3, False, 10)
    assert changed.conditions == {"sources": ["grid", "hotline"]}
    with pytest.raises(Problem) as refused:
        switch_on(world["wang"], made.pk, version=2)
    assert refused.value.code == "stale_version"
    assert switch_on(world["wang"], made.pk, version=3).is_active
    assert rule(world).position == 20


@pytest.mark.django_db
def test_answers_of_a_rule_fit_a_question_of_its_items(world: World) -> None:
    item = CatalogueItem.objects.get(code="01-01-001")
    last = content_of(item.versions.get())
    asked = questions.read("类[多选:厨余/建筑]\n急[是/否]\n几袋[数字]")
    change_item(item, type(last)(last.name, last.standards, questions=asked))
    fit = {"items": ["01-01-001"], "answers": {"q1": ["厨余"], "q2": [True], "q3": [3]}}
    assert rule(world, conditions=fit).conditions == fit
    for key, value in (("q1", "电池"), ("q2", 1), ("q3", "很多"), ("q4", True)):
        with pytest.raises(Problem) as refused:
            rule(world, conditions={"items": ["01-01-001"], "answers": {key: [value]}})
        assert refused.value.code == "unknown_question"


# -- tried on what really came in ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_trial_shows_what_would_change_and_changes_nothing(world: World) -> None:
    current = rule(world, mode="suggest", name="现行")
    candidate = rule(world, on=False, position=5, conditions={"items": ["02-01-001"]}, targets=[WORKER], name="新规则")
    garbage, burst = submit(world), submit(world, item="02-01-001")
    rows = trial(candidate)
    assert [(row.report.pk, str(row.before), str(row.after), row.differs) for row in rows] == [
        (burst, "现行", "新规则", True),
        (garbage, "现行", "现行", False),
    ]
    shown = world.api("wang").get(reverse("routing-rule-trial", args=[candidate.pk])).json()
    assert (shown["taken"], shown["changed"], shown["version"]) == (1, 1, candidate.version)
    assert [(one["now"], one["then"], one["differs"]) for one in shown["reports"]] == [
        ("现行", "新规则", True),
        ("现行", "现行", False),
    ]
    assert Event.objects.filter(kind="routed").count() == 0
    assert [row.differs for row in trial(current)] == [False, False]


@pytest.mark.django_db
def test_a_trial_takes_the_last_reports_of_the_place(world: World) -> None:
    candidate = rule(world, on=False)
    sent = [submit(world) for _number in range(4)]
    assert [row.report.pk for row in trial(candidate, 3)] == sent[:0:-1]
    elsewhere = rule(world, "outsider", on=False, at=world.area("371082900"), mode="suggest")
    assert trial(elsewhere) == []


@pytest.mark.django_db
def test_a_trial_asks_each_report_as_at_its_acceptance(world: World) -> None:
    candidate = rule(world, on=False, conditions={"working": False})
    with moved_to(datetime(2026, 5, 8, 17, 50, tzinfo=LOCAL)):
        at = scenes.submitted(world)
        assert trial(candidate)[0].after is None
    with moved_to(datetime(2026, 5, 8, 18, 10, tzinfo=LOCAL)):
        post(world, "wang", f"reports/{at.report}/accept")
        assert trial(candidate)[0].after == candidate


# -- over HTTP -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_rule_is_made_tried_switched_on_changed_and_switched_off_over_http(world: World) -> None:
    said = {
        "area": world.street.code,
        "name": "夜间爆管",
        "mode": "suggest",
        "conditions": {"items": ["02-01-001"], "hours": ["18:00", "08:00"], "areas": ["371082007032"]},
        "targets": [{"role": "lead", "department": "SWJT"}, {"role": "assist", "department": "YTJD-CG"}],
    }
    made = world.api("wang").post("/api/v1/routing_rules", said, format="json").json()
    assert (made["is_active"], made["version"], made["conditions"]) == (False, 1, said["conditions"])
    assert made["area"] == {"code": world.street.code, "name": "崖头街道"}
    assert made["targets"][0]["department"] == {"code": "SWJT", "name": "水务集团"}
    path = f"routing_rules/{made['id']}"
    tried = world.api("wang").get(f"/api/v1/{path}/trial").json()
    assert post(world, "wang", f"{path}/switch_on", version=tried["version"])["is_active"]
    change = {"name": "爆管", "conditions": {}, "targets": said["targets"], "version": 2}
    changed = world.api("wang").put(f"/api/v1/{path}", change, format="json").json()
    assert (changed["name"], changed["is_active"], changed["mode"], changed["version"]) == ("爆管", False, "suggest", 3)
    assert post(world, "wang", f"{path}/switch_on", expect=409, version=2)["code"] == "stale_version"
    post(world, "wang", f"{path}/switch_on", version=3)
    assert not post(world, "wang", f"{path}/switch_off")["is_active"]
    close(world, "water")
    refused = post(world, "wang", f"{path}/switch_on", expect=409, version=5)
    assert refused["code"] == "rule_target_gone"
    untried = post(world, "wang", f"{path}/switch_on", expect=400)
    assert [(row["field"], row["code"]) for row in untried["errors"]] == [("version", "required")]
    shown = world.api("wang").get("/api/v1/routing_rules").json()["results"]
    assert [one["id"] for one in shown] == [made["id"]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"conditions": []}, "invalid", "conditions"),
        ({"conditions": {"areas": ["371082900"]}}, "area_outside", "conditions.areas"),
        ({"conditions": {"areas": [1]}}, "bad_condition", "conditions.areas"),
        ({"conditions": {"areas": "371082007"}}, "bad_condition", "conditions.areas"),
        ({"conditions": {"moon": "full"}}, "bad_condition", "conditions.moon"),
        ({"area": "nowhere"}, "unknown_area", "area"),
        ({"area": "371082900"}, "forbidden", "area"),
        ({"targets": [{"role": "chief"}]}, "invalid", "targets.0.role"),
        ({"mode": "magic"}, "invalid", "mode"),
        ({"colour": "red"}, "invalid", "colour"),
    ],
)
def test_what_is_wrong_with_a_rule_is_named_by_its_field(
    world: World, change: dict[str, Any], code: str, field: str
) -> None:
    said = {"area": world.street.code, "name": "x", "targets": [{"role": "lead", "department": "YTJD-CG"}]}
    answer = world.api("wang").post("/api/v1/routing_rules", said | change, format="json")
    assert answer.status_code in (400, 403)
    assert (answer.json()["code"], answer.json()["errors"][0]["field"]) == (code, field)
