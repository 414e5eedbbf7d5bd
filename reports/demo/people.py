"""Who works in the demonstration: invented people with speaking user names and one password."""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import Department, User
from accounts.roles import Role
from grids.actions.staffing import Post, appoint_many
from grids.models import Area
from reports.demo.places import UNITS, Street, demo_streets
from reports.demo.words import fictional_phone, person_name

PASSWORD_VARIABLE = "GRIDWHISTLE_DEMO_PASSWORD"  # noqa: S105
DEFAULT_PASSWORD = "gridwhistle-demo"  # noqa: S105
SUPERUSER = "admin"
GRIDS_PER_WORKER = 2
# Of the phones that boards and the public page show.
DUTY_PHONES = 10_000_000
STAFF_PER_AUTHORITY = 2

# How an authority stands in user names; one that is not here goes by its code.
SLUGS = {
    "WH-ZHZX": "centre",
    "WH-ZHZF": "enforcement",
    "WH-ZHZF-HW": "sanitation",
    "WH-ZHZF-SZ": "municipal",
    "WH-ZJJ": "housing",
    "WH-ZJJ-RL": "heating",
    "WH-YLJ": "gardens",
    "WH-SWJ": "waterbureau",
    "WH-SWJT": "water",
    "WH-RQ": "gas",
    "WH-GD": "power",
    "WH-TX": "telecom",
    "WH-XF": "fire",
    "WH-GAJ": "police",
    "WH-GAJ-JJ": "traffic",
    "WH-JTJ": "transport",
    "WH-SCJG": "market",
    "WH-STHJ": "environment",
    "WH-MZJ": "civil",
    "WH-RSJ": "labour",
    "WH-ZRZY": "planning",
    "WH-HYFZ": "marine",
    "WH-HSJ": "maritime",
    "WH-YJJ": "safety",
    "WH-WJW": "health",
    "WH-YBJ": "insurance",
    "WH-JYJ": "education",
    "WH-NYNC": "farming",
    "WH-WLJ": "culture",
    "WH-SFJ": "justice",
}
DISTRICT_SLUGS = {"荣成市": "rongcheng", "环翠区": "huancui", "经区": "jingqu"}
# Roles that manage something in the admin pages.
ADMIN_ROLES = frozenset({Role.COMMUNITY_ADMIN, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


@dataclass
class Cast:
    """People to be made, and what each is to hold."""

    dice: random.Random
    users: dict[str, User] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    hashed: str = ""

    def hire(self, username: str, *roles: tuple[str, Area | Department], on_duty: bool = False) -> User:
        """A new person with these roles."""
        user = User(
            username=username,
            full_name=person_name(self.dice),
            phone=fictional_phone(len(self.users) + 1),
            duty_phone=fictional_phone(DUTY_PHONES + len(self.users) + 1),
            password=self.hashed,
            is_staff=any(role in ADMIN_ROLES for role, _ in roles),
        )
        self.users[username] = user
        self.posts += [Post(user, role, node, on_duty=on_duty) for role, node in roles]
        return user


def demo_password() -> str:
    """The one password of all demonstration people, from the environment."""
    return os.environ.get(PASSWORD_VARIABLE) or DEFAULT_PASSWORD


def load_people(seed: int) -> int:
    """Make everyone and appoint them. Returns how many people there are.

    The password is hashed once for all: a hash each would take the slow function minutes, and it is one secret.
    """
    cast = Cast(random.Random(seed), hashed=make_password(demo_password()))  # noqa: S311
    _city(cast)
    for code, slug, department in authorities():
        for number in range(1, STAFF_PER_AUTHORITY + 1):
            cast.hire(f"{slug}-{number}", (Role.DEPARTMENT_STAFF, department))
        cast.hire(f"{slug}-leader", (Role.DEPARTMENT_LEADER, department))
        assert code  # every authority of the table has one
    for street in demo_streets():
        _street(cast, street)
    with transaction.atomic():
        User.objects.bulk_create(cast.users.values(), batch_size=500)
        appoint_many(cast.posts)
    return len(cast.users)


def authorities() -> Iterator[tuple[str, str, Department]]:
    """Code, slug and row of every body of the city."""
    kinds = (Department.Kind.AUTHORITY, Department.Kind.UNIT, Department.Kind.COMMAND_CENTRE)
    for department in Department.objects.filter(kind__in=kinds, code__in=SLUGS).order_by("path"):
        yield department.code, SLUGS[department.code], department


def _city(cast: Cast) -> None:
    admin = cast.hire(SUPERUSER)
    admin.is_superuser = admin.is_staff = True
    city = Area.objects.defer("geometry").get(level=Area.Level.CITY)
    cast.hire("weihai-command", (Role.COMMAND_CENTRE, city))
    cast.hire("weihai-callback", (Role.CALLBACK_CLERK, city))
    cast.hire("weihai-auditor", (Role.AUDITOR, city))
    cast.hire("weihai-sysadmin", (Role.SYSTEM_ADMIN, city))
    cast.hire("weihai-security", (Role.SECURITY_ADMIN, city))
    for district in Area.objects.filter(level=Area.Level.DISTRICT, name__in=DISTRICT_SLUGS).defer("geometry"):
        slug = DISTRICT_SLUGS[district.name]
        cast.hire(f"{slug}-supervisor", (Role.SUPERVISOR, district))
        cast.hire(f"{slug}-command", (Role.COMMAND_CENTRE, district))


def _street(cast: Cast, street: Street) -> None:
    slug, area = street.slug, street.area
    assert area.office is not None  # demo_streets has only such
    cast.hire(f"{slug}-dispatcher", (Role.STREET_DISPATCHER, area))
    cast.hire(f"{slug}-dispatcher-2", (Role.STREET_DISPATCHER, area))
    # At night the officer on duty does what dispatchers do by day.
    cast.hire(f"{slug}-duty", (Role.STREET_DISPATCHER, area), on_duty=True)
    for name in ("leader", "deputy"):
        cast.hire(f"{slug}-{name}", (Role.STREET_LEADER, area), (Role.DEPARTMENT_LEADER, area.office))
    cast.hire(f"{slug}-office", (Role.DEPARTMENT_STAFF, area.office))
    for unit in street.units:
        unit_slug = UNITS[unit.code.rsplit("-", 1)[1]][1]
        for number in range(1, STAFF_PER_AUTHORITY + 1):
            cast.hire(f"{slug}-{unit_slug}-{number}", (Role.DEPARTMENT_STAFF, unit))
    worker = 0
    for number, community in enumerate(street.communities, 1):
        committee = Department.objects.get(area=community)
        cast.hire(f"{slug}-c{number:02d}", (Role.COMMUNITY_ADMIN, community), (Role.DEPARTMENT_STAFF, committee))
        grids = street.grids[community.pk]
        cast.hire(f"{slug}-g{number:02d}", *((Role.GRID_LEADER, grid) for grid in grids))
        for start in range(0, len(grids), GRIDS_PER_WORKER):
            worker += 1
            user = cast.hire(f"{slug}-w{worker:03d}")
            cast.posts += [
                Post(user, Role.GRID_WORKER, grid, in_charge=True) for grid in grids[start : start + GRIDS_PER_WORKER]
            ]


def introductions() -> list[tuple[str, str, str]]:
    """Whom to log in as, for the table at the end: user name, what the person is, where."""
    wanted = [
        SUPERUSER, "weihai-command", "weihai-callback", "weihai-auditor", "weihai-sysadmin", "weihai-security",
        "water-1", "water-leader", "gas-1", "enforcement-1", "fire-1",
    ]  # fmt: skip
    for street in demo_streets():
        wanted += [
            f"{street.slug}-{part}" for part in ("dispatcher", "duty", "leader", "urban-1", "c01", "g01", "w001")
        ]
    people = User.objects.in_bulk(wanted, field_name="username")
    rows = []
    for username in wanted:
        person = people.get(username)
        if person is None:
            continue
        held = list(person.appointments.filter(ended_at__isnull=True).select_related("area", "department"))
        roles = dict.fromkeys(str(one.get_role_display()) for one in held)
        places = dict.fromkeys(str(one.area or one.department) for one in held)
        rows.append((username, "、".join(roles) or "superuser", "、".join(places)))
    return rows
