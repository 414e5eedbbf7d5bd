"""Announcements to the people of an area: drafted, published, withdrawn. Departments write theirs at the desk."""

from typing import Any

from auditlog.registry import auditlog
from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.models import User
from accounts.roles import Can
from core.admin import ActionForm, StepForm
from core.problems import Problem
from grids.scoped_admin import ScopedAdmin
from reports.actions.announcements import (
    Draft,
    change_announcement,
    draft_announcement,
    may_announce,
    node_of,
    publish_announcement,
    withdraw_announcement,
)
from reports.announcements import counts, looked_after
from reports.models import Announcement

auditlog.register(Announcement)
FIELDS = ("area", "role", "title", "body", "needs_receipt", "valid_from", "valid_until")
STATE_WORDS = {"draft": _("draft"), "published": _("published"), "withdrawn": _("withdrawn")}


class AnnouncementForm(ActionForm):
    class Meta:
        model = Announcement
        fields = FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "valid_from" in self.fields:
            self.fields["valid_from"].required = False
            self.fields["valid_from"].help_text = _("empty: from now on")

    def _get_validation_exclusions(self) -> set[str]:
        # The table's constraints are refused by the action, in better words.
        return {*super()._get_validation_exclusions(), "area", "valid_from", "valid_until"}  # type: ignore[misc]

    def act(self, data: dict[str, Any]) -> Announcement:
        user: Any = self.request.user
        there = None if self.instance._state.adding else self.unchanged()
        node = data.get("area") or (there and there.department)
        if node is None:
            raise Problem("announcement_scope", "area")
        draft = Draft(node, **{name: data[name] for name in FIELDS if name != "area"})
        if there is None:
            return draft_announcement(user, draft)[0]
        return change_announcement(user, there.pk, draft, version=there.version)


class WithdrawForm(StepForm):
    reason = forms.CharField(label=_("reason"), max_length=500, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STATE_WORDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Announcement]) -> QuerySet[Announcement]:
        if self.value() == "withdrawn":
            return queryset.filter(withdrawn_at__isnull=False)
        if self.value() in STATE_WORDS:
            return queryset.filter(withdrawn_at__isnull=True, published_at__isnull=self.value() == "draft")
        return queryset


@admin.register(Announcement)
class AnnouncementAdmin(ScopedAdmin):
    form = AnnouncementForm
    seen_with = (Can.DISPATCH_REPORT,)
    changed_with = Can.DISPATCH_REPORT
    list_display = ("title", "issuer", "place", "published_at", "recipients", "valid_until", "state_label")
    list_filter = (StateFilter, "needs_receipt")
    search_fields = ("title",)
    autocomplete_fields = ("area",)
    ordering = ("-id",)
    actions_detail = ("publish_page", "withdraw_page")

    def visible(self, user: User) -> QuerySet[Announcement]:
        return looked_after(user)

    def may_change(self, user: User, obj: Announcement) -> bool:
        return obj.published_at is None and may_announce(user, node_of(obj))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return FIELDS
        told = ("issuer", "author", "published_at", "reading", "withdrawn_at", "withdrawn_reason")
        return (*FIELDS, *(("issuer", "author") if obj.published_at is None else told))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (
            () if obj is None else ("issuer", "author", "published_at", "reading", "withdrawn_at", "withdrawn_reason")
        )

    @admin.display(description=_("place"))
    def place(self, obj: Announcement) -> str:
        role = f" · {obj.get_role_display()}" if obj.role else ""
        return f"{node_of(obj)}{role}"

    @display(description=_("state"), label={"draft": "warning", "published": "success", "withdrawn": "danger"})
    def state_label(self, obj: Announcement) -> tuple[str, Any]:
        return obj.state, STATE_WORDS[obj.state]

    @admin.display(description=_("read"))
    def reading(self, obj: Announcement) -> str:
        found = counts(obj)
        return f"{found['read']} / {found['recipients']}"

    def has_publish_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        obj = self.get_object(request, str(object_id))
        return obj is not None and self.has_change_permission(request, obj)

    @action(description=_("Publish"), url_path="publish", permissions=["publish"], icon="campaign")
    def publish_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user: Any = request.user
        return self.step_page(
            request,
            object_id,
            title=_("Publish"),
            question=_("Everyone in reach is told at once. It cannot be changed afterwards, only withdrawn."),
            button=_("Publish"),
            done=_("It has been published."),
            act=lambda obj, _data: publish_announcement(user, obj.pk, version=obj.version),
        )

    def has_withdraw_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        obj = self.get_object(request, str(object_id))
        user: Any = request.user
        return obj is not None and obj.state == "published" and may_announce(user, node_of(obj))

    @action(description=_("Withdraw"), url_path="withdraw", permissions=["withdraw"], icon="undo")
    def withdraw_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user: Any = request.user
        return self.step_page(
            request,
            object_id,
            title=_("Withdraw"),
            question=_("Everyone who was told hears that it no longer holds, and why."),
            button=_("Withdraw"),
            done=_("It has been withdrawn."),
            act=lambda obj, data: withdraw_announcement(user, obj.pk, data["reason"], version=obj.version),
            form_class=WithdrawForm,
        )
