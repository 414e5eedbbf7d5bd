"""How many reports stand behind each status and each light, for the chips of a desk's board."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.http import QueryDict
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller
from reports.access import visible_reports
from reports.api.filters import LIGHTS, ReportFilter
from reports.models import Report
from reports.models.vocabulary import ReportStatus

# Beyond this a chip says "999+". Counting ends there: a city's closed reports cost no more than a thousand rows.
MOST = 999
# What each facet's own choices take the place of.
FACETS: dict[str, list[str]] = {
    "status": [str(value) for value, _label in ReportStatus.choices],
    "light": [str(value) for value, _label in LIGHTS],
}


class ReportCountsOut(serializers.Serializer[Any]):
    most = serializers.IntegerField(help_text="a count above this stands for this many and more")
    status = serializers.DictField(
        child=serializers.IntegerField(), help_text="status → reports; empty where words are searched for"
    )
    light = serializers.DictField(child=serializers.IntegerField(), help_text="light → reports; likewise")


class ReportCounts(GenericAPIView[Report]):
    """The length of the list for each status and light, with the other filters as they are."""

    filterset_class = ReportFilter
    queryset = Report.objects.none()
    pagination_class = None

    @extend_schema(
        filters=True,
        responses=ReportCountsOut,
        operation_id="report_counts",
        examples=[
            OpenApiExample(
                "a street",
                response_only=True,
                value={
                    "most": MOST,
                    "status": {"submitted": 4, "accepted": 2, "in_progress": 31, "closed": 1000},
                    "light": {"green": 20, "yellow": 9, "red": 8},
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Each count is what the list would hold with this one value in place of those the filter has.

        One query, whatever the number of rows: counting ends above `most`. Words have no index to be counted by, so
        with `q` there are no counts.
        """
        visible = visible_reports(caller(request)).order_by()
        self.filter_queryset(visible)  # refuses what the list refuses
        rest = self._filtered(visible, {name: [] for name in FACETS})
        if request.query_params.get("q", "").strip():
            return Response({"most": MOST, "status": {}, "light": {}})
        asked = [(name, value) for name, values in FACETS.items() for value in values]
        counts = count_each([self._with(rest, name, value) for name, value in asked])
        found: dict[str, Any] = {"most": MOST, "status": {}, "light": {}}
        for (name, value), count in zip(asked, counts, strict=True):
            found[name][value] = count
        return Response(found)

    def _with(self, rest: QuerySet[Report], name: str, value: str) -> QuerySet[Report]:
        """Of what the filters without facets leave, what this value and the other facets as asked for leave."""
        kept = {facet: self.request.query_params.getlist(facet) for facet in FACETS}
        said = QueryDict(mutable=True)
        for facet, values in (kept | {name: [value]}).items():
            said.setlist(facet, values)
        return ReportFilter(said, queryset=rest, request=self.request).qs

    def _filtered(self, rows: QuerySet[Report], changes: dict[str, list[str]]) -> QuerySet[Report]:
        said = self.request.query_params.copy()
        for name, values in changes.items():
            said.setlist(name, values)
        return ReportFilter(said, queryset=rows, request=self.request).qs


def count_each(sets: list[QuerySet[Any]]) -> list[int]:
    """How many rows each set has, `MOST` + 1 for more. One query."""
    parts: list[str] = []
    said: list[Any] = []
    for number, rows in enumerate(sets):
        try:
            sql, params = rows.values_list("pk")[: MOST + 1].query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) c{number})")  # noqa: S608 - Django's own SQL
        said += params
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", said)
        (row,) = cursor.fetchall()
    return list(row)
