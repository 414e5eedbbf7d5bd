"""Which rows about people and places leave an audit trail, and what of them is never written into it."""

import hashlib

from auditlog.registry import auditlog

from accounts.models import Department, User
from grids.models import Appointment, Area, DutyShift


def fingerprint(value: str) -> str:
    """Enough of a boundary to see that it changed, without keeping two copies of it for ever."""
    return f"{len(value)} / {hashlib.sha256(value.encode()).hexdigest()[:12]}"


TREE = ["path", "depth", "numchild"]

auditlog.register(User, exclude_fields=["password", "last_login"], mask_fields=["phone"], m2m_fields=set())
auditlog.register(Department, exclude_fields=TREE)
auditlog.register(
    Area,
    exclude_fields=[*TREE, "updated_at"],
    mask_fields=["geometry"],
    mask_callable="grids.admin.audit.fingerprint",
)
auditlog.register(Appointment)
auditlog.register(DutyShift, mask_fields=["phone"])
