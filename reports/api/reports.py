"""Lists, details and submission of reports."""

import hashlib
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import caller
from accounts.models import User
from accounts.roles import Can
from core.problems import Problem
from notifications.status import delivery_status
from reports.access import get_report, visible_reports
from reports.actions.photos import receive_photo
from reports.actions.submit import Submission, submit_report
from reports.api.filters import ReportFilter
from reports.api.input import SubmissionIn, photos_of, position_of
from reports.api.output.course import EventOut, PhotoOut
from reports.api.output.duties import RecipientOut
from reports.api.output.report import Receipt, ReportDetail, ReportRow
from reports.detail import full_report, may_know_requester
from reports.models import Photo, Report
from reports.photos.keeping import shown_path
from reports.photos.serving import photo_response
from reports.photos.signing import verify
from reports.photos.storage import original_path

VARIANTS = ("display", "thumbnail", "original")


def detail_response(request: Request, report_id: UUID, status: int = 200) -> Response:
    """The whole report, as every step answers with it."""
    report = full_report(caller(request), report_id)
    context = {"request": request, "may_know_requester": may_know_requester(caller(request), report)}
    return Response(ReportDetail(report, context=context).data, status=status)


class ReportList(ListAPIView[Report]):
    """Reports the caller may see, newest first."""

    serializer_class = ReportRow
    filterset_class = ReportFilter
    keyset = ("-received_at", "-id")
    queryset = Report.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return (
            visible_reports(caller(self.request))
            .select_related("item", "grid", "street", "lead_department", "reporter")
            .defer("grid__geometry", "street__geometry", "answers", "asked")
        )


class ReportView(APIView):
    """One report."""

    @extend_schema(responses=ReportDetail, operation_id="report")
    def get(self, request: Request, pk: UUID) -> Response:
        """Everything about one report: photos, duties, whistles, clocks and the timeline."""
        return detail_response(request, pk)

    @extend_schema(
        request=SubmissionIn,
        responses={201: Receipt, 200: OpenApiResponse(Receipt, description="It had arrived before")},
        operation_id="submit_report",
        examples=[
            OpenApiExample(
                "an emergency with two photos",
                request_only=True,
                value={
                    "item": "01-01-001",
                    "description": "路口井盖缺失,有行人绕行",
                    "position": {"lng": 122.432957, "lat": 37.150893, "coord_type": "wgs84", "accuracy": 8},
                    "captured_at": "2026-11-20T09:12:00+08:00",
                    "photos": [{"sha256": "ab" * 32, "size": 89190, "kind": "near"}],
                },
            )
        ],
    )
    def put(self, request: Request, pk: UUID) -> Response:
        """Send a report under an id of the phone's own. Sending it again is safe: 200 with the same answer.

        409 `report_differs` if the id was used for another body, `report_deleted` if it was deleted since.
        """
        serializer = SubmissionIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = dict(serializer.validated_data)
        said = Submission(
            position=position_of(data.pop("position")),
            photos=photos_of(data),
            body_hash=hashlib.sha256(orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)).hexdigest(),
            **data,
        )
        report, created = submit_report(caller(request), pk, said)
        return Response(_receipt(report, said, created), status=201 if created else 200)


def _receipt(report: Report, said: Submission, created: bool) -> Any:
    here: set[str] = set()
    if not created:
        arrived = Photo.objects.filter(report=report, received_at__isnull=False)
        here = set(arrived.values_list("sha256", flat=True))
    return Receipt(
        {
            "id": report.pk,
            "number": report.number,
            "received_at": report.received_at,
            "grid": report.grid,
            "photos": [{"sha256": photo.sha256, "received": photo.sha256 in here} for photo in said.photos],
            "complete": report.complete_at is not None,
        }
    ).data


class AnyBytes(BaseParser):
    """The body as it came; what it is is told by its bytes, not by its header."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        limit = settings.GRIDWHISTLE["PHOTO_MAX_BYTES"]
        data: bytes = stream.read(limit + 1)
        if len(data) > limit:
            raise Problem("photo_too_large", params={"max_megabytes": round(limit / 1024**2, 1)})
        return data


class PhotoView(GenericAPIView[Photo]):
    """One photo of a report, named by the sha256 of its bytes."""

    serializer_class = PhotoOut
    queryset = Photo.objects.none()

    def get_parsers(self) -> Any:
        return [AnyBytes()]

    @extend_schema(
        request={"image/jpeg": OpenApiTypes.BINARY, "image/heic": OpenApiTypes.BINARY},
        responses={201: PhotoOut, 200: OpenApiResponse(PhotoOut, description="It had arrived before")},
        operation_id="upload_photo",
    )
    def put(self, request: Request, pk: UUID, sha256: str) -> Response:
        """Send the bytes of an announced photo; in any order, as often as needed."""
        data = request.data if isinstance(request.data, bytes) else b""
        photo, new = receive_photo(caller(request), pk, sha256, data)
        return Response(PhotoOut(photo, context={"request": request}).data, status=201 if new else 200)

    @extend_schema(
        parameters=[OpenApiParameter("variant", enum=VARIANTS, default="display")],
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY},
        operation_id="photo",
    )
    def get(self, request: Request, pk: UUID, sha256: str) -> HttpResponseBase:
        """The picture, for those who may see the report; the sealed original only for those who dispatch."""
        variant = request.query_params.get("variant", "display")
        if variant not in VARIANTS:
            raise Problem("invalid", "variant")
        report = get_report(caller(request), pk, Can.DISPATCH_REPORT if variant == "original" else None)
        photo = Photo.objects.filter(report=report, sha256=sha256, received_at__isnull=False).first()
        if photo is None:
            raise Problem("not_found")
        if variant == "original":
            suffix = photo.format.lower()
            return photo_response(original_path(sha256), f"image/{suffix}", f"{sha256[:12]}.{suffix}")
        return photo_response(shown_path(photo, variant))


class SignedPhoto(APIView):
    """A picture by a signed address that runs out, for `<img>` elements, which send no token."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(responses={(200, "image/jpeg"): OpenApiTypes.BINARY}, operation_id="signed_photo", auth=[])
    def get(self, request: Request, token: str) -> HttpResponseBase:
        """For whom it was made is asked again: rights may have ended and reports been deleted since."""
        grant = verify(token)
        photo = Photo.objects.filter(pk=grant.photo_key).first()
        user = User.objects.filter(pk=grant.user_id, is_active=True).first()
        if photo is None or user is None:
            raise Problem("not_found")
        get_report(user, photo.report_id)
        return photo_response(shown_path(photo, grant.variant))


class EventList(APIView):
    """The timeline of a report."""

    @extend_schema(responses=EventOut(many=True), operation_id="report_events")
    def get(self, request: Request, pk: UUID) -> Response:
        """Every step on the report, first to last."""
        report = full_report(caller(request), pk)
        return Response(EventOut(report.timeline, many=True).data)  # type: ignore[attr-defined]


class ReportDelivery(APIView):
    """Who was told of a new report, and how far it has come to each."""

    @extend_schema(responses=RecipientOut(many=True), operation_id="report_delivery")
    def get(self, request: Request, pk: UUID) -> Response:
        get_report(caller(request), pk, Can.VIEW_REPORTS)
        return Response(RecipientOut(delivery_status(f"report:{pk}"), many=True).data)
