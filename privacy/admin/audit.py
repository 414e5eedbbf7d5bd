"""The list of the auditors in the administration: looked at and narrowed, nothing else."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import AccessLog
from accounts.roles import Can
from core.moment import is_plausible
from core.problems import Problem
from grids.scoped_admin import ScopedReadOnlyAdmin
from households.models import Household, Resident
from privacy.audit import Asked, AuditKind, Entry, page
from reports.models import Requester

PAGE = 50
SUBJECTS = {
    "resident": _("resident"),
    "household": _("household"),
    "households": _("export of households"),
    "building": _("building"),
    "requester": _("requester"),
    "volunteer": _("volunteer"),
    "caller": _("caller"),
    "phone": _("phone"),
    "document": _("document number"),
    "appointment": _("appointment"),
    "account": _("account"),
}
WHAT = {
    "name": _("a person's name"),
    "phone": _("phone"),
    "document": _("document number"),
    "birth_date": _("birth date"),
    "door": _("door"),
    "head_name": _("building head"),
    "head_phone": _("phone of the building head"),
}
CONDITIONS = {
    "grid": _("grid"),
    "community": _("community"),
    "street": _("street"),
    "building": _("building"),
    "colour": _("risk level"),
    "occupancy": _("occupancy"),
    "tag": _("care tag"),
    "due_by": _("next visit due"),
    "ended": _("ended"),
}
ERASABLE = {"household": Household, "resident": Resident, "requester": Requester}
MOMENT = {"type": "datetime-local"}


class AuditFilterForm(forms.Form):
    """What to narrow the list to; all of it in the address, so that a finding can be passed on."""

    kind = forms.ChoiceField(
        label=_("kind"), choices=[("", "—"), *AuditKind.choices], required=False, widget=UnfoldAdminSelectWidget()
    )
    who = forms.CharField(
        label=_("who (user name)"), required=False, max_length=150, widget=UnfoldAdminTextInputWidget()
    )
    subject = forms.ChoiceField(
        label=_("subject"), choices=[("", "—"), *SUBJECTS.items()], required=False, widget=UnfoldAdminSelectWidget()
    )
    whom = forms.CharField(
        label=_("whom (id or user name)"), required=False, max_length=150, widget=UnfoldAdminTextInputWidget()
    )
    since = forms.DateTimeField(label=_("from this time on"), required=False, widget=UnfoldAdminTextInputWidget(MOMENT))
    until = forms.DateTimeField(label=_("until this time"), required=False, widget=UnfoldAdminTextInputWidget(MOMENT))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("since", "until"):
            if data.get(name) and not is_plausible(data[name]):
                self.add_error(name, _("The request is not valid."))
        return data

    def asked(self) -> Asked:
        said = self.cleaned_data if self.is_valid() else {}
        return Asked(
            kinds=frozenset({said["kind"]} if said.get("kind") else ()),
            who=said.get("who", ""),
            whom=said.get("whom", ""),
            subject=said.get("subject", ""),
            since=said.get("since"),
            until=said.get("until"),
        )


@admin.register(AccessLog)
class AuditAdmin(ScopedReadOnlyAdmin):
    """The whole list stands where the list of looks would; single rows have no page of their own."""

    seen_with = (Can.AUDIT_ACCESS,)
    exclude = ("request_id",)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        raise PermissionDenied

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        raise PermissionDenied

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        if request.method != "GET" or not self.has_view_permission(request):
            raise PermissionDenied
        user: Any = request.user
        form = AuditFilterForm(request.GET)
        asked = form.asked()
        try:
            entries, cursor = page(user, asked, request.GET.get("cursor", ""), PAGE)
        except Problem as problem:
            if problem.code != "bad_cursor":
                raise PermissionDenied from problem
            entries, cursor = page(user, asked, "", PAGE)
        said = {name: value for name, value in request.GET.items() if name != "cursor" and value}
        context = {
            **self.admin_site.each_context(request),
            "title": _("Audit records"),
            "opts": self.opts,
            "form": form,
            "rows": [_row(entry) for entry in entries],
            "next": "?" + urlencode(said | {"cursor": cursor}) if cursor else "",
            "narrowed": bool(said),
            "media": self.media + form.media,
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/audit.html", context)


def _row(entry: Entry) -> dict[str, Any]:
    whom = urlencode({"subject": entry.subject, "whom": entry.subject_id})
    seen = entry.kind in (AuditKind.REVEAL, AuditKind.EXPORT, AuditKind.LOOKUP, AuditKind.ERASED)
    return {
        "entry": entry,
        "kind": AuditKind(entry.kind).label,
        "subject": SUBJECTS.get(entry.subject, entry.subject),
        "what": _what(entry),
        "asked": _asked(entry.asked),
        "whom": f"?{whom}" if seen and entry.subject_id else "",
        "by": "?" + urlencode({"who": entry.who}) if entry.who else "",
    }


def _what(entry: Entry) -> str:
    """The columns in words; a hash goes with what it is of."""
    names = (name for name in entry.fields if not name.endswith("_hash"))
    return "、".join(dict.fromkeys(_column(ERASABLE.get(entry.subject), name) for name in names))


def _column(model: type[Model] | None, name: str) -> str:
    """As people call a column: one of `WHAT`, of the model, or `Model.column` of another one."""
    other, _dot, column = name.rpartition(".")
    if other:
        model = next((one for one in apps.get_models() if one._meta.object_name == other), None)
    elif name in WHAT:
        return str(WHAT[name])
    try:
        words = str(model._meta.get_field(column).verbose_name) if model else name  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name
    return f"{model._meta.verbose_name}·{words}" if other and model else words


def _asked(asked: dict[str, Any] | None) -> str:
    """Whether an export was masked, and what it was narrowed to."""
    if asked is None:
        return ""
    said = asked.get("conditions") or {}
    masked = _("masked") if asked.get("masked") else _("in full")
    values = ((name, "、".join(value) if isinstance(value, list) else value) for name, value in said.items())
    return " · ".join([str(masked), *(f"{CONDITIONS.get(name, name)} {value}" for name, value in values)])
