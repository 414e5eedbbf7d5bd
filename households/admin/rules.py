"""Colours, care tags and special groups: the city's rules, with an audit trail."""

from typing import Any

from auditlog.registry import auditlog
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from households.actions.levels import move_dues
from households.models import CareTag, ColourReason, RiskLevel, SpecialGroup, SuggestionRule
from reports.admin.base import RulesAdmin

for audited in (RiskLevel, CareTag, SpecialGroup, ColourReason, SuggestionRule):
    auditlog.register(audited)


@admin.register(RiskLevel)
class RiskLevelAdmin(RulesAdmin):
    list_display = ("name", "swatch", "code", "rank", "visit_days", "min_visitors", "proposes", "confirms", "duty")
    fields = (
        *("code", "name", "meaning", "colour", "rank", "visit_days", "min_visitors", "proposes", "confirms"),
        *("note_required", "measure_required", "leader_required", "on_daily_list", "duty"),
    )
    ordering = ("rank",)

    @admin.display(description=_("colour"))
    def swatch(self, obj: RiskLevel) -> str:
        return format_html('<span style="color:{}" aria-hidden="true">●</span> {}', obj.colour, obj.colour)

    def save_model(self, request: HttpRequest, obj: RiskLevel, form: Any, change: bool) -> None:
        """A new interval moves what is due by it."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if change and "visit_days" in form.changed_data:
                move_dues(obj, obj.visit_days - form.initial["visit_days"])


@admin.register(SuggestionRule)
class SuggestionRuleAdmin(RulesAdmin):
    list_display = ("kind", "words", "least", "days", "level", "is_active")
    list_select_related = ("level",)
    fields = ("kind", "words", "least", "days", "level", "is_active")
    ordering = ("id",)


@admin.register(CareTag, SpecialGroup, ColourReason)
class WordAdmin(RulesAdmin):
    list_display = ("name", "code", "is_active")
    fields = ("code", "name", "is_active")
    ordering = ("id",)
