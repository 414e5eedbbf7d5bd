"""Routing rules: which is taken, who may write them, what they do on acceptance, when they switch themselves off."""

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.actions.departments import change_department
from accounts.models import Department
from accounts.roles import Role
from core.moment import moved_to, now
from core.problems import Problem
from grids.actions.appointments import appoint, withdraw
from grids.models import Appointment, Area
from notifications.models import Notification
from reports import questions
from reports.actions import dispatch
from reports.actions.catalogue import change_item, content_of
from reports.actions.dispatch import Target
from reports.actions.routing import RuleContent, change_rule, create_rule, switch_off, switch_on
from reports.calendar import working_calendar
from reports.models import Assignment, CatalogueItem, Clock, Event, Report, RoutingRule
from reports.recommending import recommended
from reports.routing import Matter, first_match, in_order, reasons, settled
from reports.routing_table import trial
from tests import scenes
from tests.world import World, post, submit

LOCAL = ZoneInfo("Asia/Shanghai")
LEAD = Target("lead", department="YTJD-CG")
WORKER = Target("lead", assignee="zhao")
OUTSIDE = Target("lead", department="SWJT")


def rule(world: World, who: str = "wang", *, on: bool = True, at: Area | None = None, **said: Any) -> RoutingRule:
    """A rule of the street (or `at`), switched on."""
    content = {"name": "规则", "conditions": {}, "targets": [LEAD], "mode": "automatic", **said}
    made = create_rule(world[who], at or world.street, RuleContent(**content))
    return switch_on(world[who], made.pk, version=made.version) if on else made


def accept(world: World, name: str = "wang", **changes: Any) -> Report:
    return Report.objects.get(pk=scenes.accepted(world, **changes).report)


# -- which rule is taken: pure -------------------------------------------------------------------------------------


def matter(**changes: Any) -> Matter:
    said: dict[str, Any] = {
        "item": "02-01-001",
        "kind": "event",
        "areas": frozenset({1, 2, 3}),
        "source": "grid",
        "urgency": "normal",
        "at": datetime(2026, 5, 8, 16, 0, tzinfo=LOCAL),  # a Friday
        "working": True,
        "answers": {"q1": True, "q2": ["雨水", "燃气"], "q3": 2},
    }
    return Matter(**said | changes)


def plain(position: int = 1, conditions: dict[str, Any] | None = None, area: int = 3) -> RoutingRule:
    level = {1: "city", 2: "district", 3: "street", 9: "street"}[area]
    return RoutingRule(
        area=Area(pk=area, level=level), position=position, name=str(position), conditions=conditions or {}
    )


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({}, True),
        ({"items": ["02-01-001", "01-01-001"]}, True),
        ({"items": ["01-01-001"]}, False),
        ({"classes": ["02-01"]}, True),
        ({"classes": ["02-02"]}, False),
        ({"kinds": ["event"]}, True),
        ({"kinds": ["request"]}, False),
        ({"areas": [7, 2]}, True),
        ({"areas": [7]}, False),
        ({"sources": ["hotline", "grid"]}, True),
        ({"sources": ["hotline"]}, False),
        ({"urgencies": ["normal"]}, True),
        ({"urgencies": ["urgent"]}, False),
        ({"weekdays": [5]}, True),
        ({"weekdays": [1, 2, 3, 4, 6, 7]}, False),
        ({"hours": ["16:00", "16:01"]}, True),
        ({"hours": ["15:00", "16:00"]}, False),
        ({"hours": ["18:00", "08:00"]}, False),
        ({"hours": ["15:00", "08:00"]}, True),
        ({"working": True}, True),
        ({"working": False}, False),
        ({"answers": {"q1": [True]}}, True),
        ({"answers": {"q1": [False]}}, False),
        ({"answers": {"q2": ["燃气"]}}, True),
        ({"answers": {"q2": ["供水"]}}, False),
        ({"answers": {"q3": [2]}}, True),
        ({"answers": {"q3": [True]}}, False),
        ({"answers": {"q9": [True]}}, False),
        ({"items": ["02-01-001"], "sources": ["hotline"]}, False),
    ],
)
def test_each_condition_is_met_or_not(conditions: dict[str, Any], fits: bool) -> None:
    why = reasons(plain(conditions=settled(conditions)), matter())
    assert (why is not None) is fits
    if why is not None:
        assert {reason.condition for reason in why} == set(conditions)


def test_the_hours_are_the_citys_and_run_over_midnight() -> None:
    night = plain(conditions={"hours": ["18:00", "08:00"]})
    for hour, fits in ((17, False), (18, True), (23, True), (0, True), (7, True), (8, False)):
        at = datetime(2026, 5, 8, hour, 30 if hour == 17 else 0, tzinfo=LOCAL).astimezone(ZoneInfo("UTC"))
        assert (reasons(night, matter(at=at)) is not None) is fits, hour
    assert reasons(plain(conditions={"weekdays": [6]}), matter(at=datetime(2026, 5, 8, 16, 30, tzinfo=ZoneInfo("UTC"))))


def test_the_nearest_desk_is_asked_first_and_then_by_position() -> None:
    rules = [plain(1, area=1), plain(2, area=2), plain(9, area=3), plain(5, area=3), plain(1, area=9)]
    found = first_match(rules, matter())
    assert found is not None
    assert (found.rule.area_id, found.rule.position) == (3, 5)


@pytest.mark.parametrize(
    "conditions",
    [
        {"colour": ["red"]},
        {"items": "02-01-001"},
        {"items": ["a\x00"]},
        {"classes": ["02"]},
        {"kinds": ["thing"]},
        {"areas": ["1"]},
        {"areas": [True]},
        {"sources": [1]},
        {"urgencies": [["normal"]]},
        {"weekdays": [0]},
        {"weekdays": [True]},
        {"hours": ["08:00"]},
        {"hours": ["08:00", "08:00"]},
        {"hours": ["8:00", "24:00"]},
        {"working": "yes"},
        {"answers": {"q1": True}},
        {"answers": {"q1": []}},
        {"answers": ["q1"]},
        {"items": ["01-01-001"] * 501},
    ],
)
def test_a_condition_that_cannot_be_read_is_refused_by_name(conditions: dict[str, Any]) -> None:
    with pytest.raises(Problem) as refused:
        settled(conditions)
    assert (refused.value.code, refused.value.field) == ("bad_condition", f"conditions.{next(iter(conditions))}")


some = st.fixed_dictionaries(
    {},
    optional={
        "items": st.lists(st.sampled_from(["02-01-001", "01-01-001"]), min_size=1, unique=True),
        "sources": st.lists(st.sampled_from(["grid", "hotline"]), min_size=1, unique=True),
        "urgencies": st.lists(st.sampled_from(["normal", "urgent"]), min_size=1, unique=True),
        "areas": st.lists(st.integers(1, 5), min_size=1, unique=True),
        "working": st.booleans(),
        "answers": st.fixed_dictionaries({"q1": st.lists(st.booleans(), min_size=1, unique=True)}),
    },
)


@given(
    st.lists(
        st.tuples(st.sampled_from([1, 2, 3, 9]), st.integers(1, 30), some), max_size=12, unique_by=lambda one: one[:2]
    ),
    st.randoms(use_true_random=False),
)
def test_the_first_match_wins_whatever_the_order_of_insertion(rows: list[Any], dice: random.Random) -> None:
    rules = [plain(position, settled(conditions), area) for area, position, conditions in rows]
    shuffled = list(rules)
    dice.shuffle(shuffled)
    found, again = first_match(rules, matter()), first_match(shuffled, matter())
    assert (found and found.rule) is (again and again.rule)
    assert found == first_match(rules, matter())
    fitting = [one for one in in_order(rules) if reasons(one, matter()) is not None]
    assert (found.rule if found else None) is (fitting[0] if fitting else None)
    assert [one.conditions for one in rules] == [settled(conditions) for _area, _position, conditions in rows]


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


# -- on acceptance -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_automatic_rule_gives_its_duties_with_the_acceptance(world: World) -> None:
    made = rule(world, targets=[LEAD, Target("assist", assignee="zhao")], instruction="当日清完", name="垃圾归城管")
    report = accept(world)
    assert report.status == "in_progress"
    duties = list(Assignment.objects.filter(report=report).order_by("pk"))
    assert [
        (duty.role, str(duty.department or duty.assignee), duty.instruction, duty.issued_by) for duty in duties
    ] == [
        ("lead", "崖头街道城管办", "当日清完", None),
        ("assist", "赵网格", "当日清完", None),
    ]
    event = Event.objects.get(report=report, kind="routed")
    assert (event.actor, event.note, event.from_status, event.to_status) == (
        None,
        "垃圾归城管",
        "accepted",
        "in_progress",
    )
    assert (event.data["rule"], event.data["version"], len(event.data["assignments"])) == (made.pk, made.version, 2)
    assert report.dispatched_at == report.accepted_at
    assert report.lead_department == world.departments["urban"]
    assert not Clock.objects.filter(report=report, kind="dispatch", running=True).exists()
    assert Clock.objects.filter(report=report, kind="handle", running=True).count() == 1
    assert report.due_at == Clock.objects.filter(report=report, running=True).order_by("due_at")[0].due_at
    told = Notification.objects.filter(kind="assignment_issued").values_list("recipient__username", flat=True)
    assert set(told) == {"urban", "zhao"}


@pytest.mark.django_db
def test_a_rule_that_only_suggests_does_nothing_on_acceptance(world: World) -> None:
    rule(world, mode="suggest")
    report = accept(world)
    assert report.status == "accepted"
    assert not Event.objects.filter(report=report, kind="routed").exists()


@pytest.mark.django_db
def test_a_suggestion_asked_first_keeps_a_later_rule_from_acting(world: World) -> None:
    rule(world)
    rule(world, mode="suggest", position=5)
    assert accept(world).status == "accepted"


@pytest.mark.django_db
def test_a_rule_holds_only_where_and_when_it_says(world: World) -> None:
    rule(world, conditions={"areas": [world.area("371082007032001").pk]})
    rule(world, conditions={"working": False}, targets=[WORKER])
    rule(world, "outsider", at=world.area("371082900"), targets=[Target("lead", department="YTJD")], mode="suggest")
    in_hours = datetime(2026, 5, 8, 16, 0, tzinfo=LOCAL)
    with moved_to(in_hours):
        assert accept(world).status == "accepted"
    with moved_to(in_hours + timedelta(hours=4)):
        assert Assignment.objects.get(report=accept(world)).assignee == world["zhao"]


@pytest.mark.django_db
def test_the_streets_rule_goes_before_the_citys(world: World) -> None:
    city = rule(world, "command", at=Area.objects.get(level="city"), targets=[OUTSIDE])
    assert Event.objects.get(report=accept(world), kind="routed").data["rule"] == city.pk
    street = rule(world)
    assert Event.objects.get(report=accept(world), kind="routed").data["rule"] == street.pk


@pytest.mark.django_db
def test_a_repeated_acceptance_routes_once(world: World) -> None:
    rule(world)
    at, request_id = scenes.submitted(world), str(uuid4())
    for _number in range(2):
        assert post(world, "wang", f"reports/{at.report}/accept", request_id=request_id)["status"] == "in_progress"
    assert Assignment.objects.filter(report_id=at.report).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("fault", [Problem("not_ours_to_assign"), RuntimeError("unforeseen")])
def test_a_failing_rule_never_fails_the_acceptance(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    made = rule(world)

    def fail(*args: Any, **kwargs: Any) -> None:
        raise fault

    # In the middle: the duty has been written by then.
    monkeypatch.setattr(dispatch, "mark_dispatched", fail)
    report = accept(world)
    assert (report.status, report.dispatched_at) == ("accepted", None)
    assert not Assignment.objects.filter(report=report).exists()
    assert Clock.objects.filter(report=report, kind="dispatch", running=True).count() == 1
    assert not Notification.objects.filter(kind="assignment_issued").exists()
    failed = Event.objects.get(report=report, kind="routing_failed")
    assert (failed.note, failed.internal) == (made.name, True)
    made.refresh_from_db()
    refused = isinstance(fault, Problem)
    assert (made.is_active, made.off_reason) == ((False, "failed") if refused else (True, ""))
    # What the dispatcher does by hand afterwards works.
    monkeypatch.undo()
    post(world, "wang", f"reports/{report.pk}/assign", assignments=[{"role": "lead", "department": "YTJD-CG"}])


@pytest.mark.django_db
def test_rules_that_cannot_even_be_read_do_not_fail_the_acceptance(world: World) -> None:
    RoutingRule.objects.filter(pk=rule(world).pk).update(conditions={"colour": "red"})
    assert accept(world).status == "accepted"


# -- switching themselves off --------------------------------------------------------------------------------------


def told_off(rule_id: int) -> set[str]:
    told = Notification.objects.filter(kind="routing_rule_off", subject_id=str(rule_id))
    return set(told.values_list("recipient__username", flat=True))


def close(world: World, which: str, **changes: Any) -> None:
    department = world.departments[which]
    change_department(department, **{"name": department.name, "is_active": False, **changes})


@pytest.mark.django_db
def test_closing_a_department_switches_its_rules_off_and_says_so(world: World) -> None:
    made, other = rule(world, name="归城管"), rule(world, targets=[WORKER])
    helped = rule(world, targets=[WORKER, Target("assist", department="YTJD-CG")])
    close(world, "urban")
    for one in (made, helped):
        one.refresh_from_db()
        assert (one.is_active, one.off_reason, one.changed_by) == (False, "department_closed", None)
    other.refresh_from_db()
    assert other.is_active
    assert told_off(made.pk) == {"wang"}
    notice = Notification.objects.filter(kind="routing_rule_off", subject_id=str(made.pk)).get()
    assert notice.params == {"rule": "归城管", "place": "崖头街道", "reason": "department_closed"}
    entry = LogEntry.objects.get_for_object(made).first()
    assert entry is not None
    assert entry.changes["is_active"] == ["True", "False"]
    assert entry.changes["off_reason"][1] == "department_closed"
    with pytest.raises(Problem) as refused:
        switch_on(world["wang"], made.pk)
    assert refused.value.code == "rule_target_gone"


@pytest.mark.django_db
def test_renaming_a_department_switches_nothing_off(world: World) -> None:
    made = rule(world)
    close(world, "urban", name="新名", is_active=True)
    made.refresh_from_db()
    assert made.is_active


@pytest.mark.django_db
def test_a_person_who_leaves_or_works_elsewhere_is_given_nothing_more(world: World) -> None:
    made = rule(world, targets=[WORKER])
    appoint(world["zhao"], Role.ASSISTANT, world.grid)
    withdraw(Appointment.objects.get(user=world["zhao"], role=Role.GRID_WORKER))
    made.refresh_from_db()
    assert made.is_active  # still works a grid of the street
    withdraw(Appointment.objects.get(user=world["zhao"], role=Role.ASSISTANT))
    made.refresh_from_db()
    assert (made.is_active, made.off_reason) == (False, "person_elsewhere")
    other = rule(world, targets=[Target("lead", assignee="zhang")])
    person = world["zhang"]
    person.is_active = False
    person.save(update_fields=["is_active"])
    other.refresh_from_db()
    assert (other.is_active, other.off_reason) == (False, "person_inactive")
    assert told_off(other.pk) == {"wang"}


@pytest.mark.django_db
def test_a_target_gone_unnoticed_is_found_on_acceptance_and_the_next_rule_is_taken(world: World) -> None:
    made, following = rule(world), rule(world, targets=[WORKER])
    Department.objects.filter(pk=world.departments["urban"].pk).update(is_active=False)
    report = accept(world)
    assert Event.objects.get(report=report, kind="routed").data["rule"] == following.pk
    made.refresh_from_db()
    assert (made.is_active, made.off_reason) == (False, "department_closed")
    assert told_off(made.pk) == {"wang"}
    accept(world)
    assert Notification.objects.filter(kind="routing_rule_off").count() == 1


@pytest.mark.django_db
def test_a_unit_that_left_the_street_is_no_longer_assigned_automatically(world: World) -> None:
    made = rule(world, targets=[Target("lead", department="TSSQ")])
    Area.objects.filter(code="371082007032").update(office=None)
    assert accept(world).status == "accepted"
    made.refresh_from_db()
    assert made.off_reason == "not_ours"


# -- what is suggested ---------------------------------------------------------------------------------------------


def routing(world: World, report_id: UUID, name: str = "wang", language: str = "zh-hans") -> dict[str, Any]:
    path = reverse("report-routing", args=[report_id])
    return world.api(name).get(path, headers={"accept-language": language}).json()


@pytest.mark.django_db
def test_the_matching_rule_is_shown_with_why(world: World) -> None:
    conditions = {
        "items": ["01-01-001"],
        "classes": ["01-01"],
        "kinds": ["event"],
        "areas": [world.area("371082007032").pk],
        "sources": ["grid"],
        "urgencies": ["normal"],
        "weekdays": [5],
        "hours": ["15:00", "17:00"],
        "working": True,
    }
    rule(world, mode="suggest", conditions=conditions, name="归城管", instruction="当日清完")
    with moved_to(datetime(2026, 5, 8, 16, 0, tzinfo=LOCAL)):
        report = accept(world)
    shown = routing(world, report.pk, language="en")["match"]
    assert (shown["name"], shown["mode"], shown["by"], shown["instruction"]) == (
        "归城管",
        "suggest",
        "assign",
        "当日清完",
    )
    assert shown["targets"] == [
        {"role": "lead", "department": {"code": "YTJD-CG", "name": "崖头街道城管办"}, "assignee": None}
    ]
    assert [one["condition"] for one in shown["why"]] == list(conditions)
    assert [one["text"] for one in shown["why"]] == [
        "Item: 暴露垃圾",
        "Class: 市容环境",
        "Kind: event",
        "Area: 台上社区",
        "Source: grid worker",
        "Urgency: normal",
        "Weekday: Friday",
        "Time of day: 16:00",
        "Working hours: working hours of working days",
    ]
    assert "星期五" in [one["text"][-3:] for one in routing(world, report.pk)["match"]["why"]]


@pytest.mark.django_db
def test_a_department_outside_is_suggested_as_a_whistle_that_can_be_drafted_as_it_stands(world: World) -> None:
    rule(world, mode="suggest", targets=[OUTSIDE, Target("assist", department="YTJD-CG")])
    report = accept(world)
    shown = routing(world, report.pk)["match"]
    assert shown["by"] == "whistle"
    called = [{"department": one["department"]["code"], "role": one["role"]} for one in shown["targets"]]
    post(world, "wang", f"reports/{report.pk}/whistles", kind="routine", reason="超出街道能力", departments=called)


@pytest.mark.django_db
def test_asking_changes_nothing_and_says_the_same_again(world: World) -> None:
    made = rule(world, mode="suggest", conditions={"working": True})
    with moved_to(datetime(2026, 5, 8, 16, 0, tzinfo=LOCAL)):
        report = accept(world)
    with moved_to(datetime(2026, 5, 9, 23, 0, tzinfo=LOCAL)):
        first = routing(world, report.pk)
    assert first == routing(world, report.pk)
    assert first["match"]["rule"] == made.pk
    Department.objects.filter(pk=world.departments["urban"].pk).update(is_active=False)
    assert routing(world, report.pk)["match"] is None
    made.refresh_from_db()
    assert made.is_active  # reading writes nothing; the next acceptance switches it off


@pytest.mark.django_db
def test_why_names_the_question_and_its_answer(world: World) -> None:
    item = CatalogueItem.objects.get(code="01-01-001")
    last = content_of(item.versions.get())
    change_item(item, type(last)(last.name, last.standards, questions=questions.read("类[多选:厨余/建筑]\n急[是/否]")))
    conditions = {"items": ["01-01-001"], "answers": {"q1": ["厨余"], "q2": [True]}}
    rule(world, mode="suggest", conditions=conditions)
    fitting = accept(world, answers={"q1": ["厨余", "建筑"], "q2": True})
    assert routing(world, fitting.pk)["match"]["why"][1]["text"].endswith("类 厨余；急 是")
    assert routing(world, accept(world, answers={"q1": ["建筑"], "q2": True}).pk)["match"] is None


# -- recommended departments ---------------------------------------------------------------------------------------


def closed_by(world: World, department: str, count: int, *, hours: float = 5, **changes: Any) -> None:
    """Closed reports like one of Zhang's, solved by a department in so many working hours."""
    pattern = Report.objects.get(pk=submit(world))
    dispatched = datetime(2026, 5, 11, 8, 0, tzinfo=LOCAL)
    rows = []
    for _number in range(count):
        row = Report.objects.get(pk=pattern.pk)
        row.pk, row.number, row.status = uuid4(), uuid4().hex[:20], "closed"
        row.lead_department_id = world.departments[department].pk
        row.dispatched_at = dispatched
        row.finished_at = working_calendar().add(dispatched, hours * 3600)
        row.closed_at = now() - timedelta(days=3)
        for name, value in changes.items():
            setattr(row, name, value)
        rows.append(row)
    Report.objects.bulk_create(rows)


@pytest.mark.django_db
def test_departments_are_recommended_from_closed_reports_of_the_item_in_the_street(world: World) -> None:
    closed_by(world, "urban", 12)
    closed_by(world, "water", 3, hours=9)
    closed_by(world, "gas", 50, street=world.area("371082900"), community=None, grid=None)
    closed_by(world, "gas", 9, closed_at=now() - timedelta(days=400))
    closed_by(world, "gas", 9, item=CatalogueItem.objects.get(code="02-01-001"))
    closed_by(world, "gas", 9, status="in_progress", closed_at=None)
    shown = routing(world, submit(world), language="en")["recommended"]
    assert [(one["department"]["code"], one["score"], one["closed"], one["of"]) for one in shown] == [
        ("YTJD-CG", 0.8, 12, 15),
        ("SWJT", 0.2, 3, 15),
    ]
    assert shown[0]["median_hours"] == 5.0
    assert shown[0]["reasons"] == [
        "12 of 15 closed reports of this item in this street; median 5 working hours",
        "12 of them in this community",
    ]


@pytest.mark.django_db
def test_a_matter_solved_nearby_counts_double(world: World) -> None:
    closed_by(world, "urban", 5)
    closed_by(world, "water", 5, community=None)
    report = Report.objects.get(pk=submit(world))
    assert [(one.department.code, one.score, one.nearby) for one in recommended(report)] == [
        ("YTJD-CG", 0.67, 5),
        ("SWJT", 0.33, 0),
    ]


@pytest.mark.django_db
def test_where_the_street_has_too_few_the_whole_city_is_asked(world: World) -> None:
    closed_by(world, "water", 4)
    closed_by(world, "gas", 6, street=world.area("371082900"), community=None, grid=None)
    shown = routing(world, submit(world), language="en")["recommended"]
    assert [(one["department"]["code"], one["closed"], one["of"]) for one in shown] == [
        ("SWJT", 4, 10),
        ("RQGS", 6, 10),
    ]
    assert "in the whole city" in shown[0]["reasons"][0]


@pytest.mark.django_db
def test_the_units_of_another_place_are_not_recommended_for_they_cannot_come(world: World) -> None:
    other_street = world.area("371082900")
    closed_by(world, "water", 1)
    closed_by(world, "urban", 3)
    closed_by(world, "committee", 2)
    elsewhere = submit(world)
    Report.objects.filter(pk=elsewhere).update(street=other_street, community=None, grid=None)
    told = recommended(Report.objects.get(pk=elsewhere))
    assert [(one.department.code, one.closed, one.of) for one in told] == [("SWJT", 1, 6)]
    neighbours = submit(world)
    Report.objects.filter(pk=neighbours).update(community=world.area("371082007002"), grid=None)
    told = recommended(Report.objects.get(pk=neighbours))
    assert {one.department.code for one in told} == {"SWJT", "YTJD-CG"}


@pytest.mark.django_db
def test_a_closed_department_is_not_recommended_and_the_catalogues_always_is(world: World) -> None:
    closed_by(world, "urban", 6)
    item = CatalogueItem.objects.get(code="01-01-001")
    last = content_of(item.versions.get())
    change_item(item, type(last)(last.name, last.standards, lead_department=world.departments["housing"]))
    close(world, "urban")
    shown = routing(world, submit(world), language="en")["recommended"]
    assert [(one["department"]["code"], one["score"], one["reasons"]) for one in shown] == [
        ("ZJJ", 0.0, ["named by the catalogue"])
    ]


@pytest.mark.django_db
def test_the_sample_is_bounded_and_read_from_an_index(world: World, settings: Any) -> None:
    settings.GRIDWHISTLE = {**settings.GRIDWHISTLE, "ROUTING_SAMPLE": 7}
    closed_by(world, "urban", 20)
    report = Report.objects.get(pk=submit(world))
    assert recommended(report)[0].of == 7
    with CaptureQueriesContext(connection) as seen, connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        recommended(report)
        sql = next(query["sql"] for query in seen if '"closed_at" DESC' in query["sql"])
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql)
        plan = str(cursor.fetchall())
    assert "report_alike" in plan, plan


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
