"""Orders, cards, deputies and the minutes of meetings: lists, and naming a deputy."""

from typing import Any

from django.db.models import OuterRef, Prefetch, Subquery
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from core.problems import Problem
from reports.access import get_report, visible_cards, visible_orders
from reports.actions.deputies import end_deputy, name_deputy, visible_deputies
from reports.api.filters import CardFilter, DeputyFilter, OrderFilter
from reports.api.input import DeputyIn
from reports.api.output.meetings import MeetingOut
from reports.api.output.supervision import CardOut, DeputyOut, OrderOut
from reports.models import Card, Clock, Deputy, Meeting, Report, SupervisionOrder, Whistle

REPLY_DUE = Subquery(Clock.objects.filter(order=OuterRef("pk"), stopped_at__isnull=True).values("due_at")[:1])
LINKED = Prefetch("linked", queryset=Report.objects.only("pk", "number", "item_name", "status", "received_at"))


class OrderList(ListAPIView[SupervisionOrder]):
    """Supervision orders the caller may see, newest first."""

    serializer_class = OrderOut
    filterset_class = OrderFilter
    keyset = ("-id",)
    queryset = SupervisionOrder.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        rows = visible_orders(caller(self.request)).select_related("department", "report")
        return rows.annotate(reply_due_at=REPLY_DUE).prefetch_related(LINKED)


class CardList(ListAPIView[Card]):
    """黄牌/红牌 Cards the caller may see, newest first; the revoked ones too."""

    serializer_class = CardOut
    filterset_class = CardFilter
    keyset = ("-id",)
    queryset = Card.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        joins = ("department", "report", "given_by", "revoked_by")
        return visible_cards(caller(self.request)).select_related(*joins)


class DeputyList(ListAPIView[Deputy]):
    """Who stands in for which leader, newest first."""

    serializer_class = DeputyOut
    filterset_class = DeputyFilter
    keyset = ("-id",)
    queryset = Deputy.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        rows = visible_deputies(caller(self.request)).select_related("leader", "deputy", "area")
        return rows.defer("area__geometry")

    @extend_schema(request=DeputyIn, responses={201: DeputyOut}, operation_id="name_deputy")
    def post(self, request: Request) -> Response:
        """指定代为审批人 Name who decides on whistles in one's stead, for a time."""
        serializer = DeputyIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        row = name_deputy(caller(request), **serializer.validated_data)
        return Response(DeputyOut(row).data, status=201)


class EndDeputy(APIView):
    """Ending a deputy's time."""

    @extend_schema(request=None, responses=DeputyOut, operation_id="end_deputy")
    def post(self, request: Request, pk: int) -> Response:
        """提前结束 By the leader who named the deputy."""
        return Response(DeputyOut(end_deputy(caller(request), pk)).data)


class MeetingList(GenericAPIView[Meeting]):
    """The minutes of a whistle's joint meetings."""

    serializer_class = MeetingOut
    pagination_class = None
    queryset = Meeting.objects.none()

    @extend_schema(responses=MeetingOut(many=True), operation_id="whistle_meetings")
    def get(self, request: Request, pk: int) -> Response:
        """会议纪要 First to last, for whoever sees the report."""
        report_id = Whistle.objects.filter(pk=pk).values_list("report_id", flat=True).first()
        if report_id is None:
            raise Problem("not_found")
        get_report(caller(request), report_id)
        rows = Meeting.objects.filter(whistle_id=pk).select_related("recorded_by").order_by("pk")
        return Response(MeetingOut(rows, many=True).data)
