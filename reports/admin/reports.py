"""Reports with all that happened to them, to look at and never to change: the work is done at the desk, not here."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from accounts.models import User
from accounts.roles import Can
from core.masking import mask_name, mask_phone
from core.moment import now
from core.problems import Problem
from grids.models import Area
from grids.scope import scope_of
from grids.scoped_admin import ScopedReadOnlyAdmin
from reports.access import visible_reports
from reports.admin.words import (
    LIGHT_COLOURS,
    OUTCOME_COLOURS,
    light_of,
    limit_text,
    seconds_text,
    short_time,
    step_rows,
)
from reports.detail import full_report, may_know_requester
from reports.models import Report
from reports.models.vocabulary import Light, ReportStatus
from reports.photos.signing import sign
from reports.questions import answer_text, wrong_answers

STATUS_COLOURS = {
    ReportStatus.SUBMITTED: "warning",
    ReportStatus.ACCEPTED: "warning",
    ReportStatus.IN_PROGRESS: "info",
    ReportStatus.SUSPENDED: "info",
    ReportStatus.IN_REVIEW: "info",
    ReportStatus.CALLBACK: "info",
    ReportStatus.CLOSED: "success",
    ReportStatus.REJECTED: "danger",
    ReportStatus.VOID: "danger",
    ReportStatus.MERGED: "danger",
}


class LightFilter(DropdownFilter):
    title = _("light")
    parameter_name = "light"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(Light.RED.value, _("red")), (Light.YELLOW.value, _("yellow")), (Light.GREEN.value, _("green"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Report]) -> QuerySet[Report]:
        moment = now()
        if self.value() == Light.RED:
            return queryset.filter(due_at__lte=moment)
        if self.value() == Light.YELLOW:
            return queryset.filter(due_at__gt=moment, yellow_at__lte=moment)
        if self.value() == Light.GREEN:
            return queryset.filter(Q(yellow_at__isnull=True) | Q(yellow_at__gt=moment), due_at__gt=moment)
        return queryset


class StreetFilter(DropdownFilter):
    """The streets in the person's reach; not offered where there is only one."""

    title = _("street")
    parameter_name = "street"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        user: Any = request.user
        below = scope_of(user).areas_below(Can.VIEW_REPORTS)
        streets = Area.objects.filter(below, level=Area.Level.STREET).order_by("path").values_list("pk", "name")
        return [(str(pk), name) for pk, name in streets]

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1

    def queryset(self, request: HttpRequest, queryset: QuerySet[Report]) -> QuerySet[Report]:
        value = self.value() or ""
        return queryset.filter(street_id=int(value)) if value.isascii() and value.isdigit() else queryset


def reads_reports(user: User) -> bool:
    """Whoever dispatches reads reports here; managing areas or the catalogue alone does not open them."""
    scope = scope_of(user)
    return scope.everything or bool(scope.areas.get(Can.DISPATCH_REPORT))


@admin.register(Report)
class ReportAdmin(ScopedReadOnlyAdmin):
    seen_with = (Can.DISPATCH_REPORT,)
    list_display = (
        *("number_text", "item_name", "status_label", "light", "source", "place", "unit", "received", "due"),
    )
    list_display_links = ("number_text", "item_name")
    list_filter = (("status", ChoicesDropdownFilter), LightFilter, StreetFilter, ("source", ChoicesDropdownFilter))
    list_select_related = ("grid", "community", "lead_department")
    ordering = ("-received_at", "-id")
    sortable_by = ("received",)
    # A million rows are not counted to show fifty.
    paginator = InfinitePaginator
    show_full_result_count = False
    search_fields = ("number",)
    search_help_text = _("the beginning of the number")

    def visible(self, user: User) -> QuerySet[Report]:
        return visible_reports(user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and reads_reports(request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        return super().get_queryset(request).defer("grid__geometry", "community__geometry", "description", "answers")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Report], search_term: str
    ) -> tuple[QuerySet[Report], bool]:
        # By its beginning, as written: an index serves that, and none serves "contains, whatever the case".
        term = search_term.strip()
        return (queryset.filter(number__startswith=term) if term else queryset), False

    @admin.display(description=_("number"))
    def number_text(self, obj: Report) -> str:
        return format_html('<span style="white-space:nowrap">{}</span>', obj.number)

    @admin.display(description=_("received"), ordering="received_at")
    def received(self, obj: Report) -> str:
        return short_time(obj.received_at)

    @admin.display(description=_("due"))
    def due(self, obj: Report) -> str:
        return short_time(obj.due_at)

    @display(description=_("status"), label=STATUS_COLOURS)
    def status_label(self, obj: Report) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @admin.display(description=_("light"))
    def light(self, obj: Report) -> str:
        light = light_of(obj.due_at, obj.yellow_at)
        if not light:
            return "–"
        colour, word = LIGHT_COLOURS[light], Light(light).label
        return format_html(
            '<span style="white-space:nowrap"><span style="color:{}" aria-hidden="true">●</span> {}</span>',
            colour,
            word,
        )

    @admin.display(description=_("place"))
    def place(self, obj: Report) -> str:
        node = obj.grid or obj.community
        return node.name if node else obj.address or "–"

    @admin.display(description=_("lead department"))
    def unit(self, obj: Report) -> str:
        return obj.lead_department.name if obj.lead_department else "–"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The whole report on one page, in a fixed number of queries."""
        if request.method not in ("GET", "HEAD") or object_id is None or not self.has_view_permission(request):
            raise PermissionDenied
        user: Any = request.user
        try:
            report: Any = full_report(user, UUID(object_id))
        except (Problem, ValueError) as exc:
            raise Http404 from exc
        context = {
            **self.admin_site.each_context(request),
            "title": report.number,
            "subtitle": report.item_name,
            "opts": self.opts,
            "original": report,
            "report": report,
            "colour": STATUS_COLOURS[report.status],
            "light": light_of(report.due_at, report.yellow_at),
            "place": " / ".join(node.name for node in _nodes(report)),
            "limit": limit_text(report),
            "answers": _answers(report),
            "requester": _requester(user, report),
            "photos": [self._photo(photo, user) for photo in report.photos.all()],
            "clocks": [_clock(clock) for clock in report.deadlines],
            "steps": step_rows(report.timeline),
            "print_url": reverse("report-print", args=[report.pk]),
            "has_view_permission": True,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/report.html", context)

    def _photo(self, photo: Any, user: Any) -> dict[str, Any]:
        def link(variant: str) -> str:
            return reverse("photo-signed", args=[sign(photo.pk, variant, user.pk)])

        arrived = photo.received_at is not None
        return {
            "photo": photo,
            "thumbnail": link("thumbnail") if arrived else None,
            "display": link("display") if arrived else None,
        }


def _answers(report: Report) -> list[dict[str, Any]]:
    """Every question that was asked with its answer, and every answer to a question that was not."""
    unfit = set(wrong_answers(report.asked, report.answers))
    asked = {question["key"]: question for question in report.asked}
    rows = []
    for key in [*asked, *(key for key in report.answers if key not in asked)]:
        question, answer = asked.get(key, {"text": key}), report.answers.get(key)
        if answer not in (None, "", []) or key in unfit:
            text = "–" if answer in (None, "", []) else answer_text(question, answer)
            rows.append({"question": question["text"], "answer": text, "unfit": key in unfit})
    return rows


def _requester(user: User, report: Report) -> dict[str, Any] | None:
    requester = getattr(report, "requester", None)
    if requester is None or not may_know_requester(user, report):
        return None
    return {"name": mask_name(requester.name), "phone": mask_phone(requester.phone), "row": requester}


def _clock(clock: Any) -> dict[str, Any]:
    light = light_of(clock.due_at, clock.yellow_at) if clock.running else ""
    return {
        "clock": clock,
        "limit": seconds_text(clock.limit_seconds, always=clock.always),
        "light": light,
        "colour": LIGHT_COLOURS[light] if light else OUTCOME_COLOURS.get(clock.outcome, "#9ca3af"),
        "word": Light(light).label if light else clock.get_outcome_display() or _("paused"),
    }


def _nodes(report: Report) -> list[Area]:
    return [node for node in (report.district, report.street, report.community, report.grid) if node is not None]
