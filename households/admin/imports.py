"""One's own imports: a workbook is sent, looked through with its faults, and written or discarded."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminFileFieldWidget

from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from grids.scoped_admin import ScopedReadOnlyAdmin, demand
from households.actions.imports import apply_import, discard_import, start_import, visible_imports
from households.api.imports import sentence_of, workbook
from households.models import CareTag, ImportFault, ImportRun
from households.models.imports import ImportState
from households.sheet_template import template

STATE_COLOURS = {
    ImportState.WAITING: "info",
    ImportState.CHECKED: "warning",
    ImportState.APPLYING: "info",
    ImportState.DONE: "success",
    ImportState.FAILED: "danger",
    ImportState.DISCARDED: "",
}
FAULTS_SHOWN = 1000
# The sheet of the administration collapses borders, so that only a padding parts the columns.
FAULT = (
    '<tr><td style="padding-right:1rem">{}</td><td style="padding-right:1rem;white-space:nowrap">{}</td>'
    "<td>{}</td></tr>"
)


class UploadForm(forms.Form):
    file = forms.FileField(label=_("workbook"), widget=UnfoldAdminFileFieldWidget())


@admin.register(ImportRun)
class ImportRunAdmin(ScopedReadOnlyAdmin):
    seen_with = (Can.IMPORT_HOUSEHOLDS,)
    keeps_own_history = True
    list_display = ("file_name", "made_at", "state_label", "rows", "fault_count", "households_new", "residents_new")
    ordering = ("-made_at", "-id")
    sortable_by = ()
    paginator = InfinitePaginator
    show_full_result_count = False
    fields = (
        *("file_name", "made_at", "state", "rows", "position", "buildings_new"),
        *("households_new", "households_changed", "households_same"),
        *("residents_new", "residents_changed", "residents_same", "fault_count", "fault_list", "finished_at"),
    )
    actions_list = ("upload_page", "template_page")
    actions_detail = ("apply_page", "good_rows_page", "discard_page")

    def visible(self, user: User) -> QuerySet[ImportRun]:
        return visible_imports(user)

    @display(description=_("state"), label=STATE_COLOURS)
    def state_label(self, obj: ImportRun) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @admin.display(description=_("faults by row"))
    def fault_list(self, obj: ImportRun) -> str:
        faults = ImportFault.objects.filter(run=obj).order_by("row", "pk")[:FAULTS_SHOWN]
        told = ((one.row, one.column, sentence_of(one)) for one in faults)
        rows = format_html_join("", FAULT, told)
        if not rows:
            return "–"
        return format_html(
            '<table style="text-align:left;vertical-align:top">{}{}</table>',
            format_html(FAULT.replace("td", "th"), _("row"), _("column"), _("fault")),
            rows,
        )

    def has_write_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        obj = self.get_object(request, str(object_id))
        return obj is not None and obj.state == ImportState.CHECKED and not obj.fault_count

    def has_choose_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        obj = self.get_object(request, str(object_id))
        return obj is not None and obj.state == ImportState.CHECKED and bool(obj.fault_count) and not obj.cut

    def has_discard_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        obj = self.get_object(request, str(object_id))
        return obj is not None and obj.state in (ImportState.WAITING, ImportState.CHECKED)

    @action(description=_("Import a workbook"), url_path="upload", icon="upload")
    def upload_page(self, request: HttpRequest) -> HttpResponse:
        """GET asks for a workbook; POST has it checked and shows what was found. Nothing is written yet."""
        demand(self.has_module_permission(request))
        posted = request.method == "POST"
        form = UploadForm(request.POST, request.FILES) if posted else UploadForm()
        if posted and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                run, _new = start_import(_person(request), uuid4(), file.name, file.read())
            except Problem as problem:
                form.add_error("file", problem.sentence)
            else:
                return HttpResponseRedirect(reverse(f"{self._name()}_change", args=(run.pk,)))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import a workbook"),
            "opts": self.opts,
            "form": form,
            "question": _("It is checked first: every bad row is named, and nothing is written until you say so."),
            "button": _("Check"),
            "back": reverse(f"{self._name()}_changelist"),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/list_step.html", context)

    @action(description=_("Template"), url_path="template", icon="description")
    def template_page(self, request: HttpRequest) -> HttpResponse:
        demand(self.has_module_permission(request))
        tags = CareTag.objects.filter(is_active=True).order_by("pk").values_list("name", flat=True)
        return workbook(template(list(tags)), "households-template")

    @action(description=_("Write"), url_path="apply", permissions=["write"], icon="check")
    def apply_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_page(
            request,
            object_id,
            title=_("Write"),
            question=_("All rows are good. They are written now; a large workbook takes some minutes."),
            button=_("Write"),
            done=_("Done, or under way: the page of the import says how far it is."),
            act=lambda obj, _data: apply_import(_person(request), obj.pk),
        )

    @action(description=_("Take the good rows"), url_path="good_rows", permissions=["choose"], icon="rule")
    def good_rows_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_page(
            request,
            object_id,
            title=_("Take the good rows"),
            question=_("The bad rows are left out and stay named here; the others are written."),
            button=_("Take the good rows"),
            done=_("Done, or under way: the page of the import says how far it is."),
            act=lambda obj, _data: apply_import(_person(request), obj.pk, take_good_rows=True),
        )

    @action(description=_("Discard"), url_path="discard", permissions=["discard"], icon="delete")
    def discard_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_page(
            request,
            object_id,
            title=_("Discard"),
            question=_("Nothing of it is written, and the file is deleted."),
            button=_("Discard"),
            done=_("Done."),
            act=lambda obj, _data: discard_import(_person(request), obj.pk),
        )

    def _name(self) -> str:
        return f"{self.admin_site.name}:households_importrun"


def _person(request: HttpRequest) -> User:
    user: Any = request.user
    return user
