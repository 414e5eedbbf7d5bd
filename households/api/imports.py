"""Workbooks of households in and out."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from accounts.roles import Can
from core.moment import now
from core.problems import Problem
from core.workbooks import XLSX
from grids.scope import scope_of
from households.access import demand
from households.actions.exporting import export_households, exportable
from households.actions.imports import apply_import, discard_import, get_import, start_import, visible_imports
from households.api.filters import HouseholdFilter
from households.api.input import said_by
from households.models import CareTag, ImportFault, ImportRun
from households.sheet_export import temporary
from households.sheet_template import template
from reports.api.input import StrictSerializer

LONGEST_NAME = 120
IMPORT_EXAMPLE = {
    "id": "7d5c6e1e-2f0b-4a58-9a50-3c7f3d1f2b10",
    "made_at": "2026-11-24T18:00:00+08:00",
    "file_name": "台上社区.xlsx",
    "state": "checked",
    "take_good_rows": False,
    "rows": 812,
    "position": 812,
    "buildings_new": 6,
    "households_new": 288,
    "households_changed": 2,
    "households_same": 10,
    "residents_new": 790,
    "residents_changed": 4,
    "residents_same": 15,
    "fault_count": 3,
    "cut": False,
    "failure": "",
    "finished_at": None,
}


class ImportOut(serializers.ModelSerializer[ImportRun]):
    """`position` of `rows` were looked at; the counters say what would be done (`checked`) or was done (`done`)."""

    class Meta:
        model = ImportRun
        fields = (
            *("id", "made_at", "file_name", "state", "take_good_rows", "rows", "position", "buildings_new"),
            *("households_new", "households_changed", "households_same"),
            *("residents_new", "residents_changed", "residents_same"),
            *("fault_count", "cut", "failure", "finished_at"),
        )


class ImportFaultOut(serializers.ModelSerializer[ImportFault]):
    message = serializers.SerializerMethodField(help_text="in the language asked for")

    class Meta:
        model = ImportFault
        fields = ("row", "column", "code", "message")

    def get_message(self, fault: ImportFault) -> str:
        return sentence_of(fault)


class ApplyIn(StrictSerializer):
    take_good_rows = serializers.BooleanField(default=False, help_text="leave the bad rows out and write the rest")


class ExportIn(StrictSerializer):
    """The conditions are those of the list of households."""

    reason = serializers.CharField(max_length=200)
    full = serializers.BooleanField(default=False, help_text="names, numbers and doors in full, for those who may")
    grid = serializers.CharField(max_length=20, required=False, help_text="code")
    community = serializers.CharField(max_length=20, required=False, help_text="code")
    street = serializers.CharField(max_length=20, required=False, help_text="code")
    building = serializers.UUIDField(required=False)
    colour = serializers.CharField(max_length=200, required=False, help_text="codes, with commas")
    occupancy = serializers.ListField(child=serializers.CharField(max_length=8), required=False, max_length=3)
    kind = serializers.ListField(child=serializers.CharField(max_length=12), required=False, max_length=4)
    tag = serializers.CharField(max_length=24, required=False, help_text="code")
    due_by = serializers.DateField(required=False)
    ended = serializers.BooleanField(required=False)


class UploadParser(BaseParser):
    """The body as it came, up to `IMPORT_MAX_BYTES`."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        most: int = settings.GRIDWHISTLE["IMPORT_MAX_BYTES"]
        data: bytes = stream.read(most + 1)
        if len(data) > most:
            raise Problem("body_too_large")
        return data


def sentence_of(fault: ImportFault) -> str:
    return Problem(fault.code, params=fault.params).sentence


def workbook(data: bytes, name: str) -> HttpResponse:
    return HttpResponse(data, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}.xlsx"'})


def exported(user: Any, asked: dict[str, Any], reason: str, *, full: bool) -> FileResponse:
    """The workbook of these conditions, logged; nothing on the way may keep it."""
    filtered = HouseholdFilter(asked, exportable(user, full=full), request=SimpleNamespace(user=user))
    if not filtered.is_valid():
        raise serializers.ValidationError(filtered.errors)
    file = temporary()
    most: int = settings.GRIDWHISTLE["EXPORT_MAX_HOUSEHOLDS"]
    export_households(user, filtered.qs, asked, reason, file, full=full, most=most)
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=f"households-{now():%Y%m%d-%H%M}.xlsx", content_type=XLSX)
    answer["Cache-Control"] = "no-store"
    return answer


class TemplateView(APIView):
    """The empty workbook."""

    @extend_schema(responses={(200, XLSX): OpenApiTypes.BINARY}, operation_id="household_import_template")
    def get(self, request: Request) -> HttpResponse:
        """模板 The sheet to be filled in, with a sheet of notes: columns, the words they take, examples."""
        demand(scope_of(caller(request)).anywhere(Can.IMPORT_HOUSEHOLDS))
        tags = CareTag.objects.filter(is_active=True).order_by("pk").values_list("name", flat=True)
        return workbook(template(list(tags)), "households-template")


class ImportList(ListAPIView[ImportRun]):
    """The caller's own imports, newest first."""

    serializer_class = ImportOut
    keyset = ("-made_at", "-id")
    queryset = ImportRun.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return visible_imports(caller(self.request))


class ImportView(APIView):
    """One import."""

    def get_parsers(self) -> Any:
        return [UploadParser()]

    @extend_schema(
        responses=ImportOut,
        operation_id="household_import",
        examples=[OpenApiExample("checked", response_only=True, value=IMPORT_EXAMPLE)],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """How far it is, and what it found: ask again while `waiting` or `applying`."""
        return Response(ImportOut(get_import(caller(request), pk)).data)

    @extend_schema(
        parameters=[OpenApiParameter("file_name", str, description="for people to tell it by")],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={201: ImportOut, 200: OpenApiResponse(ImportOut, description="It was here already")},
        operation_id="put_household_import",
    )
    def put(self, request: Request, pk: UUID) -> Response:
        """导入 Send a workbook (.xlsx) under an id of one's own, whatever type it is sent as; sending it again is safe.

        It is checked and nothing is written: a small one within this request, a large one soon after (`waiting`).
        """
        data = request.data if isinstance(request.data, bytes) else b""
        name = request.query_params.get("file_name", "").replace("\x00", "")[:LONGEST_NAME]
        run, new = start_import(caller(request), pk, name, data)
        return Response(ImportOut(run).data, status=201 if new else 200)


class ImportFaults(ListAPIView[ImportFault]):
    """Every fault that was found, by row."""

    serializer_class = ImportFaultOut
    keyset = ("row", "id")
    queryset = ImportFault.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return ImportFault.objects.filter(run=get_import(caller(self.request), self.kwargs["pk"]))


class ApplyImport(APIView):
    @extend_schema(request=ApplyIn, responses=ImportOut, operation_id="household_import_apply")
    def post(self, request: Request, pk: UUID) -> Response:
        """Write what was checked; asking again changes nothing. With faults only with `take_good_rows`."""
        said = said_by(ApplyIn, request.data)
        return Response(ImportOut(apply_import(caller(request), pk, **said)).data)


class DiscardImport(APIView):
    @extend_schema(request=None, responses=ImportOut, operation_id="household_import_discard")
    def post(self, request: Request, pk: UUID) -> Response:
        """Let go of an import that was not applied; its file is deleted. That happens by itself after a day."""
        return Response(ImportOut(discard_import(caller(request), pk)).data)


class ExportView(APIView):
    @extend_schema(request=ExportIn, responses={(200, XLSX): OpenApiTypes.BINARY}, operation_id="export_households")
    def post(self, request: Request) -> HttpResponseBase:
        """导出 The active households of these conditions with their residents, masked unless `full`.

        Each export leaves one row in the access log: who, when, which conditions, how many rows, masked or not, why.
        """
        said = said_by(ExportIn, request.data)
        return exported(caller(request), said, said.pop("reason"), full=said.pop("full"))
