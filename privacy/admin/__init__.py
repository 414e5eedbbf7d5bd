"""The auditors' page."""

from privacy.admin import audit

__all__ = ["audit"]
