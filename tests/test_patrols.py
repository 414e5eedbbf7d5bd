"""巡查: check-in inside the own grid; a track only if switched on, in working hours, for days."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as given
from django.core.management import call_command

from core.moment import moved_to
from households.models import Patrol, TrackPoint
from tests.test_main_job import HERE
from tests.world import World, post

pytestmark = pytest.mark.django_db

# A Monday at nine.
START = datetime.fromisoformat("2026-03-02T09:00:00+08:00")


@pytest.fixture
def tracks(settings: Any) -> None:
    settings.GRIDWHISTLE = {**given.GRIDWHISTLE, "PATROL_TRACKS": True}


def check_in(world: World, name: str, expect: int = 201, patrol: Any = None, **changes: Any) -> Any:
    body = {"started_at": START.isoformat(), "position": HERE, **changes}
    answer = world.api(name).put(f"/api/v1/patrols/{patrol or uuid4()}", body, format="json")
    assert answer.status_code == expect, answer.content.decode()
    return answer.json()


def points(*hours: float) -> list[dict[str, Any]]:
    return [{"at": (START + timedelta(hours=one)).isoformat(), "position": HERE} for one in hours]


def test_a_check_in_lies_in_the_own_grid_and_comes_once(world: World) -> None:
    with moved_to(START):
        patrol = uuid4()
        first = check_in(world, "zhang", patrol=patrol)
        assert first["grid"]["code"] == "371082007032002"
        assert check_in(world, "zhang", 200, patrol=patrol) == first
        assert check_in(world, "zhang", 409, patrol=patrol, note="又来")["code"] == "patrol_differs"
        assert check_in(world, "sun", 409, patrol=patrol)["code"] == "patrol_differs"
        assert check_in(world, "zhao", 403)["code"] == "patrol_elsewhere"
        assert check_in(world, "water", 403)["code"] == "forbidden"
        outside = {"lng": 120.0, "lat": 30.0, "coord_type": "wgs84"}
        assert check_in(world, "zhang", 400, position=outside)["code"] == "position_outside"
        later = (START + timedelta(hours=1)).isoformat()
        assert check_in(world, "zhang", 400, started_at=later)["code"] == "future_time"
    assert Patrol.objects.count() == 1


def test_a_patrol_is_seen_by_the_worker_and_by_those_above(everybody: World) -> None:
    with moved_to(START):
        patrol = check_in(everybody, "zhang")["id"]
        seen = {
            name for name in everybody.people if everybody.api(name).get(f"/api/v1/patrols/{patrol}").status_code == 200
        }
    assert seen == {"zhang", "leader", "sun", "wang", "li", "root"}


def test_a_patrol_ends_once(world: World) -> None:
    with moved_to(START):
        path = f"patrols/{check_in(world, 'zhang')['id']}/end"
        early = (START - timedelta(minutes=1)).isoformat()
        assert post(world, "zhang", path, 400, ended_at=early)["code"] == "patrol_ends_first"
        assert post(world, "sun", path, 403, ended_at=START.isoformat())["code"] == "forbidden"
    with moved_to(START + timedelta(hours=2)):
        end = (START + timedelta(hours=1)).isoformat()
        for _time in range(2):
            assert post(world, "zhang", path, ended_at=end)["ended_at"] is not None
        assert post(world, "zhang", path, 409, ended_at=START.isoformat())["code"] == "patrol_over"


def test_no_track_is_kept_unless_it_is_switched_on(world: World) -> None:
    with moved_to(START + timedelta(hours=1)):
        path = f"patrols/{check_in(world, 'zhang')['id']}/points"
        assert post(world, "zhang", path, 409, points=points(0.5))["code"] == "tracks_off"
    assert TrackPoint.objects.count() == 0


def test_a_track_is_kept_in_working_hours_of_the_patrol_only_and_once(world: World, tracks: None) -> None:
    with moved_to(START + timedelta(hours=12)):
        patrol = check_in(world, "zhang")["id"]
        path = f"patrols/{patrol}/points"
        # Before the check-in, at work, at noon (12 to 14 is no work), at work, in the evening, tomorrow.
        sent = points(-0.5, 0.5, 3.5, 6, 10, 24)
        for _time in range(2):
            assert post(world, "zhang", path, points=sent) == {"kept": 2}
        assert TrackPoint.objects.count() == 2
        assert post(world, "sun", path, 403, points=sent)["code"] == "forbidden"
        post(world, "zhang", f"patrols/{patrol}/end", ended_at=(START + timedelta(hours=1)).isoformat())
        assert post(world, "zhang", path, points=points(0.7, 7)) == {"kept": 1}
        listed = world.api("sun").get(f"/api/v1/{path}").json()["results"]
        assert len(listed) == 3
        assert world.api("zhao").get(f"/api/v1/{path}").status_code == 404


def test_a_track_is_soon_forgotten(world: World, tracks: None, settings: Any) -> None:
    def purged(*args: str) -> str:
        out = StringIO()
        call_command("purge_tracks", *args, stdout=out)
        return out.getvalue()

    with moved_to(START + timedelta(hours=1)):
        path = f"patrols/{check_in(world, 'zhang')['id']}/points"
        post(world, "zhang", path, points=points(0.1, 0.9))
    with moved_to(START + timedelta(days=7, minutes=30)):
        assert purged("--dry-run") == "1 points would be deleted\n"
        assert TrackPoint.objects.count() == 2
        assert purged() == "1 points were deleted\n"
        assert post(world, "zhang", path, points=points(0.1)) == {"kept": 0}
        settings.GRIDWHISTLE = {**given.GRIDWHISTLE, "PATROL_TRACKS": False}
        assert purged() == "1 points were deleted\n"
    assert Patrol.objects.count() == 1
