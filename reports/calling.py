"""Who may call, and who approves it.

A community calls its street, a street calls departments, a department that has a duty on the report calls departments
or streets. The main leader approves before it is blown: the street's leader (or whoever holds the right above); a
community's whistle also the person in charge of the community, who is its main leader; a deputy in the leader's stead.
An emergency needs nobody and is reviewed afterwards.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Department, User
from accounts.roles import Can, Role
from core.problems import Problem
from grids.models import Appointment, Area
from grids.placement import held_at
from grids.scope import scope_of
from reports.access import duties_of, may
from reports.models import Deputy, Report, Whistle
from reports.models.vocabulary import AssignmentRole, WhistleLevel
from reports.people import at_place


@dataclass(frozen=True)
class Caller:
    """From where a whistle is blown, and the level that follows from it."""

    level: str
    area: Area
    department: Department | None = None


@dataclass(frozen=True)
class Approval:
    """The right to decide on a whistle; `instead_of` is the leader whose deputy holds it."""

    instead_of: User | None = None


def caller_of(user: User, report: Report) -> Caller:
    """Raises `forbidden` for who may not call on this report."""
    scope = scope_of(user)
    held = held_at(scope, Can.BLOW_WHISTLE, report)
    if held is not None or scope.everything:
        level = held.level if held else Area.Level.STREET
        area = getattr(report, level)
        return Caller(WhistleLevel.COMMUNITY if level == Area.Level.COMMUNITY else WhistleLevel.STREET, area)
    for duty in duties_of(report):
        if duty.department is None or not duty.active or duty.role == AssignmentRole.NOTIFY:
            continue
        if scope.may_for(Can.BLOW_WHISTLE, duty.department.path):
            area = report.street or report.district or report.city
            assert area is not None  # every report lies in a city
            return Caller(WhistleLevel.DEPARTMENT, area, duty.department)
    raise Problem("forbidden")


def check_target(department: Department, report: Report, caller: Caller, field: str) -> None:
    """A community calls its street's office and units; a department never itself. Raises `wrong_whistle_target`."""
    office = report.street.office if report.street else None
    if caller.level == WhistleLevel.COMMUNITY and (office is None or not department.path.startswith(office.path)):
        raise Problem("wrong_whistle_target", field)
    if caller.department is not None and department.path.startswith(caller.department.path):
        raise Problem("wrong_whistle_target", field)


def caller_behind(whistle: Whistle) -> Caller:
    """The caller of a whistle that has been drafted."""
    return Caller(whistle.level, whistle.calling_area, whistle.calling_department)


def check_runs(user: User, whistle: Whistle, report: Report) -> None:
    """Those who call at the report's place run its whistles, and a department its own. Raises `forbidden`."""
    own = whistle.calling_department
    if not may(user, Can.BLOW_WHISTLE, report) and not (
        own is not None and scope_of(user).may_for(Can.BLOW_WHISTLE, own.path)
    ):
        raise Problem("forbidden")


def approval_of(user: User, whistle: Whistle, report: Report, moment: datetime) -> Approval:
    """Raises `forbidden` for who may not decide on this whistle, `own_draft` for a deputy who wrote it."""
    if may(user, Can.APPROVE_WHISTLE, report):
        return Approval()
    if whistle.level == WhistleLevel.COMMUNITY and _in_charge(report).filter(user=user).exists():
        return Approval()
    for row in _deputies(report, moment).filter(deputy=user):
        if may(row.leader, Can.APPROVE_WHISTLE, report):
            if whistle.drafted_by_id == user.pk:
                raise Problem("own_draft")
            return Approval(row.leader)
    raise Problem("forbidden")


def approvers(report: Report, level: str, moment: datetime) -> list[User]:
    """Who is asked to decide on a whistle."""
    leaders = at_place(Can.APPROVE_WHISTLE, report)
    people = [*leaders]
    if level == WhistleLevel.COMMUNITY:
        people += [appointment.user for appointment in _in_charge(report).select_related("user")]
    people += [row.deputy for row in _deputies(report, moment).filter(leader__in=leaders, deputy__is_active=True)]
    return list({person.pk: person for person in people}.values())


def _in_charge(report: Report) -> QuerySet[Appointment]:
    """Holders of the community's first post."""
    return Appointment.objects.filter(
        area=report.community,
        role=Role.COMMUNITY_ADMIN,
        in_charge=True,
        ended_at__isnull=True,
        user__is_active=True,
    )


def _deputies(report: Report, moment: datetime) -> QuerySet[Deputy]:
    places = [report.city_id, report.district_id, report.street_id, report.community_id]
    rows = Deputy.objects.standing_in(moment).filter(area_id__in=[place for place in places if place])
    return rows.filter(leader__is_active=True).select_related("leader", "deputy").order_by("pk")
