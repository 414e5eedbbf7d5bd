"""Every write to the duty roster. Turns of one node never overlap where they must not.

The rows of the people and then of the nodes concerned are locked, each in the order of their keys, so two hands
writing the same roster come one after the other and never wait for each other in a circle.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from core.moment import now
from core.problems import Problem, catalogue
from grids.duty import may_answer, may_roster, visible_shifts
from grids.models import Area, DutyRole, DutyShift

catalogue(
    {
        "shift_backwards": (400, _("A shift ends after it begins.")),
        "shift_too_long": (400, _("A shift lasts %(hours)s hours at most.")),
        "shift_over": (409, _("This shift is over; it is history.")),
        "shift_called_off": (409, _("This shift has been called off.")),
        "shift_differs": (409, _("A shift with this id exists and says something else.")),
        "unknown_place": (400, _("There is no area or department with this code.")),
        "unknown_person": (400, _("There is nobody with this username.")),
        "duty_one_place": (400, _("Choose an area or a department, not both.")),
        "duty_not_from_here": (400, _("This person could not open what rings here.")),
        "duty_main_taken": (409, _("%(name)s is in charge of a shift at that time.")),
        "duty_twice": (409, _("This person is on duty at that time already: %(place)s.")),
    }
)


@dataclass(frozen=True)
class Turn:
    """One turn as it is to stand: half-open from `starts_at` to `ends_at`, both aware."""

    node: Area | Department
    person: User
    starts_at: datetime
    ends_at: datetime
    role: str = DutyRole.MAIN
    phone: str = ""

    def columns(self) -> dict[str, Any]:
        here = isinstance(self.node, Area)
        return {
            "area_id": self.node.pk if here else None,
            "department_id": None if here else self.node.pk,
            "person_id": self.person.pk,
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "role": self.role,
            "phone": self.phone,
        }


@dataclass
class RosterDone:
    """What entering a roster did, or would do: counts, and the faults by the number of the turn."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    applied: bool = False
    faults: list[tuple[int, Problem]] = field(default_factory=list)
    named: set[UUID] = field(default_factory=set)


def put_shift(user: User, shift_id: UUID, turn: Turn, *, version: int | None = None) -> tuple[DutyShift, bool]:
    """Enter a turn under an id of the caller's own, or change it; returns it and whether it is new.

    The same again changes nothing. A change names the version it saw. Raises `not_found`, `forbidden`,
    `shift_differs`, `stale_version`, `shift_over`, `shift_called_off` and what `check` raises.
    """
    if not may_roster(user, turn.node):
        raise Problem("forbidden")
    for _attempt in range(2):
        with transaction.atomic():
            _lock([turn.person.pk], [turn.node])
            row = DutyShift.objects.select_for_update(of=("self",)).filter(pk=shift_id).first()
            if row is not None:
                return _changed(user, row, turn, version), False
            check(turn)
            try:
                with transaction.atomic():
                    return _made(user, shift_id, turn), True
            except IntegrityError:
                # Sent twice at once: the other one was first, and is found now.
                if not DutyShift.objects.filter(pk=shift_id).exists():
                    raise
    raise Problem("busy")


def call_off(user: User, shift_id: UUID, *, version: int | None = None) -> DutyShift:
    """Call a turn off; a repeat changes nothing. Raises `not_found`, `forbidden`, `stale_version`, `shift_over`."""
    with transaction.atomic():
        row = DutyShift.objects.select_for_update(of=("self",)).filter(pk=shift_id).first()
        if row is None:
            raise Problem("not_found")
        _check_hand(user, row)
        if row.cancelled_at is not None:
            return row
        _current(row, version)
        row.cancelled_at = now()
        row.version += 1
        row.save(update_fields=["cancelled_at", "version"])
    return row


def put_roster(user: User, turns: Sequence[Turn], *, dry_run: bool) -> RosterDone:
    """Enter a whole roster, all or none: a turn of the same person, node and start is changed, not doubled.

    Nothing is written in a dry run or with a fault. The number of queries does not hang on the number of turns, but
    on that of the people.
    """
    result = RosterDone()
    with transaction.atomic():
        _lock([turn.person.pk for turn in turns], [turn.node for turn in turns])
        there = _overlapping(turns)
        made: list[DutyShift] = []
        changed: list[DutyShift] = []
        for number, turn in enumerate(turns):
            try:
                row = _fitted(user, turn, there, result)
            except Problem as problem:
                result.faults.append((number, problem))
                continue
            if row is not None:
                (made if row._state.adding else changed).append(row)
        if result.faults or dry_run:
            return result
        DutyShift.objects.bulk_create(made, batch_size=500)
        for row in changed:
            row.save()
        result.applied = True
    return result


def _fitted(user: User, turn: Turn, there: list[DutyShift], result: RosterDone) -> DutyShift | None:
    """The row that the turn makes or changes, None when it stands already; `there` learns of it.

    A row named by an earlier turn of the same roster (`result.named`) is not changed again: it stands against this one.
    """
    if not may_roster(user, turn.node):
        raise Problem("forbidden")
    columns = turn.columns()
    same = ("area_id", "department_id", "person_id", "starts_at")
    alike = (one for one in there if all(getattr(one, name) == columns[name] for name in same))
    row = next((one for one in alike if one.pk not in result.named), None)
    if row is not None:
        result.named.add(row.pk)
    if row is not None and all(getattr(row, name) == value for name, value in columns.items()):
        result.unchanged += 1
        return None
    check_alone(turn)
    clash(turn, [one for one in there if one is not row])
    if row is None:
        row = DutyShift(pk=uuid4(), made_by=user, made_at=now(), **columns)
        row.person, row.area, row.department = turn.person, *_sides(turn.node)
        there.append(row)
        result.named.add(row.pk)
        result.new += 1
        return row
    for name, value in columns.items():
        setattr(row, name, value)
    row.version += 1
    result.changed += 1
    return row


def _sides(node: Area | Department) -> tuple[Area | None, Department | None]:
    return (node, None) if isinstance(node, Area) else (None, node)


def _overlapping(turns: Sequence[Turn], besides: UUID | None = None) -> list[DutyShift]:
    """The turns in force that touch the time of these, of the same people or nodes. One query."""
    if not turns:
        return []
    concerned = Q(person__in={turn.person.pk for turn in turns})
    concerned |= Q(area__in={turn.node.pk for turn in turns if isinstance(turn.node, Area)})
    concerned |= Q(department__in={turn.node.pk for turn in turns if isinstance(turn.node, Department)})
    rows = DutyShift.objects.filter(
        concerned,
        cancelled_at__isnull=True,
        starts_at__lt=max(turn.ends_at for turn in turns),
        ends_at__gt=min(turn.starts_at for turn in turns),
    )
    if besides is not None:
        rows = rows.exclude(pk=besides)
    return list(rows.select_related("person", "area", "department").defer("area__geometry"))


def clash(turn: Turn, others: Iterable[DutyShift]) -> None:
    """Raise `duty_twice` or `duty_main_taken` if one of the others stands against the turn."""
    columns = turn.columns()
    for other in others:
        if other.starts_at >= turn.ends_at or other.ends_at <= turn.starts_at:
            continue
        if other.person_id == turn.person.pk:
            raise Problem("duty_twice", "person", params={"place": str(node_of(other))})
        here = (other.area_id, other.department_id) == (columns["area_id"], columns["department_id"])
        if here and turn.role == other.role == DutyRole.MAIN:
            raise Problem("duty_main_taken", "role", params={"name": str(other.person)})


def check(turn: Turn, besides: UUID | None = None) -> None:
    """Raise what stands against a turn: its own faults, and turns that are there (`besides` left out)."""
    check_alone(turn)
    clash(turn, _overlapping([turn], besides))


def check_alone(turn: Turn) -> None:
    """The faults a turn has by itself."""
    if turn.ends_at <= turn.starts_at:
        raise Problem("shift_backwards", "ends_at")
    hours = settings.GRIDWHISTLE["DUTY_MAX_HOURS"]
    if (turn.ends_at - turn.starts_at).total_seconds() > hours * 3600:
        raise Problem("shift_too_long", "ends_at", params={"hours": f"{hours:g}"})
    if turn.ends_at <= now():
        raise Problem("shift_over", "ends_at")
    if not turn.person.is_active or not may_answer(turn.person, turn.node):
        raise Problem("duty_not_from_here", "person")


def node_of(shift: DutyShift) -> Area | Department:
    """The area or department of a turn."""
    node = shift.area or shift.department
    assert node is not None  # the table's constraint
    return node


def _made(user: User, shift_id: UUID, turn: Turn) -> DutyShift:
    row = DutyShift(pk=shift_id, made_by=user, made_at=now(), **turn.columns())
    row.save(force_insert=True)
    return row


def _changed(user: User, row: DutyShift, turn: Turn, version: int | None) -> DutyShift:
    _check_hand(user, row)
    columns = turn.columns()
    if row.cancelled_at is None and all(getattr(row, name) == value for name, value in columns.items()):
        return row
    if version is None:
        raise Problem("shift_differs")
    if row.cancelled_at is not None:
        raise Problem("shift_called_off")
    _current(row, version)
    # What has begun stays begun: its start is history, its end may still move.
    if row.starts_at <= now() and turn.starts_at != row.starts_at:
        raise Problem("shift_over", "starts_at")
    check(turn, besides=row.pk)
    for name, value in columns.items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    return row


def _check_hand(user: User, row: DutyShift) -> None:
    if not may_roster(user, node_of(row)):
        raise Problem("forbidden" if visible_shifts(user).filter(pk=row.pk).exists() else "not_found")


def _current(row: DutyShift, version: int | None) -> None:
    if version is not None and version != row.version:
        raise Problem("stale_version", "version", current=row.version)
    if row.ends_at <= now():
        raise Problem("shift_over")


def _lock(people: Iterable[int], nodes: Iterable[Area | Department]) -> None:
    kept = list(nodes)
    areas = {node.pk for node in kept if isinstance(node, Area)}
    departments = {node.pk for node in kept if isinstance(node, Department)}
    for model, keys in ((User, set(people)), (Area, areas), (Department, departments)):
        if keys:
            rows: Any = model._base_manager.filter(pk__in=keys).order_by("pk")
            list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
