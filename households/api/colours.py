"""网格五色: proposing a colour, deciding on it, its history, what the rules suggest, and the colours of grids."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from core.problems import Problem
from grids.models import Area
from households.access import get_household, visible_changes, visible_households
from households.actions import colours
from households.actions.frame import AlreadyDone
from households.api.colours_io import (
    ColourChangeOut,
    ColourReasonOut,
    DecideColourIn,
    GridColourOut,
    ProposeColourIn,
    RefuseColourIn,
    SuggestionRow,
    for_changes,
    suggested_rows,
    with_colours,
)
from households.api.filters import ColourChangeFilter, HouseholdFilter
from households.api.input import said_by
from households.api.output import for_rows
from households.api.views import same_step, shown, telling_the_present
from households.figures import grids_of
from households.models import ColourChange, ColourReason, Household
from households.models.vocabulary import EventKind
from households.suggestions import rules_in_force, with_suggestions

DECISIONS: dict[str, tuple[Any, str, type[serializers.BaseSerializer[Any]]]] = {
    "confirm": (colours.confirm_colour, EventKind.CONFIRM_COLOUR, DecideColourIn),
    "refuse": (colours.refuse_colour, EventKind.REFUSE_COLOUR, RefuseColourIn),
    "withdraw": (colours.withdraw_colour, EventKind.WITHDRAW_COLOUR, DecideColourIn),
}


def show_change(request: Request, change_id: int, status: int = 200) -> Response:
    user = caller(request)
    change = for_changes(visible_changes(user)).filter(pk=change_id)
    return Response(ColourChangeOut(change.get(), context={"user": user}).data, status=status)


class ColourReasonList(ListAPIView[ColourReason]):
    """Why a colour may be changed."""

    serializer_class = ColourReasonOut
    keyset = ("id",)
    queryset = ColourReason.objects.all()


class ProposeColour(APIView):
    @extend_schema(request=ProposeColourIn, responses={201: ColourChangeOut}, operation_id="household_propose_colour")
    def post(self, request: Request, pk: UUID) -> Response:
        """提出变更 Propose another colour. A graver one is in effect at once, a milder one when it is confirmed."""
        said = said_by(ProposeColourIn, request.data)
        with telling_the_present(lambda: shown(request, pk)):
            try:
                change_id = colours.propose_colour(caller(request), pk, **said).pk
            except AlreadyDone as done:
                change_id = same_step(done, EventKind.PROPOSE_COLOUR)["change"]
        return show_change(request, change_id, 201)


class ColoursOfHousehold(ListAPIView[ColourChange]):
    """Every change of a household's colour, newest first."""

    serializer_class = ColourChangeOut
    keyset = ("-id",)
    queryset = ColourChange.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        household = get_household(caller(self.request), self.kwargs["pk"])
        return for_changes(ColourChange.objects.filter(household=household))

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "user": self.request.user}


class ColourChangeList(ListAPIView[ColourChange]):
    """Changes of colour of the households the caller may see, newest first; `to_decide`: those that wait for them."""

    serializer_class = ColourChangeOut
    filterset_class = ColourChangeFilter
    keyset = ("-id",)
    queryset = ColourChange.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return for_changes(visible_changes(caller(self.request)))

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "user": self.request.user}


class DecideColour(APIView):
    """One decision; which is named by the address."""

    decision = ""

    def decide(self, request: Request, pk: int) -> Response:
        act, kind, body = DECISIONS[self.decision]
        said = said_by(body, request.data)
        try:
            act(caller(request), pk, **said)
        except AlreadyDone as done:
            if same_step(done, kind)["change"] != pk:
                raise Problem("request_id_taken", "request_id") from None
        return show_change(request, pk)


class ConfirmColour(DecideColour):
    decision = "confirm"

    @extend_schema(request=DecideColourIn, responses=ColourChangeOut, operation_id="colour_confirm")
    def post(self, request: Request, pk: int) -> Response:
        """确认 Somebody else than the proposer lets the colour stand."""
        return self.decide(request, pk)


class RefuseColour(DecideColour):
    decision = "refuse"

    @extend_schema(request=RefuseColourIn, responses=ColourChangeOut, operation_id="colour_refuse")
    def post(self, request: Request, pk: int) -> Response:
        """驳回 The colour does not stand; a graver one falls back to the one before."""
        return self.decide(request, pk)


class WithdrawColour(DecideColour):
    decision = "withdraw"

    @extend_schema(request=DecideColourIn, responses=ColourChangeOut, operation_id="colour_withdraw")
    def post(self, request: Request, pk: int) -> Response:
        """撤回 The proposer takes it back while it waits."""
        return self.decide(request, pk)


@extend_schema_view(get=extend_schema(operation_id="household_suggestions"))
class SuggestionList(ListAPIView[Household]):
    """Households for which the rules suggest a graver colour, with the evidence. Only a person sets one."""

    serializer_class = SuggestionRow
    filterset_class = HouseholdFilter
    keyset = ("id",)
    queryset = Household.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        user = caller(self.request)
        self.rules = rules_in_force()
        return for_rows(with_suggestions(user, visible_households(user), self.rules))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(suggested_rows(caller(request), rows, self.rules))


class SuggestionsOfHousehold(APIView):
    @extend_schema(responses=SuggestionRow, operation_id="household_suggestion")
    def get(self, request: Request, pk: UUID) -> Response:
        """What the rules suggest for one household, with the evidence."""
        user = caller(request)
        household = get_household(user, pk)
        row = for_rows(Household.objects.filter(pk=household.pk)).get()
        return Response(suggested_rows(user, [row], rules_in_force())[0])


@extend_schema_view(get=extend_schema(operation_id="grid_colours"))
class GridColours(ListAPIView[Area]):
    """The colours of the caller's grids: the gravest confirmed one, and how many households have which."""

    serializer_class = GridColourOut
    keyset = ("code",)
    queryset = Area.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        grids = grids_of(caller(self.request), self.request.query_params.get("area"))
        return with_colours(grids.defer("geometry"))
