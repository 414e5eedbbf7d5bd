"""The parts of a sync. Each says what tells whether it changed and how its rows are had; households go by row."""

from collections.abc import Callable

from field.person import Person
from field.sections import catalogue, homes, knowledge, people, places, work
from field.sections.found import Found

# Sent whole when they changed.
WHOLE: dict[str, Callable[[Person], Found]] = {
    "grids": places.grids,
    "items": catalogue.items,
    "frequent": catalogue.frequent,
    "risk_levels": homes.risk_levels,
    "colour_reasons": homes.colour_reasons,
    "care_tags": homes.care_tags,
    "buildings": homes.buildings,
    "tasks": work.tasks,
    "field_checks": work.field_checks,
    "reports": work.reports,
    "contacts": people.contacts,
    "knowledge": knowledge.knowledge,
}
