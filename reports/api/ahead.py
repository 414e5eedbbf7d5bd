"""What deadlines would start if work were given out now."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from core.moment import now
from reports.access import get_report
from reports.ahead import deadlines_ahead
from reports.calendar import working_calendar
from reports.limits import Unit
from reports.models.vocabulary import ClockKind, WhistleKind


class AheadOut(serializers.Serializer[Any]):
    clock = serializers.ChoiceField(choices=ClockKind.choices)
    whistle = serializers.ChoiceField(
        choices=WhistleKind.choices, allow_blank=True, help_text="of which kind of whistle; empty for other work"
    )
    amount = serializers.DecimalField(max_digits=7, decimal_places=2, source="limit.amount")
    unit = serializers.ChoiceField(choices=Unit.choices, source="limit.unit")
    begins_at = serializers.DateTimeField(help_text="later than `at` where only working time counts and nobody works")
    due_at = serializers.DateTimeField()
    days_off = serializers.ListField(child=serializers.DateField(), help_text="the first days of rest on the way")
    days_off_more = serializers.IntegerField(help_text="how many more days of rest there are")
    estimated = serializers.BooleanField(help_text="the calendar of some day on the way is not announced yet")


class DeadlinesAhead(serializers.Serializer[Any]):
    at = serializers.DateTimeField(help_text="when the clocks would start")
    periods = serializers.ListField(
        child=serializers.RegexField(r"^\d\d:\d\d-\d\d:\d\d$"), help_text="when work goes on on working days"
    )
    deadlines = AheadOut(many=True)


class ReportAhead(APIView):
    """Deadlines before there are any."""

    @extend_schema(responses=DeadlinesAhead, operation_id="report_ahead")
    def get(self, request: Request, pk: UUID) -> Response:
        """The deadlines that dispatching or whistling now would start, with how the calendar counts them."""
        report, moment = get_report(caller(request), pk), now()
        periods = [f"{start:%H:%M}-{end:%H:%M}" for start, end in working_calendar().periods]
        told = {"at": moment, "periods": periods, "deadlines": deadlines_ahead(report, moment)}
        return Response(DeadlinesAhead(told).data)
