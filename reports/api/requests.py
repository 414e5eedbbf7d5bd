"""The list of requests, and the duties of those who leave."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from reports.access import visible_requests
from reports.actions.handing_on import hand_over
from reports.api.filters import RequestFilter
from reports.api.input import HandOverIn
from reports.api.output.requests import HandedOver, RequestRow
from reports.models import ChangeRequest


class RequestList(ListAPIView[ChangeRequest]):
    """Requests the caller may see, newest first; `to_decide=true` are those that wait for the caller."""

    serializer_class = RequestRow
    filterset_class = RequestFilter
    keyset = ("-id",)
    queryset = ChangeRequest.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return visible_requests(caller(self.request)).select_related(
            "report", "asked_by", "decided_by", "assignment__department"
        )


class HandOver(APIView):
    """Somebody leaves and their open duties do not."""

    @extend_schema(request=HandOverIn, responses=HandedOver, operation_id="assignments_hand_over")
    def post(self, request: Request) -> Response:
        """Move the open duties of a person, as far as one leads their unit or dispatches for their area, to another
        person or back to the units. Those left: `GET assignments?assignee=…&open=true`."""
        serializer = HandOverIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(HandedOver({"moved": hand_over(caller(request), **serializer.validated_data)}).data)
