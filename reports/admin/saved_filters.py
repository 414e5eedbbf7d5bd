"""Saved filters, to look at: their owners keep them at the desk."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Can
from grids.scope import scope_of
from grids.scoped_admin import ScopedReadOnlyAdmin
from reports.actions.saved_filters import usable_filters
from reports.models import SavedFilter


@admin.register(SavedFilter)
class SavedFilterAdmin(ScopedReadOnlyAdmin):
    seen_with = (Can.DISPATCH_REPORT,)
    list_display = ("name", "of", "owner", "shared_with", "updated_at")
    list_filter = ("of",)
    search_fields = ("name",)
    ordering = ("-created_at", "-id")
    fields = ("name", "of", "query", "owner", "shared_area", "shared_department", "created_at", "updated_at")

    def visible(self, user: User) -> QuerySet[SavedFilter]:
        kept: Any = SavedFilter.objects.filter(deleted_at__isnull=True).select_related(
            "owner", "shared_area", "shared_department"
        )
        return kept.defer("shared_area__geometry") if scope_of(user).everything else usable_filters(user)

    @admin.display(description=_("shared with"))
    def shared_with(self, obj: SavedFilter) -> str:
        return str(obj.shared_area or obj.shared_department or "–")
