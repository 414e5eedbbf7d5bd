"""What the same work costs with nothing of ours around it."""

import json
import uuid
from io import BytesIO

import orjson
from django.db import connection, transaction
from django.urls import include, path
from PIL import Image
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.moment import now

LIST_SQL = (
    "SELECT r.id, r.number, r.version, r.status, r.source, r.item_name, r.urgency, r.description, r.address, r.lng, "
    "r.lat, r.received_at, r.dispatched_at, r.closed_at, r.due_at, r.self_handled, r.photos_expected, "
    "r.photos_received, r.complete_at, r.whistle_count, r.rework_count, i.code, g.code, g.name, s.code, s.name, "
    "u.username, u.full_name FROM reports_report r JOIN reports_catalogueitem i ON i.id = r.item_id "
    "JOIN grids_area g ON g.id = r.grid_id JOIN grids_area s ON s.id = r.street_id "
    "JOIN accounts_user u ON u.id = r.reporter_id "
    "WHERE r.street_id = %s ORDER BY r.received_at DESC, r.id DESC LIMIT 50"
)


def list_of_fifty(street_id: int) -> bytes:
    """The bare SQL of a street's newest fifty, and orjson."""
    with connection.cursor() as cursor:
        cursor.execute(LIST_SQL, [street_id])
        return orjson.dumps([[str(value) for value in row] for row in cursor.fetchall()])


class TwoInserts(APIView):
    """An authenticated DRF view that does nothing but two inserts."""

    def put(self, request: Request, pk: uuid.UUID) -> Response:
        with transaction.atomic(), connection.cursor() as cursor:
            for _ in range(2):
                cursor.execute(
                    "INSERT INTO bench_floor (id, at, body) VALUES (%s, %s, %s)",
                    [uuid.uuid4().hex, now().isoformat(), json.dumps(request.data)],
                )
        return Response({"id": str(pk)}, status=201)


urlpatterns = [
    path("floor/<uuid:pk>", TwoInserts.as_view()),
    path("", include("grid_backend.urls")),
]


def make_floor_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_floor (id varchar(32) PRIMARY KEY, at text, body text)")


def pillow_alone(data: bytes) -> None:
    """Decode, display size, thumbnail, two JPEGs: what any server would have to do."""
    image = Image.open(BytesIO(data))
    scale = max(max(image.size) / 1600, 1)
    image.draft(None, (int(image.width / scale), int(image.height / scale)))
    image.load()
    for side, quality in ((1600, 82), (320, 75)):
        image.thumbnail((side, side), Image.Resampling.HAMMING)
        image.save(BytesIO(), "JPEG", quality=quality)
