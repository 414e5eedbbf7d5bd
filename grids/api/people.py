"""Units and people by the codes and user names that dispatching asks for."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Department, User
from accounts.roles import Can, Role
from core.filters import AnyOf
from grids.api.places import AppointmentOut
from grids.models import Appointment, Area
from grids.scope import below, scope_of

# Where a desk gives work to every department.
WHOLE_CITY_DESKS = ("city", "district")


class DepartmentOut(serializers.ModelSerializer[Department]):
    parent_code = serializers.SerializerMethodField(allow_null=True)

    class Meta:
        model = Department
        fields = ("code", "name", "kind", "is_active", "parent_code")

    def get_parent_code(self, department: Department) -> str | None:
        parents: dict[str, str] = self.context["parents"]
        return parents.get(department.path[: -Department.steplen])


class DepartmentFilter(django_filters.FilterSet):
    kind = AnyOf(choices=Department.Kind.choices)
    within = django_filters.CharFilter(method="by_within", label="code of a department: it and its units")
    q = django_filters.CharFilter(field_name="name", lookup_expr="contains", label="part of the name")
    is_active = django_filters.BooleanFilter()

    class Meta:
        model = Department
        fields: list[str] = []

    def by_within(self, queryset: QuerySet[Department], name: str, code: str) -> QuerySet[Department]:
        path = Department.objects.filter(code=code).values_list("path", flat=True).first()
        return queryset.filter(below(path)) if path else queryset.none()


class DepartmentList(ListAPIView[Department]):
    """Authorities, offices, committees and their units by code; every member of staff may read them."""

    serializer_class = DepartmentOut
    filterset_class = DepartmentFilter
    keyset = ("code",)
    queryset = Department.objects.all()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows: list[Department] = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        parent_paths = {row.path[: -Department.steplen] for row in rows}
        parents = dict(Department.objects.filter(path__in=parent_paths).values_list("path", "code"))
        return self.get_paginated_response(DepartmentOut(rows, many=True, context={"parents": parents}).data)


class HolderOut(serializers.Serializer[Any]):
    username = serializers.CharField()
    name = serializers.CharField(source="full_name")


class PostOut(AppointmentOut):
    """A post with who holds it."""

    person = HolderOut(source="user")

    class Meta(AppointmentOut.Meta):
        fields = ("id", "person", *AppointmentOut.Meta.fields)  # type: ignore[assignment]


class PostFilter(django_filters.FilterSet):
    role = AnyOf(choices=Role.choices)
    area = django_filters.CharFilter(method="by_area", label="code of an area: there and below")
    department = django_filters.CharFilter(method="by_department", label="code of a department: there and below")
    q = django_filters.CharFilter(method="by_name", label="part of the name, or the user name")

    class Meta:
        model = Appointment
        fields: list[str] = []

    def by_area(self, queryset: QuerySet[Appointment], name: str, code: str) -> QuerySet[Appointment]:
        path = Area.objects.filter(code=code).values_list("path", flat=True).first()
        return queryset.filter(below(path, "area__path")) if path else queryset.none()

    def by_department(self, queryset: QuerySet[Appointment], name: str, code: str) -> QuerySet[Appointment]:
        path = Department.objects.filter(code=code).values_list("path", flat=True).first()
        return queryset.filter(below(path, "department__path")) if path else queryset.none()

    def by_name(self, queryset: QuerySet[Appointment], name: str, text: str) -> QuerySet[Appointment]:
        return queryset.filter(Q(user__full_name__contains=text) | Q(user__username=text))


def posts_known_to(user: User) -> QuerySet[Appointment]:
    """The posts of those whom the person may give work to: at and below the areas they dispatch for and in the offices
    there (all departments for a district or the city), and in the units they act for or lead."""
    held = Appointment.objects.filter(ended_at__isnull=True, user__is_active=True)
    scope = scope_of(user)
    if scope.everything:
        return held
    ground = scope.areas_below(Can.DISPATCH_REPORT, "area__path")
    for can in (Can.HANDLE_ASSIGNMENT, Can.LEAD_UNIT):
        ground |= scope.departments_below(can, "department__path")
    desks = scope.areas.get(Can.DISPATCH_REPORT, [])
    if any(desk.level in WHOLE_CITY_DESKS for desk in desks):
        return held.filter(ground | Q(department__isnull=False))
    if desks:
        offices = Area.objects.filter(scope.areas_below(Can.DISPATCH_REPORT), office__isnull=False)
        for path in offices.values_list("office__path", flat=True):
            ground |= below(path, "department__path")
    return held.filter(ground)


class StaffList(ListAPIView[Appointment]):
    """Whom the caller may give work to, with the post that says so, newest first: names and user names, no contacts."""

    serializer_class = PostOut
    filterset_class = PostFilter
    keyset = ("-id",)
    queryset = Appointment.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        user: User = self.request.user  # type: ignore[assignment]
        return posts_known_to(user).select_related("user", "area", "department").defer("area__geometry")
