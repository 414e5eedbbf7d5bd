"""What the desks of the demonstration have laid down: knowledge, routing rules, announcements, night duty.

Made by the real actions. The rules only suggest, so that a newcomer sees them come into play and decides.
"""

from datetime import datetime, time, timedelta

from django.db import transaction

from accounts.models import User
from core.moment import moved_to
from grids.actions.duty import Turn, put_roster
from reports.actions.announcements import Draft, draft_announcement, publish_announcement
from reports.actions.dispatch import Target
from reports.actions.knowledge import Content, create_entry
from reports.actions.routing import RuleContent, create_rule, switch_on
from reports.actions.submit import LOCAL
from reports.demo.places import Street, demo_streets
from reports.models import CatalogueItem, KnowledgeEntry, RoutingMode

# Title, the items it is for, what it says.
KNOWLEDGE = (
    (
        "燃气泄漏现场处置",
        ("燃气泄漏",),
        "1. 立即疏散围观人员,禁止一切火源,**不在现场拨打电话、开关电器**。\n"
        "2. 在上风向设警戒,等燃气公司到场。\n3. 吹应急哨,同时拨打燃气公司抢修电话。",
    ),
    (
        "供水、供热管道漏水先做什么",
        ("供水管道渗漏", "供热管道爆裂"),
        "1. 拍近景、远景和参照物各一张。\n2. 查看是否漫入车库、配电室,有则吹应急哨。\n3. 设警示,冬季注意结冰。",
    ),
    (
        "消防通道被占怎么劝离",
        ("消防通道堵塞",),
        "先联系车主,十五分钟内不挪车的报交警;物业未划线的一并上报。",
    ),
    ("犬吠扰民答复口径", ("犬吠扰民与流浪犬", "违规养犬"), "记录时段和频次,先入户提醒;再次反映的转综合执法。"),
)
# Name, the items it asks for, who is suggested as lead: a body of the city, or with a dash one of the street's units.
RULES = (
    ("燃气泄漏交燃气公司", ("燃气泄漏",), "WH-RQ", ""),
    ("暴露垃圾交城管办", ("暴露垃圾",), "-CG", "当日清运,拍处置后照片。"),
    ("邻里纠纷交综治中心", ("邻里纠纷",), "-ZZ", "先电话了解,再约双方到场。"),
)
NIGHTS = 7
EVENING, MORNING = time(17, 30), time(8, 30)
LAID_DOWN_BEFORE = timedelta(days=10)


def load_desks(end: datetime) -> None:
    """Once. What is announced is announced at `end`, so that it waits unread for those who log in; the nights of duty
    begin with that day's."""
    with transaction.atomic():
        if KnowledgeEntry.objects.exists():
            return
        streets = demo_streets()
        with moved_to(end - LAID_DOWN_BEFORE):
            _write_knowledge()
            for street in streets:
                _write_rules(street)
        with moved_to(end):
            for street in streets:
                _announce(street, end)
                _enter_nights(street, end)


def _items(names: tuple[str, ...]) -> list[CatalogueItem]:
    return list(CatalogueItem.objects.filter(versions__name__in=names).distinct().order_by("code"))


def _write_knowledge() -> None:
    command = User.objects.get(username="weihai-command")
    for title, names, text in KNOWLEDGE:
        items = _items(names)
        if items:
            create_entry(command, Content(title, text, items))


def _write_rules(street: Street) -> None:
    desk = User.objects.get(username=f"{street.slug}-dispatcher")
    for name, names, lead, instruction in RULES:
        items = [item.code for item in _items(names)]
        unit = f"{street.area.office.code}{lead}" if lead.startswith("-") and street.area.office else lead
        if items:
            content = RuleContent(
                name, {"items": items}, [Target("lead", unit)], RoutingMode.SUGGEST, instruction=instruction
            )
            switch_on(desk, create_rule(desk, street.area, content).pk)


def _announce(street: Street, end: datetime) -> None:
    desk = User.objects.get(username=f"{street.slug}-dispatcher")
    draft = Draft(
        street.area,
        "今冬首次寒潮入户提醒",
        "请各网格员三日内走访独居老人和租住户,提醒用气用电安全,发现隐患随手上报。",
        role="grid_worker",
        valid_until=end + timedelta(days=14),
        needs_receipt=True,
    )
    publish_announcement(desk, draft_announcement(desk, draft)[0].pk)
    draft_announcement(desk, Draft(street.area, "网格员例会(草稿)", "周五十六时,街道三楼会议室。"))


def _enter_nights(street: Street, end: datetime) -> None:
    """The street's two dispatchers take turns, the officer on duty beside them."""
    names = [f"{street.slug}-dispatcher", f"{street.slug}-dispatcher-2"]
    people = User.objects.in_bulk(names, field_name="username")
    begins = datetime.combine(end.astimezone(LOCAL).date(), EVENING, LOCAL)
    turns = [
        Turn(
            street.area,
            people[names[night % 2]],
            begins + timedelta(days=night),
            datetime.combine(begins.date() + timedelta(days=night + 1), MORNING, LOCAL),
        )
        for night in range(NIGHTS)
    ]
    put_roster(people[names[0]], turns, dry_run=False)
