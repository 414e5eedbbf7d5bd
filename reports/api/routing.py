"""Routing rules: what they say of a report, and the rules themselves."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from grids.models import Area
from reports.access import get_report
from reports.actions import routing as actions
from reports.api.input import StrictSerializer, TargetIn, targets_of
from reports.api.output.named import PersonOut, PlaceOut, UnitOut
from reports.limits import HOUR
from reports.models import RoutingMode, RoutingOff, RoutingRule
from reports.models.vocabulary import AssignmentRole
from reports.recommending import Recommendation, recommended
from reports.routing_table import (
    Names,
    TrialRow,
    decide,
    keeps_rules,
    may_manage,
    names_in,
    routed_at,
    rules_known_to,
    trial,
)
from reports.routing_words import recommendation_reasons, why_rows

CONDITIONS_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "items": {"type": "array", "items": {"type": "string"}, "description": "codes"},
        "classes": {"type": "array", "items": {"type": "string"}, "description": "kind and class, as 02-01"},
        "kinds": {"type": "array", "items": {"enum": ["component", "event", "request"]}},
        "areas": {"type": "array", "items": {"type": "string"}, "description": "codes; each with all below it"},
        "sources": {"type": "array", "items": {"type": "string"}},
        "urgencies": {"type": "array", "items": {"enum": ["normal", "urgent", "emergency"]}},
        "weekdays": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 7}},
        "hours": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
        "working": {"type": "boolean", "description": "true in working hours, false outside"},
        "answers": {
            "type": "object",
            "additionalProperties": {
                "type": "array",
                "items": {"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]},
            },
        },
    },
}


class RuleTargetOut(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=AssignmentRole.choices)
    department = UnitOut(allow_null=True)
    assignee = PersonOut(allow_null=True)


class RoutingRuleOut(serializers.ModelSerializer[RoutingRule]):
    """A rule, with the names of those it gives work to."""

    area = PlaceOut()
    conditions = serializers.SerializerMethodField()
    targets = serializers.SerializerMethodField()
    off_reason = serializers.SerializerMethodField(help_text="why it switched itself off, in words")
    may_manage = serializers.SerializerMethodField()

    class Meta:
        model = RoutingRule
        fields = (
            "id",
            "area",
            "position",
            "name",
            "mode",
            "conditions",
            "targets",
            "instruction",
            "is_active",
            "off_reason",
            "version",
            "changed_at",
            "may_manage",
        )

    @extend_schema_field(CONDITIONS_SCHEMA)
    def get_conditions(self, rule: RoutingRule) -> dict[str, Any]:
        areas = rule.conditions.get("areas")
        if not areas:
            return rule.conditions
        return {**rule.conditions, "areas": [self.context["names"][("area", pk)][0] for pk in areas]}

    @extend_schema_field(RuleTargetOut(many=True))
    def get_targets(self, rule: RoutingRule) -> Any:
        return target_rows(rule, self.context["names"])

    def get_off_reason(self, rule: RoutingRule) -> str:
        return str(RoutingOff(rule.off_reason).label) if rule.off_reason else ""

    def get_may_manage(self, rule: RoutingRule) -> bool:
        return may_manage(self.context["user"], rule.area)


def target_rows(rule: RoutingRule, names: Names) -> list[dict[str, Any]]:
    """Whom a rule names, as an answer has it."""
    rows = []
    for target in rule.targets:
        row: dict[str, Any] = {"role": target["role"], "department": None, "assignee": None}
        if "department" in target:
            code, name = names[("department", target["department"])]
            row["department"] = {"code": code, "name": name}
        else:
            code, name = names[("assignee", target["assignee"])]
            row["assignee"] = {"username": code, "name": name}
        rows.append(row)
    return rows


def rules_data(user: User, rules: list[RoutingRule]) -> Any:
    """The rules for an answer; one query for any number of them."""
    return RoutingRuleOut(rules, many=True, context={"user": user, "names": names_in(rules)}).data


@extend_schema_field(CONDITIONS_SCHEMA)
class ConditionsField(serializers.JSONField):
    default_error_messages = {"not_named": _("Conditions are named values.")}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            self.fail("not_named")
        return super().to_internal_value(data)


class RuleIn(StrictSerializer):
    """A rule as it is to be. `conditions` names areas by code; an absent one is not asked."""

    name = serializers.CharField(max_length=80)
    position = serializers.IntegerField(
        min_value=1, max_value=32_767, required=False, help_text="default: as it is, a new rule last"
    )
    mode = serializers.ChoiceField(choices=RoutingMode.choices, required=False)
    conditions = ConditionsField(required=False)
    targets = serializers.ListField(child=TargetIn(), min_length=1, max_length=20)
    instruction = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class NewRuleIn(RuleIn):
    area = serializers.CharField(max_length=20, help_text="code of the street, district or city")


def _content(data: dict[str, Any]) -> actions.RuleContent:
    conditions = dict(data.get("conditions", {}))
    codes = conditions.get("areas")
    if codes:
        if not isinstance(codes, list) or any(not isinstance(code, str) or "\x00" in code for code in codes):
            raise Problem("bad_condition", "conditions.areas")
        found = dict(Area.objects.filter(code__in=codes).values_list("code", "pk"))
        if len(found) < len(set(codes)):
            raise Problem("area_outside", "conditions.areas")
        conditions["areas"] = list(found.values())
    given = {name: data[name] for name in ("mode", "instruction", "position") if name in data}
    targets = targets_of({"assignments": data["targets"]})
    return actions.RuleContent(name=data["name"], conditions=conditions, targets=targets, **given)


class SwitchOnIn(StrictSerializer):
    """`version`: the one that was tried; refused with 409 if the rule has changed since."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class SwitchOffIn(StrictSerializer):
    """`version`: refused with 409 if the rule has changed since."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class WhyOut(serializers.Serializer[Any]):
    condition = serializers.CharField()
    text = serializers.CharField()


class RoutedOut(serializers.Serializer[Any]):
    """The rule a report meets. `by`: whether its targets are assigned to, or called by a whistle to be drafted."""

    rule = serializers.IntegerField()
    name = serializers.CharField()
    place = PlaceOut()
    mode = serializers.ChoiceField(choices=RoutingMode.choices)
    by = serializers.ChoiceField(choices=["assign", "whistle"])
    why = WhyOut(many=True, help_text="empty for a rule that takes every report of its place")
    targets = RuleTargetOut(many=True)
    instruction = serializers.CharField()


class RecommendationOut(serializers.Serializer[Recommendation]):
    """A department that has solved such matters; score 0 to 1, the median from dispatch to result in working hours."""

    department = UnitOut()
    score = serializers.FloatField()
    closed = serializers.IntegerField()
    of = serializers.IntegerField()
    nearby = serializers.IntegerField()
    median_hours = serializers.SerializerMethodField()
    reasons = serializers.SerializerMethodField()

    def get_median_hours(self, one: Recommendation) -> float | None:
        return None if one.median_seconds is None else round(one.median_seconds / HOUR, 2)

    def get_reasons(self, one: Recommendation) -> list[str]:
        return recommendation_reasons(one)


class RoutingOut(serializers.Serializer[Any]):
    match = RoutedOut(allow_null=True)
    recommended = RecommendationOut(many=True)


class TrialRowOut(serializers.Serializer[TrialRow]):
    """A past report: the rule it meets now, and with the candidate; the unit it was really given to."""

    report = serializers.UUIDField(source="report.pk")
    number = serializers.CharField(source="report.number")
    item_name = serializers.CharField(source="report.item_name")
    address = serializers.CharField(source="report.address")
    received_at = serializers.DateTimeField(source="report.received_at")
    lead_department = UnitOut(source="report.lead_department", allow_null=True)
    now = serializers.SerializerMethodField()
    then = serializers.SerializerMethodField()
    differs = serializers.BooleanField()

    def get_now(self, row: TrialRow) -> str | None:
        return row.before.name if row.before else None

    def get_then(self, row: TrialRow) -> str | None:
        return row.after.name if row.after else None


class TrialOut(serializers.Serializer[Any]):
    """`version` is what is being tried; switching on names it."""

    rule = serializers.IntegerField()
    version = serializers.IntegerField()
    taken = serializers.IntegerField(help_text="how many of the reports the candidate would take")
    changed = serializers.IntegerField()
    reports = TrialRowOut(many=True)


class ReportRouting(APIView):
    """Who should be given a report."""

    @extend_schema(responses=RoutingOut, operation_id="report_routing")
    def get(self, request: Request, pk: UUID) -> Response:
        """The routing rule the report meets and why, and the departments that have solved such matters."""
        report = get_report(caller(request), pk, Can.DISPATCH_REPORT)
        decision = decide(report, routed_at(report))
        told = None
        if decision.match is not None:
            rule = decision.match.rule
            told = {
                "rule": rule.pk,
                "name": rule.name,
                "place": rule.area,
                "mode": rule.mode,
                "by": "whistle" if decision.targets.by_whistle(rule) else "assign",
                "why": why_rows(report, decision.match),
                "targets": [
                    {"role": role, "department": department, "assignee": person}
                    for role, department, person in decision.targets.units(rule)
                ],
                "instruction": rule.instruction,
            }
        return Response(RoutingOut({"match": told, "recommended": recommended(report)}).data)


def _known(user: User, pk: int) -> RoutingRule:
    rule = rules_known_to(user).filter(pk=pk).first()
    if rule is None:
        raise Problem("not_found")
    return rule


def _answer(user: User, rule: RoutingRule, status: int = 200) -> Response:
    return Response(rules_data(user, [rule])[0], status=status)


class RuleList(ListAPIView[RoutingRule]):
    """The rules of the caller's desks and of those above, as they are numbered."""

    serializer_class = RoutingRuleOut
    filter_backends = ()
    keyset = ("area_id", "position")
    queryset = RoutingRule.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return rules_known_to(caller(self.request))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(rules_data(caller(request), list(page)))

    @extend_schema(request=NewRuleIn, responses={201: RoutingRuleOut}, operation_id="create_routing_rule")
    def post(self, request: Request) -> Response:
        """A new rule, switched off until it has been tried."""
        data = _read(NewRuleIn, request)
        area = Area.objects.filter(code=data.pop("area"), is_active=True).first()
        if not keeps_rules(caller(request)):
            raise Problem("forbidden")
        if area is None:
            raise Problem("unknown_area", "area")
        return _answer(caller(request), actions.create_rule(caller(request), area, _content(data)), 201)


class RuleView(APIView):
    """One rule."""

    @extend_schema(responses=RoutingRuleOut, operation_id="routing_rule")
    def get(self, request: Request, pk: int) -> Response:
        return _answer(caller(request), _known(caller(request), pk))

    @extend_schema(request=RuleIn, responses=RoutingRuleOut, operation_id="change_routing_rule")
    def put(self, request: Request, pk: int) -> Response:
        """What the rule is to say. A changed rule is off until it has been tried and switched on again."""
        data = _read(RuleIn, request)
        rule = actions.change_rule(caller(request), pk, _content(data), version=data.get("version"))
        return _answer(caller(request), rule)


class RuleTrial(APIView):
    """A rule held against what really came in."""

    @extend_schema(responses=TrialOut, operation_id="routing_rule_trial")
    def get(self, request: Request, pk: int) -> Response:
        """The last reports at the rule's place: which rule each meets now, and which with this one switched on."""
        rule = _known(caller(request), pk)
        if not may_manage(caller(request), rule.area):
            raise Problem("forbidden")
        rows = trial(rule)
        told = {
            "rule": rule.pk,
            "version": rule.version,
            "taken": sum(row.after is rule for row in rows),
            "changed": sum(row.differs for row in rows),
            "reports": rows,
        }
        return Response(TrialOut(told).data)


def _switch_view(
    name: str, body: type[StrictSerializer], action: Callable[..., RoutingRule], says: str
) -> Callable[..., Any]:
    class SwitchView(APIView):
        @extend_schema(request=body, responses=RoutingRuleOut, operation_id=name, description=says, summary=says)
        def post(self, request: Request, pk: int) -> Response:
            return _answer(caller(request), action(caller(request), pk, **_read(body, request)))

    SwitchView.__doc__ = says
    return SwitchView.as_view()


def _read(body: type[StrictSerializer], request: Request) -> dict[str, Any]:
    serializer = body(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


switch_on_view = _switch_view(
    "routing_rule_switch_on",
    SwitchOnIn,
    actions.switch_on,
    "启用 Put the rule into force, in the version tried",
)
switch_off_view = _switch_view(
    "routing_rule_switch_off", SwitchOffIn, actions.switch_off, "停用 Take the rule out of force"
)
