"""One answer for the phone."""

from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from field.api.output import SyncOut
from field.sync import sync

NOTHING_NEW = {
    "token": ".eJwVykEKgCAQAMC_7LkFLTfTf_SAUFlKCDU0T9Hf...",
    "at": "2026-11-24T09:00:00+08:00",
    "me": {
        "username": "zhang",
        "full_name": "张网格",
        "phone": "",
        "language": "zh-hans",
        "is_superuser": False,
        "appointments": [
            {
                "role": "grid_worker",
                "role_name": "网格员",
                "at": "371082007032002",
                "at_name": "台上社区第二网格",
                "level": "grid",
                "in_charge": True,
                "on_duty": False,
            }
        ],
        "can": ["view_reports", "submit_report", "view_households", "edit_households", "reveal_person"],
    },
    "map": {"tianditu_key": ""},
    "limits": {
        "photo_max_bytes": 10485760,
        "photos": 20,
        "far_from_report_metres": 500,
        "nearby_metres": 50,
        "nearby_hours": 24,
        "last_position_hours": 12,
        "chosen_grid_metres": 1000,
    },
    "sections": {
        "grids": None,
        "items": None,
        "frequent": {"replace": True, "rows": ["02-01-001", "01-02-004"], "gone": []},
        "risk_levels": None,
        "colour_reasons": None,
        "care_tags": None,
        "buildings": None,
        "households": {"replace": False, "rows": [], "gone": ["5a0f0a52-3a5e-4a0e-9d4a-0d7f2c1b9e11"]},
        "tasks": None,
        "field_checks": None,
        "reports": None,
        "contacts": None,
        "knowledge": None,
    },
}


@method_decorator(gzip_page, name="dispatch")
class Sync(APIView):
    @extend_schema(
        operation_id="sync",
        parameters=[OpenApiParameter("token", str, description="of the last answer; one that is no good is as none")],
        responses=SyncOut,
        examples=[OpenApiExample("a household has moved out", response_only=True, value=NOTHING_NEW)],
    )
    def get(self, request: Request) -> Response:
        """同步 What a phone keeps to work without a signal; with the token of the last answer only what changed.

        A section is null when nothing of it changed. Else the phone forgets its rows if `replace` says so, puts `rows`
        over those of the same key and forgets those in `gone`. A token lasts 24 hours and belongs to one person.
        """
        answer = Response(sync(caller(request), request.query_params.get("token", "")))
        # The phone keeps it in its own store; no cache is to hold people's households.
        answer["Cache-Control"] = "private, no-store"
        return answer
