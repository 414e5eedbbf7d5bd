"""Waiver 免除: who grants it, and what becomes of the duty."""

import pytest

from reports.models import Assignment, ChangeRequest, Clock, Event, Report
from tests import scenes
from tests.request_scenes import after, asked, assigned, handle_clock, told
from tests.scenes import scene
from tests.world import World, post

pytestmark = pytest.mark.django_db


def test_a_waiver_asked_for_is_the_streets_to_grant_and_releases_the_unit(world: World) -> None:
    at = scenes.whistled(world, "tough")
    post(world, "li", f"whistles/{at.whistle}/approve")
    at = scene(at.report)
    change = asked(world, "gas", f"assignments/{at.assist}/ask_waiver")
    running = Clock.objects.filter(assignment_id=at.assist, running=True).count()
    assert (running > 0, told("request_asked")) == (True, {"wang"})
    post(world, "wang", f"requests/{change}/grant", note="同意")
    duty = Assignment.objects.get(pk=at.assist)
    assert (duty.status, duty.waived_reason) == ("waived", "理由")
    assert not Clock.objects.filter(assignment=duty, stopped_at__isnull=True).exists()
    kinds = list(Event.objects.filter(report_id=at.report).order_by("pk").values_list("kind", flat=True))
    assert kinds[-3:] == ["ask_waiver", "waive", "grant_waiver"]
    assert ChangeRequest.objects.get(pk=change).status == "granted"


def test_a_granted_waiver_of_the_lead_puts_the_report_to_review_and_ends_what_else_it_asked(world: World) -> None:
    at = assigned(world)
    with after(0.5):
        extension = asked(world, "urban", f"assignments/{at.lead}/ask_extension")
        change = asked(world, "urban", f"assignments/{at.lead}/ask_waiver")
        post(world, "wang", f"requests/{change}/grant")
    assert ChangeRequest.objects.get(pk=extension).status == "withdrawn"
    assert ChangeRequest.objects.get(pk=change).status == "granted"
    assert Report.objects.get().status == "in_review"
    assert Event.objects.filter(kind="request_lapsed").count() == 1


def test_a_refused_waiver_leaves_the_duty_and_its_clocks_as_they_are(world: World) -> None:
    at = assigned(world)
    due = handle_clock(at).due_at
    with after(0.5):
        change = asked(world, "urban", f"assignments/{at.lead}/ask_waiver")
        again = post(world, "urban", f"assignments/{at.lead}/ask_waiver", 409, reason="再次")
        post(world, "wang", f"requests/{change}/refuse", note="属于本单位职责")
    assert again["code"] == "request_pending"
    assert (Assignment.objects.get(pk=at.lead).status, handle_clock(at).due_at) == ("issued", due)
