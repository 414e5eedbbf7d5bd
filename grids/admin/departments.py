"""Departments: the own committee and its units; the whole tree for those who manage the city."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from accounts.actions.departments import add_department, change_department
from accounts.models import Department, User
from accounts.roles import Can
from core.admin import ActionForm
from core.problems import Problem, catalogue
from grids.admin.areas import AreaChangeList
from grids.appointing import managed_departments, manages_everywhere
from grids.models import Appointment, Area
from grids.scope import scope_of
from grids.scoped_admin import ScopedAdmin, demand

catalogue({"only_units": (403, _("Below your own office you may only add units."))})


class DepartmentChangeList(AreaChangeList):
    tree = Department
    first_depth = 1


class DepartmentForm(ActionForm):
    class Meta:
        model = Department
        fields = ("code", "name", "kind", "is_active")

    parent: Any = forms.ModelChoiceField(Department.objects.none())  # its rows are set for the person who asks

    def act(self, data: dict[str, Any]) -> Department:
        user: Any = self.request.user
        if self.instance.pk:
            department = self.unchanged()
            return change_department(
                department, name=data["name"], is_active=data.get("is_active", department.is_active)
            )
        parent = data["parent"]
        if not manages_everywhere(user):
            demand(parent is not None and managed_departments(user).filter(pk=parent.pk).exists())
            if data["kind"] != Department.Kind.UNIT:
                raise Problem("only_units", "kind")
        return add_department(data["code"], data["name"], data["kind"], parent)


@admin.register(Department)
class DepartmentAdmin(ScopedAdmin):
    form = DepartmentForm
    seen_with = (Can.MANAGE_AREA, Can.APPOINT_STAFF)
    changed_with = Can.MANAGE_AREA
    list_display = ("name", "code", "kind_name", "lies_in", "state")
    list_filter = (("kind", ChoicesDropdownFilter), "is_active")
    search_fields = ("name", "code")
    ordering = ("path",)

    def visible(self, user: User) -> QuerySet[Department]:
        return managed_departments(user)

    def choice_text(self, obj: Department) -> str:
        return f"{obj.name} · {obj.code}"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[AreaChangeList]:
        return DepartmentChangeList

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("parent", "code", "name", "kind")
        return ("name", "code", "kind", "lies_below", "office_of", "is_active")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        user: Any = request.user
        # The own office is closed by whoever stands above it.
        closing = () if self._below_own_office(user, obj) else ("is_active",)
        return ("code", "kind", "lies_below", "office_of", *closing)

    def _below_own_office(self, user: User, obj: Department) -> bool:
        if manages_everywhere(user):
            return True
        own = {held.id for held in scope_of(user).departments.get(Can.MANAGE_AREA, [])}
        held = [area.id for area in scope_of(user).areas.get(Can.MANAGE_AREA, [])]
        own |= set(Area.objects.filter(pk__in=held).values_list("office_id", flat=True)) - {None}
        return obj.pk not in own

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is not None:
            form.base_fields.pop("parent", None)
        elif "parent" in form.base_fields:
            user: Any = request.user
            form.base_fields["parent"] = self.chooser(
                Appointment,
                "department",
                request,
                managed_departments(user).filter(is_active=True),
                _("lies below"),
                required=not manages_everywhere(user),
            )
        return form

    @admin.display(description=_("kind"), ordering="kind")
    def kind_name(self, obj: Department) -> str:
        return obj.get_kind_display()

    @admin.display(description=_("lies below"))
    def lies_in(self, obj: Any) -> str:
        return " / ".join(obj.lies_in) or "–"

    @admin.display(description=_("lies below"))
    def lies_below(self, obj: Department) -> str:
        return " / ".join(Department.objects.get_ancestors(obj).values_list("name", flat=True)) or "–"

    @admin.display(description=_("office of the area"))
    def office_of(self, obj: Department) -> str:
        return Area.objects.filter(office=obj).values_list("name", flat=True).first() or "–"

    @display(description=_("state"), label={"on": "success", "off": "info"}, ordering="is_active")
    def state(self, obj: Department) -> tuple[str, Any]:
        return ("on", _("in use")) if obj.is_active else ("off", _("closed"))
