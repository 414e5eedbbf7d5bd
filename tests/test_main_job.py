"""The main job end to end: a phone's report becomes a whistle, departments report in, the matter is closed."""

import hashlib
from pathlib import Path

import pytest
from django.db import connection
from django.db.utils import DatabaseError
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from core.moment import now
from grids.actions.areas import move_area
from notifications.models import Notification
from reports.models import Clock, Event, Report
from reports.models.vocabulary import ReportStatus
from tests.world import LAT, LNG, World, body, post, submit

PHOTOS = Path(__file__).parent / "photos"
NEAR = (PHOTOS / "16_weihai_taishang_o6.jpg").read_bytes()
AFTER = (PHOTOS / "17_weihai_taishang_o8.jpg").read_bytes()
ON_SITE = (PHOTOS / "15_casio_street_piexif.jpg").read_bytes()
HERE = {"lng": LNG, "lat": LAT, "coord_type": "wgs84", "accuracy": 5.0}

pytestmark = pytest.mark.django_db


def announced(data: bytes, kind: str) -> dict[str, object]:
    return {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "kind": kind}


def upload(world: World, name: str, report_id: object, data: bytes) -> None:
    sha256 = hashlib.sha256(data).hexdigest()
    answer = world.api(name).put(
        f"/api/v1/reports/{report_id}/photos/{sha256}", data, content_type="application/octet-stream"
    )
    assert answer.status_code == 201, answer.content


def result(**changes: object) -> dict[str, object]:
    return {
        "measures": "已关阀抢修",
        "taken_up_at": now().isoformat(),
        "discussed_with": "物业经理",
        "solved_by": now().isoformat(),
        "photos": [announced(AFTER, "after")],
        **changes,
    }


def blown(world: World, kind: str = "emergency") -> dict[str, object]:
    """A report on which a whistle to water (lead) and gas (assist) has been blown; the report's detail."""
    report_id = submit(world, item="02-01-001", description="主管道爆裂")
    post(world, "wang", f"reports/{report_id}/accept")
    calls = [{"department": "SWJT", "role": "lead"}, {"department": "RQGS", "role": "assist"}]
    return post(
        world, "wang", f"reports/{report_id}/whistles", kind=kind, reason="水管爆裂,路面积水", departments=calls
    )


def duty(detail: dict, code: str) -> dict:
    return next(one for one in detail["assignments"] if one["department"]["code"] == code and one["active"])


def test_the_whole_way_of_an_emergency_from_phone_to_closed(world: World) -> None:
    photos = [announced(NEAR, "near"), announced(ON_SITE, "reference")]
    report_id = submit(world, item="02-01-001", description="主管道爆裂", photos=photos)
    upload(world, "zhang", report_id, ON_SITE)
    upload(world, "zhang", report_id, NEAR)
    seen = world.api("wang").get(f"/api/v1/reports/{report_id}").json()
    assert seen["grid"]["code"] == "371082007032002"
    assert seen["urgency"] == "emergency"
    assert seen["complete_at"] is not None

    post(world, "wang", f"reports/{report_id}/accept")
    calls = [{"department": "SWJT", "role": "lead"}, {"department": "RQGS", "role": "assist"}]
    detail = post(
        world, "wang", f"reports/{report_id}/whistles", kind="emergency", reason="路面积水", departments=calls
    )
    assert detail["status"] == "in_progress"
    assert detail["whistles"][0]["status"] == "blown"
    called = Notification.objects.filter(kind="whistle_blown")
    assert {notice.recipient.username for notice in called} == {"water", "water_boss", "gas"}
    assert all(notice.urgency == "emergency" and notice.needs_receipt for notice in called)
    # A phone that had no signal since shows the call and counts down from the notice alone.
    due = parse_datetime(called[0].params["due_at"])
    assert due in Clock.objects.filter(kind="report_in").values_list("due_at", flat=True)
    assert called[0].params["caller"] == detail["whistles"][0]["calling_area"]["name"]

    for name, code in (("water", "SWJT"), ("gas", "RQGS")):
        its = duty(detail, code)["id"]
        post(world, name, f"assignments/{its}/receive")
        detail = post(
            world, name, f"assignments/{its}/report_in", position=HERE, photos=[announced(ON_SITE, "reference")]
        )
    assert detail["whistles"][0]["status"] == "handling"
    assert duty(detail, "SWJT")["reported_in_distance_m"] < 1
    assert Notification.objects.get(kind="whistle_blown", recipient=world["gas"]).receipted_at is not None

    post(world, "gas", f"assignments/{duty(detail, 'RQGS')['id']}/submit", measures="燃气管道检查无泄漏")
    detail = post(world, "water", f"assignments/{duty(detail, 'SWJT')['id']}/submit", **result())
    assert detail["status"] == "in_review"
    assert detail["whistles"][0]["status"] == "submitted"
    upload(world, "water", report_id, AFTER)

    whistle_id = detail["whistles"][0]["id"]
    ratings = [{"assignment": one["id"], "response": 5, "attendance": 5, "result": 4} for one in detail["assignments"]]
    post(world, "wang", f"whistles/{whistle_id}/rate", ratings=ratings)
    post(world, "wang", f"reports/{report_id}/approve")
    post(world, "li", f"whistles/{whistle_id}/review", justified=True, note="确属应急")
    post(world, "wang", f"whistles/{whistle_id}/close")
    detail = post(world, "wang", f"reports/{report_id}/close", note="现场已恢复")
    assert detail["status"] == "closed"
    assert detail["due_at"] is None
    assert all(clock["outcome"] == "met" for clock in detail["clocks"])
    assert [event["kind"] for event in detail["events"]] == [
        "submit",
        "complete",
        "accept",
        "draft_whistle",
        "blow",
        "receive",
        "report_in",
        "whistle_handling",
        "receive",
        "report_in",
        "submit_result",
        "submit_result",
        "whistle_submitted",
        "to_review",
        "rate",
        "rate",
        "whistle_rated",
        "approve",
        "review_whistle",
        "close_whistle",
        "close",
    ]


def test_a_routine_whistle_waits_for_the_leader(world: World) -> None:
    detail = blown(world, kind="routine")
    whistle = detail["whistles"][0]
    assert whistle["status"] == "pending"
    assert detail["assignments"] == []
    assert world.api("water").get(f"/api/v1/reports/{detail['id']}").status_code == 404
    post(world, "wang", f"whistles/{whistle['id']}/approve", expect=403)
    detail = post(world, "li", f"whistles/{whistle['id']}/approve", note="同意")
    assert detail["whistles"][0]["status"] == "blown"
    assert world.api("water").get(f"/api/v1/reports/{detail['id']}").status_code == 200


def test_a_declined_whistle_calls_nobody_and_the_dispatch_clock_starts_anew(world: World) -> None:
    detail = blown(world, kind="tough")
    detail = post(world, "li", f"whistles/{detail['whistles'][0]['id']}/decline", note="街道可自行处置")
    assert detail["whistles"][0]["status"] == "declined"
    assert [clock["kind"] for clock in detail["clocks"] if clock["running"]] == ["dispatch"]
    assert not Notification.objects.filter(kind="whistle_blown").exists()


def test_a_community_calls_only_its_street_office(world: World) -> None:
    report_id = submit(world)
    post(world, "sun", f"reports/{report_id}/accept")
    call = {"kind": "routine", "reason": "需街道协调"}
    refused = post(
        world,
        "sun",
        f"reports/{report_id}/whistles",
        expect=400,
        departments=[{"department": "SWJT", "role": "lead"}],
        **call,
    )
    assert refused["code"] == "wrong_whistle_target"
    detail = post(
        world, "sun", f"reports/{report_id}/whistles", departments=[{"department": "YTJD", "role": "lead"}], **call
    )
    assert detail["whistles"][0]["level"] == "community"


def test_reporting_in_far_away_is_flagged_and_not_refused(world: World) -> None:
    detail = blown(world)
    far = {"lng": LNG + 0.02, "lat": LAT, "coord_type": "wgs84"}
    its = duty(detail, "SWJT")["id"]
    photo = [announced(ON_SITE, "reference")]
    detail = post(world, "water", f"assignments/{its}/report_in", position=far, photos=photo)
    assert duty(detail, "SWJT")["reported_in_far"] is True
    assert 1700 < duty(detail, "SWJT")["reported_in_distance_m"] < 1850


def test_an_emergency_report_in_needs_a_photo(world: World) -> None:
    detail = blown(world)
    refused = post(world, "water", f"assignments/{duty(detail, 'SWJT')['id']}/report_in", expect=400, position=HERE)
    assert refused["code"] == "photo_needed"


def test_a_called_department_answers_from_the_spot(world: World) -> None:
    detail = blown(world)
    its = duty(detail, "SWJT")["id"]
    post(world, "water", f"assignments/{its}/receive")
    refused = post(world, "water", f"assignments/{its}/submit", expect=409, **result())
    assert refused["allowed"] == ["report_in"]


@pytest.mark.parametrize("missing", ["taken_up_at", "discussed_with", "solved_by", "measures", "photos"])
def test_a_lead_states_all_four_elements_and_an_after_photo(world: World, missing: str) -> None:
    report_id = submit(world)
    post(world, "wang", f"reports/{report_id}/accept")
    detail = post(world, "wang", f"reports/{report_id}/assign", assignments=[{"role": "lead", "department": "YTJD-CG"}])
    its = duty(detail, "YTJD-CG")["id"]
    post(world, "urban", f"assignments/{its}/receive")
    said = result()
    del said[missing]
    refused = post(world, "urban", f"assignments/{its}/submit", expect=400, **said)
    assert refused["errors"][0]["field"] == missing
    assert post(world, "urban", f"assignments/{its}/submit", **result())["status"] == "in_review"


def test_everything_a_leads_result_lacks_is_named_at_once(world: World) -> None:
    report_id = submit(world)
    post(world, "wang", f"reports/{report_id}/accept")
    detail = post(world, "wang", f"reports/{report_id}/assign", assignments=[{"role": "lead", "department": "YTJD-CG"}])
    its = duty(detail, "YTJD-CG")["id"]
    post(world, "urban", f"assignments/{its}/receive")
    refused = post(world, "urban", f"assignments/{its}/submit", expect=400, measures="已清理")
    assert [(row["field"], row["code"]) for row in refused["errors"]] == [
        ("taken_up_at", "required"),
        ("discussed_with", "required"),
        ("solved_by", "required"),
    ]


def test_rework_counts_keeps_the_old_result_and_the_clock_goes_on(world: World) -> None:
    report_id = submit(world)
    post(world, "wang", f"reports/{report_id}/accept")
    detail = post(world, "wang", f"reports/{report_id}/assign", assignments=[{"role": "lead", "department": "YTJD-CG"}])
    its = duty(detail, "YTJD-CG")["id"]
    post(world, "urban", f"assignments/{its}/receive")
    post(world, "urban", f"assignments/{its}/submit", **result(measures="第一次"))
    detail = post(world, "wang", f"reports/{report_id}/rework", reason="未清理干净")
    assert (detail["status"], detail["rework_count"]) == ("in_progress", 1)
    handle = next(clock for clock in detail["clocks"] if clock["kind"] == "handle")
    assert handle["running"]
    assert len(handle["segments"]) == 2
    detail = post(world, "urban", f"assignments/{its}/submit", **result(measures="第二次"))
    assert [event["note"] for event in detail["events"] if event["kind"] == "submit_result"] == ["第一次", "第二次"]


def test_closing_waits_for_every_duty(world: World) -> None:
    report_id = submit(world)
    post(world, "wang", f"reports/{report_id}/accept")
    targets = [{"role": "lead", "department": "YTJD-CG"}, {"role": "assist", "department": "TSSQ"}]
    detail = post(world, "wang", f"reports/{report_id}/assign", assignments=targets)
    its = duty(detail, "YTJD-CG")["id"]
    post(world, "urban", f"assignments/{its}/receive")
    post(world, "urban", f"assignments/{its}/submit", **result())
    upload(world, "urban", report_id, AFTER)
    post(world, "wang", f"reports/{report_id}/approve")
    refused = post(world, "wang", f"reports/{report_id}/close", expect=409)
    assert (refused["code"], refused["open"][0]["unit"]) == ("duty_open", "台上社区居委会")
    post(world, "wang", f"assignments/{duty(detail, 'TSSQ')['id']}/waive", reason="已由城管办完成")
    assert post(world, "wang", f"reports/{report_id}/close")["status"] == "closed"


def test_a_requester_is_answered_before_closing(world: World) -> None:
    requester = {"name": "张三丰", "phone": "13812345678"}
    report_id = submit(world, "wang", source="hotline", external_no="12345-1", requester=requester)
    post(world, "wang", f"reports/{report_id}/accept")
    detail = post(world, "wang", f"reports/{report_id}/assign", assignments=[{"role": "lead", "department": "YTJD-CG"}])
    assert detail["requester"]["name"] == "张**"
    assert detail["requester"]["phone"] == "138****5678"
    its = duty(detail, "YTJD-CG")["id"]
    post(world, "urban", f"assignments/{its}/receive")
    post(world, "urban", f"assignments/{its}/submit", **result())
    upload(world, "urban", report_id, AFTER)
    post(world, "wang", f"reports/{report_id}/approve")
    assert post(world, "wang", f"reports/{report_id}/close", expect=400)["code"] == "answer_needed"
    detail = post(world, "wang", f"reports/{report_id}/close", answer="垃圾已清运,感谢反映")
    assert (detail["status"], detail["requester"]["answered_at"]) == ("callback", None)
    said = {"reached": True, "solved": True, "satisfaction": "satisfied"}
    detail = post(world, "clerk", f"reports/{report_id}/call_back", **said)
    assert detail["status"] == "closed"
    assert detail["requester"]["answered_at"] is not None


def test_a_requester_in_full_is_shown_only_on_record(world: World) -> None:
    requester = {"name": "张三丰", "phone": "13812345678"}
    report_id = submit(world, "wang", source="hotline", external_no="12345-2", requester=requester)
    told = post(world, "wang", f"reports/{report_id}/reveal_requester", reason="回电核实")
    assert told == {"name": "张三丰", "phone": "13812345678"}
    event = Event.objects.get(kind="reveal_requester")
    assert (event.actor, event.note, event.internal) == (world["wang"], "回电核实", True)
    post(world, "zhang", f"reports/{report_id}/reveal_requester", expect=403, reason="好奇")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, phone FROM reports_requester")
        assert "138" not in str(cursor.fetchone())


def test_self_handled_reports_go_to_review_and_need_before_and_after(world: World) -> None:
    both = [announced(NEAR, "before"), announced(AFTER, "after")]
    report_id = submit(world, self_handled=True, measures="当场清理", photos=both)
    report = Report.objects.get(pk=report_id)
    assert (report.status, report.limit_unit) == (ReportStatus.IN_REVIEW, "work_hour")
    for photos, item, code in [
        (both[:1], "01-01-001", "photo_needed"),
        (both, "02-01-001", "not_self_handled"),
    ]:
        said = body(self_handled=True, measures="当场清理", photos=photos, item=item)
        answer = world.api("zhang").put("/api/v1/reports/3f0c0000-0000-4000-8000-000000000001", said, format="json")
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    upload(world, "zhang", report_id, NEAR)
    upload(world, "zhang", report_id, AFTER)
    post(world, "wang", f"reports/{report_id}/approve")
    assert post(world, "wang", f"reports/{report_id}/close")["status"] == "closed"


def test_a_street_assigns_its_own_and_whistles_for_others(world: World) -> None:
    report_id = submit(world)
    post(world, "wang", f"reports/{report_id}/accept")

    def to(expect: int, **target: str) -> dict:
        return post(world, "wang", f"reports/{report_id}/assign", expect, assignments=[{"role": "lead", **target}])

    assert to(400, department="SWJT")["code"] == "whistle_needed"
    assert to(400, department="nothing")["code"] == "unknown_unit"
    assert to(400, assignee="outsider")["code"] == "not_ours_to_assign"
    assert to(200, assignee="zhao")["status"] == "in_progress"


def test_a_community_gives_work_to_its_workers_only(world: World) -> None:
    report_id = submit(world)
    post(world, "sun", f"reports/{report_id}/accept")
    refused = post(
        world, "sun", f"reports/{report_id}/assign", 400, assignments=[{"role": "lead", "department": "YTJD-CG"}]
    )
    assert refused["code"] == "not_ours_to_assign"
    post(world, "sun", f"reports/{report_id}/assign", assignments=[{"role": "lead", "assignee": "zhao"}])


@pytest.mark.parametrize("leads", [0, 2])
def test_a_dispatch_has_exactly_one_lead(world: World, leads: int) -> None:
    report_id = submit(world)
    post(world, "wang", f"reports/{report_id}/accept")
    roles = ["lead"] * leads + ["assist"] * (2 - leads)
    targets = [{"role": role, "department": code} for role, code in zip(roles, ["YTJD-CG", "TSSQ"], strict=True)]
    assert post(world, "wang", f"reports/{report_id}/assign", 400, assignments=targets)["code"] == "one_lead"


def test_a_stale_version_is_refused_with_the_present_state(world: World) -> None:
    report_id = submit(world)
    post(world, "wang", f"reports/{report_id}/accept", version=1)
    refused = post(world, "wang", f"reports/{report_id}/void", 409, reason="误报", version=1)
    assert (refused["code"], refused["current"], refused["version"]) == ("stale_version", "accepted", 2)
    assert "assign" in refused["allowed"]


def test_a_leader_reopens_and_the_lead_takes_it_up_again(world: World) -> None:
    both = [announced(NEAR, "before"), announced(AFTER, "after")]
    report_id = submit(world, self_handled=True, measures="当场清理", photos=both)
    upload(world, "zhang", report_id, NEAR)
    upload(world, "zhang", report_id, AFTER)
    post(world, "wang", f"reports/{report_id}/approve")
    post(world, "wang", f"reports/{report_id}/close")
    post(world, "wang", f"reports/{report_id}/reopen", 403, reason="又有了")
    detail = post(world, "li", f"reports/{report_id}/reopen", reason="又有了")
    assert (detail["status"], detail["assignments"][0]["status"]) == ("in_progress", "rework")


def test_internal_notes_stay_with_those_who_work_the_area(world: World) -> None:
    detail = blown(world)
    post(world, "wang", f"reports/{detail['id']}/note", text="家属情绪激动")

    def notes(name: str) -> list[dict]:
        timeline = world.api(name).get(f"/api/v1/reports/{detail['id']}/events").json()
        return [event for event in timeline if event["kind"] == "note"]

    assert len(notes("wang")) == 1
    assert notes("water") == []


def test_a_deleted_report_is_emptied_and_its_id_stays_taken(world: World) -> None:
    report_id = submit(world)
    post(world, "wang", f"reports/{report_id}/delete", 403, reason="x")
    world.api("root").post(f"/api/v1/reports/{report_id}/delete", {"reason": "含隐私"}, format="json")
    assert world.api("wang").get(f"/api/v1/reports/{report_id}").status_code == 404
    answer = world.api("zhang").put(f"/api/v1/reports/{report_id}", body(), format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "report_deleted")


def test_reports_follow_their_area_under_another_parent(world: World) -> None:
    report_id = submit(world)
    community, elsewhere = world.area("371082007032"), world.area("371082900")
    move_area(community, elsewhere)
    report = Report.objects.get(pk=report_id)
    assert (report.street, report.community, report.grid) == (elsewhere, community, world.grid)
    assert world.api("outsider").get(f"/api/v1/reports/{report_id}").status_code == 200
    assert world.api("wang").get(f"/api/v1/reports/{report_id}").status_code == 404


def test_the_database_itself_refuses_to_change_an_event(world: World) -> None:
    submit(world)
    with pytest.raises(TypeError):
        Event.objects.all().update(note="geändert")
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("UPDATE reports_event SET note = 'rewritten'")


def test_the_whistle_watch_shows_each_step_of_each_person(world: World) -> None:
    detail = blown(world)
    whistle_id = detail["whistles"][0]["id"]
    post(world, "water", f"assignments/{duty(detail, 'SWJT')['id']}/receive")
    watch = world.api("wang").get(reverse("whistle-delivery", args=[whistle_id])).json()
    by_name = {row["recipient"]["username"]: row for row in watch["recipients"]}
    assert by_name["water"]["receipted_at"] is not None
    assert by_name["gas"]["receipted_at"] is None
    assert {duty["status"] for duty in watch["assignments"]} == {"issued", "received"}
    assert world.api("housing").get(reverse("whistle-delivery", args=[whistle_id])).status_code == 404
