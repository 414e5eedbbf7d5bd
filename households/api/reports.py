"""The reports that concern a household."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from households.actions.links import link_report, reports_of, unlink_report
from reports.api.output.report import ReportRow
from reports.models import Report


@extend_schema_view(get=extend_schema(operation_id="household_reports"))
class ReportsOfHousehold(ListAPIView[Report]):
    """The reports linked to a household that the caller may see, newest first."""

    serializer_class = ReportRow
    keyset = ("-received_at", "-id")
    queryset = Report.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return (
            reports_of(caller(self.request), self.kwargs["pk"])
            .select_related("item", "grid", "street", "lead_department", "reporter")
            .defer("grid__geometry", "street__geometry", "answers", "asked")
        )


class ReportOfHousehold(APIView):
    """One link."""

    @extend_schema(request=None, responses={204: None}, operation_id="household_link_report")
    def put(self, request: Request, pk: UUID, report: UUID) -> Response:
        """Say that a report one may see concerns the household; saying it again changes nothing."""
        link_report(caller(request), pk, report)
        return Response(status=204)

    @extend_schema(request=None, responses={204: None}, operation_id="household_unlink_report")
    def delete(self, request: Request, pk: UUID, report: UUID) -> Response:
        """Take it back; the history keeps both."""
        unlink_report(caller(request), pk, report)
        return Response(status=204)
