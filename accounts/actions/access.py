"""A look at somebody's data goes on record, in the transaction that gives the data out."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessLog, User
from core.moment import now
from core.problems import Problem, catalogue

catalogue({"access_id_taken": (409, _("This request id was used for another look."))})

HOUR = timedelta(hours=1)
REASON_LENGTH = 200
SUBJECT_LENGTH = 40


def record_access(
    actor: User,
    kind: str,
    subject: str,
    subject_id: object,
    *,
    fields: Iterable[str],
    reason: str = "",
    count: int = 1,
    area_path: str = "",
    asked: dict[str, Any] | None = None,
    request_id: UUID | None = None,
) -> AccessLog:
    """Write one row. The same request again (its own `request_id`) is the same look and leaves no second row.

    Raises `access_id_taken` if the id was used for another look.
    """
    row = AccessLog(
        at=now(),
        actor=actor,
        kind=kind,
        subject=subject,
        subject_id=str(subject_id),
        fields=sorted(fields),
        reason=reason,
        count=count,
        area_path=area_path,
        asked=asked,
        request_id=request_id,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        first = AccessLog.objects.filter(request_id=request_id).first() if request_id else None
        if first is None:
            raise
        said = ("actor_id", "kind", "subject", "subject_id", "fields")
        if any(getattr(first, name) != getattr(row, name) for name in said):
            raise Problem("access_id_taken", "request_id") from None
        return first
    return row


def limit_looks(actor: User, kind: str, most: int) -> None:
    """Raise `throttled` when the person has had `most` looks of this kind within the last hour.

    Counted in the log itself, so that it holds across processes and restarts.
    """
    moment = now()
    recent = AccessLog.objects.filter(actor=actor, kind=kind, at__gt=moment - HOUR).order_by("-at")
    times = list(recent.values_list("at", flat=True)[:most])
    if len(times) >= most:
        wait = (times[-1] + HOUR - moment).total_seconds()
        raise Problem("throttled", params={"seconds": max(1, round(wait))})
