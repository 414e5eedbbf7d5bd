"""The working calendar: which days are worked, and from when to when."""

from typing import Any

from auditlog.registry import auditlog
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin import ActionForm
from core.problems import Problem
from reports.actions.calendar import set_day, set_periods
from reports.admin.base import RulesAdmin
from reports.calendar import today
from reports.models import WorkingDay, WorkingPeriod

auditlog.register(WorkingDay)
auditlog.register(WorkingPeriod)


class DayForm(ActionForm):
    class Meta:
        model = WorkingDay
        fields = ("date", "working", "note")

    def act(self, data: dict[str, Any]) -> WorkingDay:
        day = data.get("date") or self.unchanged().date
        return set_day(day, working=data["working"], note=data["note"])


class YearFilter(admin.SimpleListFilter):
    title = _("year")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        this = today().year
        return [(str(year), str(year)) for year in range(this + 1, this - 4, -1)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WorkingDay]) -> QuerySet[WorkingDay]:
        value = self.value() or ""
        return queryset.filter(date__year=int(value)) if value.isascii() and value.isdigit() else queryset


@admin.register(WorkingDay)
class WorkingDayAdmin(RulesAdmin):
    form = DayForm
    list_display = ("date", "weekday", "kind", "note", "estimated")
    list_filter = (YearFilter, "working", "estimated")
    ordering = ("-date",)
    search_fields = ("note",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("date",)

    @admin.display(description=_("weekday"))
    def weekday(self, obj: WorkingDay) -> str:
        return date_format(obj.date, "l")

    @display(description=_("worked"), label={"on": "success", "off": "info"}, ordering="working")
    def kind(self, obj: WorkingDay) -> tuple[str, Any]:
        return ("on", _("working day")) if obj.working else ("off", _("day off"))


class PeriodForm(ActionForm):
    class Meta:
        model = WorkingPeriod
        fields = ("start", "end")

    def act(self, data: dict[str, Any]) -> WorkingPeriod:
        others = WorkingPeriod.objects.exclude(pk=self.instance.pk)
        try:
            set_periods([*others.values_list("start", "end"), (data["start"], data["end"])])
        except Problem as problem:
            raise Problem(problem.code, "end") from problem
        return WorkingPeriod.objects.get(start=data["start"])


@admin.register(WorkingPeriod)
class WorkingPeriodAdmin(RulesAdmin):
    form = PeriodForm
    list_display = ("start", "end")
    list_display_links = ("start", "end")
    ordering = ("start",)
