"""Saved filters 常用筛选: each is checked by the filters of its own list, so it is never one the list refuses."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from accounts.models import Department
from core.filters import unknown_names
from core.problems import Problem, catalogue
from grids.models import Area
from reports.actions.saved_filters import Wanted, delete_filter, put_filter, usable_filters
from reports.api.filters import AssignmentFilter, ReportFilter, WhistleFilter
from reports.api.input import StrictSerializer
from reports.api.output.named import PersonOut, PlaceOut, UnitOut
from reports.models import Assignment, Report, SavedFilter, Whistle

LISTS: dict[str, tuple[type[django_filters.FilterSet], Any]] = {
    SavedFilter.Of.REPORTS: (ReportFilter, Report),
    SavedFilter.Of.ASSIGNMENTS: (AssignmentFilter, Assignment),
    SavedFilter.Of.WHISTLES: (WhistleFilter, Whistle),
}
# Characters as they stand in an address; proxies refuse more than a few thousand.
MAX_LENGTH = 2_000

catalogue(
    {
        "filter_too_long": (400, _("This filter is too long.")),
    }
)
EXAMPLE = {
    "of": "reports",
    "name": "本街道红灯件",
    "query": {"light": ["red"], "status": ["in_progress", "in_review"], "area": ["371082007"]},
    "shared_with": {"area": "371082007"},
}


def refusals(of: str, query: dict[str, list[str]]) -> list[dict[str, Any]]:
    """What the list would refuse of this filter, by field; empty if it takes it."""
    filters, model = LISTS[of]
    unknown = set(query) - set(filters.base_filters)
    if unknown:
        return unknown_names(unknown, "query.")
    said = QueryDict(mutable=True)
    for name, values in query.items():
        said.setlist(name, values)
    asked = filters(said, queryset=model.objects.none())
    return [
        {"field": f"query.{name}", "code": error.code or "invalid", "message": str(message)}
        for name, errors in asked.form.errors.as_data().items()
        for error in errors
        for message in error.messages
    ]


class SharedIn(StrictSerializer):
    area = serializers.CharField(max_length=20, required=False, help_text="code; or a department")
    department = serializers.CharField(max_length=32, required=False, help_text="code; or an area")


class SavedFilterIn(StrictSerializer):
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, help_text="for a change")
    of = serializers.ChoiceField(choices=SavedFilter.Of.choices, help_text="which list")
    name = serializers.CharField(max_length=40)
    query = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=200), min_length=1, max_length=20),
        help_text="parameter of the list → its values",
    )
    shared_with = SharedIn(required=False, allow_null=True)


class SavedFilterOut(serializers.ModelSerializer[SavedFilter]):
    owner = PersonOut()
    mine = serializers.SerializerMethodField()
    shared_area = PlaceOut(allow_null=True)
    shared_department = UnitOut(allow_null=True)
    query = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    query_string = serializers.SerializerMethodField(help_text="for the address of the list")

    class Meta:
        model = SavedFilter
        fields = (
            *("id", "version", "of", "name", "query", "query_string", "owner", "mine"),
            *("shared_area", "shared_department", "created_at", "updated_at"),
        )

    def get_mine(self, row: SavedFilter) -> bool:
        return bool(row.owner_id == self.context["request"].user.pk)

    @extend_schema_field(serializers.CharField())
    def get_query_string(self, row: SavedFilter) -> str:
        return urlencode(row.query, doseq=True)


class OfFilter(django_filters.FilterSet):
    of = django_filters.ChoiceFilter(choices=SavedFilter.Of.choices, label="which list")
    mine = django_filters.BooleanFilter(method="by_mine", label="my own; false: those shared with me")

    class Meta:
        model = SavedFilter
        fields: list[str] = []

    def by_mine(self, rows: QuerySet[SavedFilter], name: str, mine: bool) -> QuerySet[SavedFilter]:
        return rows.filter(owner=self.request.user) if mine else rows.exclude(owner=self.request.user)


@extend_schema_view(get=extend_schema(operation_id="saved_filters"))
class SavedFilterList(ListAPIView[SavedFilter]):
    """The caller's filters and those shared with the caller's desk or unit, newest first."""

    serializer_class = SavedFilterOut
    filterset_class = OfFilter
    keyset = ("-created_at", "-id")
    queryset = SavedFilter.objects.none()

    def get_queryset(self) -> QuerySet[SavedFilter]:
        return self.queryset if getattr(self, "swagger_fake_view", False) else usable_filters(caller(self.request))


class SavedFilterView(APIView):
    @extend_schema(responses=SavedFilterOut, operation_id="saved_filter")
    def get(self, request: Request, pk: UUID) -> Response:
        """One filter, of the caller's own or shared with the caller."""
        return _shown(request, pk)

    @extend_schema(
        request=SavedFilterIn,
        responses={201: SavedFilterOut, 200: OpenApiResponse(SavedFilterOut, description="It stood, or was changed")},
        operation_id="put_saved_filter",
        examples=[OpenApiExample("the street's red lights, shared with its desk", request_only=True, value=EXAMPLE)],
    )
    def put(self, request: Request, pk: UUID) -> Response:
        """Keep a filter under an id of one's own; sending it again is safe, a change carries the version it saw."""
        body = SavedFilterIn(data=request.data)
        body.is_valid(raise_exception=True)
        data = body.validated_data
        if len(urlencode(data["query"], doseq=True)) > MAX_LENGTH:
            raise Problem("filter_too_long", "query")
        refused = refusals(data["of"], data["query"])
        if refused:
            raise Problem("invalid", errors=refused)
        wanted = Wanted(data["of"], data["name"], data["query"], _node(data.get("shared_with")))
        _row, new = put_filter(caller(request), pk, wanted, version=data.get("version"))
        return _shown(request, pk, 201 if new else 200)

    @extend_schema(
        parameters=[OpenApiParameter("version", int, description="the version seen")],
        responses={204: None},
        operation_id="delete_saved_filter",
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete one of the caller's own; a repeat changes nothing."""
        raw = request.query_params.get("version", "")
        if raw and not (raw.isascii() and raw.isdecimal() and len(raw) < 10):
            raise Problem("invalid", "version")
        delete_filter(caller(request), pk, version=int(raw) if raw else None)
        return Response(status=204)


def _shown(request: Request, pk: UUID, status: int = 200) -> Response:
    row = usable_filters(caller(request)).filter(pk=pk).first()
    if row is None:
        raise Problem("not_found")
    return Response(SavedFilterOut(row, context={"request": request}).data, status=status)


def _node(shared: dict[str, str] | None) -> Area | Department | None:
    """The desk or unit named; the sharing with both, with neither or with an unknown one is refused alike."""
    if shared is None:
        return None
    area, department = shared.get("area"), shared.get("department")
    node: Area | Department | None = None
    if area and not department:
        node = Area.objects.filter(code=area, is_active=True).defer("geometry").first()
    elif department and not area:
        node = Department.objects.filter(code=department, is_active=True).first()
    if node is None:
        raise Problem("filter_not_shared_here", "shared_with")
    return node


urlpatterns = [
    path("saved_filters", SavedFilterList.as_view(), name="saved-filters-list"),
    path("saved_filters/<uuid:pk>", SavedFilterView.as_view(), name="saved-filter"),
]
