"""走访 A visit comes in: once, whatever the line does, and in whatever order.

What a household owes its visits is a function of the visits and the colours and not of the order they arrive in: the
last visit is the latest of those that count, the next is due an interval after it, and each visit is measured by the
colour of its own time and by the visit before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from accounts.models import User
from accounts.roles import AREA_ROLES, Can
from core.moment import now
from core.problems import Problem
from grids.coordinates import distance_m, to_wgs84
from grids.models import Appointment
from households.access import visible_visits
from households.actions.frame import Doing, changing
from households.actions.links import link
from households.due import due_of
from households.models import ColourPeriod, Household, RiskLevel, Visit, VisitPhoto
from households.models.vocabulary import COUNTED, EventKind, Standing
from households.route import position_of
from households.standing import STANDS, rung
from reports.actions.submit import CLOCK_SKEW, AnnouncedPhoto, Position, Submission, submit_report
from reports.calendar import ZONE, local_date
from reports.models import Report
from reports.photos.keeping import arrival, keep_pictures
from reports.photos.watermark import Caption

GOES_THERE = [role for role, capabilities in AREA_ROLES.items() if Can.VIEW_HOUSEHOLDS in capabilities]


@dataclass(frozen=True)
class Visited:
    """What the phone says of a visit. People by user name; `body_hash` is the sha256 of the canonical request body."""

    household: UUID
    visited_at: datetime
    position: Position
    result: str
    body_hash: str
    visitors: Sequence[str] = ()
    leader: str = ""
    note: str = ""
    measure: str = ""
    photos: Sequence[AnnouncedPhoto] = ()
    follow_up: tuple[UUID, Submission] | None = None


def put_visit(user: User, visit_id: UUID, said: Visited) -> tuple[Visit, bool]:
    """Take a visit in. Returns it and whether it is new; a repeat finds what the first one made.

    Who sent it is a visitor where none are named. Raises `not_found`, `forbidden`, `visit_differs`, `future_time`,
    `household_ended` for a visit after the end, `photo_twice`, what the colour demands (`visitors_few`,
    `leader_missing`, `service_note_missing`, `measure_missing`), `visitor_unknown`, `leader_unknown`, and what
    submitting the follow-up raises, under its field.
    """
    if Visit.objects.filter(pk=visit_id).exists():
        return _repeated(user, visit_id, said), False
    try:
        with changing(user, said.household, ended=True) as doing:
            return _taken_in(doing, user, visit_id, said), True
    except IntegrityError:
        # Sent twice at once: the other one was first, and is found now.
        if not Visit.objects.filter(pk=visit_id).exists():
            raise
        return _repeated(user, visit_id, said), False


def get_visit(user: User, visit_id: UUID) -> Visit:
    """A visit to a household the person sees, else `not_found`."""
    visit = (
        visible_visits(user)
        .select_related("household__building", "household__grid", "submitted_by", "leader", "level")
        .defer("household__grid__geometry")
        .filter(pk=visit_id)
        .first()
    )
    if visit is None:
        raise Problem("not_found")
    return visit


def receive_photo(user: User, visit_id: UUID, sha256: str, data: bytes) -> tuple[VisitPhoto, bool]:
    """Take in one announced photo; returns it and whether its bytes were new. As `reports.actions.photos`."""
    visit = get_visit(user, visit_id)
    photo = VisitPhoto.objects.filter(visit=visit, sha256=sha256).first()
    if photo is None or not (photo.announced_by_id == user.pk or user.is_superuser):
        raise Problem("photo_unknown")
    if photo.received_at is not None:
        return photo, False
    household = visit.household
    # The building, never the door: a picture may be shown where the door is not.
    place = str(household.building or household.grid.name)
    caption = Caption(taken_at=visit.visited_at.astimezone(ZONE), place=place, number=household.code)
    rendered = keep_pictures(photo, data, caption)
    with transaction.atomic():
        # The visit's row is held, so that of two photos that come at once one is the last.
        Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
        waiting = VisitPhoto.objects.filter(pk=photo.pk, received_at__isnull=True)
        new = waiting.update(**arrival(rendered, now(), visit.lng, visit.lat))
        counted = VisitPhoto.objects.filter(visit=visit).aggregate(
            here=Count("pk", filter=Q(received_at__isnull=False)), all=Count("pk")
        )
        if new and counted["here"] == counted["all"]:
            Visit.objects.filter(pk=visit.pk, complete_at__isnull=True).update(complete_at=now())
    photo.refresh_from_db()
    return photo, bool(new)


def _taken_in(doing: Doing, user: User, visit_id: UUID, said: Visited) -> Visit:
    household = doing.household
    _check_times(doing, said)
    level = level_at(household, said.visited_at)
    visitors, leader = _people(user, household, said)
    _check_demands(level, said, visitors, leader)
    position = said.position
    lng, lat = to_wgs84(position.lng, position.lat, position.coord_type)
    visit = Visit(
        id=visit_id,
        household=household,
        visited_at=said.visited_at,
        visited_on=local_date(said.visited_at),
        received_at=doing.moment,
        submitted_by=user,
        result=said.result,
        level=level,
        leader=leader,
        note=said.note,
        measure=said.measure,
        lng=lng,
        lat=lat,
        raw_lng=position.lng,
        raw_lat=position.lat,
        coord_type=position.coord_type,
        accuracy=position.accuracy,
        provider=position.provider,
        distance_m=_distance(household, lng, lat),
        photos_expected=len(said.photos),
        complete_at=None if said.photos else doing.moment,
        body_hash=said.body_hash,
        **household.place,
    )
    visit.follow_up = _follow_up(doing, user, said)
    if visit.counts:
        _into_the_row(visit)
    visit.save(force_insert=True)
    visit.visitors.set(visitors)
    _announce(visit, user, said.photos)
    if visit.counts and (household.last_visit_at is None or said.visited_at > household.last_visit_at):
        household.last_visit_at = said.visited_at
        household.next_visit_due = due_of(household)
    doing.event(EventKind.VISIT, visit=str(visit.pk), result=visit.result, day=visit.visited_on.isoformat())
    return visit


def level_at(household: Household, moment: datetime) -> RiskLevel | None:
    """The colour the household was treated by at a moment."""
    periods = ColourPeriod.objects.filter(household=household, since__lte=moment).select_related("level")
    period = periods.order_by("-since", "-pk").first()
    return period.level if period is not None else None


def _check_times(doing: Doing, said: Visited) -> None:
    if said.visited_at > doing.moment + CLOCK_SKEW:
        raise Problem("future_time", "visited_at")
    ended: datetime | None = doing.household.ended_at
    if ended is not None and said.visited_at > ended:
        raise Problem("household_ended", "household")
    hashes = [photo.sha256 for photo in said.photos]
    if len(set(hashes)) < len(hashes):
        raise Problem("photo_twice", "photos")


def _people(user: User, household: Household, said: Visited) -> tuple[list[User], User | None]:
    """The visitors and the named leader: whoever had work at the household at the time, and superusers."""
    names = set(said.visitors or [user.username])
    asked = names | {said.leader} if said.leader else names
    found = {one.username: one for one in User.objects.filter(username__in=asked)}
    held = Appointment.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=said.visited_at),
        user__username__in=asked,
        area_id__in=household.place.values(),
        role__in=GOES_THERE,
    )
    highest: dict[str, int] = {}
    for name, role in held.values_list("user__username", "role"):
        highest[name] = max(rung(STANDS.get(role, "")), highest.get(name, -1))
    unknown = sorted(name for name in names if name not in highest and not (name in found and found[name].is_superuser))
    if unknown:
        raise Problem("visitor_unknown", "visitors", params={"names": "、".join(unknown)}, unknown=unknown)
    if said.leader and highest.get(said.leader, -1) < rung(Standing.COMMUNITY):
        raise Problem("leader_unknown", "leader")
    return [found[name] for name in sorted(names)], found.get(said.leader)


def _check_demands(level: RiskLevel | None, said: Visited, visitors: Sequence[User], leader: User | None) -> None:
    """What the colour asks of a visit; of one in vain only who went."""
    if level is None:
        return
    if len(visitors) < level.min_visitors:
        raise Problem("visitors_few", "visitors", params={"least": level.min_visitors})
    if level.leader_required and leader is None:
        raise Problem("leader_missing", "leader")
    if said.result not in COUNTED:
        return
    if level.note_required and not said.note.strip():
        raise Problem("service_note_missing", "note")
    if level.measure_required and not said.measure.strip():
        raise Problem("measure_missing", "measure")


def _distance(household: Household, lng: float, lat: float) -> float | None:
    """Metres to the household; None where nobody knows its position."""
    there = position_of(household)
    return distance_m(lng, lat, *there) if there is not None else None


def _into_the_row(visit: Visit) -> None:
    """Reckon the day by which this visit was due from the one before, and that of the one after from this."""
    row = Visit.objects.filter(household=visit.household).counted()
    at, pk = visit.visited_at, visit.pk
    before = row.filter(Q(visited_at__lt=at) | Q(visited_at=at, pk__lt=pk)).order_by("-visited_at", "-pk").first()
    after = row.filter(Q(visited_at__gt=at) | Q(visited_at=at, pk__gt=pk)).order_by("visited_at", "pk")
    visit.due_on = _due_after(before, visit)
    following = after.select_related("level").first()
    if following is not None:
        following.due_on = _due_after(visit, following)
        following.save(update_fields=["due_on"])


def _due_after(before: Visit | None, visit: Visit) -> Any:
    if visit.level is None:
        return None
    start = before.visited_on if before is not None else local_date(visit.household.created_at)
    return start + timedelta(days=visit.level.visit_days)


def _follow_up(doing: Doing, user: User, said: Visited) -> Report | None:
    """The report the visit ends in, taken in like any other and linked, in the same transaction."""
    if said.follow_up is None:
        return None
    report_id, submission = said.follow_up
    try:
        report, _new = submit_report(user, report_id, submission)
    except Problem as problem:
        problem.field = f"follow_up.{problem.field}" if problem.field else "follow_up"
        for one in problem.errors or ():
            one["field"] = f"follow_up.{one['field']}"
        raise
    link(doing, report)
    return report


def _announce(visit: Visit, user: User, photos: Sequence[AnnouncedPhoto]) -> None:
    VisitPhoto.objects.bulk_create(
        VisitPhoto(
            id=uuid4(),
            visit=visit,
            sha256=photo.sha256,
            size=photo.size,
            kind=photo.kind,
            position=position,
            announced_by=user,
            announced_at=visit.received_at,
        )
        for position, photo in enumerate(photos)
    )


def _repeated(user: User, visit_id: UUID, said: Visited) -> Visit:
    first: Visit = Visit.objects.select_related("household").get(pk=visit_id)
    if first.submitted_by_id != user.pk or first.body_hash != said.body_hash:
        raise Problem("visit_differs")
    return first
