"""What is kept no longer: requesters whose matter is long closed, those who have long moved out, old logs.

Each rule names its rows for counting and ends them in small steps, so that nobody waits for it and a run broken off
goes on with the next. The days are settings; the logs' never fall below `SHORTEST_LOG_RETENTION`.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from auditlog.models import LogEntry
from axes.models import AccessAttempt, AccessFailureLog
from axes.models import AccessLog as LogIn
from django.conf import settings
from django.contrib.admin.models import LogEntry as AdminLogEntry
from django.db import models
from django.db.models import Q, QuerySet

from accounts.models import AccessLog
from core.moment import now
from core.problems import Problem
from grid_backend.checks import SHORTEST_LOG_RETENTION
from households.models import Household, Resident
from privacy.actions.erasing import erase
from privacy.models import Tombstone
from reports.models import Requester
from reports.models.vocabulary import FINAL, ReportStatus

log = logging.getLogger(__name__)
BATCH = 500
# The database guards its log by its own clock, which may be behind ours.
CLOCKS = timedelta(hours=1)
LOGS: tuple[tuple[type[models.Model], str], ...] = (
    (AccessLog, "at"),
    (LogIn, "attempt_time"),
    (AccessFailureLog, "attempt_time"),
    (AccessAttempt, "attempt_time"),
    (LogEntry, "timestamp"),
    (AdminLogEntry, "action_time"),
)


@dataclass(frozen=True)
class Rule:
    """One kind of rows at their end: what they are called, since when they are over, which, and how they are ended."""

    name: str
    before: datetime
    rows: Callable[[], QuerySet[models.Model]]
    subject: str = ""

    def count(self) -> int:
        return self.rows().count()


def rules(moment: datetime | None = None) -> list[Rule]:
    """Every rule, with the time before which it bites."""
    moment = moment or now()
    asked = moment - timedelta(days=settings.GRIDWHISTLE["REQUESTER_RETENTION_DAYS"])
    gone = moment - timedelta(days=settings.GRIDWHISTLE["HOUSEHOLD_RETENTION_DAYS"])
    logged = moment - CLOCKS - timedelta(days=max(settings.GRIDWHISTLE["LOG_RETENTION_DAYS"], SHORTEST_LOG_RETENTION))
    made = [
        Rule("requesters", asked, lambda: _requesters(asked), Tombstone.Subject.REQUESTER),
        # First the households: erasing one erases everybody in it.
        Rule("households", gone, lambda: _households(gone), Tombstone.Subject.HOUSEHOLD),
        Rule("residents", gone, lambda: _residents(gone), Tombstone.Subject.RESIDENT),
    ]
    for model, time in LOGS:
        made.append(Rule(model._meta.label, logged, lambda model=model, time=time: _old(model, time, logged)))  # type: ignore[misc]
    return made


def end(rule: Rule, reason: str) -> Iterator[tuple[int, int]]:
    """End the rule's rows; yields (ended, refused) after each step."""
    ended = refused = 0
    if not rule.subject:
        while keys := list(rule.rows().order_by("pk").values_list("pk", flat=True)[:BATCH]):
            ended += _delete(rule, keys)
            yield ended, refused
        return
    last = None
    while True:
        rows = rule.rows().order_by("pk")
        keys = list((rows if last is None else rows.filter(pk__gt=last)).values_list("pk", flat=True)[:BATCH])
        if not keys:
            return
        for key in keys:
            last = key
            try:
                ended += erase(rule.subject, str(key), reason, None)[1]
            except Problem as problem:
                refused += 1
                log.error("%s %s is not erased: %s", rule.subject, key, problem)
        yield ended, refused


def _delete(rule: Rule, keys: list[object]) -> int:
    # A plain queryset: the log's own refuses to delete, whoever asks.
    model = rule.rows().model
    return models.QuerySet(model).filter(pk__in=keys)._raw_delete("default")


def _requesters(before: datetime) -> QuerySet[models.Model]:
    """Whose matter, or the one it was merged into, is over; those with nothing left to erase are done."""
    over = Q(report__status__in=FINAL, report__closed_at__lt=before)
    merged = Q(
        report__status=ReportStatus.MERGED,
        report__merged_into__status__in=FINAL,
        report__merged_into__closed_at__lt=before,
    )
    known = ~Q(name="") | ~Q(phone="") | Q(tracking_code__isnull=False)
    return Requester.objects.filter(known & (over | merged))


def _households(before: datetime) -> QuerySet[models.Model]:
    return Household.objects.filter(ended_at__lt=before).exclude(door_hash="", unit="", room="", address="")


def _residents(before: datetime) -> QuerySet[models.Model]:
    return Resident.objects.filter(moved_out__lt=before.date()).exclude(name="", phone="", doc_number="")


def _old(model: type[models.Model], time: str, before: datetime) -> QuerySet[models.Model]:
    return models.QuerySet(model).filter(**{f"{time}__lt": before})
