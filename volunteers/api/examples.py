"""A body to begin with for every step of the volunteers, as `/api/docs` shows it, with the demonstration's codes."""

from datetime import timedelta
from typing import Any

from core.moment import now
from core.schema import examples
from reports.api.examples import OTHER, POSITION, REPORT, STREET, ahead

COMMUNITY = "371082007032"


@examples
def of_volunteers() -> dict[str, Any]:
    yesterday = ahead(-1)[:10]
    return {
        "volunteer_enter": {
            "community": COMMUNITY,
            "username": "lin.haitao",
            "account": {"full_name": "林海涛", "password": "至少12位-请本人修改"},
            "profile": {"phone": "13812345678", "unit": "水务集团机关党支部", "party_member": True},
        },
        "volunteer_reveal": {"reason": "联系服务时间"},
        "registration_ask": {"community": COMMUNITY, "note": "家住台上社区 3 号楼"},
        "registration_confirm": {"note": "欢迎"},
        "registration_decline": {"reason": "不住在本社区"},
        "registration_end": {"reason": "迁往青山社区"},
        "registration_withdraw": {},
        "team_create": {"area": STREET, "name": "先锋服务队", "unit": "水务集团机关党支部", "skills": ["急救", "水电"]},
        "team_change": {"leader": 8, "skills": ["急救"]},
        "team_add_member": {"volunteer": 8},
        "team_remove_member": {"volunteer": 8},
        "team_call_open": {
            "report": REPORT,
            "team": 1,
            "kind": "emergency",
            "reason": "协助疏导交通,请穿雨靴",
            "place": "台上社区南门",
            "wanted": 5,
            "until": (now() + timedelta(hours=6)).isoformat(timespec="seconds"),
        },
        "team_call_close": {"hours": [{"attendance": 8, "hours": 1.5}], "note": "道路已恢复"},
        "team_call_withdraw": {"reason": "险情已排除"},
        "own_call_answer": {"coming": True, "note": "十分钟到"},
        "own_call_check_in": {"position": POSITION},
        "own_call_check_out": {"request_id": OTHER},
        "record_propose": {"kind": "environment", "date": yesterday, "hours": 2, "place": "社区广场"},
        "record_confirm": {"note": "属实"},
        "record_correct": {"hours": 1, "reason": "实际一小时"},
        "record_decline": {"reason": "当日没有组织活动"},
        "credit_reverse": {"reason": "重复计分"},
    }
