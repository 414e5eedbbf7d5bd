"""Rows about places: `Area`, its boundary version, and `Appointment`."""

from grids.models.appointments import Appointment
from grids.models.areas import Area, AreaUserPermission, BoundaryVersion

__all__ = ["Appointment", "Area", "AreaUserPermission", "BoundaryVersion"]
