"""Changes of colour to decide, and visits to read."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.paginator import InfinitePaginator
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.models import User
from accounts.roles import Can
from core.admin import StepForm
from grids.scoped_admin import ScopedReadOnlyAdmin
from households.access import visible_changes, visible_visits
from households.actions.colours import confirm_colour, may_decide, refuse_colour
from households.api.colours_io import for_changes, reads_notes
from households.api.visits_io import for_visits
from households.models import ColourChange, RiskLevel, Visit
from households.models.vocabulary import ColourStatus, VisitResult
from households.standing import decidable

STATUS_COLOURS = {
    ColourStatus.PROPOSED: "warning",
    ColourStatus.CONFIRMED: "success",
    ColourStatus.REFUSED: "danger",
    ColourStatus.WITHDRAWN: "",
    ColourStatus.SUPERSEDED: "",
}
RESULT_COLOURS = {
    VisitResult.MET: "success",
    VisitResult.CHECKED: "success",
    VisitResult.DECLINED: "danger",
    VisitResult.NOBODY_HOME: "",
}
NOT_SHOWN = "–"


def dot(level: RiskLevel | None) -> str:
    """A colour and its name."""
    if level is None:
        return NOT_SHOWN
    return format_html(
        '<span style="white-space:nowrap"><span style="color:{}" aria-hidden="true">●</span> {}</span>',
        level.colour,
        level.name,
    )


class WaitingFilter(DropdownFilter):
    """Those that wait for the reader."""

    title = _("to decide")
    parameter_name = "to_decide"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("by me"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ColourChange]) -> QuerySet[ColourChange]:
        if self.value() != "mine":
            return queryset
        user: Any = request.user
        return queryset.filter(decidable(user), status=ColourStatus.PROPOSED).exclude(proposed_by=user)


class NoteForm(StepForm):
    note = forms.CharField(label=_("note"), max_length=1000, required=False, widget=UnfoldAdminTextareaWidget())


class ReasonForm(StepForm):
    note = forms.CharField(label=_("note"), max_length=1000, widget=UnfoldAdminTextareaWidget())


class ReadersChangeList(ChangeList):
    """Tells each row of a page who reads it: notes are not for everybody."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        for row in self.result_list:
            row.reader = request.user


class ReadersAdmin(ScopedReadOnlyAdmin):
    """Rows about households, to look at."""

    seen_with = (Can.VIEW_HOUSEHOLDS,)
    keeps_own_history = True
    sortable_by = ()
    paginator = InfinitePaginator
    show_full_result_count = False
    search_fields = ("household__code",)
    search_help_text = _("the beginning of the number")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        obj = super().get_object(request, object_id, from_field)
        if obj is not None:
            obj.reader = request.user
        return obj

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ReadersChangeList

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        return (queryset.filter(household__code__startswith=term) if term else queryset), False


@admin.register(ColourChange)
class ColourChangeAdmin(ReadersAdmin):
    list_display = ("household", "grid", "old", "new", "reason", "status_label", "needs", "proposed_by", "proposed_at")
    list_filter = (WaitingFilter, ("status", ChoicesDropdownFilter), ("to_level", RelatedDropdownFilter))
    ordering = ("-id",)
    fields = (
        *("household", "grid", "old", "new", "reason", "said", "status", "needs", "proposed_by", "proposed_at"),
        *("decided_by", "decided_at", "decided_with"),
    )
    readonly_fields = ("grid", "old", "new", "said", "decided_with")
    actions_detail = ("confirm_page", "refuse_page")

    def visible(self, user: User) -> QuerySet[ColourChange]:
        return visible_changes(user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ColourChange]:
        return for_changes(super().get_queryset(request))

    @admin.display(description=_("grid"))
    def grid(self, obj: ColourChange) -> str:
        return obj.household.grid.name

    @admin.display(description=pgettext_lazy("colour", "from"))
    def old(self, obj: ColourChange) -> str:
        return dot(obj.from_level)

    @admin.display(description=pgettext_lazy("colour", "to"))
    def new(self, obj: ColourChange) -> str:
        return dot(obj.to_level)

    @display(description=_("status"), label=STATUS_COLOURS)
    def status_label(self, obj: ColourChange) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @admin.display(description=_("note"))
    def said(self, obj: Any) -> str:
        return obj.note if reads_notes(obj.reader, obj.household) and obj.note else NOT_SHOWN

    @admin.display(description=_("note on the decision"))
    def decided_with(self, obj: Any) -> str:
        return obj.decision_note if reads_notes(obj.reader, obj.household) and obj.decision_note else NOT_SHOWN

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        obj = self.get_object(request, str(object_id))
        user: Any = request.user
        return obj is not None and obj.status == ColourStatus.PROPOSED and may_decide(user, obj)

    @action(description=_("Confirm"), url_path="confirm", permissions=["decide"], icon="check")
    def confirm_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user: Any = request.user
        return self.step_page(
            request,
            object_id,
            title=_("Confirm"),
            question=_("The household has this colour from now on."),
            button=_("Confirm"),
            done=_("Done."),
            act=lambda obj, data: confirm_colour(user, obj.pk, data["note"]),
            form_class=NoteForm,
        )

    @action(description=_("Refuse"), url_path="refuse", permissions=["decide"], icon="block")
    def refuse_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user: Any = request.user
        return self.step_page(
            request,
            object_id,
            title=_("Refuse"),
            question=_("The household keeps the colour it had before, or falls back to it."),
            button=_("Refuse"),
            done=_("Done."),
            act=lambda obj, data: refuse_colour(user, obj.pk, data["note"]),
            form_class=ReasonForm,
        )


@admin.register(Visit)
class VisitAdmin(ReadersAdmin):
    list_display = ("household", "grid", "visited_at", "result_label", "colour", "who", "was_due", "metres")
    list_filter = (("result", ChoicesDropdownFilter), ("level", RelatedDropdownFilter))
    ordering = ("-visited_at", "-id")
    fields = (
        *("household", "grid", "visited_at", "received_at", "result", "colour", "who", "leader", "was_due"),
        *("said", "taken", "metres", "follow_up", "submitted_by"),
    )
    readonly_fields = ("colour", "who", "was_due", "said", "taken", "metres")

    def visible(self, user: User) -> QuerySet[Visit]:
        return visible_visits(user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Visit]:
        return for_visits(super().get_queryset(request))

    @display(description=_("result"), label=RESULT_COLOURS)
    def result_label(self, obj: Visit) -> tuple[str, str]:
        return obj.result, obj.get_result_display()

    @admin.display(description=_("risk level"))
    def colour(self, obj: Visit) -> str:
        return dot(obj.level)

    @admin.display(description=_("visitors"))
    def who(self, obj: Visit) -> str:
        return "、".join(one.full_name or one.username for one in obj.visitors.all())

    @admin.display(description=_("was due"))
    def was_due(self, obj: Visit) -> str:
        if obj.due_on is None:
            return NOT_SHOWN
        late = f" ({_('late')})" if obj.visited_on > obj.due_on else ""
        return f"{obj.due_on:%Y-%m-%d}{late}"

    @admin.display(description=_("distance, metres"))
    def metres(self, obj: Visit) -> str:
        return NOT_SHOWN if obj.distance_m is None else f"{obj.distance_m:.0f}"

    @admin.display(description=_("note"))
    def said(self, obj: Any) -> str:
        return obj.note if reads_notes(obj.reader, obj.household) and obj.note else NOT_SHOWN

    @admin.display(description=_("measure"))
    def taken(self, obj: Any) -> str:
        return obj.measure if reads_notes(obj.reader, obj.household) and obj.measure else NOT_SHOWN
