"""Volunteers and desks at once: real threads, really committed, on PostgreSQL (see test_races)."""

from collections import Counter
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Sum

from reports.models import Event
from tests import volunteer_scenes as band
from tests.test_main_job import HERE
from tests.test_races import at_once, posting
from tests.world import World, post
from volunteers.models import CreditEntry, ServiceRecord, TeamCall, VolunteerStep

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a database with more than one writer"),
]


def statuses(answers: list) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def test_a_service_confirmed_by_many_at_once_counts_once(committed_world: World) -> None:
    at = band.proposed(committed_world)
    path = f"volunteers/records/{at.record}/confirm"
    who = ("sun", "wang", "command", "root", "sun", "wang")
    assert statuses(at_once([posting(committed_world, name, path) for name in who])) == {200: 1, 409: 5}
    assert CreditEntry.objects.filter(record=at.record).count() == 1


def test_services_of_one_day_confirmed_at_once_stay_under_the_cap(committed_world: World) -> None:
    world = committed_world
    band.registered(world)
    made = [
        post(world, "nobody", "volunteers/records", 201, **band.service(place=f"第{number}处"))["id"]
        for number in range(6)
    ]
    calls = [posting(world, ("sun", "wang")[one % 2], f"volunteers/records/{one}/confirm") for one in made]
    assert statuses(at_once(calls)) == {200: 6}
    # Six times 4 points under a cap of 8.
    assert CreditEntry.objects.filter(why="patrol").aggregate(total=Sum("points"))["total"] == 8


def test_the_same_request_many_times_at_once_is_one_arrival(committed_world: World) -> None:
    at = band.called(committed_world)
    said = {"position": HERE, "request_id": str(uuid4())}
    path = f"volunteers/me/calls/{at.call}/check_in"
    assert statuses(at_once([posting(committed_world, "nobody", path, **said) for _number in range(6)])) == {200: 6}
    assert Event.objects.filter(kind="team_arrived").count() == 1
    assert VolunteerStep.objects.filter(kind="check_in").count() == 1


def test_a_team_called_many_times_at_once_is_called_once(committed_world: World) -> None:
    at = band.ready(committed_world)
    said = band.call_body(at)
    calls = [posting(committed_world, name, "volunteers/calls", **said) for name in ("sun", "wang", "command", "root")]
    assert statuses(at_once(calls)) == {201: 1, 409: 3}
    assert TeamCall.objects.count() == 1


def test_closing_while_members_come_and_answer_ends_in_one_truth(committed_world: World) -> None:
    at = band.called(committed_world)
    own, desk = f"volunteers/me/calls/{at.call}", f"volunteers/calls/{at.call}/close"
    answers = at_once(
        [
            posting(committed_world, "nobody", f"{own}/check_in", position=HERE),
            posting(committed_world, "housing", f"{own}/answer", coming=True),
            posting(committed_world, "wang", desk),
            posting(committed_world, "sun", desk),
        ]
    )
    assert set(statuses(answers)) <= {200, 409}
    assert sorted(answer.status_code for answer in answers[2:]) == [200, 409]
    came = answers[0].status_code == 200
    assert ServiceRecord.objects.count() == int(came)
