"""What auditors read: looks at personal data, exports, log-ins, changes of rights, erasures, as one list by time.

Each kind of row stays where it is written; nothing is copied. A page asks every source for the rows behind the cursor,
each by an index on its time, and merges them: a fixed number of queries wherever one stands in the list. An auditor
of a part of the city reads what concerns that part: looks at data of its places, and what its people did or got.
"""

import base64
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from auditlog.models import LogEntry
from axes.models import AccessFailureLog
from axes.models import AccessLog as LogIn
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessLog, User
from accounts.roles import Can
from core.moment import is_plausible
from core.problems import Problem
from grids.appointing import departments_of
from grids.models import Appointment, Area
from grids.scope import Scope, scope_of
from privacy.models import Tombstone


class AuditKind(models.TextChoices):
    REVEAL = "reveal", _("seen in full")
    LOOKUP = "lookup", _("looked up by number")
    EXPORT = "export", _("exported")
    LOG_IN = "log_in", _("logged in")
    LOG_IN_FAILED = "log_in_failed", _("log-in failed")
    APPOINTED = "appointed", _("appointed")
    WITHDRAWN = "withdrawn", _("appointment changed")
    ACCOUNT = "account", _("account changed")
    ERASED = "erased", _("erased")


# What axes writes where a request does not say what it comes from.
UNKNOWN = "<unknown>"


@dataclass(frozen=True)
class Asked:
    """What a list is narrowed to. `who` is the user name of the one who acted; `whom` the id (or masked number) of what
    was looked at, or the user name of the person whose rights changed."""

    kinds: frozenset[str] = frozenset()
    who: str = ""
    whom: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """One row of the list. `subject` and `subject_id` name the row concerned, `text` says it where it was said; `asked`
    are the conditions of an export."""

    at: datetime
    source: int
    id: int
    kind: str
    who: str
    name: str = ""
    subject: str = ""
    subject_id: str = ""
    text: str = ""
    fields: list[str] = field(default_factory=list)
    reason: str = ""
    count: int = 1
    asked: dict[str, Any] | None = None
    address: str = ""

    @property
    def place(self) -> tuple[datetime, int, int]:
        return self.at, self.source, self.id


@dataclass(frozen=True)
class Ground:
    """The part of the city an auditor reads; `everything` for one of the whole."""

    everything: bool
    areas: Q = field(default_factory=Q)
    people: Any = None
    appointments: Any = None


Place = tuple[datetime, int, int]
Source = Callable[[Ground, Asked], tuple[QuerySet[Any], str, Callable[[Any], Entry]] | None]


def page(user: User, asked: Asked, cursor: str, size: int) -> tuple[list[Entry], str]:
    """`size` entries behind the cursor, newest first, and the cursor of the next page (empty on the last).

    Raises `forbidden`, `bad_cursor`.
    """
    ground = _ground(user)
    behind = _read(cursor) if cursor else None
    found: list[list[Entry]] = []
    for number, source in enumerate(SOURCES):
        answer = source(ground, asked)
        if answer is None:
            continue
        rows, time, entry = answer
        rows = rows.filter(_since(asked, time), _behind(behind, number, time)).order_by(f"-{time}", "-id")
        found.append([entry(row) for row in rows[: size + 1]])
    merged = list(heapq.merge(*found, key=lambda one: one.place, reverse=True))[: size + 1]
    more = len(merged) > size
    return merged[:size], _write(merged[size - 1].place) if more else ""


def _ground(user: User) -> Ground:
    scope: Scope = scope_of(user)
    if not scope.anywhere(Can.AUDIT_ACCESS):
        raise Problem("forbidden")
    areas = scope.areas.get(Can.AUDIT_ACCESS, [])
    if scope.everything or any(held.level == Area.Level.CITY for held in areas):
        return Ground(everything=True)
    units = departments_of(areas, scope.departments.get(Can.AUDIT_ACCESS, []))
    there = Appointment.objects.filter(
        scope.areas_below(Can.AUDIT_ACCESS, "area__path") | Q(department__in=units.order_by().values("pk"))
    )
    people = User.objects.filter(pk__in=there.values("user"))
    # A condition on an empty path would let through what has no place at all.
    below = scope.areas_below(Can.AUDIT_ACCESS, "area_path") if areas else Q(pk__in=[])
    return Ground(everything=False, areas=below, people=people, appointments=there)


# -- the sources, the position of each in SOURCES being its number in cursors -------------------------------------


def _looks(ground: Ground, asked: Asked) -> Any:
    kinds = _kinds(asked, AuditKind.REVEAL, AuditKind.LOOKUP, AuditKind.EXPORT)
    if not kinds:
        return None
    rows = AccessLog.objects.filter(kind__in=kinds).select_related("actor")
    if not ground.everything:
        rows = rows.filter(ground.areas | Q(actor__in=ground.people.values("pk")))
    if asked.who:
        rows = rows.filter(actor__username=asked.who)
    if asked.subject:
        rows = rows.filter(subject=asked.subject)
    if asked.whom:
        rows = rows.filter(subject_id=asked.whom)

    def entry(row: AccessLog) -> Entry:
        return Entry(
            row.at,
            0,
            row.pk,
            row.kind,
            row.actor.username,
            row.actor.full_name,
            row.subject,
            row.subject_id,
            fields=row.fields,
            reason=row.reason,
            count=row.count,
            asked=row.asked,
        )

    return rows, "at", entry


def _log_ins(ground: Ground, asked: Asked) -> Any:
    return _of_axes(ground, asked, LogIn, 1, AuditKind.LOG_IN)


def _failures(ground: Ground, asked: Asked) -> Any:
    return _of_axes(ground, asked, AccessFailureLog, 2, AuditKind.LOG_IN_FAILED)


def _of_axes(ground: Ground, asked: Asked, model: Any, number: int, kind: str) -> Any:
    if asked.whom or asked.subject or not _kinds(asked, kind):
        return None
    rows = model.objects.all()
    if not ground.everything:
        rows = rows.filter(username__in=ground.people.values("username"))
    if asked.who:
        rows = rows.filter(username=asked.who)

    def entry(row: Any) -> Entry:
        return Entry(
            row.attempt_time,
            number,
            row.pk,
            kind,
            row.username or "",
            text="" if row.user_agent == UNKNOWN else row.user_agent,
            address=row.ip_address or "",
        )

    return rows, "attempt_time", entry


def _changes(ground: Ground, asked: Asked) -> Any:
    if asked.subject and asked.subject not in ("appointment", "account"):
        return None
    people = ContentType.objects.get_for_model(User)
    posts = ContentType.objects.get_for_model(Appointment)
    of = {
        AuditKind.APPOINTED: Q(content_type=posts, action=LogEntry.Action.CREATE),
        AuditKind.WITHDRAWN: Q(content_type=posts, action=LogEntry.Action.UPDATE),
        AuditKind.ACCOUNT: Q(content_type=people),
    }
    kinds = [kind for kind in of if not asked.kinds or kind in asked.kinds]
    if asked.subject:
        kinds = [kind for kind in kinds if (kind == AuditKind.ACCOUNT) == (asked.subject == "account")]
    if not kinds:
        return None
    condition = Q()
    for kind in kinds:
        condition |= of[kind]
    rows = LogEntry.objects.filter(condition).select_related("actor")
    if not ground.everything:
        rows = rows.filter(
            Q(actor__in=ground.people.values("pk"))
            | Q(content_type=people, object_id__in=ground.people.values("pk"))
            | Q(content_type=posts, object_id__in=ground.appointments.values("pk"))
        )
    if asked.who:
        rows = rows.filter(actor__username=asked.who)
    if asked.whom:
        person = User.objects.filter(username=asked.whom)
        own = Appointment.objects.filter(user__in=person)
        rows = rows.filter(
            Q(content_type=people, object_id__in=person.values("pk"))
            | Q(content_type=posts, object_id__in=own.values("pk"))
        )

    def entry(row: LogEntry) -> Entry:
        if row.content_type_id == people.pk:
            kind, subject = AuditKind.ACCOUNT, "account"
        else:
            made = row.action == LogEntry.Action.CREATE
            kind, subject = AuditKind.APPOINTED if made else AuditKind.WITHDRAWN, "appointment"
        actor: Any = row.actor
        return Entry(
            row.timestamp,
            3,
            row.pk,
            kind,
            actor.username if actor else "",
            actor.full_name if actor else "",
            subject,
            str(row.object_pk),
            text=row.object_repr,
            # Of a new row every column would be named.
            fields=sorted(row.changes_dict) if row.action == LogEntry.Action.UPDATE else [],
            address=row.remote_addr or "",
        )

    return rows, "timestamp", entry


def _erasures(ground: Ground, asked: Asked) -> Any:
    if not _kinds(asked, AuditKind.ERASED):
        return None
    rows = Tombstone.objects.select_related("by")
    if not ground.everything:
        rows = rows.filter(by__in=ground.people.values("pk"))
    if asked.who:
        rows = rows.filter(by__username=asked.who)
    if asked.subject:
        rows = rows.filter(subject=asked.subject)
    if asked.whom:
        rows = rows.filter(subject_id=asked.whom)

    def entry(row: Tombstone) -> Entry:
        by: Any = row.by
        return Entry(
            row.at,
            4,
            row.pk,
            AuditKind.ERASED,
            by.username if by else "",
            by.full_name if by else "",
            row.subject,
            row.subject_id,
            fields=row.fields,
            reason=row.reason,
        )

    return rows, "at", entry


SOURCES: tuple[Source, ...] = (_looks, _log_ins, _failures, _changes, _erasures)


def _kinds(asked: Asked, *own: str) -> list[str]:
    return [kind for kind in own if not asked.kinds or kind in asked.kinds]


# -- where one stands in the list ---------------------------------------------------------------------------------


def _since(asked: Asked, time: str) -> Q:
    condition = Q()
    if asked.since:
        condition &= Q(**{f"{time}__gte": asked.since})
    if asked.until:
        condition &= Q(**{f"{time}__lt": asked.until})
    return condition


def _behind(behind: Place | None, number: int, time: str) -> Q:
    if behind is None:
        return Q()
    at, source, row = behind
    if number != source:
        return Q(**{f"{time}__lte" if number < source else f"{time}__lt": at})
    # The plain bound lets the index start at the cursor; the rest breaks ties.
    return Q(**{f"{time}__lte": at}) & (Q(**{f"{time}__lt": at}) | Q(id__lt=row))


def _write(place: Place) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([place[0].isoformat(), *place[1:]])).decode().rstrip("=")


def _read(cursor: str) -> Place:
    try:
        said = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        time, source, row = said
        at = parse_datetime(time)
        if at is None or not is_plausible(at) or type(source) is not int or type(row) is not int:
            raise ValueError
        if not (0 <= source < len(SOURCES) and 0 <= row < 2**63):
            raise ValueError
    except (ValueError, TypeError) as exc:
        raise Problem("bad_cursor", "cursor") from exc
    return at, source, row
