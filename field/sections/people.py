"""Whom the caller may ring: those who work at the same places and above, and the units with a phone on duty."""

from typing import Any

from django.db.models import F, Q
from django.utils.translation import get_language

from accounts.models import Department
from accounts.roles import Role
from field.api.output import SyncContact
from field.person import Person
from field.sections.found import Found, given_out
from grids.duty import covering
from grids.models import Appointment, Area, DutyRole, DutyShift
from grids.scope import prefixes

MOST = 300
NEAR = (Area.Level.GRID, Area.Level.COMMUNITY, Area.Level.STREET)


def contacts(person: Person) -> Found:
    """300 at most: at the caller's places up to the street first, then of the caller's units, then units on duty.

    Three queries over columns; the rows are made of them.
    """
    near = {place.pk: place for place in person.places.values() if place.level in NEAR}
    units = {place.office for place in near.values() if place.office}
    units |= {path for post in person.posts if post.department is not None for path in prefixes(post.department.path)}
    turns = _turns(person, set(near), units)
    people = _people(person, set(near), units, turns)
    rows = (people + _units(turns, bool(near)))[:MOST]
    return Found([get_language(), rows], lambda: given_out(SyncContact, rows))


def _turns(person: Person, areas: set[int], units: set[str]) -> list[DutyShift]:
    """The turns that run now at these places, and at every authority for those who work at a place."""
    ground = Q(area_id__in=areas) | Q(department__path__in=units)
    if areas:
        ground |= Q(department__kind=Department.Kind.AUTHORITY, department__is_active=True)
    rows = DutyShift.objects.filter(ground, covering(person.moment), person__is_active=True)
    rows = rows.select_related("person", "department").order_by("starts_at", "pk")
    return sorted(rows, key=lambda turn: turn.role != DutyRole.MAIN)


def _people(person: Person, areas: set[int], units: set[str], turns: list[DutyShift]) -> list[dict[str, Any]]:
    posts = Appointment.objects.filter(
        Q(area_id__in=areas) | Q(department__path__in=units), ended_at__isnull=True, user__is_active=True
    ).exclude(user=person.user)
    columns = (
        *("user_id", "user__full_name", "user__username", "user__phone", "user__duty_phone", "role", "in_charge"),
        *("area__code", "area__name", "area__level", "department__code", "department__name"),
    )
    turn_of = {turn.person_id: turn for turn in reversed(turns) if turn.area_id in areas or _unit(turn) in units}
    levels = list(reversed(Area.Level.values))
    found = []
    for row in posts.order_by(F("area_id").asc(nulls_last=True), "-in_charge", "pk").values_list(*columns)[:MOST]:
        pk, name, username, phone, duty_phone, role, in_charge, *node = row
        area_code, area_name, level, unit_code, unit_name = node
        turn = turn_of.get(pk)
        found.append(
            {
                "of": "person",
                "name": name,
                "username": username,
                "phone": (turn.phone if turn else "") or duty_phone or phone,
                "role": role,
                "role_name": str(Role(role).label),
                "at": area_code or unit_code,
                "at_name": area_name or unit_name,
                "level": level,
                "in_charge": in_charge,
                "on_duty": turn is not None,
            }
        )
    return sorted(found, key=lambda one: (levels.index(one["level"]) if one["level"] else len(levels), one["at"]))


def _units(turns: list[DutyShift], wanted: bool) -> list[dict[str, Any]]:
    """The authorities with a phone: of whoever is on duty now, else of the duty officer."""
    if not wanted:
        return []
    phones: dict[str, tuple[str, str, bool]] = {}
    for turn in turns:
        unit = turn.department
        phone = turn.phone or turn.person.duty_phone
        if unit is not None and unit.kind == Department.Kind.AUTHORITY and phone:
            phones.setdefault(unit.code, (unit.name, phone, True))
    officers = Appointment.objects.filter(
        department__kind=Department.Kind.AUTHORITY,
        department__is_active=True,
        on_duty=True,
        ended_at__isnull=True,
        user__is_active=True,
    ).exclude(user__duty_phone="")
    columns = ("department__code", "department__name", "user__duty_phone")
    for code, name, phone in officers.order_by("pk").values_list(*columns):
        phones.setdefault(code, (name, phone, False))
    return [
        {
            "of": "unit",
            "name": name,
            "username": None,
            "phone": phone,
            "role": None,
            "role_name": "",
            "at": code,
            "at_name": name,
            "level": None,
            "in_charge": False,
            "on_duty": on_duty,
        }
        for code, (name, phone, on_duty) in sorted(phones.items())
    ]


def _unit(turn: DutyShift) -> str:
    return turn.department.path if turn.department else ""
