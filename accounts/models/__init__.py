"""Rows about people: `User`, `Department`, `Device`, second factors, and the log of who saw whose data."""

from accounts.models.access_log import AccessKind, AccessLog
from accounts.models.departments import Department, DepartmentUserPermission
from accounts.models.devices import Device
from accounts.models.second_factor import RecoveryCode, SecondFactor
from accounts.models.users import User

__all__ = [
    "AccessKind",
    "AccessLog",
    "Department",
    "DepartmentUserPermission",
    "Device",
    "RecoveryCode",
    "SecondFactor",
    "User",
]
