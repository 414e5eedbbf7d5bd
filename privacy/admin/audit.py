"""The list of the auditors in the administration: looked at and narrowed, nothing else."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import AccessLog
from accounts.roles import Can
from core.moment import is_plausible
from core.problems import Problem
from grids.scoped_admin import ScopedReadOnlyAdmin
from privacy.audit import Asked, AuditKind, page

PAGE = 50
SUBJECTS = {
    "resident": _("resident"),
    "household": _("household"),
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


def _row(entry: Any) -> dict[str, Any]:
    whom = urlencode({"subject": entry.subject, "whom": entry.subject_id})
    seen = entry.kind in (AuditKind.REVEAL, AuditKind.EXPORT, AuditKind.LOOKUP, AuditKind.ERASED)
    return {
        "entry": entry,
        "kind": AuditKind(entry.kind).label,
        "subject": SUBJECTS.get(entry.subject, entry.subject),
        "what": "、".join(str(WHAT.get(name, name)) for name in entry.fields),
        "whom": f"?{whom}" if seen and entry.subject_id else "",
        "by": "?" + urlencode({"who": entry.who}) if entry.who else "",
    }
