"""Which colour the rules would suggest for a household, and on what evidence. They suggest; only a person proposes.

Computed whenever it is read, from reports the reader may see, so nothing is suggested that nobody could check.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from accounts.models import User
from core.moment import now
from households.models import Household, HouseholdReport, SuggestionRule, Visit
from households.models.vocabulary import COUNTED
from reports.access import visible_reports
from reports.calendar import today
from reports.models.vocabulary import FINAL

Kind = SuggestionRule.Kind


@dataclass(frozen=True)
class Suggestion:
    """What one rule says of one household: the reports, visits or days it goes by."""

    rule: SuggestionRule
    reports: Sequence[HouseholdReport] = ()
    visits: Sequence[Visit] = ()
    days_overdue: int | None = None


def rules_in_force() -> list[SuggestionRule]:
    return list(SuggestionRule.objects.filter(is_active=True).select_related("level").order_by("-level__rank", "pk"))


def with_suggestions(user: User, households: QuerySet[Household], rules: Sequence[SuggestionRule]) -> Any:
    """The active households for which some rule suggests a graver colour than the present one."""
    condition: Q = reduce(or_, (_holds(user, rule) & _milder(rule) for rule in rules), Q(pk__in=[]))
    return households.filter(condition, ended_at__isnull=True)


def suggestions(
    user: User, households: Sequence[Household], rules: Sequence[SuggestionRule]
) -> dict[UUID, list[Suggestion]]:
    """What the rules say of these households, gravest first. Two queries for each kind of rule, however many."""
    wanted = {one.pk: one for one in households}
    found: dict[UUID, list[Suggestion]] = defaultdict(list)
    for rule in rules:
        evidence = _evidence(user, rule, list(wanted))
        for pk, said in evidence.items():
            level = wanted[pk].risk_level
            if level is None or level.rank < rule.level.rank:
                found[pk].append(said)
    return found


def _evidence(user: User, rule: SuggestionRule, ids: list[UUID]) -> dict[UUID, Suggestion]:
    if rule.kind == Kind.OVERDUE:
        late = Household.objects.filter(_overdue(rule), pk__in=ids)
        return {
            pk: Suggestion(rule, days_overdue=(today() - due).days)
            for pk, due in late.values_list("pk", "next_visit_due")
            if due is not None
        }
    rows: dict[UUID, list[Any]] = defaultdict(list)
    if rule.kind == Kind.MISSED:
        for visit in _missed(rule).filter(household__in=ids).order_by("visited_at", "pk"):
            rows[visit.household_id].append(visit)
        return {pk: Suggestion(rule, visits=some) for pk, some in rows.items() if len(some) >= rule.least}
    links = _links(user, rule).filter(household__in=ids).select_related("report").order_by("report__received_at", "pk")
    for link in links.defer("report__answers", "report__asked"):
        rows[link.household_id].append(link)
    return {pk: Suggestion(rule, reports=some) for pk, some in rows.items() if len(some) >= rule.least}


def _holds(user: User, rule: SuggestionRule) -> Q:
    if rule.kind == Kind.OVERDUE:
        return _overdue(rule)
    rows: Any = _missed(rule) if rule.kind == Kind.MISSED else _links(user, rule)
    enough = rows.values("household").annotate(number=Count("pk")).filter(number__gte=rule.least)
    return Q(pk__in=enough.order_by().values("household"))


def _milder(rule: SuggestionRule) -> Q:
    return Q(risk_level__isnull=True) | Q(risk_level__rank__lt=rule.level.rank)


def _overdue(rule: SuggestionRule) -> Q:
    return Q(next_visit_due__lt=today() - timedelta(days=rule.days), ended_at__isnull=True)


def _missed(rule: SuggestionRule) -> QuerySet[Visit]:
    """Visits in vain since the last one that counted."""
    since_seen = Q(household__last_visit_at__isnull=True) | Q(visited_at__gt=F("household__last_visit_at"))
    recent = Visit.objects.filter(since_seen, visited_at__gte=now() - timedelta(days=rule.days))
    return recent.exclude(result__in=COUNTED)


def _links(user: User, rule: SuggestionRule) -> QuerySet[HouseholdReport]:
    reports = visible_reports(user).filter(received_at__gte=now() - timedelta(days=rule.days))
    if rule.kind == Kind.OPEN_REPORT:
        words = [word for word in (one.strip() for one in rule.words.split(",")) if word]
        named: Q = reduce(or_, (Q(item_name__contains=word) for word in words), Q(pk__in=[]))
        reports = reports.exclude(status__in=FINAL).filter(named if words else Q())
    return HouseholdReport.objects.filter(report__in=reports)
