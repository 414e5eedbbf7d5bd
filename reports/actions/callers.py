"""Finding earlier reports of the same caller; the look is on record."""

from auditlog.models import LogEntry
from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.roles import Can
from core.encryption import lookup_hashes
from core.masking import mask_phone
from core.phones import digits_of
from core.problems import Problem
from grids.placement import within
from grids.scope import scope_of
from reports.models import Report

# Who speaks with callers: the desk and the callback clerks.
SPEAK_WITH_CALLERS = (Can.DISPATCH_REPORT, Can.CALL_BACK)


def reports_of_caller(user: User, phone: str) -> QuerySet[Report]:
    """Reports of the requester with this phone in the places where the person speaks with callers, newest first.

    Who looked, and for which (masked) number, goes to the audit log. Raises `forbidden`.
    """
    scope = scope_of(user)
    if not any(scope.anywhere(can) for can in SPEAK_WITH_CALLERS):
        raise Problem("forbidden")
    digits = digits_of(phone)
    LogEntry.objects.log_create(
        user,
        force_log=True,
        action=LogEntry.Action.ACCESS,
        actor=user,
        object_repr="reports of a caller",
        additional_data={"phone": mask_phone(digits)},
    )
    ground = Q()
    if not scope.everything:
        held = [node for can in SPEAK_WITH_CALLERS for node in scope.areas.get(can, [])]
        ground = within(held)
    hashes = lookup_hashes(digits) if digits else []
    return Report.objects.filter(ground, requester__phone_hash__in=hashes).order_by("-received_at", "-id")
