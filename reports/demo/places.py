"""Places, bodies and the catalogue of the demonstration."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.core.management import call_command
from django.db import transaction

from accounts.actions.departments import add_department
from accounts.models import Department
from grids.models import Area

DATA = Path(__file__).resolve().parent.parent / "data"
DEPARTMENTS = DATA / "departments.csv"

# The streets the demonstration staffs, by the first part of their people's user names.
STREETS = {"yatou": "崖头街道", "zhudao": "竹岛街道", "huangguan": "皇冠街道"}
# Units of a demonstration street's office: the last part of the code, the name, and how it stands in user names.
UNITS = {"CG": ("城管办", "urban"), "ZZ": ("综治中心", "peace"), "YJ": ("应急办", "emergency")}


@dataclass(frozen=True)
class Street:
    """A staffed street: `slug` begins the user names of its people."""

    slug: str
    area: Area
    communities: tuple[Area, ...]
    grids: dict[int, tuple[Area, ...]]  # by community
    units: tuple[Department, ...]


def load_places(areas: Path, catalogue: Path, valid_from: date) -> None:
    """Areas, working calendar, bodies, catalogue; what is there already stays."""
    call_command("import_areas", str(areas))
    call_command("fill_calendar", verbosity=0)
    with transaction.atomic():
        load_departments()
        load_offices()
    call_command("import_catalogue", str(catalogue), valid_from=valid_from)


def load_departments() -> None:
    """The authorities of `departments.csv`, parents before children."""
    known = {department.code: department for department in Department.objects.all()}
    with DEPARTMENTS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["code"] in known:
                continue
            parent = known[row["parent_code"]] if row["parent_code"] else None
            known[row["code"]] = add_department(row["code"], row["name"], row["kind"], parent)


def load_offices() -> None:
    """An office for every street; for the demonstration's streets also units and every community's committee."""
    staffed = set(STREETS.values())
    for street in Area.objects.filter(level=Area.Level.STREET, office__isnull=True).defer("geometry"):
        office = add_department(f"JD-{street.code}", f"{street.name}办事处", Department.Kind.STREET_OFFICE)
        _give_office(street, office)
        if street.name not in staffed:
            continue
        for code, (name, _slug) in UNITS.items():
            add_department(f"{office.code}-{code}", f"{street.name}{name}", Department.Kind.UNIT, office)
        for community in Area.objects.get_children(street).filter(office__isnull=True).defer("geometry"):
            committee = add_department(
                f"SQ-{community.code}", f"{community.name}居委会", Department.Kind.COMMUNITY_COMMITTEE
            )
            _give_office(community, committee)


def _give_office(area: Area, office: Department) -> None:
    # An update, so that the boundary is neither read nor written.
    Area.objects.filter(pk=area.pk).update(office=office)


def demo_streets() -> list[Street]:
    """The staffed streets among the areas that are loaded, each with all that lies in it."""
    found = []
    for slug, name in STREETS.items():
        area = Area.objects.filter(level=Area.Level.STREET, name=name, office__isnull=False).first()
        if area is None or area.office is None:
            continue
        below = list(Area.objects.get_descendants(area).order_by("path"))
        communities = tuple(one for one in below if one.level == Area.Level.COMMUNITY)
        grids = {
            community.pk: tuple(
                one for one in below if one.level == Area.Level.GRID and one.path.startswith(community.path)
            )
            for community in communities
        }
        found.append(Street(slug, area, communities, grids, tuple(Department.objects.get_children(area.office))))
    return found
