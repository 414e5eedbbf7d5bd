"""Residents of a household, in full by reveal, and special groups."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from core.problems import Problem
from households.actions.frame import AlreadyDone
from households.actions.groups import enter_group, leave_group
from households.actions.residents import move_out_resident, put_resident
from households.actions.revealing import RESIDENT_FIELDS, reveal_resident
from households.api.input import EnterGroupIn, LeaveGroupIn, ResidentIn, ResidentOutIn, RevealResidentIn, said_by
from households.api.output import GroupEntryOut, ResidentOut
from households.api.views import in_full, resident_context, same_step, telling_the_present
from households.detail import full_household
from households.models import SpecialGroupEntry
from households.models.vocabulary import EventKind

LARGEST_ID = 2**62


def shown_resident(request: Request, household_id: UUID, resident_id: UUID) -> Any:
    """One resident, masked, or `not_found`."""
    household: Any = full_household(caller(request), household_id)
    for one in [*household.present, *household.former]:
        if one.pk == resident_id:
            return ResidentOut(one, context=resident_context(request, household)).data
    raise Problem("not_found")


class ResidentView(APIView):
    """One resident."""

    @extend_schema(
        request=ResidentIn,
        responses={
            201: ResidentOut,
            200: OpenApiResponse(ResidentOut, description="The resident stood already, or was changed"),
        },
        operation_id="put_resident",
        examples=[
            OpenApiExample(
                "the head of a household",
                request_only=True,
                value={
                    "name": "张三",
                    "doc_type": "id_card",
                    "doc_number": "371082199001011234",
                    "phone": "13812345678",
                    "relation": "head",
                    "moved_in": "2024-05-01",
                },
            )
        ],
    )
    def put(self, request: Request, pk: UUID, resident: UUID) -> Response:
        """Add a resident under an id of one's own, or change one; sending it again is safe.

        What is left out stays; a masked value sent back is refused. A change carries the version it saw.
        """
        said = said_by(ResidentIn, request.data)
        with telling_the_present(lambda: shown_resident(request, pk, resident)):
            _row, new = put_resident(caller(request), pk, resident, said, version=said.pop("version", None))
        return Response(shown_resident(request, pk, resident), status=201 if new else 200)


class ResidentMoveOut(APIView):
    @extend_schema(request=ResidentOutIn, responses=ResidentOut, operation_id="resident_move_out")
    def post(self, request: Request, pk: UUID, resident: UUID) -> Response:
        """One resident leaves; the household goes on."""
        said = said_by(ResidentOutIn, request.data)
        with telling_the_present(lambda: shown_resident(request, pk, resident)):
            try:
                move_out_resident(caller(request), pk, resident, **said)
            except AlreadyDone as done:
                same_step(done, EventKind.RESIDENT_OUT)
        return Response(shown_resident(request, pk, resident))


class RevealResident(APIView):
    """A resident in full."""

    @extend_schema(
        request=RevealResidentIn,
        responses={200: {"type": "object", "properties": {name: {"type": "string"} for name in RESIDENT_FIELDS}}},
        operation_id="resident_reveal",
    )
    def post(self, request: Request, pk: UUID, resident: UUID) -> Response:
        """What is asked for, with a reason, for those who may; the look is on record once."""
        said = said_by(RevealResidentIn, request.data)
        return in_full(reveal_resident(caller(request), pk, resident, said.pop("what"), **said))


class EnterGroup(APIView):
    @extend_schema(request=EnterGroupIn, responses={201: GroupEntryOut}, operation_id="resident_enter_group")
    def post(self, request: Request, pk: UUID, resident: UUID) -> Response:
        """Enter a resident in a special group."""
        said = said_by(EnterGroupIn, request.data)
        try:
            entry = enter_group(caller(request), pk, resident, **said)
        except AlreadyDone as done:
            entry = SpecialGroupEntry.objects.get(pk=same_step(done, EventKind.ENTER_GROUP)["entry"])
        return Response(GroupEntryOut(entry).data, status=201)


class LeaveGroup(APIView):
    @extend_schema(request=LeaveGroupIn, responses=GroupEntryOut, operation_id="resident_leave_group")
    def post(self, request: Request, pk: UUID, entry: int) -> Response:
        """Take a resident off a special group; the entry stays as history."""
        if entry > LARGEST_ID:
            raise Problem("not_found")
        said = said_by(LeaveGroupIn, request.data)
        try:
            row = leave_group(caller(request), pk, entry, **said)
        except AlreadyDone as done:
            row = SpecialGroupEntry.objects.get(pk=same_step(done, EventKind.LEAVE_GROUP)["entry"])
        return Response(GroupEntryOut(row).data)
