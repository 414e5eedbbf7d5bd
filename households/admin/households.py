"""Households of the own area: the file masked, the steps on it, and persons in full on record."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.paginator import InfinitePaginator
from unfold.views import ChangeList
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDateWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.models import User
from accounts.roles import Can, Role
from core.admin import StepForm
from core.masking import mask_document, mask_name, mask_phone
from core.problems import Problem
from grids.scoped_admin import ScopedReadOnlyAdmin
from households.access import may, visible_households
from households.actions import moving
from households.actions.revealing import RESIDENT_FIELDS, reveal_household, reveal_resident
from households.admin.exports import ExportPage
from households.api.output import door_for, for_rows
from households.detail import full_household, groups_of, marks_of
from households.models import Household, HouseholdEvent, RiskLevel
from households.models.vocabulary import Occupancy

OCCUPANCY_COLOURS = {Occupancy.OWNER: "success", Occupancy.TENANT: "info", Occupancy.VACANT: "warning"}
STEPS_SHOWN = 100
DOOR = "door"
WHAT = {
    "name": _("a person's name"),
    "phone": _("phone"),
    "document": _("document number"),
    "birth_date": _("birth date"),
}


class StateFilter(DropdownFilter):
    """Those who live here, unless the others are asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("ended", _("ended")), ("all", _("all"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Household]) -> QuerySet[Household]:
        if self.value() == "all":
            return queryset
        return queryset.filter(ended_at__isnull=self.value() != "ended")


class MoveOutForm(StepForm):
    moved_out = forms.DateField(label=_("moved out"), widget=UnfoldAdminDateWidget())
    note = forms.CharField(label=_("note"), max_length=1000, required=False, widget=UnfoldAdminTextareaWidget())


class MergeForm(StepForm):
    code = forms.CharField(label=_("number of the other household"), widget=UnfoldAdminTextInputWidget())
    note = forms.CharField(label=_("note"), max_length=1000, required=False, widget=UnfoldAdminTextareaWidget())


class RevealForm(StepForm):
    """Whose data is to be seen, which, and why."""

    who = forms.ChoiceField(label=_("whose"), widget=UnfoldAdminSelectWidget())
    what = forms.MultipleChoiceField(
        label=_("what"),
        choices=[(name, WHAT[name]) for name in RESIDENT_FIELDS],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    reason = forms.CharField(label=_("reason"), max_length=200, widget=UnfoldAdminTextInputWidget())

    def __init__(self, *args: Any, obj: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, request=request, **kwargs)
        who: Any = self.fields["who"]
        people = [(str(one.pk), mask_name(one.name)) for one in [*obj.present, *obj.former]]
        who.choices = [*people, (DOOR, _("the door"))]


class HouseholdChangeList(ChangeList):
    """Tells each row of a page who reads it: doors are masked for some."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        for row in self.result_list:
            row.reader = request.user


@admin.register(Household)
class HouseholdAdmin(ExportPage, ScopedReadOnlyAdmin):
    seen_with = (Can.VIEW_HOUSEHOLDS,)
    keeps_own_history = True
    list_display = ("code", "building", "door", "grid", "head", "size", "occupancy_label", "colour", "next_visit_due")
    list_filter = (StateFilter, ("occupancy", ChoicesDropdownFilter), ("risk_level", RelatedDropdownFilter))
    ordering = ("id",)
    sortable_by = ()
    paginator = InfinitePaginator
    show_full_result_count = False
    search_fields = ("code",)
    search_help_text = _("the beginning of the number")
    fields = (
        *("code", "building", "door", "grid", "community", "street", "occupancy", "kind", "colour"),
        *("last_visit_at", "next_visit_due", "tag_list", "people", "created_at", "ended_at", "merged_into"),
        *("split_from", "history_list"),
    )
    actions_list = ("export_page",)
    actions_detail = ("reveal_page", "move_out_page", "merge_page")

    def visible(self, user: User) -> QuerySet[Household]:
        return visible_households(user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Household]:
        return for_rows(super().get_queryset(request))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        obj = super().get_object(request, object_id, from_field)
        if obj is not None:
            obj.reader = request.user
        return obj

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return HouseholdChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Household], search_term: str
    ) -> tuple[QuerySet[Household], bool]:
        term = search_term.strip()
        return (queryset.filter(code__startswith=term) if term else queryset), False

    @admin.display(description=_("door"))
    def door(self, obj: Any) -> str:
        return door_for(obj.reader, obj)

    @admin.display(description=_("head of the household"))
    def head(self, obj: Any) -> str:
        return mask_name(obj.head_name or "") or "–"

    @admin.display(description=_("residents"))
    def size(self, obj: Any) -> int:
        return int(obj.size)

    @display(description=_("occupancy"), label=OCCUPANCY_COLOURS)
    def occupancy_label(self, obj: Household) -> tuple[str, str]:
        return obj.occupancy, obj.get_occupancy_display()

    @admin.display(description=_("risk level"))
    def colour(self, obj: Household) -> str:
        if obj.risk_level is None:
            return "–"
        waits = f" ({_('unconfirmed')})" if obj.risk_unconfirmed else ""
        return format_html(
            '<span style="white-space:nowrap"><span style="color:{}" aria-hidden="true">●</span> {}{}</span>',
            obj.risk_level.colour,
            obj.risk_level.name,
            waits,
        )

    @admin.display(description=_("care tags"))
    def tag_list(self, obj: Household) -> str:
        return "、".join(sorted({mark.tag.name for mark in obj.marks.all()})) or "–"

    @admin.display(description=_("residents"))
    def people(self, obj: Any) -> str:
        full: Any = full_household(obj.reader, obj.pk)
        marks, groups = marks_of(full), groups_of(obj.reader, full) or {}
        rows = (
            (
                mask_name(one.name) or "–",
                one.get_relation_display(),
                one.get_sex_display(),
                one.birth_year,
                mask_phone(one.phone),
                mask_document(one.doc_number),
                "、".join([*marks.get(one.pk, []), *(entry.group.name for entry in groups.get(one.pk, []))]),
                one.moved_out and f"{_('moved out')} {one.moved_out}",
            )
            for one in [*full.present, *full.former]
        )
        return format_html_join("", "<div>{}</div>", ((_known(parts),) for parts in rows)) or "–"

    @admin.display(description=_("history"))
    def history_list(self, obj: Any) -> str:
        events = HouseholdEvent.objects.filter(household=obj).select_related("actor").order_by("-pk")
        if not may(obj.reader, Can.VIEW_SPECIAL_GROUPS, obj):
            events = events.filter(restricted=False)
        names = dict(RiskLevel.objects.values_list("code", "name"))
        rows = (
            (
                f"{localtime(one.at):%Y-%m-%d %H:%M}",
                one.get_kind_display(),
                _colours(one.data, names),
                f"{one.actor or _('the system')} {Role(one.actor_role).label if one.actor_role in Role.values else ''}",
                one.note,
            )
            for one in events[:STEPS_SHOWN]
        )
        return format_html_join("", "<div>{}</div>", ((_known(parts),) for parts in rows)) or "–"

    def _may(self, request: HttpRequest, object_id: Any, can: str, *, active: bool = True) -> bool:
        obj = self.get_object(request, str(object_id))
        user: Any = request.user
        return obj is not None and (obj.active or not active) and may(user, can, obj)

    def has_keep_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, object_id, Can.EDIT_HOUSEHOLDS)

    def has_reveal_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, object_id, Can.REVEAL_PERSON, active=False)

    @action(description=_("Move out"), url_path="move_out", permissions=["keep"], icon="logout")
    def move_out_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_page(
            request,
            object_id,
            title=_("Move out"),
            question=_("All residents are moved out and the household ends; its history stays."),
            button=_("Move out"),
            done=_("Done."),
            act=lambda obj, data: moving.move_out(_person(request), obj.pk, data["moved_out"], data["note"]),
            form_class=MoveOutForm,
        )

    @action(description=_("Merge into another"), url_path="merge", permissions=["keep"], icon="merge")
    def merge_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def act(obj: Household, data: dict[str, Any]) -> Household:
            other = visible_households(_person(request)).filter(code=data["code"].strip()).first()
            if other is None:
                raise Problem("not_found", "code")
            return moving.merge(_person(request), obj.pk, other.pk, data["note"])

        return self.step_page(
            request,
            object_id,
            title=_("Merge into another"),
            question=_("Its residents, tags and reports go to the other household and it ends; its history stays."),
            button=_("Merge"),
            done=_("Done."),
            act=act,
            form_class=MergeForm,
        )

    @action(description=_("See in full"), url_path="reveal", permissions=["reveal"], icon="visibility")
    def reveal_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks whose data and why; the answer is shown once, on this page, and kept nowhere."""
        user = _person(request)
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        if not may(user, Can.REVEAL_PERSON, found):
            raise PermissionDenied
        household = full_household(user, found.pk)
        form = RevealForm(request.POST if request.method == "POST" else None, obj=household, request=request)
        shown: list[tuple[Any, str]] = []
        if request.method == "POST" and form.is_valid():
            try:
                shown = _revealed(user, household, form.cleaned_data)
            except Problem as problem:
                form.add_error("what" if problem.field == "fields" else None, problem.sentence)
        context = {
            **self.admin_site.each_context(request),
            "title": _("See in full"),
            "subtitle": str(household),
            "opts": self.opts,
            "original": household,
            "form": form,
            "question": _("The look goes on record, with you, the time, what you saw and why."),
            "button": _("See in full"),
            "back": self._back_to(request, household),
            "media": self.media + form.media,
            "shown": shown,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/revealed.html", context)


def _person(request: HttpRequest) -> User:
    user: Any = request.user
    return user


def _known(parts: Iterable[Any]) -> str:
    """What is known, on one line."""
    return " · ".join(str(part).strip() for part in parts if part)


def _colours(data: dict[str, Any], names: Mapping[str, str]) -> str:
    """From which colour to which, where a step was about one."""
    to = data.get("to")
    return f"{names.get(data.get('from') or '', '–')} → {names.get(to, to)}" if isinstance(to, str) else ""


def _revealed(user: User, household: Any, data: dict[str, Any]) -> list[tuple[Any, str]]:
    if data["who"] == DOOR:
        return [(_("door"), reveal_household(user, household.pk, data["reason"])["door"])]
    resident = next(one for one in [*household.present, *household.former] if str(one.pk) == data["who"])
    told = reveal_resident(user, household.pk, resident.pk, data["what"], data["reason"])
    return [(WHAT[name], value or "–") for name, value in told.items()]
