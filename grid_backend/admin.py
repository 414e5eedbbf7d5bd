"""What libraries bring along: shown in the same dress to superusers, or not at all."""

from typing import Any

from auditlog.filters import ResourceTypeFilter
from auditlog.models import LogEntry
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken
from unfold.paginator import InfinitePaginator

from core.admin import ReadOnlyAdmin

for model in (LogEntry, AccessAttempt, AccessFailureLog, AccessLog, Group, AuthToken):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class ForSuperusers(ReadOnlyAdmin):
    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser


@admin.register(LogEntry)
class AuditTrailAdmin(ForSuperusers):
    list_display = ("timestamp", "actor", "action", "content_type", "object_repr", "fields_changed")
    list_filter = ("action", ResourceTypeFilter)
    list_select_related = ("actor", "content_type")
    ordering = ("-id",)
    sortable_by = ()
    paginator = InfinitePaginator
    show_full_result_count = False
    search_fields = ("object_repr", "actor__full_name", "actor__username")
    fields = ("timestamp", "actor", "action", "content_type", "object_repr", "changes", "remote_addr")

    @admin.display(description=_("changed"))
    def fields_changed(self, obj: LogEntry) -> str:
        return ", ".join(obj.changes_dict) or "–"


@admin.register(AccessAttempt)
class FailedLoginAdmin(ForSuperusers):
    """Deleting one lifts its lock-out."""

    list_display = ("username", "ip_address", "failures_since_start", "attempt_time")
    ordering = ("-attempt_time",)
    search_fields = ("username", "ip_address")
    fields = ("username", "ip_address", "user_agent", "failures_since_start", "attempt_time")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser
