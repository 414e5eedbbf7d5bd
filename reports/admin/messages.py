"""What requesters are told in writing: the texts to change, the messages to look at."""

from typing import Any

from auditlog.registry import auditlog
from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.paginator import InfinitePaginator

from accounts.models import User
from accounts.roles import Can
from core.masking import mask_phone
from grids.scoped_admin import ScopedReadOnlyAdmin
from notifications.models import OutgoingMessage
from reports.access import visible_reports
from reports.actions.messages import answers_requesters, resend_message
from reports.admin.base import RulesAdmin
from reports.admin.reports import reads_reports
from reports.admin.words import short_time
from reports.messages import sample_of
from reports.models import MessageTemplate, RequesterMessage
from reports.places import PLACES

auditlog.register(MessageTemplate)

State = OutgoingMessage.State


class TemplateForm(forms.ModelForm):
    class Meta:
        model = MessageTemplate
        fields = ("event", "item", "text", "active", "valid_from")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "text" in self.fields:
            places = "  ".join(f"%({name})s" for name in PLACES)
            self.fields["text"].help_text = _("Places that are filled: %(places)s") % {"places": places}


@admin.register(MessageTemplate)
class TemplateAdmin(RulesAdmin):
    form = TemplateForm
    list_display = ("event", "item", "text", "active", "valid_from")
    list_filter = (("event", ChoicesDropdownFilter),)
    list_select_related = ("item",)
    autocomplete_fields = ("item",)
    ordering = ("event", "-valid_from", "-id")
    fields = ("event", "item", "text", "preview", "active", "valid_from")
    readonly_fields = ("preview",)

    @admin.display(description=_("preview"))
    def preview(self, obj: MessageTemplate) -> Any:
        """The text as saved, on an invented report."""
        if not obj.pk:
            return _("After saving the text is shown here as a requester would read it.")
        text = sample_of(obj)
        return format_html(
            '<span style="overflow-wrap:anywhere">{}</span><br>{}',
            text,
            ngettext("%(count)s character", "%(count)s characters", len(text)) % {"count": len(text)},
        )


@admin.register(RequesterMessage)
class MessageAdmin(ScopedReadOnlyAdmin):
    seen_with = (Can.DISPATCH_REPORT,)
    list_display = ("report_link", "event_label", "masked", "state", "tries", "created", "sender")
    list_select_related = ("report", "outgoing", "sent_by")
    ordering = ("-id",)
    sortable_by = ()
    paginator = InfinitePaginator
    show_full_result_count = False
    search_fields = ("number",)
    search_help_text = _("the beginning of the number")
    fields = ("report_link", "event", "masked", "text", "outcome", "tries", "created", "sent", "delivered", "error")
    readonly_fields = fields
    actions_detail = ("resend_page",)

    def visible(self, user: User) -> QuerySet[RequesterMessage]:
        return RequesterMessage.objects.filter(Exists(visible_reports(user).filter(pk=OuterRef("report_id"))))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and reads_reports(request.user)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[RequesterMessage], search_term: str
    ) -> tuple[QuerySet[RequesterMessage], bool]:
        term = search_term.strip()
        return (queryset.filter(report__number__startswith=term) if term else queryset), False

    @admin.display(description=_("report"))
    def report_link(self, obj: RequesterMessage) -> str:
        url = reverse(f"{self.admin_site.name}:reports_report_change", args=(obj.report_id,))
        return format_html('<a href="{}" class="text-primary-600">{}</a>', url, obj.report.number)

    @admin.display(description=_("occasion"))
    def event_label(self, obj: RequesterMessage) -> str:
        return obj.get_event_display()

    @admin.display(description=_("recipient's number"))
    def masked(self, obj: RequesterMessage) -> str:
        return mask_phone(obj.outgoing.to)

    @admin.display(description=_("text"))
    def text(self, obj: RequesterMessage) -> str:
        return obj.outgoing.text

    @display(
        description=_("state"),
        label={
            State.QUEUED: "info",
            State.SENT: "success",
            State.DELIVERED: "success",
            State.FAILED: "danger",
            State.LOGGED: "warning",
        },
    )
    def state(self, obj: RequesterMessage) -> tuple[str, str]:
        return obj.outgoing.state, obj.outgoing.get_state_display()

    @admin.display(description=_("state"))
    def outcome(self, obj: RequesterMessage) -> str:
        return obj.outgoing.get_state_display()

    @admin.display(description=_("tries"))
    def tries(self, obj: RequesterMessage) -> int:
        return obj.outgoing.tries

    @admin.display(description=_("created"))
    def created(self, obj: RequesterMessage) -> str:
        return short_time(obj.outgoing.created_at)

    @admin.display(description=_("sent"))
    def sent(self, obj: RequesterMessage) -> str:
        return short_time(obj.outgoing.sent_at)

    @admin.display(description=_("delivered"))
    def delivered(self, obj: RequesterMessage) -> str:
        return short_time(obj.outgoing.delivered_at)

    @admin.display(description=_("error"))
    def error(self, obj: RequesterMessage) -> str:
        return obj.outgoing.error

    @admin.display(description=_("sent by"))
    def sender(self, obj: RequesterMessage) -> str:
        return str(obj.sent_by or _("the system"))

    def has_resend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        obj = self.get_object(request, str(object_id))
        return obj is not None and answers_requesters(request.user, obj.report)  # type: ignore[arg-type]

    @action(description=_("Send again"), url_path="resend", permissions=["resend"], icon="redo")
    def resend_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user: Any = request.user
        return self.step_page(
            request,
            object_id,
            title=_("Send again"),
            question=_("The same text is sent again, to the number known now, as a message of its own."),
            button=_("Send again"),
            done=_("The message is on its way."),
            act=lambda obj, data: resend_message(user, obj.pk),
        )
