"""Households: lists, files, and the steps on them."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from accounts.roles import Can
from households.access import get_household, may, visible_households
from households.actions import moving
from households.actions.frame import AlreadyDone
from households.actions.registering import put_household
from households.actions.revealing import look_up, reveal_household
from households.api.filters import HouseholdFilter
from households.api.input import (
    HouseholdIn,
    LookUpIn,
    MergeHouseholdIn,
    MoveInIn,
    MoveOutIn,
    SplitHouseholdIn,
    WhyIn,
    said_by,
)
from households.api.output import HouseholdDetail, HouseholdEventOut, HouseholdRow, for_rows
from households.api.views import in_full, same_step, show, shown, telling_the_present
from households.models import Household, HouseholdEvent
from households.models.vocabulary import EventKind

MOST_LOOKED_UP = 50


class HouseholdList(ListAPIView[Household]):
    """The households the caller may see, in the order of their ids; the active ones unless `ended` is asked."""

    serializer_class = HouseholdRow
    filterset_class = HouseholdFilter
    keyset = ("id",)
    queryset = Household.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return for_rows(visible_households(caller(self.request)))

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "user": self.request.user}


class HouseholdView(APIView):
    """One household."""

    @extend_schema(responses=HouseholdDetail, operation_id="household")
    def get(self, request: Request, pk: UUID) -> Response:
        """一户一档 The file: door, residents, tags, colour. Reports and history have addresses of their own."""
        return show(request, pk)

    @extend_schema(
        request=HouseholdIn,
        responses={
            201: HouseholdDetail,
            200: OpenApiResponse(HouseholdDetail, description="It stood already, or was changed"),
        },
        operation_id="put_household",
        examples=[
            OpenApiExample(
                "a let flat",
                request_only=True,
                value={
                    "building": "5a0f0a52-3a5e-4a0e-9d4a-0d7f2c1b9e11",
                    "unit": "2",
                    "room": "502",
                    "occupancy": "tenant",
                    "kind": "family",
                    "tags": ["floating"],
                },
            )
        ],
    )
    def put(self, request: Request, pk: UUID) -> Response:
        """登记 Register a household under an id of one's own, or change it; sending it again is safe.

        What is left out stays. A change carries the version it saw; 409 `stale_version` shows the present state.
        """
        said = said_by(HouseholdIn, request.data)
        with telling_the_present(lambda: shown(request, pk)):
            _row, new = put_household(caller(request), pk, said, version=said.pop("version", None))
        return show(request, pk, 201 if new else 200)


class HouseholdEvents(ListAPIView[HouseholdEvent]):
    """The history of a household, newest first; steps about special groups only for those who may know of them."""

    serializer_class = HouseholdEventOut
    keyset = ("-id",)
    queryset = HouseholdEvent.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        user = caller(self.request)
        household = get_household(user, self.kwargs["pk"])
        rows = HouseholdEvent.objects.filter(household=household).select_related("actor")
        return rows if may(user, Can.VIEW_SPECIAL_GROUPS, household) else rows.filter(restricted=False)


class MoveIn(APIView):
    @extend_schema(request=MoveInIn, responses=HouseholdDetail, operation_id="household_move_in")
    def post(self, request: Request, pk: UUID) -> Response:
        """迁入 Somebody moves into a vacant dwelling."""
        said = said_by(MoveInIn, request.data)
        with telling_the_present(lambda: shown(request, pk)):
            try:
                moving.move_in(caller(request), pk, **said)
            except AlreadyDone as done:
                same_step(done, EventKind.MOVE_IN)
        return show(request, pk)


class MoveOut(APIView):
    @extend_schema(request=MoveOutIn, responses=HouseholdDetail, operation_id="household_move_out")
    def post(self, request: Request, pk: UUID) -> Response:
        """迁出 All leave and the household ends; with `vacant` a vacant one stays behind the door."""
        said = said_by(MoveOutIn, request.data)
        with telling_the_present(lambda: shown(request, pk)):
            try:
                moving.move_out(caller(request), pk, **said)
            except AlreadyDone as done:
                same_step(done, EventKind.MOVE_OUT)
        return show(request, pk)


class Split(APIView):
    @extend_schema(request=SplitHouseholdIn, responses={201: HouseholdDetail}, operation_id="household_split")
    def post(self, request: Request, pk: UUID) -> Response:
        """分户 Some of the residents become a household of their own; the answer is the new one."""
        said = said_by(SplitHouseholdIn, request.data)
        new_id, residents, place = said.pop("id"), said.pop("residents"), dict(said.pop("place"))
        with telling_the_present(lambda: shown(request, pk)):
            try:
                moving.split(caller(request), pk, new_id, residents, place, **said)
            except AlreadyDone as done:
                new_id = UUID(same_step(done, EventKind.SPLIT)["into"])
        return show(request, new_id, 201)


class Merge(APIView):
    @extend_schema(request=MergeHouseholdIn, responses=HouseholdDetail, operation_id="household_merge")
    def post(self, request: Request, pk: UUID) -> Response:
        """并户 Its residents go to another household and it ends; the answer is the other one."""
        said = said_by(MergeHouseholdIn, request.data)
        into = said.pop("into")
        with telling_the_present(lambda: shown(request, pk)):
            try:
                moving.merge(caller(request), pk, into, **said)
            except AlreadyDone as done:
                into = UUID(same_step(done, EventKind.MERGE)["into"])
        return show(request, into)


class LookUp(APIView):
    """A household by a number."""

    @extend_schema(request=LookUpIn, responses=HouseholdRow(many=True), operation_id="household_look_up")
    def post(self, request: Request) -> Response:
        """Where somebody with this phone or document lives, among the households one may see; the look is on record.

        POST, because a number in an address ends up in logs on the way. 429 beyond `LOOKUPS_PER_HOUR`.
        """
        user = caller(request)
        rows = for_rows(look_up(user, **said_by(LookUpIn, request.data))).order_by("pk")[:MOST_LOOKED_UP]
        return Response(HouseholdRow(rows, many=True, context={"user": user}).data)


class RevealDoor(APIView):
    """A door in full."""

    @extend_schema(
        request=WhyIn,
        responses={200: {"type": "object", "required": ["door"], "properties": {"door": {"type": "string"}}}},
        operation_id="household_reveal",
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """With a reason, for those who may; the look is on record."""
        return in_full(reveal_household(caller(request), pk, **said_by(WhyIn, request.data)))
