"""Filters of the lists. Conditions that may repeat are OR-ed; different ones are AND-ed."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from accounts.roles import Can
from core.filters import AnyOf
from core.problems import Problem
from grids.scope import scope_of
from households.access import reached
from households.figures import grids_of
from households.models import Building, CareMark, ColourChange, Household, Patrol, SpecialGroupEntry, Visit
from households.models.vocabulary import ColourStatus, HouseholdKind, Occupancy, VisitResult
from households.standing import decidable
from reports.calendar import today


class HouseholdFilter(django_filters.FilterSet):
    grid = django_filters.CharFilter(field_name="grid__code", label="code")
    community = django_filters.CharFilter(field_name="community__code", label="code")
    street = django_filters.CharFilter(field_name="street__code", label="code")
    building = django_filters.UUIDFilter(field_name="building_id")
    code = django_filters.CharFilter(label="household number")
    colour = django_filters.BaseInFilter(field_name="risk_level__code", label="codes of risk levels, with commas")
    unconfirmed = django_filters.BooleanFilter(field_name="risk_unconfirmed", label="colour waits to be confirmed")
    occupancy = AnyOf(choices=Occupancy.choices)
    kind = AnyOf(choices=HouseholdKind.choices)
    tag = django_filters.CharFilter(method="by_tag", label="code of a care tag, on the household or a resident")
    special_group = django_filters.CharFilter(
        method="by_group", label="code; only households where you may know of such groups"
    )
    due_by = django_filters.DateFilter(field_name="next_visit_due", lookup_expr="lte", label="visit due by this day")
    ended = django_filters.BooleanFilter(method="by_end", label="default: false")

    class Meta:
        model = Household
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("ended") is not None else rows.filter(ended_at__isnull=True)

    def by_tag(self, queryset: QuerySet[Household], name: str, code: str) -> QuerySet[Household]:
        return queryset.filter(pk__in=CareMark.objects.filter(tag__code=code).values("household_id"))

    def by_group(self, queryset: QuerySet[Household], name: str, code: str) -> QuerySet[Household]:
        user: Any = self.request.user
        if not scope_of(user).anywhere(Can.VIEW_SPECIAL_GROUPS):
            raise Problem("forbidden", "special_group")
        entries = SpecialGroupEntry.objects.filter(
            group__code=code, ended_at__isnull=True, resident__moved_out__isnull=True
        )
        known = reached(user, Can.VIEW_SPECIAL_GROUPS)
        return queryset.filter(known, pk__in=entries.values("resident__household_id"))

    def by_end(self, queryset: QuerySet[Household], name: str, ended: bool) -> QuerySet[Household]:
        return queryset.filter(ended_at__isnull=not ended)


class BuildingFilter(django_filters.FilterSet):
    grid = django_filters.CharFilter(field_name="grid__code", label="code")
    community = django_filters.CharFilter(field_name="community__code", label="code")
    street = django_filters.CharFilter(field_name="street__code", label="code")
    estate = django_filters.CharFilter(lookup_expr="contains", label="part of the estate's name")
    is_active = django_filters.BooleanFilter()

    class Meta:
        model = Building
        fields: list[str] = []


class DueFilter(django_filters.FilterSet):
    grid = django_filters.CharFilter(field_name="grid__code", label="code")
    community = django_filters.CharFilter(field_name="community__code", label="code")
    street = django_filters.CharFilter(field_name="street__code", label="code")
    colour = django_filters.BaseInFilter(field_name="risk_level__code", label="codes of risk levels, with commas")
    due_by = django_filters.DateFilter(field_name="next_visit_due", lookup_expr="lte", label="default: today")
    overdue = django_filters.BooleanFilter(method="by_lateness", label="only those whose day is over")
    worker = django_filters.CharFilter(method="by_worker", label="user name; only the grids held")

    class Meta:
        model = Household
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("due_by") else rows.filter(next_visit_due__lte=today())

    def by_lateness(self, queryset: QuerySet[Household], name: str, late: bool) -> QuerySet[Household]:
        return queryset.filter(next_visit_due__lt=today()) if late else queryset

    def by_worker(self, queryset: QuerySet[Household], name: str, username: str) -> QuerySet[Household]:
        user: Any = self.request.user
        return queryset.filter(grid__in=grids_of(user, worker=username))


class ColourChangeFilter(django_filters.FilterSet):
    grid = django_filters.CharFilter(field_name="household__grid__code", label="code")
    community = django_filters.CharFilter(field_name="household__community__code", label="code")
    street = django_filters.CharFilter(field_name="household__street__code", label="code")
    status = AnyOf(choices=ColourStatus.choices)
    to = django_filters.BaseInFilter(field_name="to_level__code", label="codes of risk levels, with commas")
    upwards = django_filters.BooleanFilter()
    to_decide = django_filters.BooleanFilter(method="by_decider", label="only those that wait for the caller")

    class Meta:
        model = ColourChange
        fields: list[str] = []

    def by_decider(self, queryset: QuerySet[ColourChange], name: str, wanted: bool) -> QuerySet[ColourChange]:
        if not wanted:
            return queryset
        user: Any = self.request.user
        return queryset.filter(decidable(user), status=ColourStatus.PROPOSED).exclude(proposed_by=user)


class VisitFilter(django_filters.FilterSet):
    grid = django_filters.CharFilter(field_name="grid__code", label="code")
    community = django_filters.CharFilter(field_name="community__code", label="code")
    street = django_filters.CharFilter(field_name="street__code", label="code")
    visitor = django_filters.CharFilter(field_name="visitors__username", label="user name")
    result = AnyOf(choices=VisitResult.choices)
    visited_from = django_filters.DateFilter(field_name="visited_on", lookup_expr="gte")
    visited_to = django_filters.DateFilter(field_name="visited_on", lookup_expr="lte")

    class Meta:
        model = Visit
        fields: list[str] = []


class PatrolFilter(django_filters.FilterSet):
    grid = django_filters.CharFilter(field_name="grid__code", label="code")
    community = django_filters.CharFilter(field_name="community__code", label="code")
    street = django_filters.CharFilter(field_name="street__code", label="code")
    worker = django_filters.CharFilter(field_name="worker__username", label="user name")

    class Meta:
        model = Patrol
        fields: list[str] = []
