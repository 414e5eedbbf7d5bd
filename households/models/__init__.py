"""Rows about households, one module per kind of row."""

from households.models.buildings import Building
from households.models.care import CareMark, CareTag, SpecialGroup, SpecialGroupEntry
from households.models.events import HouseholdEvent
from households.models.households import Household
from households.models.imports import ImportFault, ImportPiece, ImportRun
from households.models.levels import RiskLevel
from households.models.links import HouseholdReport
from households.models.residents import Resident

__all__ = [
    "Building",
    "CareMark",
    "CareTag",
    "Household",
    "HouseholdEvent",
    "HouseholdReport",
    "ImportFault",
    "ImportPiece",
    "ImportRun",
    "Resident",
    "RiskLevel",
    "SpecialGroup",
    "SpecialGroupEntry",
]
