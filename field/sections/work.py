"""What the caller has to do, and the reports the caller sent or walks past.

A report's version rises with every step on it and on all that hangs on it; photos that arrive and lights that turn do
not move it and are looked at besides. Names of people and units follow with the next change, a day later at most.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from accounts.models import Department
from accounts.roles import Can
from field.api.output import SyncReport, SyncTask
from field.person import Person
from field.sections.found import Found, given_out
from grids.scope import scope_of
from reports.access import visible_assignments, visible_field_checks, visible_reports
from reports.api.output.field_checks import FieldCheckRow
from reports.clocks import light_at
from reports.models import Assignment, ChangeRequest, Clock, Report
from reports.models.vocabulary import (
    DUTY_DONE,
    FINAL,
    AssignmentRole,
    FieldCheckStatus,
    RequestStatus,
)

TASKS = 300
CHECKS = 100
OWN_DAYS = 30
OWN_REPORTS = 200
OPEN_REPORTS = 300

TO_BE_DONE = ~Q(role=AssignmentRole.NOTIFY) & ~Q(status__in=DUTY_DONE)
# A duty for information is never done; it ends with its report.
TO_BE_KNOWN = Q(role=AssignmentRole.NOTIFY) & ~Q(report__status__in=FINAL)
DUTY_JOINS = (
    *("department", "handed_from", "assignee", "report__item", "report__grid", "report__street"),
    *("whistle__calling_area", "whistle__calling_department"),
)
NO_GEOMETRY = ("report__grid__geometry", "report__street__geometry", "whistle__calling_area__geometry")


def tasks(person: Person) -> Found:
    """Open duties of the caller and of the units the caller handles for, the most urgent first, 300 at most.

    Two queries for what tells a change, the clocks among it, and three for the rows.
    """
    duties = _duties(person)
    seen = list(
        duties.values_list("pk", "report_id", "whistle_id", "report__version", "report__due_at", "report__yellow_at")
    )
    clocks = _clocks([row[1] for row in seen], {row[0] for row in seen}, {row[2] for row in seen} - {None})

    def light(due_at: datetime | None, yellow_at: datetime | None) -> str:
        return light_at(due_at, yellow_at, person.moment)

    lit = [[*row, light(row[4], row[5])] for row in seen]
    ticking = [
        [
            clock.pk,
            clock.due_at,
            clock.running,
            clock.overdue_level,
            light_at(clock.due_at, clock.yellow_at, person.moment),
        ]
        for clock in clocks
    ]

    def rows() -> Any:
        found = list(duties.select_related(*DUTY_JOINS).defer(*NO_GEOMETRY))
        asked = ChangeRequest.objects.filter(
            assignment__in=[duty.pk for duty in found], status=RequestStatus.PENDING
        ).select_related("asked_by", "decided_by")
        by_duty: dict[int | None, list[ChangeRequest]] = {}
        for change in asked.order_by("pk"):
            by_duty.setdefault(change.assignment_id, []).append(change)
        of_duty: dict[int, list[Clock]] = {}
        of_whistle: dict[int, list[Clock]] = {}
        for clock in clocks:
            if clock.assignment_id is not None:
                of_duty.setdefault(clock.assignment_id, []).append(clock)
            elif clock.whistle_id is not None:
                of_whistle.setdefault(clock.whistle_id, []).append(clock)
        for duty in found:
            duty.open_requests = by_duty.get(duty.pk, [])  # type: ignore[attr-defined]
            duty.open_clocks = of_duty.get(duty.pk, []) + of_whistle.get(duty.whistle_id or 0, [])  # type: ignore[attr-defined]
        return given_out(SyncTask, found, moment=person.moment)

    return Found([lit, ticking], rows)


def field_checks(person: Person) -> Found:
    """What the caller is asked to look at, the one due first; one query to tell a change and one for the rows."""
    asked = visible_field_checks(person.user).filter(assignee=person.user, status=FieldCheckStatus.ASKED)
    asked = asked.order_by(F("clock__due_at").asc(nulls_last=True), "pk")[:CHECKS]
    columns = ("pk", "report__version", "clock__due_at", "clock__yellow_at")
    seen = [[*row, light_at(row[2], row[3], person.moment)] for row in asked.values_list(*columns)]
    joined = asked.select_related("assignee", "asked_by", "clock", "report")
    return Found(seen, lambda: given_out(FieldCheckRow, joined))


def reports(person: Person) -> Found:
    """The caller's own of the last 30 days, 200 at most, and the open ones of the grids held, 300 at most, the newest
    first; two queries to tell a change and one for the rows."""
    visible = visible_reports(person.user).order_by("-received_at", "-id")
    since = person.moment - timedelta(days=OWN_DAYS)
    own = visible.filter(reporter=person.user, received_at__gte=since)[:OWN_REPORTS]
    here = visible.filter(grid__in=person.grid_ids).exclude(status__in=FINAL)[:OPEN_REPORTS]
    seen = {row[0]: row for some in (own, here) for row in _seen(some, person.moment)}

    def rows() -> Any:
        found = Report.objects.filter(pk__in=list(seen)).order_by("-received_at", "-id")
        joined = found.select_related("item", "grid", "street", "lead_department", "reporter").defer(
            "grid__geometry", "street__geometry"
        )
        return given_out(SyncReport, joined, user=person.user, moment=person.moment)

    return Found(list(seen.values()), rows)


def _duties(person: Person) -> QuerySet[Assignment]:
    scope = scope_of(person.user)
    units = Department.objects.filter(scope.departments_below(Can.HANDLE_ASSIGNMENT)).values("pk")
    in_hand = Q(assignee=person.user) | Q(assignee__isnull=True, department__in=units)
    duties = visible_assignments(person.user).filter(
        in_hand, TO_BE_DONE | TO_BE_KNOWN, active=True, report__deleted_at__isnull=True
    )
    return duties.order_by(F("report__due_at").asc(nulls_last=True), "pk")[:TASKS]


def _clocks(reports: list[Any], duties: set[int], whistles: set[int]) -> list[Clock]:
    """The clocks of these duties and whistles that have not stopped, found by their reports, which are indexed."""
    rows = Clock.objects.filter(report__in=set(reports), stopped_at__isnull=True).order_by("pk")
    return [
        clock
        for clock in rows
        if (clock.assignment_id in duties) or (clock.assignment_id is None and clock.whistle_id in whistles)
    ]


def _seen(some: QuerySet[Report], moment: datetime) -> list[list[Any]]:
    columns = ("pk", "version", "photos_received", "complete_at", "due_at", "yellow_at")
    return [[*row, light_at(row[4], row[5], moment)] for row in some.values_list(*columns)]
