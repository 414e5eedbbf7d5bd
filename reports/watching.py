"""Whose screens show a report: of those who see its place, of the units with a duty on it, and of its own people."""

from collections.abc import Iterable

from accounts.models import Department, User
from accounts.roles import Can
from grids.scope import scope_of
from notifications.watching import Provider, Topics, provide
from reports.access import UNIT_CAPABILITIES
from reports.models import Assignment, FieldCheck, Report

EVERYTHING = "everything"
LEVELS = ("city_id", "district_id", "street_id", "community_id", "grid_id")
# Rows per query: SQLite takes only so many values in a statement.
CHUNK = 500


def topics_of_person(user_id: int) -> Topics:
    """Where the person's reports lie: one topic per place and unit held, one of their own."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return frozenset()
    scope = scope_of(user)
    if scope.everything:
        return frozenset({EVERYTHING})
    places = {f"area/{held.id}" for held in scope.areas.get(Can.VIEW_REPORTS, [])}
    units = {f"unit/{held.path}" for can in UNIT_CAPABILITIES for held in scope.departments.get(can, [])}
    return frozenset({f"person/{user_id}"} | places | units)


def topics_of_rows(ids: Iterable[str]) -> dict[str, Topics]:
    """The topics of each report; three queries per 500."""
    found: dict[str, set[str]] = {}
    asked = list(ids)
    for start in range(0, len(asked), CHUNK):
        part = asked[start : start + CHUNK]
        for pk, reporter, *areas in Report.all_rows.filter(pk__in=part).values_list("pk", "reporter_id", *LEVELS):
            found[str(pk)] = {EVERYTHING, f"person/{reporter}", *(f"area/{area}" for area in areas if area)}
        duties = Assignment.objects.filter(report_id__in=part)
        for pk, assignee, path in duties.values_list("report_id", "assignee_id", "department__path"):
            topics = found[str(pk)]
            topics.add(f"person/{assignee}")
            topics.update(f"unit/{unit}" for unit in _at_and_above(path or ""))
        for pk, assignee in FieldCheck.objects.filter(report_id__in=part).values_list("report_id", "assignee_id"):
            found[str(pk)].add(f"person/{assignee}")
    return {pk: frozenset(topics) for pk, topics in found.items()}


def _at_and_above(path: str) -> list[str]:
    return [path[:end] for end in range(Department.steplen, len(path) + 1, Department.steplen)]


provide(Provider(topics_of_person, topics_of_rows))
