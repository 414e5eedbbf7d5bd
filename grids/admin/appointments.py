"""Appointments: made, and ended; never edited, never deleted."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from accounts.models import User
from accounts.roles import Can, Role
from core.admin import ActionForm
from core.problems import Problem, catalogue
from grids.actions.appointments import appoint, withdraw
from grids.appointing import appointable_roles, managed_appointments, may_appoint, may_change_appointment
from grids.leaving import open_work
from grids.models import Appointment, Area
from grids.scoped_admin import ScopedAdmin

catalogue(
    {
        "above_own_level": (403, _("You may not give this role here.")),
        "not_to_yourself": (403, _("Nobody appoints themselves.")),
        "place_missing": (400, _("Choose an area or a department, not both.")),
        "charge_taken": (409, _("%(name)s is in charge here already.")),
    }
)


def role_choices(user: User) -> list[tuple[str, Any]]:
    """The roles the person may give, in the order of the role list."""
    allowed = appointable_roles(user)
    return [("", "—"), *((value, label) for value, label in Role.choices if value in allowed)]


def appoint_by(by: User, person: User, data: dict[str, Any]) -> Appointment:
    """Appoint within what `by` may give.

    `data` holds role, area or department, in_charge, on_duty. Raises `place_missing`, `not_to_yourself`,
    `above_own_level`, `charge_taken` and what `appoint` raises.
    """
    area, department = data.get("area"), data.get("department")
    node = area or department
    if node is None or (area and department):
        raise Problem("place_missing", "area")
    if person.pk == by.pk and not by.is_superuser:
        raise Problem("not_to_yourself", "user")
    if not may_appoint(by, data["role"], node):
        raise Problem("above_own_level", "role")
    if data.get("in_charge"):
        if not isinstance(node, Area):
            raise Problem("place_missing", "area")
        there = Appointment.objects.filter(area=node, in_charge=True, ended_at__isnull=True).select_related("user")
        if holder := there.first():
            raise Problem("charge_taken", "in_charge", params={"name": str(holder.user)})
    return appoint(person, data["role"], node, in_charge=bool(data.get("in_charge")), on_duty=bool(data.get("on_duty")))


def left_in_hand(person: User) -> str:
    """What the person still has in hand, with the page that moves it; empty if nothing."""
    count = open_work(person)
    if not count:
        return ""
    words = _("%(name)s still has %(count)s open duties in hand.") % {"name": person, "count": count}
    url = reverse("admin:accounts_user_hand_over_page", args=(person.pk,))
    return format_html('{} <a href="{}" class="text-primary-600">{}</a>', words, url, _("Hand the open duties over"))


class AppointmentForm(ActionForm):
    class Meta:
        model = Appointment
        fields = ("user", "role", "area", "department", "in_charge", "on_duty")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            field: Any = self.fields["role"]
            field.choices = role_choices(self.request.user)  # type: ignore[arg-type]
        for name in ("area", "department"):
            if name in self.fields:
                choice: Any = self.fields[name]
                choice.queryset = choice.queryset.filter(is_active=True)

    def _get_validation_exclusions(self) -> set[str]:
        # The table's constraints speak of rows that do not exist yet; the action refuses in better words.
        return {*super()._get_validation_exclusions(), "area", "department", "user"}  # type: ignore[misc]

    def act(self, data: dict[str, Any]) -> Appointment:
        return appoint_by(self.request.user, data["user"], data)  # type: ignore[arg-type]


class InForceFilter(admin.SimpleListFilter):
    title = _("in force")
    parameter_name = "ended"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("in force")), ("yes", _("ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Appointment]) -> QuerySet[Appointment]:
        return queryset.filter(ended_at__isnull=self.value() == "no") if self.value() in ("yes", "no") else queryset


@admin.register(Appointment)
class AppointmentAdmin(ScopedAdmin):
    form = AppointmentForm
    seen_with = (Can.APPOINT_STAFF,)
    changed_with = Can.APPOINT_STAFF
    list_display = ("user", "role_name", "place", "in_charge", "on_duty", "started_at", "state")
    list_select_related = ("user", "area", "department")
    list_filter = (InForceFilter, ("role", ChoicesDropdownFilter), "in_charge", "on_duty")
    search_fields = ("user__full_name", "user__username", "area__name", "area__code", "department__name")
    autocomplete_fields = ("user", "area", "department")
    ordering = ("-started_at", "-id")
    actions_detail = ("withdraw_page",)

    def visible(self, user: User) -> QuerySet[Appointment]:
        return managed_appointments(user).defer("area__geometry")

    def may_change(self, user: User, obj: Appointment) -> bool:
        # Who held what, and when, is history; it is ended and made anew, not edited.
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = ("user", "role", "area", "department", "in_charge", "on_duty")
        return fields if obj is None else (*fields, "started_at", "ended_at")

    @admin.display(description=_("role"), ordering="role")
    def role_name(self, obj: Appointment) -> str:
        return obj.get_role_display()

    @admin.display(description=_("place"))
    def place(self, obj: Appointment) -> str:
        node: Any = obj.area or obj.department
        return str(node.name)

    @display(description=_("state"), label={"running": "success", "ended": "info"})
    def state(self, obj: Appointment) -> tuple[str, Any]:
        return ("ended", _("ended")) if obj.ended_at else ("running", _("in force"))

    def has_withdraw_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        obj = self.get_object(request, str(object_id))
        user: Any = request.user
        return obj is not None and obj.ended_at is None and may_change_appointment(user, obj)

    @action(description=_("End the appointment"), url_path="withdraw", permissions=["withdraw"], icon="person_remove")
    def withdraw_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        obj = self.get_object(request, object_id)
        return self.step_page(
            request,
            object_id,
            title=_("End the appointment"),
            question=format_html(
                "{} {}",
                _("The person loses every right this appointment gives. It stays in the history."),
                left_in_hand(obj.user) if obj is not None else "",
            ),
            button=_("End the appointment"),
            done=_("The appointment has ended."),
            act=lambda obj, _data: withdraw(obj),
        )
