"""Volunteers, their teams, calls, records and credits."""

from tests import volunteer_scenes as band
from tests.matrix.rows import ALL, AREA, DISPATCH, Row
from tests.matrix_cases import (
    nothing,
    of_band,
)
from tests.test_main_job import HERE
from tests.world import PASSWORD

VOLUNTEERS: dict[str, Row] = {
    # Nobody, who holds no role, and a clerk of the housing authority are members of a community's team.
    "GET volunteer-me": Row(of_band("", band.registered), "nobody"),
    "PUT volunteer-me": Row(lambda world: ({}, {"party_member": True}), ALL),
    "GET volunteers-list": Row(nothing, ALL),
    "POST volunteers-list": Row(
        lambda world: ({}, {"community": band.COMMUNITY, "username": "gas"}), DISPATCH, answer=201, strangers=403
    ),
    "POST volunteers-list account": Row(
        lambda world: (
            {},
            {
                "community": band.COMMUNITY,
                "username": "newcomer",
                "account": {"full_name": "新来的", "password": PASSWORD},
            },
        ),
        "sun root",
        answer=201,
        strangers=403,
    ),
    "POST volunteer-reveal": Row(
        of_band("member", band.registered, lambda at: {"reason": "联系"}), f"{DISPATCH} nobody"
    ),
    "GET registrations-list": Row(nothing, ALL),
    # To all others: say first who you are.
    "POST registrations-list": Row(
        of_band("", band.introduced, lambda at: {"community": band.COMMUNITY}), "nobody", answer=201, strangers=409
    ),
    "POST registration-confirm": Row(of_band("registration", band.asking), DISPATCH, "nobody"),
    "POST registration-decline": Row(
        of_band("registration", band.asking, lambda at: {"reason": "不在本社区"}), DISPATCH, "nobody"
    ),
    "POST registration-withdraw": Row(of_band("registration", band.asking), "nobody", DISPATCH),
    "POST registration-end": Row(
        of_band("registration", band.registered, lambda at: {"reason": "搬走了"}), f"{DISPATCH} nobody"
    ),
    "GET teams-list": Row(nothing, ALL),
    "POST teams-list": Row(
        lambda world: ({}, {"area": band.COMMUNITY, "name": "又一队"}), DISPATCH, answer=201, strangers=403
    ),
    "GET team": Row(of_band("team", band.teamed), f"{DISPATCH} nobody housing"),
    "POST team-change": Row(of_band("team", band.teamed, lambda at: {"unit": "银行"}), DISPATCH, "nobody housing"),
    "POST team-add_member": Row(
        of_band("team", band.with_a_third, lambda at: {"volunteer": at.third}), DISPATCH, "nobody housing"
    ),
    "POST team-remove_member": Row(
        of_band("team", band.teamed, lambda at: {"volunteer": at.member}),
        f"{DISPATCH} nobody",
        "housing",
        answer=204,
    ),
    "GET team-calls-list": Row(nothing, ALL),
    "POST team-calls-list": Row(
        of_band("", band.ready, band.call_body), DISPATCH, "zhang leader assistant li supervisor clerk", answer=201
    ),
    "GET team-call": Row(of_band("call", band.called), AREA),
    "POST team-call-close": Row(of_band("call", band.called), DISPATCH, "zhang leader assistant li supervisor clerk"),
    "POST team-call-withdraw": Row(
        of_band("call", band.called, lambda at: {"reason": "已解决"}),
        DISPATCH,
        "zhang leader assistant li supervisor clerk",
    ),
    "GET report of-a-call": Row(of_band("report", band.called), AREA),
    "GET own-calls-list": Row(nothing, ALL),
    "GET own-call": Row(of_band("call", band.called), "nobody housing"),
    "POST own-call-answer": Row(of_band("call", band.called, lambda at: {"coming": True}), "nobody housing"),
    "POST own-call-check_in": Row(of_band("call", band.called, lambda at: {"position": HERE}), "nobody housing"),
    "POST own-call-check_out": Row(of_band("call", band.both_on_site), "nobody housing"),
    "GET records-list": Row(nothing, ALL),
    "POST records-list": Row(
        of_band("", band.registered, lambda at: band.service()), "nobody", answer=201, strangers=409
    ),
    "POST records-list of another": Row(
        of_band("", band.registered, lambda at: band.service(volunteer=at.member)),
        f"{DISPATCH} nobody",
        answer=201,
        strangers=400,
    ),
    "POST record-confirm": Row(of_band("record", band.proposed), DISPATCH, "nobody"),
    "POST record-decline": Row(of_band("record", band.proposed, lambda at: {"reason": "没来"}), DISPATCH, "nobody"),
    "POST record-correct": Row(
        of_band("record", band.confirmed, lambda at: {"reason": "记错了", "hours": 1}), f"{DISPATCH} nobody"
    ),
    "GET credits-list": Row(nothing, ALL),
    "GET credit-rules-list": Row(nothing, ALL),
    "POST credit-reverse": Row(of_band("entry", band.registered, lambda at: {"reason": "误记"}), DISPATCH, "nobody"),
    "GET volunteer-ranking": Row(
        of_band("", band.teamed, lambda at: None),
        "sun wang li command supervisor clerk root nobody housing",
        query={"area": band.COMMUNITY},
    ),
}
