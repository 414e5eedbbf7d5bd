"""When a whistle fails: the next round, the joint meeting and what it decides; and a whistle that is withdrawn."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.moment import moved_to, now
from notifications.models import Notification
from reports.models import Assignment, ChangeRequest, Clock, Event, Meeting, Report, SupervisionOrder, Whistle
from reports.supervise import supervise_once
from tests import scenes
from tests.test_main_job import HERE, ON_SITE, announced, result
from tests.world import World, post

pytestmark = pytest.mark.django_db

MONDAY = datetime.fromisoformat("2026-09-14T09:00:00+08:00")


def at(moment: datetime) -> None:
    with moved_to(moment):
        supervise_once()


def duty_of(whistle: Whistle, code: str) -> Assignment:
    return Assignment.objects.get(whistle=whistle, department__code=code, active=True)


def leads(report_id: object) -> list[str]:
    rows = Assignment.objects.filter(report_id=report_id, active=True, role="lead").order_by("pk")
    return list(rows.values_list("department__code", flat=True))


# -- by hand -----------------------------------------------------------------------------------------------------


def test_a_failed_result_calls_everybody_again_one_round_up(world: World) -> None:
    before = scenes.answered(world)
    detail = post(world, "wang", f"whistles/{before.whistle}/escalate", reason="仍在漏水")
    first, second = Whistle.objects.order_by("round")
    assert (first.status, second.status, second.round, second.previous) == ("escalated", "blown", 2, first)
    assert (detail["status"], detail["finished_at"]) == ("in_progress", None)
    called = Assignment.objects.filter(whistle=second, active=True)
    assert set(called.values_list("department__code", "role")) == {("SWJT", "lead"), ("RQGS", "assist")}
    assert not Assignment.objects.filter(whistle=first, active=True).exists()
    told = set(Notification.objects.filter(kind="whistle_escalated").values_list("recipient__username", flat=True))
    assert told == {"li", "water_boss"}
    event = Event.objects.get(kind="escalate")
    assert (event.note, event.actor) == ("仍在漏水", world["wang"])


def test_the_handling_clock_goes_on_with_what_it_had_left(world: World) -> None:
    with moved_to(MONDAY):
        before = scenes.reported_in(world)
    with moved_to(MONDAY + timedelta(hours=1)):
        post(world, "gas", f"assignments/{before.assist}/submit", measures="无泄漏")
        post(world, "water", f"assignments/{before.lead}/submit", **result())
        post(world, "wang", f"whistles/{before.whistle}/escalate", reason="仍在漏水")
    clock = Clock.objects.get(kind="handle")
    assert (clock.running, clock.due_at) == (True, MONDAY + timedelta(hours=4 + 2))
    assert clock.assignment == duty_of(Whistle.objects.get(round=2), "SWJT")
    assert not Clock.objects.filter(kind="review", stopped_at__isnull=True).exists()


def test_the_third_round_is_a_meeting_at_the_time_the_street_sets(world: World) -> None:
    with moved_to(MONDAY):
        stuck = scenes.reported_in(world)
        post(world, "wang", f"whistles/{stuck.whistle}/escalate", reason="无进展")
        second = Whistle.objects.get(round=2)
        post(world, "wang", f"whistles/{second.pk}/escalate", 409, reason="再升级")
        photos = [announced(ON_SITE, "reference")]
        post(world, "water", f"assignments/{duty_of(second, 'SWJT').pk}/report_in", position=HERE, photos=photos)
        meeting = MONDAY + timedelta(days=2)
        post(
            world,
            "wang",
            f"whistles/{second.pk}/escalate",
            reason="再升级",
            meeting_at=meeting.isoformat(),
            meeting_place="街道三楼会议室",
        )
    third = Whistle.objects.get(round=3)
    assert (third.kind, third.meeting_at, third.meeting_place) == ("joint", meeting, "街道三楼会议室")
    due = set(Clock.objects.filter(whistle=third, kind="report_in").values_list("due_at", flat=True))
    assert due == {meeting}


def given_back_and_missed(world: World) -> tuple[scenes.Scene, int]:
    """The lead stays away while the assist's return is being decided; then it is refused. The key of that duty."""
    with moved_to(MONDAY):
        blown = scenes.whistled(world)
        assert blown.assist is not None
        post(world, "gas", f"assignments/{blown.assist}/ask_return", reason="不属我单位")
    at(MONDAY + timedelta(minutes=31))
    change = ChangeRequest.objects.get()
    with moved_to(MONDAY + timedelta(minutes=40)):
        assert Whistle.objects.get().status == "blown"
        post(world, "wang", f"requests/{change.pk}/refuse", note="请到场")
    return blown, blown.assist


def test_the_next_round_follows_also_when_the_last_one_waited_for_comes_after_the_lead_stayed_away(
    world: World,
) -> None:
    blown, assist = given_back_and_missed(world)
    with moved_to(MONDAY + timedelta(minutes=45)):
        photos = [announced(ON_SITE, "reference")]
        post(world, "gas", f"assignments/{assist}/report_in", position=HERE, photos=photos)
    second = Whistle.objects.get(round=2)
    assert (second.status, second.previous_id) == ("gathering", blown.whistle)
    assert duty_of(second, "RQGS").pk == assist
    assert duty_of(second, "SWJT").status == "issued"


def test_the_next_round_follows_also_when_the_last_one_waited_for_is_released(world: World) -> None:
    _, assist = given_back_and_missed(world)
    with moved_to(MONDAY + timedelta(minutes=45)):
        post(world, "wang", f"assignments/{assist}/waive", reason="不需要到场")
    second = Whistle.objects.get(round=2)
    assert (second.status, duty_of(second, "SWJT").status) == ("blown", "issued")


def test_there_is_no_fourth_round(world: World) -> None:
    with moved_to(MONDAY):
        scenes.whistled(world)
    at(MONDAY + timedelta(minutes=31))
    at(MONDAY + timedelta(minutes=62))
    third = Whistle.objects.get(round=3)
    with moved_to(third.meeting_at):
        called = Assignment.objects.filter(whistle=third, active=True).order_by("pk")
        attendance = [{"assignment": pk, "attended": True} for pk in called.values_list("pk", flat=True)]
        post(world, "wang", f"whistles/{third.pk}/minutes", minutes="协调", attendance=attendance)
        refused = post(world, "wang", f"whistles/{third.pk}/escalate", 409, reason="仍无进展")
    assert refused["code"] == "last_round"
    assert Whistle.objects.count() == 3


def test_a_meeting_is_not_called_for_a_time_that_has_passed(world: World) -> None:
    stuck = scenes.reported_in(world)
    past = (now() - timedelta(hours=1)).isoformat()
    refused = post(world, "wang", f"whistles/{stuck.whistle}/escalate", 400, reason="无进展", meeting_at=past)
    assert refused["code"] == "meeting_needed"


def test_a_repeated_request_escalates_once(world: World) -> None:
    stuck = scenes.reported_in(world)
    for _ in range(2):
        rid = "3f0c0000-0000-4000-8000-00000000000b"
        post(world, "wang", f"whistles/{stuck.whistle}/escalate", reason="无进展", request_id=rid)
    assert Whistle.objects.count() == 2


# -- the meeting -------------------------------------------------------------------------------------------------


def test_moving_the_meeting_moves_the_deadline_and_tells_the_units(world: World) -> None:
    later = MONDAY + timedelta(days=3)
    with moved_to(MONDAY):
        joint = scenes.joint(world)
        said = {"meeting_at": later.isoformat(), "meeting_place": "社区活动室"}
        post(world, "wang", f"whistles/{joint.whistle}/meeting", **said)
    whistle = Whistle.objects.get()
    assert (whistle.meeting_at, whistle.meeting_place, whistle.report_in_due) == (later, "社区活动室", later)
    running = Clock.objects.filter(kind="report_in", stopped_at__isnull=True)
    assert set(running.values_list("due_at", flat=True)) == {later}
    told = set(Notification.objects.filter(kind="meeting_set").values_list("recipient__username", flat=True))
    assert told == {"water", "water_boss", "gas"}


def test_only_a_joint_whistle_has_a_meeting(world: World) -> None:
    whistle = scenes.whistled(world).whistle
    later = (now() + timedelta(days=1)).isoformat()
    assert post(world, "wang", f"whistles/{whistle}/meeting", 409, meeting_at=later)["code"] == "not_joint"


def test_minutes_say_who_came_and_their_decisions_become_duties(world: World) -> None:
    joint = scenes.joint(world)
    decisions = [
        {"department": "RQGS", "role": "lead", "instruction": "改迁燃气管", "limit": "2个工作日"},
        {"department": "ZJJ", "role": "assist", "instruction": "出具图纸"},
    ]
    detail = post(
        world,
        "wang",
        f"whistles/{joint.whistle}/minutes",
        **scenes.minutes(joint, decisions=decisions, place="街道会议室"),
    )
    whistle = Whistle.objects.get()
    assert leads(joint.report) == ["RQGS"]
    assert detail["lead_department"]["code"] == "RQGS"
    water, gas, housing = (duty_of(whistle, code) for code in ("SWJT", "RQGS", "ZJJ"))
    assert (water.role, water.status) == ("assist", "reported_in")
    assert (gas.role, gas.status, gas.instruction) == ("lead", "reported_in", "改迁燃气管")
    assert (housing.role, housing.status, housing.instruction) == ("assist", "issued", "出具图纸")
    handle = Clock.objects.get(kind="handle", stopped_at__isnull=True)
    assert (handle.assignment, handle.limit_seconds, handle.always) == (gas, 2 * 8 * 3600, False)
    assert whistle.status == "handling"
    shown = world.api("housing").get(f"/api/v1/whistles/{whistle.pk}/meetings").json()
    assert [one["unit"] for one in shown[0]["attendance"]] == ["水务集团", "燃气公司"]
    assert [(one["unit"], one["limit"]) for one in shown[0]["decisions"]] == [
        ("燃气公司", "2个工作日"),
        ("住房和城乡建设局", ""),
    ]
    told = set(Notification.objects.filter(kind="meeting_decided").values_list("recipient__username", flat=True))
    assert told == {"gas", "housing"}


def test_a_new_lead_takes_over_the_clock_of_the_former(world: World) -> None:
    joint = scenes.joint(world)
    due = Clock.objects.get(kind="handle").due_at
    said = scenes.minutes(joint, decisions=[{"department": "ZJJ", "role": "lead", "instruction": "牵头"}])
    post(world, "wang", f"whistles/{joint.whistle}/minutes", **said)
    clock = Clock.objects.get(kind="handle", stopped_at__isnull=True)
    assert (clock.due_at, clock.assignment) == (due, duty_of(Whistle.objects.get(), "ZJJ"))
    assert leads(joint.report) == ["ZJJ"]


def test_who_was_absent_is_on_record_and_still_expected(world: World) -> None:
    joint = scenes.joint(world)
    attendance = [{"assignment": joint.lead, "attended": True}, {"assignment": joint.assist, "attended": False}]
    post(world, "wang", f"whistles/{joint.whistle}/minutes", minutes="纪要", attendance=attendance)
    assert Event.objects.get(kind="minutes").data["absent"] == ["燃气公司"]
    assert Assignment.objects.get(pk=joint.assist).status == "issued"
    assert Clock.objects.filter(kind="report_in", assignment=joint.assist, stopped_at__isnull=True).exists()


def test_one_who_came_to_the_meeting_was_in_time_though_written_down_later(world: World) -> None:
    with moved_to(MONDAY):
        scenes.whistled(world)
    at(MONDAY + timedelta(minutes=31))
    at(MONDAY + timedelta(minutes=62))
    third = Whistle.objects.get(round=3)
    at(third.meeting_at + timedelta(minutes=1))
    called = list(Assignment.objects.filter(whistle=third, active=True).order_by("pk"))
    assert {duty.status for duty in called} == {"no_show"}
    with moved_to(third.meeting_at + timedelta(hours=2)):
        attendance = [{"assignment": duty.pk, "attended": True} for duty in called]
        said: dict[str, Any] = {"minutes": "纪要", "attendance": attendance, "held_at": third.meeting_at.isoformat()}
        post(world, "wang", f"whistles/{third.pk}/minutes", **said)
    assert {duty.status for duty in Assignment.objects.filter(whistle=third, active=True)} == {"reported_in"}
    outcomes = Clock.objects.filter(whistle=third, kind="report_in").values_list("outcome", flat=True)
    assert set(outcomes) == {"met"}
    assert Whistle.objects.get(pk=third.pk).status == "handling"


@pytest.mark.parametrize(
    ("decisions", "code"),
    [
        ([{"department": "SWJT", "role": "assist", "instruction": "配合"}], "one_lead"),
        (
            [
                {"department": "SWJT", "role": "lead", "instruction": "牵头"},
                {"department": "RQGS", "role": "lead", "instruction": "牵头"},
            ],
            "one_lead",
        ),
        ([{"department": "nothing", "role": "assist", "instruction": "配合"}], "unknown_unit"),
        (
            [
                {"department": "ZJJ", "role": "assist", "instruction": "一"},
                {"department": "ZJJ", "role": "assist", "instruction": "二"},
            ],
            "unit_twice",
        ),
        ([{"department": "ZJJ", "role": "assist", "instruction": "配合", "limit": "尽快"}], "unreadable_limit"),
    ],
)
def test_decisions_keep_the_rules_of_a_whistle(world: World, decisions: list, code: str) -> None:
    joint = scenes.joint(world)
    said = scenes.minutes(joint, decisions=decisions)
    assert post(world, "wang", f"whistles/{joint.whistle}/minutes", 400, **said)["code"] == code
    assert leads(joint.report) == ["SWJT"]
    assert not Meeting.objects.exists()


def test_minutes_speak_of_every_unit_once(world: World) -> None:
    joint = scenes.joint(world)
    path = f"whistles/{joint.whistle}/minutes"
    one = {"assignment": joint.lead, "attended": True}
    refused = post(world, "wang", path, 400, minutes="纪要", attendance=[one])
    assert (refused["code"], refused["missing"]) == ("attendance_missing", ["燃气公司"])
    assert post(world, "wang", path, 400, minutes="纪要", attendance=[one, one])["code"] == "unit_twice"
    later = (now() + timedelta(days=1)).isoformat()
    refused = post(world, "wang", path, 400, **scenes.minutes(joint, held_at=later))
    assert refused["code"] == "future_time"


def test_minutes_are_never_changed(world: World) -> None:
    joint = scenes.joint(world)
    for _ in range(2):
        post(world, "wang", f"whistles/{joint.whistle}/minutes", **scenes.minutes(joint))
    assert Meeting.objects.count() == 2
    meeting = Meeting.objects.first()
    assert meeting is not None
    meeting.minutes = "改"
    with pytest.raises(TypeError):
        meeting.save()
    with pytest.raises(TypeError):
        meeting.delete()


# -- withdrawing -------------------------------------------------------------------------------------------------


def test_a_blown_whistle_is_withdrawn_and_the_report_dispatched_again(world: World) -> None:
    blown = scenes.whistled(world)
    detail = post(world, "wang", f"whistles/{blown.whistle}/withdraw", note="误判,街道自行处置")
    assert (detail["status"], detail["lead_department"]) == ("accepted", None)
    assert (detail["status"], detail["dispatched_at"]) == ("accepted", None)
    assert detail["whistles"][0]["status"] == "withdrawn"
    duties = Assignment.objects.filter(whistle=blown.whistle)
    assert {(duty.status, duty.active, duty.waived_reason) for duty in duties} == {
        ("waived", False, "误判,街道自行处置")
    }
    running = Clock.objects.filter(report=blown.report, stopped_at__isnull=True)
    # The emergency is reviewed all the same: calling it off does not undo the call.
    assert set(running.values_list("kind", flat=True)) == {"dispatch", "emergency_review"}
    told = set(Notification.objects.filter(kind="whistle_withdrawn").values_list("recipient__username", flat=True))
    assert told == {"water", "water_boss", "gas"}
    post(world, "wang", f"reports/{blown.report}/assign", assignments=[{"role": "lead", "department": "YTJD-CG"}])
    post(world, "water", f"assignments/{blown.lead}/receive", 409)


def test_a_withdrawn_whistle_leaves_others_at_work(world: World) -> None:
    at_work = scenes.accepted(world)
    post(world, "wang", f"reports/{at_work.report}/assign", assignments=[{"role": "lead", "department": "YTJD-CG"}])
    calls = [{"department": "SWJT", "role": "lead"}]
    post(world, "wang", f"reports/{at_work.report}/whistles", kind="emergency", reason="爆管", departments=calls)
    whistle = Whistle.objects.get()
    detail = post(world, "wang", f"whistles/{whistle.pk}/withdraw", note="已修好")
    assert (detail["status"], detail["lead_department"]["code"]) == ("in_progress", "YTJD-CG")
    assert not Clock.objects.filter(kind="dispatch", stopped_at__isnull=True).exists()


def test_withdrawing_the_last_open_lead_puts_the_others_result_to_review(world: World) -> None:
    at_work = scenes.accepted(world)
    post(world, "wang", f"reports/{at_work.report}/assign", assignments=[{"role": "lead", "department": "YTJD-CG"}])
    calls = [{"department": "SWJT", "role": "lead"}]
    post(world, "wang", f"reports/{at_work.report}/whistles", kind="emergency", reason="爆管", departments=calls)
    own = Assignment.objects.get(department__code="YTJD-CG")
    post(world, "urban", f"assignments/{own.pk}/receive")
    assert post(world, "urban", f"assignments/{own.pk}/submit", **result())["status"] == "in_progress"
    detail = post(world, "wang", f"whistles/{Whistle.objects.get().pk}/withdraw", note="已修好")
    assert detail["status"] == "in_review"


def test_a_whistle_whose_result_is_in_is_not_withdrawn(world: World) -> None:
    whistle = scenes.answered(world).whistle
    assert post(world, "wang", f"whistles/{whistle}/withdraw", 409, note="撤回")["code"] == "transition_refused"


@pytest.mark.parametrize(
    ("step", "status"), [("return_to_pool", "submitted"), ("void", "void")], ids=["returned", "void"]
)
def test_a_whistle_not_yet_blown_goes_with_the_dispatching(world: World, step: str, status: str) -> None:
    waiting = scenes.whistled(world, "routine")
    draft = {"kind": "tough", "reason": "爆管", "departments": scenes.CALLS, "only_draft": True}
    post(world, "wang", f"reports/{waiting.report}/whistles", **draft)
    detail = post(world, "wang", f"reports/{waiting.report}/{step}", reason="再核实")
    assert detail["status"] == status
    assert [one["status"] for one in detail["whistles"]] == ["withdrawn", "withdrawn"]
    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds[-3:] == [step, "withdraw_whistle", "withdraw_whistle"]
    assert not Clock.objects.filter(kind="approve", stopped_at__isnull=True).exists()
    assert post(world, "li", f"whistles/{waiting.whistle}/approve", 409)["code"] == "transition_refused"


def test_a_draft_is_not_sent_on_while_the_report_rests_or_is_reviewed(world: World) -> None:
    at_work = scenes.assigned(world)
    draft = {"kind": "routine", "reason": "爆管", "departments": scenes.CALLS, "only_draft": True}
    post(world, "wang", f"reports/{at_work.report}/whistles", **draft)
    whistle = Whistle.objects.get()
    for status in ("suspended", "in_review"):
        Report.objects.update(status=status)
        refused = post(world, "wang", f"whistles/{whistle.pk}/request", 409)
        assert (refused["code"], refused["subject"], refused["current"]) == ("transition_refused", "report", status)
    assert not Clock.objects.filter(kind="approve").exists()


def test_two_declined_whistles_start_one_dispatch_clock(world: World) -> None:
    first = scenes.whistled(world, "routine")
    calls = [{"department": "ZJJ", "role": "lead"}]
    post(world, "wang", f"reports/{first.report}/whistles", kind="routine", reason="二", departments=calls)
    second = scenes.scene(first.report)
    post(world, "li", f"whistles/{first.whistle}/decline", note="否")
    assert not Clock.objects.filter(kind="dispatch", stopped_at__isnull=True).exists()
    post(world, "li", f"whistles/{second.whistle}/decline", note="否")
    assert Clock.objects.filter(kind="dispatch", stopped_at__isnull=True).count() == 1


# -- who calls whom ----------------------------------------------------------------------------------------------


def test_a_department_with_a_duty_calls_another_and_runs_its_own_whistle(world: World) -> None:
    at_work = scenes.reported_in(world)
    calls = [{"department": "ZJJ", "role": "lead"}]
    path = f"reports/{at_work.report}/whistles"
    post(world, "water", path, 403, kind="tough", reason="需图纸", departments=calls)
    own = [{"department": "SWJT", "role": "lead"}]
    refused = post(world, "water_boss", path, 400, kind="tough", reason="需图纸", departments=own)
    assert refused["code"] == "wrong_whistle_target"
    detail = post(world, "water_boss", path, kind="tough", reason="需图纸", departments=calls)
    drafted = detail["whistles"][-1]
    assert (drafted["level"], drafted["calling_department"]["code"]) == ("department", "SWJT")
    assert drafted["status"] == "pending"
    post(world, "li", f"whistles/{drafted['id']}/approve", note="同意")
    assert leads(at_work.report) == ["SWJT", "ZJJ"]
    post(world, "gas", f"whistles/{drafted['id']}/withdraw", 403, note="不相干")
    post(world, "water_boss", f"whistles/{drafted['id']}/withdraw", note="已有图纸")
    assert leads(at_work.report) == ["SWJT"]


def test_a_department_without_a_duty_does_not_call(world: World) -> None:
    at_work = scenes.whistled(world)
    Assignment.objects.filter(pk=at_work.lead).update(active=False)
    calls = [{"department": "ZJJ", "role": "lead"}]
    path = f"reports/{at_work.report}/whistles"
    post(world, "water_boss", path, 403, kind="tough", reason="需图纸", departments=calls)


def test_a_street_is_called_by_its_community_from_draft_to_closed(world: World) -> None:
    at_work = scenes.accepted(world)
    calls = [{"department": "YTJD-CG", "role": "lead"}]
    path = f"reports/{at_work.report}/whistles"
    detail = post(world, "sun", path, kind="tough", reason="社区无力清运", departments=calls)
    whistle = detail["whistles"][0]["id"]
    post(world, "sun", f"whistles/{whistle}/approve", 403)
    post(world, "li", f"whistles/{whistle}/approve", note="同意")
    duty = scenes.scene(at_work.report).lead
    post(world, "urban", f"assignments/{duty}/report_in", position=HERE)
    post(world, "urban", f"assignments/{duty}/submit", **result())
    ratings = [{"assignment": duty, "response": 5, "attendance": 5, "result": 5}]
    post(world, "sun", f"whistles/{whistle}/rate", ratings=ratings)
    detail = post(world, "sun", f"whistles/{whistle}/close")
    assert (detail["status"], detail["whistles"][0]["status"]) == ("in_review", "closed")


def test_an_order_on_a_withdrawn_whistle_still_wants_its_reply(world: World) -> None:
    with moved_to(MONDAY):
        blown = scenes.ordered(world)
    with moved_to(MONDAY + timedelta(minutes=20)):
        post(world, "wang", f"whistles/{blown.whistle}/withdraw", note="误判")
        assert SupervisionOrder.objects.get().status == "open"
        post(world, "water", f"supervision_orders/{blown.order}/reply", text="已在路上")
    assert Report.objects.get(pk=blown.report).status == "accepted"
