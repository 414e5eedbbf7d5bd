"""The duty roster: turns entered one by one or from a workbook, called off, never deleted."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from accounts.models import User
from accounts.roles import Can
from core.admin import ActionForm
from core.moment import now
from core.problems import Problem
from core.workbooks import XLSX
from grids.actions.duty import Turn, call_off, node_of, put_shift
from grids.duty import may_roster, may_roster_anywhere, visible_shifts
from grids.duty_excel import Imported, export_roster, import_roster
from grids.models import DutyShift
from grids.scoped_admin import ScopedAdmin, demand

MAX_WORKBOOK = 2 * 1024 * 1024
MAX_EXPORT = 5_000


class ShiftForm(ActionForm):
    class Meta:
        model = DutyShift
        fields = ("area", "department", "role", "starts_at", "ends_at", "phone")

    username = forms.CharField(label=_("username"), max_length=150, widget=UnfoldAdminTextInputWidget())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "username" in self.fields and not self.instance._state.adding:
            self.fields["username"].initial = self.initial["username"] = self.instance.person.username

    def _get_validation_exclusions(self) -> set[str]:
        # The table's constraints are refused by the action, in better words.
        own = {"area", "department", "starts_at", "ends_at"}
        return {*super()._get_validation_exclusions(), *own}  # type: ignore[misc]

    def act(self, data: dict[str, Any]) -> DutyShift:
        user: Any = self.request.user
        area, department = data.get("area"), data.get("department")
        node = area or department
        if node is None or (area and department):
            raise Problem("duty_one_place", "area")
        person = User.objects.filter(username=data["username"], is_active=True).first()
        if person is None:
            raise Problem("unknown_person", "username")
        turn = Turn(node, person, data["starts_at"], data["ends_at"], data["role"], data["phone"])
        there = None if self.instance._state.adding else self.unchanged()
        row, _new = put_shift(
            user, there.pk if there else uuid4(), turn, version=there.version if there is not None else None
        )
        return row

    def refuse(self, problem: Problem) -> None:
        if problem.field == "person":
            self.add_error("username", problem.sentence)
        else:
            super().refuse(problem)


class WhenFilter(admin.SimpleListFilter):
    title = _("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("now")), ("ahead", _("now and ahead")), ("over", _("over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DutyShift]) -> QuerySet[DutyShift]:
        moment = now()
        if self.value() == "now":
            return queryset.filter(starts_at__lte=moment, ends_at__gt=moment)
        if self.value() == "ahead":
            return queryset.filter(ends_at__gt=moment)
        return queryset.filter(ends_at__lte=moment) if self.value() == "over" else queryset


class RosterForm(forms.Form):
    file = forms.FileField(label=_("workbook"), widget=UnfoldAdminFileFieldWidget())
    dry_run = forms.BooleanField(
        label=_("only try"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget(),
        help_text=_("Says what would happen and enters nothing."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_WORKBOOK:
            raise forms.ValidationError(Problem("body_too_large").sentence)
        return file


@admin.register(DutyShift)
class DutyShiftAdmin(ScopedAdmin):
    form = ShiftForm
    seen_with = (Can.DISPATCH_REPORT, Can.MANAGE_AREA)
    changed_with = Can.DISPATCH_REPORT
    list_display = ("person", "place", "role_label", "starts_at", "ends_at", "phone", "state")
    list_select_related = ("person", "area", "department")
    list_filter = (WhenFilter, ("role", ChoicesDropdownFilter))
    search_fields = ("person__full_name", "person__username", "area__name", "department__name")
    autocomplete_fields = ("area", "department")
    ordering = ("-starts_at", "-id")
    actions_list = ("import_page", "export_page")
    actions_detail = ("call_off_page",)

    def visible(self, user: User) -> QuerySet[DutyShift]:
        return visible_shifts(user).defer("area__geometry")

    def may_change(self, user: User, obj: DutyShift) -> bool:
        return obj.cancelled_at is None and obj.ends_at > now() and may_roster(user, node_of(obj))

    def may_add(self, user: User) -> bool:
        return may_roster_anywhere(user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user: Any = request.user
        if not self.has_module_permission(request):
            return False
        return may_roster_anywhere(user) if obj is None else self._sees(request, obj) and self._changes(user, obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = ("area", "department", "username", "role", "starts_at", "ends_at", "phone")
        if obj is None:
            return fields
        if not self.has_change_permission(request, obj):
            fields = ("area", "department", "person", "role", "starts_at", "ends_at", "phone")
        return (*fields, "made_by", "made_at", "cancelled_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("made_by", "made_at", "cancelled_at")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, change=change, **kwargs)

    @admin.display(description=_("place"))
    def place(self, obj: DutyShift) -> str:
        return str(node_of(obj))

    @admin.display(description=_("role on duty"), ordering="role")
    def role_label(self, obj: DutyShift) -> str:
        return obj.get_role_display()

    @display(description=_("state"), label={"on": "success", "ahead": "info", "over": "warning", "off": "danger"})
    def state(self, obj: DutyShift) -> tuple[str, Any]:
        moment = now()
        if obj.cancelled_at is not None:
            return "off", _("called off")
        if obj.ends_at <= moment:
            return "over", _("over")
        return ("ahead", _("ahead")) if obj.starts_at > moment else ("on", _("on duty"))

    def has_call_off_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        obj = self.get_object(request, str(object_id))
        return obj is not None and self.has_change_permission(request, obj)

    @action(description=_("Call the shift off"), url_path="call-off", permissions=["call_off"], icon="event_busy")
    def call_off_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user: Any = request.user
        return self.step_page(
            request,
            object_id,
            title=_("Call the shift off"),
            question=_("Nobody is on duty in its stead until another shift is entered. It stays in the history."),
            button=_("Call the shift off"),
            done=_("The shift has been called off."),
            act=lambda obj, _data: call_off(user, obj.pk, version=obj.version),
        )

    @action(description=_("Import"), url_path="import", icon="upload")
    def import_page(self, request: HttpRequest) -> HttpResponse:
        """GET asks for a workbook, POST tries or enters it; every bad row is named on the same page."""
        user: Any = request.user
        demand(self.has_module_permission(request) and may_roster_anywhere(user))
        posted = request.method == "POST"
        form = RosterForm(request.POST, request.FILES) if posted else RosterForm()
        result: Imported | None = None
        if posted and form.is_valid():
            dry_run = form.cleaned_data["dry_run"]
            try:
                result = import_roster(user, form.cleaned_data["file"].read(), dry_run=dry_run)
            except Problem as problem:
                form.add_error("file", problem.sentence)
            else:
                if result.applied:
                    said = {"new": result.new, "changed": result.changed}
                    messages.success(request, _("Entered %(new)s new shifts, changed %(changed)s.") % said)
                    return HttpResponseRedirect(self._list_url())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import a duty roster"),
            "opts": self.opts,
            "form": form,
            "result": result,
            "back": self._list_url(),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/roster_import.html", context)

    @action(description=_("Export"), url_path="export", icon="download")
    def export_page(self, request: HttpRequest) -> HttpResponse:
        """The turns in sight that are not over, as a workbook that can be imported again."""
        user: Any = request.user
        demand(self.has_module_permission(request))
        ahead = Q(cancelled_at__isnull=True, ends_at__gt=now())
        rows = self.visible(user).filter(ahead).select_related("person", "area", "department")
        data = export_roster(reversed(rows.order_by("-starts_at", "-id")[:MAX_EXPORT]))
        return HttpResponse(
            data, content_type=XLSX, headers={"Content-Disposition": 'attachment; filename="duty.xlsx"'}
        )

    def _list_url(self) -> str:
        return reverse(f"{self.admin_site.name}:grids_dutyshift_changelist")
