"""The same readings and confirmations as the socket, over HTTP. Everybody sees and confirms only what is theirs."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Device, User
from core.problems import Problem
from notifications.actions import acknowledge, mark_seen, receipt
from notifications.api.serializers import MAX_ID, ConfirmedSerializer, IdsSerializer, NotificationSerializer
from notifications.models import Notification


class NotificationFilter(filters.FilterSet):
    unacknowledged = filters.BooleanFilter(method="only_unacknowledged", label="On no device yet")
    unreceipted = filters.BooleanFilter(method="only_unreceipted", label="To be signed for and not signed for")
    kind = filters.CharFilter(max_length=40)
    subject = filters.CharFilter(max_length=20)
    subject_id = filters.CharFilter(max_length=40)

    class Meta:
        model = Notification
        fields = ("kind", "subject", "subject_id")

    def only_unacknowledged(self, rows: QuerySet[Notification], name: str, value: bool) -> QuerySet[Notification]:
        return rows.filter(delivered_at__isnull=value)

    def only_unreceipted(self, rows: QuerySet[Notification], name: str, value: bool) -> QuerySet[Notification]:
        return rows.filter(needs_receipt=True, receipted_at__isnull=value)


@extend_schema(tags=["notifications"], summary="The person's notices, newest first")
class NotificationList(ListAPIView[Notification]):
    serializer_class = NotificationSerializer
    filterset_class = NotificationFilter
    keyset = ("-id",)
    queryset = Notification.objects.none()

    def get_queryset(self) -> QuerySet[Notification]:
        return Notification.objects.of(_person(self.request).pk)


class AcknowledgeView(APIView):
    @extend_schema(
        tags=["notifications"],
        operation_id="notifications_ack",
        summary="A device confirms that it holds these notices",
        description="Idempotent. Says nothing about the person: that is `seen` and `receipt`.",
        request=IdsSerializer,
        responses=ConfirmedSerializer,
    )
    def post(self, request: Request) -> Response:
        device = request.auth.name if isinstance(request.auth, Device) else "browser"
        return Response({"ids": acknowledge(_person(request), _ids(request), device)})


class SeenView(APIView):
    @extend_schema(
        tags=["notifications"],
        operation_id="notifications_seen",
        summary="The person opened these notices",
        request=IdsSerializer,
        responses=ConfirmedSerializer,
    )
    def post(self, request: Request) -> Response:
        return Response({"ids": mark_seen(_person(request), _ids(request))})


class ReceiptView(APIView):
    @extend_schema(
        tags=["notifications"],
        operation_id="notifications_receipt",
        summary="The person signs for a notice 签收",
        description="Idempotent: the first time stays. 404 for a notice of another person.",
        request=None,
        responses=NotificationSerializer,
    )
    def post(self, request: Request, id: int) -> Response:
        if id > MAX_ID:
            raise Problem("not_found")
        return Response(NotificationSerializer(receipt(_person(request), id)).data)


def _person(request: Any) -> User:
    person: User = request.user
    return person


def _ids(request: Request) -> list[int]:
    body = IdsSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    ids: list[int] = body.validated_data["ids"]
    return ids
