"""The overview, and the lists behind its numbers."""

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from core.filters import PAGING
from reports.api.figures_io import (
    AskedIn,
    AssignmentsBehindIn,
    CallbacksBehindIn,
    FigureAssignment,
    FigureCallback,
    FigureWhistle,
    OverviewIn,
    OverviewOut,
    ReportsBehindIn,
    WhistlesBehindIn,
)
from reports.api.output.report import ReportRow
from reports.figures.asked import place_for, span_of
from reports.figures.overview import overview
from reports.figures.table import FIGURES
from reports.models import Assignment, CallbackTry, Report, Whistle


def said_by(body: type[AskedIn], request: Request) -> dict[str, Any]:
    """What the address asks for. Raises `invalid` for what it should not, an unknown name included."""
    serializer = body(data={name: value for name, value in request.query_params.items() if name not in PAGING})
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


class Overview(APIView):
    """The figures of an area and a period."""

    @extend_schema(parameters=[OverviewIn], responses=OverviewOut, operation_id="figures_overview")
    def get(self, request: Request) -> Response:
        """一屏统览 Now, the period, rates, hot items, ranking and load by place; each number opens its list.

        403 for those who see no area's reports, 404 for an area outside what they see.
        """
        said = said_by(OverviewIn, request)
        span = span_of(said.get("first"), said.get("last"))
        # A thousand numbers of one form: the schema describes them, a serializer would double the time of the answer.
        return Response(overview(place_for(caller(request), said.get("area")), span, said.get("by")))


class Behind(ListAPIView[Any]):
    """The rows that a figure counts, by the same condition."""

    body: type[AskedIn] = AskedIn
    filterset_class = None
    queryset: Any = None
    keyset: tuple[str, ...] = ("-id",)
    joins: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        said = said_by(self.body, self.request)
        span = span_of(said.get("first"), said.get("last"))
        rows = FIGURES[said["figure"]].behind(place_for(caller(self.request), said.get("area")), span)
        return self.narrowed(rows, said).select_related(*self.joins).defer(*self.left_out)

    def narrowed(self, rows: QuerySet[Any], said: dict[str, Any]) -> QuerySet[Any]:
        return rows


@extend_schema_view(get=extend_schema(parameters=[ReportsBehindIn], operation_id="figures_reports"))
class ReportsBehind(Behind):
    """The reports that a figure counts, newest first."""

    body = ReportsBehindIn
    serializer_class = ReportRow
    keyset = ("-received_at", "-id")
    queryset = Report.objects.none()
    joins = ("item", "grid", "street", "lead_department", "reporter")
    left_out = ("grid__geometry", "street__geometry", "answers", "asked")

    def narrowed(self, rows: QuerySet[Any], said: dict[str, Any]) -> QuerySet[Any]:
        narrow = Q()
        if "department" in said:
            narrow &= Q(lead_department__code=said["department"])
        if "item" in said:
            narrow &= Q(item__code=said["item"])
        return rows.filter(narrow)


@extend_schema_view(get=extend_schema(parameters=[WhistlesBehindIn], operation_id="figures_whistles"))
class WhistlesBehind(Behind):
    """The whistles that a figure counts, newest first."""

    body = WhistlesBehindIn
    serializer_class = FigureWhistle
    queryset = Whistle.objects.none()
    joins = ("calling_area", "calling_department", "report")
    left_out = ("calling_area__geometry", "report__answers", "report__asked")


@extend_schema_view(get=extend_schema(parameters=[AssignmentsBehindIn], operation_id="figures_assignments"))
class AssignmentsBehind(Behind):
    """The duties that a figure counts, newest first."""

    body = AssignmentsBehindIn
    serializer_class = FigureAssignment
    queryset = Assignment.objects.none()
    joins = ("department", "handed_from", "assignee", "report")
    left_out = ("report__answers", "report__asked")


@extend_schema_view(get=extend_schema(parameters=[CallbacksBehindIn], operation_id="figures_callbacks"))
class CallbacksBehind(Behind):
    """The answers of requesters that a figure counts, newest first."""

    body = CallbacksBehindIn
    serializer_class = FigureCallback
    queryset = CallbackTry.objects.none()
    joins = ("by", "report")
    left_out = ("report__answers", "report__asked")
