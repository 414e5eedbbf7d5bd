"""States a report can be in, each reached over HTTP by those whose work it is."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from core.moment import moved_to, now
from notifications.models import OutgoingMessage
from reports.models import (
    Assignment,
    Card,
    ChangeRequest,
    FieldCheck,
    Photo,
    RequesterMessage,
    SupervisionOrder,
    Whistle,
)
from tests.test_main_job import AFTER, HERE, NEAR, ON_SITE, announced, result, upload
from tests.world import World, post, submit

CALLS = [{"department": "SWJT", "role": "lead"}, {"department": "RQGS", "role": "assist"}]
REQUESTER = {"name": "张三丰", "phone": "13812345678"}


@dataclass(frozen=True)
class Scene:
    """A report and the newest of what hangs on it; 0 where there is none."""

    report: UUID
    whistle: int = 0
    lead: int = 0
    assist: int = 0
    order: int = 0
    message: int = 0
    check: int = 0
    card: int = 0
    request: int = 0


def scene(report_id: UUID) -> Scene:
    """The report as it stands."""
    whistle = Whistle.objects.filter(report_id=report_id).order_by("-pk").first()
    duties = Assignment.objects.filter(report_id=report_id, active=True)
    change = ChangeRequest.objects.filter(report_id=report_id).order_by("-pk").first()
    order = SupervisionOrder.objects.filter(report_id=report_id).order_by("-pk").first()
    check = FieldCheck.objects.filter(report_id=report_id).order_by("-pk").first()
    card = Card.objects.filter(report_id=report_id).order_by("-pk").first()
    return Scene(
        report_id,
        whistle.pk if whistle else 0,
        next((duty.pk for duty in duties if duty.role == "lead"), 0),
        next((duty.pk for duty in duties if duty.role == "assist"), 0),
        order.pk if order else 0,
        RequesterMessage.objects.filter(report_id=report_id).order_by("-pk").values_list("pk", flat=True).first() or 0,
        check.pk if check else 0,
        card.pk if card else 0,
        change.pk if change else 0,
    )


def submitted(world: World, **changes: Any) -> Scene:
    return scene(submit(world, **changes))


def accepted(world: World, **changes: Any) -> Scene:
    at = submitted(world, **changes)
    post(world, "wang", f"reports/{at.report}/accept")
    return at


def whistled(world: World, kind: str = "emergency", only_draft: bool = False, **changes: Any) -> Scene:
    """A whistle to water (lead) and gas (assist): blown if an emergency, else waiting for the leader."""
    at = accepted(world, **changes)
    said = {"kind": kind, "reason": "水管爆裂", "departments": CALLS, "only_draft": only_draft}
    if kind == "joint":
        said["meeting_at"] = now().replace(year=now().year + 1).isoformat()
    post(world, "wang", f"reports/{at.report}/whistles", **said)
    return scene(at.report)


def asked_for(world: World) -> Scene:
    """The same for a resident who called the hotline."""
    at = scene(submit(world, "wang", source="hotline", external_no="12345-1", requester=REQUESTER))
    post(world, "wang", f"reports/{at.report}/accept")
    post(world, "wang", f"reports/{at.report}/whistles", kind="emergency", reason="水管爆裂", departments=CALLS)
    return scene(at.report)


def reported_in(world: World) -> Scene:
    """Both departments are on the spot."""
    at = whistled(world)
    for name, duty in (("water", at.lead), ("gas", at.assist)):
        photos = [announced(ON_SITE, "reference")]
        post(world, name, f"assignments/{duty}/report_in", position=HERE, photos=photos)
    return at


def answered(world: World) -> Scene:
    """Both have submitted; the whistle is to be rated."""
    at = reported_in(world)
    post(world, "gas", f"assignments/{at.assist}/submit", measures="无泄漏")
    post(world, "water", f"assignments/{at.lead}/submit", **result())
    return at


def ratings(at: Scene) -> list[dict[str, int]]:
    return [{"assignment": duty, "response": 5, "attendance": 5, "result": 4} for duty in (at.lead, at.assist)]


def rated(world: World) -> Scene:
    at = answered(world)
    post(world, "wang", f"whistles/{at.whistle}/rate", ratings=ratings(at))
    return at


def self_handled(world: World) -> Scene:
    """Solved on the spot by Zhang, to be reviewed; the photos count as here without their bytes."""
    photos = [announced(NEAR, "before"), announced(AFTER, "after")]
    at = scene(submit(world, self_handled=True, measures="当场清理", photos=photos))
    Photo.objects.filter(report_id=at.report).update(received_at=now())
    return at


def approved(world: World) -> Scene:
    at = self_handled(world)
    post(world, "wang", f"reports/{at.report}/approve")
    return at


def closed(world: World) -> Scene:
    at = approved(world)
    post(world, "wang", f"reports/{at.report}/close")
    return at


def done_for(world: World, requester: dict[str, Any] | None = None) -> Scene:
    """A hotline report whose result the street has approved; the requester waits for the answer."""
    number = f"12345-{Assignment.objects.count() + 2}"
    said = {"source": "hotline", "external_no": number, "requester": REQUESTER if requester is None else requester}
    at = scene(submit(world, "wang", **said))
    post(world, "wang", f"reports/{at.report}/accept")
    post(world, "wang", f"reports/{at.report}/assign", assignments=[{"role": "lead", "department": "YTJD-CG"}])
    at = scene(at.report)
    post(world, "urban", f"assignments/{at.lead}/receive")
    again_done(world, at)
    return at


def again_done(world: World, at: Scene) -> None:
    """The lead's result, its photo as if it had come, and the street's approval."""
    post(world, "urban", f"assignments/{at.lead}/submit", **result())
    Photo.objects.filter(report_id=at.report).update(received_at=now())
    post(world, "wang", f"reports/{at.report}/approve")


def to_be_called_back(world: World) -> Scene:
    at = done_for(world)
    post(world, "wang", f"reports/{at.report}/close", answer="垃圾已清运,感谢反映")
    return at


def written_to(world: World) -> Scene:
    """The requester was called, and the message of the closing has been sent."""
    at = to_be_called_back(world)
    post(world, "clerk", f"reports/{at.report}/call_back", reached=True, solved=True, satisfaction="satisfied")
    OutgoingMessage.objects.update(state="sent", sent_at=now(), next_at=None)
    return scene(at.report)


def with_a_photo(world: World) -> Scene:
    """A whistle was blown, and the report's one photo has arrived."""
    at = whistled(world, photos=[announced(NEAR, "near")])
    upload(world, "zhang", at.report, NEAR)
    return at


def ordered(world: World) -> Scene:
    """A supervision order to the lead of a whistle."""
    at = whistled(world)
    post(world, "supervisor", f"reports/{at.report}/supervise", kind="leader", reason="领导批示")
    return scene(at.report)


def asked_to_check(world: World, assignee: str = "zhao", **changes: Any) -> Scene:
    """Zhao of the next grid was asked to look at Zhang's report."""
    at = submitted(world, **changes)
    post(world, "wang", f"reports/{at.report}/field_check", assignee=assignee)
    return scene(at.report)


def merged(world: World) -> Scene:
    """The report was merged into another of the same day."""
    main, at = submitted(world), submitted(world)
    post(world, "wang", f"reports/{at.report}/merge", into=str(main.report))
    return at


def replied(world: World) -> Scene:
    """The same, and the unit has replied."""
    at = ordered(world)
    post(world, "water", f"supervision_orders/{at.order}/reply", text="已安排抢修")
    return at


def carded(world: World) -> Scene:
    """The lead of a whistle has a yellow card, given by hand."""
    at = whistled(world)
    post(world, "supervisor", f"reports/{at.report}/cards", department="SWJT", colour="yellow", reason="推诿")
    return scene(at.report)


def joint(world: World) -> Scene:
    """A joint whistle that the leader has approved: the meeting is to come."""
    at = whistled(world, "joint")
    post(world, "li", f"whistles/{at.whistle}/approve")
    return scene(at.report)


def minutes(at: Scene, came: bool = True, **changes: Any) -> dict[str, Any]:
    """Minutes of a meeting to which both came, or neither."""
    attendance = [{"assignment": duty, "attended": came, "person": "负责人"} for duty in (at.lead, at.assist)]
    return {"minutes": "研究管网修复,明确责任。", "attendance": attendance, **changes}


def in_days(days: int) -> date:
    return now().date() + timedelta(days=days)


def assigned(world: World, **changes: Any) -> Scene:
    """The street's urban office has the lead, the community's committee helps."""
    at = accepted(world, **changes)
    targets = [{"role": "lead", "department": "YTJD-CG"}, {"role": "assist", "department": "TSSQ"}]
    post(world, "wang", f"reports/{at.report}/assign", assignments=targets)
    return scene(at.report)


def asked_back(world: World, kind: str = "emergency") -> Scene:
    """The water company gives the lead of a whistle back; it is to be decided."""
    at = whistled(world, kind)
    if kind != "emergency":
        post(world, "li", f"whistles/{at.whistle}/approve")
        at = scene(at.report)
    post(world, "water", f"assignments/{at.lead}/ask_return", reason="不属于本单位职责")
    return scene(at.report)


def asked_more_time(world: World, **changes: Any) -> Scene:
    """The water company, lead of a whistle, asks for an extension."""
    at = whistled(world, **changes)
    post(world, "water", f"assignments/{at.lead}/ask_extension", reason="配件未到")
    return scene(at.report)


def asked_off(world: World, kind: str = "emergency") -> Scene:
    """The water company, lead of a whistle, asks to be waived."""
    at = whistled(world, kind)
    if kind != "emergency":
        post(world, "li", f"whistles/{at.whistle}/approve")
        at = scene(at.report)
    post(world, "water", f"assignments/{at.lead}/ask_waiver", reason="现场无我单位管线")
    return scene(at.report)


def asked_to_rest(world: World) -> Scene:
    """The dispatcher asks that the matter be suspended."""
    at = whistled(world)
    post(world, "wang", f"reports/{at.report}/ask_suspension", reason="待汛期结束", until=in_days(30).isoformat())
    return scene(at.report)


def suspended(world: World) -> Scene:
    """The same, granted by the leader."""
    at = asked_to_rest(world)
    post(world, "li", f"requests/{at.request}/grant")
    return at


def closed_late(world: World) -> Scene:
    """The urban office took a month for what has four hours."""
    with moved_to(now() - timedelta(days=30)):
        at = assigned(world)
    post(world, "urban", f"assignments/{at.lead}/receive")
    post(world, "urban", f"assignments/{at.lead}/submit", **result())
    Photo.objects.filter(report_id=at.report).update(received_at=now())
    post(world, "wang", f"assignments/{at.assist}/waive", reason="已由城管办完成")
    post(world, "wang", f"reports/{at.report}/approve")
    post(world, "wang", f"reports/{at.report}/close")
    return at


def appealed(world: World) -> Scene:
    """The same, and the urban office appeals."""
    at = closed_late(world)
    post(world, "urban", f"assignments/{at.lead}/ask_appeal", reason="连日暴雨")
    return scene(at.report)


def handed_on(world: World) -> Scene:
    """The water company gave its lead to one of its people."""
    at = whistled(world)
    post(world, "water", f"assignments/{at.lead}/hand_on", assignee="water_boss")
    return at
