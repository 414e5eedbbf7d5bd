"""The ledger of credit points: what a service brings by the rules of its day, and never twice.

`settle` looks at one person and day as a whole: what the confirmed records of the day are worth under the rules and
their daily caps, and what the ledger says of them; the difference is entered. So the balance depends on what was done
and not on the order or the number of confirmations, and taking a service back lets others under the same cap count.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet, Sum

from accounts.models import User
from core.problems import Problem
from volunteers.access import demand, found, locked, runs, visible_entries
from volunteers.actions.frame import doing
from volunteers.models import CreditEntry, CreditRule, ServiceRecord, Volunteer
from volunteers.models.vocabulary import CreditEvent, CreditPer

LOCAL = ZoneInfo("Asia/Shanghai")
MINUTES_PER_HOUR = 60


def local_date(moment: datetime) -> date:
    """The day in the city."""
    return moment.astimezone(LOCAL).date()


def rules_on(day: date) -> QuerySet[CreditRule]:
    """The rules in force on a day."""
    return CreditRule.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)


def worth(rule: CreditRule, minutes: int) -> int:
    """Points before the daily cap; parts of an hour count, half a point rounds up."""
    if rule.per == CreditPer.TIME:
        return rule.points if minutes else 0
    return (2 * rule.points * minutes + MINUTES_PER_HOUR) // (2 * MINUTES_PER_HOUR)


def settle(volunteer: Volunteer, days: Iterable[date], cause: ServiceRecord, by: User, moment: datetime) -> None:
    """Enter what the ledger lacks or has too much for these days; `cause` is the record whose confirmation asks.

    Under the volunteer's lock. Settling again enters nothing.
    """
    for day in sorted(set(days)):
        due = _due(volunteer, day)
        held = _held(volunteer, day)
        CreditEntry.objects.bulk_create(
            CreditEntry(
                volunteer=volunteer,
                points=due.get(key, 0) - held.get(key, 0),
                why=key[2],
                record_id=key[0],
                rule_id=key[1],
                source=f"record:{key[0]}:rule:{key[1]}:by:{cause.pk}",
                date=day,
                made_by=by,
                made_at=moment,
            )
            for key in sorted({**due, **held})
            if due.get(key, 0) != held.get(key, 0)
        )


# Record, rule, and what the rule is for.
Key = tuple[int, int, str]


def _due(volunteer: Volunteer, day: date) -> dict[Key, int]:
    """What the day's effective records are worth, first come first served under each rule's cap."""
    by_kind: dict[str, list[CreditRule]] = defaultdict(list)
    for rule in rules_on(day).order_by("pk"):
        by_kind[rule.kind].append(rule)
    used: dict[int, int] = defaultdict(int)
    due: dict[Key, int] = {}
    for record in ServiceRecord.objects.effective().filter(volunteer=volunteer, date=day).order_by("pk"):
        kinds = [record.kind] if record.attendance_id is None else [record.kind, CreditEvent.ON_CALL]
        for rule in (rule for kind in kinds for rule in by_kind[kind]):
            points = worth(rule, record.minutes)
            if rule.daily_cap is not None:
                points = min(points, rule.daily_cap - used[rule.pk])
            used[rule.pk] += points
            if points:
                due[(record.pk, rule.pk, rule.kind)] = points
    return due


def _held(volunteer: Volunteer, day: date) -> dict[Key, int]:
    """What the ledger says of the day's records."""
    rows = CreditEntry.objects.filter(volunteer=volunteer, date=day, record__isnull=False)
    summed = rows.values("record_id", "rule_id", "why").annotate(total=Sum("points")).order_by()
    return {(row["record_id"], row["rule_id"], row["why"]): row["total"] for row in summed}


def credit_event(volunteer: Volunteer, event: CreditEvent, by: User, moment: datetime) -> None:
    """Enter an event's points, once in a person's life. Under the volunteer's lock."""
    day, source = local_date(moment), f"event:{event.value}:{volunteer.pk}"
    rule = rules_on(day).filter(kind=event, per=CreditPer.TIME).order_by("pk").first()
    if rule is None or not rule.points or CreditEntry.objects.filter(source=source).exists():
        return
    CreditEntry.objects.create(
        volunteer=volunteer,
        points=rule.points,
        why=event,
        rule=rule,
        source=source,
        date=day,
        made_by=by,
        made_at=moment,
    )


def reverse(user: User, entry_id: int, reason: str, *, request_id: UUID | None = None) -> CreditEntry:
    """Take an event's entry back by a contrary one. What came from a record is corrected by correcting the record.

    Raises `forbidden`, `own_matter`, `correct_the_record`, `already_reversed`.
    """
    with doing(user, "reverse_entry", entry_id, request_id=request_id) as step:
        entry = found(
            visible_entries(user).select_related("volunteer__home").defer("volunteer__home__geometry"), entry_id
        )
        demand(runs(user, entry.volunteer.home))
        if entry.volunteer.user_id == user.pk:
            raise Problem("own_matter")
        if entry.record_id is not None:
            raise Problem("correct_the_record")
        locked(entry.volunteer_id)
        source = f"reverse:{entry.pk}"
        if entry.source.startswith("reverse:") or CreditEntry.objects.filter(source=source).exists():
            raise Problem("already_reversed")
        contrary = CreditEntry.objects.create(
            volunteer=entry.volunteer,
            points=-entry.points,
            why=entry.why,
            rule=entry.rule,
            source=source,
            date=entry.date,
            note=reason,
            made_by=user,
            made_at=step.moment,
        )
        step.about("credit", entry.pk, note=reason)
    return contrary


def balance(volunteer: Volunteer) -> int:
    """The sum of the ledger."""
    return CreditEntry.objects.filter(volunteer=volunteer).aggregate(total=Sum("points"))["total"] or 0
