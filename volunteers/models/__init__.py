"""Rows about volunteers, one module per kind of row."""

from volunteers.models.calls import Attendance, TeamCall
from volunteers.models.credits import CreditEntry, CreditRule
from volunteers.models.people import Registration, Volunteer
from volunteers.models.records import ServiceRecord
from volunteers.models.steps import VolunteerStep
from volunteers.models.teams import Membership, VolunteerTeam

__all__ = [
    "Attendance",
    "CreditEntry",
    "CreditRule",
    "Membership",
    "Registration",
    "ServiceRecord",
    "TeamCall",
    "Volunteer",
    "VolunteerStep",
    "VolunteerTeam",
]
