"""Rows about households, one module per kind of row."""

from households.models.buildings import Building
from households.models.care import CareMark, CareTag, SpecialGroup, SpecialGroupEntry
from households.models.colours import ColourChange, ColourPeriod, ColourReason, GridColour, SuggestionRule
from households.models.events import HouseholdEvent
from households.models.households import Household
from households.models.imports import ImportFault, ImportPiece, ImportRun
from households.models.levels import RiskLevel
from households.models.links import HouseholdReport
from households.models.patrols import Patrol, TrackPoint
from households.models.residents import Resident
from households.models.visits import Visit, VisitPhoto

__all__ = [
    "Building",
    "CareMark",
    "CareTag",
    "ColourChange",
    "ColourPeriod",
    "ColourReason",
    "GridColour",
    "Household",
    "HouseholdEvent",
    "HouseholdReport",
    "ImportFault",
    "ImportPiece",
    "ImportRun",
    "Patrol",
    "Resident",
    "RiskLevel",
    "SpecialGroup",
    "SpecialGroupEntry",
    "SuggestionRule",
    "TrackPoint",
    "Visit",
    "VisitPhoto",
]
