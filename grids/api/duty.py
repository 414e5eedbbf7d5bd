"""The duty roster 值班: who is on duty now, and the turns."""

from datetime import datetime
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from accounts.models import Department, User
from core.moment import is_plausible, now
from core.problems import Problem
from core.workbooks import XLSX
from grids.actions.duty import Turn, call_off, put_shift
from grids.duty import may_roster_anywhere, on_duty_for, visible_shifts
from grids.duty_excel import export_roster, import_roster
from grids.models import Area, DutyRole, DutyShift

MAX_WORKBOOK = 2 * 1024 * 1024
MAX_EXPORT = 5_000
EXAMPLE = {
    "id": "0b7c2f6e-51f1-4c53-9a51-0d6a4f3f1c11",
    "version": 1,
    "area": {"code": "371082007", "name": "崖头街道"},
    "department": None,
    "person": {"username": "wang", "name": "王调度"},
    "role": "main",
    "starts_at": "2026-11-24T18:00:00+08:00",
    "ends_at": "2026-11-25T08:00:00+08:00",
    "phone": "0631-7560000",
    "cancelled_at": None,
}


class NodeOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class DutyPersonOut(serializers.Serializer[Any]):
    username = serializers.CharField()
    name = serializers.CharField(source="full_name")


class ShiftOut(serializers.ModelSerializer[DutyShift]):
    """A turn; `area` or `department` is null, never both."""

    area = NodeOut(allow_null=True)
    department = NodeOut(allow_null=True)
    person = DutyPersonOut()

    class Meta:
        model = DutyShift
        fields = (
            *("id", "version", "area", "department", "person", "role"),
            *("starts_at", "ends_at", "phone", "cancelled_at"),
        )


class MomentIn(serializers.DateTimeField):
    """A time that can be meant; the databases fail on years far outside."""

    def to_internal_value(self, value: Any) -> Any:
        moment = super().to_internal_value(value)
        if not is_plausible(moment):
            self.fail("overflow")
        return moment


class Strict(serializers.Serializer[Any]):
    """Refuses members it does not know."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = [name for name in data if name not in self.fields] if isinstance(data, dict) else []
        if unknown:
            fault = [serializers.ErrorDetail(_("There is no such field."), "unknown_field")]
            raise serializers.ValidationError({str(name): fault for name in unknown})
        return super().to_internal_value(data)


class ShiftIn(Strict):
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, help_text="for a change")
    area = serializers.CharField(max_length=20, required=False, help_text="code; or a department")
    department = serializers.CharField(max_length=32, required=False, help_text="code; or an area")
    person = serializers.CharField(max_length=150, help_text="username")
    role = serializers.ChoiceField(choices=DutyRole.choices, required=False)
    starts_at = MomentIn()
    ends_at = MomentIn()
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)


class CallOffIn(Strict):
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class FaultOut(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="as the spreadsheet counts")
    column = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class ImportedOut(serializers.Serializer[Any]):
    """With a fault nothing is written."""

    rows = serializers.IntegerField()
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    applied = serializers.BooleanField()
    faults = FaultOut(many=True)


class DutyNow(APIView):
    """Who is on duty now."""

    @extend_schema(
        parameters=[
            OpenApiParameter("area", str, description="code of an area of any level"),
            OpenApiParameter("department", str, description="code of a department"),
        ],
        responses=ShiftOut(many=True),
        operation_id="duty_now",
        examples=[OpenApiExample("the street tonight", response_only=True, value=[EXAMPLE])],
    )
    def get(self, request: Request) -> Response:
        """值班 The turns that run now at the area or department, or at the nearest above it that has any.

        Every member of staff may ask: at night one has to find who answers. 404 for a code that does not exist.
        """
        node = _node(request.query_params.get("area"), request.query_params.get("department"))
        return Response(ShiftOut(on_duty_for(node, now()), many=True).data)


class ShiftFilter(django_filters.FilterSet):
    area = django_filters.CharFilter(field_name="area__code", label="code")
    department = django_filters.CharFilter(field_name="department__code", label="code")
    person = django_filters.CharFilter(field_name="person__username", label="username")
    mine = django_filters.BooleanFilter(method="by_mine", label="my own turns")
    after = django_filters.IsoDateTimeFilter(method="by_after", label="ends after this moment")
    before = django_filters.IsoDateTimeFilter(method="by_before", label="begins before this moment")
    cancelled = django_filters.BooleanFilter(field_name="cancelled_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = DutyShift
        fields: list[str] = []

    def by_mine(self, rows: QuerySet[DutyShift], name: str, mine: bool) -> QuerySet[DutyShift]:
        return rows.filter(person=self.request.user) if mine else rows.exclude(person=self.request.user)

    def by_after(self, rows: QuerySet[DutyShift], name: str, moment: datetime) -> QuerySet[DutyShift]:
        return rows.filter(ends_at__gt=_meant(moment, name))

    def by_before(self, rows: QuerySet[DutyShift], name: str, moment: datetime) -> QuerySet[DutyShift]:
        return rows.filter(starts_at__lt=_meant(moment, name))


def _meant(moment: datetime, name: str) -> datetime:
    if not is_plausible(moment):
        raise Problem("invalid", name)
    return moment


class ShiftList(ListAPIView[DutyShift]):
    """The turns of the caller, of the caller's areas and of the caller's units, latest first."""

    serializer_class = ShiftOut
    filterset_class = ShiftFilter
    keyset = ("-starts_at", "-id")
    queryset = DutyShift.objects.none()

    def get_queryset(self) -> QuerySet[DutyShift]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        rows = visible_shifts(caller(self.request)).select_related("area", "department", "person")
        return rows.defer("area__geometry")


class ShiftView(APIView):
    """One turn."""

    @extend_schema(
        request=ShiftIn,
        responses={201: ShiftOut, 200: OpenApiResponse(ShiftOut, description="It stood already, or was changed")},
        operation_id="put_duty_shift",
        examples=[
            OpenApiExample(
                "the night shift of a street",
                request_only=True,
                value={
                    "area": "371082007",
                    "person": "yatou-duty",
                    "role": "main",
                    "starts_at": "2026-11-24T18:00:00+08:00",
                    "ends_at": "2026-11-25T08:00:00+08:00",
                    "phone": "0631-7560000",
                },
            )
        ],
    )
    def put(self, request: Request, pk: UUID) -> Response:
        """排班 Enter a turn under an id of one's own; sending it again is safe, a change carries the version it saw.

        A person is on duty at one place at a time, and a place has one person in charge of a shift.
        """
        body = ShiftIn(data=request.data)
        body.is_valid(raise_exception=True)
        data = body.validated_data
        person = User.objects.filter(username=data["person"], is_active=True).first()
        if person is None:
            raise Problem("unknown_person", "person")
        turn = Turn(
            _named(data.get("area"), data.get("department")),
            person,
            data["starts_at"],
            data["ends_at"],
            data.get("role", DutyRole.MAIN),
            data.get("phone", ""),
        )
        _shift, new = put_shift(caller(request), pk, turn, version=data.get("version"))
        return Response(_shown(pk), status=201 if new else 200)


class CallOffView(APIView):
    @extend_schema(
        request=CallOffIn,
        responses=ShiftOut,
        operation_id="call_off_duty_shift",
        examples=[OpenApiExample("the version seen", request_only=True, value={"version": 1})],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """撤销排班 Call a turn off; it stays in the list as called off."""
        body = CallOffIn(data=request.data)
        body.is_valid(raise_exception=True)
        call_off(caller(request), pk, version=body.validated_data.get("version"))
        return Response(_shown(pk))


class WorkbookParser(BaseParser):
    """The body as it came, up to two megabytes."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        data: bytes = stream.read(MAX_WORKBOOK + 1)
        if len(data) > MAX_WORKBOOK:
            raise Problem("body_too_large")
        return data


class RosterView(APIView):
    """The roster as a workbook."""

    def get_parsers(self) -> Any:
        return [WorkbookParser()]

    @extend_schema(
        parameters=[OpenApiParameter("area", str), OpenApiParameter("department", str)],
        responses={(200, XLSX): OpenApiTypes.BINARY},
        operation_id="export_duty_roster",
    )
    def get(self, request: Request) -> HttpResponseBase:
        """导出 The turns of an area or department that are not over, as a workbook; the newest 5,000."""
        node = _node(request.query_params.get("area"), request.query_params.get("department"))
        own = {"area": node} if isinstance(node, Area) else {"department": node}
        rows = visible_shifts(caller(request)).filter(**own, cancelled_at__isnull=True, ends_at__gt=now())
        shifts = rows.select_related("area", "department", "person").defer("area__geometry")
        data = export_roster(reversed(shifts.order_by("-starts_at", "-id")[:MAX_EXPORT]))
        return HttpResponse(
            data, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="duty-{node.code}.xlsx"'}
        )

    @extend_schema(
        parameters=[OpenApiParameter("dry_run", bool, description="true (the default): only say what it would do")],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses=ImportedOut,
        operation_id="import_duty_roster",
    )
    def post(self, request: Request) -> Response:
        """导入 Enter a workbook (.xlsx) of turns, all or none; every bad row is named.

        Whatever type it is sent as. Importing it again changes nothing.
        """
        dry_run = request.query_params.get("dry_run", "true")
        if dry_run not in ("true", "false"):
            raise Problem("invalid", "dry_run")
        user = caller(request)
        if not may_roster_anywhere(user):
            raise Problem("forbidden")
        data = request.data if isinstance(request.data, bytes) else b""
        return Response(ImportedOut(import_roster(user, data, dry_run=dry_run == "true")).data)


def _shown(pk: UUID) -> Any:
    shift = DutyShift.objects.select_related("area", "department", "person").defer("area__geometry").get(pk=pk)
    return ShiftOut(shift).data


def _find(area: str | None, department: str | None) -> Area | Department | None:
    if bool(area) == bool(department):
        raise Problem("duty_one_place", "area")
    if "\x00" in f"{area}{department}":
        return None
    if area:
        return Area.objects.filter(code=area, is_active=True).defer("geometry").first()
    return Department.objects.filter(code=department, is_active=True).first()


def _node(area: str | None, department: str | None) -> Area | Department:
    """The node asked for; Problem `not_found`."""
    node = _find(area, department)
    if node is None:
        raise Problem("not_found")
    return node


def _named(area: str | None, department: str | None) -> Area | Department:
    """The node a body names; Problem `unknown_place`."""
    node = _find(area, department)
    if node is None:
        raise Problem("unknown_place", "area" if area else "department")
    return node
