"""Volunteers to look at, and their registrations to decide on."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from accounts.models import User
from core.masking import mask_phone
from volunteers.access import runs, visible_registrations, visible_volunteers
from volunteers.actions import people
from volunteers.admin.base import DeskAdmin, ReasonForm
from volunteers.models import Registration, Volunteer
from volunteers.models.vocabulary import RegistrationStatus

STATUS_COLOURS = {
    RegistrationStatus.ASKED: "warning",
    RegistrationStatus.CONFIRMED: "success",
    RegistrationStatus.DECLINED: "danger",
    RegistrationStatus.WITHDRAWN: "info",
    RegistrationStatus.ENDED: "info",
}


@admin.register(Volunteer)
class VolunteerAdmin(DeskAdmin):
    list_display = ("name", "display_name", "masked_phone", "unit", "party_member", "skills", "home")
    list_filter = ("party_member",)
    list_select_related = ("user", "home")
    search_fields = ("user__full_name", "unit", "skills")
    ordering = ("-id",)
    fields = (
        *("name", "display_name", "masked_phone", "unit", "party_member", "skills", "in_ranking", "home"),
        "created_at",
    )
    readonly_fields = ("name", "masked_phone")

    def visible(self, user: User) -> QuerySet[Volunteer]:
        return visible_volunteers(user)

    def choice_text(self, obj: Volunteer) -> str:
        return f"{obj.user.full_name} · {obj.user.username}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Volunteer]:
        return super().get_queryset(request).defer("home__geometry")

    @admin.display(description=_("volunteer"))
    def name(self, obj: Volunteer) -> str:
        return obj.user.full_name

    @admin.display(description=_("phone"))
    def masked_phone(self, obj: Volunteer) -> str:
        return mask_phone(obj.phone) or "–"


@admin.register(Registration)
class RegistrationAdmin(DeskAdmin):
    list_display = ("name", "community", "status_label", "asked_at", "decided_at", "ended_at")
    list_filter = (("status", ChoicesDropdownFilter),)
    list_select_related = ("volunteer__user", "community")
    search_fields = ("volunteer__user__full_name",)
    ordering = ("-id",)
    fields = (
        *("name", "community", "status", "asked_by", "asked_at", "decided_by", "decided_at", "ended_at"),
        "note",
    )
    readonly_fields = ("name",)
    actions_detail = ("confirm_page", "decline_page", "end_page")

    def visible(self, user: User) -> QuerySet[Registration]:
        return visible_registrations(user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Registration]:
        return super().get_queryset(request).defer("community__geometry")

    @admin.display(description=_("volunteer"))
    def name(self, obj: Registration) -> str:
        return obj.volunteer.user.full_name

    @display(description=_("status"), label=STATUS_COLOURS)
    def status_label(self, obj: Registration) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    def _may(self, request: HttpRequest, object_id: Any, status: str) -> bool:
        obj = self.get_object(request, str(object_id))
        user: Any = request.user
        return obj is not None and obj.status == status and runs(user, obj.community)

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, object_id, RegistrationStatus.ASKED)

    def has_end_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, object_id, RegistrationStatus.CONFIRMED)

    @action(description=_("Take in"), url_path="confirm", permissions=["decide"], icon="how_to_reg")
    def confirm_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.decide(request, object_id, _("Take in"), lambda user, pk, data: people.confirm(user, pk))

    @action(description=_("Decline"), url_path="decline", permissions=["decide"], icon="block")
    def decline_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.decide(
            request,
            object_id,
            _("Decline"),
            lambda user, pk, data: people.decline(user, pk, data["reason"]),
            ReasonForm,
        )

    @action(description=_("End the registration"), url_path="end", permissions=["end"], icon="logout")
    def end_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.decide(
            request,
            object_id,
            _("End the registration"),
            lambda user, pk, data: people.end(user, pk, data["reason"]),
            ReasonForm,
        )
