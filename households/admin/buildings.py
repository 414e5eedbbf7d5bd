"""Buildings of the own area."""

from typing import Any

from auditlog.registry import auditlog
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from accounts.models import User
from accounts.roles import Can
from core.masking import mask_name, mask_phone
from grids.scoped_admin import ScopedReadOnlyAdmin
from households.access import visible_buildings
from households.api.output import with_size
from households.models import Building

# Who heads a building is never written into the trail.
auditlog.register(Building, exclude_fields=["head_name", "head_phone"])


@admin.register(Building)
class BuildingAdmin(ScopedReadOnlyAdmin):
    seen_with = (Can.VIEW_HOUSEHOLDS,)
    list_display = ("name", "grid", "community", "units", "floors", "size", "head", "party_group", "is_active")
    list_filter = ("is_active",)
    search_fields = ("estate", "number")
    ordering = ("id",)
    sortable_by = ()
    paginator = InfinitePaginator
    show_full_result_count = False
    fields = (
        *("name", "grid", "community", "street", "units", "floors", "lng", "lat", "size", "head", "head_number"),
        *("party_group", "is_active"),
    )

    def visible(self, user: User) -> QuerySet[Building]:
        return visible_buildings(user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Building]:
        return with_size(super().get_queryset(request))

    @admin.display(description=_("building"))
    def name(self, obj: Building) -> str:
        return str(obj)

    @admin.display(description=_("households"))
    def size(self, obj: Any) -> int:
        return int(obj.size)

    @admin.display(description=_("building head"))
    def head(self, obj: Building) -> str:
        return mask_name(obj.head_name) or "–"

    @admin.display(description=_("phone"))
    def head_number(self, obj: Building) -> str:
        return mask_phone(obj.head_phone) or "–"
