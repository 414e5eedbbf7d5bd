"""Service records to confirm, or not."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from accounts.models import User
from volunteers.access import runs, visible_records
from volunteers.actions import records
from volunteers.admin.base import DeskAdmin, ReasonForm
from volunteers.models import ServiceRecord
from volunteers.models.vocabulary import RecordStatus

STATUS_COLOURS = {
    RecordStatus.PROPOSED: "warning",
    RecordStatus.CONFIRMED: "success",
    RecordStatus.DECLINED: "danger",
}


@admin.register(ServiceRecord)
class ServiceRecordAdmin(DeskAdmin):
    list_display = ("name", "kind", "date", "length", "place", "status_label", "corrects")
    list_filter = (("status", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter))
    list_select_related = ("volunteer__user", "corrects")
    search_fields = ("volunteer__user__full_name", "place")
    ordering = ("-id",)
    fields = (
        *("name", "community", "kind", "date", "length", "place", "description", "corrects", "status"),
        *("proposed_by", "proposed_at", "decided_by", "decided_at", "note"),
    )
    readonly_fields = ("name", "length")
    actions_detail = ("confirm_page", "decline_page")

    def visible(self, user: User) -> QuerySet[ServiceRecord]:
        return visible_records(user)

    @admin.display(description=_("volunteer"))
    def name(self, obj: ServiceRecord) -> str:
        return obj.volunteer.user.full_name

    @admin.display(description=_("hours"))
    def length(self, obj: ServiceRecord) -> str:
        return f"{obj.hours:g}"

    @display(description=_("status"), label=STATUS_COLOURS)
    def status_label(self, obj: ServiceRecord) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        obj = self.get_object(request, str(object_id))
        user: Any = request.user
        return (
            obj is not None
            and obj.status == RecordStatus.PROPOSED
            and runs(user, obj.community)
            and user.pk not in (obj.proposed_by_id, obj.volunteer.user_id)
        )

    @action(description=_("Confirm"), url_path="confirm", permissions=["decide"], icon="check")
    def confirm_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.decide(request, object_id, _("Confirm"), lambda user, pk, data: records.confirm(user, pk))

    @action(description=_("Decline"), url_path="decline", permissions=["decide"], icon="block")
    def decline_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.decide(
            request,
            object_id,
            _("Decline"),
            lambda user, pk, data: records.decline(user, pk, data["reason"]),
            ReasonForm,
        )
