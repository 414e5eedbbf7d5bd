"""What may be the same matter: before a report is sent, and for one that came in."""

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from accounts.roles import Can
from core.problems import Problem
from grids.coordinates import to_wgs84
from grids.scope import scope_of
from reports.access import get_report, may
from reports.api.input import PositionIn
from reports.api.output.alike import AlikeOut, MatchOut
from reports.duplicates import alike, nearby_reports


class Nearby(APIView):
    """Reports that may be the same matter."""

    @extend_schema(
        parameters=[
            OpenApiParameter("lng", float, required=True),
            OpenApiParameter("lat", float, required=True),
            OpenApiParameter("coord_type", str, required=True, enum=["wgs84", "cgcs2000", "gcj02", "bd09"]),
            OpenApiParameter("item", str, required=True, description="catalogue code"),
        ],
        responses=MatchOut(many=True),
        operation_id="nearby_reports",
    )
    def get(self, request: Request) -> Response:
        """Same item, within 50 m and 24 h (settings), most alike first; offered before the worker sends."""
        if not scope_of(caller(request)).anywhere(Can.SUBMIT_REPORT):
            raise Problem("forbidden")
        names = ("lng", "lat", "coord_type")
        position = PositionIn(data={name: request.query_params[name] for name in names if name in request.query_params})
        position.is_valid(raise_exception=True)
        item = request.query_params.get("item", "")
        if not item or "\x00" in item:
            raise Problem("invalid", "item")
        point = position.validated_data
        lng, lat = to_wgs84(point["lng"], point["lat"], point["coord_type"])
        return Response(MatchOut(nearby_reports(item, lng, lat), many=True).data)


class Duplicates(APIView):
    """Reports to merge with this one, and what happened here before."""

    @extend_schema(responses=AlikeOut, operation_id="report_duplicates")
    def get(self, request: Request, pk: UUID) -> Response:
        """Open reports within 50 m and 24 h with the reasons, and the same item here within 30 days (settings)."""
        user = caller(request)
        report = get_report(user, pk, Can.VIEW_REPORTS)
        return Response(AlikeOut(alike(report, lambda other: may(user, Can.VIEW_REPORTS, other))).data)
