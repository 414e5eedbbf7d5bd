"""Finding earlier reports of the same caller; the look is on record."""

from django.db.models import Q, QuerySet

from accounts.actions.access import SUBJECT_LENGTH, record_access
from accounts.models import AccessKind, User
from accounts.roles import Can
from core.encryption import demand_readable, lookup_hashes
from core.masking import mask_phone
from core.phones import digits_of
from core.problems import Problem
from grids.placement import within
from grids.scope import scope_of
from reports.models import Report, Requester

# Who speaks with callers: the desk and the callback clerks.
SPEAK_WITH_CALLERS = (Can.DISPATCH_REPORT, Can.CALL_BACK)


def reports_of_caller(user: User, phone: str) -> QuerySet[Report]:
    """Reports of the requester with this phone in the places where the person speaks with callers, newest first.

    Who looked, and for which (masked) number, goes to the access log. Raises `forbidden`.
    """
    scope = scope_of(user)
    if not any(scope.anywhere(can) for can in SPEAK_WITH_CALLERS):
        raise Problem("forbidden")
    demand_readable(Requester)
    digits = digits_of(phone)
    held = [node for can in SPEAK_WITH_CALLERS for node in scope.areas.get(can, [])]
    highest = min(held, key=lambda node: len(node.path), default=None)
    record_access(
        user,
        AccessKind.LOOKUP,
        "caller",
        mask_phone(digits)[:SUBJECT_LENGTH],
        fields=["phone"],
        area_path=highest.path if highest else "",
    )
    ground = Q() if scope.everything else within(held)
    hashes = lookup_hashes(digits) if digits else []
    return Report.objects.filter(ground, requester__phone_hash__in=hashes).order_by("-received_at", "-id")
