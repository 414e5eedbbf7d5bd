"""Buildings and who lives behind their doors."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from core.problems import Problem
from households.access import get_building, visible_buildings
from households.actions.buildings import put_building
from households.actions.revealing import BUILDING_FIELDS, reveal_building
from households.api.filters import BuildingFilter
from households.api.input import BuildingIn, RevealBuildingIn, said_by
from households.api.output import BuildingOut, HouseholdRow, for_rows, with_size
from households.api.views import in_full, telling_the_present
from households.doors import door_order
from households.models import Building, Household

# More doors than any building has; the order is known only after they are decrypted.
MOST_DOORS = 2000


def shown_building(request: Request, building_id: UUID) -> Any:
    building = with_size(visible_buildings(caller(request))).filter(pk=building_id).first()
    if building is None:
        raise Problem("not_found")
    return BuildingOut(building).data


class BuildingList(ListAPIView[Building]):
    """The buildings of the caller's places, in the order of their ids."""

    serializer_class = BuildingOut
    filterset_class = BuildingFilter
    keyset = ("id",)
    queryset = Building.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return with_size(visible_buildings(caller(self.request)))


class BuildingView(APIView):
    """One building."""

    @extend_schema(responses=BuildingOut, operation_id="building")
    def get(self, request: Request, pk: UUID) -> Response:
        """A building; its head 楼栋长 masked."""
        return Response(shown_building(request, pk))

    @extend_schema(
        request=BuildingIn,
        responses={201: BuildingOut, 200: OpenApiResponse(BuildingOut, description="It stood already, or was changed")},
        operation_id="put_building",
        examples=[
            OpenApiExample(
                "a block of flats",
                request_only=True,
                value={
                    "grid": "371082007032002",
                    "estate": "台上小区",
                    "number": "3号楼",
                    "units": 4,
                    "floors": 6,
                    "position": {"lng": 122.432957, "lat": 37.150893, "coord_type": "wgs84"},
                    "head_name": "李四",
                    "head_phone": "13912345678",
                    "party_group": "第三楼栋党小组",
                },
            )
        ],
    )
    def put(self, request: Request, pk: UUID) -> Response:
        """Register a building under an id of one's own, or change it; sending it again is safe.

        What is left out stays; a change carries the version it saw. Moved to another grid it takes its households.
        """
        said = said_by(BuildingIn, request.data)
        with telling_the_present(lambda: shown_building(request, pk)):
            _row, new = put_building(caller(request), pk, said, version=said.pop("version", None))
        return Response(shown_building(request, pk), status=201 if new else 200)


class HouseholdsOfBuilding(APIView):
    """Who lives in a building."""

    @extend_schema(responses=HouseholdRow(many=True), operation_id="building_households")
    def get(self, request: Request, pk: UUID) -> Response:
        """All active households of the building by unit and room, on one page."""
        user = caller(request)
        building = get_building(user, pk)
        rows = for_rows(Household.objects.filter(building=building, ended_at__isnull=True))[:MOST_DOORS]
        in_order = sorted(rows, key=lambda row: door_order(row.unit, row.room))
        return Response(HouseholdRow(in_order, many=True, context={"user": user}).data)


class RevealBuilding(APIView):
    """The building head in full."""

    @extend_schema(
        request=RevealBuildingIn,
        responses={200: {"type": "object", "properties": {name: {"type": "string"} for name in BUILDING_FIELDS}}},
        operation_id="building_reveal",
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """With a reason, for those who may; the look is on record once."""
        said = said_by(RevealBuildingIn, request.data)
        return in_full(reveal_building(caller(request), pk, said.pop("what"), **said))
