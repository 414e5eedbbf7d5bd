"""巡查 Patrols check in inside the worker's grid; a track is kept in working hours only, and only if switched on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.roles import Can
from core.moment import now
from core.problems import Problem
from grids.coordinates import to_wgs84
from grids.locating import locate
from grids.models import Area
from grids.scope import scope_of
from households.access import may_in, reached
from households.models import Patrol, TrackPoint
from reports.actions.submit import CLOCK_SKEW, Position
from reports.calendar import working_calendar


@dataclass(frozen=True)
class CheckIn:
    """What the phone says. `body_hash` is the sha256 of the canonical request body."""

    started_at: datetime
    position: Position
    body_hash: str
    note: str = ""


@dataclass(frozen=True)
class Passed:
    """Where the worker was at a moment."""

    at: datetime
    position: Position


def put_patrol(user: User, patrol_id: UUID, said: CheckIn) -> tuple[Patrol, bool]:
    """Check in. Returns the patrol and whether it is new; a repeat finds what the first one made.

    Raises `forbidden` for who keeps no households anywhere, `position_outside`, `patrol_elsewhere` in the grid of
    others, `future_time`, `patrol_differs`.
    """
    if not scope_of(user).anywhere(Can.EDIT_HOUSEHOLDS):
        raise Problem("forbidden")
    if Patrol.objects.filter(pk=patrol_id).exists():
        return _repeated(user, patrol_id, said), False
    moment = now()
    if said.started_at > moment + CLOCK_SKEW:
        raise Problem("future_time", "started_at")
    lng, lat = to_wgs84(said.position.lng, said.position.lat, said.position.coord_type)
    found = locate(lng, lat)
    if found is None:
        raise Problem("position_outside", "position")
    if not may_in(user, Can.EDIT_HOUSEHOLDS, Area(pk=found.id, path=found.area("grid").path)):
        raise Problem("patrol_elsewhere", "position", params={"grid": found.name})
    patrol = Patrol(
        id=patrol_id,
        worker=user,
        started_at=said.started_at,
        received_at=moment,
        note=said.note,
        lng=lng,
        lat=lat,
        raw_lng=said.position.lng,
        raw_lat=said.position.lat,
        coord_type=said.position.coord_type,
        accuracy=said.position.accuracy,
        provider=said.position.provider,
        body_hash=said.body_hash,
    )
    patrol.put_at(found.ids)
    try:
        with transaction.atomic():
            patrol.save(force_insert=True)
    except IntegrityError:
        if not Patrol.objects.filter(pk=patrol_id).exists():
            raise
        return _repeated(user, patrol_id, said), False
    return patrol, True


def end_patrol(user: User, patrol_id: UUID, ended_at: datetime) -> Patrol:
    """End the own patrol; ending it again at the same moment changes nothing. Raises `patrol_over`,
    `patrol_ends_first`, `future_time`."""
    with transaction.atomic():
        patrol = _own(user, patrol_id)
        if patrol.ended_at == ended_at:
            return patrol
        if patrol.ended_at is not None:
            raise Problem("patrol_over")
        if ended_at < patrol.started_at:
            raise Problem("patrol_ends_first", "ended_at")
        if ended_at > now() + CLOCK_SKEW:
            raise Problem("future_time", "ended_at")
        patrol.ended_at = ended_at
        patrol.save(update_fields=["ended_at"])
        return patrol


def add_points(user: User, patrol_id: UUID, points: Sequence[Passed]) -> int:
    """Keep where the worker was, of the own patrol and in working hours; returns how many of the points are kept now.

    Points outside working hours, before the check-in, after the end, in the future or too old to be kept are dropped.
    The same points again change nothing. Raises `tracks_off` where tracks are not switched on.
    """
    moment, calendar = now(), working_calendar()
    with transaction.atomic():
        patrol = _own(user, patrol_id)
        if not settings.GRIDWHISTLE["PATROL_TRACKS"]:
            raise Problem("tracks_off")
        first, last = max(patrol.started_at, oldest_kept(moment)), patrol.ended_at or moment + CLOCK_SKEW
        wanted = []
        for point in points:
            if first <= point.at <= last and calendar.is_open(point.at):
                lng, lat = to_wgs84(point.position.lng, point.position.lat, point.position.coord_type)
                wanted.append(TrackPoint(patrol=patrol, at=point.at, lng=lng, lat=lat))
        TrackPoint.objects.bulk_create(wanted, ignore_conflicts=True)
        return len({point.at for point in wanted})


def purge_tracks(*, dry_run: bool = False) -> int:
    """Forget the points of tracks older than PATROL_TRACK_DAYS, all of them while tracks are off; returns how many."""
    old = TrackPoint.objects.all()
    if settings.GRIDWHISTLE["PATROL_TRACKS"]:
        old = old.filter(at__lt=oldest_kept(now()))
    if dry_run:
        return old.count()
    return old.delete()[0]


def oldest_kept(moment: datetime) -> datetime:
    """Before it no point of a track is kept."""
    return moment - timedelta(days=settings.GRIDWHISTLE["PATROL_TRACK_DAYS"])


def visible_patrols(user: User) -> QuerySet[Patrol]:
    """The own ones, and those of the places where the person confirms colours: a track is staff's personal data."""
    if scope_of(user).everything:
        return Patrol.objects.all()
    return Patrol.objects.filter(Q(worker=user) | reached(user, Can.CONFIRM_COLOUR))


def get_patrol(user: User, patrol_id: UUID) -> Patrol:
    patrol = visible_patrols(user).select_related("grid", "worker").defer("grid__geometry").filter(pk=patrol_id).first()
    if patrol is None:
        raise Problem("not_found")
    return patrol


def _own(user: User, patrol_id: UUID) -> Patrol:
    get_patrol(user, patrol_id)
    patrol: Patrol = Patrol.objects.select_for_update(of=("self",)).select_related("grid", "worker").get(pk=patrol_id)
    if patrol.worker_id != user.pk:
        raise Problem("forbidden")
    return patrol


def _repeated(user: User, patrol_id: UUID, said: CheckIn) -> Patrol:
    first: Patrol = Patrol.objects.select_related("grid", "worker").get(pk=patrol_id)
    if first.worker_id != user.pk or first.body_hash != said.body_hash:
        raise Problem("patrol_differs")
    return first
