"""Households of the own area as a workbook, from their list."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts.roles import Can
from core.problems import Problem
from grids.models import Area
from grids.scope import scope_of
from grids.scoped_admin import demand
from households.api.imports import exported
from households.models import CareTag
from households.models.vocabulary import Occupancy

LEVELS = (Area.Level.GRID, Area.Level.COMMUNITY, Area.Level.STREET)


class ExportForm(forms.Form):
    """Which households, in full or not, and why."""

    area = forms.CharField(
        label=_("area"),
        max_length=20,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("code of a grid, community or street; empty: all you may export"),
    )
    occupancy = forms.MultipleChoiceField(
        label=_("occupancy"),
        choices=Occupancy.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    tag = forms.ModelChoiceField(
        label=_("care tag"),
        queryset=CareTag.objects.order_by("pk"),
        to_field_name="code",
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )
    full = forms.BooleanField(
        label=_("in full"),
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text=_("Names, numbers and doors unmasked; only for those who may."),
    )
    reason = forms.CharField(label=_("reason"), max_length=200, widget=UnfoldAdminTextInputWidget())

    def clean_area(self) -> dict[str, str]:
        code = self.cleaned_data["area"].strip()
        if not code:
            return {}
        level = Area.objects.filter(code=code, level__in=LEVELS).values_list("level", flat=True).first()
        if level is None:
            raise forms.ValidationError(Problem("unknown_place").sentence)
        return {level: code}

    def asked(self) -> dict[str, Any]:
        """The conditions, as the list of households takes them."""
        said = self.cleaned_data
        tag = {"tag": said["tag"].code} if said["tag"] else {}
        occupancy = {"occupancy": said["occupancy"]} if said["occupancy"] else {}
        return {**said["area"], **occupancy, **tag}


class ExportPage:
    """The page behind the button of a list."""

    admin_site: Any
    opts: Any

    def has_export_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return scope_of(user).anywhere(Can.EXPORT_HOUSEHOLDS)

    @action(description=_("Export"), url_path="export", permissions=["export"], icon="download")
    def export_page(self, request: HttpRequest) -> HttpResponseBase:
        """GET asks which and why, POST answers with the workbook; the export is on record."""
        demand(self.has_export_permission(request))
        form = ExportForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            try:
                return exported(request.user, form.asked(), said["reason"], full=said["full"])
            except Problem as problem:
                form.add_error(problem.field if problem.field in form.fields else None, problem.sentence)
            except ValidationError as exc:
                form.add_error(None, str(exc))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Export households"),
            "opts": self.opts,
            "form": form,
            "question": _("The export goes on record, with you, the time, the conditions, the rows and why."),
            "button": _("Export"),
            "back": reverse(f"{self.admin_site.name}:households_household_changelist"),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/list_step.html", context)
