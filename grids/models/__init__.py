"""Rows about places: `Area`, its boundary version, `Appointment`, and the duty roster."""

from grids.models.appointments import Appointment
from grids.models.areas import Area, AreaUserPermission, BoundaryVersion
from grids.models.duty import DutyRole, DutyShift

__all__ = ["Appointment", "Area", "AreaUserPermission", "BoundaryVersion", "DutyRole", "DutyShift"]
