"""Routing rules at work: what they do on acceptance, and when they switch themselves off."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from auditlog.models import LogEntry

from accounts.models import Department
from accounts.roles import Role
from core.moment import moved_to
from core.problems import Problem
from grids.actions.appointments import appoint, withdraw
from grids.models import Appointment, Area
from notifications.models import Notification
from reports.actions import dispatch
from reports.actions.dispatch import Target
from reports.actions.routing import switch_on
from reports.models import Assignment, Clock, Event, RoutingRule
from tests import scenes
from tests.routing_scenes import LEAD, LOCAL, OUTSIDE, WORKER, accept, close, rule
from tests.world import World, post

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
