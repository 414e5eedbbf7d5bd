"""Announcements 公告 for those who read them and for those who write them."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from accounts.models import Department
from accounts.roles import Role
from core.problems import Problem
from grids.models import Area
from notifications.models import Notification
from reports.actions.announcements import (
    Draft,
    change_announcement,
    draft_announcement,
    may_announce_anywhere,
    publish_announcement,
    read_announcement,
    withdraw_announcement,
)
from reports.announcements import (
    READ,
    counts,
    get_announcement,
    looked_after,
    readers,
    standing,
    told_to,
    unread_count,
)
from reports.api.input import MomentField, StrictSerializer
from reports.api.output.named import PersonOut, PlaceOut, UnitOut
from reports.models import Announcement

STATES = ("draft", "published", "withdrawn")
MAX_ID = 2**31 - 1
EXAMPLE_IN = {
    "area": "371082007",
    "title": "台风“海葵”防范通知",
    "body": "今夜风力8级,请各社区清查广告牌、工地围挡。",
    "needs_receipt": True,
    "valid_until": "2026-11-26T08:00:00+08:00",
}


class AnnouncementOut(serializers.ModelSerializer[Announcement]):
    """An announcement; `area` or `department` is null, never both."""

    state = serializers.ChoiceField(choices=STATES)
    author = PersonOut()
    area = PlaceOut(allow_null=True)
    department = UnitOut(allow_null=True)

    class Meta:
        model = Announcement
        fields: tuple[str, ...] = (
            *("id", "version", "state", "title", "body", "issuer", "author", "area", "department", "role"),
            *("valid_from", "valid_until", "needs_receipt", "published_at"),
            *("withdrawn_at", "withdrawn_reason"),
        )


class MineOut(AnnouncementOut):
    """As it reached the caller."""

    read = serializers.SerializerMethodField(help_text="opened, or signed for where that was asked")
    seen_at = serializers.SerializerMethodField()
    receipted_at = serializers.SerializerMethodField()

    class Meta(AnnouncementOut.Meta):
        fields = (*AnnouncementOut.Meta.fields, "read", "seen_at", "receipted_at")

    def get_read(self, row: Announcement) -> bool:
        notice = self._notice(row)
        return (notice.receipted_at if notice.needs_receipt else notice.seen_at) is not None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_seen_at(self, row: Announcement) -> Any:
        return self._moment(self._notice(row).seen_at)

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_receipted_at(self, row: Announcement) -> Any:
        return self._moment(self._notice(row).receipted_at)

    def _notice(self, row: Announcement) -> Notification:
        notice: Notification = row.notice  # type: ignore[attr-defined]
        return notice

    def _moment(self, moment: Any) -> Any:
        return serializers.DateTimeField().to_representation(moment) if moment else None


class CountsOut(serializers.Serializer[Any]):
    recipients = serializers.IntegerField()
    read = serializers.IntegerField()


class AnnouncementDetail(AnnouncementOut):
    mine = serializers.SerializerMethodField(help_text="whether and how it reached the caller; null if it did not")
    counts = serializers.SerializerMethodField(help_text="for those who look after it, else null")

    class Meta(AnnouncementOut.Meta):
        fields = (*AnnouncementOut.Meta.fields, "mine", "counts")

    @extend_schema_field(
        {
            "type": "object",
            "nullable": True,
            "required": ["read"],
            "properties": {"read": {"type": "boolean"}},
        }
    )
    def get_mine(self, row: Announcement) -> Any:
        notice: Notification | None = self.context["notice"]
        if notice is None:
            return None
        return {"read": (notice.receipted_at if notice.needs_receipt else notice.seen_at) is not None}

    @extend_schema_field(CountsOut(allow_null=True))
    def get_counts(self, row: Announcement) -> Any:
        return self.context["counts"]


class AnnouncementIn(StrictSerializer):
    area = serializers.CharField(max_length=20, required=False, help_text="code: everyone at or below it")
    department = serializers.CharField(max_length=32, required=False, help_text="code: everyone at or below it")
    role = serializers.ChoiceField(choices=Role.choices, required=False, allow_blank=True, help_text="only this role")
    title = serializers.CharField(max_length=100)
    body = serializers.CharField(max_length=5000)
    valid_from = MomentField(required=False)
    valid_until = MomentField(required=False, allow_null=True)
    needs_receipt = serializers.BooleanField(required=False)


class NewAnnouncementIn(AnnouncementIn):
    request_id = serializers.UUIDField(required=False, help_text="a repeat under it finds the first draft")


class ChangedAnnouncementIn(AnnouncementIn):
    version = serializers.IntegerField(min_value=1, max_value=MAX_ID)


class PublishIn(StrictSerializer):
    version = serializers.IntegerField(min_value=1, max_value=MAX_ID, required=False)


class WithdrawIn(PublishIn):
    reason = serializers.CharField(max_length=500)


class UnreadOut(serializers.Serializer[Any]):
    unread = serializers.IntegerField()


class ReaderOut(serializers.ModelSerializer[Notification]):
    """How far it has come to one person."""

    person = PersonOut(source="recipient")
    on_device_at = serializers.DateTimeField(source="delivered_at", allow_null=True)

    class Meta:
        model = Notification
        fields = ("id", "person", "on_device_at", "seen_at", "receipted_at")


class MineFilter(django_filters.FilterSet):
    unread = django_filters.BooleanFilter(method="by_unread", label="not read yet")
    current = django_filters.BooleanFilter(method="by_current", label="neither withdrawn nor expired")

    class Meta:
        model = Notification
        fields: list[str] = []

    def by_unread(self, rows: QuerySet[Notification], name: str, unread: bool) -> QuerySet[Notification]:
        return rows.exclude(READ) if unread else rows.filter(READ)

    def by_current(self, rows: QuerySet[Notification], name: str, current: bool) -> QuerySet[Notification]:
        return standing(rows) if current else rows.exclude(pk__in=standing(rows).values("pk"))


class AnnouncementList(ListAPIView[Notification]):
    """What reached the caller, and where a new one is drafted."""

    serializer_class = MineOut  # type: ignore[assignment]  # a notice carries its announcement
    filterset_class = MineFilter
    keyset = ("-id",)
    queryset = Notification.objects.none()

    def get_queryset(self) -> QuerySet[Notification]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return told_to(caller(self.request))

    @extend_schema(responses=MineOut(many=True), operation_id="announcements")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """公告 The announcements that reached the caller, newest first, each with whether it has been read."""
        notices: list[Notification] = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        kept = Announcement.objects.select_related("area", "department", "author").defer("area__geometry")
        told = kept.in_bulk([int(notice.subject_id) for notice in notices])
        rows = []
        for notice in notices:
            row: Any = told[int(notice.subject_id)]
            row.notice = notice
            rows.append(row)
        return self.get_paginated_response(MineOut(rows, many=True).data)

    @extend_schema(
        request=NewAnnouncementIn,
        responses={201: AnnouncementDetail, 200: OpenApiResponse(AnnouncementDetail, description="It was kept before")},
        operation_id="draft_announcement",
        examples=[OpenApiExample("to a street, to be signed for", request_only=True, value=EXAMPLE_IN)],
    )
    def post(self, request: Request) -> Response:
        """拟公告 Keep a draft to the people of an area or of a department; nobody is told before it is published."""
        user = caller(request)
        if not may_announce_anywhere(user):
            raise Problem("forbidden")
        body = NewAnnouncementIn(data=request.data)
        body.is_valid(raise_exception=True)
        data = dict(body.validated_data)
        request_id = data.pop("request_id", None)
        row, new = draft_announcement(user, _draft(data), request_id)
        return _detail(request, row.pk, 201 if new else 200)


class Unread(APIView):
    @extend_schema(responses=UnreadOut, operation_id="announcements_unread")
    def get(self, request: Request) -> Response:
        """How many announcements that still hold the caller has not read."""
        return Response({"unread": unread_count(caller(request))})


class AuthoredFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in STATES], method="by_state")

    class Meta:
        model = Announcement
        fields: list[str] = []

    def by_state(self, rows: QuerySet[Announcement], name: str, state: str) -> QuerySet[Announcement]:
        if state == "withdrawn":
            return rows.filter(withdrawn_at__isnull=False)
        return rows.filter(withdrawn_at__isnull=True, published_at__isnull=state == "draft")


class AuthoredList(ListAPIView[Announcement]):
    """The announcements, drafts too, to the areas and units where the caller may announce; newest first."""

    serializer_class = AnnouncementOut
    filterset_class = AuthoredFilter
    keyset = ("-id",)
    queryset = Announcement.objects.none()

    def get_queryset(self) -> QuerySet[Announcement]:
        return self.queryset if getattr(self, "swagger_fake_view", False) else looked_after(caller(self.request))


class AnnouncementView(APIView):
    @extend_schema(responses=AnnouncementDetail, operation_id="announcement")
    def get(self, request: Request, pk: int) -> Response:
        """One announcement, for those it reached and those who look after it; these see how many have read it."""
        return _detail(request, pk)

    @extend_schema(request=ChangedAnnouncementIn, responses=AnnouncementDetail, operation_id="change_announcement")
    def put(self, request: Request, pk: int) -> Response:
        """改稿 Say something else in a draft; the version seen has to be named."""
        body = ChangedAnnouncementIn(data=request.data)
        body.is_valid(raise_exception=True)
        data = dict(body.validated_data)
        version = data.pop("version")
        _reach(request, pk)
        change_announcement(caller(request), pk, _draft(data), version=version)
        return _detail(request, pk)


class PublishView(APIView):
    @extend_schema(request=PublishIn, responses=AnnouncementDetail, operation_id="publish_announcement")
    def post(self, request: Request, pk: int) -> Response:
        """发布 Tell everyone in reach at once; publishing again changes nothing."""
        body = PublishIn(data=request.data)
        body.is_valid(raise_exception=True)
        _reach(request, pk)
        publish_announcement(caller(request), pk, **body.validated_data)
        return _detail(request, pk)


class WithdrawView(APIView):
    @extend_schema(request=WithdrawIn, responses=AnnouncementDetail, operation_id="withdraw_announcement")
    def post(self, request: Request, pk: int) -> Response:
        """撤回 Take it back, with the reason; everyone who was told hears of it."""
        body = WithdrawIn(data=request.data)
        body.is_valid(raise_exception=True)
        data = dict(body.validated_data)
        _reach(request, pk)
        withdraw_announcement(caller(request), pk, data.pop("reason"), **data)
        return _detail(request, pk)


class ReadView(APIView):
    @extend_schema(request=None, responses=AnnouncementDetail, operation_id="read_announcement")
    def post(self, request: Request, pk: int) -> Response:
        """已读 The caller has read it and, where asked, signs for it. Repeats change nothing."""
        _reach(request, pk)
        read_announcement(caller(request), pk)
        return _detail(request, pk)


class ReaderFilter(django_filters.FilterSet):
    read = django_filters.BooleanFilter(method="by_read", label="has read it; false: has not")

    class Meta:
        model = Notification
        fields: list[str] = []

    def by_read(self, rows: QuerySet[Notification], name: str, read: bool) -> QuerySet[Notification]:
        return rows.filter(READ) if read else rows.exclude(READ)


@extend_schema_view(get=extend_schema(operation_id="announcement_readers"))
class ReaderList(ListAPIView[Notification]):
    """Who was told, and who has read it; `read=false` names those who have not."""

    serializer_class = ReaderOut
    filterset_class = ReaderFilter
    keyset = ("-id",)
    queryset = Notification.objects.none()

    def get_queryset(self) -> QuerySet[Notification]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        row, _notice, cares = get_announcement(caller(self.request), _reach(self.request, self.kwargs["pk"]))
        if not cares:
            raise Problem("forbidden")
        return readers(row)


def _reach(request: Request, pk: int) -> int:
    """The key, if any table could hold it."""
    if pk > MAX_ID:
        raise Problem("not_found")
    return pk


def _detail(request: Request, pk: int, status: int = 200) -> Response:
    row, notice, cares = get_announcement(caller(request), _reach(request, pk))
    context = {"notice": notice, "counts": counts(row) if cares and row.published_at else None}
    return Response(AnnouncementDetail(row, context=context).data, status=status)


def _draft(data: dict[str, Any]) -> Draft:
    area, department = data.pop("area", None), data.pop("department", None)
    if (area is None) == (department is None):
        raise Problem("announcement_scope", "area")
    node: Area | Department | None
    if area is not None:
        node = Area.objects.filter(code=area, is_active=True).defer("geometry").first()
    else:
        node = Department.objects.filter(code=department, is_active=True).first()
    if node is None:
        raise Problem("unknown_place", "area" if area is not None else "department")
    return Draft(node, **data)


urlpatterns = [
    path("announcements", AnnouncementList.as_view(), name="announcements-list"),
    path("announcements/unread", Unread.as_view(), name="announcements-unread"),
    path("announcements/authored", AuthoredList.as_view(), name="announcements-authored"),
    path("announcements/<int:pk>", AnnouncementView.as_view(), name="announcement"),
    path("announcements/<int:pk>/publish", PublishView.as_view(), name="announcement-publish"),
    path("announcements/<int:pk>/withdraw", WithdrawView.as_view(), name="announcement-withdraw"),
    path("announcements/<int:pk>/read", ReadView.as_view(), name="announcement-read"),
    path("announcements/<int:pk>/readers", ReaderList.as_view(), name="announcement-readers"),
]
