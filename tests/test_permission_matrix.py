"""Every endpoint of the API for everybody: who may, who may not, and who does not even learn that it exists.

Read a row as: these succeed, these see it and are refused (403), everyone else hears that there is no such thing (404),
and one who is not logged in is asked to log in (401). A new endpoint without a row fails the suite.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from rest_framework.test import APIClient

from accounts.models import Device
from accounts.roles import Role
from core.moment import now
from grids.models import Appointment, Area
from households.actions.visits import receive_photo
from notifications.models import Notification
from reports.actions.deputies import name_deputy
from reports.actions.dispatch import Target
from reports.actions.knowledge import Content, create_entry
from reports.actions.routing import RuleContent, create_rule, switch_on
from reports.actions.submit import AnnouncedPhoto
from reports.models import Photo
from reports.photos.signing import sign
from tests import colour_scenes as bright
from tests import household_books as books
from tests import household_scenes as homely
from tests import scenes
from tests import volunteer_scenes as band
from tests.test_main_job import HERE, NEAR, ON_SITE, announced, result
from tests.world import LAT, LNG, PASSWORD, World, body, post

pytestmark = pytest.mark.django_db

# Who see a report in Zhang's grid because of where they work, and whom the whistle of the scenes called.
AREA = "zhang leader assistant sun wang li command supervisor clerk root"
CALLED = "water water_boss gas"
DISPATCH = "sun wang command root"
APPROVE = "li command root"
SENDERS = "zhang zhao leader assistant sun wang command outsider root"
# Who keeps the households of Zhang's grid, sees them, sees their persons in full, and knows of special groups.
KEEPS = "zhang leader sun root"
HOMES = "zhang leader assistant sun wang li root"
REVEALS = "zhang leader sun li root"
GROUPS = "leader sun li root"
# Who confirm colours there, of a level that asks for a grid leader at least.
CONFIRM = "leader sun wang li root"
ALL = "*"

Build = Callable[[World], tuple[dict[str, Any], Any]]


@dataclass(frozen=True)
class Row:
    """Who may (`answer`), who is refused, and what strangers are told."""

    build: Build
    may: str
    refused: str = ""
    answer: int = 200
    strangers: int = 404
    anonymous: int = 401
    query: dict[str, Any] = field(default_factory=dict)
    ask: str = ALL


def on_report(make: Callable[[World], scenes.Scene], **said: Any) -> Build:
    return lambda world: ({"pk": make(world).report}, said)


def on(kind: str, make: Callable[[World], scenes.Scene], say: Callable[[scenes.Scene], dict[str, Any]]) -> Build:
    """A step on the whistle, lead, assist or order of a scene; `say` makes the body."""

    def build(world: World) -> tuple[dict[str, Any], Any]:
        at = make(world)
        return {"pk": getattr(at, kind)}, say(at)

    return build


def of_band(kind: str, make: Callable[[World], band.Band], say: Callable[[band.Band], Any] = lambda at: {}) -> Build:
    """A step on something of a team of volunteers; `say` makes the body."""

    def build(world: World) -> tuple[dict[str, Any], Any]:
        at = make(world)
        return ({"pk": getattr(at, kind)} if kind else {}), say(at)

    return build


def of_home(
    make: Callable[[World], homely.Homes],
    say: Callable[[homely.Homes], Any] = lambda at: {},
    **path: str,
) -> Build:
    """A step on the family of a scene, or on what `path` names; `say` makes the body."""

    def build(world: World) -> tuple[dict[str, Any], Any]:
        at = make(world)
        return {name: getattr(at, kind) for name, kind in ({"pk": "family"} | path).items()}, say(at)

    return build


def of_work(
    make: Callable[[World], bright.Work], say: Callable[[bright.Work], Any] = lambda at: {}, **path: str
) -> Build:
    """A step on a change of colour, a visit or a patrol of a scene; `path` names which, `say` makes the body."""

    def build(world: World) -> tuple[dict[str, Any], Any]:
        at = make(world)
        return {name: getattr(at, kind) for name, kind in path.items()}, say(at)

    return build


def visit_with_a_photo(world: World) -> tuple[dict[str, Any], Any]:
    """A photo of a visit that its sender announced; it arrives with the request."""
    at = bright.visited(world, photos=(AnnouncedPhoto(**announced(NEAR, "near")),))  # type: ignore[arg-type]
    return {"pk": at.visit, "sha256": hashlib.sha256(NEAR).hexdigest()}, NEAR


def visit_with_a_picture(world: World) -> tuple[dict[str, Any], Any]:
    kwargs, data = visit_with_a_photo(world)
    receive_photo(world["zhang"], kwargs["pk"], kwargs["sha256"], data)
    return kwargs, None


def to_export(**said: Any) -> Build:
    def build(world: World) -> tuple[dict[str, Any], Any]:
        homely.homes(world)
        return {}, said

    return build


def import_of_sun(world: World) -> tuple[dict[str, Any], Any]:
    return {"pk": books.upload(world, books.book(books.row()))["id"]}, {}


def new_import(world: World) -> tuple[dict[str, Any], Any]:
    return {"pk": uuid4()}, books.book(books.row())


def in_bulk(make: Callable[[World], scenes.Scene], **said: Any) -> Build:
    return lambda world: ({}, {"reports": [{"id": str(make(world).report)}], **said})


def two_reports(world: World) -> tuple[dict[str, Any], Any]:
    return {"pk": scenes.submitted(world).report}, {"into": str(scenes.submitted(world).report)}


def nothing(world: World) -> tuple[dict[str, Any], Any]:
    return {}, None


def of_grid(world: World) -> tuple[dict[str, Any], Any]:
    return {"code": world.grid.code}, None


def own_password(world: World) -> tuple[dict[str, Any], Any]:
    return {}, {"password": PASSWORD}


def new_report(world: World) -> tuple[dict[str, Any], Any]:
    return {"pk": uuid4()}, body()


def photo(world: World) -> tuple[dict[str, Any], Any]:
    at = scenes.with_a_photo(world)
    return {"pk": at.report, "sha256": hashlib.sha256(NEAR).hexdigest()}, None


def photo_to_come(world: World) -> tuple[dict[str, Any], Any]:
    at = scenes.whistled(world, photos=[announced(NEAR, "near")])
    return {"pk": at.report, "sha256": hashlib.sha256(NEAR).hexdigest()}, NEAR


def signed_photo(world: World) -> tuple[dict[str, Any], Any]:
    at = scenes.with_a_photo(world)
    key = Photo.objects.get(report_id=at.report).pk
    return {"token": sign(key, "display", world["wang"].pk)}, None


def notice_of_wang(world: World) -> tuple[dict[str, Any], Any]:
    scenes.submitted(world)
    return {"id": Notification.objects.filter(recipient=world["wang"]).latest("pk").pk}, None


def wrong_password(world: World) -> tuple[dict[str, Any], Any]:
    return {}, {"username": "wang", "password": "not-hers"}


def device_of_wang(world: World) -> tuple[dict[str, Any], Any]:
    return {"key": Device.objects.create(user=world["wang"], name="second")[0].token_key}, None


def night(**changes: Any) -> dict[str, Any]:
    start = now() + timedelta(days=1)
    said = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=14)).isoformat()}
    return {"area": "371082007", "person": "li", **said, **changes}


def new_shift(world: World) -> tuple[dict[str, Any], Any]:
    return {"pk": uuid4()}, night()


def shift(world: World) -> tuple[dict[str, Any], Any]:
    pk = uuid4()
    assert world.api("wang").put(reverse("duty-shift", args=[pk]), night(), format="json").status_code == 201
    return {"pk": pk}, {}


def no_workbook(world: World) -> tuple[dict[str, Any], Any]:
    # Whoever may import hears that this is none.
    return {}, {}


FILTER = {"of": "reports", "name": "红灯件", "query": {"light": ["red"]}, "shared_with": {"area": "371082007"}}


def shared_filter(world: World) -> tuple[dict[str, Any], Any]:
    pk = uuid4()
    assert world.api("wang").put(reverse("saved-filter", args=[pk]), FILTER, format="json").status_code == 201
    return {"pk": pk}, FILTER


def shared_filter_changed(world: World) -> tuple[dict[str, Any], Any]:
    return shared_filter(world)[0], FILTER | {"shared_with": None, "version": 1}


def new_filter(world: World) -> tuple[dict[str, Any], Any]:
    return {"pk": uuid4()}, FILTER | {"shared_with": None}


NEWS = {"area": "371082007", "title": "台风防范", "body": "清查广告牌"}


def news(world: World, publish: bool = True, **said: Any) -> tuple[dict[str, Any], Any]:
    """An announcement of Wang's to the street."""
    pk = world.api("wang").post(reverse("announcements-list"), NEWS, format="json").json()["id"]
    if publish:
        world.api("wang").post(reverse("announcement-publish", args=[pk]), {}, format="json")
    return {"pk": pk}, said


def entry(world: World) -> tuple[dict[str, Any], Any]:
    return {"pk": create_entry(world["root"], Content("阀门", "关总阀")).pk}, None


def deputy_of_li(world: World) -> tuple[dict[str, Any], Any]:
    moment = now()
    row = name_deputy(world["li"], "wang", world.street.code, moment, moment + timedelta(days=3))
    return {"pk": row.pk}, None


# Who works in the street: everyone an announcement of its dispatcher reaches, its offices and their units included.
STREET = "zhang zhao leader assistant sun wang li clerk urban committee"
# Who works in Zhang's grid, manages it or dispatches there.
PRINTS = "zhang leader assistant sun wang command sysadmin root"
ROSTER = "wang li command sysadmin root"


def routing_rule(place: str, *, active: bool = False) -> Build:
    """A rule of the city or of Zhang's street, by the command centre; with what a change of it says."""
    said = {"name": "改名", "targets": [{"role": "lead", "department": "YTJD-CG"}]}

    def build(world: World) -> tuple[dict[str, Any], Any]:
        area = world.street if place == "street" else Area.objects.get(level=place)
        content = RuleContent("规则", {}, [Target("lead", department="YTJD-CG")])
        rule = create_rule(world["command"], area, content)
        if active:
            switch_on(world["command"], rule.pk)
        return {"pk": rule.pk}, said if not active else {}

    return build


def new_rule(world: World) -> tuple[dict[str, Any], Any]:
    return {}, {"area": world.street.code, "name": "规则", "targets": [{"role": "lead", "department": "YTJD-CG"}]}


def switch(place: str, *, active: bool = False) -> Build:
    return lambda world: (routing_rule(place, active=active)(world)[0], {} if active else {"version": 1})


MATRIX: dict[str, Row] = {
    # Made afresh for each request, which takes its time: two are asked.
    "GET schema": Row(nothing, "zhang", anonymous=200, ask="zhang"),
    "GET docs": Row(nothing, ALL, anonymous=200),
    # A wrong password is its own refusal, whoever else one may be.
    "POST auth-tokens": Row(wrong_password, "", strangers=401),
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
    "GET reports-list": Row(nothing, ALL),
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
    "GET households-list": Row(nothing, ALL),
    # Whoever sees no household anywhere has no number to look for.
    "POST households-lookup": Row(lambda world: ({}, {"phone": homely.PHONE}), f"{HOMES} zhao outsider", strangers=403),
    "GET risk-levels-list": Row(nothing, ALL),
    "GET care-tags-list": Row(nothing, ALL),
    "GET special-groups-list": Row(nothing, ALL),
    "GET household": Row(of_home(homely.homes), HOMES),
    "PUT household": Row(
        of_home(homely.homes, lambda at: {"kind": "shared", "version": 3}), KEEPS, "assistant wang li"
    ),
    "PUT household new": Row(
        lambda world: ({"pk": uuid4()}, {"grid": homely.GRID, "address": "台上村66号"}),
        KEEPS,
        answer=201,
        strangers=403,
    ),
    "GET household-events": Row(of_home(homely.homes), HOMES),
    "POST household-move_in": Row(
        of_home(homely.homes, lambda at: {"occupancy": "tenant"}, pk="vacant"), KEEPS, "assistant wang li"
    ),
    "POST household-move_out": Row(
        of_home(homely.homes, lambda at: {"moved_out": "2025-01-01"}), KEEPS, "assistant wang li"
    ),
    "POST household-split": Row(
        of_home(
            homely.homes,
            lambda at: {
                "id": str(uuid4()),
                "residents": [str(at.spouse)],
                "place": {"grid": homely.GRID, "address": "台上村66号"},
            },
        ),
        KEEPS,
        "assistant wang li",
        answer=201,
    ),
    "POST household-merge": Row(of_home(homely.homes, lambda at: {"into": str(at.couple)}), KEEPS, "assistant wang li"),
    "POST household-reveal": Row(of_home(homely.homes, lambda at: {"reason": "走访"}), REVEALS, "assistant wang"),
    "GET household-reports": Row(of_home(homely.linked), HOMES),
    "PUT household-report": Row(of_home(homely.linked, report="report"), KEEPS, "assistant wang li", answer=204),
    "DELETE household-report": Row(of_home(homely.linked, report="report"), KEEPS, "assistant wang li", answer=204),
    "PUT resident": Row(
        of_home(homely.homes, lambda at: {"name": "改名", "version": 1}, resident="head"), KEEPS, "assistant wang li"
    ),
    "POST resident-move_out": Row(
        of_home(homely.homes, lambda at: {"moved_out": "2025-01-01"}, resident="head"), KEEPS, "assistant wang li"
    ),
    "POST resident-reveal": Row(
        of_home(homely.homes, lambda at: {"what": ["phone"], "reason": "走访"}, resident="head"),
        REVEALS,
        "assistant wang",
    ),
    "POST resident-enter_group": Row(
        of_home(homely.homes, lambda at: {"group": "released"}, resident="head"),
        GROUPS,
        "zhang assistant wang",
        answer=201,
    ),
    "POST household-leave_group": Row(of_home(homely.in_a_group, entry="entry"), GROUPS, "zhang assistant wang"),
    "GET colour-reasons-list": Row(nothing, ALL),
    "GET colour-changes-list": Row(nothing, ALL),
    "GET suggestions-list": Row(nothing, ALL),
    "GET grid-colours-list": Row(nothing, ALL),
    "GET household-colours": Row(of_home(homely.homes), HOMES),
    "GET household-suggestions": Row(of_home(homely.homes), HOMES),
    "POST household-propose_colour": Row(
        of_home(homely.homes, lambda at: {"to": "blue", "reason": "tenants", "note": "出租"}),
        "zhang leader sun wang li root",
        "assistant",
        answer=201,
    ),
    "POST colour-confirm": Row(of_work(bright.proposed, pk="change"), CONFIRM, "zhang assistant"),
    "POST colour-refuse": Row(
        of_work(bright.proposed, lambda at: {"note": "不属实"}, pk="change"), CONFIRM, "zhang assistant"
    ),
    "POST colour-withdraw": Row(of_work(bright.proposed, pk="change"), "zhang", f"{CONFIRM} assistant"),
    "GET household-visits": Row(of_home(homely.homes), HOMES),
    "GET visits-list": Row(nothing, ALL),
    "GET visits-due": Row(nothing, ALL),
    "GET visits-daily": Row(nothing, ALL),
    "GET visits-route": Row(nothing, ALL, query={"lng": LNG, "lat": LAT, "coord_type": "wgs84"}),
    "GET visit-figures": Row(nothing, ALL, query={"first": "2026-01-01", "last": "2026-01-31"}),
    "GET visit-figures-visits": Row(
        nothing, ALL, query={"first": "2026-01-01", "last": "2026-01-31", "column": "in_time"}
    ),
    "GET visit-figures-households": Row(
        nothing, ALL, query={"first": "2026-01-01", "last": "2026-01-31", "column": "open"}
    ),
    "GET visit": Row(of_work(bright.visited, pk="visit"), HOMES),
    "PUT visit": Row(
        lambda world: (
            {"pk": uuid4()},
            {
                "household": str(homely.homes(world).family),
                "visited_at": now().isoformat(),
                "position": HERE,
                "result": "met",
            },
        ),
        KEEPS,
        "assistant wang li",
        answer=201,
    ),
    "PUT visit-photo": Row(visit_with_a_photo, "zhang root", answer=201),
    "GET visit-photo": Row(visit_with_a_picture, HOMES),
    "GET patrols-list": Row(nothing, ALL),
    "PUT patrol": Row(
        lambda world: ({"pk": uuid4()}, {"started_at": now().isoformat(), "position": HERE}),
        KEEPS,
        answer=201,
        strangers=403,
    ),
    "GET patrol": Row(of_work(bright.patrolled, pk="patrol"), f"zhang {CONFIRM}"),
    "POST patrol-end": Row(
        of_work(bright.patrolled, lambda at: {"ended_at": now().isoformat()}, pk="patrol"), "zhang", CONFIRM
    ),
    "GET patrol-points": Row(of_work(bright.patrolled, pk="patrol"), f"zhang {CONFIRM}"),
    # Tracks are switched off where nobody switched them on.
    "POST patrol-points": Row(
        of_work(bright.patrolled, lambda at: {"points": [{"at": now().isoformat(), "position": HERE}]}, pk="patrol"),
        "zhang",
        CONFIRM,
        answer=409,
    ),
    "GET household-import-template": Row(nothing, "sun root", strangers=403),
    "GET household-imports-list": Row(nothing, ALL),
    # One's own, and nobody else's.
    "GET household-import": Row(import_of_sun, "sun"),
    "PUT household-import": Row(
        lambda world: ({"pk": uuid4()}, books.book(books.row())), "sun root", answer=201, strangers=403
    ),
    "GET household-import-faults": Row(import_of_sun, "sun"),
    "POST household-import-apply": Row(import_of_sun, "sun"),
    "POST household-import-discard": Row(import_of_sun, "sun"),
    # The outsider exports what there is at home, which is nothing of this.
    "POST household-exports": Row(
        to_export(reason="核对"),
        "sun wang li root outsider",
        strangers=403,
    ),
    "POST household-exports in full": Row(to_export(reason="核对", full=True), "li root", strangers=403),
    "GET buildings-list": Row(nothing, ALL),
    "GET building": Row(of_home(homely.homes, pk="building"), HOMES),
    "PUT building": Row(
        of_home(homely.homes, lambda at: {"floors": 6, "version": 1}, pk="building"), KEEPS, "assistant wang li"
    ),
    "PUT building new": Row(
        lambda world: ({"pk": uuid4()}, {"grid": homely.GRID, "estate": "台上小区", "number": "9号楼"}),
        KEEPS,
        answer=201,
        strangers=403,
    ),
    "GET building-households": Row(of_home(homely.homes, pk="building"), HOMES),
    "POST building-reveal": Row(
        of_home(homely.homes, lambda at: {"what": ["head_phone"], "reason": "走访"}, pk="building"),
        REVEALS,
        "assistant wang",
    ),
}


def endpoints() -> set[str]:
    """ "METHOD name" of every address below /api/."""

    def walk(patterns: Any, prefix: str) -> Iterator[str]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            elif isinstance(pattern, URLPattern) and route.startswith("api/"):
                assert pattern.name, f"{route} has no name"
                methods = getattr(getattr(pattern.callback, "view_class", None), "http_method_names", ["get"])
                view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
                for method in methods:
                    if method not in ("head", "options") and hasattr(view, method):
                        yield f"{method.upper()} {pattern.name}"

    return set(walk(get_resolver().url_patterns, ""))


def test_every_endpoint_has_a_row_and_every_row_an_endpoint() -> None:
    assert {" ".join(row.split()[:2]) for row in MATRIX} == endpoints()


def test_every_role_is_held_by_somebody(everybody: World) -> None:
    assert set(Appointment.objects.values_list("role", flat=True)) == set(Role.values)


def ask(client: APIClient, method: str, url: str, query: dict[str, Any], said: Any) -> int:
    if isinstance(said, bytes):
        return client.put(url, said, content_type="application/octet-stream").status_code
    if method == "GET":
        return client.get(url, query).status_code
    return getattr(client, method.lower())(url, said, format="json").status_code


@pytest.mark.parametrize("name", MATRIX)
def test_who_may_and_who_may_not(everybody: World, name: str) -> None:
    row = MATRIX[name]
    method, endpoint, *_ = name.split()
    asked = everybody.people if row.ask == ALL else row.ask.split()
    clients = {person: everybody.api(person) for person in asked}
    may = set(clients) if row.may == ALL else set(row.may.split())
    refused = set(row.refused.split())
    assert not may & refused
    assert may | refused <= set(clients)
    kwargs, said = row.build(everybody)
    url = reverse(endpoint, kwargs=kwargs)
    expected = {
        person: row.answer if person in may else 403 if person in refused else row.strangers for person in clients
    } | {"anonymous": row.anonymous}
    got = {}
    for person, client in (clients | {"anonymous": APIClient()}).items():
        with transaction.atomic():
            got[person] = ask(client, method, url, row.query, said)
            transaction.set_rollback(True)
    assert got == expected


@pytest.mark.parametrize(
    ("endpoint", "sees"),
    [
        ("reports-list", f"{AREA} {CALLED}"),
        ("assignments-list", f"{AREA} {CALLED}"),
        ("whistles-list", f"{AREA} {CALLED}"),
        ("orders-list", f"{AREA} water water_boss"),
        ("volunteers-list", f"{DISPATCH} nobody housing"),
        ("registrations-list", f"{DISPATCH} nobody housing"),
        ("teams-list", f"{DISPATCH} nobody housing"),
        ("team-calls-list", f"{AREA} {CALLED}"),
        ("own-calls-list", "nobody housing"),
        ("records-list", f"{DISPATCH} nobody"),
        ("credits-list", f"{DISPATCH} nobody housing"),
        ("cards-list", f"{AREA} water water_boss"),
        ("deputies-list", "wang li command supervisor clerk root"),
        ("households-list", HOMES),
        ("buildings-list", HOMES),
        ("colour-changes-list", HOMES),
        ("visits-list", HOMES),
        ("visits-due", HOMES),
        ("visits-daily", HOMES),
        ("suggestions-list", HOMES),
        ("patrols-list", f"zhang {CONFIRM}"),
    ],
)
def test_a_list_shows_what_the_single_thing_would_and_nothing_else(everybody: World, endpoint: str, sees: str) -> None:
    at = scenes.ordered(everybody)
    band.with_everything(everybody, at.report)
    post(everybody, "supervisor", f"reports/{at.report}/cards", department="SWJT", colour="yellow", reason="推诿")
    deputy_of_li(everybody)
    bright.everything(everybody)
    shown = {}
    for person in everybody.people:
        shown[person] = bool(everybody.api(person).get(reverse(endpoint)).json()["results"])
    assert {person for person, some in shown.items() if some} == set(sees.split())


def test_field_checks_are_listed_to_the_person_asked_and_above_the_place(everybody: World) -> None:
    scenes.asked_to_check(everybody)
    for endpoint in ("field-checks-list", "reports-list"):
        shown = {
            person for person in everybody.people if everybody.api(person).get(reverse(endpoint)).json()["results"]
        }
        assert shown == {*AREA.split(), "zhao"}, endpoint


def test_a_notice_is_listed_to_its_recipient_only(everybody: World) -> None:
    scenes.submitted(everybody)
    shown = {
        person
        for person in everybody.people
        if everybody.api(person).get(reverse("notifications-list")).json()["results"]
    }
    assert shown == {"wang"}


def test_a_department_that_was_not_called_learns_nothing(world: World) -> None:
    at = scenes.with_a_photo(world)
    sha256 = hashlib.sha256(NEAR).hexdigest()
    for name in ("housing", "outsider", "nobody"):
        client = world.api(name)
        for path in (
            reverse("report", args=[at.report]),
            reverse("report-events", args=[at.report]),
            reverse("report-photo", args=[at.report, sha256]),
            reverse("whistle-delivery", args=[at.whistle]),
        ):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        # Not even whether it exists: the answer is the same as for an id that was never used.
        never = client.get(reverse("report", args=[uuid4()])).json()
        assert client.get(reverse("report", args=[at.report])).json() == never
