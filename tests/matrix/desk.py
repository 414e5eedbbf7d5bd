"""Log-in, people and places, the catalogue, and what a desk keeps for itself."""

from tests.matrix.rows import ALL, PRINTS, ROSTER, STREET, Row
from tests.matrix_cases import (
    NEWS,
    device_of_wang,
    entry,
    new_filter,
    new_shift,
    news,
    no_workbook,
    nothing,
    notice_of_wang,
    of_grid,
    own_password,
    shared_filter,
    shared_filter_changed,
    shift,
    wrong_password,
)
from tests.world import LAT, LNG

DESK: dict[str, Row] = {
    # Made afresh for each request, which takes its time: two are asked.
    "GET schema": Row(nothing, "zhang", anonymous=200, ask="zhang"),
    "GET docs": Row(nothing, ALL, anonymous=200),
    # A wrong password is its own refusal, whoever else one may be.
    "POST auth-tokens": Row(wrong_password, "", strangers=401),
    "POST auth-session": Row(wrong_password, "", strangers=401),
    "GET auth-session": Row(nothing, ALL, anonymous=200),
    "DELETE auth-session": Row(nothing, ALL, answer=204, anonymous=204),
    "GET auth-tokens": Row(nothing, ALL),
    "DELETE auth-tokens": Row(nothing, ALL, answer=204),
    "GET second-factor": Row(nothing, ALL),
    "POST second-factor": Row(own_password, ALL, answer=201, ask="zhang wang water auditor nobody root"),
    # Nobody has set one up: each hears that of the own.
    "DELETE second-factor": Row(lambda world: ({}, {"code": "0"}), "", strangers=409),
    "POST second-factor-confirm": Row(lambda world: ({}, {"code": "0"}), "", strangers=409),
    "POST second-factor-codes": Row(lambda world: ({}, {"code": "0"}), "", strangers=409),
    "DELETE auth-token": Row(device_of_wang, "wang", answer=204),
    "GET me": Row(nothing, ALL),
    # Everybody has something to keep; what it is, test_sync and test_sync_households say.
    "GET sync": Row(nothing, ALL),
    "GET audit": Row(nothing, "auditor root", strangers=403),
    "GET areas-list": Row(nothing, ALL),
    "GET departments-list": Row(nothing, ALL),
    "GET staff-list": Row(nothing, ALL),
    "GET areas-detail": Row(lambda world: ({"code": world.grid.code}, None), ALL),
    "GET area-boards": Row(of_grid, PRINTS, strangers=403),
    "GET area-cards": Row(of_grid, PRINTS, strangers=403),
    "GET grids-locate": Row(nothing, ALL, query={"lng": LNG, "lat": LAT, "coord_type": "wgs84"}),
    "GET catalogue-list": Row(nothing, ALL),
    "GET catalogue-detail": Row(lambda world: ({"code": "01-01-001"}, None), ALL),
    "GET catalogue-knowledge": Row(lambda world: ({"code": "01-01-001"}, None), ALL),
    "GET knowledge-list": Row(nothing, ALL),
    "GET knowledge-detail": Row(entry, ALL),
    "GET duty-now": Row(nothing, ALL, query={"area": "371082007"}),
    "GET duty-shifts-list": Row(nothing, ALL),
    "PUT duty-shift": Row(new_shift, ROSTER, answer=201, strangers=403),
    # Those who see the turn and those whose it is are refused; a unit's people and other streets do not know of it.
    "POST duty-shift-call_off": Row(shift, ROSTER, "supervisor clerk"),
    "GET duty-roster": Row(nothing, ALL, query={"area": "371082007"}),
    # 400: they may, and this is no workbook.
    "POST duty-roster": Row(no_workbook, f"{ROSTER} sun water_boss outsider", answer=400, strangers=403),
    "GET saved-filters-list": Row(nothing, ALL),
    "GET saved-filter": Row(shared_filter, "wang li clerk"),
    "PUT saved-filter": Row(new_filter, ALL, answer=201),
    "PUT saved-filter shared": Row(shared_filter_changed, "wang", "li clerk"),
    "DELETE saved-filter": Row(shared_filter, "wang", "li clerk", answer=204),
    "GET announcements-list": Row(nothing, ALL),
    "GET announcements-unread": Row(nothing, ALL),
    "GET announcements-authored": Row(nothing, ALL),
    "POST announcements-list": Row(lambda world: ({}, NEWS), "wang li command root", answer=201, strangers=403),
    "GET announcement": Row(news, f"{STREET} command root"),
    "PUT announcement": Row(
        lambda world: (news(world, publish=False)[0], NEWS | {"version": 1}), "wang li command root"
    ),
    "POST announcement-publish": Row(lambda world: news(world, publish=False), "wang li command root"),
    "POST announcement-withdraw": Row(
        lambda world: news(world, reason="有误"),
        "wang li command root",
        "zhang zhao leader assistant sun clerk urban committee",
    ),
    "POST announcement-read": Row(news, STREET),
    "GET announcement-readers": Row(
        news, "wang li command root", "zhang zhao leader assistant sun clerk urban committee"
    ),
    "GET notifications-list": Row(nothing, ALL),
    "POST notifications-ack": Row(lambda world: ({}, {"ids": [1]}), ALL),
    "POST notifications-seen": Row(lambda world: ({}, {"ids": [1]}), ALL),
    "POST notifications-receipt": Row(notice_of_wang, "wang"),
}
