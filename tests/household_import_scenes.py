"""Imports of households in tests: rows that are often wanted, and what stands in the register after one."""

from typing import Any

from households.models import Household, Resident
from tests.household_books import row

FOREIGN = "371082900001001"
SPOUSE = row(姓名="钟离春华", 与户主关系="配偶")
VACANT = row(居住情况="空置", 姓名="", 与户主关系="")


def everybody_at(door: str = "502") -> list[tuple[Any, ...]]:
    rows = Resident.objects.filter(household__ended_at__isnull=True, moved_out__isnull=True)
    return sorted((one.name, one.relation, one.doc_number, one.phone) for one in rows if one.household.room == door)


def the_register() -> dict[tuple[str, ...], tuple[Any, ...]]:
    """All that the import writes, by door."""
    found: dict[tuple[str, ...], tuple[Any, ...]] = {}
    for one in Household.objects.select_related("grid", "building"):
        marks = {mark.resident_id: mark.tag.name for mark in one.marks.select_related("tag").order_by("tag__name")}
        people = [
            (
                who.name,
                who.relation,
                who.doc_number,
                who.phone,
                who.sex,
                who.party_member,
                who.moved_in,
                marks.get(who.pk),
            )
            for who in one.residents.all()
        ]
        door = (one.grid.code, str(one.building), one.unit, one.room)
        found[door] = (one.occupancy, one.kind, sorted(people, key=str))
    return found
