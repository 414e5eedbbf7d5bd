"""Routing rules: written by a desk for its own place, tried on what really came in, then switched on."""

from datetime import time
from typing import Any

from auditlog.registry import auditlog
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.views import ChangeList
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.models import Department, User
from accounts.roles import Can
from core.admin import ActionForm, recorded
from core.problems import Problem
from grids.models import Area
from grids.scope import below, scope_of
from grids.scoped_admin import ScopedAdmin
from reports.access import DESK_LEVELS
from reports.actions.dispatch import Target
from reports.actions.routing import RuleContent, change_rule, create_rule, switch_off, switch_on
from reports.calendar import today
from reports.models import CatalogueItem, ItemVersion, RoutingMode, RoutingOff, RoutingRule
from reports.models.vocabulary import AssignmentRole, Source, Urgency
from reports.questions import answer_text
from reports.routing_table import desk_paths, keeps_rules, may_manage, names_in, rules_known_to, trial
from reports.routing_words import WEEKDAY_WORDS, condition_words, target_words

auditlog.register(RoutingRule)

YES, NO = "yes", "no"
SIMPLE = ("items", "classes", "kinds", "sources", "urgencies")
DEPARTMENT_FIELDS = {
    "lead_department": AssignmentRole.LEAD,
    "assist_departments": AssignmentRole.ASSIST,
    "notify_departments": AssignmentRole.NOTIFY,
}
PERSON_FIELDS = {"lead_person": AssignmentRole.LEAD, "assist_people": AssignmentRole.ASSIST}


def _several(label: Any, **kwargs: Any) -> Any:
    return forms.MultipleChoiceField(label=label, required=False, widget=UnfoldAdminSelect2MultipleWidget(), **kwargs)


def _ticked(label: Any, choices: Any) -> Any:
    return forms.MultipleChoiceField(
        label=label, required=False, choices=choices, widget=UnfoldAdminCheckboxSelectMultipleWidget()
    )


class RuleForm(ActionForm):
    """A rule as it is to be; what is left empty is not asked."""

    class Meta:
        model = RoutingRule
        fields = ("name", "position", "mode", "instruction")

    area: Any = forms.ModelChoiceField(
        Area.objects.none(),
        label=_("place"),
        widget=UnfoldAdminSelect2Widget(),
        help_text=_("whose desk the rule belongs to"),
    )
    items: Any = _several(_("items"))
    classes: Any = _several(_("classes"))
    kinds = _ticked(_("kinds"), CatalogueItem.Kind.choices)
    areas: Any = _several(_("areas"), help_text=_("each with all below it; none: the whole place"))
    sources = _ticked(_("sources"), Source.choices)
    urgencies = _ticked(_("urgencies"), Urgency.choices)
    weekdays = _ticked(_("weekdays"), [(str(day), word) for day, word in WEEKDAY_WORDS.items()])
    working = forms.ChoiceField(
        label=_("working hours"),
        required=False,
        choices=[
            ("", _("at any time")),
            (YES, _("in working hours of working days")),
            (NO, _("outside working hours")),
        ],
        widget=UnfoldAdminSelectWidget(),
    )
    hours_from = forms.TimeField(label=_("from"), required=False, widget=UnfoldAdminSingleTimeWidget(format="%H:%M"))
    hours_to = forms.TimeField(
        label=_("until"),
        required=False,
        widget=UnfoldAdminSingleTimeWidget(format="%H:%M"),
        help_text=_("may lie after midnight, as 18:00 until 08:00"),
    )
    answers = forms.CharField(
        label=_("answers"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("One question per line by its key, any of the values will do: q1=是, q2=雨水/污水."),
    )
    lead_department: Any = forms.ChoiceField(
        label=_("lead department"),
        required=False,
        widget=UnfoldAdminSelect2Widget(),
        help_text=_("One outside the place is suggested as a whistle."),
    )
    lead_person = forms.CharField(
        label=_("or lead person"),
        required=False,
        max_length=150,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("user name of one who works a grid of the place"),
    )
    assist_departments: Any = _several(_("assisting departments"))
    assist_people = forms.CharField(
        label=_("assisting people"),
        required=False,
        max_length=1000,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("user names, separated by spaces"),
    )
    notify_departments: Any = _several(_("departments told for information"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user: Any = self.request.user
        self.fields["position"].required = False
        self.fields["instruction"].widget = UnfoldAdminTextareaWidget(attrs={"rows": 2})
        if self.instance.pk:
            self.fields.pop("area")
        else:
            area: Any = self.fields["area"]
            area.queryset = _desks(user)
        versions = ItemVersion.objects.current(today()).select_related("item").order_by("item__code")
        rows = [(one.item.code, one.name, one.item.class_name) for one in versions]
        self._choices("items", [(code, f"{code} {name}") for code, name, _class in rows])
        classes = {code.rpartition("-")[0]: name for code, _name, name in rows}
        self._choices("classes", [(code, f"{code} {name}") for code, name in classes.items()])
        self._choices("areas", _area_choices(user))
        departments = Department.objects.filter(is_active=True).order_by("path").values_list("code", "name")
        units = [(code, f"{name} · {code}") for code, name in departments]
        for name in DEPARTMENT_FIELDS:
            self._choices(name, [("", "---------"), *units] if name == "lead_department" else units)
        if self.instance.pk:
            self._fill_in()

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def _fill_in(self) -> None:
        """What the rule says now; values that can no longer be chosen are kept as choices until they are changed."""
        conditions = self.instance.conditions
        initial: dict[str, Any] = {name: conditions.get(name, []) for name in SIMPLE}
        initial["areas"] = [str(pk) for pk in conditions.get("areas", [])]
        initial["weekdays"] = [str(day) for day in conditions.get("weekdays", [])]
        initial["working"] = {True: YES, False: NO, None: ""}[conditions.get("working")]
        if "hours" in conditions:
            # As times: a form compares what it gets back with these.
            initial["hours_from"], initial["hours_to"] = map(time.fromisoformat, conditions["hours"])
        initial["answers"] = "\n".join(
            f"{key}={'/'.join(answer_text({}, value) for value in values)}"
            for key, values in conditions.get("answers", {}).items()
        )
        names = names_in([self.instance])
        for kind, fields in (("department", DEPARTMENT_FIELDS), ("assignee", PERSON_FIELDS)):
            for name, role in fields.items():
                codes = [
                    names[(kind, target[kind])][0]
                    for target in self.instance.targets
                    if kind in target and target["role"] == role
                ]
                single = name.startswith("lead") or kind == "assignee"
                initial[name] = " ".join(codes) if single else codes
        for name in ("items", "classes", "areas", *DEPARTMENT_FIELDS):
            field: Any = self.fields[name]
            known = {value for value, _text in field.choices}
            held = initial[name] if isinstance(initial[name], list) else [initial[name]]
            self._choices(name, [*field.choices, *((value, value) for value in held if value not in known)])
        for name, value in initial.items():
            self.fields[name].initial = value
            self.initial.setdefault(name, value)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(data.get("hours_from")) is not bool(data.get("hours_to")):
            self.add_error("hours_to", _("From when until when: both or neither."))
        self.read_answers = self._answers(data.get("answers", ""))
        return data

    def _answers(self, text: str) -> dict[str, list[Any]]:
        """`q1=是` is meant as the question means it: yes, a number, or a choice."""
        items = self.data.getlist("items") if hasattr(self.data, "getlist") else []
        versions = ItemVersion.objects.filter(item__code__in=items, valid_to__isnull=True)
        kinds = {one["key"]: one["kind"] for asked in versions.values_list("questions", flat=True) for one in asked}
        read: dict[str, list[Any]] = {}
        for line in filter(None, (part.strip() for part in text.splitlines())):
            key, equals, values = (part.strip() for part in line.partition("="))
            if not equals or not key or not values:
                self.add_error("answers", _("This line cannot be read: %(line)s") % {"line": line})
                continue
            read[key] = [_value(kinds.get(key, ""), one.strip()) for one in values.split("/")]
        return read

    def content(self, data: dict[str, Any]) -> RuleContent:
        conditions: dict[str, Any] = {name: data[name] for name in SIMPLE}
        conditions["areas"] = [int(pk) for pk in data["areas"]]
        conditions["weekdays"] = [int(day) for day in data["weekdays"]]
        conditions["working"] = {YES: True, NO: False}.get(data["working"])
        if data["hours_from"]:
            conditions["hours"] = [f"{data['hours_from']:%H:%M}", f"{data['hours_to']:%H:%M}"]
        conditions["answers"] = self.read_answers
        targets = []
        for name, role in DEPARTMENT_FIELDS.items():
            codes = data[name] if isinstance(data[name], list) else [data[name]]
            targets += [Target(role, department=code) for code in codes if code]
        for name, role in PERSON_FIELDS.items():
            targets += [Target(role, assignee=username) for username in data[name].split()]
        return RuleContent(
            name=data["name"],
            conditions=conditions,
            targets=targets,
            mode=data["mode"],
            instruction=data["instruction"],
            position=data["position"],
        )

    def act(self, data: dict[str, Any]) -> RoutingRule:
        user: Any = self.request.user
        if self.instance.pk:
            return change_rule(user, self.instance.pk, self.content(data))
        return create_rule(user, data["area"], self.content(data))

    def refuse(self, problem: Problem) -> None:
        name = (problem.field or "").removeprefix("conditions.").partition(".")[0]
        name = {"targets": "lead_department", "hours": "hours_to"}.get(name, name)
        self.add_error(name if name in self.fields else None, problem.sentence)


def _value(kind: str, text: str) -> Any:
    if kind == "yes_no":
        return {"是": True, "否": False}.get(text, text)
    if kind == "number":
        try:
            return int(text)
        except ValueError:
            return text
    return text


def _desks(user: User) -> QuerySet[Area]:
    places = Area.objects.filter(_below_desks(user), level__in=DESK_LEVELS, is_active=True)
    return places.defer("geometry").order_by("path")


def _area_choices(user: User) -> list[tuple[str, str]]:
    """What a rule can be narrowed to: a street's desk down to the grid, one above it down to the community."""
    places = Area.objects.filter(_below_desks(user), is_active=True).exclude(level=Area.Level.CITY)
    held = scope_of(user).areas.get(Can.DISPATCH_REPORT, [])
    if scope_of(user).everything or any(node.level in (Area.Level.CITY, Area.Level.DISTRICT) for node in held):
        places = places.exclude(level=Area.Level.GRID)
    return [(str(pk), name) for pk, name in places.order_by("path").values_list("pk", "name")]


def _below_desks(user: User) -> Q:
    if scope_of(user).everything:
        return Q()
    ground = Q(pk__in=[])
    for path in desk_paths(user):
        ground |= below(path)
    return ground


class RuleChangeList(ChangeList):
    """Adds to each row of a page what it says in words, in two queries."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        put_in_words(list(self.result_list))


def put_in_words(rules: list[Any]) -> None:
    """Set `condition_words` and `target_words` on each rule."""
    names = names_in(rules)
    codes = {code for rule in rules for code in rule.conditions.get("items", [])}
    versions = ItemVersion.objects.filter(item__code__in=codes, valid_to__isnull=True)
    items = dict(versions.values_list("item__code", "name")) if codes else {}
    for rule in rules:
        rule.condition_words = "; ".join(condition_words(rule, names, items))
        rule.target_words = "; ".join(target_words(rule, names))


@admin.register(RoutingRule)
class RuleAdmin(ScopedAdmin):
    form = RuleForm
    seen_with = (Can.DISPATCH_REPORT,)
    changed_with = Can.DISPATCH_REPORT
    list_display = ("name", "place", "position", "mode_label", "when", "to_whom", "state")
    list_filter = ("is_active", ("mode", ChoicesDropdownFilter))
    list_select_related = ("area",)
    search_fields = ("name",)
    ordering = ("area__path", "position")
    sortable_by = ()
    actions_detail = ("try_page", "switch_off_page")

    def visible(self, user: User) -> QuerySet[RoutingRule]:
        return rules_known_to(user)

    def may_change(self, user: User, obj: RoutingRule) -> bool:
        return may_manage(user, obj.area)

    def may_add(self, user: User) -> bool:
        return keeps_rules(user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return user.is_authenticated and keeps_rules(user)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[RuleChangeList]:
        return RuleChangeList

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": ("name", "area", "position", "mode", "when", "to_whom", "instruction")})]
        first = ("area",) if obj is None else ("place", "switched")
        return [
            (None, {"fields": (*first, "name", "position", "mode")}),
            (_("What it is about"), {"fields": ("items", "classes", "kinds", "answers"), "classes": ("tab",)}),
            (_("Where from and how urgent"), {"fields": ("areas", "sources", "urgencies"), "classes": ("tab",)}),
            (_("When"), {"fields": ("weekdays", "working", "hours_from", "hours_to"), "classes": ("tab",)}),
            (_("To whom"), {"fields": (*DEPARTMENT_FIELDS, *PERSON_FIELDS, "instruction"), "classes": ("tab",)}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("place", "switched", "when", "to_whom")

    @admin.display(description=_("place"), ordering="area__path")
    def place(self, obj: RoutingRule) -> str:
        return obj.area.name

    @display(description=_("mode"), label={RoutingMode.SUGGEST: "info", RoutingMode.AUTOMATIC: "warning"})
    def mode_label(self, obj: RoutingRule) -> tuple[str, str]:
        return obj.mode, obj.get_mode_display()

    @admin.display(description=_("conditions"))
    def when(self, obj: Any) -> str:
        if not hasattr(obj, "condition_words"):
            put_in_words([obj])
        return obj.condition_words or str(_("every report"))

    @admin.display(description=_("targets"))
    def to_whom(self, obj: Any) -> str:
        if not hasattr(obj, "target_words"):
            put_in_words([obj])
        return obj.target_words

    @display(description=_("state"), label={"on": "success", "off": "info", "gone": "danger"}, ordering="is_active")
    def state(self, obj: RoutingRule) -> tuple[str, Any]:
        if obj.is_active:
            return "on", _("switched on")
        return ("gone", _("switched itself off")) if obj.off_reason else ("off", _("switched off"))

    @admin.display(description=_("state"))
    def switched(self, obj: RoutingRule) -> str:
        said = str(self.state(obj)[1])
        return f"{said}: {RoutingOff(obj.off_reason).label}" if obj.off_reason else said

    def _managed(self, request: HttpRequest, object_id: Any) -> RoutingRule | None:
        obj = self.get_object(request, str(object_id))
        return obj if obj is not None and self.has_change_permission(request, obj) else None

    def has_try_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._managed(request, object_id) is not None

    def has_switch_off_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        rule = self._managed(request, object_id)
        return rule is not None and rule.is_active

    @action(description=_("Try on past reports"), url_path="try", permissions=["try"], icon="experiment")
    def try_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What the rule would change among the last reports; from here, and only from here, it is switched on."""
        rule: Any = self.get_object(request, unquote(object_id))
        if rule is None:
            raise Http404
        if not self.has_change_permission(request, rule):
            raise PermissionDenied
        refused = ""
        if request.method == "POST":
            try:
                with transaction.atomic(), recorded(rule):
                    switch_on(request.user, rule.pk, version=_version(request))  # type: ignore[arg-type]
                    self.log_change(request, rule, str(_("Switched on")))
            except Problem as problem:
                refused = problem.sentence
                rule = self.get_object(request, unquote(object_id))
            else:
                messages.success(request, str(_("The rule is switched on.")))
                return HttpResponseRedirect(self._back_to(request, rule))
        rows = trial(rule)
        put_in_words([rule])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Try on past reports"),
            "subtitle": str(rule),
            "opts": self.opts,
            "original": rule,
            "rule": rule,
            "refused": refused,
            "rows": rows,
            "taken": sum(row.after is rule for row in rows),
            "changed": sum(row.differs for row in rows),
            "back": self._back_to(request, rule),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/routing_trial.html", context)

    @action(description=_("Switch off"), url_path="off", permissions=["switch_off"], icon="toggle_off")
    def switch_off_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user: Any = request.user
        return self.step_page(
            request,
            object_id,
            title=_("Switch off"),
            question=_("From now on the rule is neither suggested nor carried out."),
            button=_("Switch off"),
            done=_("The rule is switched off."),
            act=lambda rule, data: switch_off(user, rule.pk),
        )


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
