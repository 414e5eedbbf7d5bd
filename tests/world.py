"""The world the tests live in: one real street, those who work there, and those who have no access.

荣成市崖头街道 with its 30 communities and 151 grids (lines synthetic, see grids/data/README.md). Zhang works two grids,
Wang dispatches for the street, Li leads it, the water company and the gas company can be called, the housing authority
is never called, and Outsider dispatches for a street of another name.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.core.management import call_command
from rest_framework.test import APIClient

from accounts.models import Department, Device, User
from accounts.roles import Role
from grids.actions.appointments import appoint
from grids.actions.areas import create_area
from grids.models import Area
from reports.models import CatalogueItem, ItemStandard, ItemVersion

YATOU = "grids/data/yatou_areas.geojson"
PASSWORD = "a-long-test-password-7"
# Inside 371082007032002 台上社区第二网格.
LNG, LAT = 122.432957, 37.150893


@dataclass
class World:
    """Everyone by a short name; `api(name)` is a client logged in as that person by token."""

    people: dict[str, User] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)
    _tokens: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> User:
        # Fresh each time, so that no test leans on a scope kept from before.
        return User.objects.get(pk=self.people[name].pk)

    def area(self, code: str) -> Area:
        return Area.objects.get(code=code)

    @property
    def street(self) -> Area:
        return Area.objects.get(level=Area.Level.STREET, name="崖头街道")

    @property
    def grid(self) -> Area:
        return Area.objects.get(code="371082007032002")

    def token(self, name: str) -> str:
        if name not in self._tokens:
            self._tokens[name] = Device.objects.create(user=self.people[name], name="test")[1]
        return self._tokens[name]

    def api(self, name: str) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {self.token(name)}")
        return client


def item(code: str, name: str, *, urgency: str = "normal", self_handle: bool = False) -> CatalogueItem:
    """A catalogue item in force since 2020 with a limit of 4 work hours."""
    row = CatalogueItem.objects.create(code=code, kind="event", class_code=code[:2], class_name="市容环境")
    version = ItemVersion.objects.create(
        item=row,
        name=name,
        valid_from=date(2020, 1, 1),
        may_self_handle=self_handle,
        urgency=urgency,
        effective_amount=Decimal(4),
        effective_unit="work_hour",
        effective_source="digital_city",
        effective_closing="清理干净",
    )
    ItemStandard.objects.create(
        version=version,
        source="digital_city",
        limit_amount=Decimal(4),
        limit_unit="work_hour",
        closing_condition="清理干净",
    )
    return row


def build() -> World:
    """Make the world in the test database (once per session; tests roll back what they add)."""
    world = World()
    call_command("import_areas", YATOU, verbosity=0)
    call_command("fill_calendar", verbosity=0)
    street = world.street
    office = Department.objects.add_root(
        {"code": "YTJD", "name": "崖头街道办事处", "kind": Department.Kind.STREET_OFFICE}
    )
    urban = Department.objects.add_child(
        office, {"code": "YTJD-CG", "name": "崖头街道城管办", "kind": Department.Kind.UNIT}
    )
    committee = Department.objects.add_root(
        {"code": "TSSQ", "name": "台上社区居委会", "kind": Department.Kind.COMMUNITY_COMMITTEE}
    )
    water = Department.objects.add_root({"code": "SWJT", "name": "水务集团", "kind": Department.Kind.AUTHORITY})
    gas = Department.objects.add_root({"code": "RQGS", "name": "燃气公司", "kind": Department.Kind.AUTHORITY})
    housing = Department.objects.add_root(
        {"code": "ZJJ", "name": "住房和城乡建设局", "kind": Department.Kind.AUTHORITY}
    )
    world.departments = {
        "office": office,
        "urban": urban,
        "committee": committee,
        "water": water,
        "gas": gas,
        "housing": housing,
    }
    community = world.area("371082007032")
    Area.objects.filter(pk=street.pk).update(office=office)
    Area.objects.filter(pk=community.pk).update(office=committee)
    elsewhere = _another_street(street)
    city, district = Area.objects.get(level="city"), Area.objects.get(level="district")
    for name, full_name, role, node in [
        ("zhang", "张网格", Role.GRID_WORKER, world.grid),
        ("zhao", "赵网格", Role.GRID_WORKER, world.area("371082007032001")),
        ("sun", "孙社区", Role.COMMUNITY_ADMIN, community),
        ("wang", "王调度", Role.STREET_DISPATCHER, street),
        ("li", "李主任", Role.STREET_LEADER, street),
        ("urban", "城管办小周", Role.DEPARTMENT_STAFF, urban),
        ("committee", "居委会老吴", Role.DEPARTMENT_STAFF, committee),
        ("water", "水务小刘", Role.DEPARTMENT_STAFF, water),
        ("water_boss", "水务陈经理", Role.DEPARTMENT_LEADER, water),
        ("gas", "燃气小马", Role.DEPARTMENT_STAFF, gas),
        ("housing", "住建小高", Role.DEPARTMENT_STAFF, housing),
        ("command", "指挥中心", Role.COMMAND_CENTRE, city),
        ("supervisor", "督查", Role.SUPERVISOR, district),
        ("clerk", "回访员", Role.CALLBACK_CLERK, street),
        ("auditor", "审计", Role.AUDITOR, city),
        ("sysadmin", "系统管理员", Role.SYSTEM_ADMIN, city),
        ("security", "安全管理员", Role.SECURITY_ADMIN, city),
        ("outsider", "外街调度", Role.STREET_DISPATCHER, elsewhere),
    ]:
        person = User.objects.create_user(name, password=PASSWORD, full_name=full_name)
        appoint(person, role, node)
        world.people[name] = person
    world.people["nobody"] = User.objects.create_user("nobody", password=PASSWORD, full_name="无岗人员")
    world.people["root"] = User.objects.create_superuser("root", password=PASSWORD, full_name="超级管理员")
    item("01-01-001", "暴露垃圾", self_handle=True)
    item("02-01-001", "自来水爆管", urgency="emergency")
    return world


def _another_street(street: Area) -> Area:
    """A neighbouring street with one community and one grid at sea, so that the outsider has a place."""
    other = create_area(Area.objects.get_parent(street), level="street", code="371082900", name="外街道")
    community = create_area(other, level="community", code="371082900001", name="外社区")
    corners = [[123.0, 36.5], [123.01, 36.5], [123.01, 36.51], [123.0, 36.51], [123.0, 36.5]]
    create_area(
        community,
        level="grid",
        code="371082900001001",
        name="外网格",
        kind=Area.Kind.BASIC,
        geometry={"type": "Polygon", "coordinates": [corners]},
    )
    return other


def body(**changes: Any) -> dict[str, Any]:
    """A submission a phone could have sent from Zhang's grid."""
    return {
        "item": "01-01-001",
        "description": "垃圾未清运",
        "position": {"lng": LNG, "lat": LAT, "coord_type": "wgs84", "accuracy": 6.0},
        **changes,
    }


def submit(world: World, name: str = "zhang", report_id: UUID | None = None, **changes: Any) -> UUID:
    """Send a report over HTTP and return its id."""
    report_id = report_id or uuid4()
    answer = world.api(name).put(f"/api/v1/reports/{report_id}", body(**changes), format="json")
    assert answer.status_code in (200, 201), answer.content
    return report_id


def post(world: World, name: str, path: str, /, expect: int = 200, **data: Any) -> dict[str, Any]:
    """POST to /api/v1/{path} as `name`; returns the body, after checking the status."""
    answer = world.api(name).post(f"/api/v1/{path}", data, format="json")
    assert answer.status_code == expect, (answer.status_code, answer.content.decode())
    return answer.json() if answer.content else {}
