"""A body to begin with for every step, as `/api/docs` shows it, in the words and codes of the demonstration.

Keys and ids are those of the object in the address or of what its report lists; they have to be one's own.
"""

from datetime import timedelta
from typing import Any

from core.moment import now
from core.schema import examples
from reports.actions.submit import LOCAL

REPORT = "0b7c1c6e-9d0f-4a55-9a70-0d7f3c0e6a11"
OTHER = "5f2c0a54-3c1e-4b0e-8f57-0c2f6f0f7a22"
STREET = "371082007"
POSITION = {"lng": 122.432957, "lat": 37.150893, "coord_type": "wgs84", "accuracy": 8}
CALLED = [{"department": "WH-SWJT", "role": "lead"}, {"department": "WH-RQ", "role": "assist"}]


def photo(kind: str) -> dict[str, Any]:
    return {"sha256": "ab" * 32, "size": 89190, "kind": kind}


def ahead(days: int) -> str:
    """Ten in the morning so many days from now, Asia/Shanghai."""
    day = now().astimezone(LOCAL).date() + timedelta(days=days)
    return f"{day}T10:00:00+08:00"


@examples
def of_reports() -> dict[str, Any]:
    return {
        "report_accept": {"version": 1, "item": "02-01-001"},
        "report_reject": {"reason": "不属于本平台受理范围,已告知拨打 12328"},
        "report_void": {"reason": "测试件"},
        "report_return_to_pool": {"reason": "事项选错,需重新受理"},
        "report_assign": {
            "assignments": [
                {"role": "lead", "department": "JD-371082007-CG"},
                {"role": "assist", "department": "SQ-371082007032"},
                {"role": "notify", "assignee": "yatou-w058"},
            ],
            "instruction": "今日内清理完毕",
        },
        "report_whistles": {"kind": "emergency", "reason": "主管道爆裂,街道无力处置", "departments": CALLED},
        "report_approve": {"note": "照片与现场一致"},
        "report_rework": {"reason": "井盖仍有缝隙"},
        "report_close": {"answer": "管道已修复,恢复供水", "note": "现场恢复"},
        "report_call_back": {"reached": True, "solved": True, "satisfaction": "satisfied"},
        "report_reopen": {"reason": "同一处再次渗漏"},
        "report_redact_photo": {
            "photo": "ab" * 32,
            "boxes": [{"x": 0.42, "y": 0.31, "width": 0.08, "height": 0.06}],
        },
        "report_note": {"text": "物业经理电话已转给水务集团"},
        "report_urge": {"note": "居民在等,请尽快到场"},
        "report_field_check": {"note": "请看是否仍在漏水"},
        "report_merge": {"into": OTHER, "note": "同一处爆管"},
        "report_unmerge": {"note": "两处不同"},
        "report_split": {
            "parts": [{"item": "01-02-001", "description": "路灯不亮", "photos": ["ab" * 32]}],
            "description": "主管道爆裂,路面积水",
        },
        "report_ask_suspension": {"reason": "需待汛期后施工", "until": ahead(60)[:10]},
        "report_resume": {"note": "材料已到"},
        "report_supervise": {
            "kind": "important",
            "reason": "居民多次反映,限期答复",
            "department": "WH-SWJT",
            "linked": [OTHER],
            "reply_by": ahead(2),
        },
        "report_cards": {"department": "WH-SWJT", "colour": "yellow", "reason": "未按时到场"},
        "report_delete": {"reason": "依本人申请删除"},
        "report_reveal_requester": {"reason": "回访"},
        "report_send_message": {"text": "您反映的“%(item)s”(编号%(number)s)已安排抢修。"},
        "report_preview_message": {"text": "您反映的“%(item)s”目前%(status)s,查询码%(code)s。"},
        "message_resend": {"request_id": OTHER},
        "reports_of_caller": {"phone": "13812345678"},
        **{f"reports_bulk_{name}": {"reports": [{"id": REPORT}, {"id": OTHER}], **said} for name, said in BULK.items()},
    }


BULK: dict[str, dict[str, Any]] = {
    "accept": {},
    "assign": {"assignments": [{"role": "lead", "department": "JD-371082007-CG"}]},
    "merge": {"into": "1d7d4b1e-3f6a-4d65-8f1e-2b9d1f1e9c33", "note": "同一处"},
    "urge": {"note": "请今日内办结"},
}


@examples
def of_duties() -> dict[str, Any]:
    return {
        "assignment_receive": {},
        "assignment_report_in": {"position": POSITION, "photos": [photo("near")]},
        "assignment_submit": {
            "measures": "关阀抢修,更换管道 6 米",
            "taken_up_at": "2026-11-20T09:30:00+08:00",
            "discussed_with": "物业经理",
            "solved_by": "2026-11-20T16:00:00+08:00",
            "photos": [photo("after")],
        },
        "assignment_leave": {"note": "燃气检查完毕,申请离场"},
        "assignment_release": {"note": "可以离场"},
        "assignment_waive": {"reason": "经核实不涉及该单位"},
        "assignment_ask_return": {"reason": "路灯权属市政,不在本单位职责内"},
        "assignment_ask_extension": {"reason": "配件明日到货"},
        "assignment_ask_waiver": {"reason": "现场无燃气管线"},
        "assignment_ask_appeal": {"reason": "当日全市停水检修,非本单位原因"},
        "assignment_hand_on": {"assignee": "yatou-urban-2", "note": "请你到场处理"},
        "assignment_take_back": {"note": "改由本人办理"},
        "assignments_hand_over": {"person": "yatou-urban-2", "to": "yatou-urban-1"},
        "field_check_answer": {
            "confirmed": True,
            "position": POSITION,
            "photos": [photo("near")],
            "note": "属实,仍在漏水",
        },
        "field_check_cancel": {"note": "已电话核实"},
        "request_grant": {"note": "同意"},
        "request_refuse": {"note": "属于本单位职责,请继续办理"},
        "request_withdraw": {"note": "配件已到"},
    }


@examples
def of_whistles() -> dict[str, Any]:
    return {
        "whistle_request": {},
        "whistle_approve": {"note": "同意"},
        "whistle_decline": {"note": "街道可自行处理"},
        "whistle_withdraw": {"note": "险情已排除"},
        "whistle_review": {"justified": False, "note": "不属险情,应按日常哨办理"},
        "whistle_escalate": {"reason": "反馈结果不合格", "meeting_at": ahead(1), "meeting_place": "街道会议室"},
        "whistle_meeting": {"meeting_at": ahead(1), "meeting_place": "街道会议室"},
        "whistle_minutes": {
            "minutes": "议定由水务集团更换管道,执法局清理占压。",
            "attendance": [
                {"assignment": 815, "attended": True, "person": "李工"},
                {"assignment": 816, "attended": False},
            ],
            "decisions": [
                {"department": "WH-ZHZF", "role": "assist", "instruction": "清理占压物", "limit": "2个工作日"}
            ],
            "place": "街道会议室",
        },
        "whistle_rate": {
            "ratings": [{"assignment": 815, "response": 5, "attendance": 5, "result": 4, "comment": "到场快"}]
        },
        "whistle_close": {"note": "哨结"},
    }


@examples
def of_desks() -> dict[str, Any]:
    return {
        "order_reply": {"text": "已到场抢修,今日 18 时前恢复供水"},
        "order_accept": {"note": "可以"},
        "order_send_back": {"reason": "没有写明办结时间"},
        "card_revoke": {"reason": "误发"},
        "name_deputy": {
            "deputy": "yatou-dispatcher-2",
            "area": STREET,
            "starts_at": ahead(0),
            "ends_at": ahead(7),
        },
        "create_routing_rule": {**RULE, "area": STREET},
        "change_routing_rule": {**RULE, "name": "夜间井盖", "version": 1},
        "routing_rule_switch_on": {"version": 1},
        "routing_rule_switch_off": {},
        "change_announcement": {"area": STREET, "title": "寒潮预警", "body": "今晚降温,请巡查水管。", "version": 1},
        "publish_announcement": {"version": 1},
        "withdraw_announcement": {"reason": "预警已解除"},
    }


RULE: dict[str, Any] = {
    "name": "夜间井盖缺失且有人受伤",
    "mode": "automatic",
    "conditions": {"items": ["01-01-001"], "hours": ["18:00", "08:00"], "answers": {"q1": [True]}},
    "targets": [{"role": "lead", "department": "JD-371082007-CG"}],
}
