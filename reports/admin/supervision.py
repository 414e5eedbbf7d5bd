"""The rules of supervision to change; cards and deputies to look at."""

from typing import Any

from auditlog.registry import auditlog
from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.models import User
from accounts.roles import Can
from core.moment import now
from grids.scoped_admin import ScopedReadOnlyAdmin
from notifications.ladders import paths
from reports.access import visible_cards
from reports.actions.deputies import visible_deputies
from reports.admin.base import RulesAdmin
from reports.admin.reports import reads_reports
from reports.admin.words import short_time
from reports.models import Card, CardRule, Deputy, EscalationStep

for audited in (Card, CardRule, Deputy, EscalationStep):
    auditlog.register(audited)


# What a path is called; one added by a plug-in is shown as it is written.
PATH_WORDS: dict[str, Any] = {
    "socket": _("notice in the app"),
    "sms": _("text message"),
    "push": _("push message"),
}


class EscalationForm(forms.ModelForm):
    class Meta:
        model = EscalationStep
        fields = ("clock", "light", "level", "who", "transport", "active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "transport" in self.fields:
            known = self.fields["transport"]
            self.fields["transport"] = forms.ChoiceField(
                label=known.label,
                choices=[(path, PATH_WORDS.get(path, path)) for path in paths()],
                widget=UnfoldAdminSelectWidget(),
                help_text=_("A notice that would not take this path becomes as urgent as it takes."),
            )


@admin.register(EscalationStep)
class EscalationStepAdmin(RulesAdmin):
    form = EscalationForm
    list_display = ("clock_label", "light", "level", "who", "path", "active")
    list_filter = (("clock", ChoicesDropdownFilter), ("light", ChoicesDropdownFilter))
    ordering = ("clock", "light", "level", "id")

    @admin.display(description=_("clock"), ordering="clock")
    def clock_label(self, obj: EscalationStep) -> Any:
        return obj.get_clock_display() if obj.clock else _("any")

    @admin.display(description=_("by this path at least"), ordering="transport")
    def path(self, obj: EscalationStep) -> Any:
        return PATH_WORDS.get(obj.transport, obj.transport)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(CardRule)
class CardRuleAdmin(RulesAdmin):
    list_display = ("trigger_label", "colour", "count", "within_days", "active")
    fields = ("trigger", "colour", "count", "within_days", "active")
    ordering = ("id",)

    @admin.display(description=_("given for"))
    def trigger_label(self, obj: CardRule) -> str:
        return obj.get_trigger_display()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(Card)
class CardAdmin(ScopedReadOnlyAdmin):
    seen_with = (Can.DISPATCH_REPORT,)
    list_display = ("colour_label", "department", "report", "given_for", "given", "state")
    list_filter = (("colour", ChoicesDropdownFilter), ("trigger", ChoicesDropdownFilter))
    list_select_related = ("department", "report")
    ordering = ("-id",)
    sortable_by = ()
    paginator = InfinitePaginator
    show_full_result_count = False
    fields = (
        *("colour", "department", "report", "trigger", "reason", "given_at", "given_by"),
        *("revoked_at", "revoked_by", "revoked_reason"),
    )

    def visible(self, user: User) -> QuerySet[Card]:
        return visible_cards(user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and reads_reports(request.user)

    @display(description=_("colour"), label={"yellow": "warning", "red": "danger"})
    def colour_label(self, obj: Card) -> tuple[str, str]:
        return obj.colour, obj.get_colour_display()

    @admin.display(description=_("given for"))
    def given_for(self, obj: Card) -> str:
        return obj.get_trigger_display() if obj.trigger else obj.reason

    @admin.display(description=_("given"))
    def given(self, obj: Card) -> str:
        return short_time(obj.given_at)

    @display(description=_("state"), label={"stands": "danger", "revoked": "success"})
    def state(self, obj: Card) -> tuple[str, Any]:
        return ("revoked", _("revoked")) if obj.revoked_at else ("stands", _("stands"))


@admin.register(Deputy)
class DeputyAdmin(ScopedReadOnlyAdmin):
    seen_with = (Can.DISPATCH_REPORT,)
    list_display = ("leader", "deputy", "area", "starts", "ends", "state")
    list_select_related = ("leader", "deputy", "area")
    ordering = ("-id",)
    sortable_by = ()
    fields = ("leader", "deputy", "area", "starts_at", "ends_at", "named_at")

    def visible(self, user: User) -> QuerySet[Deputy]:
        return visible_deputies(user).defer("area__geometry")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and reads_reports(request.user)

    @admin.display(description=_("from"))
    def starts(self, obj: Deputy) -> str:
        return short_time(obj.starts_at)

    @admin.display(description=_("until"))
    def ends(self, obj: Deputy) -> str:
        return short_time(obj.ends_at)

    @display(description=_("state"), label={"now": "success", "other": "info"})
    def state(self, obj: Deputy) -> tuple[str, Any]:
        if obj.starts_at <= now() < obj.ends_at:
            return "now", _("standing in")
        return "other", _("to come") if obj.starts_at > now() else _("over")
