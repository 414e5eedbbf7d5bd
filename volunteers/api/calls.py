"""Calls to teams: for the desk with the report and everyone's part, for a member with what helps and their own part."""

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
from core.problems import Problem
from reports.api.input import position_of
from volunteers.access import own_calls, visible_calls
from volunteers.actions import calls
from volunteers.actions.frame import AlreadyDone
from volunteers.api.input import AnswerIn, CallIn, CheckInIn, CloseCallIn, RequestIn, WithReasonIn, minutes_of
from volunteers.api.output import COMING, HERE, CallDetail, CallOut, OwnCall, attending
from volunteers.api.views import done_as, known, said, step_view
from volunteers.models import Attendance, TeamCall
from volunteers.models.vocabulary import TeamCallStatus


def calls_of(user: User) -> QuerySet[TeamCall]:
    rows = visible_calls(user).select_related("report", "team", "opened_by")
    return rows.annotate(coming=attending("pk", COMING), on_site=attending("pk", HERE))


class CallFilter(django_filters.FilterSet):
    status = AnyOf(choices=TeamCallStatus.choices)
    report = django_filters.UUIDFilter(field_name="report_id")

    class Meta:
        model = TeamCall
        fields: list[str] = []


class CallList(ListAPIView[TeamCall]):
    """The calls on reports the caller sees, newest first."""

    serializer_class = CallOut
    filterset_class = CallFilter
    keyset = ("-id",)
    queryset = TeamCall.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return calls_of(caller(self.request))

    @extend_schema(request=CallIn, responses={201: CallDetail}, operation_id="team_call_open")
    def post(self, request: Request) -> Response:
        """召集 Call a team to a report; every member is told. The report's lead stays whose it is."""
        data = said(request, CallIn)
        try:
            shown = calls.open_call(caller(request), data.pop("report"), data.pop("team"), **data).pk
        except AlreadyDone as step:
            shown = done_as(step)
        return show_call(request, shown, 201)


class CallView(APIView):
    """One call."""

    @extend_schema(responses=CallDetail, operation_id="team_call")
    def get(self, request: Request, pk: int) -> Response:
        """The call with every member's part."""
        return show_call(request, known(pk))


def show_call(request: Request, pk: int, status: int = 200) -> Response:
    call: Any = calls_of(caller(request)).filter(pk=pk).first()
    if call is None:
        raise Problem("not_found")
    call.parts = call.attendances.select_related("volunteer__user").order_by("pk")
    return Response(CallDetail(call).data, status=status)


def _close(user: User, pk: int, data: dict[str, Any]) -> int:
    stated = {one["attendance"]: minutes_of(one["hours"]) for one in data.pop("hours", [])}
    return calls.close_call(user, pk, stated, **data).pk


CALL_VIEWS = {
    "close": step_view(
        "team_call_close", CloseCallIn, _close, show_call, CallDetail, "结束并确认时长 End a call and confirm the hours"
    ),
    "withdraw": step_view(
        "team_call_withdraw",
        WithReasonIn,
        lambda user, pk, data: calls.withdraw_call(user, pk, **data).pk,
        show_call,
        CallDetail,
        "撤销 The team is no longer needed",
    ),
}


# -- a member's own --------------------------------------------------------------------------------------------------


def own_of(user: User) -> QuerySet[Attendance]:
    return own_calls(user).select_related("call__team").annotate(coming=attending("call_id", COMING))


class OwnCallList(ListAPIView[Attendance]):
    """The calls the caller was called to, newest first."""

    serializer_class = OwnCall
    keyset = ("-id",)
    queryset = Attendance.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return own_of(caller(self.request))


class OwnCallView(APIView):
    """One of them."""

    @extend_schema(responses=OwnCall, operation_id="own_call")
    def get(self, request: Request, pk: int) -> Response:
        """What is to be done and where, and one's own part. The report itself stays with the desk."""
        return show_own(request, known(pk))


def show_own(request: Request, pk: int) -> Response:
    part = own_of(caller(request)).filter(call_id=pk).first()
    if part is None:
        raise Problem("not_found")
    return Response(OwnCall(part).data)


def _check_in(user: User, pk: int, data: dict[str, Any]) -> int:
    return calls.check_in(user, pk, position_of(data.pop("position")), **data).call_id


OWN_CALL_VIEWS = {
    "answer": step_view(
        "own_call_answer",
        AnswerIn,
        lambda user, pk, data: calls.answer(user, pk, **data).call_id,
        show_own,
        OwnCall,
        "回复 Can come, or cannot",
    ),
    "check_in": step_view("own_call_check_in", CheckInIn, _check_in, show_own, OwnCall, "到岗 On the spot"),
    "check_out": step_view(
        "own_call_check_out",
        RequestIn,
        lambda user, pk, data: calls.check_out(user, pk, **data).call_id,
        show_own,
        OwnCall,
        "离岗 Leaves the spot",
    ),
}
