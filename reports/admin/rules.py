"""The city's own limits in place of the defaults. Taking one away brings the default back."""

from decimal import Decimal
from typing import Any

from auditlog.registry import auditlog
from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from reports import rules
from reports.admin.base import RulesAdmin
from reports.limits import Limit, Unit
from reports.models import ClockRule
from reports.models.vocabulary import ClockKind, SupervisionKind, Urgency, WhistleKind

auditlog.register(ClockRule)


def rule_words(key: str) -> str:
    """A key such as `report_in.emergency` in words."""
    kind, _dot, variant = key.partition(".")
    words = str(ClockKind(kind).label) if kind in ClockKind.values else kind
    if variant:
        of_kind: dict[str, Any] = {ClockKind.REPORT_IN: WhistleKind, ClockKind.REPLY: SupervisionKind}
        choices = of_kind.get(kind, Urgency)
        words += f" · {choices(variant).label if variant in choices.values else variant}"
    return words


def rule_choices() -> list[tuple[str, str]]:
    """Every limit the city may set, with its default."""
    return [
        (key, f"{rule_words(key)} ({Limit(Decimal(amount), unit).text()})")
        for key, (amount, unit) in rules.DEFAULT_LIMITS.items()
    ]


class RuleForm(forms.ModelForm):
    class Meta:
        model = ClockRule
        fields = ("key", "amount", "unit")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "key" in self.fields:
            self.fields["key"] = forms.ChoiceField(
                label=_("rule"),
                choices=rule_choices(),
                widget=UnfoldAdminSelectWidget(),
                help_text=_("The default stands in brackets."),
            )

    def clean_amount(self) -> Any:
        amount = self.cleaned_data["amount"]
        if amount <= 0:
            raise forms.ValidationError(_("A limit is more than nothing."))
        return amount


@admin.register(ClockRule)
class ClockRuleAdmin(RulesAdmin):
    form = RuleForm
    list_display = ("rule", "limit", "default")
    ordering = ("key",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("key",)

    @admin.display(description=_("rule"), ordering="key")
    def rule(self, obj: ClockRule) -> str:
        return rule_words(obj.key)

    @admin.display(description=_("limit"))
    def limit(self, obj: ClockRule) -> str:
        return Limit(obj.amount, Unit(obj.unit)).text()

    @admin.display(description=_("default"))
    def default(self, obj: ClockRule) -> str:
        if obj.key not in rules.DEFAULT_LIMITS:
            return "–"
        amount, unit = rules.DEFAULT_LIMITS[obj.key]
        return Limit(Decimal(amount), unit).text()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: ClockRule, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        transaction.on_commit(rules.reset)

    def delete_model(self, request: HttpRequest, obj: ClockRule) -> None:
        super().delete_model(request, obj)
        transaction.on_commit(rules.reset)
