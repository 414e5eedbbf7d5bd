"""Service records, the ledger of points, the rules and the ranking."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from accounts.models import User
from core.filters import AnyOf
from core.moment import now
from volunteers.access import found, visible_entries, visible_records
from volunteers.actions import credits, records
from volunteers.actions.frame import AlreadyDone
from volunteers.api.input import CorrectIn, RankingIn, RecordIn, WithNoteIn, WithReasonIn, minutes_of
from volunteers.api.output import CreditRuleOut, EntryOut, RankedOut, RecordOut
from volunteers.api.views import IdFilter, done_as, said, step_view
from volunteers.models import CreditEntry, CreditRule, ServiceRecord
from volunteers.models.vocabulary import RecordStatus, ServiceKind
from volunteers.ranking import ranking


def records_of(user: User) -> QuerySet[ServiceRecord]:
    rows = visible_records(user).select_related("volunteer__user", "community", "attendance", "proposed_by")
    return rows.defer("community__geometry")


class RecordFilter(django_filters.FilterSet):
    status = AnyOf(choices=RecordStatus.choices)
    kind = AnyOf(choices=ServiceKind.choices)
    volunteer = IdFilter(field_name="volunteer_id")

    class Meta:
        model = ServiceRecord
        fields: list[str] = []


class RecordList(ListAPIView[ServiceRecord]):
    """The caller's own services and those in the caller's area, newest first."""

    serializer_class = RecordOut
    filterset_class = RecordFilter
    keyset = ("-id",)
    queryset = ServiceRecord.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return records_of(caller(self.request))

    @extend_schema(request=RecordIn, responses={201: RecordOut}, operation_id="record_propose")
    def post(self, request: Request) -> Response:
        """登记服务 Enter a service by hand; the community confirms it."""
        data = said(request, RecordIn)
        data["minutes"] = minutes_of(data.pop("hours"))
        try:
            shown = records.propose(caller(request), data.pop("volunteer", None), **data).pk
        except AlreadyDone as step:
            shown = done_as(step)
        return show_record(request, shown, 201)


def show_record(request: Request, pk: int, status: int = 200) -> Response:
    return Response(RecordOut(found(records_of(caller(request)), pk)).data, status=status)


def _correct(user: User, pk: int, data: dict[str, Any]) -> int:
    if "hours" in data:
        data["minutes"] = minutes_of(data.pop("hours"))
    reason, request_id = data.pop("reason"), data.pop("request_id", None)
    return records.correct(user, pk, data, reason, request_id=request_id).pk


RECORD_VIEWS = {
    name: step_view(f"record_{name}", body, run, show_record, RecordOut, says)
    for name, body, run, says in (
        ("confirm", WithNoteIn, lambda user, pk, data: records.confirm(user, pk, **data).pk, "确认 Confirm a service"),
        ("decline", WithReasonIn, lambda user, pk, data: records.decline(user, pk, **data).pk, "不予确认 Decline"),
        ("correct", CorrectIn, _correct, "更正 Propose what the record should have said; answers with the new one"),
    )
}


class EntryFilter(django_filters.FilterSet):
    volunteer = IdFilter(field_name="volunteer_id")

    class Meta:
        model = CreditEntry
        fields: list[str] = []


def entries_of(user: User) -> QuerySet[CreditEntry]:
    return visible_entries(user).select_related("volunteer__user")


class EntryList(ListAPIView[CreditEntry]):
    """The ledger of points: the caller's own and that of the caller's area, newest first."""

    serializer_class = EntryOut
    filterset_class = EntryFilter
    keyset = ("-id",)
    queryset = CreditEntry.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return entries_of(caller(self.request))


def _show_entry(request: Request, pk: int) -> Response:
    return Response(EntryOut(found(entries_of(caller(request)), pk)).data)


ENTRY_VIEWS = {
    "reverse": step_view(
        "credit_reverse",
        WithReasonIn,
        lambda user, pk, data: credits.reverse(user, pk, **data).pk,
        _show_entry,
        EntryOut,
        "冲销 Take an event's points back by a contrary entry",
    )
}


class RuleList(ListAPIView[CreditRule]):
    """The rules of credit, past and to come too; everyone may read them."""

    serializer_class = CreditRuleOut
    keyset = ("id",)
    queryset = CreditRule.objects.all()


class Ranking(APIView):
    """Who did most."""

    @extend_schema(
        parameters=[RankingIn],
        responses=RankedOut(many=True),
        operation_id="volunteer_ranking",
    )
    def get(self, request: Request) -> Response:
        """光荣榜 By points in an area or team and a period, for those who belong there; display names only."""
        asked = RankingIn(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        today = credits.local_date(now())
        rows = ranking(
            caller(request),
            data.get("start", today.replace(day=1)),
            data.get("end", today),
            area=data.get("area"),
            team=data.get("team"),
        )
        return Response(RankedOut(rows, many=True).data)
