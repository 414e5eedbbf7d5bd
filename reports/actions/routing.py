"""Every write to the routing rules, and what an automatic one does when a report is accepted."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import Department, User
from accounts.roles import Can
from core.moment import now
from core.problems import Problem, missing
from grids.models import Appointment, Area
from grids.signals import appointment_ended
from notifications.actions import notify
from reports.access import DESK_LEVELS
from reports.actions.dispatch import Target, give
from reports.actions.requester import tell_requester
from reports.actions.step import Step
from reports.models import CatalogueItem, ItemVersion, RoutingMode, RoutingOff, RoutingRule
from reports.models.vocabulary import AssignmentRole, MessageEvent
from reports.people import at_area
from reports.questions import gives, wrong_answers
from reports.routing import settled
from reports.routing_table import Decision, Targets, decide, may_manage, rules_known_to, rules_with_places
from reports.transitions import REPORT

log = logging.getLogger(__name__)

# Room to put a rule between two others.
STEP_BETWEEN = 10


@dataclass(frozen=True)
class RuleContent:
    """All that a rule says; conditions as in `reports.routing`, targets as in an assignment."""

    name: str
    conditions: Mapping[str, Any]
    targets: Sequence[Target]
    mode: str = RoutingMode.SUGGEST
    instruction: str = ""
    position: int | None = None


# -- writing rules -----------------------------------------------------------------------------------------------


def create_rule(user: User, area: Area, content: RuleContent) -> RoutingRule:
    """A new rule of the desk of `area`, switched off; without a position it is asked last.

    Raises `forbidden`, `no_desk_here`, `position_taken` and what is wrong with the content, by field.
    """
    if area.level not in DESK_LEVELS:
        raise Problem("no_desk_here", "area")
    if not may_manage(user, area):
        raise Problem("forbidden", "area")
    with transaction.atomic():
        return _write(RoutingRule(area=area, version=0), user, content)


def change_rule(user: User, rule_id: int, content: RuleContent, *, version: int | None = None) -> RoutingRule:
    """Let the rule say something else. A changed rule is off until it has been tried and switched on again.

    Raises `not_found`, `forbidden`, `stale_version`, `position_taken` and what is wrong with the content.
    """
    with transaction.atomic():
        return _write(_locked(user, rule_id, version), user, content)


def switch_on(user: User, rule_id: int, *, version: int | None = None) -> RoutingRule:
    """Put the rule into force; `version` is the one that was tried. Raises `stale_version`, `rule_target_gone`."""
    with transaction.atomic():
        rule = _locked(user, rule_id, version)
        gone = Targets.of([rule]).gone(rule)
        if gone:
            raise Problem("rule_target_gone", params={"reason": RoutingOff(gone).label})
        return _switch(rule, user, on=True)


def switch_off(user: User, rule_id: int, *, version: int | None = None) -> RoutingRule:
    """Take the rule out of force. Raises `stale_version`."""
    with transaction.atomic():
        return _switch(_locked(user, rule_id, version), user, on=False)


def _switch(rule: RoutingRule, user: User, *, on: bool) -> RoutingRule:
    if rule.is_active is not on:
        rule.is_active, rule.off_reason = on, ""
        rule.version += 1
        rule.changed_by, rule.changed_at = user, now()
        rule.save(update_fields=["is_active", "off_reason", "version", "changed_by", "changed_at"])
    return rule


def _locked(user: User, rule_id: int, version: int | None) -> RoutingRule:
    rule = rules_known_to(user).select_for_update(of=("self",)).filter(pk=rule_id).first()
    if rule is None:
        raise Problem("not_found")
    if not may_manage(user, rule.area):
        raise Problem("forbidden")
    if version is not None and version != rule.version:
        raise Problem("stale_version", "version", version=rule.version)
    return rule


def _write(rule: RoutingRule, user: User, content: RuleContent) -> RoutingRule:
    rule.name, rule.instruction, rule.mode = content.name.strip(), content.instruction.strip(), content.mode
    if not rule.name:
        raise missing("name")
    rule.conditions = settled(content.conditions)
    _check_conditions(rule)
    rule.targets = _resolved(content.targets)
    _check_targets(rule)
    rule.position = content.position or rule.position or _last_position(rule.area) + STEP_BETWEEN
    rule.is_active, rule.off_reason = False, ""
    rule.version += 1
    rule.changed_by, rule.changed_at = user, now()
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as exc:
        raise Problem("position_taken", "position") from exc
    return rule


def _last_position(area: Area) -> int:
    return RoutingRule.objects.filter(area=area).aggregate(last=Max("position"))["last"] or 0


def _check_conditions(rule: RoutingRule) -> None:
    """Items must exist, areas lie in the place of the rule, and answers fit a question of one of the items."""
    items, areas = rule.conditions.get("items", []), rule.conditions.get("areas", [])
    if items and CatalogueItem.objects.filter(code__in=items).count() < len(items):
        raise Problem("unknown_item", "conditions.items")
    if areas:
        paths = list(Area.objects.filter(pk__in=areas).values_list("path", flat=True))
        if len(paths) < len(areas) or any(not path.startswith(rule.area.path) for path in paths):
            raise Problem("area_outside", "conditions.areas")
    answers = rule.conditions.get("answers", {})
    if not answers:
        return
    if not items:
        raise Problem("answers_need_items", "conditions.answers")
    versions = ItemVersion.objects.filter(item__code__in=items, valid_to__isnull=True)
    asked = [question for questions in versions.values_list("questions", flat=True) for question in questions]
    for key, values in answers.items():
        for value in values:
            if not any(_may_answer(question, key, value) for question in asked):
                raise Problem("unknown_question", f"conditions.answers.{key}")


def _may_answer(question: Mapping[str, Any], key: str, value: Any) -> bool:
    answer = [value] if question["kind"] == "multiple" else value
    return question["key"] == key and gives(answer, value) and not wrong_answers([question], {key: answer})


def _resolved(targets: Sequence[Target]) -> list[dict[str, Any]]:
    """The targets as they are kept. Raises `one_lead`, `unknown_unit`, `unit_twice`."""
    if sum(target.role == AssignmentRole.LEAD for target in targets) != 1:
        raise Problem("one_lead", "targets")
    kept: list[dict[str, Any]] = []
    for index, target in enumerate(targets):
        if (target.department is None) == (target.assignee is None):
            raise Problem("unknown_unit", f"targets.{index}")
        name: str
        row: Department | User | None
        if target.department is not None:
            name, row = "department", Department.objects.filter(code=target.department, is_active=True).first()
        else:
            name, row = "assignee", User.objects.filter(username=target.assignee, is_active=True).first()
        if row is None:
            raise Problem("unknown_unit", f"targets.{index}.{name}")
        kept.append({"role": str(target.role), name: row.pk})
    units = [(one.get("department"), one.get("assignee")) for one in kept]
    if len(set(units)) < len(units):
        raise Problem("unit_twice", "targets")
    return kept


def _check_targets(rule: RoutingRule) -> None:
    """What the rule would do must be what the desk of its place may do: assign to its own, or call by whistle."""
    targets = Targets.of([rule])
    for index, (_role, _department, person) in enumerate(targets.units(rule)):
        if person is not None and not targets.works_in(person, rule.area):
            raise Problem("not_ours_to_assign", f"targets.{index}.assignee")
    if not targets.by_whistle(rule):
        return
    if rule.mode == RoutingMode.AUTOMATIC:
        raise Problem("automatic_needs_own", "mode")
    for index, (role, department, _person) in enumerate(targets.units(rule)):
        if department is None or role == AssignmentRole.NOTIFY:
            raise Problem("whistle_units_only", f"targets.{index}")


# -- switching themselves off ------------------------------------------------------------------------------------


def drop(rule_id: int, reason: str) -> None:
    """A rule switches itself off, once, and tells those who manage it."""
    with transaction.atomic():
        rule = rules_with_places().select_for_update(of=("self",)).get(pk=rule_id)
        if not rule.is_active:
            return
        rule.is_active, rule.off_reason = False, reason
        rule.version += 1
        rule.changed_by, rule.changed_at = None, now()
        rule.save(update_fields=["is_active", "off_reason", "version", "changed_by", "changed_at"])
        notify(
            at_area(Can.DISPATCH_REPORT, rule.area),
            "routing_rule_off",
            {"rule": rule.name, "place": rule.area.name, "reason": str(reason)},
            subject="routing_rule",
            subject_id=rule.pk,
        )


def _drop_those_naming(kind: str, pk: int) -> None:
    rules = [
        rule
        for rule in rules_with_places().filter(is_active=True)
        if any(target.get(kind) == pk for target in rule.targets)
    ]
    if not rules:
        return
    targets = Targets.of(rules)
    for rule in rules:
        reason = targets.gone(rule)
        if reason:
            drop(rule.pk, reason)


@receiver(post_save, sender=Department)
def follow_closing(sender: type[Department], instance: Department, created: bool, **kwargs: Any) -> None:
    """A closed department is given nothing any more."""
    if not created and not instance.is_active:
        _drop_those_naming("department", instance.pk)


@receiver(post_save, sender=User)
def follow_leaving(sender: type[User], instance: User, created: bool, **kwargs: Any) -> None:
    """One who may no longer log in is given nothing any more."""
    if not created and not instance.is_active:
        _drop_those_naming("assignee", instance.pk)


@receiver(appointment_ended)
def follow_withdrawal(sender: type[Appointment], appointment: Appointment, **kwargs: Any) -> None:
    """One who no longer works in the place of a rule is given nothing there."""
    _drop_those_naming("assignee", appointment.user_id)


# -- acting ------------------------------------------------------------------------------------------------------


def route(doing: Step) -> None:
    """After acceptance: let an automatic rule that fits give its duties, as a step of the system within this one.

    Never fails the acceptance: rules whose targets are gone and rules that are refused switch themselves off; on an
    unforeseen error the rule is passed over for this report and that is on record.
    """
    try:
        with transaction.atomic():
            decision = decide(doing.report, doing.moment)
            for rule, reason in decision.gone:
                drop(rule.pk, reason)
    except Exception:
        log.exception("the routing rules over %s cannot be asked", doing.report.pk)
        return
    if decision.match is None or decision.match.rule.mode != RoutingMode.AUTOMATIC:
        return
    rule = decision.match.rule
    try:
        with doing.aside() as system:
            _carry_out(system, decision, rule)
    except Problem as problem:
        drop(rule.pk, RoutingOff.FAILED)
        doing.event("routing_failed", note=rule.name, internal=True, data={"rule": rule.pk, "code": problem.code})
    except Exception:
        log.exception("routing rule %s cannot be carried out on %s", rule.pk, doing.report.pk)
        doing.event("routing_failed", note=rule.name, internal=True, data={"rule": rule.pk, "code": "internal"})


def _carry_out(doing: Step, decision: Decision, rule: RoutingRule) -> None:
    if decision.targets.by_whistle(rule):
        raise Problem("automatic_needs_own")
    doing.move(REPORT, doing.report, "assign")
    given = give(doing, decision.targets.units(rule), rule.instruction)
    doing.event("routed", note=rule.name, data={"rule": rule.pk, "version": rule.version, "name": rule.name, **given})
    tell_requester(doing, MessageEvent.DISPATCHED)
