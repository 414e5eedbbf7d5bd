"""The facts about a notice: on a device (automatic), opened and signed for (the person). Each is set once.

None of them implies another. Any one of them ends the ladder: whoever was reached is not rung again.
"""

import logging
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from accounts.models import User
from core.moment import now
from core.problems import Problem
from notifications.kinds import KINDS
from notifications.models import Notification

log = logging.getLogger(__name__)

ROWS_PER_UPDATE = 2_000
DEADLOCK_TRIES = 3


class Acknowledged(NamedTuple):
    """A device's word that it holds a notice; `rung_at` is when the notice was written to it."""

    id: int
    user_id: int
    device: str
    rung_at: datetime


def acknowledge(user: User, ids: Iterable[int], device: str = "") -> list[int]:
    """A device confirms that it holds these notices. Idempotent; the first device and time stay.

    Returns the ids that are this person's, sorted; those of others are left alone and left out.
    """
    moment = now()
    return sorted(acknowledge_many([Acknowledged(each, user.pk, device, moment) for each in set(ids)]))


def acknowledge_many(rows: Iterable[Acknowledged]) -> set[int]:
    """Acknowledgements of any number of persons in one UPDATE (per 2,000). Returns the ids that were theirs."""
    # In id order, so that two hubs confirming the same rows wait for each other instead of locking each other out.
    ordered = sorted(rows)
    confirmed: set[int] = set()
    for start in range(0, len(ordered), ROWS_PER_UPDATE):
        confirmed.update(_confirm(ordered[start : start + ROWS_PER_UPDATE]))
    return confirmed


def _confirm(rows: list[Acknowledged]) -> list[int]:
    moment = connection.ops.adapt_datetimefield_value(now())
    values: list[Any] = []
    for row in rows:
        rung_at = connection.ops.adapt_datetimefield_value(row.rung_at)
        values += [row.id, row.user_id, row.device[:80], rung_at]
    # `column1…` are what both databases call the columns of VALUES. A repeat rewrites the row with what it holds,
    # because only a changed row is returned, and a repeated acknowledgement must be confirmed too.
    sql = (
        f"UPDATE {Notification._meta.db_table} AS n SET "  # noqa: S608
        "delivered_at = COALESCE(n.delivered_at, %s), "
        "device = CASE WHEN n.delivered_at IS NULL THEN v.column3 ELSE n.device END, "
        "rung_at = COALESCE(n.rung_at, v.column4), next_at = NULL "
        f"FROM (VALUES {', '.join(['(%s, %s, %s, %s)'] * len(rows))}) AS v "
        "WHERE n.id = v.column1 AND n.recipient_id = v.column2 RETURNING id"
    )
    for attempt in range(1, DEADLOCK_TRIES + 1):
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, [moment, *values])
                return [row[0] for row in cursor.fetchall()]
        except OperationalError as exc:
            if "deadlock" not in str(exc) or connection.in_atomic_block or attempt == DEADLOCK_TRIES:
                raise
            time.sleep(0.02 * attempt)
    raise AssertionError("unreachable")


def mark_rung(ids: Iterable[int], moment: datetime) -> None:
    """These notices were written to a socket or handed to a transport at `moment`; the first time stays."""
    Notification.objects.filter(id__in=list(ids), rung_at__isnull=True).update(rung_at=moment)


def mark_seen(user: User, ids: Iterable[int]) -> list[int]:
    """The person opened these notices. Idempotent; returns the ids that are this person's, sorted."""
    wanted = list(set(ids))
    own = Notification.objects.of(user.pk).filter(id__in=wanted)
    own.filter(seen_at__isnull=True).update(seen_at=now(), next_at=None)
    return sorted(own.values_list("id", flat=True))


def receipt(user: User, notification_id: int) -> Notification:
    """The person signs for a notice 签收. Idempotent: the first time stays.

    Raises Problem `not_found` when the notice is not this person's.
    """
    with transaction.atomic():
        mine = Notification.objects.of(user.pk).filter(id=notification_id)
        first = mine.filter(receipted_at__isnull=True).update(receipted_at=now(), next_at=None)
        notice = mine.select_related("recipient").first()
        if notice is None:
            raise Problem("not_found")
        kind = KINDS.get(notice.kind)
        if first and kind and kind.on_receipt:
            kind.on_receipt(notice)
    return notice


def receipt_subject(user: User, subject: str, subject_id: str | int) -> int:
    """The person signed for the thing itself, so for every notice about it. Returns how many were still open."""
    return (
        Notification.objects.of(user.pk)
        .filter(subject=subject, subject_id=str(subject_id), needs_receipt=True, receipted_at__isnull=True)
        .update(receipted_at=Coalesce(F("receipted_at"), now()), next_at=None)
    )


def mark_seen_subject(user: User, subject: str, subject_id: str | int) -> int:
    """The person opened the thing itself, so every notice about it. Returns how many were not open before."""
    mine = Notification.objects.of(user.pk).filter(subject=subject, subject_id=str(subject_id), seen_at__isnull=True)
    return mine.update(seen_at=now(), next_at=None)


def call_off(group_key: str) -> int:
    """What these notices say no longer holds: nobody is rung for them again. Returns how many were still climbing."""
    return Notification.objects.on_ladder().filter(group_key=group_key).update(next_at=None)
