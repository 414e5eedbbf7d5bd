"""Supervision orders, to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from accounts.models import User
from accounts.roles import Can
from grids.scoped_admin import ScopedReadOnlyAdmin
from reports.access import visible_orders
from reports.admin.reports import reads_reports
from reports.models import SupervisionOrder


class AnsweredFilter(admin.SimpleListFilter):
    title = _("answered")
    parameter_name = "answered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("not answered")), ("yes", _("answered"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SupervisionOrder]) -> QuerySet[SupervisionOrder]:
        return queryset.filter(replied_at__isnull=self.value() == "no") if self.value() in ("yes", "no") else queryset


@admin.register(SupervisionOrder)
class OrderAdmin(ScopedReadOnlyAdmin):
    seen_with = (Can.DISPATCH_REPORT,)
    list_display = ("kind_label", "report_link", "department", "level", "opened_at", "answered")
    list_filter = (AnsweredFilter, ("kind", ChoicesDropdownFilter))
    list_select_related = ("report", "department")
    ordering = ("-id",)
    sortable_by = ()
    paginator = InfinitePaginator
    show_full_result_count = False
    search_fields = ("number",)
    search_help_text = _("the beginning of the number")
    fields = (
        *("kind", "report_link", "department", "level", "reason", "opened_by", "opened_at"),
        *("status", "linked", "reply", "replied_by", "replied_at", "sent_back", "decided_by", "decided_at"),
    )
    readonly_fields = ("report_link",)

    def visible(self, user: User) -> QuerySet[SupervisionOrder]:
        return visible_orders(user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and reads_reports(request.user)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SupervisionOrder], search_term: str
    ) -> tuple[QuerySet[SupervisionOrder], bool]:
        term = search_term.strip()
        return (queryset.filter(report__number__startswith=term) if term else queryset), False

    @admin.display(description=_("kind"))
    def kind_label(self, obj: SupervisionOrder) -> str:
        return obj.get_kind_display()

    @admin.display(description=_("report"))
    def report_link(self, obj: SupervisionOrder) -> str:
        url = reverse(f"{self.admin_site.name}:reports_report_change", args=(obj.report_id,))
        return format_html('<a href="{}" class="text-primary-600">{}</a>', url, obj.report.number)

    @display(description=_("state"), label={"open": "danger", "answered": "success"})
    def answered(self, obj: SupervisionOrder) -> tuple[str, Any]:
        return ("answered", _("answered")) if obj.replied_at else ("open", _("not answered"))
