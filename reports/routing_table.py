"""The routing rules in force with whom they name, in a fixed number of queries; and their trial on past reports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import CharField, F, Q, QuerySet, Value

from accounts.models import Department, User
from accounts.roles import Can
from core.moment import now
from grids.models import Area, AreaUserPermission
from grids.models.areas import LEVELS
from grids.scope import below, scope_of
from reports.access import DESK_LEVELS
from reports.calendar import working_calendar
from reports.models import Report, RoutingMode, RoutingOff, RoutingRule
from reports.routing import Match, first_match, matter_of

# Where a desk gives work directly to any department; a street calls those outside it by whistle.
ASSIGNS_TO_ALL = frozenset({Area.Level.CITY, Area.Level.DISTRICT})

Unit = tuple[str, Department | None, User | None]


def rules_with_places() -> QuerySet[RoutingRule]:
    return RoutingRule.objects.select_related("area__office").defer("area__geometry")


def rules_over(report: Report) -> list[RoutingRule]:
    """The active rules of every desk over the report; one query."""
    nodes = [node for level in LEVELS if (node := getattr(report, f"{level}_id")) is not None]
    return list(rules_with_places().filter(area_id__in=nodes, is_active=True))


def may_manage(user: User, area: Area) -> bool:
    """Rules are written by those who dispatch for a street, a district or the city, for their own place and below."""
    scope = scope_of(user)
    return scope.everything or any(area.path.startswith(path) for path in desk_paths(user))


def keeps_rules(user: User) -> bool:
    """Whether there is any place whose rules the person writes."""
    return scope_of(user).everything or bool(desk_paths(user))


def rules_known_to(user: User) -> QuerySet[RoutingRule]:
    """The rules of the person's desks and those of the desks above, which are asked after them."""
    if scope_of(user).everything:
        return rules_with_places()
    ground = Q(pk__in=[])
    for path in desk_paths(user):
        above = [path[:end] for end in range(Area.steplen, len(path), Area.steplen)]
        ground |= below(path, "area__path") | Q(area__path__in=above)
    return rules_with_places().filter(ground)


def desk_paths(user: User) -> list[str]:
    """The paths of the streets, districts and cities for which the person dispatches."""
    held = scope_of(user).areas.get(Can.DISPATCH_REPORT, [])
    return [node.path for node in held if node.level in DESK_LEVELS]


@dataclass
class Targets:
    """Whom a number of rules name; three queries for any number of them."""

    departments: dict[int, Department] = field(default_factory=dict)
    people: dict[int, User] = field(default_factory=dict)
    # Where each person works a grid, as paths.
    grids: dict[int, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: Iterable[RoutingRule]) -> "Targets":
        named = [target for rule in rules for target in rule.targets]
        people = {target["assignee"] for target in named if target.get("assignee")}
        departments = {target["department"] for target in named if target.get("department")}
        found = cls()
        if departments:
            rows = Department.objects.select_related("area").defer("area__geometry")
            found.departments = rows.in_bulk(departments)
        if people:
            found.people = User.objects.in_bulk(people)
            held = AreaUserPermission.objects.filter(user_id__in=people, permission__codename=Can.SUBMIT_REPORT)
            for person, path in held.values_list("user_id", "content_object__path"):
                found.grids.setdefault(person, []).append(path)
        return found

    def units(self, rule: RoutingRule) -> list[Unit]:
        return [
            (
                target["role"],
                self.departments.get(target.get("department") or 0),
                self.people.get(target.get("assignee") or 0),
            )
            for target in rule.targets
        ]

    def gone(self, rule: RoutingRule) -> str:
        """Why the rule can no longer be carried out (`RoutingOff`), or nothing."""
        for _role, department, person in self.units(rule):
            if person is None:
                if department is None or not department.is_active:
                    return RoutingOff.DEPARTMENT_CLOSED
                if rule.mode == RoutingMode.AUTOMATIC and not self.is_own(department, rule.area):
                    return RoutingOff.NOT_OURS
            elif not person.is_active:
                return RoutingOff.PERSON_INACTIVE
            elif not self.works_in(person, rule.area):
                return RoutingOff.PERSON_ELSEWHERE
        return ""

    def by_whistle(self, rule: RoutingRule) -> bool:
        """Whether a department it names is outside: then the rule is a whistle to be drafted, not an assignment."""
        return any(
            department is not None and not self.is_own(department, rule.area)
            for _role, department, _person in self.units(rule)
        )

    def is_own(self, department: Department, area: Area) -> bool:
        """Whether the desk of the area may give it work directly, as `actions.dispatch` has it."""
        if area.level in ASSIGNS_TO_ALL:
            return True
        if area.office is not None and department.path.startswith(area.office.path):
            return True
        served = getattr(department, "area", None)
        return served is not None and served.path.startswith(area.path)

    def works_in(self, person: User, area: Area) -> bool:
        return any(path.startswith(area.path) for path in self.grids.get(person.pk, ()))


@dataclass(frozen=True)
class Decision:
    """What the rules say of a report: the match, if any, whom the rules name, and those passed over as gone."""

    match: Match | None
    targets: Targets
    gone: list[tuple[RoutingRule, str]]


def decide(report: Report, at: datetime) -> Decision:
    """Ask the rules over a report as at the moment `at`. Reads only."""
    rules = rules_over(report)
    targets = Targets.of(rules)
    gone = [(rule, reason) for rule in rules if (reason := targets.gone(rule))]
    out = {rule.pk for rule, _reason in gone}
    valid = [rule for rule in rules if rule.pk not in out]
    match = first_match(valid, matter_of(report, at, working_calendar())) if valid else None
    return Decision(match, targets, gone)


@dataclass(frozen=True)
class TrialRow:
    """A past report with the rule it meets as things are, and with the candidate switched on."""

    report: Report
    before: RoutingRule | None
    after: RoutingRule | None

    @property
    def differs(self) -> bool:
        return (self.before and self.before.pk) != (self.after and self.after.pk)


def trial(candidate: RoutingRule, count: int | None = None) -> list[TrialRow]:
    """The last reports at the rule's place (default `ROUTING_TRIAL`), newest first, in a fixed number of queries.

    Each is asked as at the moment it was accepted, or received while nobody has accepted it.
    """
    count = settings.GRIDWHISTLE["ROUTING_TRIAL"] if count is None else count
    place = candidate.area
    reports = (
        Report.objects.filter(**{f"{place.level}_id": place.pk})
        .select_related("item", "lead_department")
        .order_by("-received_at", "-id")[:count]
    )
    above = [place.path[:end] for end in range(Area.steplen, len(place.path), Area.steplen)]
    others = rules_with_places().filter(below(place.path, "area__path") | Q(area__path__in=above), is_active=True)
    rules = list(others)
    targets = Targets.of(rules)
    before = [rule for rule in rules if not targets.gone(rule)]
    after = [candidate, *(rule for rule in before if rule.pk != candidate.pk)]
    calendar = working_calendar()
    rows = []
    for report in reports:
        matter = matter_of(report, report.accepted_at or report.received_at, calendar)
        rows.append(TrialRow(report, _rule(before, matter), _rule(after, matter)))
    return rows


def _rule(rules: Sequence[RoutingRule], matter: Any) -> RoutingRule | None:
    match = first_match(rules, matter)
    return match.rule if match else None


def routed_at(report: Report) -> datetime:
    """The moment for which the rules are asked again: its acceptance, so that the answer stays the same, or now."""
    return report.accepted_at or now()


Names = dict[tuple[str, int], tuple[str, str]]


def names_in(rules: list[RoutingRule]) -> Names:
    """Code (or user name) and name of every department, person and area the rules name; one query."""
    ids: dict[str, set[int]] = {"department": set(), "assignee": set(), "area": set()}
    for rule in rules:
        ids["area"].update(rule.conditions.get("areas", []))
        for target in rule.targets:
            for kind in ("department", "assignee"):
                if kind in target:
                    ids[kind].add(target[kind])
    parts = [
        model._default_manager.filter(pk__in=ids[kind])
        .order_by()
        .values_list(Value(kind, CharField()), F("pk"), F(code), F(name))
        for kind, model, code, name in (
            ("department", Department, "code", "name"),
            ("assignee", User, "username", "full_name"),
            ("area", Area, "code", "name"),
        )
        if ids[kind]
    ]
    if not parts:
        return {}
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return {(kind, pk): (code, name) for kind, pk, code, name in rows}
