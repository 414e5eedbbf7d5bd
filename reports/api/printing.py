"""A report as a page for paper."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.authentication import caller
from core.renderers import ORJSONRenderer
from reports.printing import PAGE_POLICY, printed_report


class PageRenderer(ORJSONRenderer):
    """Lets a browser ask for HTML; a refusal is the same problem document as everywhere."""

    media_type = "text/html"
    format = "html"


class PrintView(APIView):
    """The printable page of a report."""

    def get_renderers(self) -> Any:
        return [PageRenderer(), ORJSONRenderer()]

    @extend_schema(responses={(200, "text/html"): OpenApiTypes.STR}, operation_id="print_report")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """打印 Everything about one report on A4, in the language asked for; whoever may see the report may print it.

        The requester is masked; pictures come by addresses that are good for five minutes and for the caller only.
        """
        page = printed_report(caller(request), pk)
        headers = {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "private, no-store"}
        return HttpResponse(page, headers=headers)
