"""Rows about people: `User`, `Department`, `Device`."""

from accounts.models.departments import Department, DepartmentUserPermission
from accounts.models.devices import Device
from accounts.models.users import User

__all__ = ["Department", "DepartmentUserPermission", "Device", "User"]
