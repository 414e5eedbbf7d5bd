"""巡查 Patrols: check-in, track, end."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from households.actions.patrols import add_points, end_patrol, get_patrol, put_patrol, visible_patrols
from households.api.filters import PatrolFilter
from households.api.input import said_by
from households.api.visits_io import (
    EndPatrolIn,
    PatrolIn,
    PatrolOut,
    PointOut,
    PointsIn,
    PointsKept,
    checked_in,
    passed,
)
from households.models import Patrol, TrackPoint


class PatrolList(ListAPIView[Patrol]):
    """The caller's patrols and those of the places where they confirm colours, newest first."""

    serializer_class = PatrolOut
    filterset_class = PatrolFilter
    keyset = ("-started_at", "-id")
    queryset = Patrol.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return visible_patrols(caller(self.request)).select_related("grid", "worker").defer("grid__geometry")


class PatrolView(APIView):
    """One patrol."""

    @extend_schema(responses=PatrolOut, operation_id="patrol")
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(PatrolOut(get_patrol(caller(request), pk)).data)

    @extend_schema(
        request=PatrolIn,
        responses={201: PatrolOut, 200: OpenApiResponse(PatrolOut, description="It had arrived before")},
        operation_id="put_patrol",
    )
    def put(self, request: Request, pk: UUID) -> Response:
        """签到 Check in inside the own grid, under an id of the phone's own; sending it again is safe."""
        patrol, new = put_patrol(caller(request), pk, checked_in(said_by(PatrolIn, request.data), request.data))
        return Response(PatrolOut(get_patrol(caller(request), patrol.pk)).data, status=201 if new else 200)


class EndPatrol(APIView):
    @extend_schema(request=EndPatrolIn, responses=PatrolOut, operation_id="patrol_end")
    def post(self, request: Request, pk: UUID) -> Response:
        """End the own patrol; the same end again changes nothing."""
        return Response(PatrolOut(end_patrol(caller(request), pk, **said_by(EndPatrolIn, request.data))).data)


@extend_schema_view(get=extend_schema(operation_id="patrol_points"))
class PatrolPoints(ListAPIView[TrackPoint]):
    """The track of a patrol, as far as it is kept."""

    serializer_class = PointOut
    keyset = ("at", "id")
    queryset = TrackPoint.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return TrackPoint.objects.filter(patrol=get_patrol(caller(self.request), self.kwargs["pk"]))

    @extend_schema(request=PointsIn, responses=PointsKept, operation_id="patrol_add_points")
    def post(self, request: Request, pk: UUID) -> Response:
        """Send where one was. Kept only in working hours, only if switched on, and only for days."""
        return Response({"kept": add_points(caller(request), pk, passed(said_by(PointsIn, request.data)))})
