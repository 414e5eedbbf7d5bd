"""走访 Visits: sending, reading, whose turn it is, in which order to go, and how much of it is done."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from core.problems import Problem
from grids.coordinates import to_wgs84
from households import figures
from households.access import get_household, visible_households, visible_visits
from households.actions.visits import get_visit, put_visit, receive_photo
from households.api.filters import DueFilter, VisitFilter
from households.api.input import said_by
from households.api.output import HouseholdRow, for_rows
from households.api.visits_io import (
    FiguresIn,
    FiguresOut,
    HouseholdsBehindIn,
    RouteIn,
    RouteOut,
    VisitDetail,
    VisitIn,
    VisitPhotoOut,
    VisitReceipt,
    VisitRow,
    VisitsBehindIn,
    for_visits,
    receipt,
    visited,
)
from households.models import Household, Visit, VisitPhoto
from households.route import nearest_first
from reports.api.reports import AnyBytes
from reports.calendar import today
from reports.photos.serving import photo_response
from reports.photos.storage import rendered_path

VARIANTS = ("display", "thumbnail")
MOST_ON_A_ROUTE = 100


class ForReader(ListAPIView[Any]):
    """A list whose rows depend on who reads it."""

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "user": self.request.user}


class VisitList(ForReader):
    """The visits to households the caller may see, newest first."""

    serializer_class = VisitRow
    filterset_class = VisitFilter
    keyset = ("-visited_at", "-id")
    queryset = Visit.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return for_visits(visible_visits(caller(self.request)))


@extend_schema_view(get=extend_schema(operation_id="household_visits"))
class VisitsOfHousehold(ForReader):
    """The visits to one household, newest first."""

    serializer_class = VisitRow
    keyset = ("-visited_at", "-id")
    queryset = Visit.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        household = get_household(caller(self.request), self.kwargs["pk"])
        return for_visits(Visit.objects.filter(household=household))


class VisitView(APIView):
    """One visit."""

    @extend_schema(responses=VisitDetail, operation_id="visit")
    def get(self, request: Request, pk: UUID) -> Response:
        """A visit with what was written of it, for those who work with that."""
        user = caller(request)
        get_visit(user, pk)
        visit = for_visits(Visit.objects.filter(pk=pk)).prefetch_related("photos").get()
        return Response(VisitDetail(visit, context={"user": user}).data)

    @extend_schema(
        request=VisitIn,
        responses={201: VisitReceipt, 200: OpenApiResponse(VisitReceipt, description="It had arrived before")},
        operation_id="put_visit",
        examples=[
            OpenApiExample(
                "two visitors at a household in orange",
                request_only=True,
                value={
                    "household": "5a0f0a52-3a5e-4a0e-9d4a-0d7f2c1b9e11",
                    "visited_at": "2026-11-20T09:12:00+08:00",
                    "position": {"lng": 122.432957, "lat": 37.150893, "coord_type": "wgs84", "accuracy": 8},
                    "result": "met",
                    "visitors": ["yatou-w001", "yatou-c01"],
                    "measure": "已约双方周五到社区调解",
                },
            )
        ],
    )
    def put(self, request: Request, pk: UUID) -> Response:
        """Send a visit under an id of the phone's own. Sending it again is safe: 200 with the same answer.

        409 `visit_differs` if the id was used for another body. Photos follow one by one, the report as any other.
        """
        said = visited(said_by(VisitIn, request.data), request.data)
        visit, created = put_visit(caller(request), pk, said)
        return Response(receipt(visit), status=201 if created else 200)


class VisitPhotoView(GenericAPIView[VisitPhoto]):
    """One photo of a visit, named by the sha256 of its bytes."""

    serializer_class = VisitPhotoOut
    queryset = VisitPhoto.objects.none()

    def get_parsers(self) -> Any:
        return [AnyBytes()]

    @extend_schema(
        request={"image/jpeg": OpenApiTypes.BINARY, "image/heic": OpenApiTypes.BINARY},
        responses={201: VisitPhotoOut, 200: OpenApiResponse(VisitPhotoOut, description="It had arrived before")},
        operation_id="upload_visit_photo",
    )
    def put(self, request: Request, pk: UUID, sha256: str) -> Response:
        """Send the bytes of an announced photo; in any order, as often as needed."""
        data = request.data if isinstance(request.data, bytes) else b""
        photo, new = receive_photo(caller(request), pk, sha256, data)
        return Response(VisitPhotoOut(photo).data, status=201 if new else 200)

    @extend_schema(
        parameters=[OpenApiParameter("variant", enum=VARIANTS, default="display")],
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY},
        operation_id="visit_photo",
    )
    def get(self, request: Request, pk: UUID, sha256: str) -> HttpResponseBase:
        """The picture, for those who may see the household. The original stays sealed."""
        variant = request.query_params.get("variant", "display")
        if variant not in VARIANTS:
            raise Problem("invalid", "variant")
        visit = get_visit(caller(request), pk)
        photo = VisitPhoto.objects.filter(visit=visit, sha256=sha256, received_at__isnull=False).first()
        if photo is None:
            raise Problem("not_found")
        return photo_response(rendered_path(photo.pk, variant))


class DueList(ForReader):
    """到期走访 The households whose visit is due today or was before, the longest overdue first.

    `due_by` looks ahead, `worker` shows the list of one grid worker.
    """

    serializer_class = HouseholdRow
    filterset_class = DueFilter
    keyset = ("next_visit_due", "id")
    queryset = Household.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return for_rows(due_households(self.request))


class DailyList(ForReader):
    """日碰头 The households spoken of every day: those whose colour is on the daily list, the most urgent first."""

    serializer_class = HouseholdRow
    keyset = ("next_visit_due", "id")
    queryset = Household.objects.none()

    @extend_schema(
        parameters=[OpenApiParameter("area", str, description="code; only below it")], operation_id="daily_list"
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        rows = due_households(self.request).filter(risk_level__on_daily_list=True)
        area = self.request.query_params.get("area")
        if area is not None:
            rows = rows.filter(grid__in=figures.grids_of(caller(self.request), area))
        return for_rows(rows)


class Route(APIView):
    @extend_schema(parameters=[RouteIn], responses=RouteOut, operation_id="visit_route")
    def get(self, request: Request) -> Response:
        """The households most overdue, at most a hundred, in the order to walk them: always to the nearest one left."""
        user, said = caller(request), said_by(RouteIn, request.query_params.dict())
        lng, lat = to_wgs84(said["lng"], said["lat"], said["coord_type"])
        rows = due_households(request).filter(next_visit_due__lte=said.get("due_by") or today())
        if "worker" in said or "area" in said:
            rows = rows.filter(grid__in=figures.grids_of(user, said.get("area"), said.get("worker")))
        legs = nearest_first(list(for_rows(rows).order_by("next_visit_due", "pk")[:MOST_ON_A_ROUTE]), lng, lat)
        way = {"legs": legs, "metres": sum(leg.metres or 0.0 for leg in legs)}
        return Response(RouteOut(way, context={"user": user}).data)


class Figures(APIView):
    @extend_schema(parameters=[FiguresIn], responses=FiguresOut, operation_id="visit_figures")
    def get(self, request: Request) -> Response:
        """走访完成率 visit_completion and patrol_coverage by grid or worker; each count opens the list behind it."""
        said = said_by(FiguresIn, request.query_params.dict())
        by, period = said.get("by", "grid"), period_of(said)
        grids = figures.grids_of(caller(request), said.get("area"), said.get("worker"))
        of_grids = figures.by_grid(grids, period)
        rows = of_grids if by == "grid" else figures.by_worker(grids, of_grids)
        among = {name: said[name] for name in ("area", "worker") if name in said}
        context = {"period": period, "by": by, "among": among}
        return Response(FiguresOut({"total": figures.total(of_grids), "rows": rows}, context=context).data)


@extend_schema_view(get=extend_schema(parameters=[VisitsBehindIn], operation_id="visits_behind_figure"))
class VisitsBehind(ForReader):
    """The visits a figure counts."""

    serializer_class = VisitRow
    keyset = ("-visited_at", "-id")
    queryset = Visit.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return for_visits(behind(self.request, VisitsBehindIn))


@extend_schema_view(get=extend_schema(parameters=[HouseholdsBehindIn], operation_id="households_behind_figure"))
class HouseholdsBehind(ForReader):
    """The households a figure counts."""

    serializer_class = HouseholdRow
    keyset = ("id",)
    queryset = Household.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return for_rows(behind(self.request, HouseholdsBehindIn))


def due_households(request: Request) -> Any:
    """The caller's active households that have a day on which they are due."""
    return visible_households(caller(request)).filter(ended_at__isnull=True, next_visit_due__isnull=False)


def period_of(said: dict[str, Any]) -> figures.Period:
    if said["last"] < said["first"]:
        raise Problem("period_backwards", "last")
    return figures.Period(said["first"], said["last"])


def behind(request: Request, body: Any) -> Any:
    paging = ("cursor", "page_size")
    said = said_by(body, {name: value for name, value in request.query_params.items() if name not in paging})
    grids = figures.grids_of(caller(request), said.get("area"), said.get("worker"))
    return figures.behind(said["column"], grids, period_of(said))
