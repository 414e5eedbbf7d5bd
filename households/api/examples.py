"""A body to begin with for every step on households, as `/api/docs` shows it."""

from typing import Any

from core.moment import now
from core.schema import examples
from reports.api.examples import OTHER, POSITION, STREET, ahead

NEW = "7d1f4c52-8a36-4f0b-9b2e-3c5a6d7e8f90"


@examples
def of_households() -> dict[str, Any]:
    yesterday, moment = ahead(-1)[:10], now().isoformat(timespec="seconds")
    looked = {"reason": "核对走访信息"}
    return {
        "household_look_up": {"phone": "13812345678"},
        "household_reveal": looked,
        "resident_reveal": {"what": ["name", "phone"], **looked},
        "building_reveal": {"what": ["head_phone"], **looked},
        "household_move_in": {
            "occupancy": "tenant",
            "residents": [{"id": NEW, "name": "王秀英", "relation": "head", "phone": "13812345678"}],
        },
        "household_move_out": {"moved_out": yesterday, "vacant": NEW},
        "household_split": {"id": NEW, "residents": [OTHER], "place": {"building": OTHER, "unit": "2", "room": "301"}},
        "household_merge": {"into": OTHER, "note": "同一户登记了两次"},
        "resident_move_out": {"moved_out": yesterday, "note": "外出务工"},
        "resident_enter_group": {"group": "left-behind", "since": yesterday},
        "resident_leave_group": {"note": "父母已返乡"},
        "household_propose_colour": {"to": "yellow", "reason": "alone", "note": "老人独居,需定期走访"},
        "colour_confirm": {"note": "属实"},
        "colour_refuse": {"note": "已搬去与子女同住"},
        "colour_withdraw": {},
        "household_import_apply": {"take_good_rows": False},
        "export_households": {"reason": "季度核对", "street": STREET},
        "put_patrol": {"started_at": moment, "position": POSITION, "note": "早班"},
        "patrol_end": {"ended_at": moment},
        "patrol_add_points": {"points": [{"at": moment, "position": POSITION}]},
    }
