"""走访: a visit comes in once, whatever the line does; the demands of the colour; photos; the report it ends in."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from accounts.models import User
from core.moment import moved_to, now
from grids.actions.appointments import withdraw
from grids.coordinates import distance_m, wgs84_to_gcj02
from grids.models import Appointment
from households.actions.moving import move_out
from households.models import HouseholdEvent, HouseholdReport, Visit, VisitPhoto
from reports.calendar import local_date
from reports.models import Report
from tests import colour_scenes as bright
from tests import household_scenes as homely
from tests.colour_scenes import coloured
from tests.test_main_job import AFTER, HERE, NEAR, announced
from tests.world import LAT, LNG, World, body

pytestmark = pytest.mark.django_db


def said(household: UUID, **changes: Any) -> dict[str, Any]:
    return {
        "household": str(household),
        "visited_at": now().isoformat(),
        "position": HERE,
        "result": "met",
        "note": "老人身体好",
        **changes,
    }


def put(world: World, name: str, visit: UUID, expect: int, /, **data: Any) -> dict[str, Any]:
    answer = world.api(name).put(f"/api/v1/visits/{visit}", data, format="json")
    assert answer.status_code == expect, (answer.status_code, answer.content.decode())
    return answer.json()


def refused(world: World, code: str, expect: int = 400, /, **data: Any) -> dict[str, Any]:
    told = put(world, "zhang", uuid4(), expect, **data)
    assert told["code"] == code, told
    return told


# -- once ----------------------------------------------------------------------------------------------------------


def test_a_visit_sent_twice_is_one_and_another_body_is_refused(world: World) -> None:
    at, visit = homely.homes(world), uuid4()
    coloured(world, at.family, "blue")
    sent = said(at.family)
    first = put(world, "zhang", visit, 201, **sent)
    assert put(world, "zhang", visit, 200, **sent) == first
    assert put(world, "zhang", visit, 409, **{**sent, "note": "另有其事"})["code"] == "visit_differs"
    assert put(world, "sun", visit, 409, **sent)["code"] == "visit_differs"
    assert Visit.objects.count() == HouseholdEvent.objects.filter(kind="visit").count() == 1
    one = bright.row(at.family)
    assert one.last_visit_at is not None
    assert one.next_visit_due == local_date(now()) + timedelta(days=90)


def test_a_repeat_is_answered_also_when_the_world_has_moved_on(world: World) -> None:
    at, visit = homely.homes(world), uuid4()
    sent = said(at.family)
    first = put(world, "zhang", visit, 201, **sent)
    move_out(world["sun"], at.family, local_date(now()))
    coloured(world, at.couple, "red")
    withdraw(Appointment.objects.get(user=world["zhang"], role="grid_worker", area=world.grid))
    assert put(world, "zhang", visit, 200, **sent) == first


def test_a_visit_made_before_the_end_is_taken_after_it(world: World) -> None:
    at = homely.homes(world)
    sent = said(at.family, visited_at=(now() - timedelta(minutes=5)).isoformat())
    move_out(world["sun"], at.family, local_date(now()))
    put(world, "zhang", uuid4(), 201, **sent)
    assert bright.row(at.family).next_visit_due is None
    with moved_to(now() + timedelta(hours=1)):
        refused(world, "household_ended", 409, **said(at.family))


def test_a_visit_in_vain_leaves_the_household_due(world: World) -> None:
    at = homely.homes(world)
    coloured(world, at.family, "blue")
    due = bright.row(at.family).next_visit_due
    put(world, "zhang", uuid4(), 201, **said(at.family, result="nobody_home", note=""))
    assert bright.row(at.family).next_visit_due == due
    assert Visit.objects.get().due_on is None


# -- where, and by whom ----------------------------------------------------------------------------------------------


def test_the_distance_to_the_household_is_reckoned_from_any_coordinates(world: World) -> None:
    at = homely.homes(world)
    lng, lat = wgs84_to_gcj02(LNG + 0.01, LAT)
    told = put(
        world,
        "zhang",
        uuid4(),
        201,
        **said(at.family, position={"lng": lng, "lat": lat, "coord_type": "gcj02"}),
    )
    assert abs(told["distance_m"] - distance_m(LNG, LAT, LNG + 0.01, LAT)) < 0.1
    assert put(world, "zhang", uuid4(), 201, **said(at.house))["distance_m"] is None
    shown = world.api("zhang").get(f"/api/v1/visits/{told['id']}").json()
    assert (shown["coord_type"], shown["raw_lng"]) == ("gcj02", lng)


def test_a_visitor_had_work_at_the_household_then(world: World) -> None:
    at = homely.homes(world)
    told = refused(world, "visitor_unknown", **said(at.family, visitors=["zhang", "zhao", "water", "不在"]))
    assert told["unknown"] == ["water", "zhao", "不在"]
    put(world, "zhang", uuid4(), 201, **said(at.family, visitors=["sun", "wang"]))
    yesterday = (now() - timedelta(days=1)).isoformat()
    User.objects.filter(username="sun").update(is_active=False)
    for post in Appointment.objects.filter(user__username="sun"):
        withdraw(post)
    put(world, "zhang", uuid4(), 201, **said(at.family, visitors=["sun"], visited_at=yesterday))
    with moved_to(now() + timedelta(hours=1)):
        refused(world, "visitor_unknown", **said(at.family, visitors=["sun"]))


def test_each_colour_has_its_demands(world: World) -> None:
    at = homely.homes(world)
    put(world, "zhang", uuid4(), 201, **said(at.family, note=""))
    coloured(world, at.family, "yellow")
    refused(world, "service_note_missing", **said(at.family, note="  "))
    put(world, "zhang", uuid4(), 201, **said(at.family))
    coloured(world, at.family, "orange")
    two = {"visitors": ["zhang", "sun"]}
    refused(world, "visitors_few", **said(at.family))
    refused(world, "visitors_few", **said(at.family, visitors=["zhang", "zhang"]))
    refused(world, "measure_missing", **said(at.family, **two))
    put(world, "zhang", uuid4(), 201, **said(at.family, **two, measure="已约调解"))
    coloured(world, at.family, "red")
    refused(world, "leader_missing", **said(at.family, **two))
    for nobody in ("zhang", "outsider", "command", "不在"):
        refused(world, "leader_unknown", **said(at.family, **two, leader=nobody))
    put(world, "zhang", uuid4(), 201, **said(at.family, **two, leader="li"))
    put(world, "zhang", uuid4(), 201, **said(at.family, **two, leader="li", result="nobody_home", note=""))


def test_a_late_visit_is_measured_by_the_colour_of_its_time(world: World) -> None:
    at = homely.homes(world)
    coloured(world, at.family, "blue")
    made = now()
    with moved_to(made + timedelta(hours=2)):
        coloured(world, at.family, "red")
        put(world, "zhang", uuid4(), 201, **said(at.family, visited_at=made.isoformat()))
        refused(world, "visitors_few", **said(at.family))
    visit = Visit.objects.get()
    assert visit.level is not None
    assert (visit.level.code, visit.due_on) == ("blue", local_date(made) + timedelta(days=90))


def test_a_visit_from_the_future_and_a_photo_named_twice_are_refused(world: World) -> None:
    at = homely.homes(world)
    refused(world, "future_time", **said(at.family, visited_at=(now() + timedelta(hours=1)).isoformat()))
    refused(world, "photo_twice", **said(at.family, photos=[announced(NEAR, "near")] * 2))
    refused(world, "invalid", **said(at.family, result="fine"))
    refused(world, "not_found", 404, **said(uuid4()))
    assert Visit.objects.count() == 0


# -- photos ----------------------------------------------------------------------------------------------------------


def test_photos_come_by_hash_in_any_order_through_the_same_door_as_those_of_reports(world: World) -> None:
    at, visit = homely.homes(world), uuid4()
    sent = said(at.family, photos=[announced(NEAR, "near"), announced(AFTER, "after")])
    told = put(world, "zhang", visit, 201, **sent)
    assert (told["complete"], [one["received"] for one in told["photos"]]) == (False, [False, False])
    for data, status in ((AFTER, 201), (AFTER, 200), (NEAR, 201)):
        sha256 = hashlib.sha256(data).hexdigest()
        path = f"/api/v1/visits/{visit}/photos/{sha256}"
        answer = world.api("zhang").put(path, data, content_type="image/jpeg")
        assert answer.status_code == status, answer.content
        shown = world.api("sun").get(path, {"variant": "thumbnail"})
        assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
        assert world.api("zhao").get(path).status_code == 404
        assert world.api("sun").put(path, data, content_type="image/jpeg").status_code == 404
        assert world.api("sun").get(path, {"variant": "original"}).status_code == 400
    again = put(world, "zhang", visit, 200, **sent)
    assert (again["complete"], [one["received"] for one in again["photos"]]) == (True, [True, True])
    wrong = world.api("zhang").put(f"/api/v1/visits/{visit}/photos/{'0' * 64}", NEAR, content_type="image/jpeg")
    assert (wrong.status_code, wrong.json()["code"]) == (404, "photo_unknown")


def test_bytes_that_are_not_those_announced_are_refused(world: World) -> None:
    at, visit = homely.homes(world), uuid4()
    put(world, "zhang", visit, 201, **said(at.family, photos=[announced(NEAR, "near")]))
    path = f"/api/v1/visits/{visit}/photos/{hashlib.sha256(NEAR).hexdigest()}"
    answer = world.api("zhang").put(path, AFTER, content_type="image/jpeg")
    assert (answer.status_code, answer.json()["code"]) == (422, "photo_size_mismatch")
    assert VisitPhoto.objects.get().received_at is None


# -- the report a visit ends in --------------------------------------------------------------------------------------


def test_a_visit_ends_in_a_report_of_its_own_place_linked_to_the_household(world: World) -> None:
    at, visit, report = homely.homes(world), uuid4(), uuid4()
    follow_up = {"id": str(report), "item": "01-01-001", "description": "楼道堆物"}
    sent = said(at.family, follow_up=follow_up)
    for status in (201, 200):
        assert put(world, "zhang", visit, status, **sent)["follow_up"] == str(report)
    row = Report.objects.get()
    assert (row.pk, row.grid.code, row.reporter) == (report, homely.GRID, world["zhang"])
    assert HouseholdReport.objects.get().report_id == report
    kinds = list(HouseholdEvent.objects.filter(household=at.family).values_list("kind", flat=True))
    assert kinds[-2:] == ["link_report", "visit"]


def test_a_report_that_is_refused_takes_the_visit_back_with_it(world: World) -> None:
    at = homely.homes(world)
    follow_up = {**body(item="99-99-999"), "id": str(uuid4())}
    told = refused(world, "unknown_item", **said(at.family, follow_up=follow_up))
    assert told["errors"][0]["field"] == "follow_up.item"
    assert Visit.objects.count() == Report.objects.count() == 0
    assert bright.row(at.family).last_visit_at is None


# -- what is kept ----------------------------------------------------------------------------------------------------


def test_notes_are_encrypted_and_shown_to_those_who_work_with_them(everybody: World) -> None:
    at = bright.visited(everybody, note="独自在家", measure="已联系子女")
    with connection.cursor() as cursor:
        cursor.execute("SELECT note, measure FROM households_visit")
        assert "独自" not in str(cursor.fetchone())
    for name, note in (("zhang", "独自在家"), ("wang", "独自在家"), ("assistant", None)):
        assert everybody.api(name).get(f"/api/v1/visits/{at.visit}").json()["note"] == note
    listed = everybody.api("sun").get(f"/api/v1/households/{at.family}/visits").json()["results"]
    assert "note" not in listed[0]
    assert [one["username"] for one in listed[0]["visitors"]] == ["zhang"]


def test_a_visit_is_never_changed(world: World) -> None:
    bright.visited(world)
    for wrong in (Visit.objects.get().delete, Visit.objects.all().delete):
        with pytest.raises(TypeError):
            wrong()
    for columns in ({"result": "declined"}, {"visited_at": now()}, {"lng": 0.0}, {"submitted_by": world["sun"]}):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            Visit.objects.update(**columns)
