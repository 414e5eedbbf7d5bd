"""Colours, care tags and special groups: the city's rules, with an audit trail."""

from auditlog.registry import auditlog
from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from households.models import CareTag, RiskLevel, SpecialGroup
from reports.admin.base import RulesAdmin

for audited in (RiskLevel, CareTag, SpecialGroup):
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


@admin.register(CareTag, SpecialGroup)
class WordAdmin(RulesAdmin):
    list_display = ("name", "code", "is_active")
    fields = ("code", "name", "is_active")
    ordering = ("id",)
