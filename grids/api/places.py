"""Areas, position to grid, and the caller's own place in all this."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Department, User
from accounts.roles import Can, Role
from core.problems import Problem, catalogue
from grids.coordinates import to_wgs84
from grids.locating import locate, nearest
from grids.models import Appointment, Area
from grids.scope import below, scope_of

catalogue({"outside_all_grids": (404, _("The position lies outside every grid."))})

COORD_TYPES = ("wgs84", "cgcs2000", "gcj02", "bd09")


class AreaOut(serializers.ModelSerializer[Area]):
    parent_code = serializers.SerializerMethodField(allow_null=True)

    class Meta:
        model = Area
        fields = ("id", "level", "code", "name", "kind", "setting", "is_active", "parent_code")

    def get_parent_code(self, area: Area) -> str | None:
        parents: dict[str, str] = self.context["parents"]
        return parents.get(area.path[: -Area.steplen])


class AncestorOut(serializers.Serializer[Any]):
    level = serializers.CharField()
    code = serializers.CharField()
    name = serializers.CharField()


class OfficeOut(serializers.ModelSerializer[Department]):
    class Meta:
        model = Department
        fields = ("code", "name")


class AreaDetail(serializers.ModelSerializer[Area]):
    ancestors = AncestorOut(many=True)
    office = OfficeOut(allow_null=True)
    geometry = serializers.JSONField(allow_null=True, help_text="GeoJSON, WGS-84 degrees")

    class Meta:
        model = Area
        fields = ("id", "level", "code", "name", "kind", "setting", "is_active", "ancestors", "office", "geometry")


class AreaFilter(django_filters.FilterSet):
    level = django_filters.ChoiceFilter(choices=Area.Level.choices)
    within = django_filters.CharFilter(method="by_within", label="code of an area: it and all below")
    q = django_filters.CharFilter(field_name="name", lookup_expr="contains", label="part of the name")

    class Meta:
        model = Area
        fields: list[str] = []

    def by_within(self, queryset: QuerySet[Area], name: str, code: str) -> QuerySet[Area]:
        path = Area.objects.filter(code=code).values_list("path", flat=True).first()
        return queryset.filter(below(path)) if path else queryset.none()


class AreaList(ListAPIView[Area]):
    """The area tree by code; every member of staff may read it."""

    serializer_class = AreaOut
    filterset_class = AreaFilter
    keyset = ("code",)
    queryset = Area.objects.defer("geometry")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows: list[Area] = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        parent_paths = {area.path[: -Area.steplen] for area in rows}
        parents = dict(Area.objects.filter(path__in=parent_paths).values_list("path", "code"))
        return self.get_paginated_response(AreaOut(rows, many=True, context={"parents": parents}).data)


class AreaView(APIView):
    """One area."""

    @extend_schema(responses=AreaDetail, operation_id="area")
    def get(self, request: Request, code: str) -> Response:
        """An area with its ancestors, office and boundary."""
        area = Area.objects.select_related("office").filter(code=code).first()
        if area is None:
            raise Problem("not_found")
        paths = [area.path[:end] for end in range(Area.steplen, len(area.path), Area.steplen)]
        above = Area.objects.filter(path__in=paths).defer("geometry").order_by("path")
        area.ancestors = list(above)
        return Response(AreaDetail(area).data)


def _degrees(request: Request, name: str) -> float:
    try:
        return float(request.query_params.get(name, ""))
    except ValueError as exc:
        raise Problem("bad_position", name) from exc


class LocatedOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    full_name = serializers.CharField()
    ids = serializers.DictField(child=serializers.IntegerField(), help_text="area id by level, city to grid")
    lng = serializers.FloatField(help_text="WGS-84")
    lat = serializers.FloatField(help_text="WGS-84")


class Locate(APIView):
    """Position to grid."""

    @extend_schema(
        parameters=[
            OpenApiParameter("lng", float, required=True),
            OpenApiParameter("lat", float, required=True),
            OpenApiParameter("coord_type", str, required=True, enum=COORD_TYPES),
        ],
        responses=LocatedOut,
        operation_id="locate",
        examples=[
            OpenApiExample(
                "in 台上社区",
                response_only=True,
                value={
                    "code": "371082007032002",
                    "name": "台上社区第二网格",
                    "full_name": "荣成市崖头街道台上社区第二网格",
                    "ids": {"city": 1, "district": 7, "street": 51, "community": 1559, "grid": 7061},
                    "lng": 122.432957,
                    "lat": 37.150893,
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """The grid a point lies in, on land or at sea; 404 `outside_all_grids` names the nearest and its metres."""
        raw_lng, raw_lat = _degrees(request, "lng"), _degrees(request, "lat")
        lng, lat = to_wgs84(raw_lng, raw_lat, request.query_params.get("coord_type", ""))
        found = locate(lng, lat)
        if found is None:
            near = nearest(lng, lat)
            raise Problem(
                "outside_all_grids",
                nearest=near and {"code": near[0].code, "name": near[0].name, "distance_m": round(near[1])},
            )
        told = {"code": found.code, "name": found.name, "full_name": found.full_name, "ids": dict(found.ids)}
        return Response(LocatedOut({**told, "lng": lng, "lat": lat}).data)


class AppointmentOut(serializers.ModelSerializer[Appointment]):
    role_name = serializers.SerializerMethodField()
    at = serializers.SerializerMethodField(help_text="code of the area or department")
    at_name = serializers.SerializerMethodField()
    level = serializers.SerializerMethodField(help_text="level of the area; empty at a department")

    class Meta:
        model = Appointment
        fields = ("role", "role_name", "at", "at_name", "level", "in_charge", "on_duty")

    def get_role_name(self, appointment: Appointment) -> str:
        return str(Role(appointment.role).label)

    def get_at(self, appointment: Appointment) -> str:
        return self._node(appointment).code

    def get_at_name(self, appointment: Appointment) -> str:
        return self._node(appointment).name

    def get_level(self, appointment: Appointment) -> str:
        return appointment.area.level if appointment.area else ""

    def _node(self, appointment: Appointment) -> Area | Department:
        node = appointment.area or appointment.department
        assert node is not None  # the table's constraint
        return node


class MeOut(serializers.ModelSerializer[User]):
    appointments = AppointmentOut(many=True, source="held")
    can = serializers.ListField(child=serializers.ChoiceField(choices=Can.choices), help_text="anywhere")

    class Meta:
        model = User
        fields = ("username", "full_name", "phone", "language", "is_superuser", "appointments", "can")


def as_me(user: User) -> User:
    """The person with what `MeOut` says of them; one query, and the scope's."""
    held = Appointment.objects.filter(user=user, ended_at__isnull=True).select_related("area", "department")
    user.held = list(held.defer("area__geometry").order_by("pk"))  # type: ignore[attr-defined]
    scope = scope_of(user)
    user.can = [can for can in Can.values if scope.anywhere(can)]  # type: ignore[attr-defined]
    return user


class Me(APIView):
    """The caller."""

    @extend_schema(responses=MeOut, operation_id="me")
    def get(self, request: Request) -> Response:
        """Who the caller is, which roles the caller holds where, and what they allow."""
        user: User = request.user  # type: ignore[assignment]
        return Response(MeOut(as_me(user)).data)
