"""The rules of credit, and the ledger to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.models import User
from core.admin import ActionForm
from reports.admin.base import RulesAdmin
from volunteers.access import visible_entries
from volunteers.actions.rules import begin_rule, end_rule
from volunteers.admin.base import DeskAdmin
from volunteers.models import CreditEntry, CreditRule


class RuleForm(ActionForm):
    class Meta:
        model = CreditRule
        fields = ("kind", "per", "points", "daily_cap", "valid_from", "valid_to")

    def act(self, data: dict[str, Any]) -> CreditRule:
        if self.instance.pk is None:
            return begin_rule(**data)
        return end_rule(self.instance, data["valid_to"])


@admin.register(CreditRule)
class CreditRuleAdmin(RulesAdmin):
    """A rule keeps its numbers: only its last day changes."""

    form = RuleForm
    list_display = ("kind", "per", "points", "daily_cap", "valid_from", "valid_to")
    list_filter = (("kind", ChoicesDropdownFilter),)
    ordering = ("kind", "valid_from", "id")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("kind", "per", "points", "daily_cap", "valid_from")


@admin.register(CreditEntry)
class CreditEntryAdmin(DeskAdmin):
    list_display = ("name", "points", "why", "date", "note", "made_at")
    list_filter = (("why", ChoicesDropdownFilter),)
    list_select_related = ("volunteer__user",)
    search_fields = ("volunteer__user__full_name",)
    ordering = ("-id",)
    fields = ("name", "points", "why", "rule", "record", "date", "note", "source", "made_by", "made_at")
    readonly_fields = ("name",)

    def visible(self, user: User) -> QuerySet[CreditEntry]:
        return visible_entries(user)

    @admin.display(description=_("volunteer"))
    def name(self, obj: CreditEntry) -> str:
        return obj.volunteer.user.full_name
