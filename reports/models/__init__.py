"""Rows about matters, one module per kind of row."""

from reports.models.announcements import Announcement
from reports.models.assignments import Assignment
from reports.models.calendar import CalendarVersion, WorkingDay, WorkingPeriod
from reports.models.callbacks import CallbackTry
from reports.models.cards import Card, CardRule
from reports.models.catalogue import CatalogueItem, ItemStandard, ItemVersion
from reports.models.clocks import Clock, ClockRule
from reports.models.deputies import Deputy
from reports.models.escalation import EscalationStep
from reports.models.events import Event
from reports.models.field_checks import FieldCheck
from reports.models.knowledge import KnowledgeEntry
from reports.models.meetings import Meeting
from reports.models.messages import MessageTemplate, RequesterMessage
from reports.models.photos import Photo
from reports.models.reports import Report, Requester
from reports.models.requests import ChangeRequest
from reports.models.routing import RoutingMode, RoutingOff, RoutingRule
from reports.models.saved_filters import SavedFilter
from reports.models.supervision import SupervisionOrder
from reports.models.whistles import Whistle

__all__ = [
    "Announcement",
    "Assignment",
    "CalendarVersion",
    "CallbackTry",
    "Card",
    "CardRule",
    "CatalogueItem",
    "ChangeRequest",
    "Clock",
    "ClockRule",
    "Deputy",
    "EscalationStep",
    "Event",
    "FieldCheck",
    "ItemStandard",
    "ItemVersion",
    "KnowledgeEntry",
    "Meeting",
    "MessageTemplate",
    "Photo",
    "Report",
    "Requester",
    "RequesterMessage",
    "RoutingMode",
    "RoutingOff",
    "RoutingRule",
    "SavedFilter",
    "SupervisionOrder",
    "Whistle",
    "WorkingDay",
    "WorkingPeriod",
]
