"""Notices to look at, never to change: for superusers."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from notifications.models import Delivery, Notification


class ReadOnly:
    """Seen by superusers, changed by nobody."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class DeliveryInline(ReadOnly, TabularInline):
    model = Delivery
    extra = 0
    fields = ("at", "transport", "outcome", "detail")
    ordering = ("id",)


@admin.register(Notification)
class NotificationAdmin(ReadOnly, ModelAdmin):
    list_display = (
        "id",
        "recipient",
        "kind",
        "urgency",
        "created_at",
        "rung_at",
        "delivered_at",
        "seen_at",
        "receipted_at",
    )
    list_filter = ("urgency", "kind")
    list_select_related = ("recipient",)
    search_fields = ("recipient__full_name", "group_key")
    ordering = ("-id",)
    show_full_result_count = False
    inlines = (DeliveryInline,)
