"""What auditors read."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from accounts.api.authentication import caller
from core.pagination import MAX_PAGE
from grids.api.duty import MomentIn
from privacy.audit import Asked, AuditKind, page


class AuditQuery(serializers.Serializer[Any]):
    kind = serializers.MultipleChoiceField(choices=AuditKind.choices, required=False, default=set)
    who = serializers.CharField(max_length=150, required=False, default="", help_text="username of who acted")
    whom = serializers.CharField(
        max_length=150,
        required=False,
        default="",
        help_text="id of the row looked at, or username of the person whose rights changed",
    )
    subject = serializers.CharField(max_length=24, required=False, default="", help_text="resident, requester …")
    since = MomentIn(required=False, default=None)
    until = MomentIn(required=False, default=None, help_text="before this time")
    cursor = serializers.CharField(required=False, default="")
    page_size = serializers.IntegerField(min_value=1, max_value=MAX_PAGE, required=False, default=25)

    def asked(self) -> Asked:
        said = self.validated_data
        return Asked(
            kinds=frozenset(said["kind"]),
            who=said["who"],
            whom=said["whom"],
            subject=said["subject"],
            since=said["since"],
            until=said["until"],
        )


class ActorOut(serializers.Serializer[Any]):
    username = serializers.CharField(source="who", help_text="as typed, where a log-in failed; empty: the system")
    name = serializers.CharField()


class AuditEntryOut(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=AuditKind.choices)
    actor = ActorOut(source="*")
    subject = serializers.CharField(help_text="resident, household, building, requester, appointment, account …")
    subject_id = serializers.CharField(help_text="id of the row, or the masked number of a look-up")
    text = serializers.CharField(help_text="the appointment or account in words; the device of a log-in")
    what = serializers.ListField(child=serializers.CharField(), source="fields", help_text="names, never values")
    reason = serializers.CharField()
    count = serializers.IntegerField(help_text="rows of an export")
    asked = serializers.JSONField(allow_null=True, help_text="of an export: whether masked, and its conditions")
    address = serializers.CharField(help_text="where from, if it is known")


class AuditPageOut(serializers.Serializer[Any]):
    results = AuditEntryOut(many=True)
    next = serializers.URLField(allow_null=True, help_text="null on the last page")


class AuditList(APIView):
    """Looks, exports, log-ins, changes of rights and erasures."""

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", OpenApiTypes.STR, many=True, enum=AuditKind.values),
            *(
                OpenApiParameter(name, OpenApiTypes.STR, description=words)
                for name, words in (
                    ("who", "user name of the one who acted"),
                    ("whom", "id of the row looked at (who saw this person), or user name whose rights changed"),
                    ("subject", "resident, household, building, requester, caller, volunteer, appointment, account …"),
                    ("cursor", ""),
                )
            ),
            OpenApiParameter("since", OpenApiTypes.DATETIME),
            OpenApiParameter("until", OpenApiTypes.DATETIME, description="before this time"),
            OpenApiParameter(
                "page_size",
                {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 25},
            ),
        ],
        responses=AuditPageOut,
        operation_id="audit",
    )
    def get(self, request: Request) -> Response:
        """One list by time, newest first, for those who hold `audit_access`; of the own part of the city only.

        No value of anybody's data is in it. 403 `forbidden`.
        """
        query = AuditQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        said = query.validated_data
        entries, cursor = page(caller(request), query.asked(), said["cursor"], said["page_size"])
        following = replace_query_param(request.build_absolute_uri(), "cursor", cursor) if cursor else None
        return Response({"results": AuditEntryOut(entries, many=True).data, "next": following})
