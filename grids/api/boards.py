"""Boards and cards for paper."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.authentication import caller
from core.problems import Problem
from core.renderers import ORJSONRenderer
from grids.boards import MOST_SHEETS, boards_pdf, cards_pdf, public_address
from grids.models import Area


class PDFRenderer(ORJSONRenderer):
    """Lets a caller ask for PDF; a refusal is the same problem document as everywhere."""

    media_type = "application/pdf"
    format = "pdf"


class SheetsIn(serializers.Serializer[Any]):
    sheets = serializers.IntegerField(min_value=1, max_value=MOST_SHEETS, required=False, default=1)


def _area(code: str) -> Area:
    area = Area.objects.filter(code=code).defer("geometry").first()
    if area is None:
        raise Problem("not_found")
    return area


def as_file(made: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "private, no-store"}
    return HttpResponse(made, content_type="application/pdf", headers=headers)


class _PaperView(APIView):
    def get_renderers(self) -> Any:
        return [PDFRenderer(), ORJSONRenderer()]


class BoardsView(_PaperView):
    """Notice boards of all grids of an area."""

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY}, operation_id="area_boards")
    def get(self, request: Request, code: str) -> HttpResponse:
        """公示牌 One A4 sheet for each grid at or below the area, in the language asked for.

        For those who manage, dispatch or work there. 409 `no_grids`, `too_many_grids` (more than 150).
        """
        made = boards_pdf(caller(request), _area(code), public_address(request))
        return as_file(made, f"boards-{code}")


class CardsView(_PaperView):
    """Contact cards of all grids of an area."""

    @extend_schema(
        parameters=[
            OpenApiParameter("sheets", {"type": "integer", "minimum": 1, "maximum": MOST_SHEETS, "default": 1})
        ],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        operation_id="area_cards",
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        """联系卡 Ten cards of 90 × 54 mm to a sheet of A4, `sheets` of them for each grid.

        Refused as the boards; 409 `too_many_sheets` beyond 200.
        """
        query = SheetsIn(data=request.query_params)
        query.is_valid(raise_exception=True)
        made = cards_pdf(caller(request), _area(code), public_address(request), query.validated_data["sheets"])
        return as_file(made, f"cards-{code}")
