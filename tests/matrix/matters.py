"""Reports with all that hangs on them: duties, whistles, requests, orders, figures, rules."""

from uuid import uuid4

from tests import scenes
from tests.matrix.rows import ALL, APPROVE, AREA, CALLED, DISPATCH, FIGURES, SENDERS, Row
from tests.matrix_cases import (
    deputy_of_li,
    in_bulk,
    new_report,
    new_rule,
    nothing,
    on,
    on_report,
    photo,
    photo_to_come,
    photo_to_hide,
    routing_rule,
    signed_photo,
    switch,
    two_reports,
)
from tests.test_main_job import HERE, ON_SITE, announced, result
from tests.world import LAT, LNG

MATTERS: dict[str, Row] = {
    "GET figures-overview": Row(nothing, FIGURES, strangers=403),
    "GET figures-reports": Row(nothing, FIGURES, strangers=403, query={"figure": "open"}),
    "GET figures-whistles": Row(nothing, FIGURES, strangers=403, query={"figure": "whistles"}),
    "GET figures-assignments": Row(nothing, FIGURES, strangers=403, query={"figure": "called"}),
    "GET figures-callbacks": Row(nothing, FIGURES, strangers=403, query={"figure": "answers"}),
    "GET reports-list": Row(nothing, ALL),
    "GET reports-counts": Row(nothing, ALL),
    "GET assignments-list": Row(nothing, ALL),
    "GET whistles-list": Row(nothing, ALL),
    "GET field-checks-list": Row(nothing, ALL),
    "GET orders-list": Row(nothing, ALL),
    "GET requests-list": Row(nothing, ALL),
    "GET reports-nearby": Row(
        nothing,
        SENDERS,
        strangers=403,
        query={"lng": LNG, "lat": LAT, "coord_type": "wgs84", "item": "01-01-001"},
    ),
    "PUT report": Row(new_report, SENDERS, answer=201, strangers=403),
    "GET report": Row(on_report(scenes.whistled), f"{AREA} {CALLED}"),
    "GET report-print": Row(on_report(scenes.whistled), f"{AREA} {CALLED}"),
    "GET report-events": Row(on_report(scenes.whistled), f"{AREA} {CALLED}"),
    "GET report-ahead": Row(on_report(scenes.accepted), AREA),
    "GET report-delivery": Row(on_report(scenes.whistled), AREA, CALLED),
    "POST report-reveal-requester": Row(
        on_report(scenes.asked_for, reason="回电核实"),
        f"{DISPATCH} clerk water water_boss",
        "zhang leader assistant li supervisor gas",
    ),
    "GET report-callbacks": Row(on_report(scenes.to_be_called_back), f"{AREA} urban"),
    "POST report-call_back": Row(
        on_report(scenes.to_be_called_back, reached=True, solved=True, satisfaction="basically"),
        f"{DISPATCH} clerk",
        "zhang leader assistant li supervisor urban",
    ),
    "GET report-messages": Row(
        on_report(scenes.written_to), f"{DISPATCH} clerk", "zhang leader assistant li supervisor urban"
    ),
    "POST report-messages": Row(
        on_report(scenes.to_be_called_back, text="%(number)s 正在处理"),
        f"{DISPATCH} clerk",
        "zhang leader assistant li supervisor urban",
        answer=201,
    ),
    "POST report-messages-preview": Row(
        on_report(scenes.to_be_called_back, text="%(number)s 正在处理"),
        f"{DISPATCH} clerk",
        "zhang leader assistant li supervisor urban",
    ),
    "POST message-resend": Row(
        on("message", scenes.written_to, lambda at: {}),
        f"{DISPATCH} clerk",
        "zhang leader assistant li supervisor urban",
        answer=201,
    ),
    "GET message-templates-list": Row(nothing, ALL),
    "POST reports-of-caller": Row(
        lambda world: ({}, {"phone": "13812345678"}), f"{DISPATCH} clerk outsider", strangers=403
    ),
    # The gateway's signature is what opens it, and nobody has that.
    "POST message-receipts": Row(lambda world: ({}, {"key": str(uuid4()), "delivered": True}), "", strangers=401),
    "GET report-photo": Row(photo, f"{AREA} {CALLED}"),
    "GET report-photo original": Row(
        photo, DISPATCH, f"zhang leader assistant li supervisor clerk {CALLED}", query={"variant": "original"}
    ),
    "POST report-redact_photo": Row(photo_to_hide, DISPATCH, f"zhang leader assistant li supervisor clerk {CALLED}"),
    # Only who announced it sends it: to others it is not a photo of theirs.
    "PUT report-photo": Row(photo_to_come, "zhang root", answer=201),
    # The address itself is the permission, for five minutes.
    "GET photo-signed": Row(signed_photo, ALL, anonymous=200),
    "POST report-accept": Row(on_report(scenes.submitted), DISPATCH, "zhang leader assistant li supervisor clerk"),
    "POST report-reject": Row(
        on_report(scenes.submitted, reason="不属实"), DISPATCH, "zhang leader assistant li supervisor clerk"
    ),
    "POST report-void": Row(
        on_report(scenes.submitted, reason="误报"), DISPATCH, "zhang leader assistant li supervisor clerk"
    ),
    "POST report-return_to_pool": Row(
        on_report(scenes.accepted, reason="再核实"), DISPATCH, "zhang leader assistant li supervisor clerk"
    ),
    "POST report-field_check": Row(on_report(scenes.submitted), DISPATCH, "zhang leader assistant li supervisor clerk"),
    "POST report-merge": Row(two_reports, DISPATCH, "zhang leader assistant li supervisor clerk"),
    "POST report-unmerge": Row(on_report(scenes.merged), DISPATCH, "zhang leader assistant li supervisor clerk"),
    "POST report-split": Row(
        on_report(scenes.submitted, parts=[{"item": "02-01-001", "description": "水管也破了"}]),
        DISPATCH,
        "zhang leader assistant li supervisor clerk",
    ),
    "GET report-duplicates": Row(on_report(scenes.whistled), AREA, CALLED),
    # Whoever dispatches somewhere may ask; each report answers for itself.
    "POST reports-bulk-accept": Row(in_bulk(scenes.submitted), f"{DISPATCH} outsider", strangers=403),
    "POST reports-bulk-assign": Row(
        in_bulk(scenes.accepted, assignments=[{"role": "lead", "assignee": "zhao"}]),
        f"{DISPATCH} outsider",
        strangers=403,
    ),
    "POST reports-bulk-merge": Row(in_bulk(scenes.submitted, into=str(uuid4())), f"{DISPATCH} outsider", strangers=403),
    "POST reports-bulk-urge": Row(in_bulk(scenes.whistled), f"{DISPATCH} li supervisor clerk outsider", strangers=403),
    # Only the person asked answers, and sees the report for it.
    "POST field_check-answer": Row(
        on(
            "check",
            scenes.asked_to_check,
            lambda at: {"confirmed": True, "position": HERE, "photos": [announced(ON_SITE, "reference")]},
        ),
        "zhao",
        AREA,
    ),
    "POST field_check-cancel": Row(
        on("check", scenes.asked_to_check, lambda at: {}),
        DISPATCH,
        "zhang zhao leader assistant li supervisor clerk",
    ),
    "POST report-assign": Row(
        on_report(scenes.accepted, assignments=[{"role": "lead", "assignee": "zhao"}]),
        DISPATCH,
        "zhang leader assistant li supervisor clerk",
    ),
    # The street's own office: whom a community may call too.
    "POST report-whistles": Row(
        on_report(scenes.whistled, kind="routine", reason="协调", departments=[{"department": "YTJD", "role": "lead"}]),
        # The leader of a department that has a duty here calls for it.
        f"{DISPATCH} water_boss",
        "zhang leader assistant li supervisor clerk water gas",
    ),
    "POST report-approve": Row(on_report(scenes.self_handled), DISPATCH, "zhang leader assistant li supervisor clerk"),
    "POST report-rework": Row(
        on_report(scenes.answered, reason="未清净"),
        DISPATCH,
        f"zhang leader assistant li supervisor clerk {CALLED}",
    ),
    "POST report-close": Row(on_report(scenes.approved), DISPATCH, "zhang leader assistant li supervisor clerk"),
    "POST report-reopen": Row(
        on_report(scenes.closed, reason="又有了"), APPROVE, "zhang leader assistant sun wang supervisor clerk"
    ),
    "POST report-note": Row(on_report(scenes.whistled, text="家属情绪激动"), AREA, CALLED),
    "POST report-urge": Row(
        on_report(scenes.whistled, note="请抓紧"),
        f"{DISPATCH} li supervisor clerk",
        f"zhang leader assistant {CALLED}",
    ),
    "POST report-ask_suspension": Row(
        on_report(scenes.whistled, reason="待汛期结束", until=scenes.in_days(30).isoformat()),
        f"{DISPATCH} water water_boss",
        "zhang leader assistant li supervisor clerk gas",
    ),
    "POST report-resume": Row(
        on_report(scenes.suspended), APPROVE, f"zhang leader assistant sun wang supervisor clerk {CALLED}"
    ),
    "POST report-supervise": Row(
        on_report(scenes.whistled, kind="leader", reason="领导批示"),
        "command supervisor root",
        f"zhang leader assistant sun wang li clerk {CALLED}",
    ),
    "POST report-delete": Row(
        on_report(scenes.whistled, reason="含隐私"),
        "root",
        f"zhang leader assistant sun wang li command supervisor clerk {CALLED}",
        answer=204,
    ),
    "POST assignment-receive": Row(
        on("lead", scenes.whistled, lambda at: {}),
        "water water_boss root",
        "zhang leader assistant sun wang li command supervisor clerk gas",
    ),
    "POST assignment-report_in": Row(
        on("lead", scenes.whistled, lambda at: {"position": HERE, "photos": [announced(ON_SITE, "reference")]}),
        "water water_boss root",
        "zhang leader assistant sun wang li command supervisor clerk gas",
    ),
    "POST assignment-submit": Row(
        on("lead", scenes.reported_in, lambda at: result()),
        "water water_boss root",
        "zhang leader assistant sun wang li command supervisor clerk gas",
    ),
    "POST assignment-waive": Row(
        on("assist", scenes.whistled, lambda at: {"reason": "无需燃气"}),
        DISPATCH,
        f"zhang leader assistant li supervisor clerk {CALLED}",
    ),
    "POST assignment-ask_return": Row(
        on("lead", scenes.whistled, lambda at: {"reason": "不属于本单位职责"}),
        "water water_boss root",
        "zhang leader assistant sun wang li command supervisor clerk gas",
    ),
    "POST assignment-ask_extension": Row(
        on("lead", scenes.whistled, lambda at: {"reason": "配件未到"}),
        "water water_boss root",
        "zhang leader assistant sun wang li command supervisor clerk gas",
    ),
    "POST assignment-ask_waiver": Row(
        on("lead", scenes.whistled, lambda at: {"reason": "现场无我单位管线"}),
        "water water_boss root",
        "zhang leader assistant sun wang li command supervisor clerk gas",
    ),
    "POST assignment-ask_appeal": Row(
        on("lead", scenes.closed_late, lambda at: {"reason": "连日暴雨"}),
        "urban root",
        "zhang leader assistant sun wang li command supervisor clerk committee",
    ),
    "POST assignment-hand_on": Row(
        on("lead", scenes.whistled, lambda at: {"assignee": "water_boss"}),
        "water water_boss root",
        "zhang leader assistant sun wang li command supervisor clerk gas",
    ),
    "POST assignment-take_back": Row(
        on("lead", scenes.handed_on, lambda at: {}),
        "water water_boss root",
        "zhang leader assistant sun wang li command supervisor clerk gas",
    ),
    # Those who lead a unit or dispatch somewhere; of others' people they find nothing to move.
    "POST assignments-hand-over": Row(
        lambda world: ({}, {"person": "zhao"}), "water_boss sun wang command outsider root", strangers=403
    ),
    # The street and whoever is above it; on a tough whistle the command centre only.
    "POST request-grant": Row(
        on("request", scenes.asked_back, lambda at: {}),
        "wang command root",
        f"zhang leader assistant sun li supervisor clerk {CALLED}",
    ),
    "POST request-grant of a tough whistle": Row(
        on("request", lambda world: scenes.asked_back(world, "tough"), lambda at: {}),
        "command root",
        f"zhang leader assistant sun wang li supervisor clerk {CALLED}",
    ),
    "POST request-grant of more time": Row(
        on("request", scenes.asked_more_time, lambda at: {}),
        "wang command root",
        f"zhang leader assistant sun li supervisor clerk {CALLED}",
    ),
    "POST request-grant of a waiver": Row(
        on("request", scenes.asked_off, lambda at: {}),
        "wang command root",
        f"zhang leader assistant sun li supervisor clerk {CALLED}",
    ),
    # The street alone waives a duty, of a tough whistle too.
    "POST request-grant of a waiver of a tough whistle": Row(
        on("request", lambda world: scenes.asked_off(world, "tough"), lambda at: {}),
        "wang command root",
        f"zhang leader assistant sun li supervisor clerk {CALLED}",
    ),
    "POST request-grant of a suspension": Row(
        on("request", scenes.asked_to_rest, lambda at: {}),
        APPROVE,
        f"zhang leader assistant sun wang supervisor clerk {CALLED}",
    ),
    "POST request-grant of an appeal": Row(
        on("request", scenes.appealed, lambda at: {}),
        "command supervisor root",
        "zhang leader assistant sun wang li clerk urban committee",
    ),
    "POST request-refuse": Row(
        on("request", scenes.asked_back, lambda at: {"note": "属于本单位职责"}),
        "wang command root",
        f"zhang leader assistant sun li supervisor clerk {CALLED}",
    ),
    "POST request-refuse of a suspension": Row(
        on("request", scenes.asked_to_rest, lambda at: {"note": "可以办理"}),
        APPROVE,
        f"zhang leader assistant sun wang supervisor clerk {CALLED}",
    ),
    "POST request-refuse of an appeal": Row(
        on("request", scenes.appealed, lambda at: {"note": "与天气无关"}),
        "command supervisor root",
        "zhang leader assistant sun wang li clerk urban committee",
    ),
    "POST request-withdraw": Row(
        on("request", scenes.asked_back, lambda at: {}),
        "water water_boss root",
        "zhang leader assistant sun wang li command supervisor clerk gas",
    ),
    # It hangs on no unit's duty: who asked takes it back.
    "POST request-withdraw of a suspension": Row(
        on("request", scenes.asked_to_rest, lambda at: {}),
        "wang",
        f"zhang leader assistant sun li command supervisor clerk root {CALLED}",
    ),
    "GET whistle-delivery": Row(on("whistle", scenes.whistled, lambda at: {}), AREA, CALLED),
    "POST whistle-request": Row(
        on("whistle", lambda world: scenes.whistled(world, "routine", only_draft=True), lambda at: {}),
        DISPATCH,
        "zhang leader assistant li supervisor clerk",
    ),
    "POST whistle-approve": Row(
        on("whistle", lambda world: scenes.whistled(world, "routine"), lambda at: {"note": "同意"}),
        APPROVE,
        "zhang leader assistant sun wang supervisor clerk",
    ),
    "POST whistle-decline": Row(
        on("whistle", lambda world: scenes.whistled(world, "routine"), lambda at: {"note": "自行处置"}),
        APPROVE,
        "zhang leader assistant sun wang supervisor clerk",
    ),
    "POST whistle-withdraw": Row(
        on("whistle", lambda world: scenes.whistled(world, "routine"), lambda at: {"note": "已解决"}),
        DISPATCH,
        "zhang leader assistant li supervisor clerk",
    ),
    "POST whistle-withdraw of one blown": Row(
        on("whistle", scenes.whistled, lambda at: {"note": "已解决"}),
        DISPATCH,
        f"zhang leader assistant li supervisor clerk {CALLED}",
    ),
    "POST whistle-rate": Row(
        on("whistle", scenes.answered, lambda at: {"ratings": scenes.ratings(at)}),
        DISPATCH,
        f"zhang leader assistant li supervisor clerk {CALLED}",
    ),
    "POST whistle-close": Row(
        on("whistle", scenes.rated, lambda at: {}),
        DISPATCH,
        f"zhang leader assistant li supervisor clerk {CALLED}",
    ),
    "POST assignment-leave": Row(
        on("lead", scenes.reported_in, lambda at: {"note": "物资不足,需回去取"}),
        "water water_boss root",
        "zhang leader assistant sun wang li command supervisor clerk gas",
    ),
    "POST assignment-release": Row(
        on("lead", scenes.reported_in, lambda at: {"note": "同意"}),
        DISPATCH,
        f"zhang leader assistant li supervisor clerk {CALLED}",
    ),
    # The leader whose right it would have been to approve it before.
    "POST whistle-review": Row(
        on("whistle", scenes.whistled, lambda at: {"justified": True, "note": "属实"}),
        APPROVE,
        f"zhang leader assistant sun wang supervisor clerk {CALLED}",
    ),
    "POST whistle-escalate": Row(
        on("whistle", scenes.reported_in, lambda at: {"reason": "未解决"}),
        DISPATCH,
        f"zhang leader assistant li supervisor clerk {CALLED}",
    ),
    "POST whistle-meeting": Row(
        on("whistle", scenes.joint, lambda at: {"meeting_at": f"{scenes.in_days(30)}T09:00:00+08:00"}),
        DISPATCH,
        f"zhang leader assistant li supervisor clerk {CALLED}",
    ),
    "POST whistle-minutes": Row(
        on("whistle", scenes.joint, scenes.minutes),
        DISPATCH,
        f"zhang leader assistant li supervisor clerk {CALLED}",
    ),
    "GET whistle-meetings": Row(on("whistle", scenes.joint, lambda at: {}), f"{AREA} {CALLED}"),
    "POST order-accept": Row(
        on("order", scenes.replied, lambda at: {"note": "可以"}),
        "command supervisor root",
        f"zhang leader assistant sun wang li clerk {CALLED}",
    ),
    "POST order-send_back": Row(
        on("order", scenes.replied, lambda at: {"reason": "没有措施"}),
        "command supervisor root",
        f"zhang leader assistant sun wang li clerk {CALLED}",
    ),
    "GET cards-list": Row(nothing, ALL),
    "POST report-cards": Row(
        on_report(scenes.whistled, department="SWJT", colour="yellow", reason="推诿"),
        "command supervisor root",
        f"zhang leader assistant sun wang li clerk {CALLED}",
    ),
    "POST card-revoke": Row(
        on("card", scenes.carded, lambda at: {"reason": "申诉成立"}),
        "command supervisor root",
        f"zhang leader assistant sun wang li clerk {CALLED}",
    ),
    "GET deputies-list": Row(nothing, ALL),
    # Whoever does not approve whistles in this area has nothing to hand over.
    "POST deputies-list": Row(
        lambda world: (
            {},
            {
                "deputy": "wang",
                "area": world.street.code,
                "starts_at": "2026-01-01T00:00:00+08:00",
                "ends_at": "2099-01-01T00:00:00+08:00",
            },
        ),
        APPROVE,
        answer=201,
        strangers=403,
    ),
    # Seen in the area, ended by the leader only.
    "POST deputy-end": Row(deputy_of_li, "li root", "wang command supervisor clerk"),
    "GET report-routing": Row(on_report(scenes.accepted), DISPATCH, "zhang leader assistant li supervisor clerk"),
    # A community dispatches and has no desk of its own with rules; a neighbouring street knows the city's rules only.
    "GET routing-rules-list": Row(nothing, ALL),
    "POST routing-rules-list": Row(new_rule, "wang command root", answer=201, strangers=403),
    "GET routing-rule": Row(routing_rule("street"), "wang command root"),
    "GET routing-rule of the city": Row(routing_rule("city"), "wang outsider command root"),
    "PUT routing-rule": Row(routing_rule("street"), "wang command root"),
    "PUT routing-rule of the city": Row(routing_rule("city"), "command root", "wang outsider"),
    "GET routing-rule-trial": Row(routing_rule("street"), "wang command root"),
    "GET routing-rule-trial of the city": Row(routing_rule("city"), "command root", "wang outsider"),
    "POST routing-rule-switch_on": Row(switch("street"), "wang command root"),
    "POST routing-rule-switch_on of the city": Row(switch("city"), "command root", "wang outsider"),
    "POST routing-rule-switch_off": Row(switch("street", active=True), "wang command root"),
    "POST routing-rule-switch_off of the city": Row(switch("city", active=True), "command root", "wang outsider"),
    "POST order-reply": Row(
        on("order", scenes.ordered, lambda at: {"text": "已安排"}),
        f"{DISPATCH} water water_boss",
        "zhang leader assistant li supervisor clerk gas",
    ),
}
