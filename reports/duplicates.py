"""Reports that may be the same matter 重复件."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from core.moment import now
from grids.coordinates import distance_m
from reports.models import Report
from reports.models.vocabulary import ReportStatus

METRES_PER_DEGREE = 111_320.0
MOST = 10


@dataclass(frozen=True)
class Nearby:
    id: UUID
    number: str
    item_name: str
    status: str
    address: str
    received_at: datetime
    distance_m: float


def nearby_reports(item: str, lng: float, lat: float) -> list[Nearby]:
    """Same item within the metres and hours of the settings, nearest first, at most ten. WGS-84 degrees.

    A box in degrees lets the database drop most; the circle is measured here.
    """
    metres: float = settings.GRIDWHISTLE["NEARBY_METRES"]
    since = now() - timedelta(hours=settings.GRIDWHISTLE["NEARBY_HOURS"])
    high = metres / METRES_PER_DEGREE
    wide = high / max(math.cos(math.radians(lat)), 0.01)
    rows = Report.objects.filter(
        item__code=item,
        received_at__gte=since,
        lat__range=(lat - high, lat + high),
        lng__range=(lng - wide, lng + wide),
    ).exclude(status__in=(ReportStatus.VOID, ReportStatus.REJECTED, ReportStatus.MERGED))
    found = [
        Nearby(
            row.pk,
            row.number,
            row.item_name,
            row.status,
            row.address,
            row.received_at,
            round(distance_m(lng, lat, row.lng, row.lat), 1),
        )
        for row in rows
    ]
    return sorted((one for one in found if one.distance_m <= metres), key=lambda one: one.distance_m)[:MOST]
