"""Requests and how they were decided, to look at."""

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
from reports.access import visible_requests
from reports.admin.reports import reads_reports
from reports.models import ChangeRequest
from reports.models.vocabulary import RequestStatus

REQUEST_COLOURS = {
    RequestStatus.PENDING: "warning",
    RequestStatus.GRANTED: "success",
    RequestStatus.REFUSED: "danger",
    RequestStatus.WITHDRAWN: "info",
}


@admin.register(ChangeRequest)
class RequestAdmin(ScopedReadOnlyAdmin):
    seen_with = (Can.DISPATCH_REPORT,)
    list_display = ("kind_label", "report_link", "unit", "status_label", "asked_by", "asked_at", "decided_by")
    list_filter = (("status", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter))
    list_select_related = ("report", "assignment__department", "assignment__assignee", "asked_by", "decided_by")
    ordering = ("-id",)
    sortable_by = ()
    paginator = InfinitePaginator
    show_full_result_count = False
    search_fields = ("number",)
    search_help_text = _("the beginning of the number")
    fields = (
        *("kind", "report_link", "unit", "status", "reason", "asked_by", "asked_at"),
        *("decided_by", "decided_at", "decision_note"),
    )
    readonly_fields = ("report_link", "unit")

    def visible(self, user: User) -> QuerySet[ChangeRequest]:
        return visible_requests(user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and reads_reports(request.user)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ChangeRequest], search_term: str
    ) -> tuple[QuerySet[ChangeRequest], bool]:
        term = search_term.strip()
        return (queryset.filter(report__number__startswith=term) if term else queryset), False

    @admin.display(description=_("kind"))
    def kind_label(self, obj: ChangeRequest) -> str:
        return obj.get_kind_display()

    @admin.display(description=_("report"))
    def report_link(self, obj: ChangeRequest) -> str:
        url = reverse(f"{self.admin_site.name}:reports_report_change", args=(obj.report_id,))
        return format_html('<a href="{}" class="text-primary-600">{}</a>', url, obj.report.number)

    @admin.display(description=_("unit"))
    def unit(self, obj: ChangeRequest) -> str:
        duty = obj.assignment
        return str(duty.department or duty.assignee) if duty is not None else "–"

    @display(description=_("status"), label=REQUEST_COLOURS)
    def status_label(self, obj: ChangeRequest) -> tuple[str, Any]:
        return obj.status, obj.get_status_display()
