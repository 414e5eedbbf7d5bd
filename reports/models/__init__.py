"""Rows about matters, one module per kind of row."""

from reports.models.assignments import Assignment
from reports.models.calendar import CalendarVersion, WorkingDay, WorkingPeriod
from reports.models.catalogue import CatalogueItem, ItemStandard, ItemVersion
from reports.models.clocks import Clock, ClockRule
from reports.models.events import Event
from reports.models.photos import Photo
from reports.models.reports import Report, Requester
from reports.models.routing import RoutingMode, RoutingOff, RoutingRule
from reports.models.supervision import SupervisionOrder
from reports.models.whistles import Whistle

__all__ = [
    "Assignment",
    "CalendarVersion",
    "CatalogueItem",
    "Clock",
    "ClockRule",
    "Event",
    "ItemStandard",
    "ItemVersion",
    "Photo",
    "Report",
    "Requester",
    "RoutingMode",
    "RoutingOff",
    "RoutingRule",
    "SupervisionOrder",
    "Whistle",
    "WorkingDay",
    "WorkingPeriod",
]
