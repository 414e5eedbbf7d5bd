"""The administration as a whole: who may enter, how it is laid out, how a row is named where one is chosen."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm
from unfold.sites import UnfoldAdminSite
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.actions.second_factor import pass_second_factor
from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from grid_backend.second_factor import TICKET
from grids.models import Appointment
from grids.scope import scope_of
from grids.scoped_admin import ScopedMixin

MAY_ENTER = (Can.MANAGE_AREA, Can.APPOINT_STAFF, Can.MANAGE_CATALOGUE, Can.DISPATCH_REPORT, Can.AUDIT_ACCESS)

# Group, then (app_model, icon of Material Symbols) of its pages.
PAGES: tuple[tuple[Any, tuple[tuple[str, str], ...]], ...] = (
    (
        _("Matters"),
        (
            ("reports_report", "assignment"),
            ("reports_changerequest", "pending_actions"),
            ("reports_supervisionorder", "notification_important"),
            ("reports_card", "style"),
            ("reports_requestermessage", "sms"),
            ("reports_announcement", "campaign"),
            ("reports_savedfilter", "filter_alt"),
        ),
    ),
    (
        _("Places and people"),
        (
            ("grids_area", "map"),
            ("accounts_user", "badge"),
            ("grids_appointment", "how_to_reg"),
            ("reports_deputy", "supervisor_account"),
            ("accounts_department", "account_tree"),
            ("grids_dutyshift", "nightlight"),
        ),
    ),
    (
        _("Households"),
        (
            ("households_household", "home"),
            ("households_building", "apartment"),
            ("households_colourchange", "rule_folder"),
            ("households_visit", "directions_walk"),
            ("households_importrun", "upload_file"),
        ),
    ),
    (
        _("Volunteers"),
        (
            ("volunteers_volunteerteam", "groups"),
            ("volunteers_volunteer", "volunteer_activism"),
            ("volunteers_registration", "how_to_reg"),
            ("volunteers_teamcall", "notifications_active"),
            ("volunteers_servicerecord", "work_history"),
            ("volunteers_creditentry", "stars"),
        ),
    ),
    (
        _("Rules"),
        (
            ("reports_catalogueitem", "menu_book"),
            ("reports_knowledgeentry", "lightbulb"),
            ("reports_routingrule", "alt_route"),
            ("reports_clockrule", "timer"),
            ("reports_messagetemplate", "edit_note"),
            ("reports_escalationstep", "stairs"),
            ("reports_cardrule", "rule"),
            ("reports_workingday", "calendar_month"),
            ("reports_workingperiod", "schedule"),
            ("volunteers_creditrule", "loyalty"),
            ("households_risklevel", "palette"),
            ("households_colourreason", "label"),
            ("households_suggestionrule", "tips_and_updates"),
            ("households_caretag", "sell"),
            ("households_specialgroup", "shield_person"),
        ),
    ),
    (
        _("System"),
        (
            ("notifications_notification", "notifications"),
            ("accounts_accesslog", "policy"),
            ("auditlog_logentry", "history"),
            ("axes_accessattempt", "lock_person"),
        ),
    ),
)


def may_enter(user: Any) -> bool:
    """Whether the administration opens for the person: what they hold decides, not a flag on the account."""
    if not isinstance(user, User) or not user.is_active:
        return False
    scope = scope_of(user)
    return any(scope.anywhere(can) for can in MAY_ENTER)


class LoginForm(AuthenticationForm):
    """The log-in of the administration; whoever may not enter is told so. Asks for the second factor in the same form,
    so that a password alone opens no half-way session."""

    code = forms.CharField(
        label=_("Code of the second factor"),
        required=False,
        max_length=40,
        help_text=_("Only if you have set one up."),
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "one-time-code", "inputmode": "text"}),
    )

    def confirm_login_allowed(self, user: Any) -> None:
        if not user.is_active or not may_enter(user):
            raise ValidationError(_("This account has no access to the administration."), code="no_access")
        request: Any = self.request
        try:
            pass_second_factor(request, user, self.cleaned_data.get("code", ""))
        except Problem as problem:
            words: Any = problem.sentence
            if problem.code == "second_factor_missing":
                request.session[TICKET] = problem.extra["ticket"]
                link = format_html('<a href="{}">{}</a>', reverse("second_factor"), _("Set it up now"))
                words = format_html("{} {}", words, link)
            raise ValidationError(words, code=problem.code) from problem


class NamedChoices(AutocompleteJsonView):
    """Looked-up rows with what tells namesakes apart: the code of a place, the username of a person."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        model_admin = admin.site._registry.get(type(obj))
        text = model_admin.choice_text(obj) if isinstance(model_admin, ScopedMixin) else str(obj)
        return {"id": str(getattr(obj, to_field_name)), "text": text}


class GridAdminSite(UnfoldAdminSite):
    login_form = LoginForm
    login_template = "admin/login_with_code.html"
    index_title = _("Overview")
    index_template = "admin/overview.html"
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        return may_enter(request.user)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The pages the person may open, and as what they are here."""
        held = Appointment.objects.filter(user=request.user, ended_at__isnull=True)  # type: ignore[misc]
        rows = held.select_related("area", "department").defer("area__geometry").order_by("id")
        posts = [f"{(row.area or row.department)} {row.get_role_display()}" for row in rows]
        return super().index(request, {"posts": posts, **(extra_context or {})})

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:
        return NamedChoices.as_view(admin_site=self)(request)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The pages the person may open, in their groups; a group without any is left out."""
    pages = {f"{model._meta.app_label}_{model._meta.model_name}": page for model, page in admin.site._registry.items()}
    groups: list[dict[str, Any]] = []
    for title, names in PAGES:
        items = [
            {"title": page.opts.verbose_name_plural, "icon": icon, "link": reverse(f"admin:{name}_changelist")}
            for name, icon in names
            if (page := pages.get(name)) is not None and page.has_view_permission(request)
        ]
        if items:
            groups.append({"title": title, "separator": bool(groups), "items": items})
    return groups
